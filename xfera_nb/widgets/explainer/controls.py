"""Sliders and choices: ipywidgets tied to the state's traits, both ways.

Ranges are those that matter in use (k 0 to 3, cut-off 0 to 5, coverage 0 to 1); a value that was
set in Python beyond them widens its slider. Numbers can be typed into a slider's field.
"""

from __future__ import annotations

from typing import Any

import ipywidgets as w
from traitlets import CFloat

from xfera_nb.fusion import PRESETS
from xfera_nb.saliency import METHODS
from xfera_nb.widgets.explainer.state import ExplainerState

SLIDERS: dict[str, tuple[str, float, float, float, str]] = {
    "k": ("k", 0.0, 3.0, 0.05, "Standard deviations above the mean from which a place is hot"),
    "min_intensity": (
        "AU cut-off",
        0.0,
        5.0,
        0.1,
        "Least intensity of a movement; 0.3 is the paper's, 1 is what FACS calls a trace (A)",
    ),
    "coverage": ("Coverage", 0.0, 1.0, 0.05, "Least share of a movement's landmarks that is hot"),
    "saliency_weight": ("Heat weight", 0.0, 5.0, 0.1, "Weight of the heat in a movement's score"),
    "opacity": ("Map opacity", 0.0, 1.0, 0.05, "Of the map on the face"),
}
"""Trait -> label, least, greatest, step, help."""
MARKS = {"AU cut-off": [[6, "0.3"], [20, "1 = A"]]}
"""Label -> place on the track in per cent, and words."""
PRESET_LABELS = {"algorithm1": "Algorithm 1 (0.7)", "section2.1": "Section 2.1 (0.5)"}
_METHODS = {
    "gradcam": "Grad-CAM",
    "hirescam": "HiResCAM",
    "guided_gradcam": "guided Grad-CAM",
    "integrated_gradients": "integrated gradients",
    "occlusion": "occlusion (slow)",
    "saliency": "gradient",
}
_DIGITS = 6


class _Slider(w.FloatSlider):
    """Its value is not sent back to where it came from; see ipywidgets on echo updates."""

    value = CFloat(0.0).tag(sync=True, echo_update=False)


class Controls:
    """The sliders, buttons and choices of an Explainer.

    Attributes
    ----------
    sliders : dict of str to FloatSlider
        By trait.
    choices : dict of str to Dropdown
        By trait: layer, method, au_detector, region, scope, writer.
    presets : dict of str to Button
    reset, explain : Button
    grid : Checkbox
    """

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.sliders = {name: self._slider(name, *spec) for name, spec in SLIDERS.items()}
        self.presets = {
            name: self._button(PRESET_LABELS[name], lambda name=name: state.preset(name))
            for name in PRESETS
        }
        self.reset = self._button("Reset", state.reset)
        self.explain = self._button("Explain", self._explain)
        self.explain.button_style = "primary"
        regions = [("whole crop", "crop"), ("face hull", "hull")]
        scopes = [("of the emotion", "emotion"), ("all", "all")]
        methods = [(_METHODS.get(name, name), name) for name in METHODS]
        self.choices = {
            "layer": self._choice("layer", "Layer", list(state.layers)),
            "method": self._choice("method", "Method", methods),
            "au_detector": self._choice("au_detector", "AU source", list(state.au_detectors)),
            "region": self._choice("region", "Region", regions),
            "scope": self._choice("scope", "Movements", scopes),
            "writer": self._choice("writer", "Writer", list(state.writers)),
        }
        self.grid = w.Checkbox(
            state.grid,
            description="Map's cells",
            tooltip="A cell of the last block is 32 pixels, so coverage moves in jumps",
            indent=False,
            layout={"width": "110px"},
        )
        self._tie(self.grid, "grid")
        state.observe(lambda _: self._name_explain(), "explanation")

    def _slider(
        self, trait: str, label: str, low: float, high: float, step: float, words: str
    ) -> w.FloatSlider:
        value = getattr(self.state, trait)
        slider = _Slider(
            value=value,
            min=min(low, value),
            max=max(high, value),
            step=step,
            description=label,
            tooltip=words,
            continuous_update=True,
            readout_format=".2f",
            style={"description_width": "88px"},
            layout={"width": "370px"},
        )

        def on_state(_: dict[str, Any]) -> None:
            value = getattr(self.state, trait)
            with slider.hold_trait_notifications():
                slider.min = min(slider.min, value)
                slider.max = max(slider.max, value)
                slider.value = value

        # The front end counts in binary fractions: 0.1 three times is 0.30000000000000004.
        slider.observe(lambda change: self._choose(trait, round(change["new"], _DIGITS)), "value")
        self.state.observe(on_state, trait)
        return slider

    def _choice(self, trait: str, label: str, options: list[Any]) -> w.Dropdown:
        dropdown = w.Dropdown(
            options=options,
            value=getattr(self.state, trait),
            description=label,
            style={"description_width": "76px"},
            layout={"width": "270px"},
        )
        self._tie(dropdown, trait)
        return dropdown

    def _tie(self, widget: w.DOMWidget, trait: str) -> None:
        widget.observe(lambda change: self._choose(trait, change["new"]), "value")
        # The state's present value, not the message's: a choice may have been taken back by now.
        self.state.observe(lambda _: self._follow(widget, getattr(self.state, trait)), trait)

    @staticmethod
    def _follow(widget: w.DOMWidget, value: Any) -> None:
        if isinstance(widget, w.Dropdown) and value not in dict(widget._options_full).values():
            widget.options = (*widget.options, value)
        widget.value = value

    def _button(self, label: str, act: Any) -> w.Button:
        button = w.Button(description=label, layout={"width": "auto"})
        button.on_click(lambda _: act())
        return button

    def _choose(self, trait: str, value: Any) -> None:
        if getattr(self.state, trait) != value:
            with self.state.in_background():
                setattr(self.state, trait, value)

    def _explain(self) -> None:
        with self.state.in_background():
            self.state.explain()

    def _name_explain(self) -> None:
        self.explain.description = "Explain again" if self.state.explanation else "Explain"
