"""The crop rule on landmarks drawn by hand, and the sampling of the crop."""

from __future__ import annotations

import numpy as np
import pytest

from xfera_nb.errors import PhotoError
from xfera_nb.faces import (
    CHIN,
    SIDE,
    apply_affine,
    crop_to_image_affine,
    invert_affine,
    warp_crop,
)


def drawn_face() -> np.ndarray:
    """An upright face in a box 100 wide (x 50-150) and 120 high (y 40-160), eyes 40 apart."""
    points = np.full((68, 2), (100.0, 100.0))
    points[36:42] = (80, 70)
    points[42:48] = (120, 70)
    points[0], points[16] = (50, 80), (150, 80)
    points[8], points[19] = (100, 160), (85, 40)
    return points


def turned(points: np.ndarray, degrees: float, about=(100.0, 100.0)) -> np.ndarray:
    angle = np.deg2rad(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points - about) @ matrix.T + about


def test_square_of_an_upright_face_by_hand():
    # The larger side is 120: the square is 1.2 * 120 = 144 wide, from x = 100 - 72 = 28, and its
    # top lies at 160 - 0.97 * 144 = 20.32. The first of 224 pixel centres is half a pixel inside.
    assert (SIDE, CHIN) == (1.20, 0.97)
    affine = crop_to_image_affine(drawn_face())
    step = 144 / 224
    expected = [[step, 0, 28 + step / 2], [0, step, 20.32 + step / 2]]
    np.testing.assert_allclose(affine, expected, atol=1e-9)


def test_a_wide_face_sets_the_scale_by_its_width():
    points = drawn_face()
    points[0], points[16] = (0, 80), (200, 80)
    assert crop_to_image_affine(points)[0, 0] == pytest.approx(1.2 * 200 / 224)


def test_other_crop_sizes_hold_the_same_square():
    corner = np.array([-0.5, -0.5])
    large = apply_affine(crop_to_image_affine(drawn_face(), 224), corner)
    small = apply_affine(crop_to_image_affine(drawn_face(), 48), corner)
    np.testing.assert_allclose(large, [28, 20.32], atol=1e-9)
    np.testing.assert_allclose(small, large, atol=1e-9)


@pytest.mark.parametrize("degrees", [-170, -90, -25, 0, 10, 25, 90, 180])
def test_turned_faces_come_out_level_and_alike(degrees):
    upright = apply_affine(invert_affine(crop_to_image_affine(drawn_face())), drawn_face())
    points = turned(drawn_face(), degrees)
    crop = apply_affine(invert_affine(crop_to_image_affine(points)), points)
    np.testing.assert_allclose(crop, upright, atol=1e-6)
    left, right = crop[36:42].mean(axis=0), crop[42:48].mean(axis=0)
    assert left[1] == pytest.approx(right[1], abs=1e-6)
    assert left[0] < right[0]
    assert (crop[:, 1].max() + 0.5) / 224 == pytest.approx(0.97)


def test_any_points_whatever_lie_inside_with_the_stated_margins():
    random = np.random.default_rng(3)
    for _ in range(200):
        points = random.normal(size=(68, 2)) * random.uniform(20, 400, 2) + 300
        inside = apply_affine(invert_affine(crop_to_image_affine(points)), points)
        share = (inside + 0.5) / 224
        assert share[:, 0].min() >= 1 / 12 - 1e-9 and share[:, 0].max() <= 11 / 12 + 1e-9
        assert share[:, 1].min() >= 0.97 - 1 / 1.2 - 1e-9 and share[:, 1].max() <= 0.97 + 1e-9


