"""Hiding consistency: what a class's map says of a part is what hiding that part costs the class.

For a face x, a copy x' in which a part is hidden, and class c with logit z_c and class activation
map A_c (its mean over the cells is the logit less the bias), the map says that the part holds
``mean(A_c * m)``, with m the share of each cell that is hidden. The fall of the logit is
``d_c = z_c(x) - z_c(x')``. The loss is

    mean((mean(A_c * m) - d_c)^2) / (mean(d_c^2) + 0.05)

over faces and classes, its denominator taken as a constant: the share of the fall that the map does
not account for. A network whose logits are a sum over cells that do not see one another has a loss
of 0.

Source: Ancona, Ceolini, Oztireli & Gross (ICLR 2018), "Towards better understanding of
gradient-based attribution methods", whose Sensitivity-n asks that the sum of the attributions of n
features equals the change of the output when they are removed; here it is trained for, on parts
drawn at random, instead of measured.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

FLOOR = 0.05
"""Added to the mean squared fall, in squared logits: parts that hardly matter are not blown up."""


def class_maps(features: Tensor, weight: Tensor) -> Tensor:
    """Compute class activation maps.

    Parameters
    ----------
    features : (N, C, h, w) Tensor
        Of the last block.
    weight : (K, C) Tensor
        Of the linear layer behind the average over the cells.

    Returns
    -------
    (N, K, h, w) Tensor
        Their means over the cells are the logits without the biases.
    """
    return torch.einsum("kc,nchw->nkhw", weight, features)


def hiding_loss(maps: Tensor, hidden_maps: Tensor, mask: Tensor) -> Tensor:
    """Compute the hiding consistency of a batch.

    Parameters
    ----------
    maps, hidden_maps : (N, K, h, w) Tensor
        From `class_maps`, of the faces and of their copies with a part hidden.
    mask : (N, 1, S, S) Tensor
        How much of each pixel is hidden, 0-1.

    Returns
    -------
    Tensor
        A number, 0 or more.
    """
    share = F.adaptive_avg_pool2d(mask, (maps.shape[-2], maps.shape[-1]))
    said = (maps * share).mean((2, 3))
    fall = maps.mean((2, 3)) - hidden_maps.mean((2, 3))
    return (said - fall).square().mean() / (fall.square().mean().detach() + FLOOR)
