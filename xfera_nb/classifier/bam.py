"""Bottleneck Attention Module (Park, Woo, Lee & Kweon, BMVC 2018).

Given features F of shape (N, C, H, W), a BAM refines them as ``F' = F + F * M(F)`` with
``M(F) = sigmoid(M_c(F) + M_s(F))`` (their equations 1 and 2):

- the channel branch M_c, (N, C, 1, 1): global average pooling, then an MLP with one hidden layer
  of C / r units (equation 3);
- the spatial branch M_s, (N, 1, H, W): a 1x1 convolution to C / r maps, two 3x3 convolutions with
  dilation d, and a 1x1 convolution to one map (equation 4).

r = 16 and d = 4 as in the paper's experiments. Departure: the paper puts one batch normalisation
at the end of each branch; here, as in the authors' published code, one follows each hidden
convolution and the last layer of a branch is left free.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

REDUCTION = 16
DILATION = 4


class BAM(nn.Module):
    """Attend to channels and places at the end of a network stage.

    Parameters
    ----------
    channels : int
        Channels C of the features; at least `reduction`.
    reduction : int
        Ratio r of the bottleneck.
    dilation : int
        Dilation d of the spatial branch's 3x3 convolutions.

    Raises
    ------
    ValueError
        If `channels` is smaller than `reduction`.
    """

    def __init__(self, channels: int, reduction: int = REDUCTION, dilation: int = DILATION) -> None:
        super().__init__()
        if channels < reduction:
            raise ValueError(f"A BAM needs at least {reduction} channels, not {channels}.")
        hidden = channels // reduction
        self.channel = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, hidden, 1),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            nn.Conv2d(hidden, channels, 1),
        )
        self.spatial = nn.Sequential(
            nn.Conv2d(channels, hidden, 1),
            nn.BatchNorm2d(hidden),
            nn.ReLU(),
            *_dilated(hidden, dilation),
            *_dilated(hidden, dilation),
            nn.Conv2d(hidden, 1, 1),
        )

    def attention(self, features: Tensor) -> Tensor:
        """Compute the attention M(F) in (0, 1).

        Parameters
        ----------
        features : Tensor
            (N, C, H, W) float.

        Returns
        -------
        Tensor
            (N, C, H, W) float, the broadcast sum of both branches through a sigmoid.
        """
        return torch.sigmoid(self.channel(features) + self.spatial(features))

    def forward(self, features: Tensor) -> Tensor:
        """Refine features: ``F + F * M(F)``, shaped as `features`."""
        return features * (1 + self.attention(features))


def _dilated(channels: int, dilation: int) -> list[nn.Module]:
    return [
        nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
    ]
