"""The face with its map, its hot outline and its landmarks: one figure, made once and reused.

Everything that a slider moves goes out in one batched message: the landmarks' colours and shapes
as 68 small numbers, and the outline as one path. The two pictures lie in ``layout.images`` and go
out only when the face or the map changes. Coordinates are crop pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
import plotly.graph_objects as go
from PIL import Image
from plotly.serializers import custom_serializers
from traitlets import Dict

from xfera_nb.faces import Face
from xfera_nb.facs import REGION_OF, au_landmarks
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.figures import (
    COLD,
    HOT,
    contour_path,
    data_uri,
    heat_rgba,
    share_of_peak,
    to_jpeg,
    to_png,
)
from xfera_nb.saliency import CROP
from xfera_nb.widgets.state import ExplainerState

SIDE = 460
"""Side of the figure, screen pixels."""
PICKED = "#ffb000"
CIRCLE, OPEN_SQUARE = 0, 101
_DETAIL = 2  # pixels of the face's picture for a crop pixel
_OUTLINE, _GRID, _RINGS = range(3)  # shapes
_FACE, _HEAT = range(2)  # images
_NOTHING = "M0 0Z"
_BLANK = data_uri(to_png(Image.new("RGBA", (1, 1))))


class _Quiet(go.FigureWidget):
    """A figure whose answers from the front end are not sent back there: a third fewer bytes."""

    _js2py_traceDeltas = Dict(allow_none=True).tag(
        sync=True, echo_update=False, **custom_serializers
    )
    _js2py_layoutDelta = Dict(allow_none=True).tag(
        sync=True, echo_update=False, **custom_serializers
    )


class OverlayView:
    """Observes a state and keeps the figure up to date.

    Attributes
    ----------
    figure : FigureWidget
        One trace of 68 points; `marker.color` is 1 where hot and 0 where cold.
    """

    def __init__(self, state: ExplainerState) -> None:
        self.state = state
        self.figure = _Quiet(_figure())
        # Its buttons would cover the photo.
        self.figure._config = {**self.figure._config, "displayModeBar": False}
        self._draw_face()
        self._draw_map()
        self._draw_picked()
        self._draw_opacity()
        self._draw_grid()
        self.settle()
        state.observe(self._on_fusion, "fusion")
        state.observe(lambda _: self._draw_picked(), "picked_au")
        state.observe(lambda _: self._draw_opacity(), "opacity")
        state.observe(lambda _: self._draw_grid(), "grid")

    def settle(self) -> None:
        """Take what was drawn into the figure's own state, for a front end that opens later.

        Plotly keeps its changes in messages alone until a figure is displayed by itself, and a
        figure within a box never is; Voila, which opens after all cells ran, would miss them.
        """
        self.figure._repr_mimebundle_()

    def _on_fusion(self, change: dict) -> None:
        before, now = change["old"], change["new"]
        if before.evidence.face is not now.evidence.face:
            self._draw_face()
        if before.evidence is not now.evidence or before.emotion != now.emotion:
            self._draw_map()
            if self.state.grid:
                self._draw_grid()
        else:
            self._draw_hot()

    def _draw_face(self) -> None:
        face = self.state.evidence.face
        points = face.crop_landmarks.round(2)
        with self.figure.batch_update():
            self.figure.layout.images[_FACE].source = data_uri(to_jpeg(_picture(face), 88))
            self.figure.data[0].update(x=points[:, 0].tolist(), y=points[:, 1].tolist())
        if self.state.picked_au:
            self._draw_picked()

    def _draw_map(self) -> None:
        """A new map: its picture, the values on hover, and what is hot in it."""
        fusion = self.state.fusion
        heatmap = fusion.evidence.heatmap(fusion.emotion)
        heat = heat_rgba(heatmap)
        self._share = share_of_peak(heatmap)
        hints = [
            [n, REGION_OF[n], "unknown" if np.isnan(value) else f"{value:.2f}"]
            for n, value in enumerate(fusion.activation, 1)
        ]
        with self.figure.batch_update():
            self.figure.layout.images[_HEAT].source = (
                _BLANK if heat is None else data_uri(to_png(Image.fromarray(heat)))
            )
            self.figure.data[0].customdata = hints
            self._draw_hot()

    def _draw_hot(self) -> None:
        fusion = self.state.fusion
        hot = fusion.hot
        with self.figure.batch_update():
            marker = self.figure.data[0].marker
            marker.color = hot.astype(int).tolist()
            marker.symbol = np.where(hot, CIRCLE, OPEN_SQUARE).tolist()
            outline = contour_path(self._share, fusion.threshold)
            self.figure.layout.shapes[_OUTLINE].path = outline or _NOTHING

    def _draw_picked(self) -> None:
        au = self.state.picked_au
        path = ""
        if au in LANDMARK_AUS:
            points = self.state.evidence.face.crop_landmarks
            path = "".join(_ring(*points[n - 1]) for n in au_landmarks(au))
        self.figure.layout.shapes[_RINGS].path = path or _NOTHING

    def _draw_opacity(self) -> None:
        self.figure.layout.images[_HEAT].opacity = self.state.opacity

    def _draw_grid(self) -> None:
        path = ""
        if self.state.grid:
            fusion = self.state.fusion
            path = _grid(*fusion.evidence.heatmap(fusion.emotion).values.shape)
        self.figure.layout.shapes[_GRID].path = path or _NOTHING


def _figure() -> go.Figure:
    ends = [-0.5, CROP - 0.5]
    axis = {"visible": False, "range": ends, "fixedrange": True}
    place = {
        "xref": "x", "yref": "y", "x": -0.5, "y": -0.5, "sizex": CROP, "sizey": CROP,
        "sizing": "stretch", "layer": "below",
    }  # fmt: skip
    # Plotly drops a second image that has place and size in common with the first.
    images = [{**place, "source": _BLANK}, {**place, "x": -0.5 - 1e-6, "source": _BLANK}]
    shape = {"type": "path", "path": _NOTHING, "xref": "x", "yref": "y", "layer": "between"}
    lines = ({"color": "#ffffff", "width": 2}, {"color": "#9fd8ff", "width": 1, "dash": "dot"})
    rings = {"color": PICKED, "width": 2.5}
    scatter = go.Scatter(
        x=[0] * 68,
        y=[0] * 68,
        mode="markers",
        marker={
            "color": [0] * 68,
            "cmin": 0,
            "cmax": 1,
            "colorscale": [[0, COLD], [1, HOT]],
            "symbol": [OPEN_SQUARE] * 68,
            "size": 9,
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
    """The grey face crop, finer than the network's where the photo is."""
    size = CROP * _DETAIL
    to_photo = face.crop_to_photo.copy()
    to_photo[:, 2] += to_photo[:, :2] @ np.full(2, 0.5 / _DETAIL - 0.5)
    to_photo[:, :2] /= _DETAIL
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(
        face.image, to_photo, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return Image.fromarray(crop).convert("L").convert("RGB")


def _ring(x: float, y: float, radius: float = 5.5) -> str:
    turns = np.linspace(0, 2 * np.pi, 9)[:-1]
    points = zip(x + radius * np.cos(turns), y + radius * np.sin(turns), strict=True)
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points) + "Z"


def _grid(rows: int, columns: int) -> str:
    """Lines between a map's cells; none for a map as fine as the crop."""
    if max(rows, columns) > CROP // 4:
        return ""
    low, high = -0.5, CROP - 0.5
    across = [low + CROP * i / rows for i in range(1, rows)]
    down = [low + CROP * i / columns for i in range(1, columns)]
    return "".join(f"M{low} {y:.1f}L{high} {y:.1f}" for y in across) + "".join(
        f"M{x:.1f} {low}L{x:.1f} {high}" for x in down
    )
