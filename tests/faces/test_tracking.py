"""Numbers of faces that stay from frame to frame."""

from __future__ import annotations

import numpy as np
import pytest
from clips import SIZE, draw

from xfera_nb.faces import tracking
from xfera_nb.faces.tracking import FaceTracker, intersection_over_union, match_faces

BLUE, BROWN = (60, 100, 150), (150, 110, 60)


def tracks(frames, fps=10, start=0.0):
    tracker = FaceTracker()
    return [
        [face.track for face in tracker.update(frame, start + number / fps)]
        for number, frame in enumerate(frames)
    ]


def test_faces_keep_their_numbers_while_they_move():
    frames = [
        draw([("C01NE", 0.1 + 0.01 * n), ("C04HA", 0.9 - 0.01 * n)], BLUE) for n in range(14)
    ]
    tracker = FaceTracker()
    for number, frame in enumerate(frames):
        faces = tracker.update(frame, number / 10)
        assert [face.track for face in faces] == [1, 2]
        left, right = (face.landmarks[30] for face in faces)
        assert left[0] < SIZE[0] / 2 < right[0]
        for face in faces:
            x0, y0, x1, y1 = face.box
            assert ((face.landmarks[17:] > (x0, y0)) & (face.landmarks[17:] < (x1, y1))).all()
            assert face.landmarks.dtype == np.float32 and face.score > 0


def test_numbers_are_new_after_a_cut():
    before, after = draw([("C01NE", 0.5)], BLUE), draw([("C06NE", 0.5)], BROWN)
    assert tracks([before] * 3 + [after] * 3) == [[1]] * 3 + [[2]] * 3


def test_a_face_that_jumps_is_another_one():
    frames = [draw([("C01NE", 0.0)], BLUE)] * 2 + [draw([("C01NE", 1.0)], BLUE)] * 2
    assert tracks(frames) == [[1], [1], [2], [2]]


def test_a_face_that_is_hidden_for_a_moment_keeps_its_number(monkeypatch):
    monkeypatch.setattr(tracking, "CUT_PATTERN", 1.0)
    face, none = draw([("C01NE", 0.5)], BLUE), draw([], BLUE)
    assert tracks([face] + [none] * 5 + [face]) == [[1], *[[]] * 5, [1]]
    assert tracks([face] + [none] * 14 + [face]) == [[1], *[[]] * 14, [2]]


def test_time_in_which_the_clip_cannot_be_read_does_not_count():
    tracker, face = FaceTracker(), draw([("C01NE", 0.5)], BLUE)
    assert [tracker.update(face, time)[0].track for time in (0.0, 0.1, 20.0)] == [1, 1, 1]


def test_a_face_that_comes_in_is_found_with_the_next_search():
    one, two = [("C01NE", 0.0)], [("C01NE", 0.0), ("C04NE", 1.0)]
    found = tracks([draw(one, BLUE)] * 3 + [draw(two, BLUE)] * 12)
    first = next(number for number, faces in enumerate(found) if faces == [1, 2])
    assert 3 <= first <= tracking.SEARCH_EVERY
    assert found[first:] == [[1, 2]] * (15 - first)


def test_the_whole_picture_is_searched_seldom(monkeypatch):
    searched = []
    search = tracking._search
    monkeypatch.setattr(tracking, "_search", lambda image: searched.append(1) or search(image))
    tracks([draw([("C01NE", 0.5)], BLUE)] * 21)
    assert len(searched) == 3


def test_matching_takes_the_nearest_of_two():
    points = np.zeros((68, 2), np.float32)
    left, right = ((0, 0, 100, 100), points + 50), ((60, 0, 160, 100), points + (110, 50))
    moved = ((50, 0, 150, 100), points + (100, 50))
    assert match_faces([left, right], [moved]) == {0: 1}
    assert match_faces([left, right], [right, left]) == {0: 1, 1: 0}
    assert match_faces([left], [((900, 0, 1000, 100), points + 950)]) == {}
    assert match_faces([], [left]) == {}


@pytest.mark.parametrize(
    ("other", "expected"),
    [((0, 0, 10, 10), 1.0), ((5, 0, 15, 10), 1 / 3), ((10, 0, 20, 10), 0.0), ((0, 0, 5, 5), 0.25)],
)
def test_overlap(other, expected):
    assert intersection_over_union((0, 0, 10, 10), other) == pytest.approx(expected)
