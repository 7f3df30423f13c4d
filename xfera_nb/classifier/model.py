"""The classifier as the rest of the toolkit sees it: crops in, predictions out.

Probabilities are softmax(logits / T) with the temperature T of the card, fitted on a set that is
not the test set, so that they can be read as confidence. The network is the shipped one, other
weights of it, or any torch module with named classes (`xfera_nb.classifier.any_module`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from xfera_nb.classifier.any_module import NamedOutputs, adapt_module
from xfera_nb.classifier.checkpoint import SHIPPED, card_path, load_card, load_weights
from xfera_nb.classifier.prediction import Prediction
from xfera_nb.classifier.preprocess import preprocess_crops
from xfera_nb.classifier.resnet50_bam import LAST_BLOCK, STAGE_ENDS, ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS


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
        self.module = module.eval()
        self.module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.module.requires_grad_(False)
        self.card = card
        self.temperature = float(card.get("temperature", 1.0))

    @property
    def name(self) -> str:
        """The weights' name."""
        return str(self.card.get("name", type(self.module).__name__))

    @property
    def classes(self) -> tuple[str, ...]:
        """The emotions that the network can name, in the order of `EMOTIONS`."""
        named = self.card.get("classes", EMOTIONS)
        return tuple(emotion for emotion in EMOTIONS if emotion in named)

    @property
    def default_layer(self) -> str:
        """The layer that is explained unless another is asked for."""
        return str(self.card.get("layer", LAST_BLOCK))

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers worth looking at: the default one, and the last of each size."""
        return tuple(self.card.get("layers", STAGE_ENDS))

    def describe(self) -> dict[str, Any]:
        """Name, sha256 and temperature, for whoever must say which weights made a number.

        A module that was given from outside adds its outputs and its input rule.
        """
        own = {key: self.card[key] for key in ("outputs", "input") if "outputs" in self.card}
        return {
            "name": self.name,
            "sha256": self.card.get("sha256"),
            "temperature": self.temperature,
            **own,
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
            (N, channels, size, size) float32, grey or RGB and normalised, as the card's input
            rule says (`xfera_nb.classifier.preprocess`).

        Raises
        ------
        ValueError
            If the crops are not uint8 RGB squares.
        """
        return preprocess_crops(crops, self.card["input"])

    @torch.inference_mode()
    def logits(self, crops: np.ndarray) -> Tensor:
        """Logits (N, 7) float32 of crops (N, S, S, 3) uint8, before the temperature."""
        logits: Tensor = self.module(self.preprocess(crops)).float()
        return logits

    def predict(self, crops: np.ndarray) -> list[Prediction]:
        """One `Prediction` for each crop of (N, S, S, 3) uint8."""
        return self.to_predictions(self.logits(crops))

    def to_predictions(self, logits: Tensor) -> list[Prediction]:
        """Predictions of logits (N, 7)."""
        probabilities = torch.softmax(logits.float() / self.temperature, dim=1).numpy()
        unknown = [row for row, emotion in enumerate(EMOTIONS) if emotion not in self.classes]
        probabilities[:, unknown] = np.nan
        return [Prediction(row) for row in probabilities]

    def get_layer(self, name: str) -> nn.Module:
        """A layer of the network by its dotted name, as in ``layer4.2``.

        Raises
        ------
        ModelError
            If the network has no such layer.
        """
        whole = self.module
        network = whole.network if isinstance(whole, NamedOutputs) else whole
        try:
            return network.get_submodule(name)
        except AttributeError as error:
            known = self.card.get("layers") or [key for key, _ in network.named_children()]
            part = "" if "layers" in self.card else " or a part of one, such as layer4.2"
            raise ModelError(
                f"The network has no layer named {name!r}: choose one of {', '.join(known)}{part}."
            ) from error


@lru_cache(maxsize=2)
def _load(path: Path, _: tuple[int, ...]) -> Classifier:
    card = load_card(path)
    module = ResNet50BAM(half_resolution=card.get("half_resolution") is True)
    load_weights(path, module)
    return Classifier(module, card)


def load_classifier(
    source: str | Path | nn.Module | None = None,
    *,
    classes: Sequence[str | None] | None = None,
    layer: str | None = None,
    size: int = 224,
    mean: float | Sequence[float] = 0.0,
    std: float | Sequence[float] = 1.0,
    grey: bool = False,
    channels: int = 3,
    temperature: float = 1.0,
    name: str | None = None,
) -> Classifier:
    """Load the shipped ResNet50-BAM or weights of the same network, or take any torch module.

    Parameters
    ----------
    source : str, Path or nn.Module, optional
        A .safetensors file with its card beside it; or a network on the CPU that gives logits
        (N, outputs), to which the rest of the parameters belongs. It is put into evaluation mode
        and its parameters take no gradients any more: give a copy if it is still in training.
    classes : sequence of (str or None)
        What each output of the network is, in its order and in the words of any data set ("Happy",
        "AN"); None leaves an output out of the softmax. At least two, at most the seven emotions;
        the probability of the others is NaN.
    layer : str
        Dotted name of the layer that is explained; it gives maps (N, channels, height, width).
    size : int
        Side of the network's input, 16 to 1024 pixels.
    mean, std : float or sequence of float
        The input is (values 0-1 minus mean) / std; one number, or one a channel.
    grey : bool
        Whether crops are turned grey (ITU-R BT.601), as for a network trained on grey faces.
    channels : int
        Of the input: 3, or 1 for a network that takes grey alone.
    temperature : float
        Divides the logits, so that probabilities can be read as confidence; 1 where it was not
        fitted.
    name : str, optional
        By default the class of the module.

    Returns
    -------
    Classifier
        For files the same object each time: they are read once.

    Raises
    ------
    ModelError
        If the weights or their card are missing, damaged or do not fit; if a module does not take
        such images, has another number of outputs, names an unknown class, or lacks the layer.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> mine = xf.load_classifier(
    ...     network, classes=["happy", "sad", "neutral"], layer="features.6", size=96
    ... )  # doctest: +SKIP
    >>> xf.explain("data/samples/C01HA.jpg", classifier=mine)  # doctest: +SKIP
    """
    if isinstance(source, nn.Module):
        module, card = adapt_module(
            source, classes, layer, size=size, mean=mean, std=std, grey=grey, channels=channels,
            temperature=temperature, name=name,
        )  # fmt: skip
        return Classifier(module, card)
    if classes is not None or layer is not None:
        raise ModelError(
            "classes and layer go with a network, not with a weights file, whose card says them: "
            "load the weights into a torch module first."
        )
    try:
        path = Path(source or SHIPPED).resolve()
        files = [file for file in (path, card_path(path)) if file.is_file()]
        stamps = tuple(file.stat().st_mtime_ns for file in files)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{str(source)[:80]} is no weights file: give the path of a .safetensors."
        ) from error
    return _load(path, stamps)
