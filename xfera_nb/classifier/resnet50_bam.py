"""ResNet50 with a BAM after each of its first three stages (the XFERa paper, section 2).

The network of He et al. (CVPR 2016, table 1, 50 layers; the stride of a bottleneck sits in its
3x3 convolution, as in torchvision, whose parameter names are kept so that published state dicts
load). Input (N, 3, 224, 224) float, normalised as the card of the weights says; output (N, 7)
logits in the order of `xfera_nb.facs.EMOTIONS`. Any input of at least 32 px works: the last
features are 1/32 of its size, 7x7 for 224. Departure: the shipped weights use half resolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from xfera_nb.classifier.bam import BAM
from xfera_nb.facs.emotions import EMOTIONS

EXPANSION = 4
STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
"""Width, number of bottlenecks and first stride of each stage."""
LAST_BLOCK = "layer4.2"
"""The layer that is explained by default."""
STAGE_ENDS = (LAST_BLOCK, "layer3.5", "layer2.3", "layer1.2")
"""The last bottleneck of each stage."""


class Bottleneck(nn.Module):
    """Convolve 1x1, 3x3, 1x1 beside a shortcut; (N, C, H, W) to (N, 4*width, H/s, W/s)."""

    def __init__(self, channels: int, width: int, stride: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * EXPANSION, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * EXPANSION)
        self.relu = nn.ReLU()
        self.downsample = None
        if stride != 1 or channels != width * EXPANSION:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, width * EXPANSION, 1, stride, bias=False),
                nn.BatchNorm2d(width * EXPANSION),
            )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        out: Tensor = self.relu(self.bn3(self.conv3(x)) + shortcut)
        return out


class ResNet50BAM(nn.Module):
    """Classify faces as the paper does.

    Parameters
    ----------
    classes : int
        Number of logits, seven for the emotions.
    bam : bool
        Without the attention modules when False (for comparisons).
    half_resolution : bool
        True for the shipped weights, whose training faces have 48 or 96 px: the input is averaged
        over 2x2 pixels first, and the last stage keeps its stride's cells and dilates instead (as
        in Yu & Koltun 2016), so that maps are still 1/32 of the input. Every weight means what it
        means in the plain network at half the input size, and the whole takes 0.4 times the
        multiplications.
    dropout : float
        Share of pooled features dropped in training.
    """

    layer1: nn.Sequential
    layer2: nn.Sequential
    layer3: nn.Sequential
    layer4: nn.Sequential
    bam1: nn.Module
    bam2: nn.Module
    bam3: nn.Module

    def __init__(
        self,
        classes: int = len(EMOTIONS),
        *,
        bam: bool = True,
        half_resolution: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.half_resolution = half_resolution
        self.shrink = nn.AvgPool2d(2) if half_resolution else nn.Identity()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for number, (width, blocks, stride) in enumerate(STAGES, start=1):
            dilated = half_resolution and number == len(STAGES)
            stage = [Bottleneck(channels, width, 1 if dilated else stride)]
            channels = width * EXPANSION
            rest = stride if dilated else 1
            stage += [Bottleneck(channels, width, 1, rest) for _ in range(blocks - 1)]
            self.add_module(f"layer{number}", nn.Sequential(*stage))
            if number < len(STAGES):
                self.add_module(f"bam{number}", BAM(channels) if bam else nn.Identity())
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(channels, classes)
        self.apply(_initialise)

    def features(self, x: Tensor) -> Tensor:
        """Compute the features of the last block.

        Parameters
        ----------
        x : Tensor
            (N, 3, S, S) float, normalised.

        Returns
        -------
        Tensor
            (N, 2048, S/32, S/32) float, not negative.
        """
        x = self.maxpool(self.relu(self.bn1(self.conv1(self.shrink(x)))))
        x = self.bam1(self.layer1(x))
        x = self.bam2(self.layer2(x))
        x = self.bam3(self.layer3(x))
        maps: Tensor = self.layer4(x)
        return maps

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits (N, classes) of a batch (N, 3, S, S)."""
        pooled = torch.flatten(self.avgpool(self.features(x)), 1)
        logits: Tensor = self.fc(self.dropout(pooled))
        return logits


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
