"""Sums over faces for every setting of a grid, without fusing each setting by itself.

An AU is active at (k, minimum intensity, coverage) if enough of its landmarks are in the salient
region (k, coverage) and it is present (minimum intensity): two small tables of bits for each face,
of which a setting takes one entry each. The saliency weight changes no active set, only which
active AU ranks first.

Sums are kept for each group of faces, in the first axis. Whole numbers are exact, sums of drops are
float64, and those of Jaccard indices are added up in float32 (relative error below 1e-5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from xfera_nb.fusion.fusion_arrays import MEMBERS, N_AUS, needed_salient

_PRODUCTS = 1 << 20
"""Faces x settings at a time, so that they stay in the processor's cache."""
_MOST_FACES = 255
"""At a time, so that a count of faces is one byte."""
_MEMBERS = MEMBERS[:, :N_AUS].astype(np.float32)  # counts of landmarks are exact in it


@dataclass(frozen=True, eq=False)
class SweepFaces:
    """Hold what a sweep needs of N faces, independent of its parameters; A is `LANDMARK_AUS`.

    Attributes
    ----------
    value : ndarray
        (N, 68) map at the landmarks, of its peak; NaN where unknown.
    until : ndarray
        (N, 68), the greatest k at which each landmark is in the salient region.
    intensity : ndarray
        (N, A), 0-5; NaN where not measured.
    scope : ndarray
        (N, A) bool, the AUs that can be active: measured, and expected in scope "typical".
    truth : ndarray
        (N, A) bool, measured AUs that Table 2 gives for the label.
    group : ndarray
        (N,) int.
    drop : ndarray or None
        (N, A), NaN where unknown.
    """

    value: np.ndarray
    until: np.ndarray
    intensity: np.ndarray
    scope: np.ndarray
    truth: np.ndarray
    group: np.ndarray
    drop: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class SweepCounts:
    """Hold sums for each of G groups and each setting: (G, k, intensity, coverage) float64.

    Attributes
    ----------
    faces : ndarray
        (G,).
    expected : ndarray
        (G,), measured AUs that Table 2 gives for the labels.
    present, present_right : ndarray
        (G, intensity), AUs in scope from the minimum intensity on; of them those of the label.
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
        (G, k, intensity, coverage, weight), faces whose first-ranked AU is one of the label's; is
        none weaker than another active one.
    """

    faces: np.ndarray
    expected: np.ndarray
    present: np.ndarray
    present_right: np.ndarray
    explained: np.ndarray
    active: np.ndarray
    right: np.ndarray
    drop: np.ndarray
    drops: np.ndarray
    jaccard: np.ndarray
    pairs: np.ndarray
    first_right: np.ndarray
    first_strongest: np.ndarray


def count_faces(faces: SweepFaces, axes: Mapping[str, np.ndarray], groups: int) -> SweepCounts:
    """Sum over the faces of each group.

    Parameters
    ----------
    faces : SweepFaces
    axes : mapping of str to ndarray
        The grid's, as `xfera_nb.fusion.sweep_result.make_grid` gives them.
    groups : int
        G.
    """
    k, intensities, coverages, weights = axes.values()
    shape = (groups, len(k), len(intensities), len(coverages))
    present = faces.scope[:, None, :] & (faces.intensity[:, None, :] >= intensities[:, None])
    one_hot = np.equal.outer(np.arange(groups), faces.group).astype(np.float64)
    sums = SweepCounts(
        faces=one_hot.sum(axis=1),
        expected=one_hot @ faces.truth.sum(axis=1),
        present=one_hot @ present.sum(axis=2),
        present_right=one_hot @ (present & faces.truth[:, None, :]).sum(axis=2),
        **{
            name: np.zeros(shape)
            for name in ("explained", "active", "right", "drop", "drops", "jaccard", "pairs")
        },
        **{name: np.zeros((*shape, len(weights))) for name in ("first_right", "first_strongest")},
    )
    needs = needed_salient(coverages)[:, :N_AUS].astype(np.uint8)
    for group, rows in _blocks(faces.group, groups, int(np.prod(shape[1:]))):
        block = _SettingsOfFaces(faces, rows, axes, needs)
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


