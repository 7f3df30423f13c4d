"""Draw pictures: the overlay of one fusion on the face crop, and the photo with the face framed.

Drawn by PIL at twice the size asked for and reduced, so that lines and marks are smooth. Points are
placed by pixel centres: crop pixel (x, y) is drawn at scale * (x + 0.5) - 0.5.

The overlay lies on the grey face: grey is what the classifier sees, and the map's colours are not
mixed with the skin's. Without positive evidence no map is drawn, and the map of a class
with a lower peak than the prediction's is drawn fainter; the legend says so.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xfera_nb.faces import CROP_SIZE, Face
from xfera_nb.figures.heat import (
    NOT_SALIENT,
    SALIENT,
    colour_scale,
    draw_map,
    map_strength,
    salient_contours,
)

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion

SCALE = 3
"""Pixels drawn for a crop pixel."""
LONGEST = 800
"""Longest side of a photo as shown, pixels."""
_SMOOTH = 2
_WHITE = "#ffffff"
_OUTLINE = "#ffffff"
_OUTLINE_EDGE = "#101418"
_FRAME = "#ffb000"


def overlay_image(fusion: Fusion, *, scale: int = SCALE, legend: bool = True) -> Image.Image:
    """Draw the map, the outline of its salient region and the 68 landmarks on the grey crop.

    Parameters
    ----------
    fusion : Fusion
    scale : int
        Pixels for a crop pixel, at least 1.
    legend : bool
        Put title, colour scale and marks below the face; a page that has its own leaves it out.

    Returns
    -------
    Image
        RGB, 224 * scale pixels wide.
    """
    if scale < 1:
        raise ValueError(f"scale is a whole number from 1, not {scale}")
    face = fusion.evidence.face
    size = (CROP_SIZE * scale, CROP_SIZE * scale)
    grey = Image.fromarray(face.crop).convert("L").resize(size, Image.Resampling.BICUBIC)
    offset = (scale - 1) / 2
    to_canvas = np.array([[scale, 0, offset], [0, scale, offset]], float)
    picture = _paint_overlay(grey.convert("RGB"), fusion, to_canvas)
    return _with_legend(picture, fusion) if legend else picture


def photo_image(face: Face, *, longest: int = LONGEST, fusion: Fusion | None = None) -> Image.Image:
    """Draw the whole photo with the face's crop framed, and with the overlay if a fusion is given.

    Parameters
    ----------
    face : Face
    longest : int
        Longest side of the result, pixels; smaller photos keep their size.
    fusion : Fusion, optional
        Its map and landmarks are drawn on the photo's own colours.

    Returns
    -------
    Image
        RGB.
    """
    height, width = face.image.shape[:2]
    ratio = min(1.0, longest / max(height, width))
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    picture = Image.fromarray(face.image).resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    scale = np.array(size) / (width, height)
    to_canvas = face.crop_to_photo * scale[:, None]
    to_canvas[:, 2] += (scale - 1) / 2
    if fusion is not None:
        picture = _paint_overlay(picture, fusion, to_canvas)
    low, high = -0.5, CROP_SIZE - 0.5
    corners = _transform(np.array([[low, low], [high, low], [high, high], [low, high]]), to_canvas)
    layer, draw = _layer(picture.size)
    line = max(3.0, max(size) / 160)
    _draw_polygon(draw, corners, _OUTLINE_EDGE, line + 2)
    _draw_polygon(draw, corners, _FRAME, line)
    return _lay_over(picture, layer)


def scale_image(threshold: float | None = None) -> Image.Image:
    """Draw the map's colour scale from 0 to its peak, with a white line at the threshold.

    Returns
    -------
    Image
        RGB, 256 x 12 pixels.
    """
    scale = np.repeat(colour_scale()[None], 12, axis=0)
    if threshold is not None and 0 <= threshold <= 1:
        at = round(threshold * 255)
        scale[:, max(0, at - 2) : at + 3] = 0
        scale[:, max(0, at - 1) : at + 2] = 255
    return Image.fromarray(scale)


def to_png(image: Image.Image, *, small: bool = True) -> bytes:
    """Encode a picture as a PNG file.

    Parameters
    ----------
    image : Image
    small : bool
        Compress it further; without, a map takes a fifth of the time and 4 % more bytes.
    """
    return _encode(image, "PNG", optimize=small)


def to_jpeg(image: Image.Image, quality: int = 85) -> bytes:
    """Encode a picture as a JPEG file, its colours as fine as its brightness."""
    return _encode(image, "JPEG", quality=quality, subsampling=0, optimize=True)


def data_uri(data: bytes) -> str:
    """Return a PNG or JPEG file as a data URI for ``src``."""
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _encode(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _paint_overlay(picture: Image.Image, fusion: Fusion, to_canvas: np.ndarray) -> Image.Image:
    """Draw the map, the outline and the landmarks, placed by a crop-to-canvas affine."""
    heat = draw_map(fusion)
    if heat is not None:
        moved = cv2.warpAffine(heat, to_canvas, picture.size, flags=cv2.INTER_LINEAR)
        # Beyond the crop colours fade to black; only their opacity, which is 0 there, may count.
        picture = _lay_over(picture, Image.fromarray(moved))
    unit = float(np.hypot(*to_canvas[:, 0]))
    layer, draw = _layer(picture.size)
    for line in salient_contours(fusion):
        points = _transform(line, to_canvas)
        _draw_polygon(draw, points, _OUTLINE_EDGE, max(2.5, unit * 1.2))
        _draw_polygon(draw, points, _OUTLINE, max(1.0, unit * 0.6))
    points = _transform(fusion.evidence.face.crop_landmarks, to_canvas)
    radius = max(2.0, 2.1 * unit)
    for salient in (False, True):  # salient ones on top
        for point in points[fusion.salient == salient]:
            (_circle if salient else _square)(draw, point, radius)
    return _lay_over(picture, layer)


def _layer(size: tuple[int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    layer = Image.new("RGBA", (size[0] * _SMOOTH, size[1] * _SMOOTH), (128, 128, 128, 0))
    return layer, ImageDraw.Draw(layer)


def _lay_over(picture: Image.Image, layer: Image.Image) -> Image.Image:
    """Lay a layer of any size over a picture."""
    if layer.size != picture.size:
        layer = layer.resize(picture.size, Image.Resampling.BOX)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _transform(points: np.ndarray, affine: np.ndarray) -> np.ndarray:
    return points @ affine[:, :2].T + affine[:, 2]


def _to_layer(points: np.ndarray) -> np.ndarray:
    return (points + 0.5) * _SMOOTH - 0.5


def _draw_polygon(draw: ImageDraw.ImageDraw, points: np.ndarray, colour: str, width: float) -> None:
    line = [tuple(point) for point in _to_layer(np.concatenate([points, points[:2]]))]
    draw.line(line, fill=colour, width=round(width * _SMOOTH), joint="curve")


def _circle(draw: ImageDraw.ImageDraw, point: np.ndarray, radius: float) -> None:
    x, y = _to_layer(point)
    for r, colour in ((radius * 1.35, _WHITE), (radius, SALIENT)):
        r *= _SMOOTH
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)


def _square(draw: ImageDraw.ImageDraw, point: np.ndarray, radius: float) -> None:
    x, y = _to_layer(point)
    half = radius * _SMOOTH
    line = max(2, round(radius * 0.45 * _SMOOTH))
    for grown, colour in ((line // 2, _WHITE), (0, NOT_SALIENT)):
        box = (x - half - grown, y - half - grown, x + half + grown, y + half + grown)
        draw.rectangle(box, outline=colour, width=line)


def _with_legend(picture: Image.Image, fusion: Fusion) -> Image.Image:
    """Put a strip below the picture: title, colour scale, what the marks mean."""
    width = picture.width
    step = max(12, width // 21)  # height of a line of text
    canvas = Image.new("RGB", (width, picture.height + step * 5), _WHITE)
    canvas.paste(picture)
    layer, draw = _layer((width, step * 5))
    small = ImageFont.load_default(step * 0.62 * _SMOOTH)
    heatmap = fusion.evidence.heatmap(fusion.target)

    def write(x: float, row: float, text: str, anchor: str = "lm") -> None:
        place = (x * _SMOOTH, row * step * _SMOOTH)
        draw.text(place, text, fill=_OUTLINE_EDGE, font=small, anchor=anchor)

    write(step * 0.5, 0.7, heatmap.title)
    count = len(fusion.salient_landmarks)
    _circle(draw, np.array([step * 0.9, step * 1.7]), step * 0.26)
    write(step * 1.5, 1.7, f"{count} of 68 landmarks in the salient region")
    _square(draw, np.array([width - step * 5.2, step * 1.7]), step * 0.26)
    write(width - step * 4.6, 1.7, f"{68 - count} outside it")
    if fusion.threshold is None:
        write(step * 0.5, 2.9, "No positive evidence: no part of the face")
        write(step * 0.5, 3.8, f"speaks for {fusion.target}.")
    else:
        _scale(draw, write, fusion.threshold, heatmap.peak, width, step)
        if (strength := map_strength(fusion)) < 1:
            write(width - step * 0.5, 4.5, f"drawn at {strength:.0%} strength", "rm")
    canvas.paste(_lay_over(Image.new("RGB", (width, step * 5), _WHITE), layer), (0, picture.height))
    return canvas


def _scale(
    draw: ImageDraw.ImageDraw,
    write: Callable[..., None],
    threshold: float,
    peak: float,
    width: int,
    step: int,
) -> None:
    """Draw the colour scale with the threshold marked on it."""
    left, right = step * 0.5 * _SMOOTH, (width - step * 0.5) * _SMOOTH
    top, bottom = step * 2.4 * _SMOOTH, step * 3.2 * _SMOOTH
    table = colour_scale()
    for x in range(round(left), round(right)):
        share = (x - left) / (right - left)
        draw.line((x, top, x, bottom), fill=tuple(table[round(share * 255)].tolist()))
    write(step * 0.5, 3.75, "0")
    write(width - step * 0.5, 3.75, f"1 = peak, {peak:.3g}", "rm")
    write(step * 0.5, 4.5, f"white outline: threshold {threshold:.2f}")
    if 0 <= threshold <= 1:
        at = left + threshold * (right - left)
        for colour, line in ((_OUTLINE_EDGE, 5), (_WHITE, 2)):
            draw.line((at, top - 4, at, bottom + 4), fill=colour, width=line * _SMOOTH // 2)
