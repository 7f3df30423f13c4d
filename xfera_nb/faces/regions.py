"""Locate the six regions of a face crop: brows, eyes, nose, cheeks, mouth, chin.

Each region is made of convex hulls of landmarks (iBUG numbers, 1-68). Brows, eyes, nose and mouth
are widened by `MARGIN` pixels, since their landmarks lie on the edge of what is meant. Regions do
not overlap: a pixel that two of them claim belongs to the one that comes first in `_PARTS`, the
small features before the skin around them. Forehead and background belong to none. The paper has
no such regions; Table 2's landmark sets are finer and overlap.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from xfera_nb.errors import InputError, unknown_name
from xfera_nb.faces.align import CROP_SIZE

FACE_REGIONS = ("brows", "eyes", "nose", "cheeks", "mouth", "chin")
"""The regions, from top to bottom."""

MARGIN = 8
"""Pixels by which brows, eyes, nose and mouth are widened in a 224 px crop."""

# Region -> its convex hulls; the widened features first.
_PARTS: dict[str, tuple[tuple[int, ...], ...]] = {
    "mouth": (tuple(range(49, 61)),),
    "eyes": (tuple(range(37, 43)), tuple(range(43, 49))),
    "brows": (tuple(range(18, 23)), tuple(range(23, 28))),
    "nose": (tuple(range(28, 37)),),
    "chin": ((6, 7, 8, 9, 10, 11, 12, 49, *range(55, 61)),),
    "cheeks": (
        (2, 3, 4, 5, 6, 49, 32, 28, 37, 41, 42),
        (16, 15, 14, 13, 12, 55, 36, 28, 46, 48, 47),
    ),
}
_WIDENED = frozenset({"mouth", "eyes", "brows", "nose"})


def parse_regions(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return the names of face regions in the order of `FACE_REGIONS`, each once.

    Parameters
    ----------
    names : str or iterable of str
        Several in one text are separated by commas.

    Raises
    ------
    InputError
        If there is no such region.
    """
    given = [part.strip() for part in names.split(",")] if isinstance(names, str) else [*names]
    for name in given:
        if name not in FACE_REGIONS:
            raise unknown_name("face region", name, FACE_REGIONS, InputError)
    return tuple(name for name in FACE_REGIONS if name in given)


def mark_regions(crop_landmarks: np.ndarray, regions: Iterable[str]) -> np.ndarray:
    """Mark the pixels of some face regions together.

    Parameters
    ----------
    crop_landmarks : ndarray
        (68, 2) x, y in crop pixels.
    regions : iterable of str
        Of `FACE_REGIONS`, at least one.

    Returns
    -------
    ndarray
        (224, 224) bool.
    """
    rows = [FACE_REGIONS.index(name) for name in regions]
    marked: np.ndarray = np.any(face_region_masks(crop_landmarks)[rows], axis=0)
    return marked


def face_region_masks(crop_landmarks: np.ndarray) -> np.ndarray:
    """Mark the pixels of each face region.

    Parameters
    ----------
    crop_landmarks : ndarray
        (68, 2) x, y in crop pixels.

    Returns
    -------
    ndarray
        (6, 224, 224) bool, in the order of `FACE_REGIONS`; no pixel is in two of them. A region
        whose landmarks lie outside the crop is empty.
    """
    masks = np.zeros((len(FACE_REGIONS), CROP_SIZE, CROP_SIZE), bool)
    free = np.ones((CROP_SIZE, CROP_SIZE), bool)
    for region, hulls in _PARTS.items():
        mask: np.ndarray = np.zeros(free.shape, np.uint8)
        for numbers in hulls:
            points = np.round(crop_landmarks[np.array(numbers) - 1]).astype(np.int32)
            cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)
        if region in _WIDENED:
            disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * MARGIN + 1,) * 2)
            mask = cv2.dilate(mask, disc)
        masks[FACE_REGIONS.index(region)] = mask.astype(bool) & free
        free &= mask == 0
    return masks
