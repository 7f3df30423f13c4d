"""Sums over faces for every setting of a grid, without fusing each setting anew.

An AU is active at (k, cut-off, coverage) if enough of its landmarks are hot (k, coverage) and it
moves (cut-off): two small tables of bits for each face, of which a setting takes one entry each.
Landmarks are counted by the bits of one word, so that every count is the one that
`xfera_nb.fusion.arrays.fuse_many` gives. The weight of heat changes no active set, only which
active AU ranks first.

Sums are kept for each group of faces, in the first axis. Whole numbers are exact, sums of drops are
float64, and those of Jaccard indices are added up in float32 (relative error below 1e-5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from xfera_nb.fusion.arrays import LEAST_HOT, MEMBERS, N_AUS, WORDS, needed_salient, words

_PRODUCTS = 1 << 20
"""Faces x settings at a time, so that they stay in the processor's cache."""
_MOST_FACES = 255
"""At a time, so that a count of faces is one byte."""


@dataclass(frozen=True, eq=False)
class Faces:
    """N faces, the parameters of a sweep not yet in them; A is `LANDMARK_AUS`.

    Attributes
    ----------
    value : ndarray
        (N, 68) map at the landmarks, of its peak; NaN where unknown.
    mean, std, scale : ndarray
        (N,), in the map's units; the scale is its peak, NaN without positive evidence.
    intensity : ndarray
        (N, A), 0-5; NaN where not measured.
    scope : ndarray
        (N, A) bool, the AUs that can be active: measured, and expected in scope "emotion".
    truth : ndarray
        (N, A) bool, measured AUs that Table 2 gives for the label.
    group : ndarray
        (N,) int.
    drop : ndarray or None
        (N, A), NaN where unknown.
    """

    value: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    scale: np.ndarray
    intensity: np.ndarray
    scope: np.ndarray
    truth: np.ndarray
    group: np.ndarray
    drop: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Counts:
    """Sums for each of G groups and each setting: (G, k, cut-off, coverage) float64.

    Attributes
    ----------
    faces : ndarray
        (G,).
    expected : ndarray
        (G,), measured AUs that Table 2 gives for the labels.
    moving, moving_right : ndarray
        (G, cut-off), AUs in scope from the cut-off on; of them those of the label.
    explained : ndarray
        Faces with an active AU.
    active, right : ndarray
        Active AUs; of them those of the label.
    drop, drops : ndarray
        Sum of the known drops of active AUs; their number.
    jaccard, pairs : ndarray
        Sum over neighbouring settings and faces of the Jaccard index of both active sets, and its
        number of terms; where both are empty there is none.
    first_right, first_strongest : ndarray
        (G, k, cut-off, coverage, weight), faces whose first-ranked AU is one of the label's; is
        none weaker than another active one.
    """

    faces: np.ndarray
    expected: np.ndarray
    moving: np.ndarray
    moving_right: np.ndarray
    explained: np.ndarray
    active: np.ndarray
    right: np.ndarray
    drop: np.ndarray
    drops: np.ndarray
    jaccard: np.ndarray
    pairs: np.ndarray
    first_right: np.ndarray
    first_strongest: np.ndarray


def count(faces: Faces, axes: Mapping[str, np.ndarray], groups: int) -> Counts:
    """Sum over the faces of each group.

    Parameters
    ----------
    faces : Faces
    axes : mapping of str to ndarray
        The grid's, as `xfera_nb.fusion.grid.make_grid` gives them.
    groups : int
        G.
    """
    k, cutoffs, coverages, weights = axes.values()
    shape = (groups, len(k), len(cutoffs), len(coverages))
    moves = faces.scope[:, None, :] & (faces.intensity[:, None, :] >= cutoffs[:, None])
    one_hot = np.equal.outer(np.arange(groups), faces.group).astype(np.float64)
    sums = Counts(
        faces=one_hot.sum(axis=1),
        expected=one_hot @ faces.truth.sum(axis=1),
        moving=one_hot @ moves.sum(axis=2),
        moving_right=one_hot @ (moves & faces.truth[:, None, :]).sum(axis=2),
        **{
            name: np.zeros(shape)
            for name in ("explained", "active", "right", "drop", "drops", "jaccard", "pairs")
        },
        **{name: np.zeros((*shape, len(weights))) for name in ("first_right", "first_strongest")},
    )
    needs = needed_salient(coverages)[:, :N_AUS].astype(np.uint8)
    for group, rows in _blocks(faces.group, groups, int(np.prod(shape[1:]))):
        block = _Block(faces, rows, axes, needs)
        block.add_sums(sums, group)
        block.add_neighbours(sums, group)
        for index, weight in enumerate(weights.tolist()):
            block.add_first(sums, group, index, weight)
    return sums


