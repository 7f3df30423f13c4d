"""Draw the probabilities of a face over time as a picture, for those who read without running."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xfera_nb.evaluation.timeline import FaceTimeline
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures.timeline import EMOTION_COLOURS, describe_timeline

WIDTH, HEIGHT = 840, 280
_LEFT, _TOP, _RIGHT, _BOTTOM = 44, 52, 120, 30
_INK, _QUIET, _GRID = (27, 31, 36), (92, 101, 112), (226, 229, 233)


def timeline_image(face: FaceTimeline, clip: str = "") -> Image.Image:
    """Draw the probability of each class over time; what was done to the numbers is written above.

    Returns
    -------
    Image
        RGB, 840 x 280 pixels.
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    small = ImageFont.load_default(13)
    draw.text((8, 8), f"{clip + ', ' if clip else ''}face {face.track}", fill=_INK, font=font)
    draw.text((8, 30), describe_timeline(face), fill=_QUIET, font=small)
    first, last = float(face.time[0]), float(face.time[-1])
    width = WIDTH - _LEFT - _RIGHT
    height = HEIGHT - _TOP - _BOTTOM

    def place(time: np.ndarray, value: np.ndarray) -> np.ndarray:
        share = (time - first) / max(last - first, 1e-9)
        return np.column_stack([_LEFT + share * width, _TOP + (1 - value) * height])

    for value in (0.0, 0.5, 1.0):
        y = _TOP + (1 - value) * height
        draw.line([(_LEFT, y), (_LEFT + width, y)], fill=_GRID)
        draw.text((_LEFT - 6, y), f"{value:g}", fill=_QUIET, font=small, anchor="rm")
    for x, time, anchor in ((_LEFT, first, "la"), (_LEFT + width, last, "ra")):
        words = f"{time:.2f} s"
        draw.text((x, _TOP + height + 6), words, fill=_QUIET, font=small, anchor=anchor)
    pieces = np.split(np.arange(len(face)), face.breaks)
    for column, emotion in enumerate(EMOTIONS):
        values = face.probabilities[:, column].astype(float)
        if np.isnan(values).all():
            continue
        for piece in pieces:
            points = [tuple(point) for point in place(face.time[piece], values[piece])]
            draw.line(points, fill=EMOTION_COLOURS[emotion], width=2)
        y = _TOP + 10 + column * 22
        draw.line([(WIDTH - 108, y), (WIDTH - 88, y)], fill=EMOTION_COLOURS[emotion], width=3)
        draw.text((WIDTH - 82, y), emotion, fill=_INK, font=small, anchor="lm")
    return picture
