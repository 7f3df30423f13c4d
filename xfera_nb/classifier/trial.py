"""Try a network once, forwards and backwards, so that what does not fit is reported at once.

The forward pass takes two random images and notes what each layer gives; the backward pass takes
one, and finds the layers on which the answer depends: a layer that the gradient does not reach has
no map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from xfera_nb.classifier.devices import device_of
from xfera_nb.classifier.layer_maps import (
    CHANNELS_LAST,
    TOKENS,
    ReshapeRule,
    guess_rule,
    is_map,
    read_map,
)
from xfera_nb.errors import ModelError

IMAGES = 2
FAULTS = (RuntimeError, TypeError, ValueError, IndexError, KeyError, AttributeError, AssertionError)
"""What a network raises that does not take what it is given."""
_MAX_SUGGESTED = 4  # layers named in an error
_QUANTISED = ("torch.ao.nn.quantized", "torch.nn.quantized", "torch.ao.nn.intrinsic.quantized")
_SHAPES = {TOKENS: "(N, tokens, channels)", CHANNELS_LAST: "(N, height, width, channels)"}


def check_kind(module: nn.Module) -> None:
    """Refuse kinds of networks whose layers cannot be explained.

    Raises
    ------
    ModelError
        If the network is TorchScript or quantised.
    """
    for part in module.modules():
        if isinstance(part, torch.jit.ScriptModule):
            raise ModelError(
                "The network is TorchScript, whose layers cannot be looked into: give the Python "
                "module that it was made from."
            )
        if type(part).__module__.startswith(_QUANTISED):
            raise ModelError(
                "The network is quantised, so that no gradient passes through it: give the one "
                "with floating-point weights that it was made from."
            )


def try_network(
    module: nn.Module,
    names: Sequence[str | None],
    layer: str | None,
    input_rule: dict[str, Any],
    reshape: ReshapeRule = None,
) -> list[str]:
    """Run a network forwards and backwards, and return its layers that have maps.

    Parameters
    ----------
    module : nn.Module
        In evaluation mode, its parameters without gradients.
    names : sequence of (str or None)
        The emotion of each output; None for one that is left out.
    layer : str or None
        The layer to explain.
    input_rule : dict
        As `xfera_nb.classifier.input_rule.check_input_rule` returns it.
    reshape : {"channels_last", "tokens"}, callable or None
        How a layer's output is read as maps.

    Returns
    -------
    list of str
        `layer`, then the last layer of each size of map, deepest first.

    Raises
    ------
    ModelError
        If something does not fit, in one sentence.
    """
    shapes, outputs = _trace(module, input_rule)
    _check_outputs(outputs, len(names))
    columns = [column for column, name in enumerate(names) if name is not None]
    found = _Backward(module, input_rule, reshape, shapes, columns)
    last = {found.maps[key]: key for key in shapes if key in found.reached}
    offered = list(last.values())[::-1]
    suggestion = _suggest(offered)
    if layer is None:
        raise ModelError(f"Say which layer is explained: layer='…'{suggestion(', such as ', '.')}")
    if layer not in dict(module.named_modules()) or not layer:
        reason = f"The network has no layer named {layer!r}"
        raise ModelError(reason + suggestion(": choose one such as ", ", and no layer gives maps."))
    if layer not in shapes:
        reason = f"The layer {layer!r} is not used exactly once for an image, or gives no tensor"
        raise ModelError(reason + suggestion(": choose one such as ", ": explain another network."))
    if layer not in found.maps:
        raise ModelError(_describe_misfit(layer, shapes[layer], reshape, found, suggestion))
    if found.cubic(layer):
        _check_cube(module, layer, shapes[layer], input_rule)
    if layer not in found.reached:
        raise ModelError(_describe_unreached(layer, found, suggestion))
    last[found.maps[layer]] = layer
    return list(dict.fromkeys([layer, *list(last.values())[::-1]]))


class _Backward:
    """Run one image forwards and backwards and keep which layers have maps and a gradient.

    Attributes
    ----------
    maps : dict of str to (int, int)
        Height and width of the map of each layer that gives one.
    reached : set of str
        Those of them on which the outputs depend.
    detached : set of str
        Those of them that were computed without a graph.
    faults : dict of str to str
        Why a reshape function did not take a layer's output.
    """

    def __init__(
        self,
        module: nn.Module,
        input_rule: dict[str, Any],
        reshape: ReshapeRule,
        shapes: dict[str, tuple[int, ...]],
        columns: list[int],
    ) -> None:
        self.maps: dict[str, tuple[int, int]] = {}
        self.reached: set[str] = set()
        self.detached: set[str] = set()
        self.faults: dict[str, str] = {}
        self._reshape, self._shapes = reshape, shapes
        kept: dict[str, Tensor] = {}

        def hook(key: str) -> Callable[..., None]:
            def keep(_: nn.Module, __: Any, output: Tensor) -> None:
                if self._gives_map(key, output):
                    kept[key] = output

            return keep

        hooks = [module.get_submodule(key).register_forward_hook(hook(key)) for key in shapes]
        try:
            with torch.inference_mode(False), torch.enable_grad():
                outputs = module(_images(module, input_rule, 1).requires_grad_())
                self._read_gradients(kept, outputs[0, columns])
        except FAULTS as error:
            raise ModelError(
                f"The network gives no gradient ({shorten(error)}): make its forward pass "
                "differentiable, as a map is made from the gradient."
            ) from error
        finally:
            for one in hooks:
                one.remove()

    def cubic(self, layer: str) -> bool:
        """Return whether a layer's channels are as many as its map is high and wide, unasked."""
        shape = self._shapes[layer]
        return self._reshape is None and shape[1] == shape[2]

    def _gives_map(self, key: str, output: Tensor) -> bool:
        try:
            found = read_map(output.detach(), self._reshape)
            shape = tuple(found.shape)
        except FAULTS as error:
            self.faults[key] = shorten(error)
            return False
        fits = is_map(shape, 1) and self._shapes[key][0] == IMAGES and found.is_floating_point()
        if not fits or _is_attention(found):
            return False
        self.maps[key] = (shape[2], shape[3])
        return True

    def _read_gradients(self, kept: dict[str, Tensor], logits: Tensor) -> None:
        self.detached = {key for key, output in kept.items() if not output.requires_grad}
        if not logits.requires_grad:
            raise ModelError(
                "The network gives no gradient, as its forward pass runs under torch.no_grad or "
                "torch.inference_mode, or detaches its features: remove that, as a map is made "
                "from the gradient."
            )
        keys = [key for key in kept if key not in self.detached]
        # A random mixture of the logits: its gradient is zero only where that of each is.
        generator = torch.Generator("cpu").manual_seed(0)
        weights = torch.randn(
            len(logits), generator=generator, device="cpu", dtype=torch.float32
        ).to(logits)
        gradients = torch.autograd.grad(
            (logits * weights).sum(), [kept[key] for key in keys], allow_unused=True
        ) if keys else ()  # fmt: skip
        for key, gradient in zip(keys, gradients, strict=True):
            if gradient is not None and bool((read_map(gradient, self._reshape) != 0).any()):
                self.reached.add(key)


