"""Intervals: their numbers where they are known, their units, and when there are none."""

import numpy as np
import pytest
from scipy.stats import binom

from xfera_nb.evaluation.bootstrap import estimate_metrics, resample_sums, sum_units
from xfera_nb.evaluation.metrics import count_faces, metrics_of_sums


def answers(right, wrong):
    """Happy faces, some of them taken for angry ones, all at probability 1."""
    classes = [3] * right + [0] * wrong
    return count_faces(np.full(right + wrong, 3), np.eye(7)[classes])


def test_the_interval_of_a_share_is_the_binomials():
    found = estimate_metrics(answers(60, 40), None, 20_000, 1).accuracy
    low, high = binom(100, 0.6).ppf([0.025, 0.975]) / 100
    assert found.value == 0.6
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.011)


def test_the_same_seed_gives_the_same_numbers():
    rows = answers(6, 4)
    assert estimate_metrics(rows, None, 200, 1) == estimate_metrics(rows, None, 200, 1)
    assert estimate_metrics(rows, None, 200, 1) != estimate_metrics(rows, None, 200, 2)


def test_a_person_is_drawn_with_all_their_photos():
    # Ten persons of ten photos, each all right or all wrong: as uncertain as ten photos.
    rows = np.concatenate([answers(10 * (person < 6), 10 * (person >= 6)) for person in range(10)])
    persons = np.repeat([f"p{person}" for person in range(10)], 10)
    clustered = estimate_metrics(rows, persons, 5000, 0).accuracy
    low, high = binom(10, 0.6).ppf([0.025, 0.975]) / 10
    assert (clustered.low, clustered.high) == pytest.approx((low, high), abs=0.101)
    single = estimate_metrics(rows, None, 5000, 0).accuracy
    assert single.value == clustered.value == 0.6
    assert clustered.high - clustered.low > 2 * (single.high - single.low)


def test_units_are_summed():
    rows = np.arange(8.0).reshape(4, 2)
    assert sum_units(rows, np.array(["b", "a", "b", "c"])).tolist() == [[2, 3], [4, 6], [6, 7]]
    assert sum_units(rows, None) is rows


def test_each_resample_has_as_many_units():
    sums = np.eye(6)
    draws = resample_sums(sums, 300, 0)
    assert draws.shape == (300, 6)
    assert (draws.sum(axis=1) == 6).all() and draws.max() > 1 and draws.min() == 0


def test_no_interval_from_four_photos():
    found = estimate_metrics(answers(2, 2), None, 200, 0).accuracy
    assert (found.value, found.low, found.high) == (0.5, None, None)
    assert "fewer than 5 units" in found.reason


def test_all_right_is_no_interval_of_width_nothing():
    found = estimate_metrics(answers(10, 0), None, 200, 0)
    assert found.accuracy.value == 1 and found.accuracy.low is None
    assert "same in nearly every resample" in found.accuracy.reason
    assert found.recall[3].high is None


def test_a_class_with_one_face_has_no_interval():
    true = np.array([0] + [3] * 19)
    classes = np.array([0] + [3] * 15 + [0] * 4)
    found = estimate_metrics(count_faces(true, np.eye(7)[classes]), None, 2000, 0)
    assert found.recall[0].value == 1 and found.recall[0].low is None
    missing = int(found.recall[0].reason.split("undefined in ")[1].split("%")[0])
    assert missing == pytest.approx(100 * 0.95**20, abs=3)  # the one face is not drawn
    assert found.recall[3].low is not None


def test_undefined_says_why():
    found = estimate_metrics(answers(6, 0), None, 200, 0)
    assert found.precision[1].value is None
    assert found.precision[1].reason == "this class was never predicted"
    assert found.recall[1].reason == "no face has this label"
    nothing = estimate_metrics(answers(0, 0), None, 200, 0)
    assert nothing.accuracy.value is None and nothing.accuracy.reason == "no face"


@pytest.mark.parametrize("gap", [0.0, 0.03, 0.12])
def test_the_interval_of_the_calibration_error_covers(gap):
    """Of 100 simulated sets of 600 faces, at least 90 intervals hold the error of these bins."""
    rng = np.random.default_rng(int(100 * gap))

    def draw(count):
        top = np.clip(rng.beta(4, 1.2, count), 0.15, 0.999)
        probabilities = np.repeat((1 - top)[:, None] / 6, 7, axis=1)
        probabilities[:, 3] = top
        right = rng.random(count) < np.clip(top - gap, 0, 1)
        return count_faces(np.where(right, 3, 0), probabilities)

    true = metrics_of_sums(draw(200_000).sum(axis=0))["ece"]
    found = [estimate_metrics(draw(600), None, 200, seed).ece for seed in range(100)]
    assert sum(one.low <= true <= one.high for one in found) >= 90
    assert np.mean([one.high - one.low for one in found]) < 0.12
    assert all(one.low <= one.value <= one.high for one in found)
