"""Locate the six regions of a face crop: brows, eyes, nose, cheeks, mouth, chin.

Each region is made of convex hulls of landmarks (iBUG numbers, 1-68). Brows, eyes, nose and mouth
are widened by `MARGIN` pixels, since their landmarks lie on the edge of what is meant. Regions do
not overlap: a pixel that two of them claim belongs to the one that comes first in `_PARTS`, the
small features before the skin around them. Forehead and background belong to none. The paper has
no such regions; Table 2's landmark sets are finer and overlap.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from xfera_nb.errors import InputError, unknown_name
from xfera_nb.faces.align import CROP_SIZE

FACE_REGIONS = ("brows", "eyes", "nose", "cheeks", "mouth", "chin")
"""The regions, from top to bottom."""

Spot = tuple[float, float, float]
"""A painted disc: x, y and radius in crop pixels."""
HiddenPart = str | Spot
"""What can be hidden from the classifier: one of `FACE_REGIONS`, or a painted disc."""

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


def parse_hidden(parts: str | Iterable[HiddenPart]) -> tuple[HiddenPart, ...]:
    """Return the parts of a face to hide: regions in the order of `FACE_REGIONS`, then spots.

    Parameters
    ----------
    parts : str or iterable of (str or (x, y, radius))
        Each once: names of regions, and painted discs in crop pixels. Several in one text are
        separated by commas, with a disc as ``x:y:radius``.

    Returns
    -------
    tuple
        Names, then (x, y, radius) of float, rounded to a tenth of a pixel.

    Raises
    ------
    InputError
        If there is no such region, or a disc is not three numbers with a positive radius.
    """
    given = [part.strip() for part in parts.split(",")] if isinstance(parts, str) else [*parts]
    names: set[str] = set()
    spots: dict[Spot, None] = {}
    for part in given:
        if isinstance(part, str) and ":" not in part:
            if part not in FACE_REGIONS:
                raise unknown_name("face region", part, FACE_REGIONS, InputError)
            names.add(part)
        else:
            spots[_parse_spot(part)] = None
    return (*(name for name in FACE_REGIONS if name in names), *spots)


def _parse_spot(part: str | Sequence[float]) -> Spot:
    numbers = part.split(":") if isinstance(part, str) else part
    try:
        x, y, radius = (round(float(number), 1) for number in numbers)
    except (TypeError, ValueError, OverflowError):
        x, y, radius = (math.nan,) * 3
    if not (math.isfinite(x) and math.isfinite(y) and 0 < radius <= CROP_SIZE):
        raise InputError(
            f"{part!r} is no spot to hide: give x, y and radius in pixels of the {CROP_SIZE} px "
            "face crop, as (112, 150, 12)."
        )
    return x, y, radius


def move_hidden(parts: Iterable[HiddenPart], affine: np.ndarray) -> tuple[HiddenPart, ...]:
    """Return hidden parts whose spots are moved to another crop by a (2, 3) affine map."""
    scale = math.sqrt(abs(np.linalg.det(affine[:, :2])))
    return parse_hidden(
        part if isinstance(part, str) else (*(affine @ (*part[:2], 1)), part[2] * scale)
        for part in parts
    )


def name_hidden(parts: Iterable[HiddenPart]) -> tuple[str, ...]:
    """Return the words for hidden parts: regions by name, then all spots as one painted area."""
    parts = tuple(parts)
    names = tuple(part for part in parts if isinstance(part, str))
    return names if len(names) == len(parts) else (*names, "painted area")


def mark_hidden(crop_landmarks: np.ndarray, parts: Iterable[HiddenPart]) -> np.ndarray:
    """Mark the pixels of some parts of a face together.

    Parameters
    ----------
    crop_landmarks : ndarray
        (68, 2) x, y in crop pixels.
    parts : iterable of (str or (x, y, radius))
        As `parse_hidden` returns them.

    Returns
    -------
    ndarray
        (224, 224) bool.
    """
    parts = tuple(parts)
    rows = [FACE_REGIONS.index(part) for part in parts if isinstance(part, str)]
    marked: np.ndarray = np.any(face_region_masks(crop_landmarks)[rows], axis=0)
    down, across = np.mgrid[:CROP_SIZE, :CROP_SIZE]
    for x, y, radius in (part for part in parts if not isinstance(part, str)):
        marked |= (across - x) ** 2 + (down - y) ** 2 <= radius**2
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
