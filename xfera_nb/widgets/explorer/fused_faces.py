"""Fuse the photos of a store: each face for its predicted class, each error for its label too.

Of the maps of a store only the values at the landmarks are read, shard by shard, and only those of
these two classes are kept: 0.5 kB a face, and as much again for an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from xfera_nb.evaluation.au_states import measure_disagreement
from xfera_nb.evaluation.error_groups import group_errors
from xfera_nb.evidence import EvidenceStore
from xfera_nb.evidence.choices import REGIONS
from xfera_nb.evidence.rows import present, stacked
from xfera_nb.facs import OPENFACE_AUS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionArrays, FusionParams, fuse_many
from xfera_nb.widgets.shared.stored_faces import StoredFaces

_COLUMNS = (
    "probabilities", "activation", "peak", "intensities",
    *(f"{name}_{region}" for name in ("mean", "std") for region in REGIONS),
)  # fmt: skip
_AT_ONCE = 4096  # faces, so that the arrays stay in the processor's cache


@dataclass(frozen=True, eq=False)
class FusedFaces:
    """Hold the fusion of every photo under one set of parameters.

    Attributes
    ----------
    params : FusionParams
    active : ndarray
        (A, M) bool, in the order of `LANDMARK_AUS`, for the predicted class; False without a face.
    evidence : ndarray
        (M,) bool, whether the predicted class's map has any positive value.
    disagreement : ndarray
        (M,) float64, see `xfera_nb.evaluation.au_states.measure_disagreement`; NaN where undefined.
    error_group : ndarray
        (M,) int8, index in `xfera_nb.evaluation.error_groups.ERROR_GROUPS`; -1 where the prediction
        is right or there is no label.
    """

    params: FusionParams
    active: np.ndarray = field(repr=False)
    evidence: np.ndarray = field(repr=False)
    disagreement: np.ndarray = field(repr=False)
    error_group: np.ndarray = field(repr=False)


@dataclass(frozen=True, eq=False)
class ClassMaps:
    """Hold the map of one class of each of n faces, as `fuse_many` takes it.

    Attributes
    ----------
    rows : ndarray
        (n,) int64, index of the photo in the columns.
    target : ndarray
        (n,) int8, index in `EMOTIONS`.
    activation : ndarray
        (n, 68) float64.
    peak : ndarray
        (n,) float64.
    mean, std : mapping of str to ndarray
        For each of `REGIONS` (n,) float64.
    """

    rows: np.ndarray
    target: np.ndarray
    activation: np.ndarray
    peak: np.ndarray
    mean: Mapping[str, np.ndarray]
    std: Mapping[str, np.ndarray]

    @classmethod
    def empty(cls, rows: np.ndarray, target: np.ndarray) -> ClassMaps:
        """Return room for the maps of some rows."""
        n = len(rows)
        mean, std = ({region: np.empty(n) for region in REGIONS} for _ in range(2))
        return cls(rows, target[rows], np.empty((n, 68)), np.empty(n), mean, std)

    def fill(self, first: int, face: np.ndarray, columns: Mapping[str, np.ndarray]) -> None:
        """Take the maps of a shard's faces, of which the first photo is row `first`.

        Parameters
        ----------
        first : int
        face : ndarray
            (photos of the shard,) int64, index in the columns; -1 without a face.
        columns : mapping of str to ndarray
            Of the shard's faces.
        """
        start, stop = np.searchsorted(self.rows, (first, first + len(face)))
        part, target = slice(start, stop), self.target[start:stop]
        at = face[self.rows[part] - first]
        self.activation[part] = columns["activation"][at, target]
        self.peak[part] = columns["peak"][at, target]
        for region in REGIONS:
            self.mean[region][part] = columns[f"mean_{region}"][at, target]
            self.std[region][part] = columns[f"std_{region}"][at, target]

    def fuse(
        self, intensities: np.ndarray, params: FusionParams
    ) -> Iterator[tuple[np.ndarray, FusionArrays]]:
        """Yield rows and their fusion, some thousands at a time."""
        for start in range(0, len(self.rows), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            rows = self.rows[part]
            yield (
                rows,
                fuse_many(
                    self.activation[part],
                    self.mean[params.region][part],
                    self.std[params.region][part],
                    self.peak[part],
                    intensities[rows],
                    self.target[part],
                    params,
                ),
            )


@dataclass(frozen=True, eq=False)
class FusionColumns:
    """Hold what fusing the photos of a store needs, whatever the parameters.

    Attributes
    ----------
    photos : int
        M.
    predicted : ClassMaps
        Of every face.
    label : ClassMaps
        Of every wrong prediction.
    intensities : ndarray
        (M, 17) float32, 0-5; NaN where not measured.
    """

    photos: int
    predicted: ClassMaps
    label: ClassMaps
    intensities: np.ndarray

    @classmethod
    def read(cls, store: EvidenceStore, faces: StoredFaces) -> FusionColumns:
        """Read them.

        Raises
        ------
        StoreError
            If a shard is missing or damaged.
        """
        predicted = ClassMaps.empty(np.flatnonzero(faces.has_face), faces.predicted)
        label = ClassMaps.empty(np.flatnonzero(faces.wrong), faces.true)
        intensities = np.full((len(faces), len(OPENFACE_AUS)), np.nan, np.float32)
        first = 0
        for table in store.tables(_COLUMNS, check=False):
            there = present(table, "probabilities")
            face = np.where(there, np.cumsum(there) - 1, -1)
            columns = _columns(table.filter(pa.array(there)), store.map_shape)
            for maps in (predicted, label):
                maps.fill(first, face, columns)
            intensities[first : first + len(there)][there] = columns["intensities"]
            first += len(there)
        return cls(len(faces), predicted, label, intensities)

    def fuse(self, params: FusionParams) -> FusedFaces:
        """Fuse every face with some parameters."""
        active = np.full((len(LANDMARK_AUS), self.photos), False)
        evidence = np.full(self.photos, False)
        apart = np.full(self.photos, np.nan)
        group = np.full(self.photos, -1, np.int8)
        for rows, fused in self.predicted.fuse(self.intensities, params):
            active[:, rows] = fused.active[:, 0].T
            evidence[rows] = ~np.isnan(fused.threshold)
            apart[rows] = measure_disagreement(fused)
        for rows, fused in self.label.fuse(self.intensities, params):
            group[rows] = group_errors(fused)
        return FusedFaces(params, active, evidence, apart, group)


def _columns(table: pa.Table, map_shape: tuple[int, int]) -> dict[str, np.ndarray]:
    return {name: stacked(table, name, map_shape) for name in _COLUMNS}
