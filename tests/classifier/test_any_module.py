"""Any torch module as a classifier: what fits is used as it is, what does not is refused."""

import json
import math
import re
from collections import OrderedDict

import numpy as np
import pytest
import torch
from constant_aus import ConstantAUs
from torch import nn

import xfera_nb as xf
from xfera_nb.classifier import Classifier, Prediction, ResNet50BAM, top_class
from xfera_nb.errors import ModelError
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import attribute, gradcam_all_classes

NAMES = ["Happy", "AN", "sad", "SURPRISE"]
KNOWN = ("anger", "happiness", "sadness", "surprise")


def small(outputs=4, channels=3, seed=1):
    """Two convolutions, 24x24 and 12x12 for 48 pixels; the head is one linear layer."""
    torch.manual_seed(seed)
    return nn.Sequential(
        OrderedDict(
            first=nn.Conv2d(channels, 4, 3, 2, 1),
            one=nn.ReLU(),
            second=nn.Conv2d(4, 8, 3, 2, 1),
            two=nn.ReLU(),
            pool=nn.AdaptiveAvgPool2d(1),
            flat=nn.Flatten(),
            head=nn.Linear(8, outputs),
        )
    )


def load(network=None, classes=NAMES, layer="two", **options):
    options = {"size": 48, "mean": 0.5, "std": 0.25, **options}
    return xf.load_classifier(network or small(), classes=classes, layer=layer, **options)


