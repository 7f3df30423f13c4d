"""Choose two of the Explainer's photos and compare them."""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from xfera_nb.errors import XferaError
from xfera_nb.report.markup import escape
from xfera_nb.widgets.compare.state import CompareState
from xfera_nb.widgets.compare.widget import Compare
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared import background


class ComparePhotos(w.VBox):
    """Compare two photos of an Explainer; the first two at first.

    Attributes
    ----------
    a, b : Dropdown
        Indices of the photos.
    compare : Compare or None
    """

    def __init__(self, state: ExplainerState, **models: Any) -> None:
        self.state, self._models = state, models
        self.compare: Compare | None = None
        self._request = 0
        self.a, self.b = (
            w.Dropdown(description=side, style={"description_width": "initial"})
            for side in ("Left", "Right")
        )
        form = w.HBox([self.a, self.b])
        form.add_class("xf-form")
        self.status = w.HTML()
        self._form = (form, self.status)
        super().__init__(self._form)
        self._list_photos()
        for menu in (self.a, self.b):
            menu.observe(lambda _: self._compare(), "value")
        state.observe(lambda _: self._list_photos(), "photos")
        self._compare()

    def _list_photos(self) -> None:
        options = [(photo.name, index) for index, photo in enumerate(self.state.photos)]
        for menu, first in ((self.a, 0), (self.b, min(1, len(options) - 1))):
            chosen = menu.value
            menu.options = options
            menu.value = first if chosen is None else chosen

    def _compare(self) -> None:
        if self.a.value is None or self.b.value is None:
            return
        self._request += 1
        request = self._request
        pair = [self.state.photos[menu.value].source for menu in (self.a, self.b)]
        names = tuple(self.state.photos[menu.value].name for menu in (self.a, self.b))
        self._say("Measuring both faces …")
        background.run(
            lambda report: CompareState(*pair, names=names, **self._models),
            lambda outcome: self._show(request, outcome),
            in_background=True,
        )

    def _show(self, request: int, outcome: CompareState | XferaError) -> None:
        if request != self._request:
            return
        if isinstance(outcome, XferaError):
            self._say(f"These two cannot be compared: {outcome}")
            return
        self._say("")
        self.compare = Compare(outcome)
        self.children = (*self._form, self.compare)

    def _say(self, text: str) -> None:
        self.status.value = f'<p role="status">{escape(text)}</p>' if text else ""
