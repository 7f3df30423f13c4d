"""Coverage as a step function of k, and the k at which an AU stops being active.

The threshold mean + k * std rises with k, so each landmark is in the salient region up to
k = (value - mean) / std and outside above it (`xfera_nb.fusion.fusion_arrays.salient_until`), and
the coverage of an AU falls in at most as many steps as it has landmarks. Where all pixels of the
region are equal (std 0), k changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from xfera_nb.evidence import Evidence
from xfera_nb.facs.action_units import au_name
from xfera_nb.facs.emotions import EMOTIONS, parse_emotion
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion.choices import INTENSITY_AND_COVERAGE
from xfera_nb.fusion.fusion_arrays import (
    EXPECTED,
    MEMBERS,
    N_AUS,
    SIDES,
    by_au,
    needed_salient,
    salient_until,
)
from xfera_nb.fusion.params import FusionParams


@dataclass(frozen=True, eq=False)
class CoverageSteps:
    """Hold the coverage of one AU of one face at every k.

    Attributes
    ----------
    au : int
    side : str or None
        The subject's "left" or "right"; None for both.
    params : FusionParams
        What the other parameters are; k plays no part.
    k : ndarray
        (S,) float64, ascending: the last k before the coverage falls.
    coverage : ndarray
        (S + 1,) float64, 0-1: ``coverage[0]`` up to ``k[0]``, ``coverage[i]`` above ``k[i - 1]``
        and up to ``k[i]``, ``coverage[S]`` above all.
    active_until : float or None
        The last k at which the AU is active; infinity if it is at every k, None if at none.
    """

    au: int
    side: str | None
    params: FusionParams
    k: np.ndarray = field(repr=False)
    coverage: np.ndarray = field(repr=False)
    active_until: float | None

    def at(self, k: float | np.ndarray) -> np.ndarray:
        """Return the coverage at one or several k."""
        return self.coverage[np.searchsorted(self.k, k)]

    def __str__(self) -> str:
        name = au_name(self.au) + (f" ({self.side})" if self.side else "")
        if self.active_until is None:
            return f"{name} is active at no k."
        if math.isinf(self.active_until):
            return f"{name} is active at every k."
        return f"{name} is active up to k = {self.active_until:.4g}."


def coverage_steps(
    evidence: Evidence,
    au: int,
    params: FusionParams | None = None,
    target: str | None = None,
    *,
    side: str | None = None,
) -> CoverageSteps:
    """Find the values of k at which the coverage of an AU changes.

    Parameters
    ----------
    evidence : Evidence
    au : int
        One of `LANDMARK_AUS`.
    params : FusionParams, optional
        The recommended preset by default; all but its k count.
    target : str, optional
        The class to explain; the predicted one by default.
    side : str, optional
        The subject's "left" or "right"; both by default.

    Raises
    ------
    ValueError
        If the AU has no landmarks, or the target or side is unknown.
    """
    params = params or FusionParams()
    target = evidence.prediction.predicted if target is None else parse_emotion(target)
    for value, known in ((side, SIDES), (au, LANDMARK_AUS)):
        if value not in known:
            raise ValueError(f"{value!r} is not one of {', '.join(map(str, known))}.")
    row, column = EMOTIONS.index(target), LANDMARK_AUS.index(au)
    one = slice(row, row + 1)
    numbers = (
        evidence.activation[one],
        evidence.mean[params.region][one],
        evidence.std[params.region][one],
        evidence.peak[one],
    )
    units = evidence.action_units
    until = active_until(
        *numbers,
        units.intensities[None],
        np.array([row]),
        params,
        left=None if units.left is None else units.left[None],
        right=None if units.right is None else units.right[None],
    )[0, SIDES.index(side), column]
    member = MEMBERS[:, SIDES.index(side) * N_AUS + column] > 0
    last = salient_until(*numbers)[0, member]
    k = np.unique(last[np.isfinite(last)])
    count = [(last > -np.inf).sum(), *((last > value).sum() for value in k)]
    coverage = np.array(count) / member.sum()
    ends = None if np.isnan(until) or until == -np.inf else float(until)
    return CoverageSteps(au, side, params, k, coverage, ends)


def active_until(
    activation: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
    peak: np.ndarray,
    intensities: np.ndarray,
    target: np.ndarray,
    params: FusionParams,
    *,
    left: np.ndarray | None = None,
    right: np.ndarray | None = None,
) -> np.ndarray:
    """Return the greatest k at which each AU of each face is active.

    Parameters are those of `fuse_many`; the k of `params` plays no part. So
    ``active_until(**arrays.inputs(), params=params)`` takes the faces of a store.

    Returns
    -------
    ndarray
        (N, 3, A) float64, for each of `SIDES`: infinity if it is active at every k, minus infinity
        if at none, NaN where it is not measured.
    """
    last = salient_until(activation, mean, std, peak)
    need = needed_salient(np.array([params.coverage]))[0]
    until = np.full((len(last), 3, N_AUS), np.nan)
    for side, given in enumerate((intensities, left, right)):
        if given is None:
            continue
        intensity = by_au(given)
        least = params.min_intensity if params.rule == INTENSITY_AND_COVERAGE else 0.0
        can = intensity >= least
        if params.scope == "typical":
            can &= EXPECTED[target]
        for column in range(N_AUS):
            place = side * N_AUS + column
            among = np.sort(last[:, MEMBERS[:, place] > 0], axis=1)
            until[:, side, column] = np.where(can[:, column], among[:, -need[place]], -np.inf)
        until[:, side][np.isnan(intensity)] = np.nan
    return until
