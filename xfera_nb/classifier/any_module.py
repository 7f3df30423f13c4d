"""Any torch module as a classifier: seven or fewer named outputs, and a layer to explain.

The module computes logits (N, outputs), before any softmax. The user names its outputs by words or
codes of `xfera_nb.datasets.labels`; an output named None (contempt, say) is left out of the
softmax. A class without an output gets the logit minus infinity, so that it is never predicted,
and the probability NaN: the network does not measure it, which is not 0.

The module is tried once, forwards and backwards (`xfera_nb.classifier.trial`). It is used as it is,
in evaluation mode, without gradients of its parameters and without operations in place of the
modules that have a switch for it, since those overwrite the layer before: give a copy of a module
that is still in training.
"""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from xfera_nb.classifier.input_rule import check_input_rule
from xfera_nb.classifier.layer_maps import RESHAPE_RULES, ReshapeRule
from xfera_nb.classifier.trial import check_kind, try_network
from xfera_nb.datasets.labels import label_to_emotion
from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS


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
    mean: Any,
    std: Any,
    grey: bool,
    channels: int,
    temperature: float,
    name: str | None,
    reshape_transform: ReshapeRule = None,
    bgr: bool = False,
    margin: float | None = None,
    align: bool = True,
) -> tuple[nn.Module, dict[str, Any]]:
    """Return a module with outputs in the order of `EMOTIONS`, and its card.

    The parameters are those of `xfera_nb.load_classifier`.

    Raises
    ------
    ModelError
        If something does not fit, in one sentence.
    """
    names = class_names(classes)
    rule = check_input_rule(
        size, mean, std, grey, channels, bgr=bgr, margin=margin, align=align
    )
    if not (isinstance(temperature, int | float) and 0 < temperature < math.inf):
        raise ModelError(f"temperature is {temperature!r}, but must be a number above 0.")
    if not callable(reshape_transform) and reshape_transform not in (None, *RESHAPE_RULES):
        raise ModelError(
            f"reshape_transform is {reshape_transform!r}, but must be one of "
            f"{', '.join(RESHAPE_RULES)}, or a function of a layer's output."
        )
    # What torch.compile gives holds the network itself under this name.
    module = getattr(module, "_orig_mod", module)
    check_kind(module)
    module = _without_inference_tensors(module).eval().requires_grad_(False)
    for part in module.modules():
        if getattr(part, "inplace", False) is True:
            part.inplace = False  # type: ignore[assignment]
    layers = try_network(module, names, layer, rule, reshape_transform)
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
        "reshape_transform": reshape_transform,
    }
    return whole, card


def _without_inference_tensors(module: nn.Module) -> nn.Module:
    """Return the module, or a copy of one built in inference mode, which allows no gradient."""
    tensors = [*module.parameters(), *module.buffers()]
    if not any(tensor.is_inference() for tensor in tensors):
        return module
    with torch.inference_mode(False):
        return copy.deepcopy(module)


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


def digest(module: nn.Module) -> str:
    """Compute the hexadecimal SHA-256 of all parameters and buffers with their names."""
    found = hashlib.sha256()
    for key, value in sorted(module.state_dict().items()):
        if not isinstance(value, Tensor):  # a module's own state
            found.update(f"{key} {value!r}\n".encode())
            continue
        plain = value.detach().cpu().contiguous().reshape(-1)
        found.update(f"{key} {value.dtype} {tuple(value.shape)}\n".encode())
        found.update(plain.view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
