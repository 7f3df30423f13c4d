"""Filter, count and sort the photos of a store by array arithmetic.

Margins run from 0 to 1. A filter that is None (0 for `active_au`) passes everything. Photos without
a face fail every filter on what is measured on faces, and are shown only where `failed` is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.datasets import GROUPS
from xfera_nb.evaluation.error_groups import ERROR_GROUPS
from xfera_nb.facs import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.widgets.explorer.fused_faces import FusedFaces
from xfera_nb.widgets.shared.stored_faces import LEVELS, StoredFaces

if TYPE_CHECKING:
    from xfera_nb.widgets.explorer.state import ExplorerState

UNLABELLED = "no label"
"""The row of the matrix for faces without a label."""
LABELS = (*EMOTIONS, UNLABELLED)
CORRECTNESS = ("wrong", "correct")
SORTS = ("confidence", "margin", "disagreement", "order")
"""What a gallery is sorted by; "order" is the data set's."""
PAGE_SIZE = 24
FILTERS = (
    "true", "predicted", "correctness", "error_group", *GROUPS, "level", "margin_low",
    "margin_high", "active_au", "no_evidence", "failed",
)  # fmt: skip
NEED_FUSION = frozenset({"error_group", "active_au", "no_evidence"})
"""Filters on what follows from the maps and the parameters."""
_OF_MATRIX = frozenset({"true", "predicted", "correctness"})


@dataclass(frozen=True, eq=False)
class Selection:
    """Hold the photos that pass the filters.

    Attributes
    ----------
    rows : ndarray
        (K,) int64, indices of rows in their order.
    matrix : ndarray
        (8, 7) int64, faces by label (in the order of `LABELS`) and by prediction; the filters on
        these two and on `correctness` do not count.
    counts : mapping of str to mapping
        Filter -> value -> how many photos that pass all other filters have it. Those of
        `NEED_FUSION` are there once the faces are fused.
    """

    rows: np.ndarray
    matrix: np.ndarray = field(repr=False)
    counts: Mapping[str, Mapping[Any, int]] = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)


class Selector:
    """Select photos of a store; what does not depend on the choices is worked out once."""

    def __init__(self, faces: StoredFaces) -> None:
        self.faces = faces
        outcome = (faces.true == faces.predicted).astype(np.int8)
        outcome[~faces.has_face | (faces.true < 0)] = -1
        # Filter -> its values and the index of each photo's, -1 without.
        self._codes: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
            "true": (LABELS, np.where(faces.true < 0, len(EMOTIONS), faces.true).astype(np.int8)),
            "predicted": (EMOTIONS, faces.predicted),
            "correctness": (CORRECTNESS, outcome),
            "level": (LEVELS, faces.level),
            **faces.groups,
        }
        self._orders: dict[tuple[str, bool], np.ndarray] = {}

    def select(self, choices: ExplorerState, fused: FusedFaces | None) -> Selection:
        """Filter, count and sort.

        Parameters
        ----------
        choices : ExplorerState
        fused : FusedFaces or None
            None where no filter needs it, nor the order.
        """
        base = self.faces.failed if choices.failed else self.faces.has_face
        is_set = [name for name in FILTERS if _is_set(name, choices)]
        masks = {name: self._mask(name, choices, fused) for name in is_set}
        chosen = _all(base, masks)
        counts: dict[str, dict[Any, int]] = {}
        for name in (*self._codes, *(NEED_FUSION if fused is not None else ())):
            others = chosen
            if name in masks:
                others = _all(base, {key: mask for key, mask in masks.items() if key != name})
            counts[name] = self._count(name, others, fused)
        counts["failed"] = {True: int(np.count_nonzero(_all(self.faces.failed, masks)))}
        free = {name: mask for name, mask in masks.items() if name not in _OF_MATRIX}
        matrix = self._matrix(_all(base, free) & self.faces.has_face)
        return Selection(self._sorted(chosen, choices, fused), matrix, counts)

    def _mask(self, name: str, choices: ExplorerState, fused: FusedFaces | None) -> np.ndarray:
        """Return (M,) bool, what passes a filter that is set."""
        wanted = getattr(choices, name)
        if name == "margin_low":
            return self.faces.margin >= wanted
        if name == "margin_high":
            return self.faces.margin <= wanted
        if name == "active_au":
            return _needed(fused).active[LANDMARK_AUS.index(wanted)]
        if name == "no_evidence":
            return self.faces.has_face & ~_needed(fused).evidence
        values, codes = self._coded(name, fused)
        place = values.index(wanted) if wanted in values else len(values)
        return codes == place

    def _coded(self, name: str, fused: FusedFaces | None) -> tuple[tuple[str, ...], np.ndarray]:
        """Return the values of a filter, and (M,) int, which of them a photo has; -1 for none."""
        if name == "error_group":
            return tuple(ERROR_GROUPS), _needed(fused).error_group
        return self._codes.get(name, ((), np.full(len(self.faces), -1, np.int8)))

    def _count(self, name: str, among: np.ndarray, fused: FusedFaces | None) -> dict[Any, int]:
        """Count the values of one filter among some photos, (M,) bool."""
        if name == "active_au":
            found = [int(np.count_nonzero(active & among)) for active in _needed(fused).active]
            return dict(zip(LANDMARK_AUS, found, strict=True))
        if name == "no_evidence":
            without = among & self.faces.has_face & ~_needed(fused).evidence
            return {True: int(np.count_nonzero(without))}
        values, codes = self._coded(name, fused)
        counts = np.bincount(codes[among] + 1, minlength=len(values) + 1)
        return dict(zip(values, counts[1:].tolist(), strict=True))

    def _matrix(self, counted: np.ndarray) -> np.ndarray:
        truth = self._codes["true"][1][counted].astype(np.int64)
        cells = truth * len(EMOTIONS) + self.faces.predicted[counted]
        matrix = np.bincount(cells, minlength=len(LABELS) * len(EMOTIONS))
        return matrix.reshape(len(LABELS), len(EMOTIONS))

    def _sorted(
        self, chosen: np.ndarray, choices: ExplorerState, fused: FusedFaces | None
    ) -> np.ndarray:
        """Sort rows; undefined values come last, equal ones in the data set's order."""
        if choices.sort == "order":
            rows = np.flatnonzero(chosen)
            return rows[::-1] if choices.descending else rows
        if choices.sort == "disagreement":
            rows = np.flatnonzero(chosen)
            return rows[_order(_needed(fused).disagreement[rows], choices.descending)]
        key = (choices.sort, choices.descending)
        if key not in self._orders:
            self._orders[key] = _order(getattr(self.faces, choices.sort), choices.descending)
        order = self._orders[key]
        return order[chosen[order]]


def _is_set(name: str, choices: ExplorerState) -> bool:
    """Whether a filter leaves anything out; `failed` chooses other photos instead."""
    return name != "failed" and getattr(choices, name) != choices.traits()[name].default_value


def _needed(fused: FusedFaces | None) -> FusedFaces:
    if fused is None:
        raise ValueError("The faces are not fused yet.")
    return fused


def _order(values: np.ndarray, descending: bool) -> np.ndarray:
    return np.argsort(-values if descending else values, kind="stable")


def _all(base: np.ndarray, masks: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return (M,) bool, the photos that pass all masks."""
    passing = base.copy()
    for mask in masks.values():
        passing &= mask
    return passing
