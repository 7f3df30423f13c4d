"""Read a store's photos as columns, which are filtered and sorted by array arithmetic.

M rows, one for each photo of the store, with or without a face; what was measured on a face is NaN
(or -1) where there is none. Probabilities, confidence and margin run from 0 to 1. A store is opened
by the few columns that every filter needs; what a tile shows is read with the tile, and maps are
read when they are fused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa

from xfera_nb.classifier import LEVELS as LEAST
from xfera_nb.classifier import top_class
from xfera_nb.datasets import GROUPS
from xfera_nb.evidence import EvidenceStore, StoreArrays, StoreError
from xfera_nb.evidence.rows import present, stacked
from xfera_nb.facs import EMOTIONS

LEVELS = tuple(LEAST)
COLUMNS = ("emotion", *GROUPS, "probabilities", "reason")
"""What a store is opened by."""
_SHOWN = ("id", "photo_path", "reason", "box")
_SHARDS = 64  # of which `_SHOWN` stays in memory


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """Hold what is shown of a photo.

    Attributes
    ----------
    id : str
    photo : str
        Its file, as the store names it; "" where it has none.
    reason : str
        Why it has no face, or no Action Units; mostly "".
    box : ndarray or None
        (4,) int32, left, top, right, bottom in photo pixels; None without a face.
    """

    id: str
    photo: str
    reason: str
    box: np.ndarray | None


@dataclass(frozen=True, eq=False)
class StoredFaces:
    """Hold the photos of a store as columns.

    Attributes
    ----------
    store : EvidenceStore
    number : ndarray
        (M,) int64, place in the data set, ascending.
    true, predicted : ndarray
        (M,) int8, index in `EMOTIONS`; -1 without.
    confidence, margin : ndarray
        (M,) float64, NaN without a face.
    level : ndarray
        (M,) int8, index in `LEVELS`; -1 without a face.
    groups : mapping of str to (values, codes)
        Of those in `GROUPS` that the data set knows: the sorted values, and (M,) int32 their
        indices, -1 where unknown.
    has_face, failed : ndarray
        (M,) bool: photos with a face; photos without a face or without measurable Action Units.
    """

    store: EvidenceStore
    number: np.ndarray = field(repr=False)
    true: np.ndarray = field(repr=False)
    predicted: np.ndarray = field(repr=False)
    confidence: np.ndarray = field(repr=False)
    margin: np.ndarray = field(repr=False)
    level: np.ndarray = field(repr=False)
    groups: Mapping[str, tuple[tuple[str, ...], np.ndarray]] = field(repr=False)
    has_face: np.ndarray = field(repr=False)
    failed: np.ndarray = field(repr=False)

    def __len__(self) -> int:
        return len(self.number)

    @classmethod
    def read(cls, store: EvidenceStore) -> StoredFaces:
        """Read the columns of a store.

        Raises
        ------
        StoreError
            If a shard is missing or damaged.
        """
        table = store.table(COLUMNS, check=False)
        with_face = present(table, "probabilities")
        given = stacked(table, "probabilities", store.map_shape)[with_face]

        def spread(values: np.ndarray, unknown: float) -> np.ndarray:
            column = np.full(len(table), unknown, values.dtype)
            column[with_face] = values
            return column

        second, first = np.sort(np.nan_to_num(given, nan=-1.0), axis=1)[:, -2:].T.astype(np.float64)
        level = (first[:, None] < [LEAST[name] for name in LEVELS]).sum(axis=1).astype(np.int8)
        true, emotions = _coded(table["emotion"])
        order = [EMOTIONS.index(e) if e in EMOTIONS else -1 for e in emotions] + [-1]
        return cls(
            store,
            number=store.numbers,
            true=np.array(order, np.int8)[true],
            predicted=spread(top_class(given).astype(np.int8), -1),
            confidence=spread(first, np.nan),
            margin=spread(first - second, np.nan),
            level=spread(level, -1),
            groups={name: found for name in GROUPS if (found := _group(table[name]))[0]},
            has_face=with_face,
            failed=present(table, "reason"),
        )

    @property
    def wrong(self) -> np.ndarray:
        """Return (M,) bool, labelled faces whose prediction is not the label."""
        wrong: np.ndarray = self.has_face & (self.true >= 0) & (self.true != self.predicted)
        return wrong

    @cached_property
    def arrays(self) -> StoreArrays:
        """Return the N faces with all their numbers; read when first asked for."""
        return self.store.arrays()

    @cached_property
    def ids(self) -> np.ndarray:
        """Return the photos' names, (M,) of str; read when first asked for."""
        table = self.store.table(("id",), check=False)
        return np.array(table["id"].fill_null("").to_pylist(), dtype=object)

    def row(self, number: int) -> int | None:
        """Return the index of a photo by its place in the data set; None if it is not there."""
        place = int(np.searchsorted(self.number, number))
        return place if place < len(self) and self.number[place] == number else None

    def shown(self, row: int) -> ShownPhoto:
        """Return what is shown of a row; a shard that cannot be read any more is the reason."""
        number = int(self.number[row])
        shard, place = divmod(number, self.store.manifest["shard"])
        try:
            table = self._shard(shard)
        except StoreError as error:
            return ShownPhoto(f"photo {number}", "", str(error), None)
        found = {name: table[name][place].as_py() for name in _SHOWN}
        box = None if found["box"] is None else np.array(found["box"], np.int32)
        id_, photo, reason = (found[name] or "" for name in _SHOWN[:3])
        return ShownPhoto(id_, photo, reason, box)

    @cached_property
    def _shard(self) -> Callable[[int], pa.Table]:
        return lru_cache(_SHARDS)(lambda shard: self.store.shard(shard, _SHOWN))


def _coded(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Return indices into the distinct values, -1 for null, and the values."""
    coded = column.combine_chunks().dictionary_encode()
    return coded.indices.fill_null(-1).to_numpy(), coded.dictionary.to_pylist()


def _group(column: pa.ChunkedArray) -> tuple[tuple[str, ...], np.ndarray]:
    codes, values = _coded(column)
    place = {value: index for index, value in enumerate(sorted(values))}
    return tuple(place), np.array([place[value] for value in values] + [-1], np.int32)[codes]
