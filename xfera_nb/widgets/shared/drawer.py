"""Fold parts of a view behind one line, which a mouse or the keyboard opens."""

from __future__ import annotations

from collections.abc import Sequence

import anywidget
import ipywidgets as w
import traitlets

from xfera_nb.widgets.shared.front import read_script


class Fold(anywidget.AnyWidget):
    """Show a button with a title, and what is folded away in a few words."""

    _esm = read_script("fold")
    title = traitlets.Unicode("").tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)
    is_open = traitlets.Bool(False).tag(sync=True)


class Drawer(w.VBox):
    """Show or hide widgets; the style sheet hides them, so that it needs no answer of the kernel.

    Attributes
    ----------
    fold : Fold
        Its `is_open` says whether the widgets show.
    """

    def __init__(self, title: str, children: Sequence[w.Widget], *, is_open: bool = False) -> None:
        self.fold = Fold(title=title, is_open=is_open)
        body = w.VBox(list(children))
        body.add_class("xf-drawer-body")
        super().__init__([self.fold, body])
        self.add_class("xf-drawer")
