"""Read a store's photos as columns, which are filtered and sorted by array arithmetic.

M rows, one for each photo of the store, with or without a face; what was measured on a face is NaN
(or -1) where there is none. Probabilities, confidence and margin run from 0 to 1. Nothing but the
columns that filters, sorting and fusion need is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from xfera_nb.classifier import LEVELS as LEAST
from xfera_nb.datasets import GROUPS
from xfera_nb.evaluation.au_states import measure_disagreement
from xfera_nb.evidence import EvidenceStore, StoreArrays
from xfera_nb.evidence.arrays import to_arrays
from xfera_nb.evidence.rows import stacked
from xfera_nb.facs import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionParams, fuse_many

LEVELS = tuple(LEAST)
_EXTRA = ("photo_path", "reason")


@dataclass(frozen=True, eq=False)
class FusedFaces:
    """Hold the fusion of every photo under one set of parameters, for its predicted class.

    Attributes
    ----------
    params : FusionParams
    active : ndarray
        (M, A) bool, in the order of `LANDMARK_AUS`; False without a face.
    evidence : ndarray
        (M,) bool, whether the predicted class's map has any positive value.
    disagreement : ndarray
        (M,) float64, see `xfera_nb.evaluation.au_states.measure_disagreement`; NaN where undefined.
    """

    params: FusionParams
    active: np.ndarray = field(repr=False)
    evidence: np.ndarray = field(repr=False)
    disagreement: np.ndarray = field(repr=False)


@dataclass(frozen=True, eq=False)
class StoredFaces:
    """Hold the photos of a store as columns.

    Attributes
    ----------
    number : ndarray
        (M,) int64, place in the data set.
    ids, photos, reasons : ndarray
        (M,) of str; "" where there is none.
    true, predicted : ndarray
        (M,) int64, index in `EMOTIONS`; -1 without.
    confidence, margin : ndarray
        (M,) float64, NaN without a face.
    boxes : ndarray
        (M, 4) int32, left, top, right, bottom in photo pixels; 0 without a face.
    groups : mapping of str to (values, codes)
        Of those in `GROUPS` that the data set knows: the sorted values, and (M,) int64 their
        indices, -1 where unknown.
    arrays : StoreArrays
        The N faces.
    face : ndarray
        (M,) int64, index in `arrays`; -1 without a face.
    """

    number: np.ndarray
    ids: np.ndarray = field(repr=False)
    photos: np.ndarray = field(repr=False)
    reasons: np.ndarray = field(repr=False)
    true: np.ndarray = field(repr=False)
    predicted: np.ndarray = field(repr=False)
    confidence: np.ndarray = field(repr=False)
    margin: np.ndarray = field(repr=False)
    boxes: np.ndarray = field(repr=False)
    groups: Mapping[str, tuple[tuple[str, ...], np.ndarray]] = field(repr=False)
    arrays: StoreArrays = field(repr=False)
    face: np.ndarray = field(repr=False)

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
        table = store.table(tuple(dict.fromkeys((*StoreArrays.COLUMNS, *GROUPS, *_EXTRA))))
        arrays = to_arrays(table, store.map_shape)
        with_face = table["box"].is_valid().to_numpy()
        face = np.full(len(table), -1)
        face[with_face] = np.arange(len(arrays))

        def spread(values: np.ndarray, unknown: float) -> np.ndarray:
            column = np.full(len(table), unknown, values.dtype)
            column[with_face] = values
            return column

        probabilities = np.nan_to_num(arrays.probabilities.astype(np.float64), nan=-1.0)
        second, first = np.sort(probabilities, axis=1)[:, -2:].T
        true, emotions = _coded(table["emotion"])
        order = np.array([EMOTIONS.index(e) if e in EMOTIONS else -1 for e in emotions] + [-1])
        return cls(
            number=table["number"].to_numpy(),
            ids=_texts(table["id"]),
            photos=_texts(table["photo_path"]),
            reasons=_texts(table["reason"]),
            true=order[true],
            predicted=spread(arrays.predicted, -1),
            confidence=spread(first, np.nan),
            margin=spread(first - second, np.nan),
            boxes=stacked(table, "box", store.map_shape),
            groups={name: found for name in GROUPS if (found := _group(table[name]))[0]},
            arrays=arrays,
            face=face,
        )

    @property
    def has_face(self) -> np.ndarray:
        """Return (M,) bool, photos with a face."""
        return self.face >= 0

    @property
    def failed(self) -> np.ndarray:
        """Return (M,) bool, photos without a face or without measurable Action Units."""
        return self.reasons != ""

    @property
    def level(self) -> np.ndarray:
        """Return (M,) int64, index in `LEVELS`; -1 without a face."""
        limits = [LEAST[name] for name in LEVELS]
        levels = (self.confidence[:, None] < limits).sum(axis=1)
        return np.where(self.has_face, levels, -1)

    def fuse(self, params: FusionParams) -> FusedFaces:
        """Fuse every face with some parameters."""
        fused = fuse_many(**self.arrays.inputs(region=params.region), params=params)
        rows, count = self.has_face, len(self)
        active = np.full((count, len(LANDMARK_AUS)), False)
        evidence = np.full(count, False)
        apart = np.full(count, np.nan)
        active[rows] = fused.active[:, 0]
        evidence[rows] = ~np.isnan(fused.threshold)
        apart[rows] = measure_disagreement(fused)
        return FusedFaces(params, active, evidence, apart)


def _coded(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Return indices into the distinct values, -1 for null, and the values."""
    coded = column.combine_chunks().dictionary_encode()
    return coded.indices.fill_null(-1).to_numpy().astype(np.int64), coded.dictionary.to_pylist()


def _group(column: pa.ChunkedArray) -> tuple[tuple[str, ...], np.ndarray]:
    codes, values = _coded(column)
    place = {value: index for index, value in enumerate(sorted(values))}
    return tuple(place), np.array([place[value] for value in values] + [-1])[codes]


def _texts(column: pa.ChunkedArray) -> np.ndarray:
    return np.array(column.fill_null("").to_pylist(), dtype=object)
