"""Any torch module as a classifier: seven or fewer named outputs, and a layer to explain.

The module computes logits (N, outputs), before any softmax. The user names its outputs by words or
codes of `xfera_nb.datasets.labels`; an output named None (contempt, say) is left out of the
softmax. A class without an output gets the logit minus infinity, so that it is never predicted,
and the probability NaN: the network does not measure it, which is not 0.

The module is run once on two random images, so that what does not fit is reported at once. It is
used as it is, in evaluation mode and without gradients of its parameters: give a copy of a module
that is still in training.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from xfera_nb.classifier.devices import device_of
from xfera_nb.datasets.labels import label_to_emotion
from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS

SIZES = (16, 1024)
"""Least and greatest side of a network's input, pixels."""
_MAX_SUGGESTED = 4  # layers named in an error
_TRIAL_IMAGES = 2
_TRIAL_ERRORS = (RuntimeError, TypeError, ValueError, IndexError, KeyError, AttributeError)


class NamedOutputs(nn.Module):
    """Give a network's outputs in the order of `EMOTIONS`.

    Parameters
    ----------
    network : nn.Module
        (N, C, S, S) to logits (N, outputs).
    names : sequence of (str or None)
        The emotion of each output; None for an output that is left out.
    """

    def __init__(self, network: nn.Module, names: Sequence[str | None]) -> None:
        super().__init__()
        self.network = network
        self._outputs = [i for i, name in enumerate(names) if name is not None]
        self._columns = [EMOTIONS.index(names[i]) for i in self._outputs]

    def forward(self, x: Tensor) -> Tensor:
        """Compute logits (N, 7); minus infinity where the network has no such class."""
        given: Tensor = self.network(x)
        logits = given.new_full((len(given), len(EMOTIONS)), -math.inf)
        logits[:, self._columns] = given[:, self._outputs]
        return logits


def adapt_module(
    module: nn.Module,
    classes: Sequence[str | None] | None,
    layer: str | None,
    *,
    size: int,
    mean: float | Sequence[float],
    std: float | Sequence[float],
    grey: bool,
    channels: int,
    temperature: float,
    name: str | None,
) -> tuple[nn.Module, dict[str, Any]]:
    """Return a module with outputs in the order of `EMOTIONS`, and its card.

    The parameters are those of `xfera_nb.load_classifier`.

    Raises
    ------
    ModelError
        If something does not fit, in one sentence.
    """
    names = class_names(classes)
    rule = check_input_rule(size, mean, std, grey, channels)
    if not (isinstance(temperature, int | float) and 0 < temperature < math.inf):
        raise ModelError(f"temperature is {temperature!r}, but must be a number above 0.")
    module.eval()
    layers = _try_module(module, names, layer, rule)
    # Nothing to reorder: the network itself, so that what is fast for a known one stays fast.
    whole = module if tuple(names) == EMOTIONS else NamedOutputs(module, names)
    card = {
        "name": str(name or type(module).__name__),
        "classes": [emotion for emotion in EMOTIONS if emotion in names],
        "outputs": [emotion or "left out" for emotion in names],
        "input": rule,
        "layer": layer,
        "layers": layers,
        "temperature": float(temperature),
        "sha256": digest(module),
    }
    return whole, card


def class_names(classes: Sequence[str | None] | None) -> list[str | None]:
    """Turn the names of outputs into emotions, by the table of labels.

    Raises
    ------
    ModelError
        If a name is unknown or there twice, or fewer than two classes are named.
    """
    if classes is None or isinstance(classes, str) or not isinstance(classes, Iterable):
        raise ModelError(
            "Say what the network's outputs are, in their order: classes=['anger', 'fear', …]."
        )
    names = [None if given is None else label_to_emotion(given) for given in classes]
    for given, emotion in zip(classes, names, strict=True):
        if given is not None and emotion is None:
            raise ModelError(
                f"The class {given!r} is none of {', '.join(EMOTIONS)}: name it as one of them, or "
                "None to leave that output out."
            )
        if emotion is not None and names.count(emotion) > 1:
            raise ModelError(f"Two outputs are named {emotion}: each class has one output.")
    if sum(name is not None for name in names) < 2:
        raise ModelError("At least two of the seven emotions must be among the classes.")
    return names


def check_input_rule(
    size: int,
    mean: float | Sequence[float],
    std: float | Sequence[float],
    grey: bool,
    channels: int,
) -> dict[str, Any]:
    """Check an input rule and return it as `xfera_nb.classifier.preprocess` reads it.

    Raises
    ------
    ModelError
        If a value is not possible.
    """
    low, high = SIZES
    if isinstance(size, bool) or not isinstance(size, int) or not low <= size <= high:
        raise ModelError(f"size is {size!r}, but must be a whole number from {low} to {high}.")
    if channels not in (1, 3) or (channels == 1 and not grey):
        raise ModelError("channels is 3, or with grey=True also 1.")
    rule: dict[str, Any] = {"size": size, "colour": "grey" if grey else "RGB", "channels": channels}
    for key, value in (("mean", mean), ("std", std)):
        numbers = list(value) if isinstance(value, Iterable) else [value]
        fits = len(numbers) in (1, channels) and all(
            isinstance(n, int | float) and math.isfinite(n) for n in numbers
        )
        if not fits or (key == "std" and min(numbers) <= 0):
            above = " above 0" if key == "std" else ""
            raise ModelError(
                f"{key} is {value!r}, but must be one number{above}, or one for each of the "
                f"{channels} channels, of values from 0 to 1."
            )
        rule[key] = [float(n) for n in numbers]
    return rule


