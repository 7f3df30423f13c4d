"""Draw the pictures for a study's pages.

They show the aligned face crop at `SIDE` pixels, warped from the photo again: in colour as a
person sees it, and grey under the map of the target class. Colours are shares of the map's own
peak (see `xfera_nb.figures.heat`); no landmarks, numbers or outlines are drawn, as people without
training see this. Without positive evidence nothing is coloured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from xfera_nb.faces.align import CROP_SIZE, warp_crop
from xfera_nb.figures.heat import heat_rgba
from xfera_nb.figures.overlay import to_jpeg

if TYPE_CHECKING:
    from xfera_nb.faces import Face
    from xfera_nb.fusion import Fusion

SIDE = 448
_QUALITY = 88


def study_pictures(fusion: Fusion) -> tuple[bytes, bytes]:
    """Draw the face, and the grey face under the target class's map, as two JPEG files.

    Parameters
    ----------
    fusion : Fusion

    Returns
    -------
    tuple of bytes
        Both `SIDE` pixels wide and high.
    """
    face = _face(fusion.evidence.face)
    grey = Image.fromarray(face).convert("L").convert("RGB")
    heat = heat_rgba(fusion.evidence.heatmap(fusion.target), SIDE)
    if heat is not None:
        over = Image.alpha_composite(grey.convert("RGBA"), Image.fromarray(heat))
        grey = over.convert("RGB")
    return to_jpeg(Image.fromarray(face), _QUALITY), to_jpeg(grey, _QUALITY)


def _face(face: Face) -> np.ndarray:
    """Return the crop at `SIDE` pixels."""
    step = CROP_SIZE / SIDE
    # Pixel n of the larger crop lies at (n + 0.5) * step - 0.5 of the crop.
    finer = np.array([[step, 0, (step - 1) / 2], [0, step, (step - 1) / 2], [0, 0, 1]])
    return warp_crop(face.image, face.crop_to_photo @ finer, SIDE)
