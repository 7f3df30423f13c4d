"""Algorithm 1 of the XFERa paper as array arithmetic, for one face or thousands.

For a face and an explained class, with the positive map divided by its peak (so that 1 is the
hottest place and maps of different strength share a scale; the threshold scales along):

- threshold = mean + k * std over the facial region (line 9);
- a landmark is hot if its value >= threshold and > 0 (line 13; section 2.1 says "exceeding");
- coverage of an AU = hot among its landmarks / all its landmarks (lines 18-20);
- heat of an AU = mean value of its hot landmarks (line 25), undefined where none is hot;
- active if a landmark is hot and coverage >= the least coverage (line 20), intensity >= the cut-off
  (line 26) and, in scope "emotion", Table 2 lists the AU for the class (line 5). Line 26 also asks
  for heat >= threshold, which holds of itself: heat is a mean of values that are;
- score = intensity + saliency_weight * saliency where the coverage suffices, otherwise the
  intensity alone (section 2.1: "incremented by a value proportional to the average activation
  intensity"), and undefined below the minimum intensity.

Sides are judged alike on the landmarks of one side with that side's intensity. NaN stands for
undefined throughout; a map without positive evidence has no threshold and nothing hot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS, au_landmarks
from xfera_nb.fusion.params import FusionParams

TOLERANCE = 1e-9
"""Slack of the comparison of coverages, so that 7 of 10 is 0.7."""


SIDES = (None, "left", "right")
"""Both sides, the person's left, the person's right: the middle axis of per-AU arrays."""
N_AUS = len(LANDMARK_AUS)
EXPECTED = np.array([[au in EXPECTED_AUS[e] for au in LANDMARK_AUS] for e in EMOTIONS])
"""(7, A) bool, Table 2 lists the AU for the emotion."""
LEAST_HOT = 5e-324
"""The lowest value above 0: what is not above 0 is never hot."""
_BLOCK = 512
"""Faces at a time, so that what is computed on the way stays in the processor's cache."""
_UNUSED = 4
"""The first landmarks belong to no AU; the other 64 are the bits of one word."""


def words(landmarks: np.ndarray) -> np.ndarray:
    """Sets of landmarks, (..., 68) bool, as words, (...) uint64; without landmarks 1 to 4."""
    return np.packbits(landmarks[..., _UNUSED:], axis=-1).view(np.uint64)[..., 0]


def _members(side: str | None) -> np.ndarray:
    table = np.zeros((68, N_AUS))
    for column, au in enumerate(LANDMARK_AUS):
        table[np.array(au_landmarks(au, side)) - 1, column] = 1
    return table


MEMBERS = np.concatenate([_members(side) for side in SIDES], axis=1)
"""(68, 3 * A) float64, 1 where a landmark belongs to the AU, for each of `SIDES`."""
SIZES = MEMBERS.sum(axis=0)
"""(3 * A,) float64, number of landmarks."""
WORDS = words(np.ascontiguousarray(MEMBERS.T > 0))
"""(3 * A,) uint64, the landmarks as words."""

_GIVEN = dict(zip(OPENFACE_AUS, range(len(OPENFACE_AUS)), strict=True))
_N_GIVEN = len(_GIVEN)
_FROM = np.array([_GIVEN.get(au, _N_GIVEN) for au in LANDMARK_AUS])
_FROM_SIDES = np.concatenate([_FROM + side * (_N_GIVEN + 1) for side in range(3)])


@dataclass(frozen=True, eq=False)
class FusionArrays:
    """Results for N faces, A AUs in the order of `LANDMARK_AUS` and three `SIDES`.

    Attributes
    ----------
    threshold : ndarray
        (N,) float64, in units of the map's peak; NaN without positive evidence.
    salient : ndarray
        (N, 68) bool.
    activation : ndarray
        (N, 68) float64, 0-1 of the map's peak; NaN where unknown.
    coverage : ndarray
        (N, 3, A) float64, 0-1.
    saliency : ndarray
        (N, 3, A) float64, 0-1; NaN where no landmark is hot.
    intensity : ndarray
        (N, 3, A) float64, 0-5; NaN where not measured.
    score : ndarray
        (N, 3, A) float64; NaN below the cut-off or where not measured.
    active : ndarray
        (N, 3, A) bool.
    expected : ndarray
        (N, A) bool, Table 2 lists the AU for the explained class.
    """

    threshold: np.ndarray
    salient: np.ndarray
    activation: np.ndarray
    coverage: np.ndarray
    saliency: np.ndarray
    intensity: np.ndarray
    score: np.ndarray
    active: np.ndarray
    expected: np.ndarray


