"""Verdicts beside maps that explain nothing, and the maps that serve as controls."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from xfera_nb.classifier import load_classifier
from xfera_nb.classifier.checkpoint import SHIPPED
from xfera_nb.datasets import SAMPLES, sample
from xfera_nb.errors import ModelError
from xfera_nb.evaluation.faithfulness import CHECKS, ControlMaps, calibrate, make_controls
from xfera_nb.evaluation.faithfulness.calibration import FAIL, HEADS, INCONCLUSIVE, PASS
from xfera_nb.evaluation.faithfulness.controls import read_controls, write_controls
from xfera_nb.evaluation.faithfulness.hiding import average_to, plan_hiding
from xfera_nb.evaluation.faithfulness.interpretation import TITLES, describe_controls
from xfera_nb.evaluation.faithfulness.measures import (
    HiddenFace,
    measure_heat,
    measure_maps,
    measure_shares,
)
from xfera_nb.evaluation.faithfulness.paired_tests import compute_p_value, correct
from xfera_nb.evaluation.faithfulness.randomisation import draw_head_maps
from xfera_nb.faces import find_faces
from xfera_nb.faces.regions import face_region_masks
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import Heatmap

LOW = np.linspace(0, 0.9, 99)
NOTHING = [np.nan, np.nan]


@pytest.fixture(scope="module")
def face(request):
    return find_faces(request.config.rootpath / "data" / "samples" / "C01HA.jpg")[0]


# Verdicts


@pytest.mark.parametrize(
    ("value", "random", "others", "means", "verdict"),
    [
        (0.95, LOW, LOW, [0.5, 0.5], PASS),
        (0.44, LOW, LOW, [0.1, 0.1], FAIL),
        (0.46, LOW, LOW, [0.1, 0.1], INCONCLUSIVE),
        (0.95, LOW, LOW + 0.5, [0.5, 0.5], INCONCLUSIVE),  # half of the other faces beat it
        (0.95, LOW, LOW, [0.96, 0.5], INCONCLUSIVE),  # the mean map beats it
        (0.95, LOW, LOW, [0.5, 0.95], INCONCLUSIVE),  # the class's mean map is as good
        (0.95, LOW, LOW, [0.5, np.nan], PASS),  # no other face of this class
        (0.95, LOW, np.array([]), NOTHING, INCONCLUSIVE),  # no maps of other faces
        (0.95, LOW, LOW[:18], [0.5, 0.5], INCONCLUSIVE),  # too few to tell one in twenty
        (0.95, LOW, LOW[:19], [0.5, 0.5], PASS),
        (np.nan, LOW, LOW, [0.5, 0.5], INCONCLUSIVE),
        (0.95, np.full(99, np.nan), LOW, [0.5, 0.5], INCONCLUSIVE),
    ],
)
def test_a_map_passes_above_its_controls_only(value, random, others, means, verdict):
    assert calibrate(value, random, others, means).verdict == verdict


def test_the_limit_is_one_in_twenty():
    values = np.arange(99.0)
    assert calibrate(94.5, values, values, [0, 0]).verdict == PASS  # 4 of 99 are as high: 5 in 100
    one = calibrate(93.5, values, values, [0, 0])
    assert one.verdict == INCONCLUSIVE and one.random_share == 0.06


def test_maps_that_explain_nothing_pass_one_time_in_twenty():
    """Whatever their distribution: the map's figure is one more draw from it."""
    rng = np.random.default_rng(0)
    draws = rng.standard_normal((4000, 1 + HEADS)) ** 3
    passed = [calibrate(x[0], x[1:], np.full(19, -99.0), [-99, -99]).verdict == PASS for x in draws]
    assert 0.04 <= np.mean(passed) <= 0.06


def test_controls_are_described_beside_the_figure():
    one = calibrate(0.7, LOW, LOW[:20], [0.25, np.nan])
    said = describe_controls("additivity", one)
    assert said.startswith("99 random last layers: median +0.45, 95 % below +0.85; 20 other faces")
    assert said.endswith("mean map +0.25") and set(CHECKS) <= set(TITLES)
    data = one.to_dict()
    assert data["random_last_layers"] == {
        "maps": 99, "median": pytest.approx(0.45), "quantile_95": pytest.approx(0.855, abs=1e-6),
    }  # fmt: skip


# Figures


def test_figures_are_one_for_a_map_that_is_the_cost_and_minus_one_for_its_reverse(face):
    """A network whose logit is a sum over cells: hiding costs what the map holds there."""
    plan = plan_hiding(face.crop_landmarks)
    rng = np.random.default_rng(0)
    cells = rng.random((7, 7))
    weights = np.concatenate([average_to(plan.blurred, (7, 7)), average_to(plan.imputed, (7, 7))])
    falls = (weights * cells).sum(axis=(1, 2))
    drops = falls.copy()
    drops[plan.features] = measure_shares(cells[None], plan.face_regions)[0]
    drops[plan.aus] = measure_heat(cells[None], [one.mask for one in plan.au_regions])[0]
    drops[plan.random] = 0.1
    drops[plan.random][plan.areas.size :] = 0
    expected = face_region_masks(face.crop_landmarks)[4]
    hidden = HiddenFace(plan, falls, drops, expected)
    found = measure_maps(hidden, np.stack([cells, 3 * cells, -cells, np.ones((7, 7))]))
    assert set(found) == set(CHECKS)
    for name in ("additivity", "blurred_sets", "imputed_sets"):
        assert found[name][:3] == pytest.approx([1, 1, -1])
    assert found["occlusion"][:2] == pytest.approx([1, 1])
    assert found["localisation"][0] == pytest.approx(found["localisation"][1])
    assert found["localisation"][3] == pytest.approx(expected.mean())
    # A map with nothing positive has no share, one without a shape no correlation over sets.
    assert np.isnan([found["occlusion"][2], found["localisation"][2]]).all()
    nan = measure_maps(hidden, np.full((1, 7, 7), np.nan))
    assert all(np.isnan(values).all() for values in nan.values())
    nowhere = HiddenFace(plan, falls, drops, None)
    assert np.isnan(measure_maps(nowhere, cells[None])["localisation"]).all()


