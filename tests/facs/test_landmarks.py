"""Landmarks: regions, sides, and the mirror that decides between them."""

import numpy as np
import pytest

from xfera_nb.facs import (
    GROUP_OF,
    IMAGE_LEFT,
    IMAGE_RIGHT,
    LANDMARK_GROUPS,
    MIDLINE,
    MIRROR,
    PERSON_LEFT,
    PERSON_RIGHT,
    side_landmarks,
    side_of,
)

# Image left, image right, by number from 1: typed from the scheme's drawing, pair by pair.
PAIRS = [
    (1, 17), (2, 16), (3, 15), (4, 14), (5, 13), (6, 12), (7, 11), (8, 10),
    (18, 27), (19, 26), (20, 25), (21, 24), (22, 23),
    (32, 36), (33, 35),
    (37, 46), (38, 45), (39, 44), (40, 43), (41, 48), (42, 47),
    (49, 55), (50, 54), (51, 53), (60, 56), (59, 57),
    (61, 65), (62, 64), (68, 66),
]
ALONE = [9, 28, 29, 30, 31, 34, 52, 58, 63, 67]


def test_every_mirror_pair():
    expected = {a: b for a, b in PAIRS} | {b: a for a, b in PAIRS} | {a: a for a in ALONE}
    assert {i + 1: int(MIRROR[i]) + 1 for i in range(68)} == expected


def test_mirror_is_a_permutation_undone_by_itself():
    assert MIRROR.shape == (68,) and MIRROR.dtype == np.int64
    assert sorted(MIRROR.tolist()) == list(range(68))
    assert np.array_equal(MIRROR[MIRROR], np.arange(68))
    with pytest.raises(ValueError, match="read-only"):
        MIRROR[0] = 0


def test_sides_split_the_face_and_the_mirror_swaps_them():
    assert sorted([*IMAGE_LEFT, *IMAGE_RIGHT, *MIDLINE]) == list(range(1, 69))
    assert {a for a, _ in PAIRS} == IMAGE_LEFT
    assert {b for _, b in PAIRS} == IMAGE_RIGHT
    assert set(ALONE) == MIDLINE
    assert {int(MIRROR[n - 1]) + 1 for n in IMAGE_LEFT} == IMAGE_RIGHT


def test_left_is_the_persons_left():
    assert PERSON_LEFT == IMAGE_RIGHT and PERSON_RIGHT == IMAGE_LEFT
    assert 46 in side_landmarks("left") and 37 not in side_landmarks("left")
    assert side_landmarks("left") & side_landmarks("right") == MIDLINE
    assert len(side_landmarks("left")) == len(side_landmarks("right")) == 39
    assert (side_of(37), side_of(46), side_of(9)) == ("right", "left", "midline")


def test_unknown_sides_and_landmarks():
    with pytest.raises(ValueError, match="the person's"):
        side_landmarks("image-left")
    for landmark in (0, 69):
        with pytest.raises(ValueError, match="from 1 to 68"):
            side_of(landmark)


def test_regions_cover_every_point_once_and_are_symmetric():
    assert sorted(GROUP_OF) == list(range(1, 69))
    assert sum(len(numbers) for numbers in LANDMARK_GROUPS.values()) == 68
    edges = {17: "jaw", 18: "brows", 27: "brows", 28: "nose bridge", 31: "nose bridge",
             32: "nostrils", 36: "nostrils", 37: "eyes", 48: "eyes", 49: "outer lips",
             60: "outer lips", 61: "inner lips"}
    assert {number: GROUP_OF[number] for number in edges} == edges
    assert all(GROUP_OF[n] == GROUP_OF[int(MIRROR[n - 1]) + 1] for n in range(1, 69))
