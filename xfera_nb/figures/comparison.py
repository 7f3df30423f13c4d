"""Draw two maps side by side, and where they differ: two classes of a face, or two fusions.

Maps are divided by the higher of their two peaks, so that their strengths can be compared, or each
by its own where their units differ; the difference goes from -1 to 1, from blue (the second has
more) over nothing to orange (the first has more), a pair that colour-blind people tell apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xfera_nb.evidence import Evidence
from xfera_nb.faces import CROP_SIZE
from xfera_nb.facs import EMOTIONS, parse_emotion
from xfera_nb.figures.heat import OPACITY, colour_table
from xfera_nb.figures.overlay import overlay_image
from xfera_nb.saliency import Heatmap

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion

MORE, LESS = (230, 120, 0), (0, 90, 210)
RING = "#ffb000"
"""Rings landmarks that are in the salient region of this picture alone."""
_TITLE = 26


def comparison_image(evidence: Evidence, one: str, other: str) -> Image.Image:
    """Draw the maps of two classes and their difference on the grey face.

    Parameters
    ----------
    evidence : Evidence
    one, other : str
        Classes.

    Returns
    -------
    Image
        RGB, three squares of 224 pixels in a row, each under its title.

    Raises
    ------
    InputError
        If a class is none of the seven.
    """
    one, other = parse_emotion(one), parse_emotion(other)
    first, second = normalise_maps([evidence.heatmap(one), evidence.heatmap(other)])
    grey = _grey(evidence)
    squares = [_heat(grey, first), _heat(grey, second), _signed(grey, first - second)]
    titles = [_title(evidence, emotion) for emotion in (one, other)]
    gap = 10
    canvas = Image.new("RGB", (3 * CROP_SIZE + 2 * gap, CROP_SIZE + _TITLE), "#ffffff")
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(14)
    for i, (square, title) in enumerate(zip(squares, [*titles, "difference"], strict=True)):
        canvas.paste(Image.fromarray(square), (i * (CROP_SIZE + gap), _TITLE))
        left = i * (CROP_SIZE + gap) + 2
        draw.text((left, _TITLE / 2), title, fill="#1b1f24", font=font, anchor="lm")
    return canvas


def normalise_maps(heatmaps: Sequence[Heatmap], *, shared: bool = True) -> list[np.ndarray]:
    """Resize positive maps to the crop and divide them by a peak.

    Parameters
    ----------
    heatmaps : sequence of Heatmap
    shared : bool
        Divide all by the highest peak; otherwise each by its own.

    Returns
    -------
    list of ndarray
        (224, 224) float64, 0-1; zeros where nothing is positive.
    """
    maps = [np.nan_to_num(heatmap.upsampled(), nan=0.0) for heatmap in heatmaps]
    peaks = [values.max() for values in maps]
    if shared:
        peaks = [max(peaks)] * len(peaks)
    return [values / peak if peak > 0 else values for values, peak in zip(maps, peaks, strict=True)]


def difference_image(
    one: Fusion, other: Fusion, *, shared: bool = True, scale: int = 2
) -> Image.Image:
    """Draw where the maps of two fusions of the same crop differ, on the grey face.

    Parameters
    ----------
    one, other : Fusion
    shared : bool
        As for `normalise_maps`.
    scale : int
        Pixels for a crop pixel.

    Returns
    -------
    Image
        RGB, 224 * scale square: orange where the first has more, blue where the second.
    """
    maps = [fusion.evidence.heatmap(fusion.target) for fusion in (one, other)]
    first, second = normalise_maps(maps, shared=shared)
    picture = Image.fromarray(_signed(_grey(one.evidence), first - second))
    return picture.resize((CROP_SIZE * scale, CROP_SIZE * scale), Image.Resampling.BICUBIC)


def unique_landmarks_image(fusion: Fusion, other: Fusion, *, scale: int = 2) -> Image.Image:
    """Draw the overlay of a fusion, with rings round the landmarks salient in it alone.

    Parameters
    ----------
    fusion, other : Fusion
    scale : int
        Pixels for a crop pixel.

    Returns
    -------
    Image
        RGB, 224 * scale square.
    """
    picture = overlay_image(fusion, scale=scale, legend=False)
    draw = ImageDraw.Draw(picture)
    radius, line = 4.6 * scale, max(2, scale)
    points = (fusion.evidence.face.crop_landmarks + 0.5) * scale - 0.5
    for x, y in points[fusion.salient & ~other.salient]:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=RING, width=line)
    return picture


def _grey(evidence: Evidence) -> np.ndarray:
    return np.repeat(np.array(Image.fromarray(evidence.face.crop).convert("L"))[..., None], 3, 2)


def _title(evidence: Evidence, emotion: str) -> str:
    share = evidence.prediction.probabilities[EMOTIONS.index(emotion)]
    return f"{emotion}, {'no such class' if np.isnan(share) else format(share, '.0%')}"


def _heat(grey: np.ndarray, share: np.ndarray) -> np.ndarray:
    return _mixed(grey, colour_table()[np.round(share * 255).astype(np.uint8)], share)


def _signed(grey: np.ndarray, difference: np.ndarray) -> np.ndarray:
    colour = np.where(difference[..., None] > 0, MORE, LESS)
    return _mixed(grey, colour, np.abs(difference))


def _mixed(grey: np.ndarray, colour: np.ndarray, share: np.ndarray) -> np.ndarray:
    alpha = OPACITY * share[..., None]
    return np.round(colour * alpha + grey * (1 - alpha)).astype(np.uint8)


def pair_image(a: Fusion, b: Fusion, *, scale: int = 2) -> Image.Image:
    """Draw two overlays in a row, with rings round the landmarks that are salient in one alone.

    Parameters
    ----------
    a, b : Fusion
    scale : int
        Pixels for a crop pixel.

    Returns
    -------
    Image
        RGB, of 64 colours.
    """
    pair = [unique_landmarks_image(*two, scale=scale) for two in ((a, b), (b, a))]
    canvas = Image.new("RGB", (sum(one.width for one in pair) + 12, pair[0].height), "#ffffff")
    canvas.paste(pair[0], (0, 0))
    canvas.paste(pair[1], (pair[0].width + 12, 0))
    return canvas.quantize(64).convert("RGB")
