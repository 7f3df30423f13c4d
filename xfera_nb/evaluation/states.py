"""What a movement and the map say of each other: moving and hot, one of the two, or neither.

Units and scales are those of `xfera_nb.fusion.arrays`; N faces, A AUs in the order of
`LANDMARK_AUS`. An AU is *moving* from the parameters' `au_cutoff` on, and *hot* where the map
covers enough of its landmarks, so that it is active where it is both (and in scope). The expected
AUs are those of Table 2 of the XFERa paper (Macchiarulo et al. 2025); the rest is ours.
"""

from __future__ import annotations

import numpy as np

from xfera_nb.facs import EXPECTED_AUS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionArrays, FusionParams
from xfera_nb.fusion.arrays import least_share

ACTIVE, COLD, STILL, ABSENT, UNKNOWN = range(5)
STATES = (
    "moving and hot",
    "moving, but cold",
    "hot, but not moving",
    "neither moving nor hot",
    "not measurable",
)
"""What an expected AU can be; `states` gives places in this tuple."""


def states(fused: FusionArrays, params: FusionParams) -> np.ndarray:
    """The state of every AU with landmarks, expected or not.

    Parameters
    ----------
    fused : FusionArrays
        N faces, fused with `params`.
    params : FusionParams

    Returns
    -------
    ndarray
        (N, A) int8, places in `STATES`, in the order of `LANDMARK_AUS`.
    """
    intensity = fused.intensity[:, 0]
    moving, hot = intensity >= params.au_cutoff, covered(fused, params)
    found = np.full(intensity.shape, ABSENT, np.int8)
    found[hot] = STILL
    found[moving] = COLD
    found[moving & hot] = ACTIVE
    found[np.isnan(intensity)] = UNKNOWN
    return found


def disagreement(fused: FusionArrays, params: FusionParams) -> np.ndarray:
    """How far the map and FACS disagree about each face.

    Of the AUs that Table 2 expects for the explained emotion and that were measured, let M be
    those that move and H those that are hot. The disagreement is 1 - 2 |M and H| / (|M| + |H|),
    which is 1 - F1: 0 where the map is hot at exactly the movements that are there, 1 where the
    two have nothing in common.

    Returns
    -------
    ndarray
        (N,) float64, 0-1; NaN where M and H are both empty (as for neutral, or where nothing was
        measured), and where the map has no positive evidence to be compared.
    """
    found = states(fused, params)
    looked = fused.expected & (found != UNKNOWN) & ~np.isnan(fused.threshold)[:, None]
    both = (looked & (found == ACTIVE)).sum(axis=1)
    one = (looked & ((found == COLD) | (found == STILL))).sum(axis=1)
    total = 2.0 * both + one
    share: np.ndarray = np.divide(one, total, out=np.full(len(total), np.nan), where=total > 0)
    return share


def tally(fused: FusionArrays, params: FusionParams, emotion: str) -> dict[int, tuple[int, ...]]:
    """In how many faces each expected AU of one emotion is in each state.

    Parameters
    ----------
    fused : FusionArrays
        Faces explained for that emotion.
    params : FusionParams
    emotion : str

    Returns
    -------
    dict of int to tuple of int
        AU -> counts in the order of `STATES`; empty for neutral.
    """
    found = states(fused, params)
    return {
        au: tuple(np.bincount(found[:, LANDMARK_AUS.index(au)], minlength=len(STATES)).tolist())
        for au in EXPECTED_AUS[emotion]
    }


def covered(fused: FusionArrays, params: FusionParams) -> np.ndarray:
    """(N, A) bool, where the map covers enough of an AU's landmarks, whether it moves or not."""
    return fused.coverage[:, 0] >= least_share(params.coverage)
