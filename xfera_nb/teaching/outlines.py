"""Find the outlines of the areas of a face (`xfera_nb.facs.face_areas`) from its landmarks."""

from __future__ import annotations

import cv2
import numpy as np

from xfera_nb.facs import FACE_AREAS, FaceArea

_DISC = 16  # points of the disc that widens a hull


def outline_areas(crop_landmarks: np.ndarray) -> dict[str, tuple[np.ndarray, ...]]:
    """Return the outlines of each area of a face.

    Parameters
    ----------
    crop_landmarks : ndarray
        (68, 2) x, y in crop pixels.

    Returns
    -------
    dict of str to tuple of ndarray
        Area -> the convex outlines of its parts, (n, 2) x, y in crop pixels; the undermost first.
    """
    points = np.asarray(crop_landmarks, np.float32)
    return {name: _outline(area, points) for name, area in FACE_AREAS.items()}


def _outline(area: FaceArea, points: np.ndarray) -> tuple[np.ndarray, ...]:
    angles = np.linspace(0, 2 * np.pi, _DISC, endpoint=False)
    disc = area.margin * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    outlines = []
    for numbers in area.hulls:
        around = points[np.array(numbers) - 1][:, None] + disc
        outlines.append(cv2.convexHull(around.reshape(-1, 2).astype(np.float32))[:, 0])
    return tuple(outlines)
