"""Algorithm 1 of the XFERa paper as array arithmetic, for one face or thousands.

For a face and an explained class, with the positive map divided by its peak (so that 1 is the
hottest place and maps of different strength share a scale; the threshold scales along):

- threshold = mean + k * std over the facial region (line 9);
- a landmark is hot if its value >= threshold and > 0 (line 13; section 2.1 says "exceeding");
- coverage of an AU = hot among its landmarks / all its landmarks (lines 18-20);
- heat of an AU = mean value of its hot landmarks (line 25), undefined where none is hot;
- active if coverage >= the least coverage, intensity >= the cut-off, heat >= threshold (lines 20
  and 26) and, in scope "emotion", Table 2 lists the AU for the class (line 5);
- score = intensity + heat_weight * heat where the coverage suffices, otherwise the intensity alone
  (section 2.1: "incremented by a value proportional to the average activation intensity"), and
  undefined below the cut-off.

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


def _members(side: str | None) -> np.ndarray:
    table = np.zeros((68, len(LANDMARK_AUS)))
    for column, au in enumerate(LANDMARK_AUS):
        table[np.array(au_landmarks(au, side)) - 1, column] = 1
    return table


SIDES = (None, "left", "right")
"""Both sides, the person's left, the person's right: the middle axis of per-AU arrays."""
N_AUS = len(LANDMARK_AUS)
_MEMBERS = np.concatenate([_members(side) for side in SIDES], axis=1)
_SIZES = _MEMBERS.sum(axis=0)
_MEASURED = np.array([au in OPENFACE_AUS for au in LANDMARK_AUS])
_COLUMNS = np.array([OPENFACE_AUS.index(au) if au in OPENFACE_AUS else 0 for au in LANDMARK_AUS])
_EXPECTED = np.array([[au in EXPECTED_AUS[e] for au in LANDMARK_AUS] for e in EMOTIONS])


@dataclass(frozen=True, eq=False)
class FusionArrays:
    """Results for N faces, A AUs in the order of `LANDMARK_AUS` and three `SIDES`.

    Attributes
    ----------
    threshold : ndarray
        (N,) float64, in units of the map's peak; NaN without positive evidence.
    hot : ndarray
        (N, 68) bool.
    activation : ndarray
        (N, 68) float64, 0-1 of the map's peak; NaN where unknown.
    coverage : ndarray
        (N, 3, A) float64, 0-1.
    heat : ndarray
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
    hot: np.ndarray
    activation: np.ndarray
    coverage: np.ndarray
    heat: np.ndarray
    intensity: np.ndarray
    score: np.ndarray
    active: np.ndarray
    expected: np.ndarray


def spread(intensities: np.ndarray) -> np.ndarray:
    """Intensities (..., 17) to (..., A) float64; NaN for AUs that have none."""
    return np.where(_MEASURED, intensities.take(_COLUMNS, axis=-1), np.nan)


def fuse_many(
    activation: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
    peak: np.ndarray,
    intensities: np.ndarray,
    emotion: np.ndarray,
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
    emotion : ndarray
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
    value = activation / scale[:, None]
    threshold = (mean + params.k * std) / scale
    hot = (value >= threshold[:, None]) & (value > 0)
    weight = hot.astype(np.float64)
    count = weight @ _MEMBERS
    heat = (np.where(hot, value, 0.0) @ _MEMBERS) / np.where(count > 0, count, np.nan)
    coverage = (count / _SIZES).reshape(n, 3, N_AUS)
    heat = heat.reshape(n, 3, N_AUS)
    intensity = np.full((n, 3, N_AUS), np.nan)
    for row, given in enumerate((intensities, left, right)):
        if given is not None:
            intensity[:, row] = spread(given)
    moving = intensity >= params.au_cutoff
    covered = (coverage >= params.coverage - TOLERANCE) & (heat >= threshold[:, None, None])
    score = np.where(moving, intensity, np.nan)
    score = score + np.where(covered, params.heat_weight * heat, 0.0)
    expected = _EXPECTED[emotion]
    active = moving & covered
    if params.scope == "emotion":
        active &= expected[:, None, :]
    return FusionArrays(
        threshold, hot, value, coverage, heat, intensity, score, active, expected
    )
