"""HOG on pictures whose gradients are known, and what follows it."""

from __future__ import annotations

import math

import numpy as np
import torch

from xfera_nb.au_detectors.face_maps import FaceMaps
from xfera_nb.au_detectors.network import (
    FAMILIES,
    FEATURES,
    AUNet,
    Hog,
    Kernel,
    measure_faces,
)


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


def inputs(seed: int, count: int = 1):
    rng = np.random.default_rng(seed)
    grey, second = rng.integers(0, 256, (2, count, 112, 112), np.uint8)
    return grey, rng.normal(size=(count, 51, 2)).astype(np.float32), second


def test_shapes_and_size():
    net = AUNet().eval()
    with torch.inference_mode():
        given = list(map(torch.from_numpy, inputs(0, 2)))
        assert net.features(*given).shape == (2, FEATURES)
        assert net(*given).shape == (2, 17)
    assert sum(FAMILIES) == FEATURES


def test_the_kernel_by_hand():
    kernel = Kernel().eval()
    with torch.no_grad():
        kernel.directions.weight.zero_()
        kernel.directions.bias.zero_()
        kernel.directions.weight[0, 7] = 2.0
        kernel.centres[1, 0] = 1.0
        kernel.last.weight[:, :2] = torch.tensor([3.0, 4.0])
        kernel.last.bias.fill_(0.5)
        features = torch.zeros(1, kernel.directions.in_features)
        features[0, 7] = 1.0
        # The face lies at 2 along the only direction: squared distances 4 and 1.
        expected = 0.5 + 3 * math.exp(-4) + 4 * math.exp(-1)
        torch.testing.assert_close(kernel(features), torch.full((1, 17), expected))


def test_answers_are_clipped():
    net = AUNet().eval()
    with torch.no_grad():
        net.kernel.last.bias.copy_(torch.linspace(-8, 8, 17))
    answers = measure_faces(net, *inputs(1))
    assert answers.shape == (1, 17) and answers.min() == 0 and answers.max() == 5


def test_a_dark_copy_has_the_same_maps():
    torch.manual_seed(0)
    maps = FaceMaps().eval()
    grey = torch.rand(1, 112, 112) * 200 + 20
    with torch.inference_mode():
        bright, dark = maps(grey), maps(grey * 0.5)
    assert bright.shape == (1, 256, 7, 7)
    # The 2 that is added to the spread, against division by zero, is all that differs.
    torch.testing.assert_close(bright, dark, atol=0.05 * float(bright.max()), rtol=0)