def test_shares_and_heat_are_those_of_the_resized_map(face):
    masks = face_region_masks(face.crop_landmarks)
    values = np.random.default_rng(0).standard_normal((3, 7, 5))
    for one, shares, heat in zip(
        values, measure_shares(values, masks), measure_heat(values, list(masks)), strict=True
    ):
        whole = Heatmap(one, "fear", None, "gradcam").upsampled()
        assert shares == pytest.approx([whole[m].sum() / whole.sum() for m in masks], rel=1e-5)
        assert heat == pytest.approx([whole[m].mean() for m in masks], rel=1e-5)


# Controls


def test_random_heads_are_maps_of_random_last_layers():
    activations = np.random.default_rng(0).random((16, 7, 7))
    found = draw_head_maps(activations, 3, np.random.default_rng(5))
    weights = np.random.default_rng(5).standard_normal((3, 16))
    assert found[1] == pytest.approx((weights[1][:, None, None] * activations).sum(axis=0))


@pytest.fixture
def controls():
    maps = np.random.default_rng(0).standard_normal((5, 7, 7, 7)).astype(np.float32)
    return ControlMaps(maps, np.array([3, 3, 0, 3, 0]), "layer4.2", "gradcam", "5eed")


def test_means_are_of_each_faces_own_class(controls):
    own = np.stack([controls.maps[i, c] for i, c in enumerate(controls.predicted)])
    assert np.array_equal(controls.own, own)
    mean, happy = controls.means(3)
    assert mean == pytest.approx(own.mean(axis=0), abs=1e-6)
    assert happy == pytest.approx(own[[0, 1, 3]].mean(axis=0), abs=1e-6)
    assert np.isnan(controls.means(6)[1]).all()


def test_the_face_itself_is_no_control(controls):
    nearly = controls.maps[1] * (1 + 1e-5)
    rest = controls.without(nearly)
    assert rest.predicted.tolist() == [3, 0, 3, 0]
    assert len(controls.without(controls.maps[1] + 0.5).predicted) == 5
    assert controls.without(np.zeros((7, 2, 2))) is controls


def test_controls_are_written_and_read(controls, tmp_path):
    write_controls(controls, tmp_path / "maps.safetensors")
    found = read_controls(tmp_path / "maps.safetensors")
    assert np.array_equal(found.maps, controls.maps)
    assert (found.layer, found.method, found.sha256) == ("layer4.2", "gradcam", "5eed")
    assert read_controls(tmp_path / "none.safetensors") is None
    (tmp_path / "bad.safetensors").write_bytes(b"no maps")
    with pytest.raises(ModelError, match="damaged"):
        read_controls(tmp_path / "bad.safetensors")


def test_the_shipped_controls_are_the_samples_under_the_shipped_weights():
    """After the weights have changed: python benchmarks/checks.py --make-controls"""
    torch.set_num_threads(1)
    classifier, shipped = load_classifier(SHIPPED), read_controls()
    assert shipped.sha256 == classifier.describe()["sha256"] and len(shipped.maps) == len(SAMPLES)
    for place in (3, 44):
        code = sorted(SAMPLES)[place]
        measured = make_controls(classifier, find_faces(sample(code)))
        assert measured.maps[0] == pytest.approx(shipped.maps[place], abs=1e-3)
        assert measured.predicted[0] == shipped.predicted[place] < len(EMOTIONS)


# Many faces


def test_the_map_must_beat_every_control():
    rng = np.random.default_rng(0)
    better, same = rng.normal(1, 0.5, 30), rng.normal(0, 0.1, 30) - 0.02
    p, reason = compute_p_value([better, better + 1], None)
    assert p < 1e-6 and reason is None
    assert compute_p_value([better, same], None)[0] > 0.05
    assert compute_p_value([better, np.zeros(30)], None)[0] == 1.0
    assert compute_p_value([better[:4]], None) == (None, "fewer than 5 to test")


def test_faces_of_one_person_count_once():
    values = np.repeat([1.0, 2.0, 3.0, -0.5], 20)
    persons = np.repeat(["a", "b", "c", "d"], 20)
    assert compute_p_value([values], None)[0] < 0.001
    assert compute_p_value([values], persons) == (None, "fewer than 5 to test")


def test_p_values_are_corrected_for_the_number_of_checks():
    assert correct([0.01, None, 0.04, 0.03]) == [
        pytest.approx(0.03), None, pytest.approx(0.06), pytest.approx(0.06),
    ]  # fmt: skip
    assert correct([None]) == [None]
