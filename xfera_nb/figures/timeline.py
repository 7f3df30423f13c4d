"""Draw a face over time with Plotly: probabilities, Action Units, the map's regions.

Rows share the time axis in seconds. A gap in a line is a time in which the face was not seen. The
title says over how long probabilities are averaged, and whether a baseline is subtracted. Each
point's `customdata` is its row in the store, so that a click can open the frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xfera_nb.evaluation.timeline import FaceTimeline
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import EMOTIONS
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name
from xfera_nb.fusion.params import FusionParams

EMOTION_COLOURS = {
    "anger": "#c8352b",
    "disgust": "#6b8e23",
    "fear": "#7b52ab",
    "happiness": "#d99000",
    "neutral": "#7d8590",
    "sadness": "#2f6fe0",
    "surprise": "#0a9396",
}
"""Emotion -> colour, distinguishable in lightness too."""
MOST_AUS = 6
"""Action Units that are drawn: those that are highest at some time."""
MOST_POINTS = 4000
"""Points of a line; of a longer one each n-th is drawn, and the title says so."""
WIDTH, HEIGHT = 840, 640
_AU_COLOURS = ("#1b6ca8", "#c8553d", "#2a9d5c", "#8f5bb5", "#b07d00", "#50606f")
_INK, _QUIET = "#1b1f24", "#5c6570"
_REGION_COLOURS = ("#264653", "#2a9d8f", "#8ab17d", "#e9c46a", "#e76f51", "#9c6644")


def timeline_figure(
    face: FaceTimeline,
    *,
    clip: str = "",
    min_intensity: float = FusionParams().min_intensity,
    moments: Sequence[int] | None = None,
    width: int = WIDTH,
) -> go.Figure:
    """Draw one face over time.

    Parameters
    ----------
    face : FaceTimeline
        As `xfera_nb.evaluation.read_timelines` gives it.
    clip : str
        The clip's name, for the title.
    min_intensity : float
        Minimum intensity of an active Action Unit: its onset, apex and offset are marked.
    moments : sequence of int, optional
        Rows of the store that are marked; by default each predicted class's frame of highest
        probability.
    width : int
        Pixels.

    Returns
    -------
    Figure
        Three rows of lines: a trace for each class, for each of the `MOST_AUS` highest Action
        Units, and for each face region.
    """
    figure = make_subplots(
        rows=3,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.075,
        row_heights=[0.4, 0.36, 0.24],
        subplot_titles=(
            "Probability of each class",
            f"Action Unit intensity, bars: onset to offset from {min_intensity:g}, ▲ apex",
            "Share of the predicted class's map in each region",
        ),
    )
    _add_probabilities(figure, face, face.moments() if moments is None else moments)
    _add_units(figure, face, min_intensity)
    _add_regions(figure, face)
    figure.update_layout(
        template="plotly_white",
        font={"color": _INK, "size": 12},
        title={"text": _title(face, clip), "x": 0.01, "xanchor": "left", "font": {"size": 15}},
        width=width,
        height=HEIGHT,
        margin={"t": 92, "b": 48, "l": 58, "r": 8},
        hovermode="closest",
        legend={"tracegroupgap": 14, "font": {"size": 11}},
    )
    figure.update_annotations(font={"size": 12, "color": _QUIET}, x=0, xanchor="left")
    figure.update_xaxes(title_text="seconds", row=3, col=1)
    figure.update_yaxes(range=[-0.02, 1.04], title_text="0 to 1", row=1, col=1)
    figure.update_yaxes(rangemode="tozero", title_text="0 to 5", row=2, col=1)
    figure.update_yaxes(rangemode="tozero", title_text="0 to 1", row=3, col=1)
    return figure


def describe_timeline(face: FaceTimeline) -> str:
    """Say in a line what was done to a face's numbers."""
    smoothed = f"averaged over {face.smooth:g} s" if face.smooth else "not smoothed"
    units = "as measured"
    if face.baseline is not None:
        units = "minus the median of the face's neutral frames"
        if np.isnan(face.baseline).all():
            units = "unknown: too few neutral frames for a baseline"
    return f"probabilities {smoothed}; Action Units {units}"


def _title(face: FaceTimeline, clip: str) -> str:
    name = clip.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    first = f"{name + ', ' if name else ''}face {face.track}"
    if (stride := _stride(face)) > 1:
        first += f", one in {stride} frames drawn"
    return f"{first}<br><span style='font-size:12px'>{describe_timeline(face)}</span>"


