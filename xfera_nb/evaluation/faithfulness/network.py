"""Run the classifier fast on many pictures of a face, and trace one forward pass.

Folding
    In evaluation a batch normalisation behind a convolution is one more linear map. Both are folded
    into one convolution (`torch.nn.utils.fusion.fuse_conv_bn_weights`), in the BAMs too, and sums,
    ReLUs and attention work in place. Grey is shrunk as one channel. The folded network gives the
    same logits to rounding (a test holds it to 1e-4) in less time. It is made once a classifier,
    each weight written once, and kept as long as that. The last stage stays as it is and shares its
    weights with the classifier: they are two thirds of all, so that a copy would cost more than
    there is to save on its few cells.
Groups
    Pictures go through in groups of `GROUP` to twice that: in a group, a picture costs about half
    of what it costs alone. PyTorch on a single thread needs 16 for its fast convolutions.
"""

from __future__ import annotations

import copy
import itertools
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from xfera_nb.classifier import Classifier
from xfera_nb.classifier.bam import BAM
from xfera_nb.classifier.preprocess import preprocess_crops
from xfera_nb.classifier.resnet50_bam import STAGES, Bottleneck, ResNet50BAM

GROUP = 16

_FOLDED: WeakKeyDictionary[Classifier, nn.Module] = WeakKeyDictionary()


class Probe:
    """Compute one class's probability on many pictures.

    Parameters
    ----------
    classifier : Classifier

    Attributes
    ----------
    pictures : int
        Number of pictures classified so far.
    """

    def __init__(self, classifier: Classifier) -> None:
        # The trace and its arithmetic are on the CPU: a network on a GPU is copied, never moved.
        self.classifier = classifier = classifier.on_device("cpu")
        self.module = fold_batch_norms(classifier)
        self.pictures = 0
        rule = classifier.card["input"]
        grey = str(rule.get("colour", "grey")).startswith("grey")
        grey = grey and np.size(rule["mean"]) == np.size(rule["std"]) == 1
        if isinstance(self.module, ResNet50BAM) and grey:
            rule = rule | {"channels": 1}  # the folded network repeats it
        self._rule = rule

    @property
    def detail(self) -> int:
        """Return the side, in pixels, of the finest picture that the input rule lets through."""
        rule = self.classifier.card["input"]
        return int(min(rule.get("detail", rule["size"]), rule["size"]))

    @property
    def traceable(self) -> bool:
        """Whether `trace` knows the network."""
        return isinstance(self.module, ResNet50BAM) and hasattr(self.module.bam1, "attention")

    @torch.inference_mode()
    def probabilities(self, sets: Sequence[np.ndarray], row: int) -> list[np.ndarray]:
        """Return one class's calibrated probability on sets of pictures.

        Parameters
        ----------
        sets : sequence of ndarray
            Each (N, S, S) or (N, S, S, 3) uint8; their sizes may differ.
        row : int
            The class, by its place in `EMOTIONS`.

        Returns
        -------
        list of ndarray
            For each set (N,) float64.
        """
        counts = [len(one) for one in sets]
        if not sum(counts):
            return [np.zeros(0) for _ in sets]
        logits = []
        for group in _groups(sets):
            # Prepared a group at a time: floats of all pictures would need fresh memory.
            x = torch.cat([self._prepared(one) for one in group])
            logits.append(self.module(x))
        self.pictures += sum(counts)
        return np.split(self.to_probabilities(torch.cat(logits), row), np.cumsum(counts)[:-1])

    def _prepared(self, pictures: np.ndarray) -> Tensor:
        return preprocess_crops(_coloured(pictures), self._rule)

    def to_probabilities(self, logits: Tensor, row: int) -> np.ndarray:
        """Return one class's probabilities (N,) float64 of logits (N, 7)."""
        scaled = logits.detach().double() / self.classifier.temperature
        return torch.softmax(scaled, dim=1)[:, row].numpy()

    @torch.no_grad()
    def trace(self, picture: np.ndarray) -> Trace:
        """Run one forward pass of a picture (S, S) or (S, S, 3) uint8 and keep its activations.

        Raises
        ------
        TypeError
            If the network is not a `ResNet50BAM` with attention.
        """
        net = self.module
        if not isinstance(net, ResNet50BAM) or not self.traceable:
            raise TypeError("Only a ResNet50BAM is traced.")
        self.pictures += 1
        x = self._prepared(picture[None])
        before, attention = {"conv1": x}, {}
        x = get_stage(net, "conv1")(x)
        for number in range(1, len(STAGES)):
            before[f"layer{number}"] = x
            x = getattr(net, f"layer{number}")(x)
            with torch.set_grad_enabled(number == len(STAGES) - 1):
                before[f"bam{number}"] = x = x.requires_grad_(torch.is_grad_enabled())
                seen = getattr(net, f"bam{number}").attention(x)
                attention[f"bam{number}"] = seen.detach()[0].mean(dim=0).numpy()
                x = x * (1 + seen)
        with torch.enable_grad():
            before["layer4"] = x
            before["layer4.2"] = x = net.layer4[:-1](x)
            features = net.layer4[-1](x)
            logits = net.fc(features.mean(dim=(2, 3)))
        return Trace(attention, before, features.detach(), logits)


