"""Test whether conditions differ, by ranks of one value a person and condition.

Paired (scipy)
    The same people rate both conditions: Wilcoxon's signed-rank test on the differences of the
    pairs, two-sided, differences of 0 left out. Up to `EXACT` pairs p is exact (all signs), beyond
    by the normal approximation with ties. The effect is the matched-pairs rank-biserial
    correlation (Kerby 2014): the sum of the ranks of the positive differences minus that of the
    negative ones, over both; -1 (the first is always higher) over 0 to 1 (the second is).
More than two conditions
    Friedman's test, of the people with a value under each condition; only if it is significant
    do the pairs count.
Between people (scipy)
    Where nobody rates both conditions: Mann-Whitney's test, two-sided. The effect is the
    rank-biserial correlation 2 U / (n1 n2) - 1.
Adjustment
    Within a question p values of pairs are adjusted by Holm's method.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import (
    PermutationMethod,
    friedmanchisquare,
    mannwhitneyu,
    rankdata,
    wilcoxon,
)

LEVEL = 0.05
"""Level of significance."""
LEAST_PEOPLE = 3
EXACT = 9
PAIRED, BETWEEN, FRIEDMAN = "Wilcoxon", "Mann-Whitney", "Friedman"


@dataclass(frozen=True)
class TestResult:
    """Hold the result of a test.

    Attributes
    ----------
    test : {"Wilcoxon", "Mann-Whitney", "Friedman"}
    statistic : float or None
        W of the positive differences, U of the second condition, or Friedman's chi-squared.
    p : float or None
    effect : float or None
        -1 to 1; None of more than two conditions.
    reason : str or None
        Why there is no p.
    """

    __test__ = False  # no test of pytest's

    test: str
    statistic: float | None = None
    p: float | None = None
    effect: float | None = None
    reason: str | None = None


def compare_pairs(first: Sequence[float], second: Sequence[float]) -> TestResult:
    """Compare two conditions that the same people rated.

    Parameters
    ----------
    first, second : sequence of float
        (N,) a value of each person, in the same order.

    Returns
    -------
    TestResult
    """
    if len(first) < LEAST_PEOPLE:
        return TestResult(PAIRED, reason=f"fewer than {LEAST_PEOPLE} people under both conditions")
    # Means of whole scores: rounding makes equal differences equal.
    difference = np.round(np.asarray(second, float) - np.asarray(first, float), 9)
    differing = difference[difference != 0]
    if not len(differing):
        return TestResult(PAIRED, effect=0.0, reason="no person's values differ")
    ranks = rankdata(np.abs(differing))
    more = float(ranks[differing > 0].sum())
    p = float(pair_p(difference))
    return TestResult(PAIRED, more, p, 2 * more / float(ranks.sum()) - 1)


def pair_p(difference: np.ndarray) -> np.ndarray:
    """Return Wilcoxon's p (...) of differences (..., N); NaN where all are 0."""
    exact = difference.shape[-1] <= EXACT
    method = PermutationMethod(n_resamples=2**EXACT) if exact else "asymptotic"
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        p: np.ndarray = wilcoxon(difference, axis=-1, correction=False, method=method).pvalue
    return np.where((difference == 0).all(axis=-1), np.nan, p)


def compare_groups(first: Sequence[float], second: Sequence[float]) -> TestResult:
    """Compare two conditions that different people rated; (N,) and (M,) values."""
    if min(len(first), len(second)) < LEAST_PEOPLE:
        return TestResult(BETWEEN, reason=f"fewer than {LEAST_PEOPLE} people under a condition")
    if len({*first, *second}) == 1:
        return TestResult(BETWEEN, effect=0.0, reason="all values are the same")
    u, p = mannwhitneyu(second, first, alternative="two-sided")
    effect = 2 * float(u) / (len(first) * len(second)) - 1
    return TestResult(BETWEEN, float(u), float(p), effect)


def compare_all(values: Sequence[Sequence[float]]) -> TestResult:
    """Compare more than two conditions that the same people rated.

    Parameters
    ----------
    values : sequence of sequence of float
        (conditions, people), the people in the same order.
    """
    table = np.round(np.asarray(values, float), 9)
    if table.ndim < 2 or table.shape[1] < LEAST_PEOPLE:
        return TestResult(
            FRIEDMAN, reason=f"fewer than {LEAST_PEOPLE} people under every condition"
        )
    if (table == table[0]).all():
        return TestResult(FRIEDMAN, reason="no person's values differ")
    statistic, p = friedmanchisquare(*table)
    return TestResult(FRIEDMAN, float(statistic), float(p))


def are_significant(values: np.ndarray) -> np.ndarray:
    """Return which studies find that conditions rated by the same people differ at `LEVEL`.

    Parameters
    ----------
    values : ndarray
        (conditions, studies, people): two conditions are compared by Wilcoxon's test, more by
        Friedman's.

    Returns
    -------
    ndarray
        (studies,) bool.
    """
    if len(values) == 2:
        p = pair_p(np.round(values[1] - values[0], 9))
    else:
        with np.errstate(invalid="ignore", divide="ignore"):
            p = friedmanchisquare(*np.round(values, 9), axis=-1).pvalue
    significant: np.ndarray = p < LEVEL
    return significant
