"""Build SVG drawings that need no script, for pages, notebooks and print.

Lengths are the drawing's own units, CSS pixels at full size. Ink is `currentColor`, so a drawing
follows the light or dark ground that it stands on. Text is escaped here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as _escape

MEASURE = "#3b7dd8"
OTHER = "#c26a00"


def escape(text: object) -> str:
    """Escape text for SVG, in tags or attributes; "?" replaces unprintable characters."""
    return _escape("".join(c if c.isprintable() else "?" for c in str(text)), quote=True)


def drawing(width: float, height: float, parts: Iterable[str], label: str) -> str:
    """Put parts into a drawing that shrinks with its container; `label` describes it in words."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}" '
        f'style="display:block;width:100%;max-width:{width:g}px;height:auto;'
        f'font:13px system-ui,sans-serif" fill="currentColor">{"".join(parts)}</svg>'
    )


def text(
    x: float, y: float, label: object, anchor: str = "start", *, bold: bool = False, size: int = 13
) -> str:
    """Draw text whose baseline begins, is centred ("middle") or ends ("end") at a point."""
    weight = ' font-weight="650"' if bold else ""
    small = "" if size == 13 else f' font-size="{size}"'
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f"<text {place}{weight}{small}>{escape(label)}</text>"


def line(
    x1: float, y1: float, x2: float, y2: float, *, width: float = 1, dash: str = "", faint=False
) -> str:
    """Draw a straight line in the ground's ink."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    pale = ' stroke-opacity="0.3"' if faint else ""
    return (
        f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" fill="none" stroke="currentColor" '
        f'stroke-width="{width:g}"{dashes}{pale}/>'
    )


def box(
    x: float, y: float, width: float, height: float, *, fill: str = MEASURE, share: float = 1.0
) -> str:
    """Draw a filled rectangle with an opacity of `share`."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" '
        f'fill-opacity="{share:.2f}"/>'
    )


def frame(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    stroke: float = 1,
    colour: str = "currentColor",
) -> str:
    """Draw the outline of a rectangle."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="none" '
        f'stroke="{colour}" stroke-width="{stroke:g}"/>'
    )


def dot(x: float, y: float, *, radius: float = 5, fill: str = MEASURE) -> str:
    """Draw a disc with a rim in the ground's ink."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="currentColor"/>'


def diamond(x: float, y: float, *, half: float = 5, stroke: str = OTHER) -> str:
    """Draw a hollow diamond."""
    return (
        f'<path d="M{x:.1f} {y - half:.1f}l{half:g} {half:g}l-{half:g} {half:g}l-{half:g} '
        f'-{half:g}z" fill="none" stroke="{stroke}" stroke-width="2"/>'
    )


def whisker(low: float, high: float, y: float, *, half: float = 4) -> str:
    """Draw an interval from `low` to `high` across, with an end mark at each."""
    ends = line(low, y - half, low, y + half, width=1.6)
    return ends + line(high, y - half, high, y + half, width=1.6) + line(low, y, high, y, width=1.6)
