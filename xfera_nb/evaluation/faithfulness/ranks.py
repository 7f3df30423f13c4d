"""Spearman's rank correlation, without SciPy's statistics, whose import takes half a second."""

from __future__ import annotations

import numpy as np


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Spearman's rank correlation of two arrays of the same shape.

    Parameters
    ----------
    one, other : ndarray
        Of any shape; equal values share their mean rank.

    Returns
    -------
    float or None
        -1 to 1. None where one has the same value everywhere or one that is no finite number, or
        where their shapes differ.
    """
    if np.shape(one) != np.shape(other):
        return None
    pair = np.stack([np.ravel(one), np.ravel(other)]).astype(float)
    if not pair.size or not np.isfinite(pair).all() or (np.ptp(pair, axis=1) == 0).any():
        return None
    return float(np.clip(np.corrcoef([_ranks(values) for values in pair])[0, 1], -1, 1))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, equal values at the mean of theirs."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(times) - (times - 1) / 2)[place]
