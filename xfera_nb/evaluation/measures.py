"""Figures of many sets of predictions at once, from sums over photos.

Each photo is a row of `WIDTH` numbers: one in its cell of the confusion matrix (true class times
seven plus predicted class), then in the bin of its probability (see `calibration`) whether it was
right minus that probability. Every figure here follows from the sums of such rows, so that a
resampled set costs a product of matrices and not a pass over its photos.

All figures are 0-1 and NaN where undefined:
    precision where no face got that answer; recall where no face has that label; F1 (2 TP / (2 TP +
    FP + FN)) where neither. Macro F1 is the plain mean over the classes whose F1 is defined, as
    scikit-learn's over the labels that occur. The predicted class is the first, in the order of
    `EMOTIONS`, of those with the highest probability; a probability of NaN (a class that the
    network does not know) is never the highest.
"""

from __future__ import annotations

import numpy as np

from xfera_nb.evaluation.calibration import BINS, bin_of
from xfera_nb.facs.emotions import EMOTIONS

CLASSES = len(EMOTIONS)
CELLS = CLASSES * CLASSES
WIDTH = CELLS + BINS


def answers(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predicted class (N,) int and its probability (N,) float64 of probabilities (N, 7)."""
    known = np.nan_to_num(probabilities.astype(float), nan=-1.0)
    return known.argmax(axis=1), known.max(axis=1)


def photo_rows(true: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """One row a photo.

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
    predicted, confidence = answers(probabilities)
    rows = np.zeros((len(true), WIDTH))
    photo = np.arange(len(true))
    rows[photo, true * CLASSES + predicted] = 1
    rows[photo, CELLS + bin_of(confidence)] = (predicted == true) - confidence
    return rows


def confusion_of(sums: np.ndarray) -> np.ndarray:
    """(..., 7, 7) confusion of sums (..., `WIDTH`): true classes in rows, predicted in columns."""
    return sums[..., :CELLS].reshape(*sums.shape[:-1], CLASSES, CLASSES)


def figures_of(sums: np.ndarray) -> dict[str, np.ndarray]:
    """The figures of each set.

    Parameters
    ----------
    sums : ndarray
        (..., `WIDTH`) float, sums of rows of `photo_rows`.

    Returns
    -------
    dict
        `accuracy`, `macro_f1`, `ece` (...), and `precision`, `recall`, `f1` (..., 7).
    """
    confusion = confusion_of(sums)
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    labelled, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    faces = labelled.sum(axis=-1)
    f1 = ratio(2 * right, labelled + predicted)
    defined = ~np.isnan(f1)
    return {
        "accuracy": ratio(right.sum(axis=-1), faces),
        "macro_f1": ratio(np.where(defined, f1, 0).sum(axis=-1), defined.sum(axis=-1)),
        "ece": ratio(np.abs(sums[..., CELLS:]).sum(axis=-1), faces),
        "precision": ratio(right, predicted),
        "recall": ratio(right, labelled),
        "f1": f1,
    }


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """``above / below``, NaN where `below` is 0."""
    above, below = np.asarray(above, float), np.asarray(below, float)
    found = np.full(below.shape, np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found
