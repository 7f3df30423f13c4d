"""Metrics of a classifier on labelled faces: accuracy, precision, recall, F1, calibration.

All metrics are 0-1 and NaN where undefined: precision of a class that was never predicted, recall
of a class without faces, F1 (2 TP / (2 TP + FP + FN)) where both hold. Macro F1 is the mean over
the classes whose F1 is defined. The predicted class is the first, in the order of `EMOTIONS`, with
the highest probability; a probability of NaN (a class that the network does not know) is never the
highest.

Calibration (Guo, Pleiss, Sun and Weinberger 2017, sections 2 and 4)
    Faces are put in `BINS` equal bins of their highest probability; a bin holds its lower edge, the
    last holds 1 as well. Expected calibration error (ECE): mean distance of a bin's accuracy from
    its mean probability, weighted by the bins' faces. It is biased upwards where bins hold few
    faces (Roelofs, Cain, Shlens and Mozer 2022), and more so in resampled sets.
    The class-wise error (Kull et al. 2019, section 2) is the same of each class's own probability
    against whether the face has that label, and their mean over the classes that the network
    knows.
Sums
    Each face is a row of `WIDTH` numbers: 1 in its cell of the confusion matrix; in its bin
    whether it was right minus its probability; and for each class, in the bin of the class's
    probability, whether it has the label minus that. Every metric follows from the sum of such
    rows, so that a bootstrap resample costs a matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from xfera_nb.classifier.prediction import LEVELS
from xfera_nb.facs.emotions import EMOTIONS

BINS = 15
CLASSES = len(EMOTIONS)
CELLS = CLASSES * CLASSES
CLASS_BINS = CELLS + BINS
"""Where the bins of the classes begin."""
WIDTH = CLASS_BINS + CLASSES * BINS


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Hold one bin of the calibration curve.

    Attributes
    ----------
    low, high : float
        Its edges, 0-1.
    faces : int
    confidence, accuracy : float or None
        Mean highest probability and share of correct predictions; None in an empty bin.
    """

    low: float
    high: float
    faces: int
    confidence: float | None
    accuracy: float | None

    @property
    def gap(self) -> float | None:
        """Return accuracy minus confidence: below 0 is overconfident; None in an empty bin."""
        if self.accuracy is None or self.confidence is None:
            return None
        return self.accuracy - self.confidence


