"""Show the Explainer: the views of one `ExplainerState`, put together as one screen.

Left the face, what hides its parts, and the settings; right the prediction, its sentences, the
classes and the Action Units; below what takes a closer look. JupyterLab at 1280x800 with its
sidebar leaves 833 px in width and 700 in height, where all but the last is seen without scrolling;
a narrower page has one column, a wide one is used in its whole width (``front/screen.css``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ipywidgets as w

from xfera_nb.figures import overlay_image, to_jpeg
from xfera_nb.report.save import save_file
from xfera_nb.widgets.explainer import readout
from xfera_nb.widgets.explainer.controls import Controls, ExplainRow, PresetButtons, Settings
from xfera_nb.widgets.explainer.hiding import HidingButtons
from xfera_nb.widgets.explainer.map_scale import MapScale
from xfera_nb.widgets.explainer.overlay import Overlay
from xfera_nb.widgets.explainer.panels import PANELS, PLACES
from xfera_nb.widgets.explainer.panels.export import view_page
from xfera_nb.widgets.explainer.panels.picker import Picker
from xfera_nb.widgets.explainer.panels.target import TargetPanel
from xfera_nb.widgets.explainer.panels.title import TitlePanel
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.controls import MARKS
from xfera_nb.widgets.shared.view import LiveView, keywords_of, open_state

_STATIC_SCALE = 2  # pixels of the static image for a crop pixel


@keywords_of(ExplainerState)
class Explainer(LiveView):
    """Show one face live: the map, its landmarks, the Action Units, and the text.

    Parameters
    ----------
    source : optional
        A photo (what `load_photo` takes), a folder, an `Evidence`, a `Face`, a list of these, or an
        `ExplainerState`; the samples by default.
    **options
        The keywords of `ExplainerState`: k, coverage, target, method, layer, au_detector, ...

    Attributes
    ----------
    state : ExplainerState
        Everything that is chosen and shown; set its traits to drive the views from Python.
    picker : Picker
    overlay : Overlay
    scale : MapScale
    hiding : HidingButtons
    presets : PresetButtons
    settings : Settings
        The drawer; its `fold.is_open` follows the state's `settings_open`.
    title : TitlePanel
    explain_row : ExplainRow
    target : TargetPanel
    controls : Controls
    panels : dict of str to DOMWidget
        Those of `PANELS`, by name.

    Raises
    ------
    ParamsError
        If there is no such option; the message names the nearest.
    XferaError
        If the first photo cannot be explained.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> view = xf.Explainer("data/samples/C01HA.jpg", k=0.5)  # doctest: +SKIP
    >>> view.state.k = 0.7  # doctest: +SKIP
    >>> view.state.fusion.active  # doctest: +SKIP
    """

    def __init__(self, source: Any = None, **options: Any) -> None:
        self.state = state = open_state(ExplainerState, source, options)
        self.controls = Controls(state)
        self.overlay = Overlay(state, self.controls.sliders["k"])
        self.scale = MapScale(state)
        self.picker = Picker(state)
        self.hiding = HidingButtons(state)
        self.presets = PresetButtons(state)
        self.target = TargetPanel(state)
        self.panels = {name: make(state) for name, make in PANELS.items()}
        self.settings = Settings(state, [self.controls, *self._placed("settings")])
        self.title = TitlePanel(state)
        self.explain_row = ExplainRow(state)
        left = w.VBox(
            [self.picker, self.overlay, self.scale, self.hiding, self.presets, self.settings]
        )
        left.add_class("xf-left")
        head = w.HBox([self.title, self.explain_row])
        head.add_class("xf-head")
        right = w.VBox(
            [
                head,
                *self._placed("title"),
                self.target,
                *self._placed("classes"),
            ]
        )
        right.add_class("xf-right")
        main = w.HBox([left, right])
        main.add_class("xf-main")
        super().__init__([main, *self._placed(None)], marks=MARKS)
        self.add_class("xf-screen")

    def _placed(self, place: str | None) -> list[w.DOMWidget]:
        return [panel for name, panel in self.panels.items() if PLACES.get(name) == place]

    def save_html(self, path: str | Path) -> None:
        """Write the current view as a self-contained page.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        save_file(path, view_page(self.state))

    def static_image(self) -> bytes:
        """Return the current overlay as a small JPEG file."""
        return to_jpeg(overlay_image(self.state.fusion, scale=_STATIC_SCALE), 80)

    def __repr__(self) -> str:
        return f"Explainer of {readout.summary(self.state.fusion, self.state.photo_name)}."