def _trace(
    module: nn.Module, input_rule: dict[str, Any]
) -> tuple[dict[str, tuple[int, ...]], Any]:
    """Return the output shape of each layer that is used once, in order of use, and the outputs."""
    shapes: dict[str, tuple[int, ...]] = {}
    used: dict[str, int] = {}

    def hook(key: str) -> Callable[..., None]:
        def keep(_: nn.Module, __: Any, output: Any) -> None:
            used[key] = used.get(key, 0) + 1
            if isinstance(output, Tensor):
                shapes.pop(key, None)
                shapes[key] = tuple(output.shape)

        return keep

    images = _images(module, input_rule, IMAGES)
    hooks = [part.register_forward_hook(hook(key)) for key, part in module.named_modules() if key]
    try:
        with torch.no_grad():
            outputs = module(images)
    except FAULTS as error:
        raise ModelError(
            f"The network does not take float32 of {tuple(images.shape)} ({shorten(error)}): give "
            "the size, the channels or the form that it was trained with."
        ) from error
    finally:
        for one in hooks:
            one.remove()
    return {key: shape for key, shape in shapes.items() if used[key] == 1}, outputs


def _images(module: nn.Module, input_rule: dict[str, Any], count: int, more: int = 0) -> Tensor:
    """Draw random images on the network's device, whatever the default device and type are."""
    side = input_rule["size"] + more
    images = torch.rand(
        (count, input_rule["channels"], side, side),
        generator=torch.Generator("cpu").manual_seed(0),
        device="cpu",
        dtype=torch.float32,
    )
    return images.contiguous(memory_format=torch.channels_last).to(device_of(module))


