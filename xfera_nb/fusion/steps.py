"""Coverage as a step function of k, and the k at which an AU stops being active.

The threshold mean + k * std rises with k, so each landmark is hot up to one value of k and cold
above it, and the coverage of an AU falls in at most as many steps as it has landmarks. Those values
are exact: the last floating-point number at which `xfera_nb.fusion.arrays.fuse_many` still finds
the landmark hot. Where all pixels of the region are equal (std 0), k changes nothing, and a
landmark is hot at every k (infinity) or at none (minus infinity).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from xfera_nb.evidence import Evidence
from xfera_nb.facs.action_units import au_name
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion.arrays import EXPECTED, LEAST_HOT, MEMBERS, N_AUS, SIDES, by_au, needed_salient
from xfera_nb.fusion.params import FusionParams

_TOP = np.uint64(1 << 63)


@dataclass(frozen=True, eq=False)
class CoverageSteps:
    """Coverage of one AU of one face at every k.

    Attributes
    ----------
    au : int
    side : str or None
        The person's "left" or "right"; None for both.
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
        """Coverage at one or several k."""
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
    """The values of k at which the coverage of an AU changes.

    Parameters
    ----------
    evidence : Evidence
    au : int
        One of `LANDMARK_AUS`.
    params : FusionParams, optional
        Algorithm 1's by default; its region, cut-off, coverage and scope count.
    target : str, optional
        The class to explain; the predicted one by default.
    side : str, optional
        The person's "left" or "right"; both by default.

    Raises
    ------
    ValueError
        If the AU has no landmarks, or the emotion or side is unknown.
    """
    params = params or FusionParams()
    target = target or evidence.prediction.predicted
    for value, known in ((target, EMOTIONS), (side, SIDES), (au, LANDMARK_AUS)):
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
    hot = [(last == np.inf).sum() + (last[np.isfinite(last)] > above).sum() for above in k]
    coverage = np.array([(last > -np.inf).sum(), *hot]) / member.sum()
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
    """The last k at which each AU of each face is active.

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
        can = intensity >= params.min_intensity
        if params.scope == "emotion":
            can &= EXPECTED[target]
        for column in range(N_AUS):
            place = side * N_AUS + column
            among = np.sort(last[:, MEMBERS[:, place] > 0], axis=1)
            until[:, side, column] = np.where(can[:, column], among[:, -need[place]], -np.inf)
        until[:, side][np.isnan(intensity)] = np.nan
    return until


def salient_until(
    activation: np.ndarray, mean: np.ndarray, std: np.ndarray, peak: np.ndarray
) -> np.ndarray:
    """The last k at which each landmark is hot.

    Parameters
    ----------
    activation : ndarray
        (N, 68) positive map of the explained class at the landmarks, in the map's units.
    mean, std, peak : ndarray
        (N,) of that map.

    Returns
    -------
    ndarray
        (N, 68) float64; infinity where it is hot at every k, minus infinity where at none.
    """
    scale = np.where(peak > 0, peak, np.nan)
    value = activation / scale[:, None]
    result = np.full(value.shape, -np.inf)
    fixed = (std == 0)[:, None] & (value >= np.maximum(mean / scale, LEAST_HOT)[:, None])
    result[fixed] = np.inf
    moving = (value >= LEAST_HOT) & (std > 0)[:, None]
    result[moving] = _last(value, mean, std, scale, moving)
    return result


def _last(
    value: np.ndarray, mean: np.ndarray, std: np.ndarray, scale: np.ndarray, chosen: np.ndarray
) -> np.ndarray:
    """The last k at which the chosen landmarks are hot, found by halving between two floats."""
    faces = np.nonzero(chosen)[0]
    value, mean, std, scale = value[chosen], mean[faces], std[faces], scale[faces]

    def hot(k: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            reached: np.ndarray = value >= np.maximum((mean + k * std) / scale, LEAST_HOT)
            return reached

    # Near the solution in real numbers; where rounding puts it farther away, anywhere.
    with np.errstate(over="ignore"):
        near = (value * scale - mean) / std
        width = 1e-9 * (1 + np.abs(near) + np.abs(mean / std))
    low, high = near - width, near + width
    low = _order(np.where(hot(low), low, -np.inf))
    high = _order(np.where(hot(high), np.inf, high))
    while (high - low > 1).any():
        middle = low + (high - low) // 2
        is_hot = hot(_number(middle))
        low, high = np.where(is_hot, middle, low), np.where(is_hot, high, middle)
    return _number(low)


def _order(numbers: np.ndarray) -> np.ndarray:
    """Floats as uint64 in the same order; neighbours differ by 1."""
    bits = numbers.view(np.uint64)
    return np.where(bits & _TOP, ~bits, bits | _TOP)


def _number(order: np.ndarray) -> np.ndarray:
    return np.where(order & _TOP, order & ~_TOP, ~order).view(np.float64)
