"""Find up to which value of k, intensity and coverage each expected AU of a face is active.

As one of the three rises and all else stays, an AU can only stop being active, so one number says
all: the greatest value at which it still is. For k it is the k at which so many of its landmarks
have left the salient region that the coverage fails (`xfera_nb.fusion.steps`); for the minimum
intensity the AU's own intensity; for the minimum coverage the AU's own coverage.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.fusion.choices import COVERAGE
from xfera_nb.fusion.fusion import AUResult, Fusion
from xfera_nb.fusion.steps import active_until

MOVED = ("k", "min_intensity", "coverage")
"""The parameters whose change points are found."""


def find_change_points(fusion: Fusion) -> Mapping[str, dict[int, float | None]]:
    """Find for each AU expected for the target class where it stops being active.

    Parameters
    ----------
    fusion : Fusion
        Its other parameters count; of the one that moves, the present value plays no part.

    Returns
    -------
    dict of str to dict
        For each of `MOVED`: AU -> the greatest value at which it is active, in that parameter's
        unit; infinity if it is at every value, None if at none.
    """
    expected = {au: fusion.result(au) for au in EXPECTED_AUS[fusion.target]}
    until = _last_k(fusion)
    return {
        "k": {au: until[au] for au in expected},
        "min_intensity": {au: _last_intensity(fusion, one) for au, one in expected.items()},
        "coverage": {au: _last_coverage(fusion, one) for au, one in expected.items()},
    }


def _last_k(fusion: Fusion) -> dict[int, float | None]:
    evidence, region, row = fusion.evidence, fusion.params.region, EMOTIONS.index(fusion.target)
    one = slice(row, row + 1)
    until = active_until(
        evidence.activation[one],
        evidence.mean[region][one],
        evidence.std[region][one],
        evidence.peak[one],
        evidence.action_units.intensities[None],
        np.array([row]),
        fusion.params,
    )[0, 0]
    return {
        au: None if math.isnan(last) or last == -math.inf else float(last)
        for au, last in zip(LANDMARK_AUS, until, strict=True)
    }


def _last_intensity(fusion: Fusion, one: AUResult) -> float | None:
    if one.intensity is None or not one.attended:
        return None
    return math.inf if fusion.params.rule == COVERAGE else one.intensity


def _last_coverage(fusion: Fusion, one: AUResult) -> float | None:
    counts = one.intensity is not None and (one.present or fusion.params.rule == COVERAGE)
    return one.coverage if counts and one.salient else None
