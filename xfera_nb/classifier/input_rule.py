"""Check how a network from outside is fed: its size, colours, normalisation and crop."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xfera_nb.errors import ModelError

SIZES = (16, 1024)
"""Least and greatest side of a network's input, pixels."""
MARGINS = (0.05, 2.0)
"""Least and greatest margin of a crop, in sides of the landmarks' box."""


def check_input_rule(
    size: int,
    mean: Any,
    std: Any,
    grey: bool,
    channels: int,
    *,
    bgr: bool = False,
    margin: float | None = None,
    align: bool = True,
) -> dict[str, Any]:
    """Check an input rule and return it as `xfera_nb.classifier.preprocess` reads it.

    Parameters
    ----------
    size, mean, std, grey, channels, bgr, margin, align
        As in `xfera_nb.load_classifier`.

    Returns
    -------
    dict
        With `crop` where the network takes another crop than the toolkit's.

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
    if grey and bgr:
        raise ModelError("grey=True has no order of colours: leave bgr out.")
    colour = "grey" if grey else "BGR" if bgr else "RGB"
    rule: dict[str, Any] = {"size": size, "colour": colour, "channels": channels}
    for key, value in (("mean", mean), ("std", std)):
        rule[key] = _check_numbers(key, value, channels)
    crop = _check_crop(margin, align)
    return rule | ({"crop": crop} if crop else {})


def _check_numbers(key: str, value: Any, channels: int) -> list[float]:
    """Return one number or one a channel, from a number, a sequence, an array or a tensor."""
    try:
        plain = value.detach().cpu() if hasattr(value, "detach") else value
        if isinstance(plain, str | bool):
            raise TypeError
        numbers = np.asarray(plain, dtype=np.float64).ravel().tolist()
    except (TypeError, ValueError, RuntimeError):
        numbers = []
    if len(numbers) not in (1, channels) or not all(map(math.isfinite, numbers)):
        raise ModelError(
            f"{key} is {_show(value)}, but must be one number, or one for each of the {channels} "
            "channels, of values from 0 to 1."
        )
    if max(numbers) > 1:
        raise ModelError(
            f"{key} is {_show(value)}, but must be of values from 0 to 1: divide "
            f"{'it' if len(numbers) == 1 else 'them'} by 255 where the network was trained with "
            "values from 0 to 255."
        )
    if min(numbers) < 0 or (key == "std" and min(numbers) == 0):
        least = "above 0" if key == "std" else "of at least 0"
        raise ModelError(f"{key} is {_show(value)}, but must be one number {least}, or several.")
    return [float(number) for number in numbers]


def _check_crop(margin: float | None, align: bool) -> dict[str, Any]:
    low, high = MARGINS
    crop: dict[str, Any] = {}
    if margin is not None:
        known = isinstance(margin, int | float) and not isinstance(margin, bool)
        if not known or not low <= margin <= high:
            raise ModelError(
                f"margin is {_show(margin)}, but must be a number from {low:g} to {high:g}, in "
                "sides of the box around the landmarks."
            )
        crop["margin"] = float(margin)
    if not align:
        crop["align"] = False
    return crop


def _show(value: Any) -> str:
    return " ".join(repr(value).split())[:80]
