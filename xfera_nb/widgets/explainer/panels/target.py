"""Choose the target class of an Explainer among the seven probabilities, and the true class."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from xfera_nb.widgets.explainer import readout
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.controls import choose
from xfera_nb.widgets.shared.front import read_script
from xfera_nb.widgets.shared.terms import TERMS


class TargetPanel(anywidget.AnyWidget):
    """Show the seven probabilities; choose the target class and the true class."""

    _esm = read_script("target")
    facts = traitlets.Dict().tag(sync=True)
    target = traitlets.Unicode("").tag(sync=True)
    true_emotion = traitlets.Unicode("").tag(sync=True)
    terms = traitlets.Dict(dict(TERMS)).tag(sync=True)

    def __init__(self, state: ExplainerState) -> None:
        super().__init__()
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), ["fusion", "true_emotion"])
        self.observe(self._on_target, "target")
        self.observe(self._on_true_emotion, "true_emotion")

    def _show(self) -> None:
        with self.hold_sync():
            self.facts = readout.class_facts(
                self.state.fusion,
                self.state.true_emotion,
                self.state.card,
                self.state.unhidden,
            )
            self.target = self.state.fusion.target
            self.true_emotion = self.state.true_emotion or ""

    def _on_target(self, change: dict[str, Any]) -> None:
        if change["new"] != self.state.fusion.target:
            is_predicted = change["new"] == self.state.fusion.predicted
            choose(self.state, "target", None if is_predicted else change["new"])

    def _on_true_emotion(self, change: dict[str, Any]) -> None:
        choose(self.state, "true_emotion", change["new"] or None)
