"""HOG on pictures whose gradients are known, the three heads, the loss, the measures by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from xfera_nb.au_detectors.data import Faces
from xfera_nb.au_detectors.evaluate import icc_3_1, measure, pearson
from xfera_nb.au_detectors.network import PARTS, AUNet, Hog, Kernel, answer_faces, mix
from xfera_nb.au_detectors.train import Disturb, Recipe, fit, hold_out, loss_of


def test_hog_of_a_slope_votes_for_one_orientation():
    slope = (torch.arange(112.0) / 112).expand(1, 1, 112, 112)  # brighter to the right
    hog = Hog()(slope)[0]
    assert hog.shape == (31, 12, 12)
    inner = hog[:, 2:-2, 2:-2]
    # All votes are alike, so each cell is 1 of 2 x 2 equal ones: 1 / 2, clipped to 0.2. Four
    # normalisations, halved: 0.4; each energy is 0.2357 x 0.2.
    expected = torch.zeros(31)
    expected[[0, 18]] = 0.4
    expected[27:] = 0.2357 * 0.2
    torch.testing.assert_close(inner, expected.view(-1, 1, 1).expand_as(inner), atol=1e-3, rtol=0)


def test_hog_tells_up_from_down_only_when_signed():
    slope = (torch.arange(112.0) / 112).view(1, 1, 112, 1).expand(1, 1, 112, 112)
    down, up = Hog()(slope)[0, :, 6, 6], Hog()(slope.flip(2))[0, :, 6, 6]
    # 90 degrees is half way between 80 and 100 degrees, orientations 4 and 5.
    assert down[:18].argmax() in (4, 5) and up[:18].argmax() in (13, 14)
    torch.testing.assert_close(down[18:27], up[18:27])


def test_a_flat_picture_has_no_hog():
    assert Hog()(torch.full((1, 1, 112, 112), 0.5)).abs().max() == 0


def test_shapes_and_size():
    net = AUNet().eval()
    grey, second = torch.randint(0, 256, (2, 2, 112, 112), dtype=torch.uint8)
    points = torch.randn(2, 51, 2)
    with torch.inference_mode():
        heads, answer = net.heads(grey, points, second), net(grey, points, second)
        pair = net.pair(grey, points)
    assert heads.shape == (3, 2, 17)
    torch.testing.assert_close(heads[:2], pair)
    torch.testing.assert_close(answer, mix(heads))
    assert sum(p.numel() for p in net.parameters()) <= 3_000_000


def test_the_answer_is_the_mean_of_pair_and_kernel_each_clipped():
    # Pair (1 + 2) / 2 and kernel 3; pair (-4 + 2) / 2 is below 0, kernel 1; kernel 9 is above 5.
    heads = torch.tensor([[1.0, -4, 0], [2, 2, 0], [3, 1, 9]])
    torch.testing.assert_close(mix(heads), torch.tensor([2.25, 0.5, 2.5]))


def test_the_kernel_by_hand():
    kernel = Kernel().eval()
    with torch.no_grad():
        kernel.directions.weight.zero_()
        kernel.directions.weight[0, 7] = 2.0
        kernel.centres[1, 0] = 1.0
        kernel.last.weight[:, :2] = torch.tensor([3.0, 4.0])
        kernel.last.bias.fill_(0.5)
        features = torch.zeros(1, kernel.directions.in_features)
        features[0, 7] = 1.0
        # The face lies at 2 along the only direction: squared distances 4 and 1.
        expected = 0.5 + 3 * math.exp(-4) + 4 * math.exp(-1)
        torch.testing.assert_close(kernel(features), torch.full((1, 17), expected))


def test_the_answer_does_not_know_left_from_right():
    net = AUNet().eval()
    rng = np.random.default_rng(0)
    with torch.no_grad():
        net.kernel.last.weight.normal_()
        net.kernel.centres.normal_(std=0.1)
    grey, second = rng.integers(0, 256, (2, 1, 112, 112), np.uint8)
    points = rng.normal(size=(1, 51, 2)).astype(np.float32)
    from xfera_nb.au_detectors.align import flip

    mirrored = [part[None] for part in flip(grey[0], points[0])]
    answers = answer_faces(net, grey, points, second)
    assert answers.shape == (len(PARTS), 1, 17)
    np.testing.assert_allclose(
        answers, answer_faces(net, *mirrored, second[..., ::-1].copy()), atol=1e-4
    )


def test_loss_by_hand():
    # Two faces, one AU of 17 alike in all: targets 0 and 2, answers -1 and 3, sd 2.
    target = torch.tensor([[0.0], [2.0]]).repeat(1, 17)
    answer = torch.tensor([[-1.0], [3.0]]).repeat(1, 17)
    # -1 for 0 is no error, 3 for 2 is half an sd: mean square 1/8, halved 1/16.
    # Clipped answers 0 and 3: means 1.5 and 1, deviations 1.5 and 1, covariance 1.5,
    # CCC = 2 x 1.5 / (2.25 + 1 + 0.25) = 6 / 7.
    loss = loss_of(answer, target, torch.ones(2, 1), torch.full((17,), 2.0))
    assert loss.item() == pytest.approx(1 / 16 + 1 / 7, abs=1e-4)
    # A weight of 0 leaves a face out.
    weight = torch.tensor([[1.0], [0.0]])
    assert loss_of(answer, target, weight, torch.ones(17)).item() == pytest.approx(1.0, abs=1e-3)


def test_a_negative_answer_can_still_rise_to_its_target():
    answer = torch.full((2, 17), -1.0, requires_grad=True)
    target = torch.tensor([[0.0], [2.0]]).repeat(1, 17)
    loss_of(answer, target, torch.ones(2, 1), torch.ones(17)).backward()
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
    assert measure(a[:, None], b[:, None])["mae"] == pytest.approx([1.0])


@pytest.fixture
def faces(face) -> Faces:
    rng = np.random.default_rng(5)
    pictures = [rng.integers(0, 256, (300, 300), np.uint8) for _ in range(8)]
    marks = np.stack([face + rng.normal(0, 1, face.shape) for _ in range(8)])
    return Faces(
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
        Disturb(seed)(faces.pictures[0], faces.landmarks[0], shape) for seed in (1, 1, 2)
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