@dataclass(frozen=True, eq=False)
class Trace:
    """Hold the activations of one picture's forward pass.

    Attributes
    ----------
    attention : dict of str to ndarray
        M(F) of each BAM, averaged over channels: (h, w) float32, 0-1.
    before : dict of str to Tensor
        The input of ``conv1`` (the network's), of each stage, of each BAM, and of the last block.
    features : Tensor
        (1, C, h, w) of the last block.
    logits : Tensor
        (1, 7); differentiable with respect to ``before["bam3"]``.
    """

    attention: dict[str, np.ndarray]
    before: dict[str, Tensor]
    features: Tensor
    logits: Tensor


class FoldedBottleneck(nn.Module):
    """Compute a `Bottleneck` in evaluation with folded normalisations; keep its input unchanged.

    Parameters
    ----------
    block : Bottleneck
    apart : bool
        Leave the normalisations apart and use the block's own weights, without a copy.
    """

    def __init__(self, block: Bottleneck, *, apart: bool = False) -> None:
        super().__init__()
        pair = _shared if apart else _together
        self.conv1, self.norm1 = pair(block.conv1, block.bn1)
        self.conv2, self.norm2 = pair(block.conv2, block.bn2)
        self.conv3, self.norm3 = pair(block.conv3, block.bn3)
        self.downsample: nn.Conv2d | None = None
        if block.downsample is not None:
            self.downsample, self.norm = pair(*block.downsample)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(self.conv1(x)).relu_()
        y = self.norm2(self.conv2(y)).relu_()
        shortcut = x if self.downsample is None else self.norm(self.downsample(x))
        out: Tensor = self.norm3(self.conv3(y)).add_(shortcut).relu_()
        return out


