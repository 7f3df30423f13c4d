"""The classifier as the rest of the toolkit sees it: crops in, predictions out.

Probabilities are softmax(logits / T) with the temperature T of the card, fitted on a set that is
not the test set, so that they can be read as confidence. The network is the shipped one, other
weights of it, or any torch module with named classes (`xfera_nb.classifier.any_module`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from xfera_nb.classifier.any_module import NamedOutputs, adapt_module
from xfera_nb.classifier.checkpoint import SHIPPED, card_path, load_card, load_weights
from xfera_nb.classifier.devices import AUTO, choose_device, device_of
from xfera_nb.classifier.fused import fuse_norms
from xfera_nb.classifier.layer_maps import name_rule, read_map
from xfera_nb.classifier.prediction import Prediction
from xfera_nb.classifier.preprocess import preprocess_crops
from xfera_nb.classifier.resnet50_bam import LAST_BLOCK, STAGE_ENDS, ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.paths import expand_path


class Classifier:
    """Hold a network with the card that says how to feed and read it.

    Parameters
    ----------
    module : nn.Module
        (N, 3, S, S) to (N, 7) logits; put into evaluation mode and left on its device.
    card : dict
        As `xfera_nb.classifier.checkpoint.load_card` returns it.

    Attributes
    ----------
    device : torch.device
        Where the network computes; a classifier is never moved, `on_device` copies it.
    temperature : float
        Divides the logits.
    """

    def __init__(self, module: nn.Module, card: dict[str, Any]) -> None:
        self.module = module.eval()
        with torch.inference_mode(False):  # what is moved in inference mode allows no gradient
            self.module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.module.requires_grad_(False)
        self.card = card
        self.device = device_of(module)
        self._copies: dict[torch.device, Classifier] = {}
        self._fused: Classifier | None = None
        self.temperature = float(card.get("temperature", 1.0))

    @property
    def name(self) -> str:
        """Return the weights' name."""
        return str(self.card.get("name", type(self.module).__name__))

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the emotions that the network can name, in the order of `EMOTIONS`."""
        named = self.card.get("classes", EMOTIONS)
        return tuple(emotion for emotion in EMOTIONS if emotion in named)

    @property
    def default_layer(self) -> str:
        """Return the layer that is explained by default."""
        return str(self.card.get("layer", LAST_BLOCK))

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the layers to choose from: the default one, and the last of each size."""
        return tuple(self.card.get("layers", STAGE_ENDS))

    def describe(self) -> dict[str, Any]:
        """Return name, sha256 and temperature, which tell the weights that made a number.

        For a module that the user gave, also its outputs, its input rule and how its layers are
        read as maps.
        """
        own = {key: self.card[key] for key in ("outputs", "input") if "outputs" in self.card}
        if (reshape := name_rule(self.card.get("reshape_transform"))) is not None:
            own["reshape_transform"] = reshape
        return {
            "name": self.name,
            "sha256": self.card.get("sha256"),
            "temperature": self.temperature,
            **own,
        }

    def on_device(self, device: str | torch.device) -> Classifier:
        """Return this classifier if it lies on `device`, otherwise a copy that does.

        The copy is kept, so that it is made once.
        """
        chosen = choose_device(device)
        if chosen == self.device:
            return self
        if chosen not in self._copies:
            with torch.inference_mode(False):
                module = copy.deepcopy(self.module).to(chosen)
            self._copies[chosen] = Classifier(module, self.card)
        return self._copies[chosen]

    def fused(self) -> Classifier:
        """Return a copy that answers the same up to rounding and is quicker for many faces.

        Only the toolkit's own network is merged (`xfera_nb.classifier.fused`); for any other one
        it is the same object.
        """
        if not isinstance(self.module, ResNet50BAM):
            return self
        if self._fused is None:
            with torch.inference_mode(False):
                self._fused = Classifier(fuse_norms(self.module), self.card)
        return self._fused

    def preprocess(self, crops: np.ndarray | Sequence[np.ndarray]) -> Tensor:
        """Turn crops into the network's input, on its device.

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
        return preprocess_crops(crops, self.card["input"]).to(self.device)

    @property
    def reshapes(self) -> bool:
        """Return whether a reshape rule reads the layers' outputs as maps."""
        return self.card.get("reshape_transform") is not None

    def read_map(self, output: Tensor) -> Tensor:
        """Return a layer's output, or its gradient, as maps (N, channels, height, width)."""
        return read_map(output, self.card.get("reshape_transform"))

    @torch.inference_mode()
    def logits(self, crops: np.ndarray) -> Tensor:
        """Compute the logits (N, 7) of crops (N, S, S, 3) uint8: float32, on the CPU, unscaled."""
        logits: Tensor = self.module(self.preprocess(crops)).float().cpu()
        return logits

    def predict(self, crops: np.ndarray) -> list[Prediction]:
        """Predict the emotion of each crop of (N, S, S, 3) uint8."""
        return self.to_predictions(self.logits(crops))

    def to_predictions(self, logits: Tensor) -> list[Prediction]:
        """Turn logits (N, 7) into predictions."""
        probabilities = torch.softmax(logits.float().cpu() / self.temperature, dim=1).numpy()
        unknown = [row for row, emotion in enumerate(EMOTIONS) if emotion not in self.classes]
        probabilities[:, unknown] = np.nan
        return [Prediction(row) for row in probabilities]

    def get_layer(self, name: str) -> nn.Module:
        """Return a layer of the network by its dotted name, as in ``layer4.2``.

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


@lru_cache(maxsize=4)
def _load(path: Path, _: tuple[int, ...], device: torch.device) -> Classifier:
    card = load_card(path)
    # It is kept for later calls: never under the inference mode or default device of this one.
    with torch.inference_mode(False), torch.device("cpu"):
        module = ResNet50BAM(half_resolution=card.get("half_resolution") is True)
        load_weights(path, module)
        return Classifier(module.to(device), card)


def load_classifier(
    source: str | Path | nn.Module | None = None,
    *,
    classes: Sequence[str | None] | None = None,
    layer: str | None = None,
    size: int = 224,
    mean: float | Sequence[float] | np.ndarray | Tensor = 0.0,
    std: float | Sequence[float] | np.ndarray | Tensor = 1.0,
    grey: bool = False,
    channels: int = 3,
    bgr: bool = False,
    margin: float | None = None,
    align: bool = True,
    reshape_transform: str | Callable[[Tensor], Tensor] | None = None,
    temperature: float = 1.0,
    name: str | None = None,
    device: str | torch.device = AUTO,
) -> Classifier:
    """Load the shipped ResNet50-BAM, other weights of it, or wrap any torch module.

    Parameters
    ----------
    source : str, Path or nn.Module, optional
        A .safetensors file with its card beside it; or a network that gives logits (N, outputs),
        to which the parameters from `classes` to `name` belong. It is put into evaluation mode and
        its parameters take no gradients any more: give a copy if it is still in training.
    classes : sequence of (str or None)
        What each output of the network is, in its order and in the words of any data set ("Happy",
        "AN"); None leaves an output out of the softmax. At least two, at most the seven emotions;
        the probability of the others is NaN.
    layer : str
        Dotted name of the layer that is explained; it gives maps (N, channels, height, width), or
        what `reshape_transform` makes such of.
    size : int
        Side of the network's input, 16 to 1024 pixels.
    mean, std : float, sequence of float, ndarray or Tensor
        The input is (values 0-1 minus mean) / std; one number, or one a channel, from 0 to 1. For
        a network that was trained with values from 0 to 255, give both divided by 255.
    grey : bool
        Whether crops are turned grey (ITU-R BT.601), as for a network trained on grey faces.
    channels : int
        Of the input: 3, or 1 for a network that takes grey alone.
    bgr : bool
        Whether the channels are blue, green, red, as OpenCV's; `mean` and `std` are in their order.
    margin : float, optional
        Side of the crop beyond the larger side of the box around the 68 landmarks, in such sides:
        0.05 to 2; 0.2 by default.
    align : bool
        Whether the face is turned so that the eyes are level; False cuts it as it lies.
    reshape_transform : {"channels_last", "tokens"} or callable, optional
        How a layer's output is read as maps, where it is not (N, channels, height, width):
        "channels_last" for (N, height, width, channels), as Swin's; "tokens" for (N, tokens,
        channels), as a Vision Transformer's, with its class token; or a function that returns maps
        and only reorders and selects values, since gradients pass it too.
    temperature : float
        Divides the logits, so that probabilities can be read as confidence; 1 where it was not
        fitted.
    name : str, optional
        By default the class of the module.
    device : str or torch.device
        Where the network computes: "auto" (a GPU if PyTorch can use one; a module stays where it
        lies), "cpu", "cuda" or "cuda:1". A module that lies elsewhere is copied.

    Returns
    -------
    Classifier
        For files the same object for the same device: they are read once.

    Raises
    ------
    ModelError
        If the weights or their card are missing, damaged or do not fit; if a module does not take
        such images, has another number of outputs, names an unknown class, lacks the layer, or
        allows no gradient; if PyTorch cannot use the device.
    InputError
        If there is no such device.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> mine = xf.load_classifier(
    ...     network, classes=["happy", "sad", "neutral"], layer="features.6", size=96
    ... )  # doctest: +SKIP
    >>> xf.explain("data/samples/C01HA.jpg", classifier=mine)  # doctest: +SKIP
    """
    if isinstance(source, nn.Module):
        if device != AUTO and choose_device(device) != device_of(source):
            with torch.inference_mode(False):
                source = copy.deepcopy(source).to(choose_device(device))
        module, card = adapt_module(
            source, classes, layer, size=size, mean=mean, std=std, grey=grey, channels=channels,
            temperature=temperature, name=name, reshape_transform=reshape_transform, bgr=bgr,
            margin=margin, align=align,
        )  # fmt: skip
        return Classifier(module, card)
    if classes is not None or layer is not None:
        raise ModelError(
            "classes and layer go with a network, not with a weights file, whose card says them: "
            "load the weights into a torch module first."
        )
    try:
        path = expand_path(source or SHIPPED).resolve()
        files = [file for file in (path, card_path(path)) if file.is_file()]
        stamps = tuple(file.stat().st_mtime_ns for file in files)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{str(source)[:80]} is no weights file: give the path of a .safetensors."
        ) from error
    return _load(path, stamps, choose_device(device))
