"""Group wrong predictions by the state of the evidence for the label.

The evidence for a label is the Action Units that Table 2 of the XFERa paper (Macchiarulo et al.
2025) expects for it. An AU is present, attended or not measurable as `xfera_nb.fusion.states` says,
and it is the label's own map that attends to it or not. The groups are ours; they exclude each
other, and every error is in one. Nothing counts as absent that was not measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from xfera_nb.fusion import FusionArrays
from xfera_nb.fusion.states import NOT_MEASURABLE

NOT_ATTENDED = "evidence not attended"
ATTENDED_ABSENT = "attended, but absent"
NO_EVIDENCE = "no evidence"
OUTWEIGHED = "evidence outweighed"
NOTHING_EXPECTED = "no AU expected"
ERROR_GROUPS: Mapping[str, str] = MappingProxyType(
    {
        NOT_ATTENDED: "Action Units expected for the label are present, but the label's map "
        "attends to none of them.",
        ATTENDED_ABSENT: "The label's map attends to an Action Unit expected for it, but all of "
        "them are absent.",
        NO_EVIDENCE: "All Action Units expected for the label are absent, and its map attends to "
        "none of them.",
        OUTWEIGHED: "An Action Unit expected for the label is present and attended, and yet "
        "another class won.",
        NOT_MEASURABLE: "No Action Unit expected for the label was found, and the AU source could "
        "not measure all of them.",
        NOTHING_EXPECTED: "Table 2 expects no Action Unit for the label, as for neutral.",
    }
)
"""Group -> the sentence that defines it."""


def group_errors(fused: FusionArrays) -> np.ndarray:
    """Return the group of each face.

    Parameters
    ----------
    fused : FusionArrays
        N faces, each fused with its label as the target class.

    Returns
    -------
    ndarray
        (N,) int8, index in `ERROR_GROUPS`.
    """
    expected, attended = fused.expected, fused.attended[:, 0]
    present = expected & fused.present[:, 0]
    unknown = expected & np.isnan(fused.intensity[:, 0])
    found = np.select(
        [
            ~expected.any(axis=1),
            (present & attended).any(axis=1),
            present.any(axis=1),
            unknown.any(axis=1),
            (expected & attended).any(axis=1),
        ],
        [
            _place(NOTHING_EXPECTED),
            _place(OUTWEIGHED),
            _place(NOT_ATTENDED),
            _place(NOT_MEASURABLE),
            _place(ATTENDED_ABSENT),
        ],
        _place(NO_EVIDENCE),
    )
    groups: np.ndarray = found.astype(np.int8)
    return groups


def _place(group: str) -> int:
    return list(ERROR_GROUPS).index(group)
