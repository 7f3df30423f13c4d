"""Set the parameters of an Explainer: sliders, presets and menus."""

from __future__ import annotations

from functools import partial

import ipywidgets as w

from xfera_nb.fusion import PRESETS
from xfera_nb.report.markup import escape
from xfera_nb.saliency import METHODS
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.controls import (
    REGION_MENU,
    SCOPE_MENU,
    SLIDERS,
    bind,
    make_button,
    make_menu,
    make_slider,
)

PRESET_LABELS = {
    "algorithm1": "Algorithm 1",
    "algorithm1-line33": "Line 33",
    "section2.1": "Section 2.1",
    "recommended": "Recommended",
}


class Controls(w.VBox):
    """Show the sliders and presets, and the button that writes the text.

    Attributes
    ----------
    sliders : dict of str to FloatSlider
        By trait.
    presets : dict of str to Button
    reset, explain : Button
    writer : Dropdown
    """

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.sliders = {trait: make_slider(state, trait) for trait in SLIDERS}
        self.presets = {
            name: make_button(PRESET_LABELS.get(name, name), partial(state.preset, name))
            for name in PRESETS
        }
        self.reset = make_button("Reset", state.reset)
        self.explain = make_button("Explain", self._explain, button_style="primary")
        self.writer = make_menu(state, "writer", "Writer", list(state.writers), width="190px")
        super().__init__(
            [
                *self.sliders.values(),
                w.HBox([*self.presets.values(), self.reset], layout={"flex_flow": "row wrap"}),
                w.HBox([self.explain, self.writer]),
            ]
        )
        state.observe(lambda _: self._name_explain(), "explanation")

    def _explain(self) -> None:
        with self.state.in_background():
            self.state.explain()

    def _name_explain(self) -> None:
        self.explain.description = "Explain again" if self.state.explanation else "Explain"


class MapOptions(w.HBox):
    """Show the menus of the map and of the Action Units.

    Attributes
    ----------
    choices : dict of str to Dropdown
        By trait: layer, method, au_detector, region, scope.
    grid : Checkbox
    missing : HTML
        The AU sources that cannot be chosen, and why.
    """

    def __init__(self, state: ExplainerState) -> None:
        methods = [(method.label, name) for name, method in METHODS.items()]
        self.choices = {
            "layer": make_menu(state, "layer", "Layer", list(state.layers)),
            "method": make_menu(state, "method", "Method", methods),
            "au_detector": make_menu(state, "au_detector", "AU source", list(state.au_detectors)),
            "region": make_menu(state, "region", "Region", REGION_MENU),
            "scope": make_menu(state, "scope", "AUs", SCOPE_MENU),
        }
        self.grid = w.Checkbox(
            state.grid,
            description="Show 7x7 grid",
            tooltip="A cell of the last block is 32 pixels, so coverage moves in jumps",
            indent=False,
            layout={"width": "120px"},
        )
        bind(self.grid, state, "grid")
        self.missing = w.HTML(_missing_sources(state))
        super().__init__(
            [*self.choices.values(), self.grid, self.missing], layout={"flex_flow": "row wrap"}
        )


def _missing_sources(state: ExplainerState) -> str:
    """Return why other AU sources cannot be chosen; empty where all can."""
    reasons = state.missing_au_detectors
    if not reasons:
        return ""
    lines = "".join(f"<p>{escape(name)}: {escape(why)}</p>" for name, why in reasons.items())
    summary = f"AU sources that are not installed: {escape(', '.join(reasons))}"
    return f'<details class="xf-q"><summary>{summary}</summary>{lines}</details>'
