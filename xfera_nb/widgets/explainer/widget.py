"""The Explainer: the views of one `ExplainerState`, put together for a notebook.

Usable width in JupyterLab at 1280x800 with the sidebar open is about 850 px; nothing here is wider.
Widgets show in JupyterLab, Notebook 7, VS Code and Voila. Elsewhere, and in a saved notebook, a
line of text and a still picture stand in; where widgets show, the still hides itself.
"""

from __future__ import annotations

import base64
from inspect import Signature, signature
from pathlib import Path
from typing import Any

import ipywidgets as w
from IPython.display import Image, display

from xfera_nb.errors import ParamsError
from xfera_nb.report.save import save_file
from xfera_nb.widgets.explainer import export, readout
from xfera_nb.widgets.explainer.controls import MARKS, Controls
from xfera_nb.widgets.explainer.faithfulness import Truth
from xfera_nb.widgets.explainer.overlay import Overlay
from xfera_nb.widgets.explainer.panels import Board, Classes, Export, Labels, Picker
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.explainer.text import Comparison, Words
from xfera_nb.widgets.explainer.writer_options import WriterOptions

NEEDS_WIDGETS = (
    "This is live where Jupyter widgets show: run the cell in JupyterLab, Notebook 7, VS Code or "
    "Voila, with ipywidgets and anywidget installed beside the server."
)


class Explainer(w.VBox):
    """Show one face live: the map, its landmarks, the movements, and the text.

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
    overlay : Overlay
    controls : Controls

    Raises
    ------
    XferaError
        If the first photo cannot be explained.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> view = xf.Explainer("data/samples/C01HA.jpg", k=0.5)  # doctest: +SKIP
    >>> view.state.k = 0.5  # doctest: +SKIP
    >>> view.state.fusion.active  # doctest: +SKIP
    """

    def __init__(self, source: Any = None, **options: Any) -> None:
        if isinstance(source, ExplainerState):
            if options:
                raise ParamsError("An ExplainerState has its options already; give it alone.")
            state = source
        else:
            state = ExplainerState(source, **options)
        self.state = state
        self.controls = c = Controls(state)
        self.overlay = Overlay(state, c.sliders["k"])
        self.picker = Picker(state)
        self.classes = Classes(state)
        self.board = Board(state)
        self.words = Words(state)
        self.truth = Truth(state)
        self.writer_options = WriterOptions(state)
        self.comparison = Comparison(state)
        self.export = Export(
            state,
            {
                "code": ("Copy as code", lambda: "", "", lambda: state.to_code().encode()),
                "json": (
                    "Save parameters (JSON)",
                    lambda: "xfera-params.json",
                    "application/json",
                    lambda: state.to_json().encode(),
                ),
                "html": (
                    "Save page (HTML)",
                    lambda: f"xfera-{export.stem(state)}.html",
                    "text/html",
                    lambda: export.page(state).encode(),
                ),
                "png": (
                    "Save picture (PNG)",
                    lambda: f"xfera-{export.stem(state)}.png",
                    "image/png",
                    lambda: export.picture(state),
                ),
            },
        )
        self.labels = Labels(marks=MARKS)
        c.choices["writer"].layout.width = "190px"
        sliders = w.VBox(list(c.sliders.values()))
        presets = w.HBox([*c.presets.values(), c.reset])
        ask = w.HBox([c.explain, c.choices["writer"]])
        right = _classed(w.VBox([self.classes, sliders, presets, ask]), "xf-right")
        names = ("layer", "method", "au_detector", "region", "scope")
        more = w.HBox([*(c.choices[n] for n in names), c.grid], layout={"flex_flow": "row wrap"})
        super().__init__(
            [
                self.picker,
                _classed(w.HBox([self.overlay, right]), "xf-main"),
                self.words.widget,
                self.truth,
                self.board,
                self.comparison.widget,
                more,
                self.writer_options.widget,
                self.export,
                self.labels,
            ]
        )
        self.add_class("xf-explainer")

    def save_html(self, path: str | Path) -> None:
        """Write the current view as a self-contained page.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        save_file(path, export.page(self.state))

    def __repr__(self) -> str:
        return f"Explainer of {readout.said(self.state.fusion, self.state.photo_name)}."

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle["text/plain"] = f"{self!r}\n{NEEDS_WIDGETS}"
        return bundle

    def _ipython_display_(self) -> None:
        still = export.still(self.state)
        # The front end tells the still by the length of its address.
        self.labels.still = len("data:image/jpeg;base64,") + len(base64.b64encode(still))
        display(self._repr_mimebundle_(), raw=True)
        display(Image(data=still, format="jpeg", alt=repr(self)))


# The keywords are those of the state; completion and help in a notebook show them.
_parameters = [p for p in signature(ExplainerState).parameters.values() if p.name != "unknown"]
Explainer.__signature__ = Signature(_parameters)  # type: ignore[attr-defined]


def _classed(box: w.Box, name: str) -> w.Box:
    box.add_class(name)
    return box
