"""Draw a table of numbers, for those who read a notebook without running it."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

_INK, _GROUND, _ON, _EDGE = (16, 20, 24), (255, 255, 255), (59, 125, 216), (210, 210, 210)
_WRONG = (194, 65, 12)
_HEAD, _LINE = 104, 26


def table_image(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    form: str = "{:,}",
    scale: tuple[float, float] | None = None,
    cell: int = 76,
    mark: tuple[int, int] | None = None,
    confusion: bool = False,
) -> Image.Image:
    """Draw a table whose cells are the darker the greater their numbers.

    Parameters
    ----------
    title : str
    rows, columns : sequence of str
    values : sequence of sequence of float or None
        Not negative; None is drawn as a dash.
    form : str
        Of a number.
    scale : (float, float), optional
        The numbers of the lightest and the darkest cell; by default a cell is as dark as its share
        of its row's sum.
    cell : int
        Width of a cell, pixels.
    mark : (int, int), optional
        Row and column of a cell to be framed.
    confusion : bool
        Whether rows are labels and columns predictions: cells off the diagonal are errors, and
        warm.

    Returns
    -------
    Image
        RGB.
    """
    width = _HEAD + cell * len(columns) + 8
    picture = Image.new("RGB", (width, _LINE * (len(rows) + 2) + 8), _GROUND)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(14)
    draw.text((6, _LINE / 2), title, fill=_INK, font=font, anchor="lm")
    middles = [_HEAD + (j + 0.5) * cell for j in range(len(columns))]
    for x, name in zip(middles, columns, strict=True):
        draw.text((x, 1.5 * _LINE), name, fill=_INK, font=font, anchor="mm")
    for i, name in enumerate(rows):
        y = (i + 2.5) * _LINE
        draw.text((6, y), name, fill=_INK, font=font, anchor="lm")
        low, high = scale or (0.0, float(sum(value or 0 for value in values[i])))
        for j, (x, value) in enumerate(zip(middles, values[i], strict=True)):
            share = 0.0 if value is None or high <= low else 0.7 * (value - low) / (high - low)
            on = _WRONG if confusion and rows[i] != columns[j] else _ON
            if confusion:
                share = 0.6 * (share / 0.7) ** 0.5  # small shares of errors are to be seen
            fill = tuple(round(g + share * (o - g)) for g, o in zip(_GROUND, on, strict=True))
            framed = (i, j) == mark
            draw.rectangle(
                (x - cell / 2 + 1, y - _LINE / 2 + 1, x + cell / 2 - 1, y + _LINE / 2 - 1),
                fill=fill,
                outline=_INK if framed else _EDGE,
                width=3 if framed else 1,
            )
            text = "–" if value is None else form.format(value)
            draw.text((x, y), text, fill=_INK, font=font, anchor="mm")
    return picture
