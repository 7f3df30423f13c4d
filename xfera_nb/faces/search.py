"""Search a photo for faces: which copies of it the detector is given, and what is kept.

The detector finds faces of about 80 pixels, at most 45 degrees from upright. So a photo is tried

1. with its longer side at most `FIRST_SIDE`;
2. at twice and four times that size, as long as the longer side stays within `MAX_SIDE` (large
   photos bring their own detail, small ones are enlarged);
3. at `TIGHT_SIDE` with a border of `TIGHT_BORDER` of its sides, in which its edge is repeated: for
   photos that are cropped tightly around one face

until a face is found. Where all faces are wanted, the larger sizes of (2) are searched too, and
what they find is added: a small face beside a large one. Of two boxes of the same face that of
the smaller copy stays, so that the large face is the same one either way.

Where nothing is found, the three turned versions are tried in the same order, and the one with
the highest score is taken; also at the size of a find with a score below `DOUBTFUL_SCORE`, since
an upside-down face can look like one to the detector. A turned face must score `TURNED_MARGIN`
more than the upright find (0 without one).

Time: bounded, since no copy is larger than `MAX_SIDE`; it is that of the pixels searched. All
sizes have 5 times the pixels of the first where the photo's longer side is more than `MAX_SIDE`
/ 4, 21 times where it is less. A photo without a face is searched at all sizes in four turns: 20
times, and 84 times, the pixels of the first; at most 35 million in all, where the photo is square.
``python benchmarks/faces.py`` prints the ratios. Faces narrower than 3 % of the photo's longer
side or than 20 pixels are never found.

The scores of the 70 samples (``python benchmarks/faces.py --scores``): upside down the detector
sees a face in some as they are, with 0.27 at most, and in all turned
back, with 1.44 at least. Turned to within a few degrees of a diagonal (45 or 135 degrees) a face
may be missed: at 135 the nearer quarters give 13 of the 70 less than 0.4, at 130 none, at 140 one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xfera_nb.faces.detector import Detection, detect_scaled, drop_overlaps

FIRST_SIDE = 1280
"""Longer side of the photo in the first attempt, in pixels: a quarter of a second on one core."""

MAX_SIDE = 2560
"""Longer side in any attempt, in pixels: faces narrower than 3 % of it are not found."""

TIGHT_SIDE = 320
"""Longer side of the photo, in pixels, when it is tried as one tightly cropped face."""

TIGHT_BORDER = 0.25
"""Border around it at each edge, as a fraction of its width and height."""

DOUBTFUL_SCORE = 0.6
"""A find whose best score is lower may be a turned face: the turned versions are tried too."""

TURNED_MARGIN = 0.4
"""By how much a turned face must score more than what is found upright."""

_TURNS = (1, 3, 2)


class _Attempt(NamedTuple):
    """Describe a copy of the photo: its size as a fraction of the photo's, and its border's."""

    scale: float
    border: float = 0.0


def search_faces(image: np.ndarray, *, all_sizes: bool = False) -> list[Detection]:
    """Search for faces seen from the front, upright or turned.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        RGB photo of any size.
    all_sizes : bool
        Search on after a face is found, for smaller ones.

    Returns
    -------
    list of Detection
        From left to right, all with the same turns; empty where nothing is found.

    Raises
    ------
    ModelError
        dlib is not installed.
    """
    attempts = _list_attempts(image)
    found, used = _search_upright(image, attempts)
    if not found:
        found, used = _search_turned(image, attempts, 0.0)
    elif _best_score(found) < DOUBTFUL_SCORE:
        turned, _ = _search_turned(image, [attempts[used]], _best_score(found))
        found = turned or found
    if found and all_sizes:
        for attempt in attempts[used + 1 :]:
            if not attempt.border:
                more = detect_scaled(image, *attempt, turns=found[0].turns)
                found = drop_overlaps(more, kept=found)
    return found


def _list_attempts(image: np.ndarray) -> list[_Attempt]:
    longer = max(image.shape[:2])
    first = min(longer, FIRST_SIDE)
    sides = [first * factor for factor in (1, 2, 4) if factor == 1 or first * factor <= MAX_SIDE]
    whole = [_Attempt(side / longer) for side in sides]
    return [*whole, _Attempt(TIGHT_SIDE / longer, TIGHT_BORDER)]


def _search_upright(
    image: np.ndarray, attempts: list[_Attempt]
) -> tuple[list[Detection], int]:
    """Return what the first attempt with a find gives, and its number."""
    for number, attempt in enumerate(attempts):
        if found := detect_scaled(image, *attempt):
            return found, number
    return [], len(attempts)


def _search_turned(
    image: np.ndarray, attempts: list[_Attempt], floor: float
) -> tuple[list[Detection], int]:
    """Return the best turned version of the first attempt with a find, and the attempt's number."""
    for number, attempt in enumerate(attempts):
        versions = [detect_scaled(image, *attempt, turns=turns) for turns in _TURNS]
        best = max(versions, key=_best_score)
        if _best_score(best) >= floor + TURNED_MARGIN:
            return best, number
    return [], len(attempts)


def _best_score(found: list[Detection]) -> float:
    return max((one.score for one in found), default=0.0)
