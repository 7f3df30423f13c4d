"""The panel "Check this map": text supported, each figure beside its controls, drops by region.

A view of a `FaithfulnessState`, beside an Explainer or alone. Nothing is computed before its button
is pressed, and then in a thread: sliders stay live, and the status says how far the check is.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import anywidget
import traitlets

from xfera_nb.evaluation.faithfulness import Faithfulness
from xfera_nb.widgets.explainer.faithfulness_state import FaithfulnessState
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.fallback import TextFallback
from xfera_nb.widgets.shared.front import read_script, read_style

ABOUT = (
    "These checks ask whether the explanation is faithful to the model, not whether the model is "
    "right. Each figure of the map stands beside that of maps that explain nothing on this face."
)
STALE = "Stale: for another face or class. Check again."
BUSY = "Checking"


class FaithfulnessPanel(TextFallback, anywidget.AnyWidget):
    """Show what the checks found, what each means and what it does not mean.

    Parameters
    ----------
    state : ExplainerState or FaithfulnessState

    Attributes
    ----------
    state : FaithfulnessState
    """

    _esm = read_script("faithfulness")
    _css = read_style("faithfulness")
    about = traitlets.Unicode(ABOUT).tag(sync=True)
    text_check = traitlets.Dict().tag(sync=True)
    interpretations: traitlets.List[Any] = traitlets.List().tag(sync=True)
    updated: traitlets.List[Any] = traitlets.List().tag(sync=True)
    drops: traitlets.List[Any] = traitlets.List().tag(sync=True)
    target = traitlets.Unicode("").tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def __init__(self, state: ExplainerState | FaithfulnessState) -> None:
        super().__init__()
        self.add_class("xf-live")
        self.state = state if isinstance(state, FaithfulnessState) else FaithfulnessState(state)
        self._shown: Faithfulness | None = None
        self._show_text_check()
        self._show()
        self._show_status()
        self.state.observe(lambda _: self._show_text_check(), "text_check")
        self.state.observe(lambda _: self._show(), "interpretations")
        self.state.observe(lambda _: self._show_status(), ["stale", "busy", "error", "progress"])
        self.on_msg(self._on_request)

    def __repr__(self) -> str:
        checks = self.state.checks
        if checks is None:
            return "FaithfulnessPanel: press its button to check."
        return f"FaithfulnessPanel: {checks.target} checked."

    def _show_text_check(self) -> None:
        self.text_check = asdict(self.state.text_check)

    def _show(self) -> None:
        """Send all of new checks; of the same ones only what a slider has changed."""
        state = self.state
        found = [asdict(check) for check in state.interpretations]
        with self.hold_sync():
            if state.checks is not self._shown:
                self._shown = state.checks
                self.interpretations, self.updated, self.drops = found, [], state.drops
                self.target = "" if state.checks is None else state.checks.target
            else:
                self.updated = [
                    new for new, old in zip(found, self.interpretations, strict=True) if new != old
                ]

    def _show_status(self) -> None:
        state = self.state
        with self.hold_sync():
            self.busy, self.error = state.busy, state.error
            done, count = state.progress
            busy = f"{BUSY}: {done} of {count} pictures" if count else f"{BUSY} …"
            self.status = busy if state.busy else STALE if state.stale else ""

    def _on_request(self, _: object, content: Any, __: list[Any]) -> None:
        if isinstance(content, dict) and content.get("check") is True and not self.state.busy:
            self.state.check(in_background=True)