def _blocks(group: np.ndarray, groups: int, settings: int) -> Iterator[tuple[int, np.ndarray]]:
    size = min(_MOST_FACES, max(1, _PRODUCTS // settings))
    for number in range(groups):
        rows = np.flatnonzero(group == number)
        for start in range(0, len(rows), size):
            yield number, rows[start : start + size]


class _Block:
    """Some faces at all settings. Arrays are (faces, k, cut-off, coverage); AUs in scope are bits.

    A face has few AUs in scope: each takes one of `slots` places, the lowest number first.
    """

    def __init__(
        self, faces: Faces, rows: np.ndarray, axes: Mapping[str, np.ndarray], needs: np.ndarray
    ) -> None:
        k, cutoffs, self.coverages, _ = axes.values()
        scope = faces.scope[rows]
        self.slots = max(1, int(scope.sum(axis=1).max()))
        self.kind = np.uint8 if self.slots <= 8 else np.uint32
        self.columns = np.argsort(~scope, axis=1, kind="stable")[:, : self.slots]
        there = self._slots_of(scope)
        self.intensity = np.where(there, self._slots_of(faces.intensity[rows]), -np.inf)
        self.truth = self._slots_of(faces.truth[rows])
        self.drop = None if faces.drop is None else self._slots_of(faces.drop[rows])
        self.value = faces.value[rows]
        scale = faces.scale[rows, None]
        threshold = (faces.mean[rows, None] + k * faces.std[rows, None]) / scale
        self.hot = self.value[:, None, :] >= np.maximum(threshold, LEAST_HOT)[:, :, None]
        landmarks = np.where(there, WORDS[self.columns], np.uint64(0))
        self.n_hot = np.bitwise_count(words(self.hot)[:, :, None] & landmarks[:, None, :])
        needed = np.moveaxis(needs[:, self.columns], 0, 1)
        self.covered = [
            self.n_hot[:, :, None, slot] >= needed[:, None, :, slot] for slot in range(self.slots)
        ]
        # Where there is no AU, the intensity is minus infinity.
        self.moving = [self.intensity[:, None, slot] >= cutoffs for slot in range(self.slots)]
        places = range(self.slots)
        covered, moving = self._bits(self.covered, places), self._bits(self.moving, places)
        self.active = covered[:, :, None, :] & moving[:, None, :, None]

    def add_sums(self, sums: Counts, group: int) -> None:
        """Add what is a sum over AUs, by one product; and the faces that have an active one."""
        sums.explained[group] += _faces(self.active != 0)
        weights = {"active": np.ones(self.truth.shape), "right": self.truth}
        if self.drop is not None:
            weights |= {"drop": np.nan_to_num(self.drop), "drops": ~np.isnan(self.drop)}
        covered = np.stack(self.covered, axis=1).astype(np.float64)
        moving = np.stack(self.moving, axis=2)
        weighted = np.stack([moving * by[:, None, :] for by in weights.values()])
        n, slots, k, coverages = covered.shape
        product = weighted.swapaxes(1, 2).reshape(-1, n * slots) @ covered.reshape(n * slots, -1)
        product = product.reshape(len(weights), -1, k, coverages)
        for name, values in zip(weights, product, strict=True):
            getattr(sums, name)[group] += values.swapaxes(0, 1)

    def add_neighbours(self, sums: Counts, group: int) -> None:
        """Add the Jaccard indices of settings that are one step of one parameter apart."""
        size = np.bitwise_count(self.active)
        for axis in (1, 2, 3):
            low = (slice(None),) * axis + (slice(None, -1),)
            high = (slice(None),) * axis + (slice(1, None),)
            both = np.bitwise_count(self.active[low] & self.active[high])
            either = size[low] + size[high] - both
            pairs = _faces(either != 0)
            share = both.astype(np.float32)
            share /= np.maximum(either, 1)
            jaccard = np.add.reduce(share, axis=0)
            for side in (low[1:], high[1:]):
                sums.pairs[group][side] += pairs
                sums.jaccard[group][side] += jaccard

    def add_first(self, sums: Counts, group: int, index: int, weight: float) -> None:
        """Add the faces whose first-ranked active AU is the label's, or the strongest."""
        order, rank = self._ranks(weight)
        shifts = [rank[:, :, None, slot] for slot in range(self.slots)]
        covered = self._bits(self.covered, shifts)
        moving = self._bits([flags[:, None, :] for flags in self.moving], shifts)
        active = covered[:, :, None, :] & moving[:, :, :, None]
        first = active & np.negative(active)  # the lowest bit alone
        truth = self._bits([self.truth[:, slot, None, None] for slot in range(self.slots)], shifts)
        sums.first_right[group][..., index] += _faces((first & truth[:, :, :, None]) != 0)
        strongest = np.zeros(active.shape, bool)
        for place in range(self.slots):
            given = np.take_along_axis(self.intensity, order[:, :, place], axis=1)[:, :, None]
            stronger = self._bits(
                [self.intensity[:, slot, None, None] > given for slot in range(self.slots)], shifts
            )
            alone = (active & stronger[:, :, :, None]) == 0
            alone &= first == self.kind(1 << place)
            strongest |= alone
        sums.first_strongest[group][..., index] += _faces(strongest)

    def _ranks(self, weight: float) -> tuple[np.ndarray, np.ndarray]:
        """(faces, k, slots): the slot at each rank, and the rank of each slot; 0 is the best.

        AUs without a hot landmark, which are never active, come last.
        """
        heat = np.where(self.hot, self.value[:, None, :], 0.0) @ MEMBERS[:, :N_AUS]
        heat = np.take_along_axis(heat, self.columns[:, None, :], axis=2)
        some = self.n_hot > 0
        heat = np.divide(heat, self.n_hot, out=np.zeros_like(heat), where=some)
        score = np.where(some, self.intensity[:, None, :] + weight * heat, -np.inf)
        order = np.argsort(-score, axis=2, kind="stable")
        return order, np.argsort(order, axis=2).astype(self.kind)

    def _slots_of(self, values: np.ndarray) -> np.ndarray:
        return np.take_along_axis(values, self.columns, axis=1)

    def _bits(self, flags: Iterable[np.ndarray], shifts: Iterable[int | np.ndarray]) -> np.ndarray:
        bits: np.ndarray = np.zeros((), self.kind)
        for flag, shift in zip(flags, shifts, strict=True):
            bits = bits | np.left_shift(flag.astype(self.kind), shift)
        return bits


def _faces(flags: np.ndarray) -> np.ndarray:
    """Number of faces (first axis) for which a flag is set."""
    faces: np.ndarray = np.add.reduce(flags.view(np.uint8), axis=0, dtype=np.uint8)
    return faces
