"""Which photos' explanations change from one setting to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion.arrays import fuse_many
from xfera_nb.fusion.params import FusionParams
from xfera_nb.fusion.sweeps import as_arrays, target_classes

if TYPE_CHECKING:
    from xfera_nb.fusion.sweeps import Source


@dataclass(frozen=True)
class Change:
    """One photo whose active AUs differ.

    Attributes
    ----------
    index : int
        Its place in the arrays.
    number : int
        Its place in the data set (`Row.number`).
    id : str
    before, after : tuple of int
        Active AUs, the highest combined score first.
    """

    index: int
    number: int
    id: str
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def gained(self) -> tuple[int, ...]:
        """AUs that are active only afterwards."""
        return tuple(au for au in self.after if au not in self.before)

    @property
    def lost(self) -> tuple[int, ...]:
        """AUs that are active only before."""
        return tuple(au for au in self.before if au not in self.after)


@dataclass(frozen=True, eq=False)
class Changes:
    """The photos whose active AUs differ, in the order of the arrays; a sequence of `Change`.

    Attributes
    ----------
    before, after : FusionParams
    index : ndarray
        (M,) int64, their places in the arrays.
    faces : int
        Faces that were compared.
    """

    before: FusionParams
    after: FusionParams
    index: np.ndarray
    faces: int
    _photos: tuple[Change, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self._photos)

    def __getitem__(self, place: int) -> Change:
        return self._photos[place]

    def __iter__(self) -> Iterator[Change]:
        return iter(self._photos)


def compare_settings(
    source: Source,
    before: FusionParams,
    after: FusionParams,
    *,
    target: str = "predicted",
    neutral: bool = False,
) -> Changes:
    """Compare the active AUs of every face at two settings.

    Parameters
    ----------
    source : EvidenceStore, StoreArrays or path
    before, after : FusionParams
        Any two; they need not lie on the grid of a sweep.
    target : str
        The class that each face is explained by: "predicted", or "true" for its label, where faces
        without one are left out.
    neutral : bool
        Subtract each person's neutral face from the intensities.

    Raises
    ------
    ParamsError
        If `target` is something else.
    StoreError
        If the store cannot be read.
    """
    arrays = as_arrays(source, neutral)
    explained = target_classes(arrays, target)
    kept = explained >= 0
    chosen = np.where(kept, explained, 0)
    sets, scores = [], []
    for params in (before, after):
        inputs = arrays.inputs(chosen, params.region) | {"left": None, "right": None}
        fused = fuse_many(**inputs, params=params)
        sets.append(fused.active[:, 0])
        scores.append(fused.score[:, 0])
    index = np.flatnonzero(kept & (sets[0] != sets[1]).any(axis=1))
    photos = tuple(
        Change(
            i,
            int(arrays.number[i]),
            str(arrays.ids[i]),
            *(_ranked(active[i], score[i]) for active, score in zip(sets, scores, strict=True)),
        )
        for i in index.tolist()
    )
    return Changes(before, after, index, int(kept.sum()), photos)


def _ranked(active: np.ndarray, score: np.ndarray) -> tuple[int, ...]:
    columns = np.flatnonzero(active)
    order = np.argsort(-score[columns], kind="stable")
    return tuple(LANDMARK_AUS[column] for column in columns[order])
