"""The grid of a sweep: four parameters, each with one value or several, ascending.

Limits are those of `FusionParams`; a parameter that is not given stands at the base's value. A grid
holds at most `MOST` settings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from xfera_nb.errors import ParamsError
from xfera_nb.fusion.params import FusionParams

AXES = ("k", "min_intensity", "coverage", "saliency_weight")
"""The parameters that a grid may have, in the order of its arrays' axes."""
MOST = 500_000
"""Most settings of a grid: a measure and its seven emotions are then 32 MB."""
_SAME = 1e-9


def make_grid(
    base: FusionParams, wanted: Mapping[str, float | Iterable[float] | None]
) -> Mapping[str, np.ndarray]:
    """Axes of a grid.

    Parameters
    ----------
    base : FusionParams
    wanted : mapping
        Name in `AXES` -> a number, several of them, or None for the base's.

    Returns
    -------
    mapping of str to ndarray
        In the order of `AXES`, each (n,) float64, ascending, without repeats, read-only.

    Raises
    ------
    ParamsError
        If a value is outside of its limits, an axis is empty, or the grid is too big.
    """
    axes = {name: _axis(base, name, wanted.get(name)) for name in AXES}
    size = math.prod(map(len, axes.values()))
    if size > MOST:
        raise ParamsError(f"A grid of {size:,} settings is too big; {MOST:,} is the most.")
    return MappingProxyType(axes)


def place(axes: Mapping[str, np.ndarray], name: str, value: float) -> int:
    """Index of a value on its axis.

    Raises
    ------
    ParamsError
        If it is not there.
    """
    axis = axes[name]
    index = nearest(axis, value)
    if not math.isclose(axis[index], value, rel_tol=_SAME, abs_tol=_SAME):
        raise ParamsError(
            f"{name} {value:g} is not on the grid; the nearest there is {axis[index]:g}."
        )
    return index


def nearest(axis: np.ndarray, value: float) -> int:
    """Index of the entry of an axis that is nearest to a value; of two, the lower."""
    return int(np.abs(axis - value).argmin())


def _axis(base: FusionParams, name: str, given: float | Iterable[float] | None) -> np.ndarray:
    if given is None:
        given = getattr(base, name)
    try:
        several = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
        values = np.unique(np.asarray(list(several), np.float64))
    except (TypeError, ValueError) as error:
        raise ParamsError(f"{name} takes a number or several, not {given!r}.") from error
    if not values.size:
        raise ParamsError(f"{name} has no value: give one or several.")
    for value in values.tolist():
        base.replace(**{name: value})
    values.setflags(write=False)
    return values
