"""Small pieces of HTML. Whatever is not a literal here goes through `escape`."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as _escape
from importlib.resources import files

import numpy as np

from xfera_nb.figures import NOT_SALIENT, SALIENT, colour_scale
from xfera_nb.report.plain import clean


def escape(text: object) -> str:
    """Text for HTML, between tags or in a quoted attribute; control characters become "?"."""
    return _escape(clean(str(text), keep="\n\t"), quote=True)


def stylesheet(name: str) -> str:
    """A style sheet of this room, as a ``<style>`` element."""
    text = files("xfera_nb.report").joinpath(name).read_text("utf-8")
    return f"<style>{text}</style>"


def bar(value: float | None, top: float, *, cut: float | None = None, on: bool = False) -> str:
    """A bar from 0 to `top`, with a line at `cut`; a drawing, since print drops backgrounds.

    It is hidden from screen readers: the number stands beside it. No bar is drawn for None.
    """
    if value is None:
        return ""
    length = 100 * min(max(value / top, 0.0), 1.0)
    kind = "xf-fill-on" if on else "xf-fill"
    line = "" if cut is None else f'<path class="xf-cut" d="M{100 * cut / top:.1f} 0V10"/>'
    return (
        '<svg class="xf-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="xf-track" width="100" height="10"/>'
        f'<rect class="{kind}" width="{length:.1f}" height="10"/>{line}</svg>'
    )


def key(hot: int, cold: int) -> str:
    """What the marks on the overlay mean, with how many there are."""
    return (
        '<div class="xf-key"><span><svg width="14" height="14" aria-hidden="true">'
        f'<circle cx="7" cy="7" r="5.5" fill="{SALIENT}"/></svg>{hot} hot landmarks</span>'
        '<span><svg width="14" height="14" aria-hidden="true">'
        f'<rect x="3" y="3" width="9" height="9" fill="none" stroke="{NOT_SALIENT}" '
        f'stroke-width="2.2"/>'
        f"</svg>{cold} cold landmarks</span></div>"
    )


def ramp(threshold: float, peak: float) -> str:
    """The colour scale of the map, with the threshold marked."""
    table = colour_scale()
    stops = np.linspace(0, 255, 40).round().astype(int)
    width = 100 / len(stops)
    cells = "".join(
        f'<rect x="{i * width:.2f}" width="{width + 0.2:.2f}" height="10" '
        'fill="#{:02x}{:02x}{:02x}"/>'.format(*table[stop].tolist())
        for i, stop in enumerate(stops)
    )
    mark = ""
    if 0 <= threshold <= 1:
        place = f"{100 * threshold:.1f}"
        mark = "".join(
            f'<path d="M{place} 0V10" stroke="{colour}" stroke-width="{line}" '
            'vector-effect="non-scaling-stroke"/>'
            for colour, line in (("#000", 5), ("#fff", 2))
        )
    return (
        '<svg class="xf-ramp" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'{cells}{mark}</svg><div class="xf-ends xf-quiet"><span>0</span>'
        f"<span>threshold {threshold:.2f} (white outline)</span>"
        f"<span>1 = peak, {peak:.3g}</span></div>"
    )


def pairs(rows: Iterable[tuple[str, str]], *, grouped: bool = False) -> str:
    """A list of names and values; the values are HTML already.

    `grouped` keeps each pair in a box of its own, so that a column or a page does not part it.
    """
    items = [f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in rows]
    return f"<dl>{''.join(f'<div>{item}</div>' if grouped else item for item in items)}</dl>"


def number(value: float | None, places: int = 2, unknown: str = "unknown") -> str:
    """A number with a fixed count of places, or the word for none."""
    return escape(unknown) if value is None else f"{value:.{places}f}"
