"""The 68 facial landmarks (iBUG scheme): regions, sides and mirror pairs.

Numbers
    Points are numbered 1 to 68, as the XFERa paper does (dlib's index plus one). Only `MIRROR` is
    made of 0-based indices, since it permutes arrays with an axis of 68.
Sides
    `IMAGE_LEFT` and `IMAGE_RIGHT` name the halves of the picture as one looks at it. The person
    faces the viewer: their left side is the picture's right half, so `PERSON_LEFT` is
    `IMAGE_RIGHT`. Where the toolkit says "left" or "right" of a face, it is the person's side.
    This holds for a photo as taken, not for a mirrored one.
Source
    The 68-point scheme of the XFERa paper (Macchiarulo et al. 2025, section 2.1 and Table 2) and
    dlib's landmark model.
Departures
    None. The mirror pairs are the arbiter: the sides were written down apart and agree with them
    at every point (29 on each side, 10 on the midline), so no list had to be corrected. In
    particular 60 and 61 are in the picture's left half, 56 and 65 in its right half.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from xfera_nb.errors import InputError

N_LANDMARKS = 68
"""How many landmarks there are."""


def _span(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


LANDMARK_GROUPS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "jaw": _span(1, 17),
        "brows": _span(18, 27),
        "nose bridge": _span(28, 31),
        "nostrils": _span(32, 36),
        "eyes": _span(37, 48),
        "outer lips": _span(49, 60),
        "inner lips": _span(61, 68),
    }
)
"""Group of landmarks -> its numbers, both sides. The chin is landmark 9, in "jaw"."""

GROUP_OF: Mapping[int, str] = MappingProxyType(
    {number: group for group, numbers in LANDMARK_GROUPS.items() for number in numbers}
)
"""Landmark -> its group."""

MIDLINE: frozenset[int] = frozenset({9, *_span(28, 31), 34, 52, 58, 63, 67})
"""Landmarks on the middle line of the face; they count for both sides."""

IMAGE_LEFT: frozenset[int] = frozenset(
    {*_span(1, 8), *_span(18, 22), 32, 33, *_span(37, 42), *_span(49, 51), *_span(59, 62), 68}
)
"""Landmarks in the left half of the picture: the PERSON'S RIGHT side."""

IMAGE_RIGHT: frozenset[int] = frozenset(
    {*_span(10, 17), *_span(23, 27), 35, 36, *_span(43, 48), *_span(53, 57), *_span(64, 66)}
)
"""Landmarks in the right half of the picture: the PERSON'S LEFT side."""

PERSON_LEFT = IMAGE_RIGHT
"""Landmarks of the person's left side, without the midline."""

PERSON_RIGHT = IMAGE_LEFT
"""Landmarks of the person's right side, without the midline."""

_MIRROR_RUNS = (
    (_span(1, 17), _span(1, 17)[::-1]),
    (_span(18, 27), _span(18, 27)[::-1]),
    (_span(28, 31), _span(28, 31)),
    (_span(32, 36), _span(32, 36)[::-1]),
    (_span(37, 40), _span(43, 46)[::-1]),
    ((41, 42), (48, 47)),
    (_span(49, 55), _span(49, 55)[::-1]),
    (_span(56, 60), _span(56, 60)[::-1]),
    (_span(61, 65), _span(61, 65)[::-1]),
    (_span(66, 68), _span(66, 68)[::-1]),
)


def _mirror() -> np.ndarray:
    mirror = np.full(N_LANDMARKS, -1, dtype=np.int64)
    for here, there in _MIRROR_RUNS:
        for a, b in zip(here, there, strict=True):
            mirror[a - 1] = b - 1
            mirror[b - 1] = a - 1
    mirror.setflags(write=False)
    return mirror


MIRROR: np.ndarray = _mirror()
"""(68,) int64, read-only, 0-based: landmark i of the mirrored face is landmark MIRROR[i].

To mirror landmarks of shape (68, 2) in a picture W pixels wide: take ``points[MIRROR]`` and set
x to ``W - 1 - x``.
"""


def side_landmarks(side: str) -> frozenset[int]:
    """Return the landmarks of one side of the face together with the midline.

    Parameters
    ----------
    side : {"left", "right"}
        The PERSON'S side: "left" is the right half of the picture.

    Returns
    -------
    frozenset of int
        39 landmark numbers from 1 to 68.

    Raises
    ------
    InputError
        If `side` is something else.
    """
    if side == "left":
        return PERSON_LEFT | MIDLINE
    if side == "right":
        return PERSON_RIGHT | MIDLINE
    raise InputError(f'A side of the face is "left" or "right" (the person\'s), not {side!r}.')


def side_of(landmark: int) -> str:
    """Return the person's side that a landmark is on: "left", "right" or "midline".

    Raises
    ------
    InputError
        If there is no such landmark.
    """
    if landmark in PERSON_LEFT:
        return "left"
    if landmark in PERSON_RIGHT:
        return "right"
    if landmark in MIDLINE:
        return "midline"
    raise InputError(f"Landmarks are numbered from 1 to 68; there is no {landmark!r}.")