def test_eyes_in_one_place_are_refused():
    points = drawn_face()
    points[42:48] = points[36:42]
    with pytest.raises(PhotoError, match="eyes are 0 pixels apart"):
        crop_to_image_affine(points)
    points[42:48] += (0.9, 0)
    with pytest.raises(PhotoError, match="too near"):
        crop_to_image_affine(points)
    points[42:48] += (0.2, 0)
    assert np.isfinite(crop_to_image_affine(points)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_landmarks_that_are_not_finite_are_refused(value):
    points = drawn_face()
    points[5, 0] = value
    with pytest.raises(PhotoError, match="not finite"):
        crop_to_image_affine(points)


def test_wrong_shape_is_a_programming_mistake():
    with pytest.raises(ValueError, match=r"\(68, 2\)"):
        crop_to_image_affine(np.zeros((68, 3)))


def test_inverse_undoes_the_affine():
    affine = crop_to_image_affine(turned(drawn_face(), 33))
    points = np.random.default_rng(0).uniform(-50, 300, (5, 7, 2))
    there_and_back = apply_affine(invert_affine(affine), apply_affine(affine, points))
    np.testing.assert_allclose(there_and_back, points, atol=1e-9)


def test_identity_cuts_the_pixels_themselves():
    image = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    crop = warp_crop(image, np.array([[1.0, 0, 7], [0, 1, 5]]), 24)
    np.testing.assert_array_equal(crop, image[5:29, 7:31])


@pytest.mark.parametrize("factor", [2, 3, 4, 10, 16])
def test_shrinking_is_the_mean_over_blocks(factor):
    # Pixel 0 covers photo pixels 0 ... factor - 1, whose middle is (factor - 1) / 2.
    random = np.random.default_rng(2)
    image = random.integers(0, 256, (24 * factor, 24 * factor), dtype=np.uint8)
    middle = (factor - 1) / 2
    crop = warp_crop(image, np.array([[factor, 0, middle], [0, factor, middle]]), 24)
    means = image.reshape(24, factor, 24, factor).mean(axis=(1, 3))
    # Rounded twice at most: to the mean of blocks, then to the mean of those. One sampled pixel
    # in place of the mean would miss by 64 on average.
    assert np.abs(crop - means).max() <= 1


def test_shrinking_shows_no_false_pattern():
    # Lines one pixel wide, every second one white: any honest reduction is an even 127.5.
    image = np.zeros((2000, 2000), np.uint8)
    image[:, ::2] = 255
    affine = np.array([[8.3, 0, 20], [0, 8.3, 20]])
    crop = warp_crop(image, affine)[2:-2, 2:-2].astype(int)
    assert np.abs(crop - 127.5).max() < 20


@pytest.mark.parametrize("scale", [0.3, 1.0, 1.7, 5.2, 9.3])
def test_crop_pixels_lie_where_the_affine_says(scale):
    # On a ramp, brightness is place: value = 20 + 200 * (0.4 x + 0.6 y) / n.
    n = int(224 * scale * 1.6)
    angle = 0.4
    affine = np.zeros((2, 3))
    affine[:, :2] = scale * np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    affine[:, 2] = n / 2 - affine[:, :2] @ (111.5, 111.5)
    x, y = np.meshgrid(np.arange(n), np.arange(n))
    image = np.rint(20 + 200 * (0.4 * x + 0.6 * y) / n).astype(np.uint8)
    places = apply_affine(affine, np.stack(np.meshgrid(np.arange(224), np.arange(224)), -1))
    expected = 20 + 200 * places @ (0.4, 0.6) / n
    error = warp_crop(image, affine) - expected
    assert np.abs(error).max() <= 1.0
    assert abs(error.mean()) <= 0.1  # half a crop pixel off would be 0.2 or more


@pytest.mark.parametrize("scale", [1.0, 6.0])
def test_outside_the_photo_its_edge_is_repeated(scale):
    image = np.zeros((60, 60, 3), np.uint8)
    image[:, :30], image[:, 30:] = (200, 10, 10), (10, 10, 200)
    crop = warp_crop(image, np.array([[scale, 0, -100 * scale], [0, scale, -50 * scale]]))
    assert (crop[:, :95] == (200, 10, 10)).all()
    assert (crop[:, 165:] == (10, 10, 200)).all()


def test_a_crop_wholly_outside_repeats_the_nearest_pixel():
    image = np.zeros((10, 10, 3), np.uint8)
    image[9, 9] = (1, 2, 3)
    crop = warp_crop(image, np.array([[3.0, 0, 500], [0, 3, 500]]), 32)
    assert (crop == (1, 2, 3)).all()
