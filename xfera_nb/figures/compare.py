"""Two classes' maps of one face side by side, and where they differ.

Both maps are divided by the higher of their two peaks, so that their strengths can be compared; the
difference is the first minus the second on that scale, -1 to 1, from blue (the second has more)
over nothing to orange (the first has more), a pair that colour-blind people tell apart.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xfera_nb.evidence import Evidence
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures.heat import OPACITY, colour_table
from xfera_nb.saliency import CROP

MORE, LESS = (230, 120, 0), (0, 90, 210)
_TITLE = 26


def comparison_image(evidence: Evidence, one: str, other: str) -> Image.Image:
    """The maps of two classes and their difference on the grey face.

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
    ValueError
        If a class is none of the seven.
    """
    first, second = positive_shares(evidence, one, other)
    grey = np.repeat(np.array(Image.fromarray(evidence.face.crop).convert("L"))[..., None], 3, 2)
    squares = [_heat(grey, first), _heat(grey, second), _signed(grey, first - second)]
    share = evidence.prediction.probabilities
    titles = [f"{emotion}, {share[EMOTIONS.index(emotion)]:.0%}" for emotion in (one, other)]
    gap = 10
    canvas = Image.new("RGB", (3 * CROP + 2 * gap, CROP + _TITLE), "#ffffff")
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(14)
    for i, (square, title) in enumerate(zip(squares, [*titles, "difference"], strict=True)):
        canvas.paste(Image.fromarray(square), (i * (CROP + gap), _TITLE))
        draw.text((i * (CROP + gap) + 2, _TITLE / 2), title, fill="#1b1f24", font=font, anchor="lm")
    return canvas


def positive_shares(evidence: Evidence, one: str, other: str) -> tuple[np.ndarray, np.ndarray]:
    """Both positive maps, (224, 224) float64, divided by the higher peak; zeros without one."""
    maps = [
        np.nan_to_num(evidence.heatmap(emotion).upsampled(), nan=0.0) for emotion in (one, other)
    ]
    peak = max(values.max() for values in maps)
    return tuple(values / peak if peak > 0 else values for values in maps)


def _heat(grey: np.ndarray, share: np.ndarray) -> np.ndarray:
    return _mixed(grey, colour_table()[np.round(share * 255).astype(np.uint8)], share)


def _signed(grey: np.ndarray, difference: np.ndarray) -> np.ndarray:
    colour = np.where(difference[..., None] > 0, MORE, LESS)
    return _mixed(grey, colour, np.abs(difference))


def _mixed(grey: np.ndarray, colour: np.ndarray, share: np.ndarray) -> np.ndarray:
    alpha = OPACITY * share[..., None]
    return np.round(colour * alpha + grey * (1 - alpha)).astype(np.uint8)
