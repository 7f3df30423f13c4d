"""Networks that allow no map are refused in one sentence; token outputs are read by a rule."""

import numpy as np
import pytest
import torch
from torch import nn

import xfera_nb as xf
from xfera_nb.classifier.layer_maps import read_map
from xfera_nb.errors import ModelError
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import METHODS, attribute, attribute_all_classes
from xfera_nb.saliency.smoothing import CELLS

CROP = np.random.default_rng(3).integers(0, 255, (224, 224, 3)).astype(np.uint8)


class Small(nn.Module):
    """Maps of 8x8 for 32 pixels."""

    def __init__(self, width=24):
        super().__init__()
        torch.manual_seed(2)
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(True), nn.Conv2d(8, width, 3, 2, 1), nn.ReLU(True)
        )
        self.fc = nn.Linear(width, 7)

    def forward(self, x):
        return self.fc(self.features(x).mean((2, 3)))


class FrozenBackbone(Small):
    def forward(self, x):
        with torch.no_grad():
            found = self.features(x)
        return self.fc(found.mean((2, 3)))


class NoGrad(Small):
    @torch.no_grad()
    def forward(self, x):
        return super().forward(x)


class Inference(Small):
    def forward(self, x):
        with torch.inference_mode():
            return super().forward(x)


class Detached(Small):
    def forward(self, x):
        return self.fc(self.features(x).detach().mean((2, 3)))


class ThroughNumpy(Small):
    def forward(self, x):
        return self.fc(torch.from_numpy(self.features(x).numpy()).mean((2, 3)))


class SideBranch(Small):
    def __init__(self):
        super().__init__()
        self.aux = nn.Conv2d(3, 4, 3, 2, 1)

    def forward(self, x):
        self.aux(x)
        return super().forward(x)


class DetachedBranch(SideBranch):
    def forward(self, x):
        with torch.no_grad():
            extra = self.aux(x).mean()
        return Small.forward(self, x) + extra


class ChannelsLast(Small):
    """As Swin: (N, height, width, channels)."""

    def __init__(self, width=24):
        super().__init__(width)
        self.norm = nn.LayerNorm(width)

    def forward(self, x):
        return self.fc(self.norm(self.features(x).permute(0, 2, 3, 1)).mean((1, 2)))


class Tokens(Small):
    """As a Vision Transformer: one class token, then 64 places; the answer mixes all of them."""

    def __init__(self, extra=1):
        super().__init__()
        self.start = nn.Parameter(torch.zeros(1, extra, 24))
        self.norm1, self.last = nn.LayerNorm(24), nn.Identity()

    def forward(self, x):
        found = self.features(x).flatten(2).transpose(1, 2)
        found = self.norm1(torch.cat([self.start.expand(len(x), -1, -1), found], 1))
        weights = torch.softmax(found[:, :1] @ found.transpose(1, 2), -1)
        mixed = self.last(torch.cat([weights @ found, found[:, 1:]], 1))
        return self.fc(mixed[:, 0])


class Heads(Small):
    """As the normalised keys of attention: (N, heads, tokens, width)."""

    def __init__(self, width=6):
        super().__init__()
        self.k_norm = nn.Identity()

    def forward(self, x):
        found = self.features(x).flatten(2).transpose(1, 2)
        found = self.k_norm(found.reshape(len(found), 64, 4, 6).transpose(1, 2))
        return self.fc(found.transpose(1, 2).flatten(2).mean(1))


