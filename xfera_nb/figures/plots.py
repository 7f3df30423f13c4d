"""Draw Plotly figures of a fusion and a prediction, which hold the data's own numbers.

Units: the face's axes are crop pixels (x, y), the centre of the first pixel at (0, 0); activation
and coverage are 0-1, intensities 0-5, probabilities 0-1. Landmarks in the
salient region are red and round, the others blue and square. The ground is plotly's own light
one, so that a figure looks the same in any notebook theme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from plotly.subplots import make_subplots

from xfera_nb.faces import CROP_SIZE
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, GROUP_OF
from xfera_nb.figures.heat import NOT_SALIENT, SALIENT, colour_scale, draw_map, salient_contours
from xfera_nb.figures.overlay import data_uri, to_jpeg, to_png

if TYPE_CHECKING:
    from xfera_nb.classifier import Prediction
    from xfera_nb.fusion import Fusion

MEASURE = "#3b7dd8"
MUTED = "#8a929c"
_INK = "#1b1f24"
_QUIET = "#5c6570"
_LAYOUT = {"template": "plotly_white", "font": {"color": _INK}, "margin": {"t": 80, "b": 50}}


def overlay_figure(fusion: Fusion, *, opacity: float = 1.0) -> go.Figure:
    """Draw the grey face with map, outline and landmarks, each with its value on hover.

    Parameters
    ----------
    fusion : Fusion
    opacity : float
        Of the whole map, 0-1, on top of its own transparency.

    Returns
    -------
    Figure
        Two layout images, named "face" and "heat" (the second only with positive evidence), and
        the traces "outline" (of the salient region), "salient", "not salient" and, for the
        colour scale, "scale".
    """
    face = fusion.evidence.face
    heatmap = fusion.evidence.heatmap(fusion.target)
    grey = Image.fromarray(face.crop).convert("L").convert("RGB")
    figure = go.Figure()
    _place(figure, "face", data_uri(to_jpeg(grey, quality=90)), 1.0)
    heat = draw_map(fusion)
    if heat is not None:
        _place(figure, "heat", data_uri(to_png(Image.fromarray(heat))), opacity)
    figure.add_trace(_outline(fusion))
    points, salient = face.crop_landmarks, fusion.salient
    for name, chosen, colour, symbol, edge in (
        ("salient", salient, SALIENT, "circle", "#ffffff"),
        ("not salient", ~salient, NOT_SALIENT, "square-open", NOT_SALIENT),
    ):
        numbers = (np.flatnonzero(chosen) + 1).tolist()
        figure.add_trace(
            go.Scatter(
                x=points[chosen, 0],
                y=points[chosen, 1],
                mode="markers",
                name=f"{name} ({len(numbers)})",
                marker={
                    "symbol": symbol,
                    "color": colour,
                    "size": 9,
                    "line": {"width": 1.5, "color": edge},
                },
                customdata=[[n, GROUP_OF[n], _share(fusion.activation[n - 1])] for n in numbers],
                hovertemplate=(
                    "landmark %{customdata[0]}, %{customdata[1]}<br>value %{customdata[2]}"
                    f"<extra>{name}</extra>"
                ),
            )
        )
    if heat is not None:
        figure.add_trace(_colour_scale(heatmap.peak))
    ends = [-0.5, CROP_SIZE - 0.5]
    axis = {"visible": False, "range": ends, "constrain": "domain"}
    figure.update_layout(
        **_LAYOUT,
        title=_title(_escaped(heatmap.title), _under(fusion)),
        xaxis=axis,
        yaxis=axis | {"range": ends[::-1], "scaleanchor": "x"},
        legend={"orientation": "h", "y": -0.02},
        width=560,
        height=620,
    )
    return figure


def probability_figure(prediction: Prediction) -> go.Figure:
    """Draw the seven probabilities as bars, in the order of `EMOTIONS`; the highest stands out.

    A class that the classifier does not have has no bar and says so.
    """
    values = prediction.probabilities.astype(float)
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(EMOTIONS),
            orientation="h",
            marker_color=[MEASURE if e == prediction.predicted else MUTED for e in EMOTIONS],
            text=["" if np.isnan(value) else f"{value:.0%}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        )
    )
    note = {"x": 0.02, "xanchor": "left", "showarrow": False, "font": {"color": _QUIET}}
    for emotion in set(EMOTIONS) - set(prediction.classes):
        figure.add_annotation(y=emotion, text="no such class", **note)
    confidence = f"confidence {prediction.confidence_level}, margin {prediction.margin:.2f} "
    confidence += f"to {prediction.runner_up}"
    figure.update_layout(
        **_LAYOUT,
        title=_title(f"Predicted: {prediction.predicted}", confidence),
        xaxis={"range": [0, 1.08], "title": "probability", "tickvals": [0, 0.25, 0.5, 0.75, 1]},
        yaxis={"autorange": "reversed"},
        height=340,
    )
    return figure


def action_units_figure(fusion: Fusion) -> go.Figure:
    """Draw intensity and coverage of every AU, with the minimum of each as a line.

    Active AUs are filled, the others hatched; what was not measured has no bar and says so.
    """
    rows = fusion.action_units
    names = [f"{r.name} {ACTION_UNITS[r.au].name}{' *' if r.expected else ''}" for r in rows]
    figure = make_subplots(
        cols=2, shared_yaxes=True, horizontal_spacing=0.04, column_widths=[0.6, 0.4]
    )
    colours = [MEASURE if r.active else MUTED for r in rows]
    shapes = ["" if r.active else "/" for r in rows]
    hints = [[ACTION_UNITS[r.au].words, _escaped(r.reason), _share(r.reliability)] for r in rows]
    hover = "%{y}<br>%{customdata[0]}<br>%{customdata[1]}<br>AU source's r %{customdata[2]}"
    for column, values, name in (
        (1, [r.intensity for r in rows], "intensity"),
        (2, [r.coverage for r in rows], "coverage"),
    ):
        figure.add_trace(
            go.Bar(
                x=values,
                y=names,
                orientation="h",
                name=name,
                marker={"color": colours, "pattern": {"shape": shapes, "fillmode": "overlay"}},
                text=[_share(value) for value in values],
                textposition="outside",
                cliponaxis=False,
                customdata=hints,
                hovertemplate=f"{hover}<extra>{name} %{{x:.2f}}</extra>",
            ),
            row=1,
            col=column,
        )
    unmeasured = [name for name, row in zip(names, rows, strict=True) if row.intensity is None]
    note = {"x": 0.05, "xanchor": "left", "showarrow": False, "font": {"color": _QUIET}}
    for name in unmeasured:
        figure.add_annotation(y=name, text="not measurable", row=1, col=1, **note)
    cuts = ((1, fusion.params.min_intensity), (2, fusion.params.coverage))
    for column, cut in cuts:
        figure.add_vline(x=cut, line={"color": _INK, "dash": "dash", "width": 1}, col=column)
    legend = "filled: active · hatched: not active · *: expected for the target class"
    figure.update_layout(
        **_LAYOUT,
        title=_title(f"Action Units for {fusion.target} ({_source(fusion)})", legend),
        showlegend=False,
        height=150 + 24 * len(rows),
    )
    figure.update_xaxes(range=[0, 5.4], title=f"intensity, minimum {cuts[0][1]:g}", col=1)
    figure.update_xaxes(range=[0, 1.12], title=f"coverage, minimum {cuts[1][1]:g}", col=2)
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def _place(figure: go.Figure, name: str, source: str, opacity: float) -> None:
    # Plotly tells images apart by place and size alone and drops a second one that has both in
    # common with the first: an invisible offset keeps them apart.
    offset = 1e-6 * len(figure.layout.images)
    figure.add_layout_image(
        name=name, source=source, opacity=opacity, xref="x", yref="y", x=-0.5 - offset, y=-0.5,
        sizex=CROP_SIZE, sizey=CROP_SIZE, sizing="stretch", layer="below",
    )  # fmt: skip


def _outline(fusion: Fusion) -> go.Scatter:
    x: list[float | None] = []
    y: list[float | None] = []
    for line in salient_contours(fusion):
        x += [*line[:, 0].tolist(), float(line[0, 0]), None]
        y += [*line[:, 1].tolist(), float(line[0, 1]), None]
    style = {"color": "#ffffff", "width": 2}
    return go.Scatter(
        x=x, y=y, mode="lines", name="outline", line=style, hoverinfo="skip", showlegend=False
    )


def _colour_scale(peak: float) -> go.Scatter:
    table = colour_scale()
    scale = [[i / 255, "rgb({},{},{})".format(*table[i].tolist())] for i in range(0, 256, 17)]
    return go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        name="scale",
        showlegend=False,
        hoverinfo="skip",
        marker={
            "colorscale": scale,
            "cmin": 0,
            "cmax": 1,
            "color": [0],
            "showscale": True,
            "colorbar": {"title": f"share of<br>the peak<br>({peak:.3g})", "thickness": 14},
        },
    )


def _title(text: str, under: str) -> dict[str, str]:
    return {"text": f"{text}<br><sup>{under}</sup>"}


def _under(fusion: Fusion) -> str:
    if fusion.threshold is None:
        return f"No positive evidence: no part of the face speaks for {fusion.target}."
    p = fusion.params
    where = {"crop": "the crop", "hull": "the face hull"}[p.region]
    return f"white outline: from {fusion.threshold:.2f}, mean + {p.k:g} SD over {where}"


def _source(fusion: Fusion) -> str:
    return _escaped(fusion.evidence.action_units.source)


def _escaped(text: str) -> str:
    """Text for plotly, which reads some elements of HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _share(value: float | None) -> str:
    return "unknown" if value is None or np.isnan(value) else f"{value:.2f}"
