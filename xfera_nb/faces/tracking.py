"""Follow the faces of a video from frame to frame, each with a number that stays.

The whole picture is searched on every `SEARCH_EVERY`-th frame, after a cut, where a face was lost,
and as long as there is none. On the frames between, each face is looked for around its last box
alone, which takes a tenth of the time. So a face that comes in beside others may be found some
frames late. Every face that is reported was found by the detector on its own frame; landmarks are
placed in its box, and again in the upright square that they give.

Faces of two frames are the same one by the overlap of their boxes and the distance of their
landmarks. After a cut all numbers are new: the tracker knows no persons. A cut is a change of the
picture's colours (Bhattacharyya distance of their histograms) or of its coarse pattern.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from xfera_nb.faces.detector import (
    Box,
    Detection,
    detect_scaled,
    drop_overlaps,
    predict_landmarks,
    predict_landmarks_upright,
)
from xfera_nb.faces.face import MAX_FACES

SEARCH_EVERY = 10
"""Frames between two searches of the whole picture."""
SEARCH_SIDE = 960
"""Longer side of the picture that is searched: faces from 8 % of it are found."""
MOST_ENLARGED = 2.0
FOLLOW_SIDE = 110
"""Side of a face, in pixels, in the patch in which it is followed."""
FOLLOW_MARGIN = 0.5
"""What the patch shows around the last box, in sides of it, at each edge."""
LANDMARK_STEPS = 16
"""Parts of a pixel to which landmarks are rounded, for a small store; the model's own steps are
1/320 of the box."""
MEMORY = 1.0
"""Seconds for which a face that is not found keeps its number; an unreadable part counts as
`LONGEST_STEP`."""
LONGEST_STEP = 0.25
"""Seconds between two frames beyond which time does not count."""
LEAST_OVERLAP = 0.2
"""Intersection over union from which two boxes may be the same face."""
MOST_DISTANCE = 0.5
"""Mean distance of the landmarks, in sides of the box, up to which they may be the same face."""
CUT_COLOURS = 0.5
"""Bhattacharyya distance of two frames' colours, 0 to 1, that makes a cut."""
CUT_PATTERN = 0.15
"""Mean difference of two frames' coarse patterns, 0 to 1, that makes a cut."""
_COARSE = (16, 9)


@dataclass(frozen=True, eq=False)
class TrackedFace:
    """Hold one face on one frame.

    Attributes
    ----------
    track : int
        The face's number, from 1.
    box : (left, top, right, bottom)
        Pixels of the frame.
    landmarks : (68, 2) float32 array
        Pixels of the frame.
    score : float
        The detector's, from 0; upright faces have 0.5 to 3.
    """

    track: int
    box: Box
    landmarks: np.ndarray = field(repr=False)
    score: float


@dataclass(eq=False)
class _Track:
    number: int
    box: Box
    landmarks: np.ndarray
    unseen: float = 0.0


class FaceTracker:
    """Follow faces through frames that are given in order.

    Parameters
    ----------
    search_every : int
        Frames between two searches of the whole picture.
    """

    def __init__(self, search_every: int = SEARCH_EVERY) -> None:
        self._search_every = search_every
        self._tracks: list[_Track] = []
        self._count = 0
        self._since_search = 0
        self._time: float | None = None
        self._look: tuple[np.ndarray, np.ndarray] | None = None

    def update(self, image: np.ndarray, time: float) -> list[TrackedFace]:
        """Find the faces of the next frame.

        Parameters
        ----------
        image : (H, W, 3) uint8 array
            RGB.
        time : float
            Seconds, later than that of the last frame.

        Returns
        -------
        list of TrackedFace
            By their numbers.

        Raises
        ------
        ModelError
            dlib or its landmark model is missing.
        """
        look = _look_of(image)
        if self._look is not None and is_cut(self._look, look):
            self._tracks = []
        self._look = look
        step = 0.0 if self._time is None else min(time - self._time, LONGEST_STEP)
        self._time = time
        found = self._find(image)
        for track in self._tracks:
            track.unseen += step
        self._tracks = [one for one in self._tracks if one.unseen <= MEMORY]
        placed = [_place(image, one) for one in found[:MAX_FACES]]
        same = match_faces(
            [(one.box, one.landmarks) for one in self._tracks],
            [(one.box, points) for one, points in zip(found, placed, strict=False)],
        )
        faces = []
        for index, (one, points) in enumerate(zip(found, placed, strict=False)):
            if index in same:
                track = self._tracks[same[index]]
                track.box, track.landmarks, track.unseen = one.box, points, 0.0
            else:
                self._count += 1
                track = _Track(self._count, one.box, points)
                self._tracks.append(track)
            faces.append(TrackedFace(track.number, one.box, points, one.score))
        return sorted(faces, key=lambda face: face.track)

    def _find(self, image: np.ndarray) -> list[Detection]:
        """Return the faces around the last boxes, and where it is due those of all the picture."""
        self._since_search += 1
        visible = [one for one in self._tracks if not one.unseen]
        around = [_follow(image, one.box) for one in visible]
        near = drop_overlaps([one for some in around for one in some])
        lost = any(not some for some in around)
        if visible and not lost and self._since_search < self._search_every:
            return near
        self._since_search = 0
        everywhere = drop_overlaps(_search(image), kept=near)
        new = [one for one in everywhere if one not in near]
        # Boxes of the same face differ with the size of the picture: all are found at one size.
        refined = [max(_follow(image, one.box), default=one, key=_score) for one in new]
        return drop_overlaps(refined, kept=near)


