"""Left and right by landmarks: hand-worked shares, the person's sides, a turned head."""

from __future__ import annotations

import numpy as np
import pytest

from xfera_nb.au_detectors import sides
from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.landmarks import MIRROR

INDEX = {au: i for i, au in enumerate(OPENFACE_AUS)}
ONES = np.ones(17, np.float32)


def test_a_symmetric_face_has_the_intensity_on_both_sides(face):
    left, right = sides.estimate(2 * ONES, face)
    for au in (1, 2, 4, 5, 6, 7, 12, 15, 45):
        assert left[INDEX[au]] == pytest.approx(2.0)
        assert right[INDEX[au]] == pytest.approx(2.0)
    for au in (9, 10, 14, 17, 20, 23, 25, 26):
        assert np.isnan(left[INDEX[au]]) and np.isnan(right[INDEX[au]])


def test_displacements_by_hand(face):
    # Eye corners 100 apart: inner brow points 24 and 20 up, outer 18 and 24, lids 8 apart.
    found = {au: pair[0] for au, pair in sides.displacements(face).items()}
    assert found[1] == pytest.approx(0.22 - 0.05)
    assert found[2] == pytest.approx(0.21 - 0.05)
    assert found[4] == pytest.approx(0.45 - 70 / 300)
    assert found[5] == pytest.approx(0.08)
    assert found[7] == pytest.approx(0.13 - 0.08)
    assert found[12] == pytest.approx(1.05 - np.hypot(24, 68) / 100)
    assert found[15] == pytest.approx(0.22)


def test_a_raised_brow_on_the_pictures_left_is_the_persons_right(face):
    face[17:19, 1] -= 16  # outer points of the brow in the picture's left half, up by 0.16
    left, right = sides.estimate(ONES, face)
    # 0.32 against 0.16: two thirds and one third of twice the intensity.
    assert right[INDEX[2]] == pytest.approx(4 / 3)
    assert left[INDEX[2]] == pytest.approx(2 / 3)
    assert left[INDEX[12]] == pytest.approx(1.0)


def test_a_wink_is_found_and_clipped_at_five(face):
    face[[43, 44], 1] += 4  # the person's left eye shuts
    face[[46, 47], 1] -= 4
    left, right = sides.estimate(4 * ONES, face)
    # 0.13 against 0.05, twice 4: 5.8 is cut to 5.
    assert left[INDEX[45]] == 5.0
    assert right[INDEX[45]] == pytest.approx(8 * 0.05 / 0.18)


def test_mirroring_swaps_the_sides(face):
    noisy = face + np.random.default_rng(3).normal(0, 2, face.shape)
    mirrored = noisy[np.asarray(MIRROR)] * (-1, 1)
    left, right = sides.estimate(ONES, noisy)
    other_left, other_right = sides.estimate(ONES, mirrored)
    np.testing.assert_allclose(left, other_right, rtol=1e-5)
    np.testing.assert_allclose(right, other_left, rtol=1e-5)
    assert np.nanmax(np.abs(left - right)) > 0.05


def test_rotation_size_and_place_do_not_matter(face):
    face[48, 1] -= 5
    turn = 3 * np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    plain, turned = (sides.estimate(ONES, p) for p in (face, face @ turn.T + (50, -20)))
    np.testing.assert_allclose(plain, turned, rtol=1e-5)


def test_unknown_stays_unknown(face):
    assert np.isnan(sides.estimate(np.full(17, np.nan), face)).all()


def test_a_turned_head_has_no_sides_and_a_note(face):
    face[30, 0] += 12.4  # proxy 0.248
    assert sides.yaw_proxy(face) == pytest.approx(0.248)
    assert np.isfinite(sides.estimate(ONES, face)[0]).any()
    assert sides.notes(face) == ()
    face[30, 0] += 0.2  # 0.252
    assert np.isnan(sides.estimate(ONES, face)).all()
    assert sides.notes(face) == (
        "The head is turned too far to tell left from right by the landmarks.",
    )


def test_no_eye_distance_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="coincide"):
        sides.yaw_proxy(np.zeros((68, 2)))
