"""A page of thumbnails with their facts; used by the Explorer and the Tuner.

Thumbnails are read in a thread, a page at a time, after the page's facts were sent: nothing waits
for them, and those of a page that was left are not read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from xfera_nb.errors import XferaError
from xfera_nb.figures import data_uri
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.front import FRONT, read_script
from xfera_nb.widgets.shared.thumbnails import Thumbnail

AT_ONCE = 8
"""Thumbnails that are sent together."""


@dataclass(frozen=True)
class GalleryPage:
    """Describe what a gallery shows.

    Attributes
    ----------
    rows : list of int
        What `thumbnail` is asked for.
    tiles : list of dict
        For each row what the front end draws: number, kind ("right", "wrong" or ""), line, note,
        and label, which says all of it.
    status : str
        How many there are.
    page, pages : int
    size : str
        Of the thumbnails, one of the gallery's `sizes`; "" where it has only one.
    """

    rows: list[int]
    tiles: list[dict[str, Any]]
    status: str
    page: int
    pages: int
    size: str = ""


class Gallery(anywidget.AnyWidget):
    """Show a page of thumbnails, of which one is picked.

    Parameters
    ----------
    thumbnail : callable
        Row -> `Thumbnail`; called in a thread.
    pick : callable
        Takes the number of the tile that was pressed.
    turn : callable
        Takes the page that was asked for.

    Attributes
    ----------
    sizes : list of str
        Of thumbnails, which the front end offers; a message "size" names one.
    walks : bool
        Whether arrows pick the next tile where one is picked, by a message "step", and Escape sends
        "close"; otherwise they only move the focus.
    """

    _esm = read_script("gallery")
    _css = FRONT / "explorer.css"
    tiles: traitlets.List[Any] = traitlets.List().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)
    picked = traitlets.Int(-1).tag(sync=True)
    page = traitlets.Int(0).tag(sync=True)
    pages = traitlets.Int(1).tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    size = traitlets.Unicode("").tag(sync=True)
    sizes: traitlets.List[Any] = traitlets.List().tag(sync=True)
    walks = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        thumbnail: Callable[[int], Thumbnail],
        pick: Callable[[int], None],
        turn: Callable[[int], None],
    ) -> None:
        super().__init__()
        self._thumbnail, self._pick, self._turn = thumbnail, pick, turn
        self._request_id = 0
        self.on_msg(self._on_request)

    def show(self, shown: GalleryPage) -> None:
        """Show a page; pictures that are not there yet follow."""
        is_other = shown.tiles != self.tiles or shown.size != self.size
        with self.hold_sync():
            self.size = shown.size
            self.page, self.pages, self.status = shown.page, shown.pages, shown.status
            if is_other:
                self.tiles, self.pictures = shown.tiles, {}
        if is_other:
            self._read(shown)

    def _read(self, shown: GalleryPage) -> None:
        self._request_id += 1
        request_id = self._request_id
        pairs = [
            (row, str(tile["number"])) for row, tile in zip(shown.rows, shown.tiles, strict=True)
        ]

        def work(report: Callable[..., None]) -> None:
            for start in range(0, len(pairs), AT_ONCE):
                found = {}
                for row, number in pairs[start : start + AT_ONCE]:
                    if request_id != self._request_id:
                        return
                    found[number] = _sent(self._thumbnail(row))
                report(self._take, request_id, found)

        background.run(work, self._end, in_background=True)

    def _take(self, request_id: int, found: dict[str, dict[str, str]]) -> None:
        if request_id == self._request_id:
            self.pictures = {**self.pictures, **found}

    def _end(self, outcome: XferaError | None) -> None:
        if outcome is not None:
            self.status = str(outcome)

    def _on_request(self, _: object, content: Any, __: list[Any]) -> None:
        if not isinstance(content, dict):
            return
        page, number = content.get("page"), content.get("pick")
        if isinstance(page, int):
            self._turn(min(max(page, 0), self.pages - 1))
        if isinstance(number, int) and number in [tile["number"] for tile in self.tiles]:
            self._pick(number)


def _sent(thumbnail: Thumbnail) -> dict[str, str]:
    if thumbnail.data:
        return {"src": data_uri(thumbnail.data)}
    return {"reason": thumbnail.reason}
