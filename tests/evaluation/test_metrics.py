"""Figures from sums over photos, held against hand-worked numbers and scikit-learn."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_fscore_support

from xfera_nb.evaluation.metrics import (
    BINS,
    WIDTH,
    assign_bins,
    bin_calibration,
    confusion_of_sums,
    count_faces,
    measure_levels,
    metrics_of_sums,
)


def drawn(count=400, seed=0):
    draw = np.random.default_rng(seed)
    probabilities = draw.dirichlet(np.full(7, 0.4), count).astype(np.float32)
    guess = draw.random(count) < 0.7
    true = np.where(guess, probabilities.argmax(axis=1), draw.integers(0, 7, count))
    return true, probabilities


def one_hot(classes, height):
    values = np.full((len(classes), 7), (1 - height) / 6)
    values[np.arange(len(classes)), classes] = height
    return values


def test_figures_by_hand():
    # True anger, anger, anger, fear; predicted anger, anger, fear, surprise, each at 0.7.
    rows = count_faces(np.array([0, 0, 0, 2]), one_hot([0, 0, 2, 6], 0.7))
    assert rows.shape == (4, WIDTH)
    figures = metrics_of_sums(rows.sum(axis=0))
    assert figures["accuracy"] == 0.5
    assert figures["precision"][[0, 2, 6]].tolist() == [1, 0, 0]
    assert np.isnan(figures["precision"][[1, 3, 4, 5]]).all()
    assert figures["recall"][0] == pytest.approx(2 / 3) and np.isnan(figures["recall"][6])
    assert figures["f1"][[0, 2, 6]].tolist() == pytest.approx([0.8, 0, 0])
    assert figures["macro_f1"] == pytest.approx(0.8 / 3)
    assert figures["ece"] == pytest.approx(0.2)  # half right at 0.7


def test_metrics_agree_with_scikit_learn():
    true, probabilities = drawn()
    figures = metrics_of_sums(count_faces(true, probabilities).sum(axis=0))
    theirs = precision_recall_fscore_support(true, probabilities.argmax(axis=1), zero_division=0)
    for name, values in zip(("precision", "recall", "f1"), theirs[:3], strict=True):
        assert figures[name] == pytest.approx(values)
    assert figures["macro_f1"] == pytest.approx(theirs[2].mean())


def test_many_sets_at_once_are_each_alone():
    true, probabilities = drawn(60)
    rows = count_faces(true, probabilities)
    parts = np.stack([rows[:20].sum(axis=0), rows[20:].sum(axis=0)])
    together = metrics_of_sums(parts)
    for place, part in enumerate(parts):
        for name, value in metrics_of_sums(part).items():
            assert together[name][place] == pytest.approx(value, nan_ok=True)
    assert confusion_of_sums(parts).sum() == 60


def test_a_class_that_the_network_does_not_know_is_never_the_answer():
    probabilities = np.array([[np.nan, 0.1, np.nan, 0.6, 0.1, 0.1, 0.1]])
    rows = count_faces(np.array([0]), probabilities)
    assert confusion_of_sums(rows[0])[0, 3] == 1
    assert metrics_of_sums(rows[0])["ece"] == pytest.approx(0.6)


def test_no_photos_have_no_figures():
    figures = metrics_of_sums(count_faces(np.empty(0, int), np.empty((0, 7))).sum(axis=0))
    assert all(np.isnan(values).all() for values in figures.values())


def test_bins_hold_their_lower_edge_and_the_last_holds_one():
    assert assign_bins(np.array([0.0, 0.0999, 0.1, 0.95, 1.0]), 10).tolist() == [0, 0, 1, 9, 9]


def test_the_calibration_curve_is_scikit_learns():
    true, probabilities = drawn()
    confidence = probabilities.max(axis=1).astype(float)
    right = probabilities.argmax(axis=1) == true
    bins = [one for one in bin_calibration(confidence, right) if one.faces]
    share, mean = calibration_curve(right, confidence, n_bins=BINS)
    assert [one.accuracy for one in bins] == pytest.approx(share)
    assert [one.confidence for one in bins] == pytest.approx(mean)
    error = sum(one.faces * abs(one.gap) for one in bins) / len(true)
    ece = metrics_of_sums(count_faces(true, probabilities).sum(axis=0))["ece"]
    assert ece == pytest.approx(error)


def test_an_empty_bin_has_no_accuracy():
    first, last = bin_calibration(np.array([0.9, 0.7]), np.array([True, False]), 2)
    assert (first.faces, first.confidence, first.accuracy, first.gap) == (0, None, None, None)
    assert (last.faces, last.accuracy) == (2, 0.5)
    assert last.gap == pytest.approx(-0.3)


def test_the_classwise_error_is_each_classes_own_and_levels_are_by_hand():
    true = np.array([0, 0, 3, 3])
    probabilities = np.array([[0.8, 0, 0, 0.2, 0, 0, 0]] * 2 + [[0.5, 0, 0, 0.5, 0, 0, 0]] * 2)
    found = metrics_of_sums(count_faces(true, probabilities).sum(axis=0))
    assert found["class_ece"][0] == pytest.approx((2 * 0.2 + 2 * 0.5) / 4)
    assert found["class_ece"][3] == pytest.approx((2 * 0.2 + 2 * 0.5) / 4)
    assert found["classwise_ece"] == pytest.approx(2 * 0.35 / 7)
    levels = measure_levels(probabilities, true)
    assert levels["High"] == {"least": 0.75, "images": 2, "accuracy": 1.0}
    assert levels["Medium"] == {"least": 0.45, "images": 2, "accuracy": 0.0}
    assert levels["Low"] == {"least": 0.0, "images": 0, "accuracy": None}


def test_a_class_without_a_probability_has_no_calibration_error():
    probabilities = np.array([[0.8, 0.2, 0, 0, 0, 0, np.nan]] * 3)
    found = metrics_of_sums(count_faces(np.zeros(3, int), probabilities).sum(axis=0))
    assert np.isnan(found["class_ece"][6])
    assert found["classwise_ece"] == pytest.approx((0.2 + 0.2) / 6)


def test_the_errors_are_torchmetrics():
    import torch
    from torchmetrics import classification

    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(7), 500)
    true = rng.integers(0, 7, 500)
    found = metrics_of_sums(count_faces(true, probabilities).sum(axis=0))
    given = torch.tensor(probabilities), torch.tensor(true)
    theirs = classification.MulticlassCalibrationError(7, n_bins=BINS, norm="l1")(*given)
    assert found["ece"] == pytest.approx(float(theirs), abs=1e-5)
    for number in range(7):
        binary = classification.BinaryCalibrationError(n_bins=BINS, norm="l1")
        own = binary(given[0][:, number], (given[1] == number).int())
        assert found["class_ece"][number] == pytest.approx(float(own), abs=1e-5)