@pytest.fixture(scope="module")
def crop():
    return np.random.default_rng(2).integers(0, 255, (224, 224, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def sample(request):
    return request.config.rootpath / "data" / "samples" / "C01HA.jpg"


@pytest.fixture(scope="module")
def evidence(sample):
    (face,) = xf.find_faces(sample)
    return xf.gather(face, load(), ConstantAUs())


def test_outputs_go_to_the_emotions_they_are_named_after(crop):
    classifier = load()
    assert classifier.classes == KNOWN
    given = classifier.module.network(classifier.preprocess(crop))[0]
    logits = classifier.logits(crop)[0]
    for name, value in zip(("happiness", "anger", "sadness", "surprise"), given, strict=True):
        assert logits[EMOTIONS.index(name)] == value
    for name in ("disgust", "fear", "neutral"):
        assert logits[EMOTIONS.index(name)] == -math.inf


def test_probabilities_of_missing_classes_are_nan_and_the_rest_sums_to_one():
    # softmax of (0, ln 3, 0, 0) over four outputs: 1/6, 3/6, 1/6, 1/6.
    logits = torch.full((1, 7), -math.inf)
    for name, value in zip(KNOWN, (math.log(3), 0, 0, 0), strict=True):
        logits[0, EMOTIONS.index(name)] = value
    (prediction,) = load().to_predictions(logits)
    expected = [3 / 6, math.nan, math.nan, 1 / 6, math.nan, 1 / 6, 1 / 6]
    assert prediction.probabilities == pytest.approx(expected, nan_ok=True)
    assert np.nansum(prediction.probabilities) == pytest.approx(1)
    assert (prediction.predicted, prediction.classes) == ("anger", KNOWN)
    assert prediction.confidence == pytest.approx(0.5)
    assert prediction.margin == pytest.approx(2 / 6)
    assert prediction.runner_up in ("happiness", "sadness", "surprise")
    assert prediction.confidence_level == "Medium"


def test_the_highest_is_never_one_that_is_not_there():
    nan = math.nan
    rows = np.array([[nan, 0.2, nan, 0.8, nan, nan, nan], [0.1, 0.9, nan, 0, 0, 0, 0]])
    assert top_class(rows).tolist() == [3, 1]
    assert Prediction(rows[0]).runner_up == "disgust"


def test_temperature_divides_the_logits(crop):
    plain, soft = load().predict(crop)[0], load(temperature=4.0).predict(crop)[0]
    known = ~np.isnan(plain.probabilities)
    ratio = np.log(plain.probabilities[known]) / 4
    expected = np.exp(ratio) / np.exp(ratio).sum()
    assert soft.probabilities[known] == pytest.approx(expected, rel=1e-4)


def test_an_output_named_none_is_left_out_of_the_softmax(crop):
    network = small(outputs=3)
    both = load(network, ["happy", None, "fear"]).predict(crop)[0]
    logits = network(load(small()).preprocess(crop))[0]
    share = torch.softmax(logits[[0, 2]], 0)
    assert both.classes == ("fear", "happiness")
    assert both.confidence == pytest.approx(float(share.max()), rel=1e-5)


def test_colour_mean_and_std_by_hand():
    crop = np.zeros((64, 64, 3), np.uint8)
    crop[:] = (255, 51, 0)
    colour = load(mean=[0.5, 0.2, 0.0], std=[0.25, 1.0, 0.5], size=32).preprocess(crop)
    assert colour.shape == (1, 3, 32, 32)
    assert colour[0, :, 5, 5].tolist() == pytest.approx([2.0, 0.0, 0.0], abs=1e-6)
    # BT.601: 0.299 * 255 + 0.587 * 51 = 106.2, which OpenCV rounds to 106.
    grey = load(grey=True, mean=0, std=1).preprocess(crop)
    assert grey.unique().tolist() == pytest.approx([106 / 255]) and grey.shape[1] == 3
    one = load(small(channels=1), grey=True, channels=1, mean=0, std=1).preprocess(crop)
    assert one.shape == (1, 1, 48, 48)


def test_numbers_of_any_kind_are_taken():
    given = [0.5, 0.25, 0.125]
    for kind in (tuple, torch.tensor, lambda v: np.array(v, np.float32), np.array):
        rule = load(mean=kind(given), std=kind(given)).card["input"]
        assert rule["mean"] == rule["std"] == given
    rule = load(mean=np.float32(0.5), std=torch.tensor(0.25)).card["input"]
    assert (rule["mean"], rule["std"]) == ([0.5], [0.25])


def test_blue_green_red_is_the_other_way_round():
    crop = np.zeros((64, 64, 3), np.uint8)
    crop[:] = (255, 51, 0)
    blue_first = load(mean=[0.0, 0.2, 0.5], std=1.0, bgr=True, size=32)
    assert blue_first.preprocess(crop)[0, :, 5, 5].tolist() == pytest.approx([0.0, 0.0, 0.5])
    assert blue_first.describe()["input"]["colour"] == "BGR"


def test_maps_are_captums_and_nan_where_there_is_no_class(crop):
    classifier = load()
    predictions, maps = gradcam_all_classes(classifier, crop)
    assert maps.shape == (1, 7, 12, 12)
    missing = [EMOTIONS.index(e) for e in EMOTIONS if e not in KNOWN]
    assert np.isnan(maps[0, missing]).all()
    # Average pooling and one linear layer: Grad-CAM is the weights times the features / cells.
    network = classifier.module.network
    features = nn.Sequential(*list(network)[:4])(classifier.preprocess(crop))[0].detach().numpy()
    weights = network.head.weight.detach().numpy()[0]  # the output named "Happy"
    by_hand = np.einsum("c,chw->hw", weights, features) / 144
    assert maps[0, EMOTIONS.index("happiness")] == pytest.approx(by_hand, abs=1e-6)
    assert predictions[0].classes == KNOWN


def test_a_class_that_is_not_there_has_a_reason_everywhere(evidence):
    fusion = xf.fuse(evidence, target="fear")
    assert not fusion.has_positive_evidence and fusion.active == ()
    assert fusion.no_evidence_reason == (
        "This network has no class fear: it names anger, happiness, sadness, surprise."
    )
    assert math.isnan(fusion.confidence)
    with pytest.raises(ModelError, match="no class fear"):
        attribute(load(), evidence.face.crop, "fear")


def test_everything_downstream_runs(sample, tmp_path):
    result = xf.explain(sample, classifier=load(), au_detector=ConstantAUs(), k=0, coverage=0)
    assert result.predicted in KNOWN
    assert result.evidence.heatmaps[0].layer == "two"
    record = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert record["probabilities"]["fear"] is None
    assert sum(v for v in record["probabilities"].values() if v) == pytest.approx(1)
    other = result.with_params(target="fear")
    page = other._repr_html_()
    assert "no such class" in page and not re.search(r"\bnan\b|None", page)
    assert "no class fear" in page
    assert "nan" not in str(other).casefold()


def test_the_store_keeps_what_is_not_there_as_not_there(sample, tmp_path):
    from xfera_nb.datasets import open_dataset

    folder = tmp_path / "photos" / "happiness"
    folder.mkdir(parents=True)
    (folder / "one.jpg").write_bytes(sample.read_bytes())
    out = tmp_path / "store"
    dataset = open_dataset(tmp_path / "photos")
    xf.extract(dataset, out, classifier=load(), au_detector=ConstantAUs(), progress=False)
    store = xf.EvidenceStore.open(out)
    assert store.manifest["layer"] == "two"
    assert store.manifest["classifier"]["outputs"] == ["happiness", "anger", "sadness", "surprise"]
    arrays = store.arrays()
    assert EMOTIONS[arrays.predicted[0]] in KNOWN
    assert np.isnan(arrays.probabilities[0, EMOTIONS.index("fear")])


def test_a_network_from_outside_is_not_fed_as_the_shipped_one_is():
    from xfera_nb.evaluation.weights import compute_logits

    with pytest.raises(ModelError, match="evaluate that store"):
        compute_logits(load(), None)


def test_the_map_of_a_network_from_outside_is_checked(evidence):
    checks = xf.check_faithfulness(evidence, load())
    assert checks.layer == "two" and checks.target in KNOWN
    with pytest.raises(ModelError, match="no class fear"):
        xf.check_faithfulness(evidence, load(), target="fear")


def test_the_explainer_offers_the_layers_of_the_network(sample):
    from xfera_nb.widgets import ExplainerState
    from xfera_nb.widgets.explainer import readout

    state = ExplainerState(sample, classifier=load(), au_detector=ConstantAUs())
    assert state.layer == "two" and state.layers == ("two", "one")
    state.layer = "one"
    assert state.evidence.heatmaps[0].values.shape == (24, 24) and state.error == ""
    state.target = "fear"
    assert "no class fear" in state.fusion.no_evidence_reason
    assert readout.class_facts(state.fusion, None)["probabilities"][EMOTIONS.index("fear")] is None
    assert "classifier=classifier" in state.to_code() and "layer='one'" in state.to_code()
    state.set(method="saliency", true_emotion="fear")
    assert state.error == "" and state.fusion.no_evidence_reason is not None


def test_a_network_in_order_stays_what_it_is():
    torch.manual_seed(0)
    network = ResNet50BAM()
    classifier = xf.load_classifier(
        network, classes=EMOTIONS, layer="layer4.2", size=64, mean=0.5, std=0.25, grey=True
    )
    assert classifier.module is network
    assert classifier.default_layer == "layer4.2"


def test_the_digest_is_of_the_weights():
    one, same, other = (load(small(seed=seed)).describe() for seed in (1, 1, 2))
    assert one == same and one["sha256"] != other["sha256"]
    assert one["outputs"] == ["happiness", "anger", "sadness", "surprise"]
    assert load(name="mine").name == "mine"


class Tuple(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = small()

    def forward(self, x):
        return self.body(x), x


class Nan(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = small()

    def forward(self, x):
        return self.body(x) * math.nan


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = small()
        self.again = nn.Identity()

    def forward(self, x):
        return self.body(self.again(self.again(x)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"classes": NAMES[:3]}, "has 4 outputs, but 3 classes"),
        ({"classes": [*NAMES, "fear"]}, "has 4 outputs, but 5 classes"),
        ({"classes": ["happy", "an", "sad", "contempt"]}, "'contempt' is none of anger"),
        ({"classes": ["happy", "joy", "sad", "fear"]}, "Two outputs are named happiness"),
        ({"classes": ["happy", None, None, None]}, "At least two"),
        ({"classes": None}, "what the network's outputs are"),
        ({"classes": "happy"}, "what the network's outputs are"),
        ({"layer": "third"}, "no layer named 'third': choose one such as two, one"),
        ({"layer": None}, "layer='…', such as two, one"),
        ({"layer": ""}, "no layer named ''"),
        ({"layer": "head"}, r"gives \(2, 4\) and no map"),
        ({"layer": "pool"}, r"gives \(2, 8, 1, 1\) and no map"),
        ({"network": Twice(), "layer": "again"}, "not used exactly once"),
        ({"network": small(channels=1)}, r"does not take float32 of \(2, 3, 48, 48\)"),
        ({"network": nn.Sequential(small(), nn.Softmax(1)), "layer": "0.two"}, "its softmax"),
        ({"network": Tuple(), "layer": "body.two"}, "gives tuple for 2 images"),
        ({"network": Nan(), "layer": "body.two"}, "not finite"),
        ({"size": 8}, "from 16 to 1024"),
        ({"size": 48.0}, "whole number"),
        ({"mean": [0.5, 0.5]}, "one for each of the 3 channels"),
        ({"mean": "half"}, "mean is 'half'"),
        ({"std": 0}, "one number above 0"),
        ({"mean": -0.1}, "one number of at least 0"),
        ({"mean": (131.0912, 103.8827, 91.4953)}, "divide them by 255"),
        ({"mean": torch.tensor(131.0)}, "divide it by 255"),
        ({"std": [0.5, 0.5, 58.395]}, "divide them by 255"),
        ({"mean": float("nan")}, "of values from 0 to 1"),
        ({"mean": np.zeros(2, np.float32)}, "one for each of the 3 channels"),
        ({"bgr": True, "grey": True}, "leave bgr out"),
        ({"margin": 3}, "margin is 3, but must be a number from 0.05 to 2"),
        ({"margin": "wide"}, "margin is 'wide'"),
        ({"reshape_transform": "swin"}, "must be one of channels_last, tokens"),
        ({"channels": 1}, "grey=True also 1"),
        ({"temperature": 0}, "above 0"),
    ],
)
def test_what_does_not_fit_is_one_sentence(options, said):
    options = dict(options)
    with pytest.raises(ModelError, match=said) as caught:
        load(options.pop("network", None), **options)
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith(".") and len(sentence) < 420


def test_classes_do_not_go_with_a_file():
    with pytest.raises(ModelError, match="go with a network"):
        xf.load_classifier("weights.safetensors", classes=NAMES)


def test_a_layer_asked_for_later_is_looked_up_in_the_given_network():
    classifier = load()
    assert classifier.get_layer("one") is classifier.module.network.one
    with pytest.raises(ModelError, match="choose one of two, one"):
        classifier.get_layer("layer4.2")


def test_the_shipped_form_is_untouched():
    classifier = Classifier(ResNet50BAM(), {"input": {"size": 64, "mean": 0.5, "std": 0.25}})
    assert classifier.classes == EMOTIONS and classifier.default_layer == "layer4.2"
    assert classifier.layers == ("layer4.2", "layer3.5", "layer2.3", "layer1.2")
    assert set(classifier.describe()) == {"name", "sha256", "temperature"}
