"""The loss and the measures of the Action Unit network by hand, and a small training run."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from xfera_nb.training.au_evaluation import compare_intensities, icc_3_1, pearson
from xfera_nb.training.au_faces import AUFaces
from xfera_nb.training.au_network import Disturbance, Recipe, compute_loss, fit, hold_out

pytestmark = pytest.mark.slow


def test_loss_by_hand():
    # Two faces, one AU of 17 alike in all: targets 0 and 2, answers -1 and 3, sd 2.
    target = torch.tensor([[0.0], [2.0]]).repeat(1, 17)
    answer = torch.tensor([[-1.0], [3.0]]).repeat(1, 17)
    # -1 for 0 is no error, 3 for 2 is half an sd: mean square 1/8, halved 1/16.
    # Clipped answers 0 and 3: means 1.5 and 1, deviations 1.5 and 1, covariance 1.5,
    # CCC = 2 x 1.5 / (2.25 + 1 + 0.25) = 6 / 7.
    loss = compute_loss(answer, target, torch.ones(2, 1), torch.full((17,), 2.0))
    assert loss.item() == pytest.approx(1 / 16 + 1 / 7, abs=1e-4)
    # A weight of 0 leaves a face out.
    weight = torch.tensor([[1.0], [0.0]])
    assert compute_loss(answer, target, weight, torch.ones(17)).item() == pytest.approx(
        1.0, abs=1e-3
    )


def test_a_negative_answer_can_still_rise_to_its_target():
    answer = torch.full((2, 17), -1.0, requires_grad=True)
    target = torch.tensor([[0.0], [2.0]]).repeat(1, 17)
    compute_loss(answer, target, torch.ones(2, 1), torch.ones(17)).backward()
    assert (answer.grad[0] == 0).all() and (answer.grad[1] < 0).all()


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
    from xfera_nb.au_detectors.align import mean_shape

    shape = mean_shape(faces.landmarks)
    one, two, other = (
        Disturbance(seed)(faces.pictures[0], faces.landmarks[0], shape) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])
    assert np.abs(one[1] - other[1]).max() > 0.05
    assert np.abs(one[1]).max() < 5


def test_training_learns_and_writes_its_metrics(faces, tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    net = fit(faces, faces, Recipe(epochs=3, batch=4, average=0.5), tmp_path)
    torch.set_num_threads(threads)
    lines = (tmp_path / "metrics.csv").read_text().splitlines()
    assert lines[0] == "epoch,loss,check_r,check_icc,linear_r,deep_r,seconds"
    losses = [float(line.split(",")[1]) for line in lines[1:]]
    assert len(losses) == 3 and losses[-1] < losses[0]
    assert not net.training