def _stride(face: FaceTimeline) -> int:
    return -(-len(face) // MOST_POINTS)


def _add_probabilities(figure: go.Figure, face: FaceTimeline, moments: Sequence[int]) -> None:
    for column, emotion in enumerate(EMOTIONS):
        values = face.probabilities[:, column].astype(float)
        if np.isnan(values).all():
            continue
        _add_line(figure, face, values, 1, emotion, EMOTION_COLOURS[emotion], "Class")
    places = np.flatnonzero(np.isin(face.number, list(moments)))
    if len(places):
        top = face.predicted[places]
        figure.add_trace(
            go.Scatter(
                x=face.time[places],
                y=face.probabilities[places, top].astype(float),
                mode="markers",
                name="moments",
                marker={
                    "symbol": "diamond", "size": 10, "color": _INK,
                    "line": {"width": 1.5, "color": "#ffffff"},
                },
                customdata=face.number[places],
                text=[f"highest {EMOTIONS[row]}" for row in top],
                hovertemplate="%{text}, %{y:.0%} at %{x:.2f} s<extra></extra>",
                legendgroup="Class",
            ),
            row=1,
            col=1,
        )  # fmt: skip


def _add_units(figure: go.Figure, face: FaceTimeline, min_intensity: float) -> None:
    highest = np.nanmax(np.nan_to_num(face.intensities, nan=-1.0), axis=0)
    order = sorted(np.argsort(-highest, kind="stable")[:MOST_AUS].tolist())
    spans = face.spans(min_intensity)
    top = max(float(highest.max()), min_intensity)
    for place, column in enumerate(column for column in order if highest[column] >= 0):
        au, colour = OPENFACE_AUS[column], _AU_COLOURS[place]
        values = face.intensities[:, column].astype(float)
        _add_line(figure, face, values, 2, au_name(au), colour, "Action Unit")
        mine = [span for span in spans if span.au == au]
        level = -top * 0.05 * (place + 1)
        _add_spans(figure, mine, colour, level)
    figure.add_hline(
        y=min_intensity, line={"color": _QUIET, "width": 1, "dash": "dot"}, row=2, col=1
    )


def _add_spans(figure: go.Figure, spans: Sequence, colour: str, level: float) -> None:
    """Draw the times in which an AU is active as bars below the lines, and mark each apex."""
    if not spans:
        return
    name = au_name(spans[0].au)
    xs: list[float | None] = []
    for span in spans:
        xs += [span.onset, span.offset, None]
    figure.add_trace(
        go.Scatter(
            x=xs, y=[None if x is None else level for x in xs], mode="lines",
            line={"color": colour, "width": 5}, showlegend=False, hoverinfo="skip",
            legendgroup="Action Unit", name=f"{name} active",
        ),
        row=2, col=1,
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[span.apex for span in spans], y=[span.intensity for span in spans], mode="markers",
            marker={
                "symbol": "triangle-up", "size": 9, "color": colour,
                "line": {"width": 1, "color": "#ffffff"},
            },
            customdata=[span.number for span in spans], showlegend=False, name=f"{name} apex",
            text=[
                f"{name}: onset {span.onset:.2f}{' or earlier' if span.begins_before else ''}, "
                f"apex {span.apex:.2f}, "
                f"offset {span.offset:.2f}{' or later' if span.ends_after else ''} s"
                for span in spans
            ],
            hovertemplate="%{text}<extra></extra>",
            legendgroup="Action Unit",
        ),
        row=2, col=1,
    )  # fmt: skip


def _add_regions(figure: go.Figure, face: FaceTimeline) -> None:
    for column, region in enumerate(FACE_REGIONS):
        values = face.shares[:, column]
        _add_line(figure, face, values, 3, region, _REGION_COLOURS[column], "Region")


def _add_line(
    figure: go.Figure,
    face: FaceTimeline,
    values: np.ndarray,
    row: int,
    name: str,
    colour: str,
    group: str,
) -> None:
    """Add a line that is broken where the face was not seen."""
    stride = _stride(face)
    drawn = np.arange(0, len(face), stride)
    # Before the first that is drawn after a gap.
    breaks = np.searchsorted(drawn, face.breaks)
    time = np.insert(face.time[drawn], breaks, np.nan)
    values = np.insert(values[drawn].astype(float), breaks, np.nan)
    number = np.insert(face.number[drawn], breaks, -1)
    figure.add_trace(
        go.Scatter(
            x=time,
            y=values.round(4),
            mode="lines" if len(face) > 1 else "markers",
            name=name,
            line={"color": colour, "width": 1.8},
            customdata=number,
            hovertemplate=f"{name} %{{y:.2f}} at %{{x:.2f}} s<extra></extra>",
            legendgroup=group,
            legendgrouptitle={"text": group, "font": {"size": 11}},
        ),
        row=row,
        col=1,
    )
