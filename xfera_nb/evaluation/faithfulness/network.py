"""Run a classifier on many pictures of a face, on a copy that nobody else has hooks on.

Captum sets hooks on the network itself, perhaps in another thread while a map is checked. The copy
has hooks and settings of its own around the same weights, so it takes no memory for them. Pictures
go through in groups of `GROUP`: in a group, a picture costs about half of what it costs alone.
"""

from __future__ import annotations

import copy
import itertools
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from xfera_nb.classifier import Classifier
from xfera_nb.errors import ModelError

GROUP = 16

Progress = Callable[[int, int], object]
"""Takes how many pictures of a check are done, and of how many."""


class Probe:
    """Compute a classifier's logits on many pictures.

    Parameters
    ----------
    classifier : Classifier
    progress : callable, optional
        Told after each group of pictures.
    expected : int
        How many pictures there will be, for `progress`.

    Attributes
    ----------
    classifier : Classifier
        The copy that is asked.
    pictures : int
        Number of pictures classified so far.
    """

    def __init__(
        self, classifier: Classifier, progress: Progress | None = None, expected: int = 0
    ) -> None:
        self.classifier = Classifier(copy_without_hooks(classifier.module), classifier.card)
        self.pictures = 0
        self.expected = expected
        self._progress = progress

    @property
    def detail(self) -> int:
        """Return the side, in pixels, of the finest picture that the input rule lets through."""
        rule = self.classifier.card["input"]
        return int(min(rule.get("detail", rule["size"]), rule["size"]))

    def logits(self, *sets: np.ndarray) -> np.ndarray:
        """Return the logits (N, 7) float64 of sets of pictures, one set after the other.

        Parameters
        ----------
        *sets : ndarray
            Each (N, S, S) or (N, S, S, 3) uint8; their sizes may differ.
        """
        found = [np.zeros((0, 7))]
        for pictures in sets:
            for group in _groups(pictures):
                found.append(self.classifier.logits(_coloured(group)).double().numpy())
                self._count(len(group))
        return np.concatenate(found)

    def probabilities(self, logits: np.ndarray, row: int) -> np.ndarray:
        """Return one class's calibrated probability (N,) float64 of logits (N, 7)."""
        scaled = torch.from_numpy(logits / self.classifier.temperature)
        return torch.softmax(scaled, dim=1)[:, row].numpy()

    def activate(self, picture: np.ndarray, layer: str) -> tuple[np.ndarray, np.ndarray]:
        """Run one picture (S, S) or (S, S, 3) uint8 and keep what a layer gives.

        Returns
        -------
        logits : ndarray
            (7,) float64.
        activations : ndarray
            (C, h, w) float64.

        Raises
        ------
        ModelError
            If there is no such layer, or it gives no maps.
        """
        kept: list[Tensor] = []
        hook = self.classifier.get_layer(layer).register_forward_hook(
            lambda _, __, output: kept.append(output)
        )
        try:
            logits = self.logits(picture[None])[0]
        finally:
            hook.remove()
        maps = self.classifier.read_map(kept[0]) if kept and isinstance(kept[0], Tensor) else None
        if maps is None or maps.ndim != 4:
            raise ModelError(f"Layer {layer!r} gives no maps: choose a convolutional one.")
        return logits, maps[0].detach().double().cpu().numpy()

    def _count(self, more: int) -> None:
        self.pictures += more
        if self._progress is not None:
            self._progress(self.pictures, max(self.expected, self.pictures))


def copy_without_hooks(module: nn.Module, *, own_weights: bool = False) -> nn.Module:
    """Copy a network without the hooks that Captum may have set on it at this moment.

    Parameters
    ----------
    module : nn.Module
    own_weights : bool
        Copy the weights as well; otherwise they are shared.
    """
    tensors = () if own_weights else itertools.chain(module.parameters(), module.buffers())
    other = copy.deepcopy(module, {id(tensor): tensor for tensor in tensors})
    for part in other.modules():
        part._forward_hooks = OrderedDict()
        part._forward_pre_hooks = OrderedDict()
        part._backward_hooks = OrderedDict()
        part._backward_pre_hooks = OrderedDict()
    return other


def _groups(pictures: np.ndarray) -> Sequence[np.ndarray]:
    """Split pictures into groups of about one size, at most `GROUP`."""
    return np.array_split(pictures, -(-len(pictures) // GROUP)) if len(pictures) else ()


def _coloured(pictures: np.ndarray) -> np.ndarray:
    """Return (N, S, S) as (N, S, S, 3): grey in all three channels has itself as its luma."""
    return np.repeat(pictures[..., None], 3, axis=-1) if pictures.ndim == 3 else pictures