class _SettingsOfFaces:
    """Hold some faces at all settings: arrays (faces, k, intensity, coverage), AUs as bits.

    A face has few AUs in scope: each takes one of `slots` places, the lowest number first.
    """

    def __init__(
        self, faces: SweepFaces, rows: np.ndarray, axes: Mapping[str, np.ndarray], needs: np.ndarray
    ) -> None:
        k, intensities, self.coverages, _ = axes.values()
        scope = faces.scope[rows]
        self.slots = max(1, int(scope.sum(axis=1).max()))
        self.kind = np.uint8 if self.slots <= 8 else np.uint32
        self.columns = np.argsort(~scope, axis=1, kind="stable")[:, : self.slots]
        there = self._slots_of(scope)
        self.intensity = np.where(there, self._slots_of(faces.intensity[rows]), -np.inf)
        self.truth = self._slots_of(faces.truth[rows])
        self.drop = None if faces.drop is None else self._slots_of(faces.drop[rows])
        self.value = faces.value[rows]
        self.salient = faces.until[rows, None, :] >= k[:, None]
        count = self.salient.astype(np.float32) @ _MEMBERS
        count = np.take_along_axis(count, self.columns[:, None, :], axis=2)
        self.n_salient = np.where(there[:, None, :], count, 0).astype(np.uint8)
        needed = np.moveaxis(needs[:, self.columns], 0, 1)
        self.covered = [
            self.n_salient[:, :, None, slot] >= needed[:, None, :, slot]
            for slot in range(self.slots)
        ]
        # Where there is no AU, the intensity is minus infinity.
        self.present = [self.intensity[:, None, slot] >= intensities for slot in range(self.slots)]
        places = range(self.slots)
        covered, present = self._bits(self.covered, places), self._bits(self.present, places)
        self.active = covered[:, :, None, :] & present[:, None, :, None]

    def add_sums(self, sums: SweepCounts, group: int) -> None:
        """Add what is a sum over AUs, by one product; and the faces that have an active one."""
        sums.explained[group] += _count(self.active != 0)
        weights = {"active": np.ones(self.truth.shape), "right": self.truth}
        if self.drop is not None:
            weights |= {"drop": np.nan_to_num(self.drop), "drops": ~np.isnan(self.drop)}
        covered = np.stack(self.covered, axis=1).astype(np.float64)
        present = np.stack(self.present, axis=2)
        weighted = np.stack([present * by[:, None, :] for by in weights.values()])
        n, slots, k, coverages = covered.shape
        product = weighted.swapaxes(1, 2).reshape(-1, n * slots) @ covered.reshape(n * slots, -1)
        product = product.reshape(len(weights), -1, k, coverages)
        for name, values in zip(weights, product, strict=True):
            getattr(sums, name)[group] += values.swapaxes(0, 1)

    def add_neighbours(self, sums: SweepCounts, group: int) -> None:
        """Add the Jaccard indices of settings that are one step of one parameter apart."""
        size = np.bitwise_count(self.active)
        for axis in (1, 2, 3):
            low = (slice(None),) * axis + (slice(None, -1),)
            high = (slice(None),) * axis + (slice(1, None),)
            both = np.bitwise_count(self.active[low] & self.active[high])
            either = size[low] + size[high] - both
            pairs = _count(either != 0)
            share = both.astype(np.float32)
            share /= np.maximum(either, 1)
            jaccard = np.add.reduce(share, axis=0)
            for side in (low[1:], high[1:]):
                sums.pairs[group][side] += pairs
                sums.jaccard[group][side] += jaccard

    def add_first(self, sums: SweepCounts, group: int, index: int, weight: float) -> None:
        """Add the faces whose first-ranked active AU is the label's, or the strongest."""
        order, rank = self._ranks(weight)
        shifts = [rank[:, :, None, slot] for slot in range(self.slots)]
        covered = self._bits(self.covered, shifts)
        present = self._bits([flags[:, None, :] for flags in self.present], shifts)
        active = covered[:, :, None, :] & present[:, :, :, None]
        first = active & np.negative(active)  # the lowest bit alone
        truth = self._bits([self.truth[:, slot, None, None] for slot in range(self.slots)], shifts)
        sums.first_right[group][..., index] += _count((first & truth[:, :, :, None]) != 0)
        strongest = np.zeros(active.shape, bool)
        for place in range(self.slots):
            given = np.take_along_axis(self.intensity, order[:, :, place], axis=1)[:, :, None]
            stronger = self._bits(
                [self.intensity[:, slot, None, None] > given for slot in range(self.slots)], shifts
            )
            alone = (active & stronger[:, :, :, None]) == 0
            alone &= first == self.kind(1 << place)
            strongest |= alone
        sums.first_strongest[group][..., index] += _count(strongest)

    def _ranks(self, weight: float) -> tuple[np.ndarray, np.ndarray]:
        """Return (faces, k, slots): the slot at each rank, the rank of each slot (0 is best).

        AUs without a salient landmark, which are never active, come last.
        """
        total = np.where(self.salient, self.value[:, None, :], 0.0) @ MEMBERS[:, :N_AUS]
        total = np.take_along_axis(total, self.columns[:, None, :], axis=2)
        some = self.n_salient > 0
        saliency = np.divide(total, self.n_salient, out=np.zeros_like(total), where=some)
        score = np.where(some, self.intensity[:, None, :] + weight * saliency, -np.inf)
        order = np.argsort(-score, axis=2, kind="stable")
        return order, np.argsort(order, axis=2).astype(self.kind)

    def _slots_of(self, values: np.ndarray) -> np.ndarray:
        return np.take_along_axis(values, self.columns, axis=1)

    def _bits(self, flags: Iterable[np.ndarray], shifts: Iterable[int | np.ndarray]) -> np.ndarray:
        bits: np.ndarray = np.zeros((), self.kind)
        for flag, shift in zip(flags, shifts, strict=True):
            bits = bits | np.left_shift(flag.astype(self.kind), shift)
        return bits


def _count(flags: np.ndarray) -> np.ndarray:
    """Return the number of faces (first axis) for which a flag is set."""
    faces: np.ndarray = np.add.reduce(flags.view(np.uint8), axis=0, dtype=np.uint8)
    return faces
