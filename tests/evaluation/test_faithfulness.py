"""All checks of one face: with a network that reads one place, and with a small ResNet50-BAM."""

from __future__ import annotations

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
from xfera_nb.evaluation.faithfulness import (
    CHECKS,
    ControlMaps,
    controls,
    face_check,
    interpret,
    sanity,
)
from xfera_nb.evaluation.faithfulness.calibration import HEADS
from xfera_nb.evaluation.faithfulness.correlation import rank_correlation
from xfera_nb.evaluation.faithfulness.face_check import (
    FULL_CHECKS,
    check_faithfulness,
    run_curves,
)
from xfera_nb.evaluation.faithfulness.network import Probe, copy_without_hooks
from xfera_nb.evaluation.faithfulness.randomisation import draw_head_maps
from xfera_nb.evidence import assemble
from xfera_nb.evidence.occlusion import occlude_regions
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS, LANDMARK_AUS
from xfera_nb.fusion import FusionParams
from xfera_nb.saliency import attribute, gradcam_all_classes, perturbation

pytestmark = pytest.mark.slow

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
def others():
    """Maps of 24 other faces."""
    maps = np.random.default_rng(9).standard_normal((24, 7, 2, 2)).astype(np.float32)
    return ControlMaps(maps, np.arange(24) % 7, "layer4.2", "gradcam", None)


@pytest.fixture(scope="module")
def checks(evidence, small, others):
    return check_faithfulness(evidence, small, controls=others)


