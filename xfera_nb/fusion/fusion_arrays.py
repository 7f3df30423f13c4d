"""Algorithm 1 of the XFERa paper as array arithmetic, for one face or thousands.

For a face and a target class, with the positive map divided by its peak (so that maps of different
strength share a scale, 0 to 1; the threshold scales along):

- threshold = mean + k * std over the facial region (line 9);
- a landmark is in the salient region if its value >= threshold and > 0 (line 13; section 2.1 says
  "exceeding"), compared as (value - mean) / std >= k, so that the k at which it leaves is a number;
- coverage of an AU = its landmarks in the salient region / all its landmarks (lines 18-20);
- saliency of an AU = mean value of its landmarks in the salient region (line 25), undefined where
  it has none;
- attended if it has such a landmark and coverage >= the minimum coverage (line 20);
- present if intensity >= the minimum intensity (line 26, which also asks for saliency >= threshold:
  that always holds for a mean of such values);
- active if attended, present unless the rule is "coverage" (line 33) and, in scope "typical",
  listed by Table 2 for the class (line 5);
- score = intensity + saliency_weight * saliency where the coverage suffices, otherwise the
  intensity alone (section 2.1: "incremented by a value proportional to the average activation
  intensity"), and undefined below the minimum intensity.

Sides are judged alike, on the landmarks of one side with that side's intensity. NaN stands for
undefined throughout; a map without positive evidence has no threshold and no salient region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS, au_landmarks
from xfera_nb.fusion.choices import COVERAGE
from xfera_nb.fusion.params import FusionParams
from xfera_nb.fusion.states import NOT_MEASURABLE, STATES

TOLERANCE = 1e-9
"""Slack of the comparison of coverages, so that 7 of 10 is 0.7."""
SIDES = (None, "left", "right")
"""Both sides, the subject's left, the subject's right: the middle axis of per-AU arrays."""
N_AUS = len(LANDMARK_AUS)
EXPECTED = np.array([[au in EXPECTED_AUS[e] for au in LANDMARK_AUS] for e in EMOTIONS])
"""(7, A) bool, Table 2 lists the AU for the emotion."""


def _members(side: str | None) -> np.ndarray:
    table = np.zeros((68, N_AUS))
    for column, au in enumerate(LANDMARK_AUS):
        table[np.array(au_landmarks(au, side)) - 1, column] = 1
    return table


MEMBERS = np.concatenate([_members(side) for side in SIDES], axis=1)
"""(68, 3 * A) float64, 1 where a landmark belongs to the AU, for each of `SIDES`."""
_MEMBERS_32 = MEMBERS.astype(np.float32)
SIZES = MEMBERS.sum(axis=0)
"""(3 * A,) float64, number of landmarks."""
_NOT_GIVEN = len(OPENFACE_AUS)
_SOURCE_COLUMN = [OPENFACE_AUS.index(a) if a in OPENFACE_AUS else _NOT_GIVEN for a in LANDMARK_AUS]


@dataclass(frozen=True, eq=False)
class FusionArrays:
    """Hold the fusion of N faces: A AUs in the order of `LANDMARK_AUS`, three `SIDES`.

    Attributes
    ----------
    threshold : ndarray
        (N,) float64, in units of the map's peak; NaN without positive evidence.
    salient : ndarray
        (N, 68) bool, landmarks in the salient region.
    activation : ndarray
        (N, 68) float64, 0-1 of the map's peak; NaN where unknown.
    coverage : ndarray
        (N, 3, A) float64, 0-1.
    saliency : ndarray
        (N, 3, A) float64, 0-1; NaN where no landmark is in the salient region.
    intensity : ndarray
        (N, 3, A) float64, 0-5; NaN where not measured.
    score : ndarray
        (N, 3, A) float64; NaN below the minimum intensity or where not measured.
    present, attended, active : ndarray
        (N, 3, A) bool. What is not measured is not present.
    expected : ndarray
        (N, A) bool, Table 2 lists the AU for the target class.
    """

    threshold: np.ndarray
    salient: np.ndarray
    activation: np.ndarray
    coverage: np.ndarray
    saliency: np.ndarray
    intensity: np.ndarray
    score: np.ndarray
    present: np.ndarray
    attended: np.ndarray
    active: np.ndarray
    expected: np.ndarray

    @property
    def states(self) -> np.ndarray:
        """Return each AU's state, (N, A) int8 indices into `xfera_nb.fusion.states.STATES`."""
        present, attended = self.present[:, 0], self.attended[:, 0]
        found = np.where(present, 0, 2) + ~attended
        found[np.isnan(self.intensity[:, 0])] = STATES.index(NOT_MEASURABLE)
        states: np.ndarray = found.astype(np.int8)
        return states