def match_faces(
    earlier: list[tuple[Box, np.ndarray]], later: list[tuple[Box, np.ndarray]]
) -> dict[int, int]:
    """Say which faces of two frames are the same.

    Parameters
    ----------
    earlier, later : list of (box, landmarks)

    Returns
    -------
    dict of int to int
        Place in `later` -> place in `earlier`; each is there once at most.
    """
    if not earlier or not later:
        return {}
    cost = np.empty((len(later), len(earlier)))
    allowed = np.empty(cost.shape, bool)
    for row, (box, points) in enumerate(later):
        for column, (old_box, old_points) in enumerate(earlier):
            overlap = intersection_over_union(box, old_box)
            side = max(box[2] - box[0], old_box[2] - old_box[0])
            apart = np.hypot(*(points.astype(np.float64) - old_points).T).mean() / side
            cost[row, column] = 1 - overlap + apart
            allowed[row, column] = overlap >= LEAST_OVERLAP or apart <= MOST_DISTANCE
    rows, columns = linear_sum_assignment(np.where(allowed, cost, 1e6))
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if allowed[row, column]
    }


def intersection_over_union(one: Box, other: Box) -> float:
    """Return the overlap of two boxes as a share of what they cover together, 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared)


def is_cut(
    earlier: tuple[np.ndarray, np.ndarray], later: tuple[np.ndarray, np.ndarray]
) -> bool:
    """Return whether two frames, as `_look_of` describes them, are of different shots."""
    (colours, pattern), (next_colours, next_pattern) = earlier, later
    apart = cv2.compareHist(colours, next_colours, cv2.HISTCMP_BHATTACHARYYA)
    return apart > CUT_COLOURS or float(np.abs(pattern - next_pattern).mean()) > CUT_PATTERN


def _look_of(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Describe a frame by its histogram of colours and its coarse grey pattern, 0 to 1."""
    small = cv2.resize(image, (64, 36), interpolation=cv2.INTER_AREA)
    colours = cv2.calcHist([small], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    pattern = cv2.resize(grey, _COARSE, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return colours / colours.sum(), pattern


def _search(image: np.ndarray) -> list[Detection]:
    return detect_scaled(image, min(SEARCH_SIDE / max(image.shape[:2]), MOST_ENLARGED))


def _follow(image: np.ndarray, box: Box) -> list[Detection]:
    """Search for faces around a box."""
    height, width = image.shape[:2]
    side = max(box[2] - box[0], box[3] - box[1])
    margin = round(FOLLOW_MARGIN * side)
    left, top = max(box[0] - margin, 0), max(box[1] - margin, 0)
    right, bottom = min(box[2] + margin, width), min(box[3] + margin, height)
    if right - left < side / 2 or bottom - top < side / 2:
        return []
    patch = image[top:bottom, left:right]
    return [
        Detection((x0 + left, y0 + top, x1 + left, y1 + top), score)
        for (x0, y0, x1, y1), score, _ in detect_scaled(patch, FOLLOW_SIDE / side)
    ]


def _place(image: np.ndarray, found: Detection) -> np.ndarray:
    points = predict_landmarks(image, found.box)
    points = predict_landmarks_upright(image, points, spread=0)
    rounded: np.ndarray = np.rint(points * LANDMARK_STEPS) / np.float32(LANDMARK_STEPS)
    return rounded


def _score(found: Detection) -> float:
    return found.score
