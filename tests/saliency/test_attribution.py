"""Captum's maps of a small random network, the one-pass maps against them, and BAM's attention."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from xfera_nb.classifier import Classifier, ResNet50BAM
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.errors import InputError, ModelError
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import (
    METHODS,
    attention_maps,
    attribute,
    attribute_all_classes,
    gradcam_all_classes,
    methods,
    saliency_method,
    unregister_method,
)
from xfera_nb.saliency.smoothing import CELLS, SIGMA, smooth_map

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def classifier():
    torch.manual_seed(5)
    network = ResNet50BAM()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    with torch.no_grad():
        network(torch.randn(8, 3, 96, 96))
        network.fc.weight *= 10
    return Classifier(network, {"name": "random", "input": default_input_rule() | {"size": 96}})


@pytest.fixture(scope="module")
def crop():
    return np.random.default_rng(0).integers(0, 255, (224, 224, 3)).astype(np.uint8)


def test_one_pass_equals_captums_layer_gradcam(classifier, crop):
    predictions, maps = gradcam_all_classes(classifier, crop)
    assert maps.shape == (1, 7, 3, 3) and maps.dtype == np.float32
    scale = np.abs(maps).max()
    for row, emotion in enumerate(EMOTIONS):
        reference = attribute(classifier, crop, emotion)
        assert np.abs(reference.values - maps[0, row]).max() <= 1e-5 * max(1.0, scale)
        assert (reference.layer, reference.method) == ("layer4.2", "gradcam")
    assert np.abs(maps).max() > 0
    probabilities = classifier.predict(crop)[0].probabilities
    assert predictions[0].probabilities == pytest.approx(probabilities, abs=1e-5)


def test_cells_sum_to_the_logit(classifier, crop):
    _, maps = gradcam_all_classes(classifier, crop)
    logits = classifier.logits(crop)[0].numpy() - classifier.module.fc.bias.numpy()
    assert maps[0].sum(axis=(1, 2)) == pytest.approx(logits, rel=1e-4, abs=1e-4)


def test_other_layers_go_through_captum(classifier, crop):
    _, maps = gradcam_all_classes(classifier, crop, layer="layer3")
    assert maps.shape == (1, 7, 6, 6)
    reference = attribute(classifier, crop, "fear", layer="layer3")
    assert maps[0, EMOTIONS.index("fear")] == pytest.approx(reference.values)


def test_batches_equal_single_faces(classifier, crop):
    pair = np.stack([crop, crop[:, ::-1]])
    _, maps = gradcam_all_classes(classifier, pair)
    _, second = gradcam_all_classes(classifier, pair[1])
    assert maps[1] == pytest.approx(second[0], abs=1e-3 * float(np.abs(maps).max()))


@pytest.mark.slow
@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_gives_a_map(classifier, crop, method):
    result = attribute(classifier, crop, classifier.predict(crop)[0].predicted, method=method)
    size = (28, 28) if METHODS[method].smoothed else (3, 3)
    assert result.values.shape == size
    assert np.isfinite(result.values).all()
    assert result.values.std() > 0
    assert result.has_positive_evidence
    assert (result.layer is None) == (not METHODS[method].uses_layer)


def test_hirescam_weighs_cell_by_cell_and_gradcam_on_average():
    """One channel of four cells 1, 2, 3, 4; the logit takes the first, and minus the last."""

    class Cells(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cells = torch.nn.Identity()

        def forward(self, x):
            a = self.cells(x[:, :1, :2, :2] * 0 + torch.tensor([[1.0, 2], [3, 4]]))
            return (a * torch.tensor([[1.0, 0], [0, -3]])).sum(dim=(1, 2, 3))[:, None].repeat(1, 7)

    reader = Classifier(Cells(), {"input": default_input_rule() | {"size": 32}})
    black = np.zeros((224, 224, 3), np.uint8)
    grad, hires = (
        attribute(reader, black, "fear", method=m, layer="cells").values
        for m in ("gradcam", "hirescam")
    )
    assert hires.tolist() == [[1, 0], [0, -12]]
    assert grad.tolist() == [[-0.5, -1], [-1.5, -2]]  # the mean gradient is -1/2


def test_layercam_and_gradcam_plusplus_by_hand():
    """One channel of cells 1, 2, 3, 4, sum 10, and the logit's gradient 1, 0, 0.5, -3 on them.

    Layer-CAM: relu(gradient) times the cell. Grad-CAM++: alpha = 1 / (2 + 10 g) is 1/12 and 1/7 on
    the cells with a positive gradient, so that the channel weighs 1 * 1/12 + 0.5 * 1/7 = 13/84.
    """

    class Cells(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cells = torch.nn.Identity()

        def forward(self, x):
            a = self.cells(x[:, :1, :2, :2] * 0 + torch.tensor([[1.0, 2], [3, 4]]))
            logits = (a * torch.tensor([[1.0, 0], [0.5, -3]])).sum(dim=(1, 2, 3))
            return logits[:, None].repeat(1, 7)

    reader = Classifier(Cells(), {"input": default_input_rule() | {"size": 32}})
    black = np.zeros((224, 224, 3), np.uint8)
    layer, plus = (
        attribute(reader, black, "fear", method=m, layer="cells").values
        for m in ("layercam", "gradcam_plusplus")
    )
    assert layer.tolist() == [[1, 0], [1.5, 0]]
    assert plus == pytest.approx(13 / 84 * np.array([[1, 2], [3, 4]]), rel=1e-6)


def test_gradcam_plusplus_and_layercam_against_their_weights(classifier, crop):
    """On the last block the gradient is W / 9 in each cell, whatever the place."""
    with torch.inference_mode():
        features = classifier.module.features(classifier.preprocess(crop))[0].numpy()
    g = classifier.module.fc.weight[2].numpy()[:, None, None] / 9
    layer = (np.maximum(g, 0) * features).sum(axis=0)
    alpha = g**2 / (2 * g**2 + features.sum(axis=(1, 2), keepdims=True) * g**3)
    plus = (9 * alpha * np.maximum(g, 0) * features).sum(axis=0)
    for method, expected in (("layercam", layer), ("gradcam_plusplus", plus)):
        values = attribute(classifier, crop, "fear", method=method).values
        assert values == pytest.approx(expected, rel=1e-3, abs=1e-4), method


def test_hirescam_is_gradcam_on_the_last_block(classifier, crop):
    grad, hires = (
        attribute(classifier, crop, "fear", method=m).values for m in ("gradcam", "hirescam")
    )
    assert hires == pytest.approx(grad, rel=1e-4, abs=1e-6)


def test_occlusion_finds_what_the_class_needs():
    """A network that reads one corner: only windows over the corner change the logit."""

    class Corner(torch.nn.Module):
        def forward(self, x):
            return x[:, 0, :16, :16].mean(dim=(1, 2))[:, None].repeat(1, 7)

    reader = Classifier(Corner(), {"input": default_input_rule() | {"size": 96}})
    white = np.full((224, 224, 3), 255, np.uint8)
    values = attribute(reader, white, "fear", method="occlusion").values
    assert values.shape == (28, 28)
    assert values[:4, :4].min() > 0
    assert np.abs(values[16:, 16:]).max() == 0


def test_occlusion_makes_all_classes_at_the_price_of_one(classifier, crop, monkeypatch):
    passes = []
    hook = classifier.module.register_forward_hook(lambda *given: passes.append(len(given[2])))
    _, maps = attribute_all_classes(classifier, crop, method="occlusion")
    together = sum(passes)
    fear = attribute(classifier, crop, "fear", method="occlusion").values
    hook.remove()
    assert maps.shape == (1, 7, 28, 28)
    assert maps[0, EMOTIONS.index("fear")] == pytest.approx(fear, rel=1e-5)
    assert together == sum(passes) - together + 1  # and one picture to predict


def test_smoothing_keeps_the_sum_and_the_place():
    values = torch.zeros(1, 1, 224, 224)
    values[0, 0, 100, 60] = 64.0
    smoothed = smooth_map(values)[0, 0]
    assert smoothed.shape == (CELLS, CELLS)
    assert float(smoothed.sum()) * 8 * 8 == pytest.approx(64.0, rel=1e-4)
    row, column = divmod(int(smoothed.argmax()), CELLS)
    assert (row, column) == (100 // 8, 60 // 8)
    ys, xs = torch.meshgrid(*[torch.arange(CELLS) * 8 + 3.5] * 2, indexing="ij")
    variance = float((smoothed * (xs - 60) ** 2).sum() / smoothed.sum())
    assert variance == pytest.approx(SIGMA**2 + 64 / 12, rel=0.05)
    assert smooth_map(torch.ones(2, 1, 16, 16)).shape == (2, 1, 16, 16)


def test_integrated_gradients_sum_to_the_change_of_the_logit(classifier, crop):
    """Completeness (Sundararajan et al. 2017, proposition 1) outlasts the smoothing, roughly."""
    x = classifier.preprocess(crop)
    column = EMOTIONS.index("fear")
    with torch.inference_mode():
        whole, start = classifier.module(torch.cat([x, torch.zeros_like(x)]))[:, column]
    values = attribute(classifier, crop, "fear", method="integrated_gradients").values
    change = float(whole - start)
    assert values.mean() * 96 * 96 == pytest.approx(change, abs=0.15 * abs(change) + 0.05)


def test_any_method_gives_the_maps_of_all_or_some_classes(classifier, crop):
    predictions, maps = attribute_all_classes(classifier, crop, method="saliency")
    assert maps.shape == (1, 7, 28, 28) and np.isfinite(maps).all()
    fear = attribute(classifier, crop, "scared", method="saliency")
    assert fear.target == "fear"
    assert maps[0, EMOTIONS.index("fear")] == pytest.approx(fear.values)
    probabilities = classifier.predict(crop)[0].probabilities
    assert predictions[0].probabilities == pytest.approx(probabilities)
    _, some = attribute_all_classes(classifier, crop, method="saliency", targets=["Fear"])
    known = np.isfinite(some[0]).all(axis=(1, 2))
    assert [e for e, there in zip(EMOTIONS, known, strict=True) if there] == ["fear"]


def test_a_method_of_ones_own_is_found_by_its_name(classifier, crop):
    @saliency_method("darkness", label="Darkness")
    def darkness(classifier, x, target, layer):
        """Name the dark places, whatever the class.

        Not a serious method.
        """
        return -x

    try:
        assert METHODS["darkness"].description == "Name the dark places, whatever the class."
        assert list(METHODS)[-1] == "darkness" and not METHODS["darkness"].uses_layer
        values = attribute(classifier, crop, "fear", method="darkness").values
        expected = -classifier.preprocess(crop)[0].sum(dim=0).numpy()
        assert values == pytest.approx(expected)
    finally:
        unregister_method("darkness")
    with pytest.raises(InputError, match="no saliency method 'darkness'"):
        attribute(classifier, crop, "fear", method="darkness")


def test_every_file_of_methods_registers_one_without_loading_torch():
    code = (
        "import sys; from xfera_nb.saliency.methods import METHODS; "
        "print(*METHODS); assert not {'torch', 'captum'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    folder = Path(methods.__file__).parent
    files = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert done.stdout.split() == files


@pytest.mark.slow
def test_hooks_are_removed(classifier, crop):
    for method in METHODS:
        attribute(classifier, crop, "fear", method=method)
    attention_maps(classifier, crop)
    for name, module in classifier.module.named_modules():
        assert not module._forward_hooks and not module._forward_pre_hooks, name


def test_attention_maps(classifier, crop):
    maps = attention_maps(classifier, crop)
    assert [m.layer for m in maps] == ["bam1", "bam2", "bam3"]
    assert [m.values.shape for m in maps] == [(24, 24), (12, 12), (6, 6)]
    assert all(0 <= m.values.min() < m.values.max() <= 1 for m in maps)
    assert all(m.target is None and m.method == "bam" for m in maps)
    plain = Classifier(ResNet50BAM(bam=False), {"input": default_input_rule() | {"size": 32}})
    with pytest.raises(ValueError, match="no attention"):
        attention_maps(plain, crop)


def test_unknown_names_are_refused(classifier, crop):
    with pytest.raises(ModelError, match="no layer named 'layer9'"):
        attribute(classifier, crop, "fear", layer="layer9")
    with pytest.raises(InputError, match="did you mean 'anger'"):
        attribute(classifier, crop, "angre")
    with pytest.raises(InputError, match="did you mean 'gradcam'"):
        attribute(classifier, crop, "fear", method="grad-cam")
