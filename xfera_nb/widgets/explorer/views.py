"""Views of an `ExplorerState`: the matrix, the filters, the gallery, and the analysis of one face.

Each sends the front end what it draws and takes back what was chosen. The front end puts text into
pages as text.
"""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets as w
import traitlets
from traitlets import TraitError

from xfera_nb.facs import ACTION_UNITS, EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.report.markup import escape
from xfera_nb.saliency import describe_map
from xfera_nb.widgets.explorer.selection import LABELS, SORTS
from xfera_nb.widgets.explorer.state import ExplorerState, Tile
from xfera_nb.widgets.shared.front import read_script
from xfera_nb.widgets.shared.gallery import Gallery, GalleryPage
from xfera_nb.widgets.shared.stored_faces import LEVELS


class Matrix(anywidget.AnyWidget):
    """Show faces by label and prediction; choose a cell, a row or a column."""

    _esm = read_script("explorer_matrix")
    facts = traitlets.Dict().tag(sync=True)
    chosen = traitlets.List(["", ""]).tag(sync=True)

    def __init__(self, state: ExplorerState) -> None:
        super().__init__()
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), "selection")
        self.on_msg(self._on_cell)

    def _show(self) -> None:
        counts = self.state.selection.matrix
        # The last row is there only if any face of the store has no label.
        rows = len(LABELS) if (self.state.faces.true < 0).any() else len(EMOTIONS)
        with self.hold_sync():
            self.chosen = [self.state.true or "", self.state.predicted or ""]
            self.facts = {
                "labels": list(LABELS[:rows]),
                "predictions": list(EMOTIONS),
                "counts": counts[:rows].tolist(),
            }

    def _on_cell(self, _: object, content: Any, __: list[Any]) -> None:
        cell = content.get("cell") if isinstance(content, dict) else None
        if not isinstance(cell, list) or len(cell) != 2:
            return
        true, predicted = cell
        if true in ("", *LABELS) and predicted in ("", *EMOTIONS):
            self.state.choose_cell(true or None, predicted or None)


class Filters(anywidget.AnyWidget):
    """Choose what is shown and in which order."""

    _esm = read_script("explorer_filters")
    fields: traitlets.List[Any] = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    explaining = traitlets.Bool(False).tag(sync=True)
    about = traitlets.Unicode("").tag(sync=True)

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(fields=_fields(state))
        self.state = state
        self._names = {field["name"] for field in self.fields}
        self._show()
        state.observe(lambda _: self._show(), ["selection", "params", "explainer"])
        self.on_msg(self._on_request)

    def _show(self) -> None:
        p = self.state.params
        with self.hold_sync():
            self.values = {
                name: _field_value(name, getattr(self.state, name)) for name in self._names
            }
            self.explaining = self.state.explainer is not None
            self.about = (
                f"Active by k {p.k:g}, minimum AU intensity {p.min_intensity:g}, coverage "
                f"{p.coverage:g}, region {p.region}, scope {p.scope}, each face explained for its "
                "prediction."
            )

    def _on_request(self, _: object, content: Any, __: list[Any]) -> None:
        if not isinstance(content, dict):
            return
        acts = {"clear": self.state.clear, "take_params": self.state.take_params}
        if content.get("do") in acts:
            acts[content["do"]]()
        wanted = content.get("set")
        if isinstance(wanted, dict) and set(wanted) <= self._names:
            try:
                self.state.set(**{name: _read_field(name, value) for name, value in wanted.items()})
            except (TraitError, TypeError, ValueError):
                self.send({"refused": True})  # the field returns to its value


class FaceGallery(Gallery):
    """Show the photos that pass the filters, in their order."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state.thumbnail, self._open, lambda page: state.set(page=page))
        self.state = state
        self.picked = state.picked
        self._show()
        state.observe(lambda _: self._show(), ["selection", "page"])
        state.observe(lambda change: self.set_trait("picked", change["new"]), "picked")

    def _show(self) -> None:
        state = self.state
        rows = state.shown.tolist()
        tiles = [_tile(state.tile(row), state.sort) for row in rows]
        self.show(GalleryPage(rows, tiles, _count(state), state.page, state.pages))

    def _open(self, number: int) -> None:
        with self.state.in_background():
            self.state.pick(number)


class AnalysisPanel(w.HTML):
    """Show the facts of the picked face."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__()
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), ["why", "picked", "busy", "error"])

    def _show(self) -> None:
        self.value = analysis_html(self.state)


