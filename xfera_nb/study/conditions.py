"""Compare conditions: Mann-Whitney's test with an effect size, and on request a mixed model.

Mann-Whitney (scipy)
    One value a person and condition, the mean of the person's scores: scores of one person are not
    independent of each other. The test takes the two conditions' values to be independent as well,
    which they are not here, since everybody sees every condition; that mostly makes it cautious.
    The effect is the rank-biserial correlation 2 U / (n1 n2) - 1, from -1 (the first condition is
    always higher) over 0 to 1 (the second condition is always higher). P values are two-sided;
    within a question they are also adjusted for the number of pairs of conditions, by Holm's
    method.
Mixed model (statsmodels MixedLM)
    score = condition + a random intercept for each person + one for each photo, by restricted
    maximum likelihood. It takes scores as numbers with even steps. An effect is in points of the
    scale, against the study's first condition in the order of `CONDITIONS`, with a 95 % interval.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.multitest import multipletests
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from xfera_nb.study.collected import Collected
from xfera_nb.study.items import CONDITIONS

_LEAST_PEOPLE = 3


@dataclass(frozen=True)
class ConditionComparison:
    """Compare two conditions on one question.

    Attributes
    ----------
    question, first, second : str
    people : tuple of int
        With a value under the first and the second condition.
    means : tuple of float or None
        Of the people's values.
    u, p, p_holm, effect : float or None
        None with a `reason`.
    reason : str or None
    """

    question: str
    first: str
    second: str
    people: tuple[int, int]
    means: tuple[float | None, float | None]
    u: float | None = None
    p: float | None = None
    p_holm: float | None = None
    effect: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ConditionEffect:
    """Hold what a condition adds to the score by the mixed model.

    Attributes
    ----------
    question, condition, against : str
    points, low, high : float or None
        Of the scale, with a 95 % interval; None with a `reason`.
    p : float or None
    reason : str or None
        Why there is no value, or why to doubt it.
    """

    question: str
    condition: str
    against: str
    points: float | None
    low: float | None
    high: float | None
    p: float | None
    reason: str | None = None


def person_means(collected: Collected, question: str, condition: str) -> tuple[float, ...]:
    """Return each participant's mean score for a question under a condition."""
    by_person: dict[str, list[int]] = {}
    for rating in collected.ratings:
        if rating.question == question and rating.condition == condition:
            by_person.setdefault(rating.participant, []).append(rating.score)
    return tuple(fmean(some) for some in by_person.values())


def compare_conditions(collected: Collected, question: str) -> tuple[ConditionComparison, ...]:
    """Compare every pair of the study's conditions by Mann-Whitney's test."""
    conditions = _ordered(collected)
    rows = [_compare(collected, question, *pair) for pair in combinations(conditions, 2)]
    tested = [row for row in rows if row.p is not None]
    if tested:
        adjusted = multipletests([row.p for row in tested], method="holm")[1]
        holm = {(r.first, r.second): float(p) for r, p in zip(tested, adjusted, strict=True)}
        rows = [_with_holm(row, holm.get((row.first, row.second))) for row in rows]
    return tuple(rows)


def mixed_model(collected: Collected, question: str) -> tuple[ConditionEffect, ...]:
    """Estimate the effect of each condition but the first by a mixed model."""
    first, *others = _ordered(collected)
    data = pd.DataFrame(
        [vars(rating) for rating in collected.ratings if rating.question == question]
    )
    reason = _why_not(data, [first, *others])
    if reason:
        return tuple(
            ConditionEffect(question, condition, first, None, None, None, None, reason)
            for condition in others
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = _fit(data, first)
    doubts = [w for w in caught if issubclass(w.category, ConvergenceWarning)]
    unsure = doubts or not fit.converged
    doubt = "the fit did not converge, or a variance is zero" if unsure else None
    ends = np.asarray(fit.conf_int())
    return tuple(
        ConditionEffect(
            question, condition, first, float(fit.fe_params.iloc[n]), float(ends[n, 0]),
            float(ends[n, 1]), float(fit.pvalues.iloc[n]), doubt,
        )
        for n, condition in enumerate(others, start=1)
    )  # fmt: skip


def _fit(data: pd.DataFrame, first: str) -> Any:
    """Fit the model; persons and photos cross, so both are variance components of one group."""
    return MixedLM.from_formula(
        f"score ~ C(condition, Treatment('{first}'))",
        data.assign(score=data["score"].astype(float)),
        groups=np.zeros(len(data)),
        vc_formula={"participant": "0 + C(participant)", "item": "0 + C(item)"},
        re_formula="0",
    ).fit(reml=True)


def _compare(collected: Collected, question: str, first: str, second: str) -> ConditionComparison:
    one, two = (person_means(collected, question, condition) for condition in (first, second))
    people = (len(one), len(two))
    means = (fmean(one) if one else None, fmean(two) if two else None)
    if min(people) < _LEAST_PEOPLE:
        reason = f"fewer than {_LEAST_PEOPLE} people under a condition"
        return ConditionComparison(question, first, second, people, means, reason=reason)
    if len(set(one + two)) == 1:
        reason = "all values are the same"
        return ConditionComparison(
            question, first, second, people, means, effect=0.0, reason=reason
        )
    u, p = mannwhitneyu(two, one, alternative="two-sided")
    effect = 2 * float(u) / (people[0] * people[1]) - 1
    return ConditionComparison(
        question, first, second, people, means, float(u), float(p), None, effect
    )


def _with_holm(row: ConditionComparison, p: float | None) -> ConditionComparison:
    return ConditionComparison(**vars(row) | {"p_holm": p})


def _ordered(collected: Collected) -> tuple[str, ...]:
    return tuple(condition for condition in CONDITIONS if condition in collected.study.conditions)


def _why_not(data: pd.DataFrame, conditions: Sequence[str]) -> str | None:
    if len(conditions) < 2:
        return "there is one condition only"
    if data.empty or set(conditions) - set(data["condition"]):
        return "a condition has no scores yet"
    if data["participant"].nunique() < _LEAST_PEOPLE:
        return f"fewer than {_LEAST_PEOPLE} people"
    if data["score"].nunique() == 1:
        return "all scores are the same"
    return None
