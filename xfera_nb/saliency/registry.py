"""The registry of saliency methods: names, descriptions and functions, without a heavy import.

A method is one function in one file of `xfera_nb.saliency.methods`, found there by itself; a method
of your own is registered by the same decorator, wherever it lies. The command line, the widgets and
the functions read `METHODS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from xfera_nb.errors import unknown_name

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier

    Attribution = Callable[[Classifier, Tensor, Any, str], Tensor]

DEFAULT_METHOD = "gradcam"
"""The paper's choice (section 2.1)."""


@dataclass(frozen=True)
class SaliencyMethod:
    """Describe a saliency method and hold its function.

    Attributes
    ----------
    name : str
        As users write it: ``method="gradcam"``.
    label : str
        As a menu shows it.
    description : str
        One sentence: the first line of the function's docstring.
    uses_layer : bool
        Whether it explains a layer's output; otherwise it explains the input.
    smoothed : bool
        Whether its map of single pixels is smoothed (`xfera_nb.saliency.smoothing`), so that it can
        be read at landmarks.
    all_at_once : bool
        Whether the function takes None for the target, for the maps of all classes at the price of
        one: (7, channels, h, w).
    function : callable
        ``(classifier, x, target, layer) -> Tensor``: the input (1, C, S, S) float that
        `Classifier.preprocess` gives, with gradients on; the row of the target class in `EMOTIONS`;
        the dotted name of a layer. Returns (1, channels, h, w) signed values on any device, which
        are summed over their channels.
    """

    name: str
    label: str
    description: str
    uses_layer: bool
    function: Attribution
    smoothed: bool = False
    all_at_once: bool = False


_methods: dict[str, SaliencyMethod] = {}
METHODS: Mapping[str, SaliencyMethod] = MappingProxyType(_methods)
"""Name -> method, in alphabetical order of the files, then in the order of registration."""


def saliency_method(
    name: str,
    *,
    label: str,
    uses_layer: bool = False,
    smoothed: bool = False,
    all_at_once: bool = False,
) -> Callable[[Attribution], Attribution]:
    """Register the decorated function as a saliency method.

    Parameters
    ----------
    name, label, uses_layer, smoothed, all_at_once
        As in `SaliencyMethod`; a name that exists is replaced.

    Examples
    --------
    >>> @saliency_method("my_method", label="My method")  # doctest: +SKIP
    ... def my_method(classifier, x, target, layer):
    ...     "Multiply the input by its gradient."
    ...     classifier.module(x)[0, target].backward()
    ...     return x * x.grad
    """

    def register(function: Attribution) -> Attribution:
        description = (function.__doc__ or label).strip().splitlines()[0]
        _methods[name] = SaliencyMethod(
            name, label, description, uses_layer, function, smoothed, all_at_once
        )
        return function

    return register


def unregister_method(name: str) -> None:
    """Forget a method that was registered by `saliency_method`."""
    _methods.pop(name, None)


def method_label(method: str) -> str:
    """Return the label of a saliency method, such as "Grad-CAM"; an unknown one's own name."""
    return _methods[method].label if method in _methods else method


def describe_map(method: str, layer: str | None) -> str:
    """Return how a map was made, in words: "gradcam at layer4.2"."""
    return f"{method} at {layer}" if layer else method


def get_method(name: str) -> SaliencyMethod:
    """Return the method with a name.

    Raises
    ------
    InputError
        If there is none; the message names the nearest.
    """
    if name not in _methods:
        raise unknown_name("saliency method", name, _methods)
    return _methods[name]
