"""The measures of the Action Unit network by hand, its disturbed faces, and its maps."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from xfera_nb.au_detectors import align
from xfera_nb.au_detectors.face_maps import FaceMaps
from xfera_nb.training.au_evaluation import compare_intensities, icc_3_1, pearson
from xfera_nb.training.au_faces import AUFaces
from xfera_nb.training.au_network import copy_maps, hold_out
from xfera_nb.training.disturbance import Disturbance, Limits, coarsen
from xfera_nb.training.mobilenet import MobileNetTeacher

pytestmark = pytest.mark.slow


def test_measures_by_hand():
    a, b = np.array([0.0, 1, 2, 3]), np.array([1.0, 2, 3, 4])
    assert pearson(a, b) == pytest.approx(1)
    assert icc_3_1(a, b) == pytest.approx(1)  # consistency: a constant offset does not count
    # Ratings (0, 0), (1, 3): BMS = 2 x ((0 - 1)^2 + (2 - 1)^2) = 4; residuals of each face
    # +-0.5 after faces and raters, EMS = 4 x 0.25 = 1; (4 - 1) / (4 + 1).
    assert icc_3_1(np.array([0.0, 1]), np.array([0.0, 3])) == pytest.approx(0.6)
    assert math.isnan(pearson(np.ones(4), b))
    assert math.isnan(icc_3_1(np.ones(4), np.ones(4)))
    assert compare_intensities(a[:, None], b[:, None])["mae"] == pytest.approx([1.0])


@pytest.fixture
def faces(face) -> AUFaces:
    rng = np.random.default_rng(5)
    pictures = [rng.integers(0, 256, (300, 300), np.uint8) for _ in range(8)]
    marks = np.stack([face + rng.normal(0, 1, face.shape) for _ in range(8)])
    return AUFaces(
        pictures,
        marks,
        rng.uniform(0, 5, (8, 17)).astype(np.float32),
        np.array([0.95, 0.8] * 4, np.float32),
        np.array(list("aabbccdd")),
    )


def test_no_identity_is_on_both_sides_of_a_holdout(faces):
    rest, held = hold_out(faces, 0.5, seed=1)
    assert set(rest.identity).isdisjoint(held.identity)
    assert len(rest) == 4 and len(held) == 2  # of the held 4 only those of confidence 0.95


def test_disturbing_is_repeatable_and_does_disturb(faces, face):
    shape = align.mean_shape(faces.landmarks)
    shapes = shape, align.rigid_shape(faces.landmarks, shape)
    one, two, other = (
        Disturbance(seed)(faces.pictures[0], faces.landmarks[0], *shapes) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])
    np.testing.assert_array_equal(one[2], two[2])
    assert np.abs(one[1] - other[1]).max() > 0.05
    assert np.abs(one[1]).max() < 5


def test_blur_darkness_and_small_faces_keep_to_their_limits(faces, face):
    shapes = (
        align.mean_shape(faces.landmarks),
        align.rigid_shape(faces.landmarks, align.mean_shape(faces.landmarks)),
    )
    bright = np.full((300, 300), 200, np.uint8)
    values = [
        Disturbance(seed, Limits(often=0.0, dark=1.0))(bright, faces.landmarks[0], *shapes)[0]
        for seed in range(20)
    ]
    assert max(value.mean() for value in values) < 0.6 * 255
    lines = np.tile(np.array([0, 255], np.uint8), (112, 56))
    assert coarsen(lines, 28).std() < 5 < coarsen(lines, 112).std()


def test_the_maps_of_the_published_network_are_taken_over():
    torch.manual_seed(0)
    teacher = MobileNetTeacher().eval()
    for _, norm in teacher.layers():
        torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
        norm.running_mean.normal_(std=0.1)
        norm.running_var.uniform_(0.5, 2)
    maps = FaceMaps().eval()
    copy_maps(teacher, maps)
    grey = torch.randint(0, 256, (1, 112, 112), dtype=torch.uint8)
    x = grey.float()
    x = ((x - x.mean()) * (55 / (x.std() + 2))).expand(1, 3, -1, -1)
    with torch.inference_mode():
        for conv, norm in teacher.layers()[:11]:
            x = torch.nn.functional.relu6(norm(conv(x)))
        wanted = torch.nn.functional.avg_pool2d(x, 2)
        torch.testing.assert_close(maps(grey), wanted, atol=0.02, rtol=0.02)
