"""What can be chosen in an Explorer, and which photos the choices leave: no screen, no store.

Margins run from 0 to 1. A filter that is None (0 for `active_au`) lets everything through. What
was measured on a face cannot be true of a photo without one: such photos are left out as soon as
one of those filters is set, and are shown only where `failed` asks for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from traitlets import Bool, Enum, Float, HasTraits, Int, TraitError, Unicode, validate

from xfera_nb.datasets import GROUPS
from xfera_nb.facs import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.widgets.explorer.columns import LEVELS, Judged, StoredFaces

UNLABELLED = "no label"
"""The row of the matrix for faces without a label."""
TRUTHS = (*EMOTIONS, UNLABELLED)
SORTS = ("confidence", "margin", "disagreement", "order")
"""What a gallery is sorted by; "order" is the data set's."""
PAGE = 24
FILTERS = (
    "true", "predicted", "answer", *GROUPS, "level", "margin_low", "margin_high", "active_au",
    "no_evidence", "failed",
)  # fmt: skip


class ExplorerChoices(HasTraits):
    """The traits of an `ExplorerState`, which says what they mean."""

    true = Enum(TRUTHS, None, allow_none=True)
    predicted = Enum(EMOTIONS, None, allow_none=True)
    answer = Enum(("right", "wrong"), None, allow_none=True)
    person = Unicode(None, allow_none=True)
    session = Unicode(None, allow_none=True)
    angle = Unicode(None, allow_none=True)
    gender = Unicode(None, allow_none=True)
    split = Unicode(None, allow_none=True)
    level = Enum(LEVELS, None, allow_none=True)
    margin_low = Float(0.0, min=0.0, max=1.0)
    margin_high = Float(1.0, min=0.0, max=1.0)
    active_au = Enum((0, *LANDMARK_AUS), 0)
    no_evidence = Bool(False)
    failed = Bool(False)

    sort = Enum(SORTS, "confidence")
    descending = Bool(True)
    page = Int(0, min=0)
    page_size = Int(PAGE, min=1, max=200)

    @validate("margin_low", "margin_high")
    def _is_number(self, proposal: dict[str, Any]) -> float:
        if not math.isfinite(proposal["value"]):
            raise TraitError(f"{proposal['trait'].name} must be a finite number.")
        return proposal["value"]


@dataclass(frozen=True, eq=False)
class Selection:
    """What the choices leave.

    Attributes
    ----------
    rows : ndarray
        (K,) int64, indices of rows in their order.
    matrix : ndarray
        (8, 7) int64, faces by truth (in the order of `TRUTHS`) and by prediction, whatever is
        chosen of the two: only the other filters count.
    failed : int
        Photos without a face, or without movements, that the filters on what their data set knows
        let through.
    """

    rows: np.ndarray
    matrix: np.ndarray = field(repr=False)
    failed: int = 0

    def __len__(self) -> int:
        return len(self.rows)


def select(faces: StoredFaces, judged: Judged, choices: ExplorerChoices) -> Selection:
    """Filter and sort a store's photos."""
    known = np.full(len(faces), True)
    for name in GROUPS:
        wanted = getattr(choices, name)
        if wanted is not None:
            values, codes = faces.groups.get(name, ((), None))
            known &= codes == values.index(wanted) if wanted in values else False
    measured = known & _measured(faces, judged, choices)
    if choices.failed:
        measured &= faces.failed
    else:
        measured &= faces.has_face
    chosen = measured.copy()
    truth = np.where(faces.true < 0, len(EMOTIONS), faces.true)
    if choices.true is not None:
        chosen &= truth == TRUTHS.index(choices.true)
    if choices.predicted is not None:
        chosen &= faces.predicted == EMOTIONS.index(choices.predicted)
    if choices.answer is not None:
        right = faces.true == faces.predicted
        chosen &= (faces.true >= 0) & faces.has_face & (right == (choices.answer == "right"))
    counted = measured & faces.has_face
    cells = truth[counted] * len(EMOTIONS) + faces.predicted[counted]
    matrix = np.bincount(cells, minlength=len(TRUTHS) * len(EMOTIONS))
    return Selection(
        _sorted(np.flatnonzero(chosen), faces, judged, choices),
        matrix.reshape(len(TRUTHS), len(EMOTIONS)),
        int((known & faces.failed).sum()),
    )


def _measured(faces: StoredFaces, judged: Judged, choices: ExplorerChoices) -> np.ndarray:
    """(M,) bool, what the filters on measured values let through."""
    kept = np.full(len(faces), True)
    if choices.level is not None:
        kept &= faces.level == LEVELS.index(choices.level)
    if (choices.margin_low, choices.margin_high) != (0.0, 1.0):
        kept &= (faces.margin >= choices.margin_low) & (faces.margin <= choices.margin_high)
    if choices.active_au:
        kept &= judged.active[:, LANDMARK_AUS.index(choices.active_au)]
    if choices.no_evidence:
        kept &= faces.has_face & ~judged.evidence
    return kept


def _sorted(
    rows: np.ndarray, faces: StoredFaces, judged: Judged, choices: ExplorerChoices
) -> np.ndarray:
    """Rows by what was chosen; undefined values come last, equal ones in the data set's order."""
    if choices.sort == "order":
        return rows if not choices.descending else rows[::-1]
    column = {"disagreement": judged.disagreement}.get(choices.sort)
    values = (getattr(faces, choices.sort) if column is None else column)[rows]
    return rows[np.argsort(-values if choices.descending else values, kind="stable")]
