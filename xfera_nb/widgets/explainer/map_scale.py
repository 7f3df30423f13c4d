"""Show the scale of the map that lies on the face, and how strong it is beside the prediction's."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from xfera_nb.figures import NOT_SALIENT, SALIENT, colour_scale
from xfera_nb.widgets.explainer import readout
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.front import read_script
from xfera_nb.widgets.shared.terms import TERMS

_NOW = ("threshold", "salient", "k", "region", "no_evidence")


class MapScale(anywidget.AnyWidget):
    """Show the colours from nothing to the map's peak, the threshold, and the landmarks' marks.

    Attributes
    ----------
    scale : list of str
        The map's colours, from nothing to its peak.
    fixed : dict
        `title`, `peak`, `strength` and `drawn` (a sentence where the map is drawn faint), as
        `readout.map_facts` gives them.
    now : dict
        What k changes: `threshold`, `salient`, `k`, `region`, `no_evidence`.
    opacity : float
        Of the map as it is drawn, 0-1.
    """

    _esm = read_script("map_scale")
    scale: traitlets.List[Any] = traitlets.List().tag(sync=True)
    marks: traitlets.List[Any] = traitlets.List([SALIENT, NOT_SALIENT]).tag(sync=True)
    terms = traitlets.Dict(dict(TERMS)).tag(sync=True)
    fixed = traitlets.Dict().tag(sync=True)
    now = traitlets.Dict().tag(sync=True)
    opacity = traitlets.Float(1.0).tag(sync=True)

    def __init__(self, state: ExplainerState) -> None:
        colours = colour_scale()[::17].tolist()
        super().__init__(scale=["rgb({},{},{})".format(*colour) for colour in colours])
        self.state = state
        self._show()
        state.observe(lambda _: self._show(), ["fusion", "opacity"])

    def _show(self) -> None:
        fusion = self.state.fusion
        with self.hold_sync():
            self.fixed = readout.map_facts(fusion)
            facts = readout.slider_facts(fusion)
            self.now = {name: facts[name] for name in _NOW}
            self.opacity = readout.map_opacity(fusion, self.state.opacity)
