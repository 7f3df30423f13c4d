"""The panel "Is this true?": words supported, weights of the movements, sanity checks.

A thin view of a `TruthState`, beside an Explainer or alone. Nothing is computed before its button
is pressed, and then in a thread: sliders stay live.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from xfera_nb.evaluation.faithfulness import Faithfulness
from xfera_nb.widgets.explainer.faithfulness_state import TruthState
from xfera_nb.widgets.explainer.state import ExplainerState

_FRONT = Path(__file__).parents[1] / "front"
ABOUT = (
    "These checks ask whether the explanation is true of the model, not whether the model is right."
)
STALE = "Stale: of another face or class. Check again."
BUSY = "Checking …"
NEEDS_WIDGETS = (
    "This is live where Jupyter widgets show: run the cell in JupyterLab, Notebook 7, VS Code or "
    "Voila."
)


class Truth(anywidget.AnyWidget):
    """Shows what the checks found, one sentence on what each means and one on what it does not.

    Parameters
    ----------
    state : ExplainerState or TruthState

    Attributes
    ----------
    state : TruthState
    """

    _esm = _FRONT / "truth.js"
    _css = _FRONT / "truth.css"
    about = traitlets.Unicode(ABOUT).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    sayings: traitlets.List[Any] = traitlets.List().tag(sync=True)
    moved: traitlets.List[Any] = traitlets.List().tag(sync=True)
    weights: traitlets.List[Any] = traitlets.List().tag(sync=True)
    emotion = traitlets.Unicode("").tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def __init__(self, state: ExplainerState | TruthState) -> None:
        super().__init__()
        self.state = state if isinstance(state, TruthState) else TruthState(state)
        self._shown: Faithfulness | None = None
        self._show_words()
        self._show()
        self._say()
        self.state.observe(lambda _: self._show_words(), "words_saying")
        self.state.observe(lambda _: self._show(), "map_sayings")
        self.state.observe(lambda _: self._say(), ["stale", "busy", "error"])
        self.on_msg(self._on_wish)

    def __repr__(self) -> str:
        checks = self.state.checks
        if checks is None:
            return f"Truth: press its button to check. {NEEDS_WIDGETS}"
        return f"Truth: {checks.target} checked. {NEEDS_WIDGETS}"

    def _show_words(self) -> None:
        self.words = asdict(self.state.words_saying)

    def _show(self) -> None:
        """All of new checks; of the same ones only what a slider has moved."""
        state = self.state
        told = [asdict(saying) for saying in state.map_sayings]
        with self.hold_sync():
            if state.checks is not self._shown:
                self._shown = state.checks
                self.sayings, self.moved, self.weights = told, [], state.weights
                self.emotion = "" if state.checks is None else state.checks.target
            else:
                self.moved = [
                    new for new, old in zip(told, self.sayings, strict=True) if new != old
                ]

    def _say(self) -> None:
        state = self.state
        with self.hold_sync():
            self.busy, self.error = state.busy, state.error
            self.status = BUSY if state.busy else STALE if state.stale else ""

    def _on_wish(self, _: object, content: Any, __: list[Any]) -> None:
        if isinstance(content, dict) and content.get("check") is True and not self.state.busy:
            self.state.check(in_background=True)