def _is_attention(found: Tensor) -> bool:
    """Return whether maps are attention weights: not negative, each row with the sum 1."""
    if found.is_meta or bool((found < 0).any()):
        return False
    sums = found.float().sum(dim=-1)
    return bool(torch.allclose(sums, torch.ones_like(sums), atol=1e-3))


def _check_cube(
    module: nn.Module, layer: str, shape: tuple[int, ...], input_rule: dict[str, Any]
) -> None:
    """Tell (N, 16, 16, 16) with the channels last from maps, by a larger image.

    Height and width grow with the image, channels do not. A network that takes no other size is
    believed.
    """
    grown: list[tuple[int, ...]] = []
    hook = module.get_submodule(layer).register_forward_hook(
        lambda _, __, output: grown.append(tuple(output.shape))
    )
    try:
        with torch.no_grad():
            module(_images(module, input_rule, IMAGES, more=input_rule["size"]))
    except FAULTS:
        return
    finally:
        hook.remove()
    if grown and len(grown[0]) == 4 and grown[0][1] > shape[1] and grown[0][3] == shape[3]:
        raise ModelError(_describe_rule(layer, shape, CHANNELS_LAST))


def _describe_misfit(
    layer: str,
    shape: tuple[int, ...],
    reshape: ReshapeRule,
    found: _Backward,
    suggestion: Callable[[str, str], str],
) -> str:
    """Return the sentence about a layer that gives no map."""
    if layer in found.faults:
        return (
            f"reshape_transform does not take {shape}, which the layer {layer!r} gives "
            f"({found.faults[layer]}): it must return (N, channels, height, width)."
        )
    rule = guess_rule(shape)
    if rule is not None and rule != reshape and not callable(reshape) and shape[0] == IMAGES:
        return _describe_rule(layer, shape, rule)
    after = ", nor does reshape_transform make one of it" if reshape is not None else ""
    reason = f"The layer {layer!r} gives {shape} and no map (N, channels, height, width) as high "
    reason += f"as wide{after}"
    return reason + suggestion(": choose one such as ", ": give a reshape_transform that does.")


def _describe_rule(layer: str, shape: tuple[int, ...], rule: str) -> str:
    return (
        f"The layer {layer!r} gives {shape}, which is {_SHAPES[rule]} and no map: give "
        f"reshape_transform={rule!r}, or a function that returns (N, channels, height, width)."
    )


def _describe_unreached(
    layer: str, found: _Backward, suggestion: Callable[[str, str], str]
) -> str:
    """Return the sentence about a layer that the gradient does not reach."""
    if layer in found.detached:
        reason = (
            f"No gradient reaches the layer {layer!r}, which the network computes under "
            "torch.no_grad or detaches: remove that from its forward pass"
        )
        return reason + suggestion(", or choose a layer such as ", ".")
    reason = f"The network's outputs do not depend on the maps of the layer {layer!r}"
    return reason + suggestion(": choose one such as ", ", nor on any other: explain another one.")


def _suggest(offered: list[str]) -> Callable[[str, str], str]:
    """Return a function that ends a sentence with the layers that can be explained, if any."""

    def end(before: str, without: str) -> str:
        return f"{before}{', '.join(offered[:_MAX_SUGGESTED])}." if offered else without

    return end


def _check_outputs(outputs: Any, count: int) -> None:
    if not isinstance(outputs, Tensor) or outputs.ndim != 2 or len(outputs) != IMAGES:
        given = tuple(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__
        raise ModelError(
            f"The network gives {given} for {IMAGES} images: wrap it so that it gives its logits "
            "alone, (N, classes)."
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


def shorten(error: BaseException) -> str:
    """Return the first sentence of an error, without its full stop."""
    return " ".join(str(error).split()).partition(". ")[0].rstrip(".")[:160]
