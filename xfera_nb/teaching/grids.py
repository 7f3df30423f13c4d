"""Draw small tables of numbers, for a map that is worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xfera_nb.report.markup import escape

_CELL = 38
_MORE, _LESS, _FRAME = "#e67800", "#005ad2", "#d7263d"


def grids_svg(grids: Mapping[str, np.ndarray], *, framed_from: float | None = None) -> str:
    """Draw tables side by side, each under its name; orange above 0, blue below, by size.

    Parameters
    ----------
    grids : mapping of str to ndarray
        Name -> (rows, columns) numbers.
    framed_from : float, optional
        Cells of this value or more are framed.

    Returns
    -------
    str
        An SVG drawing without script; it is as wide as needed and shrinks in a narrow place.
    """
    parts, left, tall = [], 0, 0
    for name, values in grids.items():
        rows, columns = values.shape
        peak = float(np.abs(values).max()) or 1.0
        width = columns * _CELL
        parts.append(f'<text x="{left + width / 2}" y="14" font-weight="600">{escape(name)}</text>')
        for (row, column), value in np.ndenumerate(values):
            x, y = left + column * _CELL, 22 + row * _CELL
            colour = _MORE if value > 0 else _LESS
            share = 0.85 * abs(float(value)) / peak
            is_framed = framed_from is not None and value >= framed_from
            edge = f'stroke="{_FRAME}" stroke-width="3"' if is_framed else 'stroke="currentColor"'
            inner = 2 if is_framed else 0.5
            parts.append(
                f'<rect x="{x + inner}" y="{y + inner}" width="{_CELL - 2 * inner}" '
                f'height="{_CELL - 2 * inner}" fill="{colour}" fill-opacity="{share:.2f}" '
                f'stroke-opacity="{1 if is_framed else 0.4}" {edge}/>'
                f'<text x="{x + _CELL / 2}" y="{y + _CELL / 2 + 5}">{value:g}</text>'
            )
        left += width + 24
        tall = max(tall, 22 + rows * _CELL + 4)
    label = "; ".join(f"{name}: {values.tolist()}" for name, values in grids.items())
    wide = max(left - 24, 1)
    return (
        f'<svg viewBox="0 0 {wide} {tall}" width="{wide}" role="img" aria-label="{escape(label)}" '
        'style="max-width:100%;height:auto" font-size="13" font-family="system-ui, sans-serif" '
        f'fill="currentColor" text-anchor="middle">{"".join(parts)}</svg>'
    )
