"""A table of numbers as a picture, for who reads a notebook without running it."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

_INK, _GROUND, _ON = (16, 20, 24), (255, 255, 255), (59, 125, 216)
_CELL, _HEAD, _LINE = (76, 26), 104, 26


def table_image(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    form: str = "{:,}",
    mark: tuple[int, int] | None = None,
) -> Image.Image:
    """Draw a table; the darker a cell, the nearer it is to its row's greatest share of the sum.

    Parameters
    ----------
    title : str
    rows, columns : sequence of str
    values : sequence of sequence of float or None
        Not negative; None is drawn as a dash.
    form : str
        Of a number.
    mark : (int, int), optional
        Row and column of a cell to be framed.

    Returns
    -------
    Image
        RGB.
    """
    width = _HEAD + _CELL[0] * len(columns) + 8
    picture = Image.new("RGB", (width, _LINE * (len(rows) + 2) + 8), _GROUND)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(14)
    draw.text((6, _LINE / 2), title, fill=_INK, font=font, anchor="lm")
    for j, name in enumerate(columns):
        draw.text((_middle(j), 1.5 * _LINE), name, fill=_INK, font=font, anchor="mm")
    for i, name in enumerate(rows):
        y = (i + 2.5) * _LINE
        draw.text((6, y), name, fill=_INK, font=font, anchor="lm")
        whole = sum(value for value in values[i] if value is not None)
        for j, value in enumerate(values[i]):
            share = 0.0 if not value or not whole else 0.7 * value / whole
            fill = tuple(round(g + share * (o - g)) for g, o in zip(_GROUND, _ON, strict=True))
            left, top = _HEAD + j * _CELL[0], (i + 2) * _LINE
            box = (left + 1, top + 1, left + _CELL[0] - 1, top + _CELL[1] - 1)
            framed = (i, j) == mark
            outline = _INK if framed else (210, 210, 210)
            draw.rectangle(box, fill=fill, outline=outline, width=3 if framed else 1)
            text = "–" if value is None else form.format(value)
            draw.text((_middle(j), y), text, fill=_INK, font=font, anchor="mm")
    return picture


def _middle(column: int) -> float:
    return _HEAD + (column + 0.5) * _CELL[0]