def predict_classes(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the predicted class (N,) int and its probability (N,) of probabilities (N, 7)."""
    known = np.nan_to_num(probabilities.astype(float), nan=-1.0)
    return known.argmax(axis=1), known.max(axis=1)


def assign_bins(confidence: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Return the bin (N,) int of each highest probability (N,)."""
    place: np.ndarray = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    return place


def bin_calibration(
    confidence: np.ndarray, correct: np.ndarray, bins: int = BINS
) -> tuple[CalibrationBin, ...]:
    """Compute the calibration curve, empty bins included.

    Parameters
    ----------
    confidence : ndarray
        (N,) float, highest probability of each face, 0-1.
    correct : ndarray
        (N,) bool.
    bins : int
    """
    place = assign_bins(confidence, bins)
    faces = np.bincount(place, minlength=bins)
    mean_confidence = _divide(np.bincount(place, confidence, bins), faces)
    accuracy = _divide(np.bincount(place, correct, bins), faces)
    return tuple(
        CalibrationBin(
            number / bins,
            (number + 1) / bins,
            int(count),
            float(mean_confidence[number]) if count else None,
            float(accuracy[number]) if count else None,
        )
        for number, count in enumerate(faces)
    )


def count_faces(true: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Turn each face into a row whose sums give all metrics.

    Parameters
    ----------
    true : ndarray
        (N,) int, index of the label in `EMOTIONS`.
    probabilities : ndarray
        (N, 7) float, NaN for classes that the network does not know.

    Returns
    -------
    ndarray
        (N, `WIDTH`) float64.
    """
    predicted, confidence = predict_classes(probabilities)
    rows = np.zeros((len(true), WIDTH))
    face = np.arange(len(true))
    rows[face, true * CLASSES + predicted] = 1
    rows[face, CELLS + assign_bins(confidence)] = (predicted == true) - confidence
    for number in range(CLASSES):
        share = probabilities[:, number].astype(float)
        place = CLASS_BINS + number * BINS + assign_bins(np.nan_to_num(share))
        rows[face, place] = (true == number) - share  # NaN for a class that the network lacks
    return rows


def confusion_of_sums(sums: np.ndarray) -> np.ndarray:
    """Return the confusion (..., 7, 7) of sums (..., `WIDTH`), true classes in rows."""
    return sums[..., :CELLS].reshape(*sums.shape[:-1], CLASSES, CLASSES)


def metrics_of_sums(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the metrics of each set of faces.

    Parameters
    ----------
    sums : ndarray
        (..., `WIDTH`) float, sums of rows of `count_faces`.

    Returns
    -------
    dict
        `accuracy`, `macro_f1`, `ece`, `classwise_ece` (...), and `precision`, `recall`, `f1`,
        `class_ece` (..., 7).
    """
    confusion = confusion_of_sums(sums)
    correct = np.diagonal(confusion, axis1=-2, axis2=-1)
    labelled, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    faces = labelled.sum(axis=-1)
    f1 = _divide(2 * correct, labelled + predicted)
    defined = ~np.isnan(f1)
    class_ece = class_gaps(sums).sum(axis=-1)
    known = ~np.isnan(class_ece)
    return {
        "accuracy": _divide(correct.sum(axis=-1), faces),
        "macro_f1": _divide(np.where(defined, f1, 0).sum(axis=-1), defined.sum(axis=-1)),
        "ece": _divide(np.abs(sums[..., CELLS:CLASS_BINS]).sum(axis=-1), faces),
        "class_ece": class_ece,
        "classwise_ece": _divide(np.where(known, class_ece, 0).sum(axis=-1), known.sum(axis=-1)),
        "precision": _divide(correct, predicted),
        "recall": _divide(correct, labelled),
        "f1": f1,
    }


def class_gaps(sums: np.ndarray) -> np.ndarray:
    """Return the size of each class's gap in each bin, (..., 7, `BINS`), weighted by faces."""
    faces = sums[..., :CELLS].sum(axis=-1)[..., None, None]
    off = sums[..., CLASS_BINS:].reshape(*sums.shape[:-1], CLASSES, BINS)
    gaps: np.ndarray = np.abs(_divide(off, np.broadcast_to(faces, off.shape)))
    return gaps


def measure_levels(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, dict[str, Any]]:
    """Measure how often the prediction is right at each confidence level.

    Parameters
    ----------
    probabilities : ndarray
        (N, 7) float, NaN for classes that the network does not know.
    labels : ndarray
        (N,) int.

    Returns
    -------
    dict
        "High", "Medium" and "Low" to `least` (the level's least probability), `images` and
        `accuracy`; JSON-able, undefined is None.
    """
    predicted, confidence = predict_classes(probabilities)
    levels, most = {}, np.inf
    for name, least in LEVELS.items():
        chosen = (confidence >= least) & (confidence < most)
        right = float((predicted == labels)[chosen].mean()) if chosen.any() else np.nan
        levels[name] = {
            "least": least, "images": int(chosen.sum()), "accuracy": _rounded(right),
        }  # fmt: skip
        most = least
    return levels


def classification_metrics(
    logits: np.ndarray, labels: np.ndarray, temperature: float
) -> dict[str, Any]:
    """Compute the metrics that a weights card holds, as the XFERa paper's Table 1 lays them out.

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
        `images`, `accuracy`, `macro_f1`, `ece`, `ece_uncalibrated` (T = 1), `classwise_ece`,
        `levels` (as `measure_levels` returns them), `per_class` (emotion to precision, recall, f1,
        ece, support), `confusion`; JSON-able, undefined is None.
    """
    probabilities = softmax(logits.astype(float) / temperature, axis=1)
    sums = count_faces(labels, probabilities).sum(axis=0)
    found = metrics_of_sums(sums)
    confusion = confusion_of_sums(sums).astype(int)
    return {
        "images": len(labels),
        "accuracy": _rounded(found["accuracy"]),
        "macro_f1": _rounded(found["macro_f1"]),
        "ece": _rounded(found["ece"]),
        "ece_uncalibrated": _rounded(expected_calibration_error(logits, labels)),
        "classwise_ece": _rounded(found["classwise_ece"]),
        "levels": measure_levels(probabilities, labels),
        "per_class": {
            emotion: {
                **{name: _rounded(found[name][row]) for name in ("precision", "recall", "f1")},
                "ece": _rounded(found["class_ece"][row]),
                "support": int(confusion[row].sum()),
            }
            for row, emotion in enumerate(EMOTIONS)
        },
        "confusion": confusion.tolist(),
    }


def expected_calibration_error(logits: np.ndarray, labels: np.ndarray) -> float:
    """Compute the expected calibration error, 0-1; NaN for no faces.

    Parameters
    ----------
    logits : ndarray
        (N, 7) float, already divided by the temperature.
    labels : ndarray
        (N,) int.
    """
    rows = count_faces(labels, softmax(logits.astype(float), axis=1))
    return float(metrics_of_sums(rows.sum(axis=0))["ece"])


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Fit the temperature, 0.05 to 20, that makes the labels most likely.

    Parameters
    ----------
    logits : ndarray
        (N, 7) float, of a set that is not the test set.
    labels : ndarray
        (N,) int.
    """
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = logits.astype(float) / np.exp(log_temperature)
        return float(-log_softmax(scaled, axis=1)[rows, labels].mean())

    found = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded")
    return float(np.exp(found.x))


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return ``above / below``, NaN where `below` is 0."""
    above, below = np.asarray(above, float), np.asarray(below, float)
    found = np.full(below.shape, np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def _rounded(value: float | np.ndarray) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