def analysis_html(state: ExplorerState) -> str:
    """Return the paragraph on the picked face, what failed, and what is being done."""
    parts = []
    if state.picked >= 0:
        row = int(state.faces.number.searchsorted(state.picked))
        parts.append(f"<p><b>{escape(state.faces.ids[row])}</b></p>")
    if state.why is not None:
        parts.append(f'<p class="xf-say">{escape(state.why.text)}</p>')
    if state.error:
        parts.append(f'<p class="xf-stale">{escape(state.error)}</p>')
    if state.busy:
        parts.append(f'<p class="xf-q">{escape(state.busy)}</p>')
    maps = escape(describe_map(**state.store.heatmap))
    if state.why is not None:
        parts.append(f'<p class="xf-q">Maps: {maps}.</p>')
    body = "".join(parts) or '<p class="xf-q">Pick a photo: its facts and the Explainer open here.'
    return f'<div class="xf-text xf-why" role="status" aria-live="polite">{body}</div>'


def _fields(state: ExplorerState) -> list[dict[str, Any]]:
    """Return the fields of the form, in their order."""

    def choice(name: str, label: str, options: list[list[str]]) -> dict[str, Any]:
        return {"kind": "select", "name": name, "label": label, "options": options}

    def plain(name: str, label: str, values: Any, everything: str = "all") -> dict[str, Any]:
        return choice(name, label, [["", everything], *([value, value] for value in values)])

    units = [["0", "any"]] + [
        [str(au), f"{ACTION_UNITS[au].code} {ACTION_UNITS[au].name}"] for au in LANDMARK_AUS
    ]
    fields = [
        plain("true", "Label", LABELS),
        plain("predicted", "Prediction", EMOTIONS),
        plain("correctness", "Prediction is", ("correct", "wrong")),
        plain("level", "Confidence", LEVELS),
        *(plain(name, name.capitalize(), values) for name, values in state.groups.items()),
        choice("active_au", "AU active", units),
        {"kind": "number", "name": "margin_low", "label": "Margin ≥"},
        {"kind": "number", "name": "margin_high", "label": "Margin ≤"},
        choice("sort", "Sort by", [[s, "data set order" if s == "order" else s] for s in SORTS]),
        choice("descending", "Order", [["1", "descending"], ["0", "ascending"]]),
        {"kind": "check", "name": "no_evidence", "label": "no positive evidence"},
    ]
    failed = int(state.faces.failed.sum())
    if failed:
        label = f"failed photos ({failed:,})"
        fields.append({"kind": "check", "name": "failed", "label": label})
    return fields


def _field_value(name: str, value: Any) -> Any:
    """Return what a field of the front end is set to; `_read_field` reads it back."""
    if name in ("active_au", "descending"):
        return str(int(value))
    return "" if value is None else value


def _read_field(name: str, value: Any) -> Any:
    """Return what a field of the front end means."""
    if name in ("margin_low", "margin_high"):
        return float(value)
    if name in ("no_evidence", "failed"):
        return value is True
    if name == "descending":
        return value == "1"
    if name == "active_au":
        return int(value)
    return value or None


def _count(state: ExplorerState) -> str:
    total, start = len(state.selection), state.page * state.page_size
    if not total:
        return "No photo passes these filters."
    return f"{start + 1:,} to {min(start + state.page_size, total):,} of {total:,} photos"


def _tile(tile: Tile, sort: str) -> dict[str, Any]:
    """Return what the front end shows of a photo."""
    label = f"label {tile.true}" if tile.true else "no label"
    if tile.predicted is None:
        line, kind, said = "no face", "", f"{tile.id}: {label}, no face: {tile.reason}"
    else:
        line = f"{tile.predicted} {tile.confidence:.0%}"
        kind = "" if tile.true is None else "correct" if tile.true == tile.predicted else "wrong"
        said = f"{tile.id}: {label}, prediction {line}"
        if tile.reason:
            said += f"; {tile.reason}"
    note = label
    if sort in ("margin", "disagreement"):
        value = getattr(tile, sort)
        shown = "undefined" if value is None else f"{value:.2f}"
        said += f"; {sort} {shown}"
        note = f"{shown} {sort}"  # the tile is narrow: the number first
    return {"number": tile.number, "kind": kind, "line": line, "note": note, "label": said}
