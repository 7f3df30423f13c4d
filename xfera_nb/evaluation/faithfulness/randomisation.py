"""Draw maps and networks that explain nothing.

Maps
    Grad-CAM of a random last layer: the activations of the layer that is explained, each channel
    times a normal random number, summed. Behind average pooling and one linear layer this is
    exactly Grad-CAM of the same network with a random last layer; elsewhere it is the layer's map
    for random weights behind it. It costs no forward pass, and no figure here depends on its scale.
Networks
    Convolutions and linear layers as He et al. 2015 draw them: independent, normal, mean 0,
    variance 2 / (output channels * kernel's area), which is their fan out. Biases 0, batch
    normalisations without effect.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn


def draw_head_maps(activations: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the maps of random last layers.

    Parameters
    ----------
    activations : ndarray
        (C, h, w) of the layer that is explained.
    count : int
        K.
    rng : Generator

    Returns
    -------
    ndarray
        (K, h, w) float64.
    """
    weights = rng.standard_normal((count, len(activations)))
    maps: np.ndarray = np.tensordot(weights, activations, axes=1)
    return maps


@torch.no_grad()
def randomise(module: nn.Module, generator: torch.Generator) -> nn.Module:
    """Give a module random weights, in place, and return it."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            # Drawn flat: several times faster than into weights whose channels lie last.
            weight = part.weight
            spread = (2 * weight.shape[1] / weight.numel()) ** 0.5
            draw = torch.empty(weight.numel()).normal_(0, spread, generator=generator)
            weight.copy_(draw.view(weight.shape))
            if part.bias is not None:
                part.bias.zero_()
        elif isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.reset_parameters()
            part.reset_running_stats()
    return module