class OnePixel(nn.Module):
    """Happiness is how bright one pixel is; the other classes stay at 0."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y
        self.scale = nn.Parameter(torch.tensor(4.0))
        self.look = nn.Identity()

    def forward(self, picture):
        picture = self.look(picture)
        logits = picture.new_zeros(len(picture), len(EMOTIONS))
        logits[:, HAPPY] = self.scale * picture[:, 0, self.y, self.x]
        return logits


def test_an_aus_drop_is_what_the_blur_takes_from_a_network_that_reads_one_pixel(face):
    grey = perturbation.match_colour(face.crop, {"colour": "grey"})
    x, y = np.rint(face.crop_landmarks[[61, 66]].mean(axis=0)).astype(int)  # between the lips
    rule = {"size": 224, "colour": "grey", "mean": 0.5, "std": 0.25}
    reader = Classifier(OnePixel(x, y), {"input": rule, "name": "one pixel", "layer": "look"})

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
    probe, own = Probe(reader), made.heatmap("happiness")
    curves, _ = run_curves(probe, grey, own.values, own, HAPPY, (sharp, blurred), 0)
    assert curves.morf.probabilities[1] == pytest.approx(blurred, abs=0.02)
    assert curves.lerf.probabilities[-2] == pytest.approx(sharp, abs=0.02)
    assert curves.auc_gap == pytest.approx((sharp - blurred) * 5 / 6, abs=0.02)
    assert probe.pictures == 16
    assert found.hirescam == () and found.attention == ()


def test_the_copy_that_is_asked_shares_the_weights_and_leaves_the_network_as_it_was(small):
    before = [value.requires_grad for value in small.module.parameters()]
    own = Probe(small).classifier.module
    assert own is not small.module and own.layer4 is not small.module.layer4
    for one, other in zip(own.parameters(), small.module.parameters(), strict=True):
        assert one.data_ptr() == other.data_ptr()
    assert [value.requires_grad for value in small.module.parameters()] == before
    apart = copy_without_hooks(small.module, own_weights=True)
    assert apart.fc.weight.data_ptr() != small.module.fc.weight.data_ptr()
    assert torch.equal(apart.fc.weight, small.module.fc.weight)


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
        check_faithfulness(evidence, small)
        check_faithfulness(lower, small)
        assert met == [] and small.module._forward_hooks
    finally:
        for hook in hooks:
            hook.remove()


def test_a_layers_activations_give_grad_cam_of_any_last_layer(small, face):
    picture = perturbation.match_colour(face.crop, small.card["input"])
    logits, activations = Probe(small).activate(picture, "layer4.2")
    assert logits == pytest.approx(small.logits(face.crop)[0].numpy(), abs=1e-4)
    weights, cells = small.module.fc.weight.double().numpy(), activations[0].size
    maps = np.tensordot(weights, activations, axes=1) / cells
    assert maps == pytest.approx(gradcam_all_classes(small, face.crop)[1][0], abs=1e-4)
    with pytest.raises(ModelError, match="gives no maps"):
        Probe(small).activate(picture, "fc")


def test_a_control_is_captums_grad_cam_of_a_network_with_that_last_layer(small, face):
    picture = perturbation.match_colour(face.crop, small.card["input"])
    activations = Probe(small).activate(picture, "layer4.2")[1]
    drawn = draw_head_maps(activations, 1, np.random.default_rng(3))[0]
    other = Classifier(copy_without_hooks(small.module, own_weights=True), small.card)
    weights = np.random.default_rng(3).standard_normal((1, len(activations)))
    with torch.no_grad():
        other.module.fc.weight[HAPPY] = torch.from_numpy(weights[0]).float()
    captums = attribute(other, face.crop, "happiness", layer="layer4.2").values
    assert drawn / activations[0].size == pytest.approx(captums, abs=1e-4)


def test_logits_come_in_the_order_of_the_sets(small, face):
    grey = perturbation.match_colour(face.crop, small.card["input"])
    sets = [np.stack([grey, grey[::-1]]), np.zeros((0, 8, 8), np.uint8), grey[None, ::2, ::2]]
    told = []
    probe = Probe(small, lambda *step: told.append(step), expected=9)
    found = probe.logits(*sets)
    assert found.shape == (3, 7) and probe.pictures == 3 and told == [(2, 9), (3, 9)]
    crops = np.repeat(grey[None, ..., None], 3, axis=-1)
    chances = probe.probabilities(found, HAPPY)
    assert chances[0] == pytest.approx(small.predict(crops)[0].probabilities[HAPPY], abs=1e-5)
    assert chances[0] != chances[1]
    assert len(probe.logits(np.repeat(grey[None], 40, axis=0))) == 40 and told[-1] == (43, 43)


def test_the_same_seed_gives_the_same_checks_and_another_does_not(evidence, small, checks, others):
    assert check_faithfulness(evidence, small, controls=others) == checks
    other = check_faithfulness(evidence, small, seed=1, controls=others)
    assert other.probability == checks.probability
    assert other.au_drops.of(12).prob_drop == checks.au_drops.of(12).prob_drop
    assert other.au_drops.of(12).random_drop != checks.au_drops.of(12).random_drop
    one, two = (c.calibrated["occlusion"] for c in (checks, other))
    assert one.value == two.value and one.random != two.random
    assert other.randomised != checks.randomised


def test_each_face_has_random_networks_of_its_own(evidence, small, face, checks, others):
    other = replace(face, crop=np.ascontiguousarray(face.crop[:, ::-1]))
    found = check_faithfulness(evidence_of(other, small), small, controls=others)
    assert found.randomised != checks.randomised


def test_the_checks_of_the_last_block(checks, small, evidence, others):
    assert checks.target == evidence.prediction.predicted
    assert checks.probability == pytest.approx(evidence.prediction.confidence, abs=1e-4)
    assert [row.au for row in checks.au_drops.rows] == list(LANDMARK_AUS)
    (last,) = checks.hirescam
    assert (last.layer, last.correlation, last.by_construction) == ("layer4.2", 1.0, True)
    (random,) = checks.randomised
    assert (random.down_to, random.maps) == (sanity.LAST_LAYER, HEADS)
    assert [one.layer for one in checks.attention] == ["bam1", "bam2", "bam3"]
    assert checks.pictures <= 60 and not checks.full
    assert set(checks.calibrated) == set(CHECKS)
    for name in ("additivity", "blurred_sets", "imputed_sets"):
        one = checks.calibrated[name]
        assert len(one.random) == HEADS and len(one.others) == len(others.predicted)
        assert one.mean_map is not None
    # Of maps of four cells some have nothing positive, and so no share in any region.
    assert HEADS / 2 < len(checks.calibrated["occlusion"].random) < HEADS
    assert checks.deletion_insertion.auc_gap is checks.road.auc_gap is None
    assert "full check" in checks.road.reason


def test_the_figures_are_those_of_the_copies(evidence, small, checks, face):
    """Occlusion, from the store's own measurement of hidden regions."""
    drops = occlude_regions(face, small).prob_drops(evidence.prediction, checks.target)
    shares = evidence.region_shares(checks.target)
    assert checks.calibrated["occlusion"].value == pytest.approx(rank_correlation(shares, drops))


def test_progress_counts_the_pictures(evidence, small, others):
    told = []
    check_faithfulness(
        evidence, small, controls=others, progress=lambda *step: told.append(step)
    )
    done, count = zip(*told, strict=True)
    assert list(done) == sorted(done) and len(told) >= 4
    assert set(count) == {done[-1]} and done[-1] >= 50


@pytest.mark.slow
def test_the_full_check_runs_the_published_curves_beside_their_controls(evidence, small, checks):
    maps = np.random.default_rng(0).standard_normal((3, 7, 2, 2)).astype(np.float32)
    few = ControlMaps(maps, np.array([0, 3, 3]), "layer4.2", "gradcam", None)
    full = check_faithfulness(evidence, small, full=True, controls=few)
    parts = ["fc", "layer4", "bam3", "layer3", "bam2", "layer2", "bam1", "layer1", "bn1", "conv1"]
    assert [one.down_to for one in full.randomised] == [sanity.LAST_LAYER, *parts]
    assert [one.layer for one in full.hirescam] == ["layer4.2", "layer3.5"]
    assert set(full.calibrated) == {*CHECKS, *FULL_CHECKS}
    for name in FULL_CHECKS:
        one, pair = full.calibrated[name], getattr(full, name)
        assert one.value == pair.auc_gap == pytest.approx(
            {"deletion_insertion": pair.lerf.auc - pair.morf.auc}.get(name, pair.auc_gap)
        )
        assert 9 < len(one.random) <= 19 and len(one.others) == 3 and one.mean_map is not None
    assert len(full.au_drops.random_greatest) == 19
    assert 0.05 <= full.au_drops.share_as_great <= 1
    assert full.au_drops.of(12).prob_drop == pytest.approx(
        checks.au_drops.of(12).prob_drop, abs=1e-5
    )


