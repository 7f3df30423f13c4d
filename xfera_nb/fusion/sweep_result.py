"""Hold and read what a sweep found: figures for every setting of its grid.

`MEASURES` says what each figure is; `xfera_nb.fusion.sweeps` says which faces it is of. All but the
mean number of active AUs are shares, 0-1, or (excess drop) differences of probabilities, -1 to 1.
NaN stands for undefined.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from xfera_nb.errors import ParamsError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.fusion.choices import AXES, MEASURES
from xfera_nb.fusion.params import LIMITS, FusionParams
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    import pandas as pd

MOST_SETTINGS = 500_000
"""Most settings of a grid: a measure and its seven emotions are then 32 MB."""
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Sweep:
    """Hold the figures of all settings of a grid; read one with ``sweep["f1"]``.

    Attributes
    ----------
    base : FusionParams
        What the settings have in common.
    emotion : str
        One of `TARGETS`.
    axes : mapping of str to ndarray
        In the order k, min_intensity, coverage, saliency_weight: each (n,), ascending.
    measures : mapping of str to ndarray
        For each of `MEASURES` a read-only float64 array with these four axes.
    per_emotion : mapping of str to ndarray
        The same with a first axis of 7, in the order of `EMOTIONS`.
    faces : mapping of str to int
        Faces that were counted, for each emotion; "all", also of those without a label.
    left_out : int
        Faces that have no label to take as the target.
    grouped : str
        "label", or "target class" where the store has no labels: what `per_emotion` goes by.
    """

    base: FusionParams
    target: str
    axes: Mapping[str, np.ndarray] = field(repr=False)
    measures: Mapping[str, np.ndarray] = field(repr=False)
    per_emotion: Mapping[str, np.ndarray] = field(repr=False)
    faces: Mapping[str, int]
    left_out: int
    grouped: str

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Return the number of values of each axis."""
        k, min_intensity, coverage, weight = (len(axis) for axis in self.axes.values())
        return k, min_intensity, coverage, weight

    def __len__(self) -> int:
        """Return the number of settings."""
        return int(np.prod(self.shape))

    def __getitem__(self, measure: str) -> np.ndarray:
        return self.measure(measure)

    def __repr__(self) -> str:
        grid = " x ".join(f"{len(axis)} {name}" for name, axis in self.axes.items())
        faces = count_of(self.faces["all"], "face")
        return f"<Sweep of {grid} over {faces}, target: {self.target}>"

    def measure(self, name: str, emotion: str | None = None) -> np.ndarray:
        """Return one measure at all settings, float64 in the order of `AXES`.

        Parameters
        ----------
        name : str
            One of `MEASURES`.
        emotion : str, optional
            Of the faces of one emotion; of all by default.

        Raises
        ------
        ParamsError
            If there is no such measure.
        ValueError
            If the emotion is none of the seven.
        """
        if name not in MEASURES:
            raise ParamsError(f"{name!r} is no measure; there are {', '.join(MEASURES)}.")
        if emotion is None:
            return self.measures[name]
        if emotion not in EMOTIONS:
            raise ValueError(f"{emotion!r} is not one of {', '.join(EMOTIONS)}.")
        of_emotion: np.ndarray = self.per_emotion[name][EMOTIONS.index(emotion)]
        return of_emotion

    def params(self, index: Iterable[int]) -> FusionParams:
        """Return the setting at an index of the arrays."""
        values = zip(self.axes.items(), index, strict=True)
        chosen = {name: float(axis[i]) for (name, axis), i in values}
        return FusionParams.from_dict(chosen, base=self.base)

    def index(self, params: FusionParams) -> tuple[int, ...]:
        """Return the index of a setting in the arrays.

        Raises
        ------
        ParamsError
            If it is not on the grid.
        """
        for name in ("region", "scope"):
            if getattr(params, name) != getattr(self.base, name):
                raise ParamsError(f"The sweep was made with {name} {getattr(self.base, name)}.")
        return tuple(place(self.axes, name, getattr(params, name)) for name in AXES)

    def figures(self, params: FusionParams, emotion: str | None = None) -> dict[str, float]:
        """All measures at one setting of the grid.

        Raises
        ------
        ParamsError
            If it is not on the grid.
        """
        index = self.index(params)
        return {name: float(self.measure(name, emotion)[index]) for name in MEASURES}

    def take(
        self,
        measure: str,
        *names: str,
        at: FusionParams | Mapping[str, float] | None = None,
        emotion: str | None = None,
    ) -> np.ndarray:
        """Return a measure over some parameters, the others fixed: a line, or a table of two.

        Parameters
        ----------
        measure : str
            One of `MEASURES`.
        *names : str
            The parameters that stay, in the order of the axes of what is returned.
        at : FusionParams or mapping, optional
            Values of the others, on the grid; what is not given is taken where `fixed` says.
        emotion : str, optional
            Of the faces of one emotion; of all by default.

        Returns
        -------
        ndarray
            float64, (values of the first name, values of the second, ...).

        Raises
        ------
        ParamsError
            If a name is unknown or twice there, or a value is not on the grid.
        """
        if len({*names}) < len(names) or not {*names} <= {*AXES}:
            raise ParamsError(f"Name different ones of {', '.join(AXES)}, not {', '.join(names)}.")
        fixed = self.fixed(at)
        index = tuple(
            slice(None) if name in names else place(self.axes, name, getattr(fixed, name))
            for name in AXES
        )
        kept = [name for name in AXES if name in names]
        return self.measure(measure, emotion)[index].transpose([kept.index(n) for n in names])

    def fixed(self, at: FusionParams | Mapping[str, float] | None = None) -> FusionParams:
        """Return the values that `take` gives the parameters that it fixes.

        Parameters
        ----------
        at : FusionParams or mapping, optional
            Values that are wanted; for what is not given, the grid's value nearest to the base's.
        """
        if isinstance(at, FusionParams):
            at = {name: getattr(at, name) for name in AXES}
        return FusionParams.from_dict(at or {}, base=self.params(self._nearest_to_base()))

    def best(
        self,
        by: str = "f1",
        at_least: Mapping[str, float] | None = None,
        emotion: str | None = None,
    ) -> FusionParams:
        """Return the setting with the greatest value of a measure: the first of `ranked`."""
        return self.ranked(by, at_least, emotion, most=1)[0]

    def ranked(
        self,
        by: str = "f1",
        at_least: Mapping[str, float] | None = None,
        emotion: str | None = None,
        most: int = 10,
    ) -> tuple[FusionParams, ...]:
        """Return the settings with the greatest values of a measure.

        Of equals (to 9 digits) the more stable comes first, then the one that is fewer steps of the
        grid away from the base.

        Parameters
        ----------
        by : str
            One of `MEASURES`.
        at_least : mapping of str to float, optional
            Measure -> the least value that counts, such as ``{"explained": 0.6}``.
        emotion : str, optional
            By the faces of one emotion; by all by default.
        most : int
            How many.

        Raises
        ------
        ParamsError
            If no setting is left, or there is no such measure.
        """
        values = np.round(self.measure(by, emotion), 9)
        kept = ~np.isnan(values)
        for name, least in (at_least or {}).items():
            kept &= self.measure(name, emotion) >= least
        if not kept.any():
            wanted = "".join(f" and {n} of at least {v:g}" for n, v in (at_least or {}).items())
            raise ParamsError(
                f"No setting of the grid has a value of {by}{wanted}: ask for less or sweep more."
            )
        index = np.argwhere(kept)
        steps = np.abs(index - self._nearest_to_base()).sum(axis=1)
        stability = np.nan_to_num(self.measure("stability", emotion)[kept], nan=-1.0)
        order = np.lexsort((steps, -np.round(stability, 9), -values[kept]))
        return tuple(self.params(index[row]) for row in order[:most])

    def edges(self, params: FusionParams) -> tuple[str, ...]:
        """Return the parameters of a setting that lie at an end of their axis.

        An axis of one value has no end, and one that ends at the parameter's own limit ends there
        for every grid.

        Raises
        ------
        ParamsError
            If the setting is not on the grid.
        """
        found = []
        for (name, axis), place_ in zip(self.axes.items(), self.index(params), strict=True):
            is_end = len(axis) > 1 and place_ in (0, len(axis) - 1)
            if is_end and not np.isclose(axis[place_], LIMITS[name]).any():
                found.append(name)
        return tuple(found)

    def edge_note(self, params: FusionParams) -> str:
        """Return the sentence that says that a best setting lies at an end of the grid, or ""."""
        names = self.edges(params)
        if not names:
            return ""
        where = ", ".join(f"{name} {getattr(params, name):g}" for name in names)
        return (
            f"The best setting lies at the edge of the grid ({where}): a wider grid may hold a "
            "better one."
        )

    def to_frame(self, *, per_emotion: bool = False) -> pd.DataFrame:
        """Return a row for each setting with its parameters and `MEASURES`.

        Parameters
        ----------
        per_emotion : bool
            Also the rows of each emotion; a first column `emotion` tells them from those of "all".
        """
        import pandas as pd

        grid = np.meshgrid(*self.axes.values(), indexing="ij")
        settings = {name: values.ravel() for name, values in zip(AXES, grid, strict=True)}
        frames = [
            pd.DataFrame(
                {"emotion": emotion or "all"}
                | settings
                | {name: self.measure(name, emotion).ravel() for name in MEASURES}
            )
            for emotion in (None, *(EMOTIONS if per_emotion else ()))
        ]
        return pd.concat(frames, ignore_index=True)

    def _nearest_to_base(self) -> tuple[int, ...]:
        return tuple(nearest(axis, getattr(self.base, n)) for n, axis in self.axes.items())


def make_grid(
    base: FusionParams, wanted: Mapping[str, float | Iterable[float] | None]
) -> Mapping[str, np.ndarray]:
    """Make the axes of a grid: four parameters, each with one value or several, ascending.

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
    if size > MOST_SETTINGS:
        raise ParamsError(f"A grid of {size:,} settings is too big; {MOST_SETTINGS:,} is the most.")
    return MappingProxyType(axes)


def place(axes: Mapping[str, np.ndarray], name: str, value: float) -> int:
    """Return the index of a value on its axis.

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
    """Return the index of the entry of an axis nearest to a value; of two, the lower."""
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
        FusionParams.from_dict({name: value}, base=base)
    values.setflags(write=False)
    return values
