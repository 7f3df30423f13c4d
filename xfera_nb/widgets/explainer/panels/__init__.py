"""The panels of an Explainer: those of `PLACES` stand beside the face, the others below it.

A panel is a widget that takes an `ExplainerState`, observes its traits and sets them. A further one
is a Python file here, a JavaScript file in ``front/`` and one line of `PANELS`.
"""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as w

from xfera_nb.widgets.explainer.controls import MapOptions
from xfera_nb.widgets.explainer.panels.au_table import AUTable
from xfera_nb.widgets.explainer.panels.export import ExportPanel
from xfera_nb.widgets.explainer.panels.faithfulness import FaithfulnessPanel
from xfera_nb.widgets.explainer.panels.map_comparison import MapComparison
from xfera_nb.widgets.explainer.panels.text import TextPanel
from xfera_nb.widgets.explainer.panels.writer import WriterPanel
from xfera_nb.widgets.explainer.state import ExplainerState

PANELS: dict[str, Callable[[ExplainerState], w.DOMWidget]] = {
    "text": TextPanel,
    "faithfulness": FaithfulnessPanel,
    "au_table": AUTable,
    "map_comparison": MapComparison,
    "map_options": MapOptions,
    "writer": WriterPanel,
    "export": ExportPanel,
}
"""Name -> class, from top to bottom."""
PLACES = {"text": "title", "au_table": "classes", "map_options": "settings"}
"""Name -> what the panel stands under: the title, the seven classes, or the sliders."""
