"""The state of each AU: present or absent, attended by the map or not.

Units and scales are those of `xfera_nb.fusion.fusion_arrays`; N faces, A AUs in the order of
`LANDMARK_AUS`. An AU is *present* from the minimum AU intensity on, and *attended* where enough of
its landmarks lie in the salient region; it is active where it is both (and in scope). The expected
AUs are those of Table 2 of the XFERa paper (Macchiarulo et al. 2025); the rest is ours.
"""

from __future__ import annotations

import numpy as np

from xfera_nb.facs import EXPECTED_AUS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionArrays, FusionParams
from xfera_nb.fusion.fusion_arrays import least_share

PRESENT_ATTENDED, PRESENT_NOT_ATTENDED, ATTENDED_ABSENT, ABSENT, NOT_MEASURABLE = range(5)
STATES = (
    "present and attended",
    "present, not attended",
    "attended, absent",
    "absent, not attended",
    "not measurable",
)
"""Names of the states; `classify_states` gives indices into this tuple."""


def classify_states(fused: FusionArrays, params: FusionParams) -> np.ndarray:
    """Classify every AU that has landmarks, expected or not.

    Parameters
    ----------
    fused : FusionArrays
        N faces, fused with `params`.
    params : FusionParams

    Returns
    -------
    ndarray
        (N, A) int8, indices into `STATES`, in the order of `LANDMARK_AUS`.
    """
    intensity = fused.intensity[:, 0]
    present, attended = intensity >= params.min_intensity, is_attended(fused, params)
    found = np.full(intensity.shape, ABSENT, np.int8)
    found[attended] = ATTENDED_ABSENT
    found[present] = PRESENT_NOT_ATTENDED
    found[present & attended] = PRESENT_ATTENDED
    found[np.isnan(intensity)] = NOT_MEASURABLE
    return found


def measure_disagreement(fused: FusionArrays, params: FusionParams) -> np.ndarray:
    """Measure how far the map and the AUs disagree about each face.

    Of the AUs that Table 2 expects for the target class and that were measured, let P be those
    that are present and A those that are attended. The disagreement is 1 - 2 |P and A| / (|P| +
    |A|), which is 1 - F1: 0 where the map attends exactly to the AUs that are present, 1 where the
    two have nothing in common.

    Returns
    -------
    ndarray
        (N,) float64, 0-1; NaN where P and A are both empty (as for neutral, or where nothing was
        measured), and where the map has no positive evidence.
    """
    found = classify_states(fused, params)
    counted = fused.expected & (found != NOT_MEASURABLE) & ~np.isnan(fused.threshold)[:, None]
    both = (counted & (found == PRESENT_ATTENDED)).sum(axis=1)
    one = (counted & ((found == PRESENT_NOT_ATTENDED) | (found == ATTENDED_ABSENT))).sum(axis=1)
    total = 2.0 * both + one
    share: np.ndarray = np.divide(one, total, out=np.full(len(total), np.nan), where=total > 0)
    return share


def count_states(
    fused: FusionArrays, params: FusionParams, target: str
) -> dict[int, tuple[int, ...]]:
    """Count in how many faces each expected AU of one class is in each state.

    Parameters
    ----------
    fused : FusionArrays
        Faces whose target class it is.
    params : FusionParams
    target : str

    Returns
    -------
    dict of int to tuple of int
        AU -> counts in the order of `STATES`; empty for neutral.
    """
    found = classify_states(fused, params)
    return {
        au: tuple(np.bincount(found[:, LANDMARK_AUS.index(au)], minlength=len(STATES)).tolist())
        for au in EXPECTED_AUS[target]
    }


def is_attended(fused: FusionArrays, params: FusionParams) -> np.ndarray:
    """Return where (N, A) the map attends to an AU, whether it is present or not."""
    return fused.coverage[:, 0] >= least_share(params.coverage)
