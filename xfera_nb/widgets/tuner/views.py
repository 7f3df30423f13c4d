"""Views of a `TunerState`: the heat table, the lines, and the photos that a setting changes.

They send the front end numbers and take back a cell.
"""

from __future__ import annotations

import math
from typing import Any

import anywidget
import numpy as np
import traitlets

from xfera_nb.facs import au_name
from xfera_nb.fusion import AXES, Change
from xfera_nb.widgets.shared.front import read_script
from xfera_nb.widgets.shared.gallery import Gallery, GalleryPage
from xfera_nb.widgets.tuner.state import TunerState
from xfera_nb.wording import start_sentence

LABELS = {
    "k": "k",
    "min_intensity": "minimum AU intensity",
    "coverage": "minimum coverage",
    "saliency_weight": "saliency weight",
    "explained": "share explained",
    "mean_active": "mean active AUs",
    "precision": "precision against Table 2",
    "recall": "recall against Table 2",
    "f1": "F1 against Table 2",
    "detector": "share of the AU source's AUs",
    "detector_f1": "F1 of the AU source alone",
    "stability": "stability",
    "excess_drop": "excess drop (faithfulness)",
    "first_right": "first AU is in Table 2",
    "first_strongest": "first AU is the strongest",
}
"""Parameters and measures as they are shown."""
_OBSERVED = ["sweep", "chosen", "measure", "emotion"]


class HeatTable(anywidget.AnyWidget):
    """Show the measure over two parameters."""

    _esm = read_script("tuner_table")
    facts = traitlets.Dict().tag(sync=True)
    chosen = traitlets.List([0, 0]).tag(sync=True)
    current: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, state: TunerState) -> None:
        super().__init__()
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), [*_OBSERVED, "rows", "columns", "params"])
        self.on_msg(self._on_cell)

    def _show(self) -> None:
        state = self.state
        if state.rows == state.columns:
            return  # about to change places
        values = state.table
        names = (state.rows, state.columns)
        low, high = _range(values)
        measure = LABELS[state.measure]
        about = "" if state.emotion is None else f", faces of {state.emotion}"
        others = (name for name in AXES if name not in names)
        fixed = ", ".join(f"{LABELS[n]} {getattr(state.chosen, n):g}" for n in others)
        with self.hold_sync():
            self.facts = {
                "title": f"{start_sentence(measure)}{about} ({fixed})",
                "unit": measure,
                "names": [LABELS[name] for name in names],
                "rows": [f"{value:g}" for value in state.sweep.axes[state.rows]],
                "columns": [f"{value:g}" for value in state.sweep.axes[state.columns]],
                "values": [_known(row) for row in values],
                "low": low,
                "high": high,
            }
            self.chosen = self._at(names, state.place)
            self.current = self._current(names)

    def _current(self, names: tuple[str, str]) -> list[int]:
        """Return the current setting's cell, where it is in this table; otherwise []."""
        state = self.state
        same = all(
            getattr(state.params, name) == getattr(state.chosen, name)
            for name in (*AXES, "region", "scope")
            if name not in names
        )
        on = all(getattr(state.params, name) in state.sweep.axes[name] for name in names)
        return self._at(names, state.sweep.index(state.params)) if same and on else []

    @staticmethod
    def _at(names: tuple[str, str], place: tuple[int, ...]) -> list[int]:
        return [place[AXES.index(name)] for name in names]

    def _on_cell(self, _: object, content: Any, __: list[Any]) -> None:
        cell = content.get("cell") if isinstance(content, dict) else None
        if not (isinstance(cell, list) and len(cell) == 2 and all(map(_is_index, cell))):
            return
        names = (self.state.rows, self.state.columns)
        axes = [self.state.sweep.axes[name] for name in names]
        if cell[0] < len(axes[0]) and cell[1] < len(axes[1]):
            pairs = zip(names, axes, cell, strict=True)
            self.state.choose(**{name: float(axis[i]) for name, axis, i in pairs})


class Lines(anywidget.AnyWidget):
    """Show the measure along one parameter, for all faces and for each emotion."""

    _esm = read_script("tuner_lines")
    facts = traitlets.Dict().tag(sync=True)

    def __init__(self, state: TunerState) -> None:
        super().__init__()
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), [*_OBSERVED, "along"])

    def _show(self) -> None:
        state = self.state
        lines = state.lines
        low, high = _range(np.stack(list(lines.values())))
        self.facts = {
            "x": getattr(state.chosen, state.along),
            "xs": [round(value, 6) for value in state.sweep.axes[state.along].tolist()],
            "series": [[name, _known(values)] for name, values in lines.items()],
            "names": [LABELS[state.along], LABELS[state.measure]],
            "low": min(low, 0.0),
            "high": high,
        }


class ChangedPhotos(Gallery):
    """Show the photos whose active AUs the chosen setting changes."""

    def __init__(self, state: TunerState) -> None:
        super().__init__(state.thumbnail, self._open, lambda page: state.set_trait("page", page))
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), ["changes", "page"])

    def _show(self) -> None:
        state = self.state
        rows = [state.row(change) for change in state.shown]
        tiles = [_tile(change) for change in state.shown]
        self.show(GalleryPage(rows, tiles, count_changes(state), state.page, state.pages))

    def _open(self, number: int) -> None:
        self.picked = number
        label = next(tile["label"] for tile in self.tiles if tile["number"] == number)
        self.status = f"{count_changes(self.state)} {label}."


def count_changes(state: TunerState) -> str:
    """Say how many photos change."""
    changes = state.changes
    if not len(changes):
        return f"None of {changes.faces:,} faces has other active AUs than at the current setting."
    have = "has" if len(changes) == 1 else "have"
    return (
        f"{len(changes):,} of {changes.faces:,} faces {have} other active AUs than at the current "
        f"setting; page {state.page + 1} of {state.pages}."
    )


def au_names(aus: tuple[int, ...]) -> str:
    """Return AUs as "AU01 AU12", or "none"."""
    return " ".join(map(au_name, aus)) or "none"


def _tile(change: Change) -> dict[str, Any]:
    gained = "".join(f" +{au}" for au in change.gained).strip()
    lost = "".join(f" −{au}" for au in change.lost).strip()
    before, after = au_names(change.before), au_names(change.after)
    label = f"{change.id}: {before} before, {after} at this setting"
    return {
        "number": change.number,
        "kind": "",
        "line": f"AU {gained}" if gained else f"AU {lost}",
        "note": lost if gained and lost else "",
        "label": label,
    }


def _range(values: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the greatest known value; 0 to 1 where none is."""
    known = values[~np.isnan(values)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)


def _known(values: np.ndarray) -> list[float | None]:
    return [None if math.isnan(value) else round(value, 4) for value in values.tolist()]


def _is_index(value: Any) -> bool:
    return isinstance(value, int) and value >= 0