@pytest.mark.slow
def test_another_networks_controls_are_measured_from_the_samples(small, monkeypatch, face):
    monkeypatch.setattr(controls, "_find_samples", lambda: (face,) * 3)
    own = Classifier(small.module, small.card)
    found, reason = controls.find_controls(own, "layer4.2", "gradcam")
    assert reason is None and found.maps.shape == (3, 7, 2, 2)
    assert found.maps[1] == pytest.approx(gradcam_all_classes(small, face.crop)[1][0], abs=1e-5)
    assert controls.find_controls(own, "layer4.2", "gradcam")[0] is found
    for layer, method in (("layer3.5", "gradcam"), (None, "integrated_gradients")):
        none, reason = controls.find_controls(own, layer, method)
        assert none is None and "not there for this layer and method" in reason


def test_without_maps_of_other_faces_nothing_passes(evidence, small, monkeypatch):
    monkeypatch.setattr(face_check, "find_controls", lambda *_: (None, "no samples here"))
    found = check_faithfulness(evidence, small)
    assert all(one.verdict != "pass" for one in found.calibrated.values())
    assert all(not one.others and one.mean_map is None for one in found.calibrated.values())
    assert any("no samples here" in one.beside for one in interpret(found))


def test_the_checks_become_json_without_nan(checks):
    data = json.loads(json.dumps(checks.to_dict(), allow_nan=False))
    assert data["target"] == checks.target and len(data["au_drops"]["rows"]) == 22
    assert data["au_drops"]["rows"][0]["excess_drop"] == checks.au_drops.rows[0].excess_drop
    assert data["calibrated"]["additivity"]["random_last_layers"]["maps"] == HEADS
    assert data["calibrated"]["additivity"]["verdict"] == checks.calibrated["additivity"].verdict
    assert data["params"]["k"] == FusionParams().k and data["overlap"]["published"]["mean"] == 0.27


def test_parameters_change_the_overlap_alone(small, face, others):
    made = evidence_of(face, small, np.random.default_rng(0).random((7, 2, 2)).astype(np.float32))
    checks = check_faithfulness(made, small, target="fear", controls=others)
    params = FusionParams(k=2.0)
    moved = checks.with_params(made, params)
    assert moved.overlap != checks.overlap and moved.params == params
    assert moved == check_faithfulness(made, small, params, "fear", controls=others)
    assert moved.au_drops is checks.au_drops


def test_without_positive_evidence_there_are_reasons(face, small, others):
    maps = np.random.default_rng(1).random((7, 2, 2)).astype(np.float32) - 2
    made = evidence_of(face, small, maps)
    found = check_faithfulness(made, small, target="fear", controls=others)
    reason = "the map has no positive value for fear"
    for name in ("occlusion", "au_agreement", "localisation"):
        assert (found.calibrated[name].value, found.calibrated[name].reason) == (None, reason)
        assert found.calibrated[name].verdict == "inconclusive"
    assert found.calibrated["additivity"].value is not None
    assert found.overlap.iou is None and found.overlap.reason == reason
    assert found.au_drops.of(12).saliency is None and found.au_drops.of(12).prob_drop is not None
    even = check_faithfulness(
        evidence_of(face, small, -np.ones((7, 2, 2), np.float32)), small, controls=others
    )
    assert {one.correlation for one in even.attention} == {None}
    assert 0 <= found.blurred_probability <= 1
    json.dumps(found.to_dict(), allow_nan=False)


def test_neutral_has_no_overlap(evidence, small, others):
    checks = check_faithfulness(evidence, small, target="neutral", controls=others)
    found = checks.overlap
    assert found.iou is found.hit is None and "no AUs for neutral" in found.reason
    assert "no AUs for neutral" in checks.calibrated["localisation"].reason


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
    assert len(found.calibrated["additivity"].random) == HEADS
    # The samples' maps are Grad-CAM of the last block: of this layer there are none.
    assert all(one.others == () for one in found.calibrated.values())
    told = [one.beside for one in interpret(found) if one.title == "Additivity (Sensitivity-n)"]
    assert "not there for this layer and method" in told[0]


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
    assert [one.down_to for one in found.randomised] == [sanity.LAST_LAYER]
    assert all(one.verdict != "pass" for one in found.calibrated.values())
    with pytest.raises(ModelError, match="no class anger"):
        check_faithfulness(evidence_of(face, own, layer="two"), own, target="anger")
