"""Make sliders, menus and buttons of ipywidgets, tied to a state's traits both ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as w
from traitlets import CFloat

SLIDERS: dict[str, tuple[str, float, float, float, str]] = {
    "k": (
        "Saliency threshold k (mean + k SD)",
        0.0,
        3.0,
        0.05,
        "The salient region starts at the mean plus k standard deviations of the map",
    ),
    "min_intensity": (
        "Minimum AU intensity",
        0.0,
        5.0,
        0.1,
        "Intensity from which an Action Unit is present; 0.3 is the paper's, 1 is FACS's trace (A)",
    ),
    "coverage": (
        "Minimum coverage",
        0.0,
        1.0,
        0.05,
        "Share of an Action Unit's landmarks in the salient region from which it is attended",
    ),
    "saliency_weight": (
        "Saliency weight",
        0.0,
        5.0,
        0.1,
        "Weight of the saliency in an Action Unit's score, which orders the active ones",
    ),
    "opacity": ("Map opacity", 0.0, 1.0, 0.05, "Opacity of the map on the face"),
}
"""Trait -> label, least, greatest, step, help. Ranges are those that matter in use."""
MARKS = {"Minimum AU intensity": [[6, "0.3"], [20, "1 = A"]]}
"""Label of a slider -> places on its track, in per cent, and words."""
REGION_MENU = [("whole crop", "crop"), ("face hull", "hull")]
SCOPE_MENU = [("expected", "typical"), ("all", "all")]
"""Labels and values of `FusionParams.region` and `FusionParams.scope`."""
DIGITS = 6
"""The front end counts in binary fractions: 0.1 three times is 0.30000000000000004."""


class _Slider(w.FloatSlider):
    """Send no value back to where it came from; see ipywidgets on echo updates."""

    value = CFloat(0.0).tag(sync=True, echo_update=False)


def choose(state: Any, trait: str, value: Any) -> None:
    """Set a trait of a state in the background, where that is a change."""
    if getattr(state, trait) != value:
        with state.in_background():
            setattr(state, trait, value)


def bind(widget: w.DOMWidget, state: Any, trait: str, none: Any = None) -> None:
    """Tie the value of a widget to a trait of a state, both ways.

    Parameters
    ----------
    none : object
        The widget's value where the trait is None.
    """

    def on_widget(change: dict[str, Any]) -> None:
        choose(state, trait, None if change["new"] == none else change["new"])

    def on_state(_: dict[str, Any]) -> None:
        # The state's present value, not the message's: a choice may have been taken back by now.
        value = getattr(state, trait)
        value = none if value is None else value
        if isinstance(widget, w.Dropdown) and value not in dict(widget._options_full).values():
            widget.options = (*widget.options, value)
        widget.value = value

    widget.observe(on_widget, "value")
    state.observe(on_state, trait)


def make_slider(state: Any, trait: str) -> w.FloatSlider:
    """Return a slider for a trait of `SLIDERS`; a value beyond its range widens it."""
    label, low, high, step, help_ = SLIDERS[trait]
    value = getattr(state, trait)
    slider = _Slider(
        value=value,
        min=min(low, value),
        max=max(high, value),
        step=step,
        description=label,
        tooltip=help_,
        continuous_update=True,
        readout_format=".2f",
        style={"description_width": "136px"},
        layout={"width": "370px"},
    )

    def on_state(_: dict[str, Any]) -> None:
        value = getattr(state, trait)
        with slider.hold_trait_notifications():
            slider.min = min(slider.min, value)
            slider.max = max(slider.max, value)
            slider.value = value

    slider.observe(lambda change: choose(state, trait, round(change["new"], DIGITS)), "value")
    state.observe(on_state, trait)
    return slider


def make_menu(
    state: Any,
    trait: str,
    label: str,
    options: Sequence[Any],
    *,
    none: Any = None,
    label_width: int = 76,
    **layout: str,
) -> w.Dropdown:
    """Return a menu for a trait; `none` is the option that stands for None."""
    value = getattr(state, trait)
    menu = w.Dropdown(
        options=options,
        value=none if value is None else value,
        description=label,
        style={"description_width": f"{label_width}px"},
        layout={"width": "270px", **layout},
    )
    bind(menu, state, trait, none)
    return menu


def make_button(label: str, act: Callable[[], object], **options: Any) -> w.Button:
    """Return a button that calls a function without arguments."""
    button = w.Button(description=label, layout={"width": "auto"}, **options)
    button.on_click(lambda _: act())
    return button
