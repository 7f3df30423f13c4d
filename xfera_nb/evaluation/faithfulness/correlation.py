"""Correlate many rows of figures with one, by value (Pearson) and by rank (Spearman)."""

from __future__ import annotations

import numpy as np


def correlate(rows: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Compute Pearson's correlation of each row with one other.

    Parameters
    ----------
    rows : ndarray
        (K, N).
    other : ndarray
        (N,).

    Returns
    -------
    ndarray
        (K,) float64, -1 to 1; NaN where there are fewer than three values, where one is not
        finite, or where all are equal.
    """
    rows, other = np.asarray(rows, float), np.asarray(other, float)
    found = np.full(len(rows), np.nan)
    known = np.isfinite(rows).all(axis=1) & (np.ptp(rows, axis=1) > 0 if rows.size else False)
    if len(other) < 3 or not np.isfinite(other).all() or np.ptp(other) == 0:
        return found
    centred = rows[known] - rows[known].mean(axis=1, keepdims=True)
    around = other - other.mean()
    products = centred @ around
    found[known] = products / np.sqrt((centred**2).sum(axis=1) * (around**2).sum())
    return found.clip(-1, 1)


def correlate_ranks(rows: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Compute Spearman's rank correlation of each row (K, N) with one other (N,).

    Equal values share their mean rank. Undefined as in `correlate`.
    """
    from scipy.stats import rankdata  # half a second, so not before it is needed

    rows, other = np.asarray(rows, float), np.asarray(other, float)
    if rows.shape[1] == 0:
        return np.full(len(rows), np.nan)
    ranks = rankdata(rows, axis=1)
    ranks[~np.isfinite(rows).all(axis=1)] = np.nan
    own = rankdata(other) if np.isfinite(other).all() else np.full(len(other), np.nan)
    return correlate(ranks, own)


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Compute Spearman's rank correlation of two arrays of the same shape.

    Returns
    -------
    float or None
        -1 to 1. None where an array is constant or not finite, where their shapes differ, or where
        they have fewer than three values.
    """
    if np.shape(one) != np.shape(other):
        return None
    value = correlate_ranks(np.ravel(one)[None], np.ravel(other))[0]
    return None if np.isnan(value) else float(value)
