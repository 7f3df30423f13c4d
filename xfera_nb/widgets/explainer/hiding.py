"""Hide face regions from the classifier, one button each: what if it could not see them?"""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as w

from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.controls import choose, make_button

TITLE = "What if it could not see \u2026"


class HidingButtons(w.VBox):
    """Show a button for each face region, which blurs it, and one that shows the whole face.

    Attributes
    ----------
    regions : dict of str to ToggleButton
        By region.
    reset : Button
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
        self.reset = make_button("Whole face", lambda: choose(state, "hidden", ()))
        row = w.HBox([*self.regions.values(), self.reset], layout={"flex_flow": "row wrap"})
        super().__init__([w.HTML(f"<b>{TITLE}</b>"), row])
        self.add_class("xf-hiding")
        self._show()
        state.observe(lambda _: self._show(), "hidden")

    def _on_button(self, region: str, change: dict[str, Any]) -> None:
        if change["new"] != (region in self.state.hidden):
            with self.state.in_background():
                self.state.toggle_region(region)

    def _show(self) -> None:
        self.reset.disabled = not self.state.hidden
        for region, button in self.regions.items():
            button.value = region in self.state.hidden