def by_au(intensities: np.ndarray) -> np.ndarray:
    """Return intensities (N, 17) as (N, A) float64; NaN for AUs that have none."""
    given = np.full((len(intensities), _NOT_GIVEN + 1), np.nan)
    given[:, :_NOT_GIVEN] = intensities
    return given.take(_SOURCE_COLUMN, axis=1)


def least_share(coverage: float) -> float:
    """Return the share of salient landmarks from which an AU is covered: always more than none."""
    return max(coverage - TOLERANCE, TOLERANCE)


def needed_salient(coverages: np.ndarray) -> np.ndarray:
    """Return (n, 3 * A) int64, the fewest salient landmarks that cover an AU, for n coverages."""
    least = np.array([least_share(coverage) for coverage in coverages.tolist()])
    shares = np.arange(int(SIZES.max()) + 1)[:, None] / SIZES
    needed: np.ndarray = (shares < least[:, None, None]).sum(axis=1)
    return needed


def salient_until(
    activation: np.ndarray, mean: np.ndarray, std: np.ndarray, peak: np.ndarray
) -> np.ndarray:
    """Return the greatest k at which each landmark is in the salient region.

    It is (activation - mean) / std, exactly the number that `fuse_many` compares with k.

    Parameters
    ----------
    activation : ndarray
        (N, 68) positive map of the target class at the landmarks, in the map's units.
    mean, std, peak : ndarray
        (N,) of that map.

    Returns
    -------
    ndarray
        (N, 68) float64; infinity where it is there at every k (a flat map), minus infinity where at
        none (no positive value, or unknown).
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        until: np.ndarray = (activation - mean[:, None]) / std[:, None]
    flat = std == 0  # 0 / 0 where the value is the mean, and so reaches the threshold
    until[flat] = np.where(activation[flat] == mean[flat, None], np.inf, until[flat])
    # A NaN is not above 0 either.
    np.copyto(until, -np.inf, where=~((activation > 0) & (peak > 0)[:, None]))
    return until


def fuse_many(
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
) -> FusionArrays:
    """Fuse maps and intensities of many faces with one set of parameters.

    Parameters
    ----------
    activation : ndarray
        (N, 68) positive map of the target class at the landmarks, in the map's units.
    mean, std, peak : ndarray
        (N,) of that map: over the region that `params` names, and its highest value.
    intensities : ndarray
        (N, 17) float, 0-5, in the order of `OPENFACE_AUS`; NaN where not measured.
    target : ndarray
        (N,) int, index of the target class in `EMOTIONS`.
    params : FusionParams
    left, right : ndarray, optional
        (N, 17) intensities of the subject's sides.

    Returns
    -------
    FusionArrays

    Raises
    ------
    ValueError
        If the shapes do not agree.
    """
    n = len(activation)
    if activation.shape != (n, 68) or intensities.shape != (n, 17):
        raise ValueError(
            f"activation and intensities are (N, 68) and (N, 17), not {activation.shape} and "
            f"{intensities.shape}."
        )
    # `> 0` is False for NaN too: such a map has no evidence.
    scale = np.where(peak > 0, peak, np.nan)
    value = activation / scale[:, None]
    salient = salient_until(activation, mean, std, peak) >= params.k
    # Counts of landmarks are exact in float32, sums of values are not.
    count = (salient.astype(np.float32) @ _MEMBERS_32).astype(np.float64).reshape(n, 3, N_AUS)
    total = (np.where(salient, value, 0.0) @ MEMBERS).reshape(n, 3, N_AUS)
    coverage = count / SIZES.reshape(3, N_AUS)
    with np.errstate(invalid="ignore"):  # 0 / 0: no landmark is in the salient region
        saliency = total / count
    unknown = np.full((n, len(OPENFACE_AUS)), np.nan, intensities.dtype)
    intensity = np.stack(
        [by_au(unknown if side is None else side) for side in (intensities, left, right)], axis=1
    )
    present = intensity >= params.min_intensity
    attended = coverage >= least_share(params.coverage)
    score = intensity.copy()
    np.add(score, params.saliency_weight * saliency, out=score, where=attended)
    np.copyto(score, np.nan, where=~present)
    active = attended & ~np.isnan(intensity) if params.rule == COVERAGE else present & attended
    expected = EXPECTED[target]
    if params.scope == "typical":
        active &= expected[:, None]
    return FusionArrays(
        threshold=(mean + params.k * std) / scale,
        salient=salient,
        activation=value,
        coverage=coverage,
        saliency=saliency,
        intensity=intensity,
        score=score,
        present=present,
        attended=attended,
        active=active,
        expected=expected,
    )
