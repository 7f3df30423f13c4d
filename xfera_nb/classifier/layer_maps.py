"""Read what a layer gives as maps (N, channels, height, width), by a reshape rule.

Convolutions give maps. Swin's blocks give (N, height, width, channels), a Vision Transformer's give
(N, tokens, channels): class and register tokens first, then those of the places, row by row. The
rule is the name of one of `RESHAPE_RULES`, or a function of the layer's output, as the parameter
``reshape_transform`` of the package pytorch-grad-cam. It only reorders and selects values, so that
it is right for gradients too.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from torch import Tensor

CHANNELS_LAST, TOKENS = "channels_last", "tokens"
RESHAPE_RULES = (CHANNELS_LAST, TOKENS)
"""Rules by name: (N, height, width, channels), and (N, tokens, channels)."""
MAX_EXTRA_TOKENS = 8
"""Class, distillation and register tokens before those of the places, at most."""

ReshapeRule = str | Callable[[Tensor], Tensor] | None


def read_map(output: Tensor, rule: ReshapeRule) -> Tensor:
    """Return a layer's output, or its gradient, as maps.

    Parameters
    ----------
    output : Tensor
        (N, ...) float.
    rule : {"channels_last", "tokens"}, callable or None
        A rule by name leaves what it is not about as it is.

    Returns
    -------
    Tensor
        (N, channels, height, width) where the rule fits.
    """
    if callable(rule):
        return rule(output)
    if guess_rule(output.shape) == rule == TOKENS:
        places = _square(output.shape[1])
        side = math.isqrt(places)
        grid = output[:, output.shape[1] - places :]
        return grid.reshape(len(output), side, side, -1).permute(0, 3, 1, 2)
    # Also where all three sides are equal: the user says what they are.
    if rule == CHANNELS_LAST and output.ndim == 4 and output.shape[1] == output.shape[2]:
        return output.permute(0, 3, 1, 2)
    return output


def guess_rule(shape: tuple[int, ...]) -> str | None:
    """Return the rule that fits the shape of a layer's output; None for maps and for the rest."""
    if len(shape) == 3 and _square(shape[1]):
        return TOKENS
    if len(shape) == 4 and shape[1] == shape[2] != shape[3] and shape[1] > 1:
        return CHANNELS_LAST
    return None


def is_map(shape: tuple[int, ...], images: int) -> bool:
    """Return whether a shape is that of maps of square inputs: as high as wide, of several cells.

    Parameters
    ----------
    shape : tuple of int
    images : int
        N. Attention within windows gives another number.
    """
    return len(shape) == 4 and shape[0] == images and shape[2] == shape[3] > 1


def name_rule(rule: ReshapeRule) -> str | None:
    """Return the name of a rule, for a store's manifest."""
    return getattr(rule, "__name__", type(rule).__name__) if callable(rule) else rule


def _square(tokens: int) -> int:
    """Return the tokens of the places: the greatest square that leaves few; 0 if there is none."""
    places = math.isqrt(tokens) ** 2
    return places if places > 1 and tokens - places <= MAX_EXTRA_TOKENS else 0
