"""Where a network computes: names, and objects that never move.

"meta" stands for a second device: tensors there have a shape and no values, which is enough to see
where things lie on a computer without a GPU.
"""

import numpy as np
import pytest
import torch
from torch import nn

from xfera_nb.classifier import Classifier, ResNet50BAM, load_classifier
from xfera_nb.classifier.checkpoint import default_input_rule, save_weights
from xfera_nb.classifier.devices import choose_device, device_of
from xfera_nb.errors import InputError, ModelError

pytestmark = pytest.mark.slow

CROP = np.zeros((224, 224, 3), np.uint8)


@pytest.fixture
def small():
    rule = default_input_rule() | {"size": 64, "detail": 64}
    return Classifier(ResNet50BAM(), {"input": rule})


def test_names_of_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device() == choose_device("auto") == choose_device("cpu") == torch.device("cpu")
    with pytest.raises(InputError, match="no device 'gpu'"):
        choose_device("gpu")
    with pytest.raises(ModelError, match="sees 0 CUDA devices"):
        load_classifier(device="cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    assert choose_device("auto") == choose_device("cuda") == torch.device("cuda:1")
    assert choose_device("cuda:0") == torch.device("cuda:0")
    with pytest.raises(ModelError, match="cuda:2"):
        choose_device("cuda:2")


def test_a_cached_classifier_stays_where_it_is(tmp_path):
    """A widget holds the first one; loading the same file for another device must not move it."""
    path = tmp_path / "w.safetensors"
    save_weights(path, ResNet50BAM(), {})
    held = load_classifier(path, device="cpu")
    other = load_classifier(path, device="meta")
    assert other is not held and other.device.type == "meta"
    assert device_of(other.module).type == "meta"
    assert device_of(held.module).type == held.device.type == "cpu"
    assert load_classifier(path, device="cpu") is held
    assert load_classifier(path, device="meta") is other


def test_a_copy_for_another_device_is_made_once(small):
    there = small.on_device("meta")
    assert there is small.on_device("meta") and there.device.type == "meta"
    assert small.on_device("cpu") is small
    assert device_of(small.module).type == "cpu"
    assert there.preprocess(CROP).device.type == "meta"
    assert small.predict(CROP)[0].confidence > 0


def test_a_module_on_another_device_is_used_there():
    """Before, a network that did not lie on the CPU was refused; now its own device is used."""
    seen = []

    class Tiny(nn.Module):
        def __init__(self):
            super().__init__()
            self.maps = nn.Conv2d(3, 2, 3)

        def forward(self, x):
            seen.append(x.device.type)
            return self.maps(x).mean(dim=(2, 3))

    module = Tiny()
    options = {"classes": ["happy", "sad"], "layer": "maps", "size": 32}
    mine = load_classifier(module, **options)
    assert mine.device.type == "cpu" and set(seen) == {"cpu"}
    seen.clear()
    # The trial run reaches the meta device, whose outputs have no values.
    with pytest.raises(ModelError, match="lies on the meta device"):
        load_classifier(module, device="meta", **options)
    assert "meta" in seen and device_of(module).type == "cpu"


def test_a_network_on_two_devices_is_refused():
    module = nn.Sequential(nn.Conv2d(3, 2, 3), nn.Conv2d(2, 2, 3, device="meta"))
    with pytest.raises(ModelError, match="lies on cpu and meta"):
        Classifier(module, {"input": default_input_rule()})
