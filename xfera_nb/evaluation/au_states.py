"""The state of each AU: present or absent, attended by the map or not.

Units and scales are those of `xfera_nb.fusion.fusion_arrays`; N faces, A AUs in the order of
`LANDMARK_AUS`. The states are those of `xfera_nb.fusion.states`; the expected AUs are those of
Table 2 of the XFERa paper (Macchiarulo et al. 2025); the rest is ours.
"""

from __future__ import annotations

import numpy as np

from xfera_nb.facs import EXPECTED_AUS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionArrays
from xfera_nb.fusion.states import STATES


def measure_disagreement(fused: FusionArrays) -> np.ndarray:
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
    present, attended = fused.present[:, 0], fused.attended[:, 0]
    is_measured = ~np.isnan(fused.intensity[:, 0])
    counted = fused.expected & is_measured & ~np.isnan(fused.threshold)[:, None]
    both = (counted & present & attended).sum(axis=1)
    one = (counted & (present != attended)).sum(axis=1)
    total = 2.0 * both + one
    share: np.ndarray = np.divide(one, total, out=np.full(len(total), np.nan), where=total > 0)
    return share


def count_states(fused: FusionArrays, target: str) -> dict[int, tuple[int, ...]]:
    """Count in how many faces each expected AU of one class is in each state.

    Parameters
    ----------
    fused : FusionArrays
        Faces whose target class it is.
    target : str

    Returns
    -------
    dict of int to tuple of int
        AU -> counts in the order of `STATES`; empty for neutral.
    """
    found = fused.states
    return {
        au: tuple(np.bincount(found[:, LANDMARK_AUS.index(au)], minlength=len(STATES)).tolist())
        for au in EXPECTED_AUS[target]
    }
