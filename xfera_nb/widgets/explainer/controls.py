"""Set the parameters of an Explainer: sliders, presets and menus."""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as w

from xfera_nb.fusion import PRESETS, find_change_points
from xfera_nb.fusion.change_points import MOVED
from xfera_nb.report.markup import escape
from xfera_nb.saliency import METHODS
from xfera_nb.widgets.explainer.change_strip import ChangeStrip
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
from xfera_nb.widgets.shared.drawer import Drawer
from xfera_nb.widgets.shared.terms import PRESET_TERMS, TERMS

PRESET_LABELS = {
    "algorithm1": "Algorithm 1",
    "algorithm1-line33": "Line 33",
    "section2.1": "Section 2.1",
    "recommended": "Recommended",
}
STRIPS = "Bars: up to where each Action Unit expected for {target} is active, all else the same."
NO_STRIPS = "The paper's Table 2 expects no Action Unit for {target}."


class Controls(w.VBox):
    """Show the sliders, and under those that decide which AUs are active, where that changes.

    Attributes
    ----------
    sliders : dict of str to FloatSlider
        By trait.
    strips : dict of str to ChangeStrip
        By trait: those of `MOVED`.
    about : HTML
        What the strips show.
    """

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.sliders = {trait: make_slider(state, trait) for trait in SLIDERS}
        for slider in self.sliders.values():
            slider.layout.width, slider.style.description_width = "auto", "auto"
        self.strips = {name: ChangeStrip(name, self.sliders[name]) for name in MOVED}
        self.about = w.HTML()
        self.about.add_class("xf-about")
        rows: list[w.Widget] = [self.about]
        for trait, slider in self.sliders.items():
            rows += [slider, *([self.strips[trait]] if trait in self.strips else [])]
        super().__init__(rows)
        self._show()
        state.observe(lambda _: self._show(), "fusion")

    def _show(self) -> None:
        fusion = self.state.fusion
        points = find_change_points(fusion)
        for name, strip in self.strips.items():
            strip.show(fusion, points[name])
        about = (STRIPS if points["k"] else NO_STRIPS).format(target=fusion.target)
        self.about.value = f'<p class="xf-q">{escape(about)}</p>'


class PresetButtons(w.HBox):
    """Show a button for each preset, the current one marked, and one that restores all defaults.

    Attributes
    ----------
    presets : dict of str to Button
    reset : Button
    """

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.presets = {
            name: make_button(
                PRESET_LABELS.get(name, name),
                partial(state.preset, name),
            )
            for name in PRESETS
        }
        tooltip = "The recommended preset, the predicted class, the whole face; nothing marked"
        self.reset = make_button("Reset", state.reset, tooltip=tooltip)
        super().__init__([*self.presets.values(), self.reset])
        self.add_class("xf-presets")
        self._show()
        state.observe(lambda _: self._show(), "fusion")

    def _show(self) -> None:
        current = self.state.fusion.params.preset_name
        for name, button in self.presets.items():
            (button.add_class if name == current else button.remove_class)("xf-current")
            term = PRESET_TERMS.get(name, name)
            button.tooltip = f"{term} (current)" if name == current else term


class ExplainRow(w.HBox):
    """Show the button that has a text written, and the menu of who writes it.

    Attributes
    ----------
    explain : Button
    writer : Dropdown
    """

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        tooltip = "Write the text and check it against the measurements"
        self.explain = make_button("Explain", self._explain, tooltip=tooltip)
        self.writer = make_menu(state, "writer", "Writer", list(state.writers), width="110px")
        self.writer.tooltip = TERMS["writer"]
        super().__init__([self.writer, self.explain])
        self.add_class("xf-explain-row")
        state.observe(lambda _: self._name_explain(), "explanation")

    def _explain(self) -> None:
        with self.state.in_background():
            self.state.explain()

    def _name_explain(self) -> None:
        self.explain.description = "Explain again" if self.state.explanation else "Explain"


class MapOptions(w.VBox):
    """Show the menus of the map and of the Action Units.

    Attributes
    ----------
    choices : dict of str to Dropdown
        By trait: region, scope, method, layer, au_detector.
    grid : Checkbox
    missing : HTML
        The AU sources that cannot be chosen, and why.
    """

    def __init__(self, state: ExplainerState) -> None:
        methods = [(method.label, name) for name, method in METHODS.items()]
        menus: dict[str, tuple[str, list[Any]]] = {
            "region": ("Mean and SD over", REGION_MENU),
            "scope": ("AUs", SCOPE_MENU),
            "method": ("Method", methods),
            "layer": ("Layer", list(state.layers)),
            "au_detector": ("AU source", list(state.au_detectors)),
        }
        self.choices = {
            name: make_menu(state, name, *menu, label_width=132, width="auto")
            for name, menu in menus.items()
        }
        for name, menu in self.choices.items():
            menu.tooltip = TERMS[name]
        self.grid = w.Checkbox(
            state.grid,
            description="Show 7x7 grid",
            tooltip="A cell of the last block is 32 pixels, so coverage moves in jumps",
            indent=False,
            layout={"width": "120px"},
        )
        bind(self.grid, state, "grid")
        self.missing = w.HTML(_missing_sources(state))
        super().__init__([*self.choices.values(), self.grid, self.missing])
        self.add_class("xf-map-options")


class Settings(Drawer):
    """Fold the settings behind one line that says what the numbers are.

    Parameters
    ----------
    state : ExplainerState
    children : sequence of Widget
    """

    def __init__(self, state: ExplainerState, children: list[w.Widget]) -> None:
        super().__init__("Settings", children, is_open=state.settings_open)
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), "fusion")
        state.observe(lambda change: self.fold.set_trait("is_open", change["new"]), "settings_open")
        self.fold.observe(lambda change: state.set_trait("settings_open", change["new"]), "is_open")

    def _show(self) -> None:
        p = self.state.fusion.params
        self.fold.words = f"k {p.k:g} · intensity {p.min_intensity:g} · coverage {p.coverage:.0%}"


def _missing_sources(state: ExplainerState) -> str:
    """Return why other AU sources cannot be chosen; empty where all can."""
    reasons = state.missing_au_detectors
    if not reasons:
        return ""
    lines = "".join(f"<p>{escape(name)}: {escape(why)}</p>" for name, why in reasons.items())
    summary = f"AU sources that are not installed: {escape(', '.join(reasons))}"
    return f'<details class="xf-q"><summary>{summary}</summary>{lines}</details>'
