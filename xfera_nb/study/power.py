"""Simulate how often a study finds an effect, by the tests that its analysis uses.

Scores come from the model of `xfera_nb.study.simulation`: a person's leniency, the condition's
effect, whether the model's prediction is the person's own (in half of the photos), and noise,
rounded into 1 to 5. A person's value is the mean over the photos of a condition. A study counts as
significant by `xfera_nb.study.rank_tests.are_significant`, on one question fixed beforehand: by
Wilcoxon's test with two conditions, by Friedman's with more. The effect is added to the last
condition only, in points of the scale before rounding. Real people may scatter more: the
table is a guide to the number of people, no promise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xfera_nb.errors import StudyError
from xfera_nb.study.rank_tests import LEVEL, are_significant
from xfera_nb.study.simulation import AGREEMENT, BASE, LENIENCY_SD, NOISE_SD
from xfera_nb.study.tables import Table

STUDIES = 1000
PEOPLE = (12, 22, 30, 40)
POINTS = (0.0, 0.2, 0.3, 0.5)
PHOTOS = 6


def simulate_power(
    people: int,
    points: float,
    *,
    conditions: int = 2,
    photos: int = PHOTOS,
    studies: int = STUDIES,
    seed: int = 0,
) -> float:
    """Return the share of simulated studies that are significant, 0-1.

    Parameters
    ----------
    people : int
        At least 3.
    points : float
        What the last condition adds to a score; 0 gives the share of false alarms.
    conditions : int
        At least 2; each person rates all.
    photos : int
        Of each person under each condition.
    studies : int
    seed : int

    Raises
    ------
    StudyError
        If a number is too small.
    """
    for name, value, least in (
        ("people", people, 3), ("conditions", conditions, 2), ("photos", photos, 1),
        ("studies", studies, 1),
    ):  # fmt: skip
        if value < least:
            raise StudyError(f"{name} is {value}: give at least {least}.")
    rng = np.random.default_rng(seed)
    shape = (conditions, studies, people, photos)
    scores = BASE + rng.normal(0, LENIENCY_SD, (studies, people, 1))
    scores = scores + rng.normal(0, NOISE_SD, shape)
    scores += np.where(rng.random(shape) < 0.5, AGREEMENT, -AGREEMENT)
    scores[-1] += points
    return float(are_significant(np.clip(np.round(scores), 1, 5).mean(axis=-1)).mean())


def power_table(
    people: Sequence[int] = PEOPLE,
    points: Sequence[float] = POINTS,
    *,
    conditions: int = 2,
    photos: int = PHOTOS,
    studies: int = STUDIES,
    seed: int = 0,
) -> Table:
    """Tabulate `simulate_power` over numbers of people (rows) and effects (columns)."""
    columns = tuple(f"{value:g} points" for value in points)
    rows = tuple(
        (
            count,
            *(
                simulate_power(
                    count, value, conditions=conditions, photos=photos, studies=studies, seed=seed
                )
                for value in points
            ),
        )
        for count in people
    )
    return Table(
        "share of simulated studies that are significant",
        ("people", *columns),
        rows,
        False,
        percent=columns,
        note=(
            f"{studies:,} studies each; {conditions} conditions, {photos} photos a person and "
            f"condition, level {LEVEL}. Under 0 points: false alarms."
        ),
    )