def digest(module: nn.Module) -> str:
    """Compute the hexadecimal SHA-256 of all parameters and buffers with their names."""
    found = hashlib.sha256()
    for key, value in sorted(module.state_dict().items()):
        plain = value.detach().cpu().contiguous().reshape(-1)
        found.update(f"{key} {value.dtype} {tuple(value.shape)}\n".encode())
        found.update(plain.view(torch.uint8).numpy())
    return found.hexdigest()


def _try_module(
    module: nn.Module, names: Sequence[str | None], layer: str | None, rule: dict[str, Any]
) -> list[str]:
    """Run the module once and return its layers with maps: the last of each size, deepest first."""
    shapes, outputs = _trace_shapes(module, rule)
    maps = [key for key, shape in shapes.items() if len(shape) == 4 and math.prod(shape[2:]) > 1]
    last = {shapes[key][2:]: key for key in maps}
    offered = list(last.values())[::-1]
    known = ", ".join(offered[:_MAX_SUGGESTED]) or "no layer of it gives a map"
    if layer is None:
        raise ModelError(f"Say which layer is explained: layer='…', such as {known}.")
    if layer not in dict(module.named_modules()) or not layer:
        raise ModelError(f"The network has no layer named {layer!r}: choose one such as {known}.")
    if layer not in shapes:
        raise ModelError(
            f"The layer {layer!r} is not used exactly once for an image, or gives no tensor: "
            f"choose one such as {known}."
        )
    if layer not in maps:
        raise ModelError(
            f"The layer {layer!r} gives {shapes[layer]} and no map (N, channels, height, width): "
            f"choose one such as {known}."
        )
    _check_outputs(outputs, len(names))
    last[shapes[layer][2:]] = layer
    return list(dict.fromkeys([layer, *list(last.values())[::-1]]))


def _trace_shapes(
    module: nn.Module, rule: dict[str, Any]
) -> tuple[dict[str, tuple[int, ...]], Any]:
    """Return the output shape of each layer that is used once, in order of use, and the outputs."""
    device = device_of(module)
    shapes: dict[str, tuple[int, ...]] = {}
    used: dict[str, int] = {}

    def hook(key: str) -> Any:
        def keep(_: nn.Module, __: Any, output: Any) -> None:
            used[key] = used.get(key, 0) + 1
            if isinstance(output, Tensor):
                shapes.pop(key, None)
                shapes[key] = tuple(output.shape)

        return keep

    side, channels = rule["size"], rule["channels"]
    images = torch.rand(
        (_TRIAL_IMAGES, channels, side, side), generator=torch.Generator().manual_seed(0)
    ).contiguous(memory_format=torch.channels_last)
    images = images.to(device)
    hooks = [part.register_forward_hook(hook(key)) for key, part in module.named_modules() if key]
    try:
        with torch.no_grad():
            outputs = module(images)
    except _TRIAL_ERRORS as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"The network does not take float32 of {tuple(images.shape)} ({reason}): give the "
            "size, the channels or the form that it was trained with."
        ) from error
    finally:
        for one in hooks:
            one.remove()
    return {key: shape for key, shape in shapes.items() if used[key] == 1}, outputs


def _check_outputs(outputs: Any, count: int) -> None:
    if not isinstance(outputs, Tensor) or outputs.ndim != 2 or len(outputs) != _TRIAL_IMAGES:
        given = tuple(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__
        raise ModelError(
            f"The network gives {given} for {_TRIAL_IMAGES} images: wrap it so that it gives its "
            "logits alone, (N, classes)."
        )
    if outputs.shape[1] != count:
        raise ModelError(
            f"The network has {outputs.shape[1]} outputs, but {count} classes are named: name each "
            "output in its order, None for one that is left out."
        )
    if outputs.is_meta:
        raise ModelError(
            "The network lies on the meta device, which holds no values: load its weights on cpu "
            "or cuda first."
        )
    outputs = outputs.float()
    if not torch.isfinite(outputs).all():
        raise ModelError("The network's outputs are not finite: look into its weights.")
    sums = outputs.sum(dim=1)
    if (outputs >= 0).all() and torch.allclose(sums, torch.ones_like(sums), atol=1e-4):
        raise ModelError(
            "The network's outputs are probabilities already: give it without its softmax, so that "
            "it gives logits."
        )
