"""Whether a classifier's probabilities can be taken at their word.

- Faces are put in `BINS` equal bins of their highest probability, 0-1. A bin holds its lower edge
  and not its upper one; the last holds 1 as well.
- A bin's gap is its accuracy minus its mean probability: below 0 the classifier was too sure.
- Expected calibration error (ECE): the mean of the gaps' sizes, weighted by the bins' faces. It is
  biased upwards where bins hold few faces (Roelofs, Cain, Shlens and Mozer 2022), so the ECE of a
  small set is an upper guess, and a resampled one lies higher still.

Source: Guo, Pleiss, Sun and Weinberger (2017), On calibration of modern neural networks, sections
2 and 4. Empty bins have no accuracy (None) and weigh nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 15


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """One bin of the calibration curve.

    Attributes
    ----------
    low, high : float
        Its edges, 0-1.
    faces : int
    confidence, accuracy : float or None
        Mean highest probability and share of right answers; None in an empty bin.
    """

    low: float
    high: float
    faces: int
    confidence: float | None
    accuracy: float | None

    @property
    def gap(self) -> float | None:
        """Accuracy minus confidence; None in an empty bin."""
        if self.accuracy is None or self.confidence is None:
            return None
        return self.accuracy - self.confidence


def bin_of(confidence: np.ndarray, bins: int = BINS) -> np.ndarray:
    """(N,) int, the bin of each highest probability (N,)."""
    place: np.ndarray = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    return place


def gaps(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> np.ndarray:
    """(bins,) float: right answers minus the sum of probabilities, of each bin."""
    place = bin_of(confidence, bins)
    found: np.ndarray = np.bincount(place, right, bins) - np.bincount(place, confidence, bins)
    return found


def calibration_bins(
    confidence: np.ndarray, right: np.ndarray, bins: int = BINS
) -> tuple[CalibrationBin, ...]:
    """The calibration curve.

    Parameters
    ----------
    confidence : ndarray
        (N,) float, highest probability of each face, 0-1.
    right : ndarray
        (N,) bool, whether the answer was right.
    bins : int
    """
    place = bin_of(confidence, bins)
    faces = np.bincount(place, minlength=bins)
    sums = np.bincount(place, confidence, bins), np.bincount(place, right, bins)
    return tuple(
        CalibrationBin(
            number / bins,
            (number + 1) / bins,
            int(count),
            float(sums[0][number] / count) if count else None,
            float(sums[1][number] / count) if count else None,
        )
        for number, count in enumerate(faces)
    )
