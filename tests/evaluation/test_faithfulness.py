"""All checks of one face: with a network that reads one place, and with a small ResNet50-BAM."""

from __future__ import annotations

import copy
import json
import math
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import xfera_nb as xf
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier, Prediction, ResNet50BAM
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.errors import ModelError
from xfera_nb.evaluation.faithfulness import network, sanity
from xfera_nb.evaluation.faithfulness.face_check import check_faithfulness
from xfera_nb.evaluation.faithfulness.network import Probe, fold_batch_norms
from xfera_nb.evaluation.faithfulness.randomisation import random_stage, randomise
from xfera_nb.evaluation.faithfulness.sanity import rank_correlation
from xfera_nb.evidence import assemble
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS, LANDMARK_AUS
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.saliency import attention_maps, attribute, gradcam_all_classes, perturbation

HAPPY = EMOTIONS.index("happiness")


@pytest.fixture(scope="module")
def face(request):
    return find_faces(request.config.rootpath / "data" / "samples" / "C01HA.jpg")[0]


@pytest.fixture(scope="module")
def small():
    """The network at 64 pixels, with statistics that a folding must not lose."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = ResNet50BAM()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
            nn.init.uniform_(module.weight, 0.8, 1.2)
            nn.init.uniform_(module.bias, -0.2, 0.2)
    with torch.no_grad():
        network(torch.randn(8, 3, 64, 64))
        network.fc.weight *= 0.1
    rule = default_input_rule() | {"size": 64, "detail": 64}
    return Classifier(network, {"input": rule, "name": "small", "sha256": "5eed"})


def evidence_of(face, classifier, maps=None, layer="layer4.2"):
    predictions, own = gradcam_all_classes(classifier, face.crop, layer=layer)
    maps = own[0] if maps is None else maps
    units = ActionUnits(np.full(17, 2.0), source="made")
    described = classifier.describe()
    return assemble(face, predictions[0], maps, units, layer=layer, classifier=described)


@pytest.fixture(scope="module")
def evidence(face, small):
    return evidence_of(face, small)


@pytest.fixture(scope="module")
def checks(evidence, small):
    return check_faithfulness(evidence, small)


class OnePixel(nn.Module):
    """Happiness is how bright one pixel is; the other classes stay at 0."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y
        self.scale = nn.Parameter(torch.tensor(4.0))

    def forward(self, picture):
        logits = picture.new_zeros(len(picture), len(EMOTIONS))
        logits[:, HAPPY] = self.scale * picture[:, 0, self.y, self.x]
        return logits