def _together(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[nn.Conv2d, nn.Module]:
    return fuse_conv_norm(conv, norm), nn.Identity()


def _shared(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[nn.Conv2d, nn.Module]:
    """Copy both, with hooks and settings of their own, around the same weights."""
    own = copy.copy(conv), copy.copy(norm)
    for one in own:
        one._parameters = {
            name: None if value is None else nn.Parameter(value.detach(), requires_grad=False)
            for name, value in one._parameters.items()
        }
    return own


class FoldedBAM(nn.Module):
    """Compute a `BAM` in evaluation with folded normalisations; keep its input unchanged."""

    def __init__(self, bam: BAM) -> None:
        super().__init__()
        self.channel, self.spatial = _without_norms(bam.channel), _without_norms(bam.spatial)

    def attention(self, features: Tensor) -> Tensor:
        """Return the attention, as `BAM.attention` does."""
        both: Tensor = self.channel(features) + self.spatial(features)
        return both.sigmoid_()

    def forward(self, features: Tensor) -> Tensor:
        return self.attention(features).add_(1).mul_(features)


class Repeated(nn.Module):
    """Repeat one channel three times, after grey has been shrunk; keep three as they are."""

    def forward(self, x: Tensor) -> Tensor:
        return x.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


def _without_norms(parts: nn.Sequential) -> nn.Sequential:
    kept: list[nn.Module] = []
    for part in parts:
        if isinstance(part, nn.BatchNorm2d):
            kept[-1] = fuse_conv_norm(cast(nn.Conv2d, kept[-1]), part)
        else:
            kept.append(_folded_part(part))
    return nn.Sequential(*kept)


def fuse_conv_norm(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    """Fold the normalisation behind a convolution into it, writing its weights once.

    PyTorch's `fuse_conv_bn_eval` copies the weights before it makes new ones.
    """
    weight, bias = fuse_conv_bn_weights(
        conv.weight,
        conv.bias,
        cast(Tensor, norm.running_mean),
        cast(Tensor, norm.running_var),
        norm.eps,
        norm.weight,
        norm.bias,
    )
    one = copy.copy(conv)  # its own table of weights, so that the old ones stay where they are
    one._parameters = {"weight": weight, "bias": bias}
    return one


def fold_batch_norms(classifier: Classifier) -> nn.Module:
    """Copy the classifier's network, folding its batch normalisations if it is a `ResNet50BAM`.

    The order of other networks is unknown, so they are only copied. A copy is needed, as Captum may
    set hooks on the network itself in another thread.
    """
    if classifier not in _FOLDED:
        own = classifier.module
        _FOLDED[classifier] = (
            _fold(own) if isinstance(own, ResNet50BAM) else copy_without_hooks(own)
        )
    return _FOLDED[classifier]


def copy_without_hooks(module: nn.Module) -> nn.Module:
    """Copy a network without the hooks that Captum may have set on it at this moment."""
    return _unhooked(copy.deepcopy(module))


def _unhooked(module: nn.Module) -> nn.Module:
    for part in module.modules():
        # New tables: a shallow copy shares the old ones with the network itself.
        part._forward_hooks = OrderedDict()
        part._forward_pre_hooks = OrderedDict()
        part._backward_hooks = OrderedDict()
        part._backward_pre_hooks = OrderedDict()
    return module


def get_stage(net: ResNet50BAM, part: str) -> nn.Sequential:
    """Return a part of the network in forward order: a stage with the BAM behind it.

    "conv1" is all before the first stage, "layer4.2" the last block alone.
    """
    if part == "conv1":
        return nn.Sequential(net.shrink, net.conv1, net.bn1, net.relu, net.maxpool)
    if part in ("layer1", "layer2", "layer3"):
        return nn.Sequential(net.get_submodule(part), getattr(net, part.replace("layer", "bam")))
    return nn.Sequential(net.get_submodule(part))


@torch.inference_mode(False)
def _fold(trained: ResNet50BAM) -> ResNet50BAM:
    net = copy.copy(trained)  # its own table of modules, so that new ones take the old ones' places
    net._modules = {
        name: _folded_stage(trained.layer4, apart=True) if name == "layer4" else _folded_part(part)
        for name, part in trained.named_children()
    }
    net._modules["conv1"] = fuse_conv_norm(trained.conv1, trained.bn1)
    net._modules["bn1"] = nn.Identity()
    net._modules["shrink"] = nn.Sequential(net.shrink, Repeated())
    _unhooked(net).eval().requires_grad_(False)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


def _folded_part(part: nn.Module) -> nn.Module:
    if isinstance(part, nn.ReLU):
        return nn.ReLU(inplace=True)
    if isinstance(part, BAM):
        return FoldedBAM(part)
    if isinstance(part, nn.Sequential):
        return _folded_stage(part)
    return copy.deepcopy(part)


def _folded_stage(part: nn.Sequential, *, apart: bool = False) -> nn.Sequential:
    blocks = (cast(Bottleneck, block) for block in part)
    return nn.Sequential(*(FoldedBottleneck(block, apart=apart) for block in blocks))


def _groups(sets: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Yield the sets' pictures in groups of about one size, each as slices of the sets."""
    starts = np.cumsum([0, *(len(one) for one in sets)])
    total = int(starts[-1])
    ends = np.linspace(0, total, max(1, total // GROUP) + 1).astype(int)
    for low, high in itertools.pairwise(ends):
        parts = [
            one[max(low - start, 0) : max(high - start, 0)]
            for one, start in zip(sets, starts, strict=False)
        ]
        yield [part for part in parts if len(part)]


def _coloured(pictures: np.ndarray) -> np.ndarray:
    """Return (N, S, S) as (N, S, S, 3): grey in all three channels has itself as its luma."""
    return np.repeat(pictures[..., None], 3, axis=-1) if pictures.ndim == 3 else pictures
