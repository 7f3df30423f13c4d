"""The network with merged normalisations answers the same."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from xfera_nb.classifier import Classifier, ResNet50BAM
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.classifier.fused import fuse_norms
from xfera_nb.saliency import attribute_all_classes


def network() -> ResNet50BAM:
    torch.manual_seed(0)
    made = ResNet50BAM(half_resolution=True).eval()
    for part in made.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
    return made


def test_no_normalisation_is_left_and_the_answer_is_the_same():
    plain = network()
    fused = fuse_norms(plain)
    kinds = (nn.BatchNorm2d,)
    assert not any(isinstance(part, kinds) for part in fused.modules())
    assert any(isinstance(part, kinds) for part in plain.modules())
    x = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        wanted = plain.features(x)
        assert torch.allclose(fused.features(x), wanted, rtol=1e-3, atol=1e-4 * wanted.abs().max())


def test_a_classifier_is_fused_once_and_says_the_same_of_itself():
    classifier = Classifier(network(), {"input": default_input_rule() | {"size": 64}, "name": "n"})
    fused = classifier.fused()
    assert fused is classifier.fused() and fused is not classifier
    assert fused.describe() == classifier.describe()
    crops = np.random.default_rng(0).integers(0, 255, (2, 224, 224, 3), np.uint8)
    (one, other), maps = attribute_all_classes(fused, crops)
    (wanted, _), wanted_maps = attribute_all_classes(classifier, crops)
    np.testing.assert_allclose(one.probabilities, wanted.probabilities, atol=1e-4)
    np.testing.assert_allclose(maps, wanted_maps, atol=1e-3 * np.abs(wanted_maps).max())
    assert other is not one
