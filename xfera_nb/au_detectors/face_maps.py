"""Compute the maps of a face by the first five blocks of MobileNet v1, as VGGFace2 taught it.

Howard et al. 2017 (arXiv 1704.04861), table 1: a convolution, then pairs of a depthwise and a 1x1
convolution, each followed by ReLU6. Departures: the input is one grey channel, whose contrast is
made the same for every face, so that a dark photo and its bright copy look alike; the blocks after
the fifth are left out, since ridge regressions on them agreed with OpenFace less than one on the
fifth; batch normalisations are merged into the convolutions. Padding is TensorFlow's "same".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCKS = ((32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1))
"""Input channels, output channels and stride of each pair of convolutions."""
CHANNELS = BLOCKS[-1][1]
CELLS = 7
CONTRAST = 55.0
"""Standard deviation that a face's grey values are brought to, 0-255: VGGFace2's usual one."""


class _Layer(nn.Conv2d):
    """Convolve and apply ReLU6; with a stride of 2, pad at the right and the bottom only."""

    def __init__(self, before: int, after: int, kernel: int, stride: int = 1, groups: int = 1):
        inner = kernel // 2 if stride == 1 else 0
        super().__init__(before, after, kernel, stride, inner, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        if self.stride[0] > 1:
            x = functional.pad(x, (0, 1, 0, 1))
        return functional.relu6(super().forward(x))


class FaceMaps(nn.Module):
    """Compute maps (N, 256, 7, 7) of grey faces (N, 112, 112), uint8 or float 0-255."""

    def __init__(self) -> None:
        super().__init__()
        layers = [_Layer(1, 32, 3, 2)]
        for before, after, stride in BLOCKS:
            layers += [_Layer(before, before, 3, stride, before), _Layer(before, after, 1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, grey: Tensor) -> Tensor:
        x = grey.unsqueeze(1).float()
        spread, mean = torch.std_mean(x, (2, 3), keepdim=True)
        x = (x - mean) * (CONTRAST / (spread + 2))
        maps: Tensor = self.layers(x.contiguous(memory_format=torch.channels_last))
        return functional.avg_pool2d(maps, 2)
