"""Table 2 of the XFERa paper: which landmarks belong to which Action Unit, per emotion.

Units
    Landmarks are numbered 1 to 68 (iBUG, dlib's index plus one).
Source
    XFERa paper (Macchiarulo et al. 2025), Table 2, entry by entry and in the printed order (its AU
    15 lists 61 before 60).
Departures
    The table's "Angry", "Happy" and "Sad" are "anger", "happiness" and "sadness" here. It has no
    neutral row: neutral has no AUs. It lists an AU once per emotion, each time with the same
    landmarks, so `au_landmarks` needs no emotion. `EXTENSION` is this toolkit's own, for AUs that
    emotions' combinations or OpenFace name and the table lacks: `is_extension` tells them apart.
    AU 11, 18 and 28 have no landmarks in either.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from xfera_nb.errors import InputError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.landmarks import side_landmarks

_BROWS = (18, 19, 20, 21, 22, 23, 24, 25, 26, 27)
_EYES = (37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48)
_MOUTH = (49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68)
_CHIN = (7, 8, 9, 10, 11)

_PRINTED: dict[int, tuple[int, ...]] = {
    1: _BROWS,
    2: _BROWS,
    4: (*_BROWS, 28, 29),
    5: (37, 38, 39, 40, 43, 44, 45, 46),
    6: (37, 40, 41, 42, 43, 46, 47, 48),
    7: (*_BROWS, *_EYES),
    9: (28, 29, 30, 31, 32, 33, 34, 35, 36),
    12: _MOUTH,
    15: (49, 50, 54, 55, 56, 61, 60, 65),
    17: (8, 9, 10, 56, 57, 58, 59, 60),
    20: (7, 8, 9, 10, 11, 49, 55, 56, 57, 58, 59, 60),
    23: _MOUTH,
    26: (49, 50, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68),
}

EXPECTED_AUS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "anger": (4, 5, 7, 23),
        "disgust": (9, 15, 17),
        "fear": (1, 2, 4, 5, 7, 20, 26),
        "happiness": (6, 12),
        "neutral": (),
        "sadness": (1, 4, 15),
        "surprise": (1, 2, 5, 26),
    }
)
"""Emotion -> the AUs that Table 2 lists for it, ascending; what Figure 1's "Matching AUs" and
"Missing AUs" compare with. Neutral has none."""

TABLE2: Mapping[str, Mapping[int, tuple[int, ...]]] = MappingProxyType(
    {
        emotion: MappingProxyType({au: _PRINTED[au] for au in EXPECTED_AUS[emotion]})
        for emotion in EMOTIONS
    }
)
"""Emotion -> AU -> landmarks (1 to 68), as printed. Neutral is empty."""

EXTENSION: Mapping[int, tuple[int, ...]] = MappingProxyType(
    {
        10: (32, 33, 34, 35, 36, 49, 50, 51, 52, 53, 54, 55),
        14: (49, 55, 56, 60, 61, 65),
        16: (*_CHIN, 56, 57, 58, 59, 60),
        22: _PRINTED[23],
        24: _PRINTED[23],
        25: _MOUTH,
        27: (*_CHIN, *_PRINTED[26]),
        43: _EYES,
        45: _EYES,
    }
)
"""AU -> landmarks for AUs that Table 2 lacks. Ours, not the paper's."""

LANDMARK_AUS: tuple[int, ...] = tuple(sorted({*_PRINTED, *EXTENSION}))
"""Every AU that has landmarks, in Table 2 or in the extension, ascending."""


def is_extension(au: int) -> bool:
    """Return whether an AU's landmarks are this toolkit's own and not in the paper's Table 2."""
    return au in EXTENSION


@cache
def au_landmarks(au: int, side: str | None = None) -> tuple[int, ...]:
    """Return the landmarks of an AU, on both sides of the face or on one.

    Parameters
    ----------
    au : int
        One of `LANDMARK_AUS`.
    side : {None, "left", "right"}
        The PERSON'S side ("left" is the right half of the picture); None for both. Points on the
        midline belong to both sides.

    Returns
    -------
    tuple of int
        Landmark numbers, 1 to 68, ascending. Never empty.

    Raises
    ------
    InputError
        If the AU has no landmarks, or `side` is something else.
    """
    numbers = _PRINTED.get(au) or EXTENSION.get(au)
    if numbers is None:
        known = ", ".join(str(number) for number in LANDMARK_AUS)
        raise InputError(f"Action Unit {au!r} has no landmarks; those that have are {known}.")
    if side is None:
        return tuple(sorted(numbers))
    return tuple(sorted(side_landmarks(side).intersection(numbers)))
