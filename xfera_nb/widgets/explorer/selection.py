"""Filter and sort the photos of a store by array arithmetic.

Margins run from 0 to 1. A filter that is None (0 for `active_au`) passes everything. Photos without
a face fail every filter on what is measured on faces, and are shown only where `failed` is set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from xfera_nb.datasets import GROUPS
from xfera_nb.facs import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.widgets.shared.stored_faces import LEVELS, FusedFaces, StoredFaces

if TYPE_CHECKING:
    from xfera_nb.widgets.explorer.state import ExplorerState

UNLABELLED = "no label"
"""The row of the matrix for faces without a label."""
LABELS = (*EMOTIONS, UNLABELLED)
SORTS = ("confidence", "margin", "disagreement", "order")
"""What a gallery is sorted by; "order" is the data set's."""
PAGE_SIZE = 24
FILTERS = (
    "true", "predicted", "correctness", *GROUPS, "level", "margin_low", "margin_high", "active_au",
    "no_evidence", "failed",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Selection:
    """Hold the photos that pass the filters.

    Attributes
    ----------
    rows : ndarray
        (K,) int64, indices of rows in their order.
    matrix : ndarray
        (8, 7) int64, faces by label (in the order of `LABELS`) and by prediction; the filters on
        these two do not count.
    failed : int
        Photos without a face, or without Action Units, that pass the filters on what their data set
        knows.
    """

    rows: np.ndarray
    matrix: np.ndarray = field(repr=False)
    failed: int = 0

    def __len__(self) -> int:
        return len(self.rows)


def select(faces: StoredFaces, fused: FusedFaces, choices: ExplorerState) -> Selection:
    """Filter and sort a store's photos."""
    known = np.full(len(faces), True)
    for name in GROUPS:
        wanted = getattr(choices, name)
        if wanted is not None:
            values, codes = faces.groups.get(name, ((), None))
            known &= codes == values.index(wanted) if wanted in values else False
    measured = known & _measured(faces, fused, choices)
    if choices.failed:
        measured &= faces.failed
    else:
        measured &= faces.has_face
    chosen = measured.copy()
    truth = np.where(faces.true < 0, len(EMOTIONS), faces.true)
    if choices.true is not None:
        chosen &= truth == LABELS.index(choices.true)
    if choices.predicted is not None:
        chosen &= faces.predicted == EMOTIONS.index(choices.predicted)
    if choices.correctness is not None:
        is_correct = faces.true == faces.predicted
        wanted = choices.correctness == "correct"
        chosen &= (faces.true >= 0) & faces.has_face & (is_correct == wanted)
    counted = measured & faces.has_face
    cells = truth[counted] * len(EMOTIONS) + faces.predicted[counted]
    matrix = np.bincount(cells, minlength=len(LABELS) * len(EMOTIONS))
    return Selection(
        _sorted(np.flatnonzero(chosen), faces, fused, choices),
        matrix.reshape(len(LABELS), len(EMOTIONS)),
        int((known & faces.failed).sum()),
    )


def _measured(faces: StoredFaces, fused: FusedFaces, choices: ExplorerState) -> np.ndarray:
    """Return (M,) bool, what passes the filters on measured values."""
    kept = np.full(len(faces), True)
    if choices.level is not None:
        kept &= faces.level == LEVELS.index(choices.level)
    if (choices.margin_low, choices.margin_high) != (0.0, 1.0):
        kept &= (faces.margin >= choices.margin_low) & (faces.margin <= choices.margin_high)
    if choices.active_au:
        kept &= fused.active[:, LANDMARK_AUS.index(choices.active_au)]
    if choices.no_evidence:
        kept &= faces.has_face & ~fused.evidence
    return kept


def _sorted(
    rows: np.ndarray, faces: StoredFaces, fused: FusedFaces, choices: ExplorerState
) -> np.ndarray:
    """Sort rows; undefined values come last, equal ones in the data set's order."""
    if choices.sort == "order":
        return rows if not choices.descending else rows[::-1]
    column = {"disagreement": fused.disagreement}.get(choices.sort)
    values = (getattr(faces, choices.sort) if column is None else column)[rows]
    return rows[np.argsort(-values if choices.descending else values, kind="stable")]
