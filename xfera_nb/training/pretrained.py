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

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from xfera_nb.classifier.checkpoint import load_tensors
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
        A .safetensors file, or a PyTorch file of tensors only.
    network : nn.Module
        Filled in place.

    Raises
    ------
    ModelError
        If the file cannot be read safely, or not one parameter fits.
    """
    tensors = _read(Path(path))
    renamed = {_published_name(key.removeprefix("module.")): key for key in tensors}
    own = network.state_dict()
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


def _read(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path} is not a readable safetensors file: check it.") from error
    state = load_tensors(path)
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise ModelError(f"{path} is not a state dict (names with tensors): save it as one.")
    return state


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