def by_au(intensities: np.ndarray) -> np.ndarray:
    """Intensities (N, 17) as (N, A) float64; NaN for AUs that have none."""
    given = np.full((len(intensities), _N_GIVEN + 1), np.nan)
    given[:, :_N_GIVEN] = intensities
    return given.take(_FROM, axis=1)


def least_share(coverage: float) -> float:
    """The share of hot landmarks from which an AU is covered: more than none in any case."""
    return max(coverage - TOLERANCE, TOLERANCE)


def needed_salient(coverages: np.ndarray) -> np.ndarray:
    """(n, 3 * A) int64, the fewest hot landmarks with which an AU is covered, for n coverages."""
    least = np.array([least_share(coverage) for coverage in coverages.tolist()])
    shares = np.arange(int(SIZES.max()) + 1)[:, None] / SIZES
    needed: np.ndarray = (shares < least[:, None, None]).sum(axis=1)
    return needed


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
        (N, 68) positive map of the explained class at the landmarks, in the map's units.
    mean, std, peak : ndarray
        (N,) of that map: over the region that `params` names, and its highest value.
    intensities : ndarray
        (N, 17) float, 0-5, in the order of `OPENFACE_AUS`; NaN where not measured.
    target : ndarray
        (N,) int, index of the explained class in `EMOTIONS`.
    params : FusionParams
    left, right : ndarray, optional
        (N, 17) intensities of the person's sides.

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
    threshold = (mean + params.k * std) / scale
    expected = EXPECTED[target]
    value, hot = np.empty((n, 68)), np.empty((n, 68), bool)
    coverage, heat, intensity, score = numbers = np.empty((4, n, 3 * N_AUS))
    active: np.ndarray = np.empty((n, 3 * N_AUS), bool)
    given = np.full((min(n, _BLOCK), 3, _N_GIVEN + 1), np.nan)
    unit, limit = scale[:, None], np.maximum(threshold, LEAST_HOT)[:, None]
    least = least_share(params.coverage)
    with np.errstate(invalid="ignore"):  # 0 / 0: no landmark is hot
        for start in range(0, n, _BLOCK):
            at = slice(start, start + _BLOCK)
            # Value, hot, coverage, heat ("warmth"), intensity, score of these faces.
            v, h = value[at], hot[at]
            c, w, i, s = coverage[at], heat[at], intensity[at], score[at]
            np.divide(activation[at], unit[at], out=v)
            np.greater_equal(v, limit[at], out=h)
            count = np.bitwise_count(words(h)[:, None] & WORDS).astype(np.float64)
            np.divide(count, SIZES, out=c)
            np.matmul((v.view(np.int64) & _mask(h)).view(np.float64), MEMBERS, out=w)
            w /= count
            rows = given[: len(v)]
            for side, measured in enumerate((intensities, left, right)):
                if measured is not None:
                    rows[:, side, :_N_GIVEN] = measured[at]
            rows.reshape(len(v), -1).take(_FROM_SIDES, axis=1, out=i, mode="clip")
            moving, covered = i >= params.min_intensity, c >= least
            np.multiply(w, params.saliency_weight, out=s)
            bits = s.view(np.int64)
            bits &= _mask(covered)  # 0 where the heat does not count
            s += i
            bits |= moving.astype(np.int64) - 1  # NaN below the cut-off
            np.logical_and(moving, covered, out=active[at])
    active = active.reshape(n, 3, N_AUS)
    if params.scope == "emotion":
        active &= expected[:, None, :]
    coverage, heat, intensity, score = numbers.reshape(4, n, 3, N_AUS)
    return FusionArrays(threshold, hot, value, coverage, heat, intensity, score, active, expected)


def _mask(flags: np.ndarray) -> np.ndarray:
    """All bits where a flag is set, none elsewhere: "and" keeps a float, or makes it 0.

    `np.where` takes several times as long where the flags are as good as random.
    """
    bits = flags.astype(np.int64)
    return np.negative(bits, out=bits)
