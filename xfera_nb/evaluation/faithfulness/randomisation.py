"""Randomise parts of a network, for the model-parameter randomisation test.

Weights
    Convolutions and linear layers as He et al. 2015 draw them: independent, normal, mean 0,
    variance 2 / (output channels * kernel's area), which is their fan out. Biases 0, batch
    normalisations without effect.
Outputs instead of weights
    On one input, all outputs of a channel of such a convolution are sums of the same independent
    normal weights. So they are normal themselves, with mean 0 and, between two cells, the variance
    above times the scalar product of the two cells' patches of the input; channels are independent.
    `random_stage` draws these outputs: the same distribution, exactly, from 49 numbers a channel on
    a 7x7 grid where the weights of a 3x3 convolution of 512 channels would be 4608. The last stage
    takes 350 thousand numbers instead of 15 million. It holds for one input at a time; the weights
    themselves are never known, so a part that is passed more than once is drawn by `randomise`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import unfold

from xfera_nb.evaluation.faithfulness.network import FoldedBottleneck


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


def random_stage(blocks: Iterable[nn.Module], x: Tensor, generator: torch.Generator) -> Tensor:
    """Draw the output of folded blocks with random weights for one input.

    Parameters
    ----------
    blocks : iterable of FoldedBottleneck
        Only the sizes of their convolutions are read.
    x : Tensor
        (1, C, h, w) float32.
    generator : torch.Generator

    Returns
    -------
    Tensor
        (1, C', h', w') float32, not negative.

    Raises
    ------
    TypeError
        If a block is no `FoldedBottleneck`.
    """
    for block in blocks:
        if not isinstance(block, FoldedBottleneck):
            raise TypeError("Only a stage of folded blocks is drawn by its outputs.")
        y = random_output(block.conv1, x, generator).relu_()
        y = random_output(block.conv2, y, generator).relu_()
        y = random_output(block.conv3, y, generator)
        if block.downsample is not None:
            x = random_output(block.downsample, x, generator)
        x = y.add_(x).relu_()
    return x


def random_output(conv: nn.Conv2d, x: Tensor, generator: torch.Generator) -> Tensor:
    """Draw the output of a convolution with random weights for one input, without the weights.

    Parameters
    ----------
    conv : Conv2d
        Of one group and padded by zeros; only its sizes are read.
    x : Tensor
        (1, C, h, w) float32.
    generator : torch.Generator

    Returns
    -------
    Tensor
        (1, O, h', w') float32.
    """
    channels, kernel = len(conv.weight), conv.weight.shape[2:]
    # Its settings are pairs, but for a padding by name.
    dilation, padding, stride = conv.dilation, cast(tuple[int, ...], conv.padding), conv.stride
    patches = unfold(x, tuple(kernel), dilation, padding, stride)[0].double()
    root = _root(patches.T @ patches).float()
    draw = torch.empty(channels, len(root))
    draw.normal_(0, (2 / (channels * kernel.numel())) ** 0.5, generator=generator)
    height, width = (
        (side + 2 * pad - gap * (size - 1) - 1) // step + 1
        for side, size, gap, pad, step in zip(
            x.shape[2:], kernel, dilation, padding, stride, strict=True
        )
    )
    return (draw @ root).view(1, channels, height, width)


def _root(products: Tensor) -> Tensor:
    """Return the symmetric root, which unlike a triangular one exists where patches are equal."""
    values, vectors = torch.linalg.eigh(products)
    root: Tensor = vectors * values.clamp(min=0).sqrt() @ vectors.T
    return root
