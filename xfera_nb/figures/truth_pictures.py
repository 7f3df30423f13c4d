"""What the checks of a map do to a face, as pictures: a region blurred, two regions compared.

Squares of 224 pixels, the face crop as the classifier sees it, times `scale`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from xfera_nb.evaluation.faithfulness import au_mask, expected_region
from xfera_nb.evaluation.faithfulness.perturbation import blend, blur_picture, soften_masks
from xfera_nb.evaluation.faithfulness.regions import face_mask, random_masks
from xfera_nb.saliency import CROP

if TYPE_CHECKING:
    from xfera_nb.faces import Face
    from xfera_nb.fusion import Fusion

HOT_REGION = (255, 150, 0)
EXPECTED_REGION = (0, 114, 255)


def blurred_au_image(face: Face, au: int, *, scale: int = 1) -> Image.Image:
    """The face with an Action Unit's region blurred.

    Parameters
    ----------
    face : Face
    au : int
        One of `xfera_nb.facs.LANDMARK_AUS`.
    scale : int
    """
    return _mixed(face, au_mask(au, face.crop_landmarks), scale)


def blurred_random_image(face: Face, area: int, *, seed: int = 0, scale: int = 1) -> Image.Image:
    """The face with a random region of some area, crop pixels, blur_picture."""
    masks = random_masks(face_mask(face.crop_landmarks), [area], 1, seed)
    return _mixed(face, masks[0, 0], scale)


def regions_image(fusion: Fusion, *, scale: int = 1) -> Image.Image:
    """The hot region (orange) and the region of the emotion's movements (blue), which may lie over
    each other; either may be missing."""
    on = expected_region(fusion.evidence, fusion.target)
    grey = np.array(Image.fromarray(fusion.evidence.face.crop).convert("L"))
    picture = np.repeat(grey[..., None], 3, axis=-1).astype(float)
    nothing = np.zeros((CROP, CROP), bool)
    hot = nothing
    if on.share is not None and fusion.threshold is not None:
        hot = (on.share >= fusion.threshold) & (on.share > 0)
    expected = nothing if on.expected is None else on.expected
    for mask, colour in ((hot, HOT_REGION), (expected, EXPECTED_REGION)):
        picture[mask] = 0.62 * picture[mask] + 0.38 * np.array(colour)
    picture = np.ascontiguousarray(np.rint(picture).astype(np.uint8))
    for mask, colour in ((hot, HOT_REGION), (expected, EXPECTED_REGION)):
        lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, lines, -1, colour, 1)
    return _scaled(Image.fromarray(picture), scale)


def _mixed(face: Face, mask: np.ndarray, scale: int) -> Image.Image:
    grey = np.array(Image.fromarray(face.crop).convert("L"))
    (picture,) = blend(grey, blur_picture(grey), soften_masks(mask[None]))
    return _scaled(Image.fromarray(picture).convert("RGB"), scale)


def _scaled(picture: Image.Image, scale: int) -> Image.Image:
    return picture.resize((CROP * scale, CROP * scale), Image.Resampling.LANCZOS)
