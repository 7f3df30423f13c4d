"""Views of an `ExplorerState`: the matrix, the filters, the gallery, and why one face is wrong.

Each sends the front end what it draws and takes back what was chosen. The front end puts text into
pages as text.
"""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets
from traitlets import TraitError

from xfera_nb.errors import XferaError
from xfera_nb.evaluation.error_groups import ERROR_GROUPS
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures import data_uri, overlay_image, to_jpeg
from xfera_nb.fusion import fuse
from xfera_nb.saliency import describe_map
from xfera_nb.widgets.explorer.filter_chips import list_filters, list_set, read_value
from xfera_nb.widgets.explorer.selection import FILTERS, LABELS, SORTS
from xfera_nb.widgets.explorer.state import TILE_SIZES, ExplorerState, Tile
from xfera_nb.widgets.shared.front import read_script
from xfera_nb.widgets.shared.gallery import Gallery, GalleryPage

_FIELDS = ("sort", "descending", "margin_low", "margin_high")


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
    filters: traitlets.List[Any] = traitlets.List().tag(sync=True)
    chosen: traitlets.List[Any] = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    sorts: traitlets.List[Any] = traitlets.List().tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    explaining = traitlets.Bool(False).tag(sync=True)
    about = traitlets.Unicode("").tag(sync=True)

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(sorts=[[s, "data set order" if s == "order" else s] for s in SORTS])
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), ["selection", "params", "explainer", "counting"])
        self.on_msg(self._on_request)

    def _show(self) -> None:
        state, p = self.state, self.state.params
        with self.hold_sync():
            self.filters, self.chosen = list_filters(state), list_set(state)
            self.values = {
                "sort": state.sort,
                "descending": str(int(state.descending)),
                "margin_low": state.margin_low,
                "margin_high": state.margin_high,
            }
            self.status = f"{len(state.selection):,} of {len(state.faces):,} photos"
            self.explaining = state.explainer is not None
            self.about = (
                f"Active by k {p.k:g}, minimum AU intensity {p.min_intensity:g}, minimum "
                f"coverage {p.coverage:g}, mean and SD over {p.region}, scope {p.scope}, each face "
                "explained for its prediction; what went wrong by each face's label."
            )

    def _on_request(self, _: object, content: Any, __: list[Any]) -> None:
        if not isinstance(content, dict):
            return
        acts = {"clear": self.state.clear, "take_params": self.state.take_params}
        wanted = content.get("set")
        if not isinstance(wanted, dict) or not set(wanted) <= {*FILTERS, *_FIELDS}:
            wanted = {}
        try:
            with self.state.in_background():
                if content.get("do") in acts:
                    acts[content["do"]]()
                if wanted:
                    self.state.set(**{n: read_value(n, value) for n, value in wanted.items()})
        except (TraitError, TypeError, ValueError, XferaError):
            self.send({"refused": True})  # the field returns to its value


class FaceGallery(Gallery):
    """Show the photos that pass the filters, in their order; arrows walk them once one is open."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state.thumbnail, self._open, lambda page: state.set(page=page))
        self.state = state
        self.sizes, self.walks = list(TILE_SIZES), True
        self.picked = state.picked
        self._show()
        state.observe(lambda _: self._show(), ["selection", "page", "tile_size"])
        state.observe(lambda change: self.set_trait("picked", change["new"]), "picked")

    def _show(self) -> None:
        state = self.state
        rows = state.shown.tolist()
        tiles = [_tile(state.tile(row), state.sort) for row in rows]
        self.show(
            GalleryPage(rows, tiles, _count(state), state.page, state.pages, state.tile_size)
        )

    def _open(self, number: int) -> None:
        with self.state.in_background():
            self.state.pick(number)

    def _on_request(self, _: object, content: Any, __: list[Any]) -> None:
        super()._on_request(_, content, __)
        walk(self.state, content)
        size = content.get("size") if isinstance(content, dict) else None
        if isinstance(size, str) and size in TILE_SIZES:
            self.state.tile_size = size


class FacePanel(anywidget.AnyWidget):
    """Show the picked face, why it was classified so, and where it is among the others."""

    _esm = read_script("explorer_panel")
    facts = traitlets.Dict().tag(sync=True)
    picture = traitlets.Unicode("").tag(sync=True)
    place = traitlets.Unicode("").tag(sync=True)
    busy = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def __init__(self, state: ExplorerState) -> None:
        super().__init__()
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), ["why", "picked"])
        state.observe(lambda _: self._show_status(), ["busy", "error", "selection"])
        self.on_msg(self._on_request)

    def _show(self) -> None:
        with self.hold_sync():
            self.facts = describe_picked(self.state)
            self.picture = _picture(self.state)
            self._show_status()

    def _show_status(self) -> None:
        state = self.state
        with self.hold_sync():
            self.busy, self.error = state.busy, state.error
            at, total = state.place, len(state.selection)
            self.place = "not among these photos" if at is None else f"{at + 1:,} of {total:,}"

    def _on_request(self, _: object, content: Any, __: list[Any]) -> None:
        walk(self.state, content)
        if isinstance(content, dict) and content.get("do") == "explain":
            self.state.explain()


def walk(state: ExplorerState, content: Any) -> None:
    """Do what a message of the gallery or the panel asks: a step, or to go back."""
    if not isinstance(content, dict):
        return
    by = content.get("step")
    if isinstance(by, int) and not isinstance(by, bool) and abs(by) <= len(state.faces):
        with state.in_background():
            state.step(by)
    if content.get("do") == "close":
        state.close()


def describe_picked(state: ExplorerState) -> dict[str, Any]:
    """Return the facts of the picked face as the front end takes them; empty without one."""
    if state.picked < 0:
        return {}
    row = state.faces.row(state.picked)
    name = state.faces.shown(row).id if row is not None else ""
    why = state.why
    if why is None:
        return {"number": state.picked, "name": name, "lines": [], "explainable": False}
    title = {True: "Why wrong", False: "Why right", None: "Why"}[why.is_wrong]
    return {
        "number": state.picked,
        "name": name,
        "title": title,
        "lines": list(why.lines),
        "group": why.group or "",
        "group_about": ERROR_GROUPS.get(why.group or "", ""),
        "text": why.text,
        "maps": f"Maps: {describe_map(**state.store.heatmap)}.",
        "explainable": state.evidence is not None,
    }


def _picture(state: ExplorerState) -> str:
    """Return the picked face with the map of its prediction; "" where its photo is not there."""
    if state.evidence is None:
        return ""
    fusion = fuse(state.evidence, state.params)
    return data_uri(to_jpeg(overlay_image(fusion, scale=2, legend=False)))


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
