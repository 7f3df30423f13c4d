"""What the network is fed: grey, shrunk to the detail of its training faces, normalised."""

import numpy as np
import pytest
import torch

from xfera_nb.classifier import Classifier, ResNet50BAM


def classifier(**rule):
    card = {"input": {"size": 64, "mean": 0.5, "std": 0.25, **rule}}
    return Classifier(ResNet50BAM(), card)


def test_grey_and_normalised_by_hand():
    crop = np.zeros((64, 64, 3), np.uint8)
    crop[:] = (255, 128, 0)
    x = classifier().preprocess(crop)
    # BT.601: 0.299 * 255 + 0.587 * 128 + 0.114 * 0 = 151.4.
    assert x.shape == (1, 3, 64, 64) and x.dtype == torch.float32
    assert x.unique().tolist() == pytest.approx([(151 / 255 - 0.5) / 0.25], abs=1e-4)


def test_detail_beyond_the_rule_is_lost():
    fine = np.zeros((64, 64, 3), np.uint8)
    fine[:, ::2] = 200
    assert classifier().preprocess(fine).std() > 1
    assert classifier(detail=32).preprocess(fine).std() < 0.01
    coarse = np.kron(np.eye(4), np.ones((16, 16)))[..., None].repeat(3, 2).astype(np.uint8) * 200
    kept = classifier(detail=32).preprocess(coarse)
    assert (kept - classifier().preprocess(coarse)).abs().mean() < 0.15


def test_a_larger_crop_is_shrunk():
    crops = np.full((2, 224, 224, 3), 255, np.uint8)
    assert classifier(detail=48).preprocess(crops).shape == (2, 3, 64, 64)


@pytest.mark.parametrize("crops", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.float32)])
def test_other_arrays_are_refused(crops):
    with pytest.raises(ValueError, match="uint8"):
        classifier().preprocess(crops)
