"""Define the region of an Action Unit on a face crop, and random regions of the same size.

Units: crop pixels (x, y), 224 a side; areas are numbers of crop pixels; masks are bool.

Region of an AU (ours: the XFERa paper's Table 2 lists landmarks, not areas)
    Its landmarks (Table 2, or the marked extension) are grouped by feature: brows, eyes, nose,
    mouth, chin. A feature without a landmark on the face's middle line (brows, eyes, the corners of
    the mouth) is split into the subject's two sides. Each part's convex hull, widened by `MARGIN`
    pixels all around, belongs to the region. AUs with the same landmarks have the same region.
Face
    The convex hull of all landmarks, widened in the same way: every AU's region lies in it.
Random regions
    A draw is one or two centres on the face, in turn, as an AU lies in one place or in two. Its
    region of area A are the A pixels of the face that are nearest to a centre, so the regions of a
    draw lie within each other as the area grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from xfera_nb.evidence import hull_mask
from xfera_nb.faces import CROP_SIZE
from xfera_nb.facs.landmarks import GROUP_OF, MIDLINE, PERSON_LEFT
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS, au_landmarks

MARGIN = 8
"""Pixels around the hull of landmarks: a quarter of a cell of a 7x7 map."""

_FEATURE = {
    "brows": "brows",
    "eyes": "eyes",
    "nose bridge": "nose",
    "nostrils": "nose",
    "outer lips": "mouth",
    "inner lips": "mouth",
    "jaw": "chin",
}


@dataclass(frozen=True, eq=False)
class Region:
    """Hold the region that some AUs share.

    Attributes
    ----------
    aus : tuple of int
    mask : ndarray
        (224, 224) bool.
    """

    aus: tuple[int, ...]
    mask: np.ndarray = field(repr=False)

    @property
    def area(self) -> int:
        """Return the number of crop pixels."""
        return int(self.mask.sum())


def group_landmarks(au: int) -> tuple[tuple[int, ...], ...]:
    """Group the landmarks of an AU, 1-68, by feature and side."""
    features: dict[str, list[int]] = {}
    for number in au_landmarks(au):
        features.setdefault(_FEATURE[GROUP_OF[number]], []).append(number)
    found = []
    for numbers in features.values():
        if MIDLINE.intersection(numbers):
            found.append(tuple(numbers))
        else:
            found.append(tuple(n for n in numbers if n not in PERSON_LEFT))
            found.append(tuple(n for n in numbers if n in PERSON_LEFT))
    return tuple(part for part in found if part)


def au_mask(au: int, crop_landmarks: np.ndarray) -> np.ndarray:
    """Return the region of one AU.

    Parameters
    ----------
    au : int
        One of `LANDMARK_AUS`.
    crop_landmarks : ndarray
        (68, 2) x, y in crop pixels.

    Returns
    -------
    ndarray
        (224, 224) bool; empty where the landmarks lie far outside of the crop.

    Raises
    ------
    ValueError
        If the AU has no landmarks.
    """
    mask = np.zeros((CROP_SIZE, CROP_SIZE), np.uint8)
    for part in group_landmarks(au):
        points = np.round(crop_landmarks[np.array(part) - 1]).astype(np.int32)
        cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)
    return _widened(mask)


def au_regions(crop_landmarks: np.ndarray, aus: Iterable[int] = LANDMARK_AUS) -> tuple[Region, ...]:
    """Return the different regions of some AUs, in the order of their first AU."""
    shared: dict[tuple[int, ...], list[int]] = {}
    for au in aus:
        shared.setdefault(au_landmarks(au), []).append(au)
    return tuple(Region(tuple(same), au_mask(same[0], crop_landmarks)) for same in shared.values())


def emotion_mask(emotion: str, crop_landmarks: np.ndarray) -> np.ndarray | None:
    """Return the union of the regions of all AUs that Table 2 expects for an emotion.

    Returns
    -------
    ndarray or None
        (224, 224) bool; None for neutral, which has no AUs.
    """
    aus = EXPECTED_AUS[emotion]
    if not aus:
        return None
    mask: np.ndarray = np.any([region.mask for region in au_regions(crop_landmarks, aus)], axis=0)
    return mask


def face_mask(crop_landmarks: np.ndarray) -> np.ndarray:
    """Return the region (224, 224) bool of the face."""
    return _widened(hull_mask(crop_landmarks).astype(np.uint8))


def random_masks(
    face: np.ndarray, areas: Sequence[int], draws: int, seed: int | np.random.Generator = 0
) -> np.ndarray:
    """Draw random regions on a face.

    Parameters
    ----------
    face : ndarray
        (h, w) bool, not empty.
    areas : sequence of int
        Pixels; more than the face has counts as the whole face.
    draws : int
        Random regions of each area.
    seed : int or Generator
        The same seed gives the same regions.

    Returns
    -------
    ndarray
        (draws, len(areas), h, w) bool.
    """
    rng = np.random.default_rng(seed)
    y, x = np.nonzero(face)
    flat = np.flatnonzero(face)
    masks = np.zeros((draws, len(areas), face.size), bool)
    for draw in range(draws):
        centres = rng.integers(len(flat), size=1 + draw % 2)
        away = (x[:, None] - x[centres]) ** 2 + (y[:, None] - y[centres]) ** 2
        order = flat[np.argsort(away.min(axis=1), kind="stable")]
        for column, area in enumerate(areas):
            masks[draw, column, order[:area]] = True
    return masks.reshape(draws, len(areas), *face.shape)


def _widened(mask: np.ndarray) -> np.ndarray:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * MARGIN + 1, 2 * MARGIN + 1))
    return cv2.dilate(mask, disc).astype(bool)
