"""Show the Timeline: a video's faces over time, and the Explainer of the frame that is picked.

A click on a line opens its frame; so does the time field, for those who use no mouse. Usable width
in JupyterLab at 1280x800 with the sidebar open is about 850 px; nothing here is wider. The static
image holds numbers alone: a saved notebook holds no face, unless Jupyter saves widgets' state.
"""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from os import PathLike
from typing import Any

import ipywidgets as w
import plotly.graph_objects as go

from xfera_nb.evidence import EvidenceStore
from xfera_nb.figures import timeline_figure, timeline_image, to_png
from xfera_nb.report.markup import escape
from xfera_nb.saliency import describe_map
from xfera_nb.widgets.explainer.widget import Explainer
from xfera_nb.widgets.shared.controls import bind, choose, make_button, make_menu
from xfera_nb.widgets.shared.view import LiveView, keywords_of, open_state
from xfera_nb.widgets.timeline.state import TimelineState

SMOOTHING = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds that the menu offers."""
_MARK = "#1b1f24"


@keywords_of(TimelineState)
class Timeline(LiveView):
    """Show a video's store over time, live.

    Parameters
    ----------
    store : EvidenceStore, path or TimelineState
    **options
        The keywords of `TimelineState`: clips, params, classifier, smooth, baseline.

    Attributes
    ----------
    state : TimelineState
        Everything that is chosen and shown; set its traits to drive the views from Python.
    figure : FigureWidget
    explainer : Explainer or None
        Of the frame that was picked.

    Raises
    ------
    StoreError
        If the store is not there or damaged, or holds photos.
    ParamsError
        If no face was found in the video.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> view = xf.widgets.Timeline("talk.store", clips="videos/")  # doctest: +SKIP
    >>> view.state.pick_time(12.5)  # doctest: +SKIP
    """

    def __init__(
        self, store: EvidenceStore | str | PathLike[str] | TimelineState, **options: Any
    ) -> None:
        self.state = state = open_state(TimelineState, store, options)
        self.figure = go.FigureWidget()
        self.figure._config = self.figure._config | {"displaylogo": False, "displayModeBar": False}
        self.menu = make_menu(
            state, "face", "Face", [(_name(face), face.track) for face in state.faces.values()],
            label_width=40, width="236px",
        )  # fmt: skip
        self.smoothing = make_menu(
            state, "smooth", "Smoothing",
            [("none" if not s else f"{s:g} s", s) for s in sorted({*SMOOTHING, state.smooth})],
            label_width=76, width="170px",
        )  # fmt: skip
        self.baseline = w.Checkbox(
            state.baseline, description="minus the face's baseline", indent=False,
            layout={"width": "190px"},
        )  # fmt: skip
        bind(self.baseline, state, "baseline")
        self.least = w.BoundedFloatText(
            state.min_intensity, min=0.1, max=5.0, step=0.1, description="Minimum AU intensity",
            style={"description_width": "156px"}, layout={"width": "228px"},
        )  # fmt: skip
        self.least.observe(lambda change: choose(state, "min_intensity", change["new"]), "value")
        self.time = w.BoundedFloatText(
            0.0, min=0.0, max=1e6, step=0.1, description="Open the frame at (s)",
            style={"description_width": "150px"}, layout={"width": "240px"},
        )  # fmt: skip
        self.open_button = make_button("Open", lambda: self._pick_time(self.time.value))
        self.moments, self.status = w.HBox(layout={"flex_flow": "row wrap"}), w.HTML()
        self.explainer: Explainer | None = None
        wrap = {"flex_flow": "row wrap"}
        self._parts = (
            w.HBox([self.menu, self.smoothing, self.baseline, self.least], layout=wrap),
            self.figure,
            w.HBox([self.time, self.open_button], layout=wrap),
            self.moments,
            self.status,
        )
        super().__init__(self._parts)
        self.add_class("xf-explorer")
        self._draw()
        self._say()
        self._open()
        state.observe(lambda _: self._draw(), ["shown", "min_intensity"])
        state.observe(lambda _: self._mark(), "picked")
        state.observe(lambda _: self._say(), ["busy", "error", "picked"])
        state.observe(lambda _: self._open(), "explainer")

    def static_image(self) -> bytes:
        """Return the probabilities over time as a PNG file."""
        return to_png(timeline_image(self.state.shown, self.state.clip))

    def _draw(self) -> None:
        state = self.state
        made = timeline_figure(
            state.shown, clip=state.clip, min_intensity=state.min_intensity
        )
        with self.figure.batch_update():
            self.figure.data = []
            self.figure.add_traces(made.data)
            self.figure.layout = made.layout
        for trace in self.figure.data:
            if trace.customdata is not None:
                trace.on_click(self._on_click)
        self._mark()
        self.figure._widget_data = deepcopy(self.figure._data)
        self.moments.children = [
            make_button(f"Open {words}", partial(self._pick, number))
            for words, number in state.moments
        ]

    def _mark(self) -> None:
        """Draw a line at the time that is picked."""
        state = self.state
        shapes = [shape for shape in self.figure.layout.shapes if shape.name != "picked"]
        if state.picked in state.shown.number:
            line = {"color": _MARK, "width": 1}
            shapes.append(
                {"type": "line", "name": "picked", "x0": state.time, "x1": state.time, "y0": 0,
                 "y1": 1, "xref": "x", "yref": "paper", "line": line}
            )  # fmt: skip
            self.time.value = round(state.time, 3)
        self.figure.layout.shapes = shapes
        # A page that opens later reads this trait and `_widget_data`, and gets no earlier changes.
        self.figure._widget_layout = self.figure.layout.to_plotly_json()

    def _on_click(self, trace: Any, points: Any, _: object) -> None:
        if points.point_inds:
            number = int(trace.customdata[points.point_inds[0]])
            if number >= 0:
                self._pick(number)

    def _pick(self, number: int) -> None:
        with self.state.in_background():
            self.state.pick(number)

    def _pick_time(self, seconds: float) -> None:
        with self.state.in_background():
            self.state.pick_time(seconds)

    def _say(self) -> None:
        state = self.state
        parts = [f"<p>{escape(state.error)}</p>"] if state.error else []
        if state.busy:
            parts.append(f"<p>{escape(state.busy)}</p>")
        elif state.picked < 0:
            parts.append("<p>Click a line to open its frame below.</p>")
        about = f"Maps: {describe_map(**state.store.heatmap)}."
        parts.append(f'<p class="xf-q">{escape(about)}</p>')
        self.status.value = f'<div role="status">{"".join(parts)}</div>'

    def _open(self) -> None:
        if self.state.explainer is not None and self.explainer is None:
            self.explainer = Explainer(self.state.explainer)
            self.children = (*self._parts, self.explainer, self.slider_names)

    def __repr__(self) -> str:
        state = self.state
        return (
            f"Timeline of {state.clip}: face {state.face} of {len(state.faces)}, "
            f"{state.shown.time[0]:.2f} to {state.shown.time[-1]:.2f} s, {len(state.shown):,} "
            f"frames; smoothing {state.smooth:g} s."
        )


def _name(face: Any) -> str:
    return f"face {face.track}, {face.time[0]:.1f} to {face.time[-1]:.1f} s"
