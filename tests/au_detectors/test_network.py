"""HOG on pictures whose gradients are known, and the three heads."""

from __future__ import annotations

import math

import numpy as np
import torch

from xfera_nb.au_detectors.network import PARTS, AUNet, Hog, Kernel, combine_heads, measure_faces


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
    torch.testing.assert_close(answer, combine_heads(heads))
    assert sum(p.numel() for p in net.parameters()) <= 3_000_000


def test_the_answer_is_the_mean_of_pair_and_kernel_each_clipped():
    # Pair (1 + 2) / 2 and kernel 3; pair (-4 + 2) / 2 is below 0, kernel 1; kernel 9 is above 5.
    heads = torch.tensor([[1.0, -4, 0], [2, 2, 0], [3, 1, 9]])
    torch.testing.assert_close(combine_heads(heads), torch.tensor([2.25, 0.5, 2.5]))


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
    answers = measure_faces(net, grey, points, second)
    assert answers.shape == (len(PARTS), 1, 17)
    np.testing.assert_allclose(
        answers, measure_faces(net, *mirrored, second[..., ::-1].copy()), atol=1e-4
    )
