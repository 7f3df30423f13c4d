"""The alignment: known transforms come back, size does not matter."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from xfera_nb.au_detectors import align
from xfera_nb.facs.landmarks import MIRROR


@pytest.fixture
def shape(face):
    return align.mean_shape(np.stack([face, 2 * face + 7]))


def test_similarity_by_hand():
    # A quarter turn, twice the size, moved by (5, 6).
    points = np.array([[0.0, 0], [1, 0], [0, 3]])
    target = np.array([[5.0, 6], [5, 8], [-1, 6]])
    np.testing.assert_allclose(
        align.similarity(points, target), [[0, -2, 5], [2, 0, 6]], atol=1e-12
    )
    with pytest.raises(ValueError, match="coincide"):
        align.similarity(np.ones((3, 2)), target)


def test_mean_shape_stands_where_the_rule_says(shape):
    assert shape.shape == (51, 2)
    eyes = shape[19:25].mean(0), shape[25:31].mean(0)
    np.testing.assert_allclose(eyes[0], (55.5 - 22.5, 35), atol=1e-4)
    np.testing.assert_allclose(eyes[1], (55.5 + 22.5, 35), atol=1e-4)
    mirrored = shape[align.INNER_MIRROR] * (-1, 1) + (111, 0)
    np.testing.assert_allclose(mirrored, shape, atol=1e-4)


def test_points_of_the_mean_face_are_zero(shape, face):
    grey, points = align.align(np.zeros((300, 300), np.uint8), face, shape)
    assert grey.shape == (112, 112) and grey.dtype == np.uint8
    np.testing.assert_allclose(points, 0, atol=1e-4)


def test_jaw_points_do_not_count(shape, face):
    moved = face.copy()
    moved[:17] += 40
    image = np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)
    for one, two in zip(
        align.align(image, face, shape), align.align(image, moved, shape), strict=True
    ):
        np.testing.assert_array_equal(one, two)


def test_a_photo_pixel_lands_where_its_landmark_does(shape, face):
    image = np.zeros((300, 300), np.uint8)
    x, y = face[30].astype(int)  # the nose tip, at a whole pixel
    image[y, x] = 255
    grey, _ = align.align(image, face, shape)
    row, column = np.unravel_index(grey.argmax(), grey.shape)
    np.testing.assert_allclose((column, row), shape[13], atol=0.75)


@pytest.mark.parametrize("times", [2, 5])
def test_a_larger_photo_gives_the_same_square(shape, face, times):
    rng = np.random.default_rng(1)
    image = cv2.resize(rng.integers(0, 256, (30, 30), np.uint8), (300, 300))
    large = np.repeat(np.repeat(image, times, 0), times, 1)
    bigger = (face + 0.5) * times - 0.5
    small, _ = align.align(image, face, shape)
    same, points = align.align(large, bigger, shape)
    assert np.abs(small.astype(float) - same).mean() < 1.5
    np.testing.assert_allclose(points, align.align(image, face, shape)[1], atol=1e-4)


def test_colour_becomes_grey_by_the_stated_weights(shape, face):
    image = np.zeros((300, 300, 3), np.uint8)
    image[..., 0], image[..., 1], image[..., 2] = 200, 100, 50
    grey, _ = align.align(image, face, shape)
    assert set(grey.ravel()) == {round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)}


def test_a_face_outside_the_photo_repeats_its_edge(shape, face):
    image = np.full((50, 60), 90, np.uint8)
    for shift in ((500, 0), (-900, -900)):
        grey, _ = align.align(image, face + shift, shape)
        assert (grey == 90).all()


def test_jitter_moves_picture_and_points_alike(shape, face):
    shift = np.array([[1, 0, 10.0], [0, 1, -5]])
    _, points = align.align(np.zeros((300, 300), np.uint8), face, shape, shift)
    np.testing.assert_allclose(points, np.tile([2.0, -1.0], (51, 1)), atol=1e-4)


@pytest.fixture
def rigid(shape, face):
    return align.rigid_shape(np.stack([face, 2 * face + 7]), shape)


def test_rigid_points_stand_where_the_mean_face_has_them(shape, rigid):
    assert rigid.shape == (24, 2)
    inner = [index for index, point in enumerate(align.RIGID) if point >= align.FIRST_POINT]
    own = [align.RIGID[index] - align.FIRST_POINT for index in inner]
    np.testing.assert_allclose(rigid[inner], shape[own], atol=1e-3)
    order = [align.RIGID.index(MIRROR[point]) for point in align.RIGID]  # a closed set
    np.testing.assert_allclose(rigid[order] * (-1, 1) + (111, 0), rigid, atol=1e-3)


def test_the_second_square_follows_the_rigid_points_alone(shape, rigid, face):
    image = np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)
    grey, points, second = align.inputs(image, face, shape, rigid)
    np.testing.assert_allclose(second.astype(float), grey, atol=3)  # a mean face: both agree
    for one, two in zip((grey, points), align.align(image, face, shape), strict=True):
        np.testing.assert_array_equal(one, two)
    talking, turned = face.copy(), face.copy()
    talking[48:] += (0, 9)
    np.testing.assert_array_equal(align.inputs(image, talking, shape, rigid)[2], second)
    assert (align.inputs(image, talking, shape, rigid)[0] != grey).any()
    turned[1:5] += (0, 9)
    assert (align.inputs(image, turned, shape, rigid)[2] != second).any()
    np.testing.assert_array_equal(align.inputs(image, turned, shape, rigid)[0], grey)
