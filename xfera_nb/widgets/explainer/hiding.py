"""Hide parts of the face from the classifier: what if it could not see them?"""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as w

from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.report.markup import escape
from xfera_nb.widgets.explainer.readout import describe_change
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.controls import choose, make_button

TITLE = "What if it could not see \u2026"
HINT = "Press a region, or paint over the face: it is blurred before the classifier sees it."
BRUSH = "Paint with the pointer over what the classifier should not see"


class HidingButtons(w.VBox):
    """Show a button for each face region, a brush, and one that shows the whole face again.

    Attributes
    ----------
    regions : dict of str to ToggleButton
        By region.
    brush : ToggleButton
        While it is pressed, dragging over the face paints what is hidden.
    reset : Button
    change : HTML
        What hiding did to the prediction; while nothing is hidden, what the buttons do.
    """

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.regions = {
            region: w.ToggleButton(
                description=region.capitalize(),
                tooltip=f"Blur the {region} before the classifier sees the face",
                layout={"width": "auto"},
            )
            for region in FACE_REGIONS
        }
        for region, button in self.regions.items():
            button.observe(partial(self._on_button, region), "value")
        self.brush = w.ToggleButton(
            description="Brush", icon="paint-brush", tooltip=BRUSH, layout={"width": "auto"}
        )
        self.brush.observe(self._on_brush, "value")
        self.reset = make_button("Whole face", lambda: choose(state, "hidden", ()))
        head = w.HBox([w.HTML(f"<b>{TITLE}</b>"), self.reset])
        head.add_class("xf-hiding-head")
        row = w.HBox([*self.regions.values(), self.brush])
        row.add_class("xf-chips")
        self.change = w.HTML()
        self.change.add_class("xf-change")
        super().__init__([head, row, self.change])
        self.add_class("xf-hiding")
        self._show()
        self._show_change()
        state.observe(lambda _: self._show(), ["hidden", "brush"])
        state.observe(lambda _: self._show_change(), "fusion")

    def _on_button(self, region: str, change: dict[str, Any]) -> None:
        if change["new"] != (region in self.state.hidden):
            with self.state.in_background():
                self.state.toggle_region(region)

    def _on_brush(self, change: dict[str, Any]) -> None:
        self.state.brush = change["new"]

    def _show_change(self) -> None:
        change = describe_change(self.state.fusion, self.state.unhidden)
        kind = "xf-say" if change else "xf-q"
        self.change.value = f'<p class="{kind}" role="status">{escape(change or HINT)}</p>'

    def _show(self) -> None:
        self.reset.disabled = not self.state.hidden
        self.brush.value = self.state.brush
        for region, button in self.regions.items():
            button.value = region in self.state.hidden
