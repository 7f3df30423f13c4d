"""Start training from a published ResNet50, as the paper does from VGGFace2's.

Two namings of VGGFace2's ResNet50 (Cao et al. 2018) are known: torchvision's, used by the PyTorch
conversions, and that of the authors' Caffe model (from ``conv2_1_1x1_reduce`` on).
Its classifier (8,631 people) never fits and is left out; a BAM is never in it and starts at random.
The Caffe model puts a stage's stride into the first 1x1 convolution of a bottleneck, ours into the
3x3; the weights fit all the same and training adapts them, but it is said in the report.

State dicts are read from safetensors, or with ``torch.load(weights_only=True)``. Files that hold
more than tensors, as some conversions do, are refused: convert them once where you trust them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from xfera_nb.classifier.checkpoint import own_name, read_state_dict
from xfera_nb.errors import ModelError

_CAFFE = re.compile(r"conv([2-5])_(\d)_(1x1_reduce|3x3|1x1_increase|1x1_proj)(_bn)?")
_ROLE = {"1x1_reduce": 1, "3x3": 2, "1x1_increase": 3}


@dataclass(frozen=True)
class LoadReport:
    """Report which parameters a file filled.

    Attributes
    ----------
    matched : tuple of str
        Parameters of the network that were filled.
    unused : tuple of str
        Names in the file that the network has no place for.
    misfits : tuple of str
        Names with a place but another shape.
    untouched : tuple of str
        Parameters of the network that stay at random.
    caffe : bool
        True if the file used the Caffe naming.
    """

    matched: tuple[str, ...]
    unused: tuple[str, ...]
    misfits: tuple[str, ...]
    untouched: tuple[str, ...]
    caffe: bool

    def __str__(self) -> str:
        note = " (Caffe naming: strides sat in the 1x1 convolutions)" if self.caffe else ""
        return (
            f"{len(self.matched)} parameters filled{note}, {len(self.untouched)} left at random, "
            f"{len(self.unused)} names of the file unused, {len(self.misfits)} of another shape"
        )


def load_pretrained(path: str | Path, network: nn.Module) -> LoadReport:
    """Fill what fits of a network from a state dict and report the rest.

    Parameters
    ----------
    path : str or Path
        A .safetensors file, or a PyTorch file of tensors only; tensors may lie under a key such as
        "model_state_dict", and their names may have prefixes such as "module."
        (`xfera_nb.classifier.checkpoint`).
    network : nn.Module
        Filled in place.

    Raises
    ------
    ModelError
        If the file cannot be read safely, or not one parameter fits.
    """
    tensors = read_state_dict(path)
    own = network.state_dict()
    names = {key: own_name(key, own) for key in tensors}
    # A name that needs no change comes last, so that it wins.
    ordered = sorted(tensors, key=lambda key: names[key] == key)
    renamed = {_published_name(names[key]): key for key in ordered}
    counters = {key for key in own if key.endswith("num_batches_tracked")}
    filled = {
        name: tensors[key].float()
        for name, key in renamed.items()
        if name in own and name not in counters and tensors[key].shape == own[name].shape
    }
    if not filled:
        raise ModelError(
            f"Nothing in {path} fits the network: give a state dict of one of the same build."
        )
    network.load_state_dict(filled, strict=False)
    return LoadReport(
        matched=tuple(filled),
        unused=tuple(k for n, k in renamed.items() if n not in own),
        misfits=tuple(k for n, k in renamed.items() if n in own and n not in {*filled, *counters}),
        untouched=tuple(k for k in own if k not in filled and k not in counters),
        caffe=any(_CAFFE.search(key) for key in tensors),
    )


def _published_name(key: str) -> str:
    name = key.replace("conv1_7x7_s2_bn", "bn1").replace("conv1_7x7_s2", "conv1")
    found = _CAFFE.match(name)
    if not found:
        return name
    stage, block, part, normalised = found.groups()
    if part == "1x1_proj":
        layer = f"downsample.{1 if normalised else 0}"
    else:
        layer = f"{'bn' if normalised else 'conv'}{_ROLE[part]}"
    return f"layer{int(stage) - 1}.{int(block) - 1}.{layer}{name[found.end() :]}"
