"""The six face regions: where they lie, and that no pixel is in two."""

import numpy as np
import pytest

from xfera_nb.datasets.samples import sample
from xfera_nb.errors import InputError
from xfera_nb.faces import find_faces
from xfera_nb.faces.regions import FACE_REGIONS, face_region_masks, mark_hidden, parse_hidden
from xfera_nb.facs.landmarks import MIRROR


@pytest.fixture(scope="module")
def landmarks():
    return find_faces(sample("C01NE"))[0].crop_landmarks


def centre(mask):
    return np.argwhere(mask).mean(axis=0)


def test_regions_lie_from_top_to_bottom_and_do_not_overlap(landmarks):
    masks = dict(zip(FACE_REGIONS, face_region_masks(landmarks), strict=True))
    assert np.sum(list(masks.values()), axis=0).max() == 1
    rows = [centre(masks[name])[0] for name in ("brows", "eyes", "nose", "mouth", "chin")]
    assert rows == sorted(rows)
    assert centre(masks["eyes"])[0] < centre(masks["cheeks"])[0] < centre(masks["chin"])[0]


@pytest.mark.parametrize(
    ("region", "landmark"),
    [("brows", 20), ("eyes", 38), ("nose", 31), ("mouth", 52), ("mouth", 63), ("chin", 9)],
)
def test_a_landmark_lies_in_its_region(landmarks, region, landmark):
    x, y = np.round(landmarks[landmark - 1]).astype(int)
    masks = face_region_masks(landmarks)
    found = [name for name, mask in zip(FACE_REGIONS, masks, strict=True) if mask[y, x]]
    assert found == [region]


def test_a_mirrored_face_has_mirrored_regions(landmarks):
    points = np.round(landmarks)
    mirrored = points[MIRROR] * (-1, 1) + (223, 0)
    there = face_region_masks(mirrored)[:, :, ::-1]
    assert (there != face_region_masks(points)).mean() < 1e-3


def test_a_region_outside_the_crop_is_empty(landmarks):
    masks = face_region_masks(landmarks + (0, 110))
    seen = {name for name, mask in zip(FACE_REGIONS, masks, strict=True) if mask.any()}
    assert "chin" not in seen and "brows" in seen


def test_spots_are_marked_where_they_lie(landmarks):
    marked = mark_hidden(landmarks, [(50, 80, 10), (223, 0, 5)])
    down, across = np.nonzero(marked[:, :100])
    assert (across.min(), across.max(), down.min(), down.max()) == (40, 60, 70, 90)
    assert marked[0, 223] and not marked[50, 80]
    both = mark_hidden(landmarks, ["mouth", (50, 80, 10)])
    assert both.sum() > marked[:, :100].sum() and not mark_hidden(landmarks, []).any()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("mouth, brows", ("brows", "mouth")),
        ("mouth,10:20:5,10:20:5", ("mouth", (10, 20, 5))),
        ([(1, 2, 3), "nose", (1.04, 2, 3)], ("nose", (1, 2, 3))),
        ((), ()),
    ],
)
def test_hidden_parts_are_read_from_text_and_lists(given, expected):
    assert parse_hidden(given) == expected


@pytest.mark.parametrize(
    "wrong",
    ["", "lips", "1:2", "a:b:c", [(1, 2)], [(1, 2, 0)], [(1, 2, float("inf"))], [(1, 2, 500)]],
)
def test_what_is_no_part_of_a_face_is_refused(wrong):
    with pytest.raises(InputError):
        parse_hidden(wrong)
