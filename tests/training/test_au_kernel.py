"""The kernel head's fit: it learns, zeros stand for less, answers are stretched as far as known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from xfera_nb.au_detectors import align
from xfera_nb.au_detectors.network import CENTRES, AUNet
from xfera_nb.training.au_card import as_stored
from xfera_nb.training.au_evaluation import predict
from xfera_nb.training.au_faces import AUFaces
from xfera_nb.training.au_kernel import extract_features, fit_kernel, reduce_cells, solve_ridge

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def faces_of(face: np.ndarray, count: int, seed: int) -> AUFaces:
    """Faces with a mouth line whose width is the intensity, 0 to 3; one in four has none."""
    rng = np.random.default_rng(seed)
    pictures, targets = [], []
    for i in range(count):
        amount = 0.0 if i % 4 == 0 else rng.uniform(0.5, 3)
        picture = rng.integers(100, 120, (300, 300), np.uint8)
        half = round(10 + 12 * amount)
        cv2.line(picture, (150 - half, 170), (150 + half, 170), 20, 4)
        pictures.append(picture)
        targets.append(np.full(17, amount))
    return AUFaces(
        pictures,
        np.stack([face + rng.normal(0, 0.5, face.shape) for _ in range(count)]),
        np.array(targets, np.float32),
        np.full(count, 0.95, np.float32),
        np.array([f"p{i // 2}" for i in range(count)]),
    )


@pytest.fixture
def fitted(face):
    train = faces_of(face, 60, 1)
    torch.manual_seed(0)
    net = AUNet().eval()
    net.mean_shape.copy_(torch.from_numpy(align.mean_shape(train.landmarks)))
    rigid = align.rigid_shape(train.landmarks, net.mean_shape.numpy())
    net.mean_rigid.copy_(torch.from_numpy(rigid))
    reduce_cells(net, train, 3)
    fit_kernel(net, train, [extract_features(net, train)], np.ones(len(train)), 0.1, seed=3)
    return net


def test_it_learns_and_answers_new_faces(fitted, face):
    new = faces_of(face, 24, 2)
    answer, target = predict(fitted, new)[:, 4], new.intensities[:, 4]
    assert np.corrcoef(answer, target)[0, 1] > 0.9
    # The fold that is left out is a fifth of only 60 faces, so the stretch is rather too large.
    assert answer.std() == pytest.approx(target.std(), rel=0.5)


def test_fewer_faces_than_centres_leave_the_rest_without_weight(fitted):
    assert CENTRES > 60
    assert (fitted.kernel.last.weight[:, 60:] == 0).all()
    assert (fitted.kernel.last.weight[:, :60] != 0).all()


def test_what_is_stored_is_what_was_fitted(fitted):
    stored = as_stored(fitted)
    for name in ("directions.weight", "centres"):
        torch.testing.assert_close(
            stored.kernel.get_parameter(name), fitted.kernel.get_parameter(name), rtol=1e-5, atol=0
        )


def test_a_target_of_zero_stands_for_zero_or_less():
    # One feature: 1, 2 and -2; targets 1, 2 and 0, mean set to 0. Plain least squares has
    # (1 + 4) / 9 = 5 / 9; once -2 may answer below 0 the slope 1 fits all three.
    rows = torch.tensor([[1.0], [2.0], [-2.0]])
    target = torch.tensor([[1.0], [2.0], [0.0]]).repeat(1, 17)
    found = solve_ridge(rows, target, torch.ones(3, 1), torch.zeros(17), rows.T @ rows, 0.0)
    # Each round the third target is -2 s, so s -> (5 + 4 s) / 9, from 5 / 9 towards 1: six
    # rounds leave (4 / 9)^6 of the way.
    torch.testing.assert_close(found, torch.full((1, 17), 1 - (4 / 9) ** 6))