class Attention(Small):
    """As attention's dropout: (N, heads, tokens, tokens), square but no map."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Identity()

    def forward(self, x):
        found = self.features(x).flatten(2).transpose(1, 2)[:, None]
        weights = self.drop(torch.softmax(found @ found.transpose(2, 3), -1))
        return self.fc((weights @ found).mean((1, 2)))


class Windows(Small):
    """As attention within windows: (N * windows, tokens, channels)."""

    def __init__(self):
        super().__init__()
        self.window = nn.Identity()

    def forward(self, x):
        found = self.features(x)
        parts = self.window(found.reshape(len(x) * 4, 24, 4, 4))
        return self.fc(parts.reshape(found.shape).mean((2, 3)))


def load(network, layer, **options):
    return xf.load_classifier(network, classes=EMOTIONS, layer=layer, size=32, **options)


def quantised():
    return torch.ao.quantization.quantize_dynamic(Small().eval(), {nn.Linear})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("network", "layer", "said"),
    [
        (FrozenBackbone, "features.3", "gives no gradient, as its forward pass runs under"),
        (NoGrad, "features.3", "gives no gradient, as its forward pass runs under"),
        (Inference, "features.3", "gives no gradient, as its forward pass runs under"),
        (Detached, "features.3", "or detaches its features"),
        (ThroughNumpy, "features.3", r"gives no gradient \(Can't call numpy"),
        (SideBranch, "aux", "do not depend on the maps of the layer 'aux': choose one such as fea"),
        (DetachedBranch, "aux", "No gradient reaches the layer 'aux', which .*, or choose a layer"),
        (ChannelsLast, "norm", r"\(2, 8, 8, 24\), .*: give reshape_transform='channels_last'"),
        (Tokens, "norm1", r"\(2, 65, 24\), .*: give reshape_transform='tokens'"),
        (Heads, "k_norm", r"gives \(2, 4, 64, 6\) and no map .* as high as wide: choose one such"),
        (Attention, "drop", r"gives \(2, 1, 64, 64\) and no map"),
        (Windows, "window", r"gives \(8, 24, 4, 4\) and no map"),
        (lambda: torch.jit.script(Small().eval()), "features.3", "TorchScript"),
        (lambda: torch.jit.trace(Small(), torch.rand(1, 3, 32, 32)), "features.3", "TorchScript"),
        (lambda: nn.Sequential(torch.jit.script(Small())), "0", "TorchScript"),
        (quantised, "features.3", "quantised"),
    ],
)
def test_no_map_without_a_gradient(network, layer, said):
    with pytest.raises(ModelError, match=said) as caught:
        load(network(), layer)
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith(".") and sentence.count(". ") == 0
    assert len(sentence) < 420


def test_as_many_channels_as_the_map_is_high():
    """(2, 8, 8, 8) may be either; a larger image tells."""
    assert load(Small(width=8), "features.3").layers[0] == "features.3"
    with pytest.raises(ModelError, match="reshape_transform='channels_last'"):
        load(ChannelsLast(width=8), "norm")
    by_rule = load(ChannelsLast(width=8), "norm", reshape_transform="channels_last")
    assert attribute(by_rule, CROP, "fear").values.shape == (8, 8)


@pytest.mark.parametrize(
    "rule", ["channels_last", lambda found: found.permute(0, 3, 1, 2)], ids=["name", "function"]
)
def test_a_rule_gives_the_map_of_the_same_layer_in_channels_first(rule):
    """Mean over places and one linear layer: the map is the weights times the features / 64."""
    network = ChannelsLast()
    classifier = load(network, "norm", reshape_transform=rule)
    kept = []
    hook = network.norm.register_forward_hook(lambda _, __, found: kept.append(found[0]))
    classifier.logits(CROP)
    hook.remove()
    by_hand = (kept[0] @ network.fc.weight[2]).detach().numpy() / 64
    for method in ("gradcam", "hirescam"):
        values = attribute(classifier, CROP, "fear", method=method).values
        assert values == pytest.approx(by_hand, rel=1e-3, abs=1e-5), method
    named = classifier.describe()["reshape_transform"]
    assert named == (rule if isinstance(rule, str) else "<lambda>")


@pytest.mark.parametrize("extra", [1, 2, 5])
def test_tokens_of_places_go_to_their_places(extra):
    classifier = load(Tokens(extra), "norm1", reshape_transform="tokens")
    _, maps = attribute_all_classes(classifier, CROP)
    assert maps.shape == (1, 7, 8, 8) and np.isfinite(maps).all() and maps[0].std() > 0
    tokens = torch.arange(extra + 64.0)[None, :, None]
    grid = read_map(tokens, "tokens")[0, 0]
    assert grid[0, 0] == extra and grid[0, 1] == extra + 1 and grid[7, 7] == extra + 63


def test_the_last_tokens_do_not_reach_the_answer():
    with pytest.raises(ModelError, match="do not depend on the maps of the layer 'last': .*norm1"):
        load(Tokens(), "last", reshape_transform="tokens")


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize(
    ("network", "layer", "rule"),
    [(ChannelsLast, "norm", "channels_last"), (Tokens, "norm1", "tokens")],
    ids=["channels last", "tokens"],
)
def test_every_method_reads_the_rule(network, layer, rule, method):
    found = attribute(load(network(), layer, reshape_transform=rule), CROP, "fear", method=method)
    side = CELLS if METHODS[method].smoothed else 8
    assert found.values.shape == (side, side) and np.isfinite(found.values).all()


def test_a_function_that_does_not_fit_is_told():
    with pytest.raises(ModelError, match="reshape_transform does not take .*norm"):
        load(ChannelsLast(), "norm", reshape_transform=lambda found: found.permute(0, 4, 1))
    with pytest.raises(ModelError, match="nor does reshape_transform make one of it"):
        load(ChannelsLast(), "norm", reshape_transform=lambda found: found.flatten(1))


def test_a_map_is_checked_with_its_rule(request):
    sample = request.config.rootpath / "data" / "samples" / "C01HA.jpg"
    classifier = load(ChannelsLast(), "norm", reshape_transform="channels_last")
    evidence = xf.gather(sample, classifier)
    assert evidence.classifier["reshape_transform"] == "channels_last"
    assert xf.check_faithfulness(evidence, classifier).layer == "norm"


def test_layers_in_place_show_their_own_output():
    """A ReLU in place would overwrite the convolution before it, and stop guided methods."""
    classifier = load(Small(), "features.2")
    assert attribute(classifier, CROP, "fear", method="guided_gradcam").values.shape == (28, 28)
    kept = []
    hook = classifier.get_layer("features.2").register_forward_hook(
        lambda _, __, found: kept.append(found)
    )
    classifier.logits(CROP)
    hook.remove()
    assert (kept[0] < 0).any()


def test_a_method_that_cannot_is_a_sentence():
    class InPlace(Small):
        def forward(self, x):
            found = self.features[1](self.features[0](x))
            return self.fc(torch.relu_(self.features[2](found)).mean((2, 3)))

    network = InPlace()
    classifier = load(network, "features.1")

    def broken(*_):
        raise RuntimeError("a view is being\nmodified in place")

    from xfera_nb.saliency import saliency_method, unregister_method

    saliency_method("broken", label="Broken")(broken)
    try:
        with pytest.raises(ModelError, match=r"Broken cannot explain this network \(a view is be"):
            attribute(classifier, CROP, "fear", method="broken")
    finally:
        unregister_method("broken")
    with pytest.raises(ModelError, match="no map for Grad-CAM, but"):
        attribute(load(Tokens(), "features.3"), CROP, "fear", layer="norm1")


def test_a_compiled_network_is_the_one_inside():
    class Compiled(nn.Module):
        """As torch.compile wraps a network, without its compiler."""

        def __init__(self, module):
            super().__init__()
            self._orig_mod = module

        def forward(self, x):
            raise RuntimeError("not compiled here")

    network = Small()
    assert load(Compiled(network), "features.3").module is network


def test_other_modes_and_default_devices_give_the_same():
    plain = load(Small(), "features.3")
    expected = attribute(plain, CROP, "fear").values
    with torch.inference_mode():
        built = Small()
        inside = load(built, "features.3")
        assert attribute(inside, CROP, "fear").values == pytest.approx(expected, abs=1e-7)
        assert attribute(plain, CROP, "fear").values == pytest.approx(expected, abs=1e-7)
    assert attribute(inside, CROP, "fear").values == pytest.approx(expected, abs=1e-7)
    with torch.no_grad():
        assert attribute(plain, CROP, "fear").values == pytest.approx(expected, abs=1e-7)
    torch.set_default_device("meta")
    torch.set_default_dtype(torch.float64)
    try:
        for method in sorted(METHODS):
            attribute(plain, CROP, "fear", method=method)
        network = Small().to_empty(device="cpu").float()
        network.load_state_dict(plain.module.state_dict())
        there = load(network, "features.3")
        assert attribute(there, CROP, "fear").values == pytest.approx(expected, abs=1e-7)
        assert there.predict(CROP)[0].confidence == pytest.approx(plain.predict(CROP)[0].confidence)
    finally:
        torch.set_default_device(None)
        torch.set_default_dtype(torch.float32)


def test_files_read_in_another_mode_are_whole_afterwards(tmp_path):
    from xfera_nb.classifier import ResNet50BAM
    from xfera_nb.classifier.checkpoint import save_weights

    save_weights(tmp_path / "w.safetensors", ResNet50BAM(), {})
    with torch.inference_mode(), torch.device("meta"):
        inside = xf.load_classifier(tmp_path / "w.safetensors", device="cpu")
    assert inside.device.type == "cpu"
    again = xf.load_classifier(tmp_path / "w.safetensors", device="cpu")
    assert again is inside
    assert np.isfinite(attribute(again, CROP, "fear", layer="layer3").values).all()
