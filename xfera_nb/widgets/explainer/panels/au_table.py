"""Show the Action Units of an Explainer: intensity, coverage, and why each is active or not."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from xfera_nb.fusion import STATES
from xfera_nb.widgets.explainer import readout
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.front import read_script
from xfera_nb.widgets.shared.terms import TERMS


class AUTable(anywidget.AnyWidget):
    """Show the expected and the present Action Units, and folded the others and the combinations.

    Attributes
    ----------
    fixed, now : dict
        As `readout.fixed_facts` and `readout.slider_facts` give them.
    hover, pinned : int
        The AU that is pointed at and the one that was picked; 0 for none.
    """

    _esm = read_script("au_table")
    states: traitlets.List[Any] = traitlets.List(list(STATES)).tag(sync=True)
    terms = traitlets.Dict(dict(TERMS)).tag(sync=True)
    fixed = traitlets.Dict().tag(sync=True)
    now = traitlets.Dict().tag(sync=True)
    hover = traitlets.Int(0).tag(sync=True)
    pinned = traitlets.Int(0).tag(sync=True)

    def __init__(self, state: ExplainerState) -> None:
        super().__init__()
        self.state = state
        self._about: tuple[Any, ...] = ()
        self._show()
        state.observe(lambda _: self._show(), "fusion")
        state.observe(self._on_selected, "selected_au")
        self.observe(lambda _: self._select(), ["hover", "pinned"])

    def _show(self) -> None:
        fusion = self.state.fusion
        with self.hold_sync():
            if self._about != (fusion.evidence, fusion.target):
                self._about = (fusion.evidence, fusion.target)
                self.fixed = readout.fixed_facts(fusion)
            self.now = readout.slider_facts(fusion)

    def _select(self) -> None:
        self.state.selected_au = self.hover or self.pinned

    def _on_selected(self, _: dict) -> None:
        selected = self.state.selected_au
        if selected != (self.hover or self.pinned):
            with self.hold_trait_notifications():
                self.hover, self.pinned = 0, selected
