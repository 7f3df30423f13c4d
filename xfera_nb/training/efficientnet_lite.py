"""EfficientNet-Lite0 under the names of its published ImageNet weights: the teacher's network.

Inputs are (N, 3, H, W) float pictures, RGB; the published weights expect (value - 127) / 128 of
values from 0 to 255. A grey picture is repeated in the three channels.

Source: EfficientNet (Tan & Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional
Neural Networks") in the "lite" variant of Google's TPU repository (2020): no squeeze-and-excitation
and ReLU6 in place of swish; size 0 is the smallest. Batch norm has an epsilon of 0.001 and
TensorFlow's momentum of 0.99 (0.01 in PyTorch's words).

Departures: no stochastic depth, and the padding follows the map's true size, as TensorFlow's "same"
does. The PyTorch package that publishes the weights fixes it for 224 pixels, which is the same
wherever each halved map has even sides (224, 192, 96).
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

STEM = 32
HEAD = 1280
# Repeats, kernel, stride of the first, expansion, channels: table 1 of the source.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class SameConv(nn.Conv2d):
    """Convolve with TensorFlow's "same" padding: ceil(size / stride) outputs a side.

    An odd number of padding pixels leaves the odd one at the right and at the bottom.
    """

    def __init__(self, before: int, after: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__(before, after, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        lack = [max((-(-n // stride) - 1) * stride + kernel - n, 0) for n in x.shape[2:]]
        if any(n % 2 for n in lack):
            high, wide = lack
            x = functional.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
            lack = [0, 0]
        padding = [n // 2 for n in lack]
        return functional.conv2d(x, self.weight, None, stride, padding, 1, self.groups)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Block(nn.Module):
    """Widen by 1x1, filter each channel, narrow by 1x1 without activation (inverted residual)."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = before * expansion
        self.expands = expansion > 1
        if self.expands:
            self._expand_conv = SameConv(before, wide, 1)
            self._bn0 = _norm(wide)
        self._depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide)
        self._bn1 = _norm(wide)
        self._project_conv = SameConv(wide, after, 1)
        self._bn2 = _norm(after)
        self.residual = stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = functional.relu6(self._bn1(self._depthwise_conv(y)))
        output: Tensor = self._bn2(self._project_conv(y))
        return x + output if self.residual else output


class Outputs(NamedTuple):
    """Hold what the network computes from N pictures.

    Attributes
    ----------
    maps : list of Tensor
        As `EfficientNetLite.features` gives them.
    pooled : Tensor
        (N, 1280, 1, 1), the head's means.
    logits : Tensor
        (N, classes).
    """

    maps: list[Tensor]
    pooled: Tensor
    logits: Tensor


class EfficientNetLite(nn.Module):
    """Classify pictures by EfficientNet-Lite0: stem, 16 blocks and head.

    Parameters
    ----------
    classes : int
        Outputs of the last layer.
    dropout : float
        Before the last layer, in training.
    frozen : int, optional
        Keep the stem and this many blocks as they are: they get no gradient, and their batch
        norms stay in evaluation mode. None (default) trains everything.
    """

    def __init__(
        self, classes: int = 1000, dropout: float = 0.2, frozen: int | None = None
    ) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, STEM, 3, 2)
        self._bn0 = _norm(STEM)
        self._blocks = nn.ModuleList()
        self._strides: list[int] = []
        channels = STEM
        for repeats, kernel, stride, expansion, after in STAGES:
            for i in range(repeats):
                first = stride if i == 0 else 1
                self._blocks.append(Block(channels, after, kernel, first, expansion))
                self._strides.append(first)
                channels = after
        self._conv_head = SameConv(channels, HEAD, 1)
        self._bn1 = _norm(HEAD)
        self.dropout = nn.Dropout(dropout)
        self._fc = nn.Linear(HEAD, classes)
        self.frozen = frozen
        for part in self._frozen_parts():
            part.requires_grad_(False)

    def _frozen_parts(self) -> list[nn.Module]:
        if self.frozen is None:
            return []
        return [self._conv_stem, self._bn0, *self._blocks[: self.frozen]]

    def train(self, mode: bool = True) -> EfficientNetLite:
        """Set training or evaluation mode; frozen parts stay in evaluation mode."""
        super().train(mode)
        for part in self._frozen_parts():
            part.eval()
        return self

    def features(self, x: Tensor) -> list[Tensor]:
        """Compute the last map of each size: before each block of stride 2, and after the last.

        Parameters
        ----------
        x : (N, 3, H, W) float
            See the module's docstring.

        Returns
        -------
        list of (N, C, h, w) tensors
            16, 24, 40, 112 and 320 channels at 1/2 to 1/32 of the size.
        """
        maps = []
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        for block, stride in zip(self._blocks, self._strides, strict=True):
            if stride > 1:
                maps.append(x)
            x = block(x)
        return [*maps, x]

    def outputs(self, x: Tensor) -> Outputs:
        """Compute maps, pooled features and logits of pictures (N, 3, H, W) in one pass."""
        maps = self.features(x)
        pooled = functional.relu6(self._bn1(self._conv_head(maps[-1]))).mean((2, 3), keepdim=True)
        return Outputs(maps, pooled, self._fc(self.dropout(pooled.flatten(1))))

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits (N, classes) of pictures (N, 3, H, W)."""
        return self.outputs(x).logits
