"""Show under a slider at which of its values each expected Action Unit is active."""

from __future__ import annotations

import math
from typing import Any

import anywidget
import ipywidgets
import traitlets

from xfera_nb.facs import au_name
from xfera_nb.fusion import Fusion
from xfera_nb.fusion.change_points import MOVED
from xfera_nb.fusion.choices import COVERAGE
from xfera_nb.fusion.fusion import AUResult
from xfera_nb.widgets.shared.front import read_script

NAMES = {"k": "k", "min_intensity": "a minimum intensity", "coverage": "a coverage"}
"""What words call the value of each of `MOVED`."""
_DIGITS = 6


class ChangeStrip(anywidget.AnyWidget):
    """Draw a bar for each expected Action Unit, from the slider's least value to its change point.

    The front end follows the slider itself: what is active at its value needs no kernel.

    Attributes
    ----------
    rows : list
        For each expected AU: name, last value at which it is active (None for none, "all" for every
        one), that value as a short text, and a sentence.
    """

    _esm = read_script("change_strip")
    slider = traitlets.Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    label = traitlets.Unicode("").tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, name: str, slider: ipywidgets.FloatSlider) -> None:
        self.name = name
        label = f"{slider.description}: up to where each expected Action Unit is active"
        super().__init__(slider=slider, label=label)

    def show(self, fusion: Fusion, points: dict[int, float | None]) -> None:
        """Show the change points of a fusion, as `find_change_points` gives them."""
        self.rows = [
            [au_name(au), *_mark(self.name, last), describe(self.name, fusion, au, last)]
            for au, last in points.items()
        ]


def describe(name: str, fusion: Fusion, au: int, last: float | None) -> str:
    """Return a sentence about where an expected AU is active, and why nowhere.

    Parameters
    ----------
    name : str
        One of `MOVED`.
    fusion : Fusion
    au : int
    last : float or None
        As `find_change_points` gives it.
    """
    if name not in MOVED:
        raise ValueError(f"{name!r} is not one of {', '.join(MOVED)}.")
    if last is None:
        return f"{au_name(au)} is active at no {_short(name)}: {_why_never(name, fusion, au)}."
    if math.isinf(last):
        return f"{au_name(au)} is active at every {_short(name)}."
    return f"{au_name(au)} is active up to {NAMES[name]} of {_text(name, last)}."


def _mark(name: str, last: float | None) -> tuple[float | str | None, str]:
    if last is None:
        return None, "never"
    if math.isinf(last):
        return "all", "always"
    return round(last, _DIGITS), _text(name, last)


def _text(name: str, last: float) -> str:
    return f"{last:.0%}".replace("%", "\u00a0%") if name == "coverage" else f"{last:.2f}"


def _short(name: str) -> str:
    return NAMES[name].removeprefix("a ")


def _why_never(name: str, fusion: Fusion, au: int) -> str:
    one: AUResult = fusion.result(au)
    if one.intensity is None:
        return f"it is not measurable by {fusion.evidence.action_units.source}"
    if not fusion.has_positive_evidence:
        return f"no part of the face speaks for {fusion.target}"
    by_intensity = fusion.params.rule != COVERAGE
    if name != "min_intensity" and by_intensity and not one.present:
        least = fusion.params.min_intensity
        return f"its intensity {one.intensity:.2f} is below the minimum {least:g}"
    if name == "k":
        return "the map has no positive value at too many of its landmarks"
    count = f"{len(one.salient)} of its {len(one.relevant)} landmarks are in the salient region"
    return f"{count}, {fusion.params.coverage:.0%} are needed" if one.salient else count
