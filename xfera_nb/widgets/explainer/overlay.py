"""Draw the face with its map, the outline of the salient region and the landmarks by Plotly.

The salient region at each stop of the slider k is sent beforehand (some 20 kB a face and class):
``front/overlay.js`` shows the stop that the slider is at, without waiting for the kernel, and takes
Python's own frame as soon as it comes. The two pictures are sent only when the face or the map
changes. Coordinates are crop pixels.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import anywidget
import cv2
import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets
from PIL import Image
from plotly.offline import get_plotlyjs

from xfera_nb.errors import InputError
from xfera_nb.faces import CROP_SIZE, Face
from xfera_nb.faces.regions import mark_hidden
from xfera_nb.facs import GROUP_OF, au_landmarks
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.figures import (
    NOT_SALIENT,
    SALIENT,
    contour_path,
    data_uri,
    heat_rgba,
    share_of_peak,
    to_jpeg,
    to_png,
)
from xfera_nb.fusion import Fusion, fuse
from xfera_nb.saliency.perturbation import blend, blur_picture, soften_masks
from xfera_nb.widgets.explainer.readout import map_opacity
from xfera_nb.widgets.explainer.state import BRUSH_RADIUS, MOST_PAINTED, ExplainerState
from xfera_nb.widgets.shared.front import read_script

SIDE = 380
"""Side of the figure, screen pixels, before the front end fits it to its column."""
SELECTED = "#ffb000"
CIRCLE, OPEN_SQUARE = 0, 101
_DETAIL = 2  # pixels of the face's picture for a crop pixel
_OUTLINE, _GRID, _RINGS = range(3)  # shapes
_FACE, _HEAT = range(2)  # images
_NOTHING = "M0 0Z"
_DIGITS = 6
_BLANK = data_uri(to_png(Image.new("RGBA", (1, 1))))


class PlotlyModule(ipywidgets.HTML):
    """Hold Plotly as a module of JavaScript in `value`; it is never shown.

    All overlays of a kernel share one, so that its 5 MB go to a page once.
    """

    _shared: ClassVar[PlotlyModule | None] = None

    @classmethod
    def share(cls) -> PlotlyModule:
        """Return the one of this kernel; make it if there is none, or it was closed."""
        if cls._shared is None or cls._shared.comm is None:
            module = "const module = { exports: {} };\n%s\nexport default module.exports;"
            cls._shared = cls(module % get_plotlyjs())
        return cls._shared


class Overlay(anywidget.AnyWidget):
    """Observe a state and keep the drawing up to date.

    Attributes
    ----------
    face : dict
        `source` of the grey crop, `x` and `y` of the 68 landmarks.
    heat : dict
        `source` of the map's picture, `hints` that show on hover.
    stops : dict
        `start` and `step` of k, and for each stop `salient`, 68 digits 0 or 1, and `outline`, an
        SVG path.
    frame : dict
        `k`, `salient` and `outline` of the fusion that is shown.
    brush : float
        Radius of what dragging over the face paints, in crop pixels; 0 where it paints nothing.
    rings, grid : str
        SVG paths; empty for none.
    opacity : float
        Of the map as it is drawn, 0-1: what was chosen, less where the class's peak is lower than
        the predicted class's (`readout.map_opacity`).
    plotly : PlotlyModule
        The library, apart from the front end's module: where a module takes longer than two seconds
        to load, as Plotly does on a busy machine, anywidget drops all that Python sends to it.
    """

    _esm = read_script("overlay")
    base = traitlets.Dict().tag(sync=True)
    slider = traitlets.Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    face = traitlets.Dict().tag(sync=True)
    heat = traitlets.Dict().tag(sync=True)
    stops = traitlets.Dict().tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)
    brush = traitlets.Float(0.0).tag(sync=True)
    rings = traitlets.Unicode("").tag(sync=True)
    grid = traitlets.Unicode("").tag(sync=True)
    opacity = traitlets.Float(1.0).tag(sync=True)
    plotly = traitlets.Instance(PlotlyModule).tag(sync=True, **ipywidgets.widget_serialization)

    def __init__(self, state: ExplainerState, slider: ipywidgets.FloatSlider) -> None:
        self.state, self.slider = state, slider
        self._draw_face()
        self._draw_map()
        self._draw_rings()
        self._draw_opacity()
        self._draw_grid()
        base = _figure().to_plotly_json() | {"config": {"displayModeBar": False}}
        # With all of the above in one message.
        super().__init__(base=base, plotly=PlotlyModule.share())
        state.observe(self._on_fusion, "fusion")
        traitlets.dlink((state, "brush"), (self, "brush"), lambda on: BRUSH_RADIUS if on else 0.0)
        self.on_msg(self._on_paint)
        state.observe(lambda _: self._draw_rings(), "selected_au")
        state.observe(lambda _: self._draw_opacity(), "opacity")
        state.observe(lambda _: self._draw_grid(), "grid")

    @property
    def figure(self) -> go.Figure:
        """Return what is drawn, as a figure of its own; `marker.color` is 1 where salient."""
        figure = _figure()
        salient = np.array(list(self.frame["salient"])) == "1"
        figure.data[0].update(x=self.face["x"], y=self.face["y"], customdata=self.heat["hints"])
        figure.data[0].marker.color = salient.astype(int)
        figure.data[0].marker.symbol = np.where(salient, CIRCLE, OPEN_SQUARE)
        figure.layout.images[_FACE].source = self.face["source"]
        figure.layout.images[_HEAT].update(source=self.heat["source"], opacity=self.opacity)
        paths = {_OUTLINE: self.frame["outline"], _GRID: self.grid, _RINGS: self.rings}
        for shape, path in paths.items():
            figure.layout.shapes[shape].path = path or _NOTHING
        return figure

    def _on_fusion(self, change: dict[str, Any]) -> None:
        before, now = change["old"], change["new"]
        with self.hold_sync():
            if before.evidence.face is not now.evidence.face:
                self._draw_face()
            if before.evidence.heatmaps is not now.evidence.heatmaps or before.target != now.target:
                self._draw_map()
                self._draw_grid()
                self._draw_opacity()
            elif before.params.region != now.params.region:
                self._draw_stops()
            self.frame = {"k": now.params.k, **self._stop(now)}

    def _on_paint(self, _: object, content: Any, __: list[Any]) -> None:
        points = content.get("paint") if isinstance(content, dict) else None
        if not isinstance(points, list):
            return
        try:
            with self.state.in_background():
                self.state.paint(points[:MOST_PAINTED])
        except (InputError, TypeError) as error:  # TypeError: a point that is no pair
            self.state.error = str(error)
            self.send({"unpaint": True})

    def _draw_face(self) -> None:
        face = self.state.evidence.face
        x, y = face.crop_landmarks.round(2).T.tolist()
        self.face = {"source": data_uri(to_jpeg(_picture(face), 88)), "x": x, "y": y}
        self._draw_rings()

    def _draw_map(self) -> None:
        """Draw a new map: its picture, the values on hover, and the salient region."""
        fusion = self.state.fusion
        heatmap = fusion.evidence.heatmap(fusion.target)
        heat = heat_rgba(heatmap)
        self._share = share_of_peak(heatmap)
        hints = [
            [n, GROUP_OF[n], "unknown" if np.isnan(value) else f"{value:.2f}"]
            for n, value in enumerate(fusion.activation, 1)
        ]
        source = _BLANK if heat is None else data_uri(to_png(Image.fromarray(heat), small=False))
        self.heat = {"source": source, "hints": hints}
        self._draw_stops()
        self.frame = {"k": fusion.params.k, **self._stop(fusion)}

    def _draw_stops(self) -> None:
        fusion, step = self.state.fusion, self.slider.step
        values = np.arange(self.slider.min, self.slider.max + step / 2, step)
        found = [
            self._stop(fuse(fusion.evidence, replace(fusion.params, k=float(k)), fusion.target))
            for k in values.round(_DIGITS)
        ]
        self.stops = {
            "start": self.slider.min,
            "step": step,
            "salient": [stop["salient"] for stop in found],
            "outline": [stop["outline"] for stop in found],
        }

    def _stop(self, fusion: Fusion) -> dict[str, str]:
        return {
            "salient": "".join("1" if on else "0" for on in fusion.salient),
            "outline": contour_path(self._share, fusion.threshold),
        }

    def _draw_rings(self) -> None:
        au = self.state.selected_au
        path = ""
        if au in LANDMARK_AUS:
            points = self.state.evidence.face.crop_landmarks
            path = "".join(_ring(*points[n - 1]) for n in au_landmarks(au))
        self.rings = path

    def _draw_opacity(self) -> None:
        self.opacity = map_opacity(self.state.fusion, self.state.opacity)

    def _draw_grid(self) -> None:
        fusion = self.state.fusion
        shape = fusion.evidence.heatmap(fusion.target).values.shape
        self.grid = _grid(*shape) if self.state.grid else ""


def _figure() -> go.Figure:
    ends = [-0.5, CROP_SIZE - 0.5]
    axis = {"visible": False, "range": ends, "fixedrange": True}
    place = {
        "xref": "x", "yref": "y", "x": -0.5, "y": -0.5, "sizex": CROP_SIZE, "sizey": CROP_SIZE,
        "sizing": "stretch", "layer": "below",
    }  # fmt: skip
    # Plotly drops a second image that has place and size in common with the first.
    images = [{**place, "source": _BLANK}, {**place, "x": -0.5 - 1e-6, "source": _BLANK}]
    shape = {"type": "path", "path": _NOTHING, "xref": "x", "yref": "y", "layer": "between"}
    lines = ({"color": "#ffffff", "width": 2}, {"color": "#9fd8ff", "width": 1, "dash": "dot"})
    rings = {"color": SELECTED, "width": 2.5}
    scatter = go.Scatter(
        x=[0] * 68,
        y=[0] * 68,
        mode="markers",
        marker={
            "color": [0] * 68,
            "cmin": 0,
            "cmax": 1,
            "colorscale": [[0, NOT_SALIENT], [1, SALIENT]],
            "symbol": [OPEN_SQUARE] * 68,
            "size": 8,
            "opacity": 1,
            "line": {"width": 1.5, "color": "#ffffff"},
        },
        hovertemplate=(
            "landmark %{customdata[0]}, %{customdata[1]}<br>value %{customdata[2]} of the peak"
            "<extra></extra>"
        ),
        showlegend=False,
    )
    return go.Figure(
        scatter,
        {
            "images": images,
            "shapes": [{**shape, "line": line} for line in (*lines, rings)],
            "xaxis": axis,
            "yaxis": axis | {"range": ends[::-1]},
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
            "width": SIDE,
            "height": SIDE,
            "hovermode": "closest",
            "dragmode": False,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "template": "none",
        },
    )


def _picture(face: Face) -> Image.Image:
    """Return the grey face crop, finer than the network's where the photo is."""
    size = CROP_SIZE * _DETAIL
    to_photo = face.crop_to_photo.copy()
    to_photo[:, 2] += to_photo[:, :2] @ np.full(2, 0.5 / _DETAIL - 0.5)
    to_photo[:, :2] /= _DETAIL
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(
        face.image, to_photo, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    if face.hidden:
        hidden = mark_hidden(face.crop_landmarks, face.hidden)
        weights = soften_masks(hidden.repeat(_DETAIL, 0).repeat(_DETAIL, 1)[None])
        (grey,) = blend(grey, blur_picture(grey), weights)
    return Image.fromarray(grey).convert("RGB")


def _ring(x: float, y: float, radius: float = 5.5) -> str:
    turns = np.linspace(0, 2 * np.pi, 9)[:-1]
    points = zip(x + radius * np.cos(turns), y + radius * np.sin(turns), strict=True)
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points) + "Z"


def _grid(rows: int, columns: int) -> str:
    """Return lines between a map's cells; none for a map as fine as the crop."""
    if max(rows, columns) > CROP_SIZE // 4:
        return ""
    low, high = -0.5, CROP_SIZE - 0.5
    across = [low + CROP_SIZE * i / rows for i in range(1, rows)]
    down = [low + CROP_SIZE * i / columns for i in range(1, columns)]
    return "".join(f"M{low} {y:.1f}L{high} {y:.1f}" for y in across) + "".join(
        f"M{x:.1f} {low}L{x:.1f} {high}" for x in down
    )
