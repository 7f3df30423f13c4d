"""The classifier as the rest of the toolkit sees it: crops in, predictions out.

Probabilities are softmax(logits / T) with the temperature T of the card, fitted on a set that is
not the test set, so that they can be read as confidence. The confidence level that the paper's
Figure 1 shows ("High") is not defined there; here it is `HIGH` and `MEDIUM` on the probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from xfera_nb.classifier.augment import normalise
from xfera_nb.classifier.checkpoint import SHIPPED, card_path, load_card, load_weights
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS

HIGH = 0.75
"""Least probability called "High"."""
MEDIUM = 0.45
"""Least probability called "Medium"; below it is "Low"."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the classifier says of a face.

    Attributes
    ----------
    probabilities : ndarray
        (7,) float32, 0-1, summing to 1, in the order of `EMOTIONS`.
    """

    probabilities: np.ndarray

    @property
    def emotion(self) -> str:
        """The emotion with the highest probability."""
        return EMOTIONS[int(self.probabilities.argmax())]

    @property
    def confidence(self) -> float:
        """The highest probability, 0-1."""
        return float(self.probabilities.max())

    @property
    def confidence_level(self) -> str:
        """"High" from `HIGH`, "Medium" from `MEDIUM`, otherwise "Low"."""
        if self.confidence >= HIGH:
            return "High"
        return "Medium" if self.confidence >= MEDIUM else "Low"

    @property
    def runner_up(self) -> str:
        """The emotion with the second highest probability."""
        return EMOTIONS[int(self.probabilities.argsort()[-2])]

    @property
    def margin(self) -> float:
        """Highest minus second highest probability, 0-1."""
        second, first = np.sort(self.probabilities)[-2:]
        return float(first - second)


class Classifier:
    """A network with the card that says how to feed and read it.

    Parameters
    ----------
    module : nn.Module
        (N, 3, S, S) to (N, 7) logits; put into evaluation mode.
    card : dict
        As `xfera_nb.classifier.checkpoint.load_card` returns it.
    """

    def __init__(self, module: nn.Module, card: dict[str, Any]) -> None:
        self.module = module.eval().to(memory_format=torch.channels_last)
        self.module.requires_grad_(False)
        self.card = card
        self.temperature = float(card.get("temperature", 1.0))

    @property
    def name(self) -> str:
        """The weights' name."""
        return str(self.card.get("name", type(self.module).__name__))

    def describe(self) -> dict[str, Any]:
        """Name, sha256 and temperature, for whoever must say which weights made a number."""
        return {
            "name": self.name,
            "sha256": self.card.get("sha256"),
            "temperature": self.temperature,
        }

    def preprocess(self, crops: np.ndarray | Sequence[np.ndarray]) -> Tensor:
        """Bring crops to what the network takes.

        Parameters
        ----------
        crops : ndarray
            (N, S, S, 3) or (S, S, 3) uint8 RGB.

        Returns
        -------
        Tensor
            (N, 3, size, size) float32, grey, normalised by the card's input rule. Where the rule
            names a `detail`, the crop is first shrunk to that many pixels a side: the network was
            trained on faces of no finer detail.

        Raises
        ------
        ValueError
            If the crops are not uint8 RGB squares.
        """
        crops = np.asarray(crops)
        crops = crops[None] if crops.ndim == 3 else crops
        if crops.dtype != np.uint8 or crops.ndim != 4 or crops.shape[-1] != 3:
            raise ValueError(f"Crops are (N, S, S, 3) uint8, not {crops.shape} {crops.dtype}.")
        rule = self.card["input"]
        size = int(rule["size"])
        grey = np.empty((len(crops), 1, size, size), np.float32)
        for row, crop in enumerate(crops):
            flat = cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY)
            flat = _resized(flat, min(int(rule.get("detail", size)), len(flat)))
            grey[row, 0] = _resized(flat, size)
        return normalise(torch.from_numpy(grey)).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def logits(self, crops: np.ndarray) -> Tensor:
        """Logits (N, 7) float32 of crops (N, S, S, 3) uint8, before the temperature."""
        return self.module(self.preprocess(crops)).float()

    def predict(self, crops: np.ndarray) -> list[Prediction]:
        """One `Prediction` for each crop of (N, S, S, 3) uint8."""
        return self.read(self.logits(crops))

    def read(self, logits: Tensor) -> list[Prediction]:
        """Predictions of logits (N, 7)."""
        probabilities = torch.softmax(logits.float() / self.temperature, dim=1).numpy()
        return [Prediction(row) for row in probabilities]

    def layer(self, name: str) -> nn.Module:
        """A layer of the network by its dotted name, as in ``layer4.2``.

        Raises
        ------
        ModelError
            If the network has no such layer.
        """
        try:
            return self.module.get_submodule(name)
        except AttributeError as error:
            known = [key for key, _ in self.module.named_children()]
            raise ModelError(
                f"The network has no layer named {name!r}: choose one of {', '.join(known)} or a "
                "part of one, such as layer4.2."
            ) from error


def _resized(grey: np.ndarray, side: int) -> np.ndarray:
    if grey.shape == (side, side):
        return grey
    shrinks = side < len(grey)
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(grey, (side, side), interpolation=how)


@lru_cache(maxsize=2)
def _load(path: Path, _: tuple[int, ...]) -> Classifier:
    card = load_card(path)
    module = ResNet50BAM(half=card.get("half") is True)
    load_weights(path, module)
    return Classifier(module, card)


def load_classifier(path: str | Path | None = None) -> Classifier:
    """Load the shipped ResNet50-BAM, or weights of the same network.

    Parameters
    ----------
    path : str or Path, optional
        A .safetensors file with its card beside it.

    Returns
    -------
    Classifier
        The same object for the same files: they are read once.

    Raises
    ------
    ModelError
        If the weights or their card are missing, damaged or do not fit.
    """
    path = Path(path or SHIPPED).resolve()
    files = [file for file in (path, card_path(path)) if file.is_file()]
    return _load(path, tuple(file.stat().st_mtime_ns for file in files))