def test_an_aus_drop_is_what_the_blur_takes_from_a_network_that_reads_one_pixel(face):
    grey = perturbation.match_colour(face.crop, {"colour": "grey"})
    x, y = np.rint(face.crop_landmarks[[61, 66]].mean(axis=0)).astype(int)  # between the lips
    rule = {"size": 224, "colour": "grey", "mean": 0.5, "std": 0.25}
    reader = Classifier(OnePixel(x, y), {"input": rule, "name": "one pixel"})

    def chance(level):
        logit = 4 * (level / 255 - 0.5) / 0.25
        return math.exp(logit) / (math.exp(logit) + 6)

    maps = np.zeros((7, 7, 7), np.float32)
    maps[HAPPY, y // 32, x // 32] = 1
    units = ActionUnits(np.full(17, 2.0), source="made")
    prediction = Prediction(np.full(7, 1 / 7, np.float32))
    made = assemble(face, prediction, maps, units, method="occlusion")
    found = check_faithfulness(made, reader, target="Joy")
    assert found.target == "happiness"
    sharp, blurred = (
        chance(grey[y, x]),
        chance(round(float(perturbation.blur_picture(grey)[y, x]))),
    )
    assert found.probability == pytest.approx(sharp, abs=1e-5)
    assert found.blurred_probability == pytest.approx(blurred, abs=1e-5)
    assert abs(sharp - blurred) > 0.1
    for au in (12, 23, 25, 26):
        assert found.au_drops.of(au).prob_drop == pytest.approx(sharp - blurred, abs=0.02)
    for au in (1, 4, 5, 6, 7, 9, 43):
        assert found.au_drops.of(au).prob_drop == pytest.approx(0, abs=1e-6)
    # The map's first sixth holds the pixel, the last one is taken when all is.
    assert found.deletion_insertion.morf.probabilities[1] == pytest.approx(blurred, abs=0.02)
    assert found.deletion_insertion.lerf.probabilities[-2] == pytest.approx(sharp, abs=0.02)
    assert found.deletion_insertion.auc_gap == pytest.approx((sharp - blurred) * 5 / 6, abs=0.02)
    assert found.hirescam == () and found.attention == ()


def test_the_folded_network_is_the_network(small, face):
    crops = np.stack([face.crop, face.crop[:, ::-1]])
    with torch.inference_mode():
        logits = fold_batch_norms(small)(small.preprocess(crops))
    assert torch.allclose(logits, small.logits(crops), atol=1e-4)
    assert (
        fold_batch_norms(small) is fold_batch_norms(small)
        and fold_batch_norms(small) is not small.module
    )
    assert isinstance(small.module.layer1[0].bn1, nn.BatchNorm2d)


def test_the_folding_shares_the_last_stage_and_leaves_the_network_as_it_was(small):
    before = {name: value.clone() for name, value in small.module.state_dict().items()}
    own = Classifier(small.module, small.card)
    asked = [value.requires_grad for value in small.module.parameters()]
    one, other = fold_batch_norms(own).layer4[0], small.module.layer4[0]
    assert one.conv2.weight.data_ptr() == other.conv2.weight.data_ptr()
    assert one.conv2 is not other.conv2 and not one.conv2.weight.requires_grad
    assert [value.requires_grad for value in small.module.parameters()] == asked
    assert all(torch.equal(value, before[k]) for k, value in small.module.state_dict().items())


@pytest.mark.slow
def test_hooks_on_the_network_do_not_reach_the_checks(evidence, small, face):
    """As when Captum measures another photo in another thread."""
    met = []

    def meet(*_):
        met.append(1)

    hooks = [part.register_forward_hook(meet) for part in small.module.modules()]
    try:
        lower = evidence_of(face, small, layer="layer3.5")
        assert met  # as it was measured
        met.clear()
        network._FOLDED.clear()
        check_faithfulness(evidence, small)
        check_faithfulness(lower, small)
        assert met == [] and small.module._forward_hooks
    finally:
        for hook in hooks:
            hook.remove()


def test_a_trace_is_a_forward_pass(small, face):
    trace = Probe(small).trace(perturbation.match_colour(face.crop, small.card["input"]))
    assert torch.allclose(trace.logits, small.logits(face.crop), atol=1e-4)
    for one in attention_maps(small, face.crop):
        assert trace.attention[one.layer] == pytest.approx(one.values, abs=1e-5)
    own = gradcam_all_classes(small, face.crop)[1][0]
    cells = trace.features.shape[-1] ** 2
    maps = torch.einsum("kc,chw->khw", small.module.fc.weight, trace.features[0]) / cells
    assert maps.numpy() == pytest.approx(own, abs=1e-4)


def test_a_stage_drawn_by_its_outputs_is_like_one_with_drawn_weights(small, face):
    """Mean and spread of the last stage's outputs, over seeds, both ways."""
    probe = Probe(small)
    trace = probe.trace(perturbation.match_colour(face.crop, small.card["input"]))
    x = trace.before["layer4"].detach()
    means: dict[str, list[float]] = {"outputs": [], "weights": []}
    with torch.inference_mode():
        for seed in range(6):
            own = torch.Generator().manual_seed(seed)
            stage = randomise(copy.deepcopy(probe.module.layer4), own)
            means["weights"].append(stage(x).mean().item())
            drawn = random_stage(probe.module.layer4, x, own)
            assert drawn.shape == trace.features.shape and drawn.min() >= 0
            means["outputs"].append(drawn.mean().item())
    one, other = (np.array(values) for values in means.values())
    assert one.mean() == pytest.approx(other.mean(), rel=0.05)
    assert len(set(one)) == 6


def test_hirescam_from_the_trace_is_captums(small, face):
    emotion = small.predict(face.crop)[0].predicted
    trace = Probe(small).trace(perturbation.match_colour(face.crop, small.card["input"]))
    found = sanity.compare_hirescam_traced(trace, EMOTIONS.index(emotion))
    grad, hires = (
        attribute(small, face.crop, emotion, method=method, layer="layer3.5").values
        for method in ("gradcam", "hirescam")
    )
    assert found.layer == "layer3.5" and not found.by_construction
    assert found.correlation == pytest.approx(rank_correlation(grad, hires), abs=1e-6)


def test_probabilities_come_in_the_order_of_the_sets(small, face):
    grey = perturbation.match_colour(face.crop, small.card["input"])
    sets = [np.stack([grey, grey[::-1]]), np.zeros((0, 8, 8), np.uint8), grey[None, ::2, ::2]]
    probe = Probe(small)
    first, none, third = probe.probabilities(sets, HAPPY)
    assert (len(first), len(none), len(third), probe.pictures) == (2, 0, 1, 3)
    crops = np.repeat(grey[None, ..., None], 3, axis=-1)
    assert first[0] == pytest.approx(small.predict(crops)[0].probabilities[HAPPY], abs=1e-5)
    assert first[0] != first[1]


def test_the_same_seed_gives_the_same_checks_and_another_does_not(evidence, small, checks):
    assert check_faithfulness(evidence, small) == checks
    other = check_faithfulness(evidence, small, seed=1)
    assert (
        other.probability == checks.probability
        and other.deletion_insertion == checks.deletion_insertion
    )
    assert other.au_drops.of(12).prob_drop == checks.au_drops.of(12).prob_drop
    assert other.au_drops.of(12).random_drop != checks.au_drops.of(12).random_drop
    assert other.road != checks.road and other.randomised != checks.randomised


@pytest.mark.slow
def test_each_face_has_random_networks_of_its_own(evidence, small, face, monkeypatch):
    seeds = []
    real = sanity.randomise_traced
    monkeypatch.setattr(
        sanity, "randomise_traced", lambda *given: (seeds.append(given[-1]), real(*given))[1]
    )
    other = replace(face, crop=np.ascontiguousarray(face.crop[:, ::-1]))
    for one, seed in ((evidence, 0), (evidence, 1), (evidence_of(other, small), 0), (evidence, 0)):
        check_faithfulness(one, small, seed=seed)
    assert len(set(seeds[:3])) == 3 and seeds[3] == seeds[0]


def test_the_checks_of_the_last_block(checks, small, evidence):
    assert checks.target == evidence.prediction.predicted
    assert checks.probability == pytest.approx(evidence.prediction.confidence, abs=1e-4)
    assert [row.au for row in checks.au_drops.rows] == list(LANDMARK_AUS)
    last, other = checks.hirescam
    assert (last.layer, last.correlation, last.by_construction) == ("layer4.2", 1.0, True)
    assert other.layer == "layer3.5" and -1 <= other.correlation < 1
    assert [one.down_to for one in checks.randomised] == ["fc", "layer4"]
    assert all(one.maps == sanity.HEADS for one in checks.randomised)
    assert [one.layer for one in checks.attention] == ["bam1", "bam2", "bam3"]
    assert checks.pictures <= 46 and not checks.full


@pytest.mark.slow
def test_the_full_check_has_more_of_all(evidence, small, checks):
    full = check_faithfulness(evidence, small, full=True)
    assert full.full and full.pictures > 2 * checks.pictures
    parts = ["fc", "layer4.2", "layer4", "layer3", "layer2", "layer1", "conv1"]
    assert [one.down_to for one in full.randomised] == parts
    assert full.au_drops.random_regions == 48
    assert full.au_drops.of(12).prob_drop == pytest.approx(
        checks.au_drops.of(12).prob_drop, abs=1e-5
    )
    assert len(full.deletion_insertion.morf.fractions) == 17 and len(full.road.lerf.fractions) == 7


def test_the_checks_become_json_without_nan(checks):
    data = json.loads(json.dumps(checks.to_dict(), allow_nan=False))
    assert data["target"] == checks.target and len(data["au_drops"]["rows"]) == 22
    assert data["au_drops"]["rows"][0]["excess_drop"] == checks.au_drops.rows[0].excess_drop
    assert data["deletion_insertion"]["morf"]["auc"] == checks.deletion_insertion.morf.auc
    assert data["params"]["k"] == 1.0 and data["overlap"]["published"]["mean"] == 0.27


def test_parameters_change_the_overlap_alone(evidence, small, face):
    made = evidence_of(face, small, np.random.default_rng(0).random((7, 2, 2)).astype(np.float32))
    checks = check_faithfulness(made, small, target="fear")
    params = FusionParams(k=2.0)
    moved = checks.with_params(made, params)
    assert moved.overlap != checks.overlap and moved.params == params
    assert moved == check_faithfulness(made, small, params, "fear")
    assert moved.au_drops is checks.au_drops


def test_without_positive_evidence_there_are_reasons(face, small):
    negative = evidence_of(face, small, -np.ones((7, 2, 2), np.float32))
    found = check_faithfulness(negative, small, target="fear")
    assert found.deletion_insertion.auc_gap is found.road.auc_gap is found.overlap.iou is None
    for reason in (found.deletion_insertion.reason, found.road.reason, found.overlap.reason):
        assert reason == "the map has no positive value for fear"
    assert found.au_drops.rank_correlation is None and found.au_drops.of(12).prob_drop is not None
    assert {one.correlation for one in found.attention} == {None}
    assert 0 <= found.blurred_probability <= 1
    assert fuse(negative, target="fear").threshold is None
    json.dumps(found.to_dict(), allow_nan=False)


def test_neutral_has_no_overlap(evidence, small):
    found = check_faithfulness(evidence, small, target="neutral").overlap
    assert found.iou is found.hit is None and "no AUs for neutral" in found.reason


def test_other_weights_are_refused(evidence, small):
    other = Classifier(small.module, small.card | {"sha256": "0ther"})
    with pytest.raises(ModelError, match="other weights"):
        check_faithfulness(evidence, other)
    with pytest.raises(ValueError, match="envy"):
        check_faithfulness(evidence, small, target="envy")


@pytest.mark.slow
def test_another_layer_goes_through_captum(face, small):
    made = evidence_of(face, small, layer="layer3.5")
    found = check_faithfulness(made, small)
    (agreement,) = found.hirescam
    assert (found.layer, agreement.layer) == ("layer3.5", "layer3.5")
    assert not agreement.by_construction
    parts = ["fc", "layer4", "bam3", "layer3", "bam2", "layer2", "bam1", "layer1", "bn1", "conv1"]
    assert [one.down_to for one in found.randomised] == parts
    assert [one.maps for one in found.randomised] == [1] * len(parts)


def test_a_network_of_ones_own_in_colour(face):
    torch.manual_seed(3)
    network = nn.Sequential(
        OrderedDict(
            first=nn.Conv2d(3, 6, 5, 4), one=nn.ReLU(), second=nn.Conv2d(6, 8, 3, 2, 1),
            two=nn.ReLU(), pool=nn.AdaptiveAvgPool2d(1), flat=nn.Flatten(), head=nn.Linear(8, 3),
        )
    )  # fmt: skip
    own = xf.load_classifier(
        network, classes=["happy", "sad", "fear"], layer="two", size=64, mean=0.5, std=0.2,
        grey=False,
    )  # fmt: skip
    found = check_faithfulness(evidence_of(face, own, layer="two"), own)
    assert found.layer == "two" and found.attention == ()
    # One linear layer behind average pooling: the same maps, though the checks cannot know it.
    assert found.hirescam[0].correlation == pytest.approx(1, abs=1e-3)
    assert [one.down_to for one in found.randomised] == ["head", "second", "first"]
    with pytest.raises(ModelError, match="no class anger"):
        check_faithfulness(evidence_of(face, own, layer="two"), own, target="anger")
