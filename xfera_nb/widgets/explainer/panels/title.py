"""Name the class that is explained above everything about it, and the prediction beside; HTML."""

from __future__ import annotations

import math

import ipywidgets as w

from xfera_nb.classifier import describe_levels
from xfera_nb.facs import EMOTIONS
from xfera_nb.report.markup import escape
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.terms import TERMS


class TitlePanel(w.HTML):
    """Show the target class with its probability, and the prediction where that is another one."""

    def __init__(self, state: ExplainerState) -> None:
        super().__init__()
        self.add_class("xf-title")
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), "fusion")

    def _show(self) -> None:
        self.value = title_html(self.state)


def title_html(state: ExplainerState) -> str:
    """Return two lines: the target class, and how it stands to the prediction."""
    fusion, prediction = state.fusion, state.fusion.evidence.prediction
    levels = describe_levels(state.card)
    about = f"{TERMS['confidence']}. {levels}" if levels else TERMS["confidence"]
    level = f'<span title="{escape(about)}">{prediction.confidence_level.lower()} confidence</span>'
    predicted = f"{fusion.predicted}, {_percent(prediction.confidence)}"
    if fusion.target == fusion.predicted:
        term, line = "predicted", f"predicted with {level}"
        share = float(fusion.probabilities[EMOTIONS.index(prediction.runner_up)])
        if not math.isnan(share):
            line += f"; runner-up: {prediction.runner_up}, {_percent(share)}"
    else:
        term = "target"
        line = f"not the prediction, which is <b>{predicted}</b> ({level})"
    return (
        f'<p class="xf-target" title="{escape(TERMS[term])}" role="heading" aria-level="3">'
        f"{fusion.target.capitalize()} <span>{_percent(fusion.confidence)}</span></p>"
        f'<p class="xf-beside">{line}</p>'
    )


def _percent(share: float) -> str:
    return "no such class" if math.isnan(share) else f"{share:.1%}".replace("%", "\u00a0%")
