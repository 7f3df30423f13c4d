"""How good a classifier is on labelled faces: the figures that its card holds.

- Accuracy, and per class precision, recall and F1 (0-1) with the number of faces, as the XFERa
  paper's Table 1 lays them out; macro F1 is their plain mean. Undefined is None: a precision where
  the class was never predicted, a recall where no face has it.
- Confusion: rows are the true classes, columns the predicted ones, both in the order of EMOTIONS.
- Expected calibration error (Guo et al. 2017): faces in `BINS` equal bins of the highest
  probability; the mean distance of a bin's accuracy from its mean probability, weighted by size.
- Temperature (Guo et al. 2017): the T that makes softmax(logits / T) likeliest on a set that is
  not the test set.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import confusion_matrix

from xfera_nb.evaluation.calibration import BINS, gaps
from xfera_nb.evaluation.measures import ratio
from xfera_nb.facs.emotions import EMOTIONS


def classification_figures(
    logits: np.ndarray, labels: np.ndarray, temperature: float
) -> dict[str, Any]:
    """The figures of some predictions.

    Parameters
    ----------
    logits : ndarray
        (N, 7) float.
    labels : ndarray
        (N,) int, the true class of each face.
    temperature : float
        Divides the logits; only the calibration error depends on it.

    Returns
    -------
    dict
        `images`, `accuracy`, `macro_f1`, `ece` and `ece_uncalibrated` (T = 1), `per_class`
        (emotion to precision, recall, f1, support), `confusion`; as JSON takes it.
    """
    predicted = logits.argmax(axis=1)
    confusion = confusion_matrix(labels, predicted, labels=range(len(EMOTIONS)))
    right = np.diag(confusion).astype(float)
    precision = ratio(right, confusion.sum(axis=0))
    recall = ratio(right, confusion.sum(axis=1))
    # 2 TP / (2 TP + FP + FN): defined as soon as a class is there or is predicted.
    f1 = ratio(2 * right, confusion.sum(axis=0) + confusion.sum(axis=1))
    return {
        "images": len(labels),
        "accuracy": _round(float((predicted == labels).mean())),
        "macro_f1": _round(float(np.nanmean(f1))),
        "ece": _round(expected_calibration_error(logits / temperature, labels)),
        "ece_uncalibrated": _round(expected_calibration_error(logits, labels)),
        "per_class": {
            emotion: {
                "precision": _round(precision[row]),
                "recall": _round(recall[row]),
                "f1": _round(f1[row]),
                "support": int(confusion[row].sum()),
            }
            for row, emotion in enumerate(EMOTIONS)
        },
        "confusion": confusion.tolist(),
    }


def expected_calibration_error(logits: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error, 0-1; NaN for no faces.

    Parameters
    ----------
    logits : ndarray
        (N, 7) float, divided by the temperature already.
    labels : ndarray
        (N,) int.
    bins : int
    """
    if not len(labels):
        return float("nan")
    probabilities = softmax(logits.astype(float), axis=1)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    return float(np.abs(gaps(confidence, right, bins)).sum() / len(labels))


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature, 0.05 to 20, that makes some labels likeliest.

    Parameters
    ----------
    logits : ndarray
        (N, 7) float.
    labels : ndarray
        (N,) int.
    """
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = logits.astype(float) / np.exp(log_temperature)
        return float(-log_softmax(scaled, axis=1)[rows, labels].mean())

    found = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded")
    return float(np.exp(found.x))


def _round(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
