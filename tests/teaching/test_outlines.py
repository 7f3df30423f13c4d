"""Outlines of areas lie where the landmarks are."""

import cv2
import numpy as np
import pytest

from xfera_nb.faces import find_faces
from xfera_nb.facs import FACE_AREAS
from xfera_nb.teaching import outline_areas


def holds(outlines, point):
    """Whether one of the outlines holds a point."""
    at = tuple(float(n) for n in point)
    return any(cv2.pointPolygonTest(outline, at, False) >= 0 for outline in outlines)


@pytest.fixture(scope="module")
def points(request):
    path = request.config.rootpath / "data" / "samples" / "C01NE.jpg"
    return find_faces(path)[0].crop_landmarks


def test_a_point_to_point_at_is_in_its_area(points):
    outlines = outline_areas(points)
    assert list(outlines) == list(FACE_AREAS)  # the undermost first
    middle = {
        "brows": points[17:27].mean(0),  # between the brows
        "nose": points[30],
        "lips": (points[51] + points[57]) / 2,
        "chin and jaw": points[8] * 0.7 + points[57] * 0.3,
    }
    for name, point in middle.items():
        assert [n for n, parts in outlines.items() if holds(parts, point)] == [name]
    for name, left, right in (
        ("eyelids", points[36:42].mean(0), points[42:48].mean(0)),
        ("mouth corners", points[48], points[54]),
        ("cheeks", (points[2] + points[31]) / 2, (points[14] + points[35]) / 2),
    ):
        for point in (left, right):
            on_top = [n for n, parts in outlines.items() if holds(parts, point)][-1]
            assert on_top == name


def test_a_margin_widens_a_hull():
    points = np.zeros((68, 2))
    points[17:27] = [(x, 50.0) for x in np.linspace(40, 184, 10)]
    (brows,) = outline_areas(points)["brows"]
    margin = FACE_AREAS["brows"].margin
    assert brows[:, 0].min() == pytest.approx(40 - margin, abs=0.1)
    assert brows[:, 0].max() == pytest.approx(184 + margin, abs=0.1)
    assert brows[:, 1].min() == pytest.approx(50 - margin, abs=0.1)
