"""Bootstrap intervals: how far the figures would vary with other photos of the same kind.

Percentile intervals (Efron and Tibshirani 1993, chapter 13), by `scipy.stats.bootstrap`, seeded.
A *unit* is drawn with replacement: a photo, or, where the store knows whose face it is, a person
with all their photos (cluster bootstrap: Field and Welsh 2007). Photos of one person are not
independent, and a data set in which each person shows each emotion once has the same share of every
emotion in any draw of persons, but not in a draw of photos.

Calibration errors
    Resampled sets have larger calibration errors, so that a percentile interval of one covers
    next to never. Its lower end is the error less the 97.5 % quantile of the weighted mean
    distance between the resample's gaps and the set's, which bounds how far the error can be off
    (the triangle inequality), and not below 0; its upper end is the error reflected at the 0.5 %
    quantile of the resampled errors (the basic interval), and not below the error. In
    simulations it covers the error of the same bins in at least 95 % (`tests/evaluation`).

When there is no interval (None, with the reason)
    Fewer than five units. A figure that is undefined in more than 5 % of the resamples, such as the
    recall of a class with two faces. A figure that is the same in every resample, such as 10 of 10
    right: its interval would have no width, which is not what is known about it.

An interval says what other draws of such units would give. It knows nothing of other cameras,
other countries, or wrong labels. With fewer than some twenty persons it is too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import bootstrap

from xfera_nb.evaluation.metrics import CELLS, CLASS_BINS, CLASSES, WIDTH, metrics_of_sums

RESAMPLES = 2000
CONFIDENCE = 0.95
MAX_UNDEFINED = 0.05
"""Share of the resamples in which a figure with an interval may be undefined."""
MIN_UNITS = 5
FEW_PERSONS = 20
_BATCH_NUMBERS = 4_000_000  # numbers drawn in one batch

UNDEFINED = {
    "precision": "this class was never predicted",
    "recall": "no face has this label",
    "f1": "no face has this label, and it was never predicted",
    "class_ece": "the network does not know this class",
}
_NO_FACES = "no face"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold a figure with its interval.

    Attributes
    ----------
    value : float or None
        0-1.
    low, high : float or None
        Ends of the 95 % interval.
    reason : str or None
        Why the value, or the interval, is not defined.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as JSON-able values."""
        return {"value": self.value, "low": self.low, "high": self.high, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class EstimatedMetrics:
    """Hold the estimated metrics of a set of photos.

    Attributes
    ----------
    accuracy, macro_f1, ece, classwise_ece : Estimate
    precision, recall, f1, class_ece : tuple of Estimate
        For each of `EMOTIONS`.
    """

    accuracy: Estimate
    macro_f1: Estimate
    ece: Estimate
    classwise_ece: Estimate
    precision: tuple[Estimate, ...]
    recall: tuple[Estimate, ...]
    f1: tuple[Estimate, ...]
    class_ece: tuple[Estimate, ...]


def sum_units(rows: np.ndarray, units: np.ndarray | None) -> np.ndarray:
    """Sum rows by unit.

    Parameters
    ----------
    rows : ndarray
        (N, W), one a photo.
    units : ndarray or None
        (N,) the unit of each photo; None if each is its own.

    Returns
    -------
    ndarray
        (U, W), the units in sorted order.
    """
    if units is None:
        return rows
    _, place = np.unique(units, return_inverse=True)
    sums = np.zeros((place.max(initial=-1) + 1, rows.shape[1]))
    np.add.at(sums, place, rows)
    return sums


def resample_sums(sums: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Draw resamples of the units and sum each.

    Parameters
    ----------
    sums : ndarray
        (U, W) of at least two units.
    resamples : int
        R.
    seed : int

    Returns
    -------
    ndarray
        (R, W).
    """
    units = len(sums)

    def total(drawn: np.ndarray, axis: int = -1) -> np.ndarray:
        row = np.arange(len(drawn))[:, None] * units
        times = np.bincount((drawn + row).ravel(), minlength=drawn.shape[0] * units)
        totals: np.ndarray = times.reshape(-1, units) @ sums
        return totals.T

    found = bootstrap(
        (np.arange(units),),
        total,
        n_resamples=resamples,
        batch=max(1, _BATCH_NUMBERS // units),
        vectorized=True,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    drawn: np.ndarray = found.bootstrap_distribution
    return drawn.T


def estimate_metrics(
    rows: np.ndarray, units: np.ndarray | None, resamples: int, seed: int
) -> EstimatedMetrics:
    """Compute the metrics of a set of photos with their intervals.

    Parameters
    ----------
    rows : ndarray
        (N, `WIDTH`), from `metrics.count_faces`.
    units : ndarray or None
        (N,) as in `sum_units`.
    resamples, seed : int
    """
    sums = sum_units(rows, units)
    total = sums.sum(axis=0) if len(sums) else np.zeros(WIDTH)
    values = metrics_of_sums(total)
    enough = len(sums) >= MIN_UNITS
    drawn = resample_sums(sums, resamples, seed) if enough else None
    draws = {} if drawn is None else metrics_of_sums(drawn)
    distances = {} if drawn is None else _gap_distances(total, drawn)

    def overall(name: str) -> Estimate:
        distance = distances.get(name)
        return _estimate(float(values[name]), draws.get(name), _NO_FACES, distance)

    def of_classes(name: str) -> tuple[Estimate, ...]:
        columns = draws[name].T if draws else [None] * CLASSES
        far = distances[name].T if name in distances else [None] * CLASSES
        return tuple(
            _estimate(float(value), column, UNDEFINED[name], distance)
            for value, column, distance in zip(values[name], columns, far, strict=True)
        )

    return EstimatedMetrics(
        overall("accuracy"),
        overall("macro_f1"),
        overall("ece"),
        overall("classwise_ece"),
        of_classes("precision"),
        of_classes("recall"),
        of_classes("f1"),
        of_classes("class_ece"),
    )


def _gap_distances(total: np.ndarray, drawn: np.ndarray) -> dict[str, np.ndarray]:
    """Return how far the gaps of resamples lie from the set's, summed as the errors are.

    Parameters
    ----------
    total : ndarray
        (`WIDTH`,)
    drawn : ndarray
        (R, `WIDTH`)

    Returns
    -------
    dict
        `ece` and `classwise_ece` (R,), `class_ece` (R, 7).
    """

    def gaps(sums: np.ndarray) -> np.ndarray:
        faces = sums[..., :CELLS].sum(axis=-1, keepdims=True)
        shares: np.ndarray = sums / np.maximum(faces, 1)
        return shares

    off = np.abs(gaps(drawn) - gaps(total))
    of_classes = off[:, CLASS_BINS:].reshape(len(off), CLASSES, -1).sum(axis=-1)
    known = ~np.isnan(of_classes)
    count = np.maximum(known.sum(axis=-1), 1)
    return {
        "ece": off[:, CELLS:CLASS_BINS].sum(axis=-1),
        "class_ece": of_classes,
        "classwise_ece": np.where(known, of_classes, 0).sum(axis=-1) / count,
    }


def _estimate(
    value: float, draws: np.ndarray | None, undefined: str, distance: np.ndarray | None = None
) -> Estimate:
    """Return the estimate; `distance` is given for a calibration error only."""
    if np.isnan(value):
        return Estimate(None, reason=undefined)
    if draws is None:
        return Estimate(value, reason=f"no interval: fewer than {MIN_UNITS} units to draw from")
    there = draws[~np.isnan(draws)]
    missing = 1 - len(there) / len(draws)
    if missing > MAX_UNDEFINED:
        return Estimate(value, reason=f"no interval: undefined in {missing:.0%} of the resamples")
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(there, [tail, 1 - tail])
    if distance is not None:
        low = max(0.0, value - np.quantile(distance, 1 - tail))
        high = min(1.0, max(value, 2 * value - np.quantile(there, tail / 5)))
    if np.isclose(low, high, rtol=0, atol=1e-12):
        return Estimate(value, reason="no interval: it is the same in nearly every resample")
    return Estimate(value, float(low), float(high))
