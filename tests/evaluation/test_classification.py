"""Figures worked by hand on a few predictions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xfera_nb.evaluation import (
    classification_metrics,
    expected_calibration_error,
    fit_temperature,
)


def logits_for(classes, height=4.0):
    return np.eye(7)[classes] * height


def test_precision_recall_f1_and_confusion_by_hand():
    # True anger, anger, anger, fear; predicted anger, anger, fear, surprise.
    figures = classification_metrics(logits_for([0, 0, 2, 6]), np.array([0, 0, 0, 2]), 1.0)
    assert figures["accuracy"] == 0.5
    anger, fear, surprise = (figures["per_class"][e] for e in ("anger", "fear", "surprise"))
    assert all(0 < row.pop("ece") < 1 for row in figures["per_class"].values())
    assert anger == {"precision": 1.0, "recall": 0.6667, "f1": 0.8, "support": 3}
    assert fear == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}
    assert surprise == {"precision": 0.0, "recall": None, "f1": 0.0, "support": 0}
    assert figures["per_class"]["neutral"] == {
        "precision": None,
        "recall": None,
        "f1": None,
        "support": 0,
    }
    assert figures["macro_f1"] == pytest.approx(0.8 / 3, abs=1e-4)
    assert figures["confusion"][0] == [2, 0, 1, 0, 0, 0, 0]
    assert figures["confusion"][2] == [0, 0, 0, 0, 0, 0, 1]


def test_calibration_error_by_hand():
    # Two faces at p = 0.6 (one right), two at p = 0.9 (both right): bins 9 and 13 of 15.
    def at(p):
        return np.log(np.r_[p, np.full(6, (1 - p) / 6)])

    logits = np.stack([at(0.6), at(0.6), at(0.9), at(0.9)])
    error = expected_calibration_error(logits, np.array([0, 1, 0, 0]))
    assert error == pytest.approx((2 * 0.1 + 2 * 0.1) / 4)
    assert np.isnan(expected_calibration_error(np.empty((0, 7)), np.empty(0, int)))


def test_temperature_is_found():
    draw = np.random.default_rng(0)
    true = draw.normal(size=(20_000, 7)) * 2
    labels = (true + draw.gumbel(size=true.shape)).argmax(axis=1)
    assert fit_temperature(true * 3, labels) == pytest.approx(3, rel=0.05)
    before = expected_calibration_error(true * 3, labels)
    assert expected_calibration_error(true, labels) < before / 5


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40))
def test_confusion_adds_up(pairs):
    predicted, labels = np.array(pairs).T
    figures = classification_metrics(logits_for(predicted), labels, 1.0)
    confusion = np.array(figures["confusion"])
    assert confusion.sum() == len(pairs) == figures["images"]
    assert np.trace(confusion) / len(pairs) == pytest.approx(figures["accuracy"], abs=1e-4)
