"""Draw pictures for lessons: a face with an AU's landmarks or with a map, pictures in a row, lines.

Landmarks are placed by pixel centres, as in `xfera_nb.figures`. Those of the Action Unit are filled
circles with their numbers, the others small hollow ones: they differ in shape, not in colour alone.
Amber is used, not the red and blue of landmarks inside and outside the salient region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xfera_nb.figures import data_uri, heat_rgba, to_jpeg
from xfera_nb.figures.svg import box, drawing, frame, text
from xfera_nb.report.markup import escape

if TYPE_CHECKING:
    from xfera_nb.evidence import Evidence

MARK = "#ffb000"
_EDGE = "#101418"
_WHITE = "#ffffff"
_SMOOTH = 2
# Lower eyelids and lower lip: their numbers stand below, away from those of the upper ones.
_NUMBER_BELOW = frozenset({41, 42, 47, 48, *range(56, 61), *range(66, 69)})
_INKS = ("#c2410c", "#3b7dd8", "#7a5195", "#2f855a")
_CELL = 38
_MORE, _LESS, _FRAME = "#e67800", "#005ad2", "#d7263d"
_DASHES = ("", "7 3", "2 3", "9 3 2 3")


def landmarks_image(
    crop: np.ndarray, crop_landmarks: np.ndarray, marked: Iterable[int] = (), *, scale: int = 2
) -> Image.Image:
    """Draw the grey face with some landmarks marked, and numbered where the numbers fit.

    Parameters
    ----------
    crop : ndarray
        (S, S, 3) uint8.
    crop_landmarks : ndarray
        (68, 2) x, y in crop pixels.
    marked : iterable of int
        Landmark numbers, 1 to 68.
    scale : int
        Pixels for a crop pixel, at least 1.

    Returns
    -------
    Image
        RGB, S * scale pixels wide.
    """
    if scale < 1:
        raise ValueError(f"scale is a whole number from 1, not {scale}")
    size = (crop.shape[1] * scale, crop.shape[0] * scale)
    grey = Image.fromarray(crop).convert("L").resize(size, Image.Resampling.BICUBIC)
    layer = Image.new("RGBA", (size[0] * _SMOOTH, size[1] * _SMOOTH), (128, 128, 128, 0))
    draw = ImageDraw.Draw(layer)
    unit = scale * _SMOOTH
    points = (np.asarray(crop_landmarks, float) + 0.5) * unit - 0.5
    chosen = set(marked)
    for number, point in enumerate(points, 1):
        if number not in chosen:
            _ring(draw, point, 1.1 * unit, unit * 0.4)
    for number in chosen:
        _dot(draw, points[number - 1], 1.7 * unit)
    _numbers(draw, points, sorted(chosen), unit)
    layer = layer.resize(size, Image.Resampling.BOX)
    return Image.alpha_composite(grey.convert("RGBA"), layer).convert("RGB")


def map_image(evidence: Evidence, target: str, *, scale: int = 2) -> Image.Image:
    """Draw a class's map on the grey face, without landmarks and outline.

    Parameters
    ----------
    evidence : Evidence
    target : str
        The class; where nothing speaks for it, the face alone is drawn.
    scale : int
        Pixels for a crop pixel, at least 1.

    Returns
    -------
    Image
        RGB, S * scale pixels wide.
    """
    crop = evidence.face.crop
    side = crop.shape[0] * scale
    size = (side, side)
    grey = Image.fromarray(crop).convert("L").resize(size, Image.Resampling.BICUBIC)
    heat = heat_rgba(evidence.heatmap(target), side)
    if heat is None:
        return grey.convert("RGB")
    return Image.alpha_composite(grey.convert("RGBA"), Image.fromarray(heat)).convert("RGB")


def pictures_row(pictures: Mapping[str, Image.Image], *, least: int = 180) -> str:
    """Lay out pictures side by side as HTML, each above its caption; in a narrow place they wrap.

    Parameters
    ----------
    pictures : mapping of str to Image
        Caption -> picture.
    least : int
        Least width of a picture before the row wraps, CSS pixels.
    """
    row = (
        f"display:grid;grid-template-columns:repeat(auto-fit,minmax({least}px,1fr));gap:12px;"
        f"max-width:{480 * len(pictures)}px"
    )
    figures = (
        f'<figure style="margin:0"><img src="{data_uri(to_jpeg(picture))}" '
        f'alt="{escape(caption)}" style="width:100%"><figcaption>{escape(caption)}</figcaption>'
        "</figure>"
        for caption, picture in pictures.items()
    )
    return f'<div style="{row}">{"".join(figures)}</div>'


def steps_svg(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    x_label: str,
    y_label: str,
    cut: float | None = None,
    cut_label: str = "",
    top: float = 1.0,
) -> str:
    """Draw lines that change in steps, as an SVG drawing that needs no script.

    Parameters
    ----------
    x : sequence of float
        Ascending.
    series : mapping of str to sequence of float
        Name -> values of the same length as `x`, from 0 to `top`. At most four.
    x_label, y_label : str
    cut : float, optional
        Height of a dashed line across, named by `cut_label`.
    top : float
        Upper end of the vertical axis; its lower end is 0.
    """
    if not 0 < len(series) <= len(_INKS):
        raise ValueError(f"steps_svg draws 1 to {len(_INKS)} series, not {len(series)}.")
    left, right, high, low = 60.0, 600.0, 14.0, 244.0
    span = (x[-1] - x[0]) or 1.0

    def across(value: float) -> float:
        return left + (right - left) * (value - x[0]) / span

    def up(value: float) -> float:
        return low - (low - high) * value / top

    parts = [f'<path d="M{left} {high}V{low}H{right}" fill="none" stroke="currentColor"/>']
    for step in range(5):
        value = top * step / 4
        parts.append(text(left - 8, up(value) + 4, f"{value:g}", "end"))
        value = x[0] + span * step / 4
        parts.append(text(across(value), low + 18, f"{value:g}", "middle"))
    parts.append(text((left + right) / 2, low + 38, x_label, "middle"))
    middle = (low + high) / 2
    turned = text(0, 0, y_label, "middle")
    parts.append(f'<g transform="translate(16 {middle}) rotate(-90)">{turned}</g>')
    if cut is not None:
        line = f"M{left} {up(cut):.1f}H{right}"
        parts.append(f'<path d="{line}" stroke="currentColor" stroke-dasharray="3 4"/>')
        parts.append(text(right, up(cut) - 5, cut_label, "end"))
    for row, (name, values) in enumerate(series.items()):
        path = f"M{across(x[0]):.1f} {up(values[0]):.1f}"
        for place, value in zip(x[1:], values[1:], strict=True):
            path += f"H{across(place):.1f}V{up(value):.1f}"
        ink = f'stroke="{_INKS[row]}" stroke-width="2.4" stroke-dasharray="{_DASHES[row]}"'
        parts.append(f'<path d="{path}" fill="none" {ink}/>')
        height = low + 62 + 20 * row
        parts.append(f'<path d="M{left} {height - 4}h34" {ink}/>{text(left + 42, height, name)}')
    label = f"{y_label} against {x_label}: {', '.join(series)}"
    return drawing(620, low + 62 + 20 * len(series), parts, label)


def grids_svg(grids: Mapping[str, np.ndarray], *, framed_from: float | None = None) -> str:
    """Draw tables of numbers side by side, each under its name; orange above 0, blue below.

    Parameters
    ----------
    grids : mapping of str to ndarray
        Name -> (rows, columns) numbers; the opacity of a cell follows the size of its number.
    framed_from : float, optional
        Cells of this value or more are framed.

    Returns
    -------
    str
        An SVG drawing without script, which shrinks with its container.
    """
    parts, left, tall = [], 0, 0
    for name, values in grids.items():
        rows, columns = values.shape
        peak = float(np.abs(values).max()) or 1.0
        width = columns * _CELL
        parts.append(text(left + width / 2, 14, name, "middle", bold=True))
        for (row, column), value in np.ndenumerate(values):
            x, y = left + column * _CELL, 22 + row * _CELL
            share = 0.85 * abs(float(value)) / peak
            parts.append(box(x, y, _CELL, _CELL, fill=_MORE if value > 0 else _LESS, share=share))
            if framed_from is not None and value >= framed_from:
                parts.append(frame(x + 2, y + 2, _CELL - 4, _CELL - 4, stroke=3, colour=_FRAME))
            else:
                parts.append(frame(x, y, _CELL, _CELL, stroke=0.4))
            parts.append(text(x + _CELL / 2, y + _CELL / 2 + 5, f"{value:g}", "middle"))
        left += width + 24
        tall = max(tall, 22 + rows * _CELL + 4)
    label = "; ".join(f"{name}: {values.tolist()}" for name, values in grids.items())
    return drawing(max(left - 24, 1), tall, parts, label)


def _numbers(draw: ImageDraw.ImageDraw, points: np.ndarray, numbers: list[int], unit: int) -> None:
    """Draw numbers beside their points; one that would cover another or a point is left out."""
    font = ImageFont.load_default(5 * unit)
    taken: list[tuple[float, ...]] = []
    for number in numbers:
        x, y = points[number - 1]
        below = number in _NUMBER_BELOW
        at, anchor = (x, y + (2.6 if below else -2.6) * unit), "mt" if below else "mb"
        bounds = draw.textbbox(at, str(number), font=font, anchor=anchor)
        others = (points[other - 1] for other in numbers if other != number)
        if any(_overlap(bounds, old) for old in taken) or any(
            bounds[0] <= px <= bounds[2] and bounds[1] <= py <= bounds[3] for px, py in others
        ):
            continue
        taken.append(bounds)
        draw.text(
            at, str(number), fill=_WHITE, font=font, anchor=anchor,
            stroke_width=unit // 2, stroke_fill=_EDGE,
        )  # fmt: skip


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _dot(draw: ImageDraw.ImageDraw, at: np.ndarray, radius: float) -> None:
    x, y = at
    for r, colour in ((radius * 1.35, _EDGE), (radius, MARK)):
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)


def _ring(draw: ImageDraw.ImageDraw, at: np.ndarray, radius: float, line: float) -> None:
    x, y = at
    bounds = (x - radius, y - radius, x + radius, y + radius)
    draw.ellipse(bounds, outline=_WHITE, width=max(1, round(line)))
