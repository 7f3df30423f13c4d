"""Compare conditions by rank tests with an effect size, and on request by a mixed model.

Ranks
    One value a person and condition, the mean of the person's scores: scores of one person are not
    independent of each other. `xfera_nb.study.rank_tests` says which test is used: in a study
    everybody sees every condition, so that pairs are compared, after Friedman's test where there
    are more than two conditions. A person who rated one of the two conditions only is left out.
Mixed model (statsmodels MixedLM)
    score = condition + a random intercept for each person + one for each photo, by restricted
    maximum likelihood. It takes scores as numbers with even steps. An effect is in points of the
    scale, against the study's first condition in the order of `CONDITIONS`, with a 95 % interval.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.multitest import multipletests
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from xfera_nb.study.collected import Collected
from xfera_nb.study.items import CONDITIONS
from xfera_nb.study.rank_tests import (
    FRIEDMAN,
    LEAST_PEOPLE,
    TestResult,
    compare_all,
    compare_groups,
    compare_pairs,
)


@dataclass(frozen=True)
class ConditionComparison:
    """Compare two conditions on one question.

    Attributes
    ----------
    question, first, second : str
    people : tuple of int
        Compared, under the first and the second condition; the same people where pairs are.
    means : tuple of float or None
        Of the people's values.
    result : TestResult
    p_holm : float or None
        None where the test has no p.
    """

    question: str
    first: str
    second: str
    people: tuple[int, int]
    means: tuple[float | None, float | None]
    result: TestResult
    p_holm: float | None = None


@dataclass(frozen=True)
class OverallComparison:
    """Compare all of more than two conditions on one question.

    Attributes
    ----------
    question : str
    people : int
        With a value under each condition.
    result : TestResult
    """

    question: str
    people: int
    result: TestResult


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


def person_means(collected: Collected, question: str, condition: str) -> dict[str, float]:
    """Return each participant's mean score for a question under a condition, by participant."""
    by_person: dict[str, list[int]] = {}
    for rating in collected.ratings:
        if rating.question == question and rating.condition == condition:
            by_person.setdefault(rating.participant, []).append(rating.score)
    return {person: fmean(some) for person, some in by_person.items()}


def compare_conditions(collected: Collected, question: str) -> tuple[ConditionComparison, ...]:
    """Compare every pair of the study's conditions, with p values adjusted by Holm's method."""
    means = {c: person_means(collected, question, c) for c in _ordered(collected)}
    rows = [_compare(question, means, *pair) for pair in combinations(means, 2)]
    ps = [row.result.p for row in rows if row.result.p is not None]
    holm = iter(multipletests(ps, method="holm")[1] if ps else ())
    return tuple(
        row if row.result.p is None else replace(row, p_holm=float(next(holm))) for row in rows
    )


def compare_overall(collected: Collected, question: str) -> OverallComparison | None:
    """Compare all conditions by Friedman's test; None where there are fewer than three."""
    means = [person_means(collected, question, c) for c in _ordered(collected)]
    if len(means) < 3:
        return None
    everywhere = [person for person in means[0] if all(person in some for some in means)]
    if not everywhere and all(means):
        reason = "nobody rated every condition"
        return OverallComparison(question, 0, TestResult(FRIEDMAN, reason=reason))
    values = [[some[person] for person in everywhere] for some in means]
    return OverallComparison(question, len(everywhere), compare_all(values))


def mixed_model(collected: Collected, question: str) -> tuple[ConditionEffect, ...]:
    """Estimate the effect of each condition except the first by a mixed model."""
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


def _compare(
    question: str, means: Mapping[str, Mapping[str, float]], first: str, second: str
) -> ConditionComparison:
    one, two = means[first], means[second]
    both = [person for person in one if person in two]
    if both or not (one and two):
        values = [one[person] for person in both], [two[person] for person in both]
        result = compare_pairs(*values)
    else:
        values = list(one.values()), list(two.values())
        result = compare_groups(*values)
    known = [fmean(some) if some else None for some in values]
    people = (len(values[0]), len(values[1]))
    return ConditionComparison(question, first, second, people, (known[0], known[1]), result)


def _ordered(collected: Collected) -> tuple[str, ...]:
    return tuple(condition for condition in CONDITIONS if condition in collected.study.conditions)


def _why_not(data: pd.DataFrame, conditions: Sequence[str]) -> str | None:
    if len(conditions) < 2:
        return "there is one condition only"
    if data.empty or set(conditions) - set(data["condition"]):
        return "a condition has no scores yet"
    if data["participant"].nunique() < LEAST_PEOPLE:
        return f"fewer than {LEAST_PEOPLE} people"
    if data["score"].nunique() == 1:
        return "all scores are the same"
    return None
