"""Keep the evidence of a whole data set on disk as plain Parquet, which other programs read too.

A store is a folder (or any fsspec URL)::

    manifest.json       what made the rows
    dataset.json        what loading the data set found
    rows/00000.parquet  one shard: a row a photo, in the data set's order
    done/00000.json     that shard's SHA-256, its number of rows and faces, the photos that failed

A shard counts once its record in ``done/`` exists and agrees with it. No pixel of a photo is
kept. ``pandas.read_parquet("STORE/rows")``, polars and DuckDB read the rows without this toolkit.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xfera_nb.datasets.dataset import keepable
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.arrays import StoreArrays, to_arrays
from xfera_nb.evidence.crop_rule import read_crop_rule
from xfera_nb.evidence.regions import share_stored_regions
from xfera_nb.evidence.rows import (
    Row,
    check_values,
    from_bytes,
    present,
    schema,
    stacked,
    to_bytes,
    to_rows,
)
from xfera_nb.evidence.storage import Storage, StoreError
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS

if TYPE_CHECKING:
    import pandas as pd

DATASET = "dataset.json"
FAITHFULNESS = "faithfulness.parquet"
"""What ``xfera faithfulness`` adds to a store."""
MOST_ROWS = 2**31
"""Of a shard; more is a damaged record."""
_READERS = 2  # more wait for each other
_AHEAD = 16  # shards in memory at a time


@dataclass(frozen=True)
class ShardRecord:
    """Describe a finished shard.

    Attributes
    ----------
    shard, rows, faces : int
        Its number; its photos; those of them with a face.
    failed : tuple of (str, str)
        Id and reason of each photo that lacks a face or intensities.
    sha256 : str
        Of the Parquet file.
    turned : tuple of str
        Ids of the photos whose face is tilted by more than `MAX_TILT` degrees; older stores have
        none.
    """

    shard: int
    rows: int
    faces: int
    failed: tuple[tuple[str, str], ...]
    sha256: str
    turned: tuple[str, ...] = ()


def read_record(data: bytes) -> ShardRecord:
    """Read a record from its file.

    Raises
    ------
    ValueError
        If it is damaged.
    """
    try:
        said = json.loads(data)
        failed = tuple((str(name), str(reason)) for name, reason in said.pop("failed"))
        turned = tuple(str(name) for name in said.pop("turned", ()))
        record = ShardRecord(failed=failed, turned=turned, **said)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no record of a shard ({error})") from error
    counts = (record.shard, record.rows, record.faces)
    whole = all(isinstance(n, int) and 0 <= n < MOST_ROWS for n in counts)
    if not whole or record.faces > record.rows:
        raise ValueError("its counts are no counts")
    return record


def row_file(shard: int) -> str:
    """Return the name of a shard's Parquet file."""
    return f"rows/{shard:05d}.parquet"


def record_file(shard: int) -> str:
    """Return the name of a shard's record."""
    return f"done/{shard:05d}.json"


def write_shard(
    place: Storage,
    shard: int,
    rows: Sequence[Row],
    map_shape: tuple[int, int],
    *,
    compact: bool = False,
) -> ShardRecord:
    """Write one shard and then its record, each whole or not at all; see `to_bytes`."""
    data = to_bytes(rows, map_shape, compact=compact)
    record = ShardRecord(
        shard,
        len(rows),
        sum(row.has_face for row in rows),
        tuple((keepable(row.id), row.reason) for row in rows if row.reason is not None),
        hashlib.sha256(data).hexdigest(),
        tuple(keepable(row.id) for row in rows if row.is_turned),
    )
    place.write(row_file(shard), data)
    place.write(record_file(shard), json.dumps(vars(record)).encode() + b"\n")
    return record


def finished(place: Storage, shard: int, rows: int) -> ShardRecord | None:
    """Return the record of a shard that is complete with its number of rows; None otherwise."""
    try:
        record = read_record(place.read(record_file(shard)))
        data = place.read(row_file(shard))
    except (FileNotFoundError, ValueError):
        return None
    whole = hashlib.sha256(data).hexdigest() == record.sha256
    return record if whole and record.rows == rows else None


class EvidenceStore:
    """Read a store; `EvidenceStore.open` makes one.

    Parameters
    ----------
    place : Storage
    manifest : dict
    records : sequence of ShardRecord
        Of the shards that are finished.
    """

    def __init__(
        self, place: Storage, manifest: dict[str, Any], records: Sequence[ShardRecord]
    ) -> None:
        self._place = place
        self.manifest = manifest
        self.records = tuple(records)

    @classmethod
    def open(cls, path: str | PathLike[str]) -> EvidenceStore:
        """Open a store, finished or not.

        Parameters
        ----------
        path : str or path
            Its folder, or its URL.

        Raises
        ------
        StoreError
            If there is none, or its manifest or one of its records is damaged.
        """
        place = Storage(path)
        manifest = manifests.read(place)
        if manifest is None:
            raise StoreError(f"{path} holds no store of evidence: make one with xfera extract.")
        records = []
        for name in place.names("done"):
            if not name.endswith(".json") or name.startswith("."):
                continue
            try:
                records.append(read_record(place.read(f"done/{name}")))
            except (FileNotFoundError, ValueError) as error:
                raise StoreError(
                    f"The record {name} of {path} is damaged: run xfera extract again."
                ) from error
        return cls(place, manifest, records)

    def __len__(self) -> int:
        """Return the number of extracted rows."""
        return sum(record.rows for record in self.records)

    def __repr__(self) -> str:
        return f"EvidenceStore({self._place.shown!r}, {len(self):,} of {self.photos:,} photos)"

    @property
    def shown(self) -> str:
        """Return the path or URL as the user gave it."""
        return self._place.shown

    @property
    def photos(self) -> int:
        """Return the number of photos of the data set."""
        return int(self.manifest["dataset"]["photos"])

    @property
    def video(self) -> dict[str, Any] | None:
        """Return what the manifest says of the clip; None for a store of photos."""
        found: dict[str, Any] | None = self.manifest["dataset"].get("video")
        return found

    @property
    def complete(self) -> bool:
        """Return whether the extraction is complete."""
        return len(self) == self.photos

    @property
    def source(self) -> str:
        """Return the data set's root at extraction: `Row.photo_path` is relative to it."""
        return str(self.manifest["source"])

    @property
    def heatmap(self) -> dict[str, Any]:
        """Return how the maps were made: `method`, and `layer` (None for the input)."""
        return {"method": self.manifest["method"], "layer": self.manifest["layer"]}

    @property
    def map_shape(self) -> tuple[int, int]:
        """Return height and width of a map."""
        height, width = self.manifest["map_shape"]
        return height, width

    @property
    def failed(self) -> tuple[tuple[str, str], ...]:
        """Return id and reason of each photo that lacks a face or intensities."""
        return tuple(pair for record in self.records for pair in record.failed)

    @cached_property
    def dataset_report(self) -> dict[str, Any]:
        """Return what loading the data set found, as `DatasetReport.to_dict` gives it.

        Raises
        ------
        StoreError
            If it is missing or damaged.
        """
        try:
            report: dict[str, Any] = json.loads(self._place.read(DATASET))
            return report
        except (FileNotFoundError, ValueError) as error:
            raise StoreError(
                f"{DATASET} of {self._place.shown} is missing: run xfera extract again."
            ) from error

    def table(self, columns: Sequence[str] | None = None, *, check: bool = True) -> pa.Table:
        """Return all rows, or some of their columns, as an Arrow table.

        Parameters
        ----------
        columns : sequence of str, optional
        check : bool
            Compare each shard with its checksum, for which all of its bytes are read. Without it,
            only the columns of a local store are read: a hundredth of the bytes where these leave
            out maps and activations. Their names and the number of rows are compared all the same.

        Raises
        ------
        StoreError
            If a shard is missing or is not the one that was written.
        ValueError
            If there is no such column.
        """
        plan = schema(self.map_shape)
        if columns is not None:
            unknown = set(columns) - set(plan.names)
            if unknown:
                raise ValueError(f"{unknown.pop()!r} is not one of {', '.join(plan.names)}.")
            plan = pa.schema([plan.field(name) for name in columns])
        tables = list(self.tables(columns, check=check))
        return pa.concat_tables(tables) if tables else plan.empty_table()

    def tables(
        self, columns: Sequence[str] | None = None, *, check: bool = True
    ) -> Iterator[pa.Table]:
        """Yield what `table` returns, a table a shard, a few shards in memory at a time."""
        with ThreadPoolExecutor(_READERS) as pool:
            for start in range(0, len(self.records), _AHEAD):
                some = self.records[start : start + _AHEAD]
                yield from pool.map(lambda one: self._shard(one, columns, check=check), some)

    def to_pandas(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """All rows, or some of their columns; arrays lie flat in their cells."""
        return self.table(columns).to_pandas()

    def rows(self) -> Iterator[Row]:
        """Yield the rows in the data set's order, one shard in memory at a time."""
        for record in self.records:
            yield from to_rows(self._shard(record), self.map_shape)

    def row(self, number: int) -> Row:
        """Return one row by its place in the data set.

        Raises
        ------
        IndexError
            If it was not extracted (yet).
        """
        shard, place = divmod(number, self.manifest["shard"])
        if shard not in self._by_shard or not 0 <= number < self.photos:
            raise IndexError(f"{self._place.shown} has no row {number}.")
        table = self._shard(self._by_shard[shard]).slice(place, 1)
        return next(to_rows(table, self.map_shape))

    def shard(self, shard: int, columns: Sequence[str]) -> pa.Table:
        """Return some columns of one finished shard, read as `table` reads without a check.

        Raises
        ------
        StoreError
            If it is missing or damaged.
        """
        return self._shard(self._by_shard[shard], columns, check=False)

    @property
    def numbers(self) -> np.ndarray:
        """Return the place in the data set of each extracted row, (N,) int64; no row is read.

        Raises
        ------
        StoreError
            If a record has more rows than its shard.
        """
        size = self.manifest["shard"]
        spans = [np.empty(0, np.int64)]
        for record in self.records:
            first = record.shard * size
            if record.rows > size or first + record.rows > self.photos:
                raise StoreError(
                    f"{record_file(record.shard)} of {self._place.shown} names more photos than "
                    "there are: run xfera extract again."
                )
            spans.append(np.arange(first, first + record.rows))
        return np.concatenate(spans)

    @cached_property
    def _by_shard(self) -> dict[int, ShardRecord]:
        return {record.shard: record for record in self.records}

    def arrays(self, *, regions: bool = False) -> StoreArrays:
        """Return the faces as arrays, ready for `xfera_nb.fusion.fuse_many`.

        Parameters
        ----------
        regions : bool
            Also read the maps and work out how they lie over the face regions, one shard in memory
            at a time.

        Raises
        ------
        StoreError
            If a shard is missing or damaged.
        """
        arrays = to_arrays(self.table(StoreArrays.COLUMNS), self.map_shape)
        return replace(arrays, region_shares=self._region_shares()) if regions else arrays

    def _region_shares(self) -> np.ndarray:
        crop_rule = read_crop_rule(self.manifest["classifier"])
        shares = [np.empty((0, len(EMOTIONS), len(FACE_REGIONS)))]
        for record in self.records:
            table = self._shard(record, ["box", "maps", "landmarks"])
            table = table.filter(pa.array(present(table, "box")))
            maps, points = (stacked(table, name, self.map_shape) for name in ("maps", "landmarks"))
            shares.append(share_stored_regions(maps, points, crop_rule))
        return np.concatenate(shares)

    def beside(self, name: str) -> bytes | None:
        """Return a file that a later command added to the store, such as ``faithfulness.parquet``.

        Returns
        -------
        bytes or None
            None if there is none.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        try:
            return self._place.read(name)
        except FileNotFoundError:
            return None

    def maps(self) -> np.ndarray:
        """Return the (N, 7, h, w) float32 signed maps of the faces, in the order of `arrays()`."""
        table = self.table(["box", "maps"])
        return stacked(table.filter(pa.array(present(table, "box"))), "maps", self.map_shape)

    def _shard(
        self, record: ShardRecord, columns: Sequence[str] | None = None, *, check: bool = True
    ) -> pa.Table:
        name = row_file(record.shard)
        data: bytes | pa.NativeFile
        if check or columns is None or not self._place.local:
            try:
                data = self._place.read(name)
            except FileNotFoundError:
                data = b""
            is_whole = hashlib.sha256(data).hexdigest() == record.sha256
        else:
            path = self._place.path(name)
            is_whole = os.path.isfile(path)  # reading a pipe would block
            data = pa.OSFile(path) if is_whole else b""
        if not is_whole:
            raise StoreError(
                f"{name} of {self._place.shown} is missing or is not the file that was written: "
                "run xfera extract again, which makes this shard again."
            )
        try:
            crop_rule = read_crop_rule(self.manifest["classifier"])
            table = from_bytes(data, self.map_shape, columns, crop_rule)
            if table.num_rows != record.rows:
                raise ValueError(f"{table.num_rows} rows, not {record.rows}")
            if columns is None:
                check_values(table, self.map_shape)
            return table
        except ValueError as error:
            raise StoreError(
                f"{name} of {self._place.shown} holds no rows of a store ({error}): extract again."
            ) from error


def read_excess_drops(store: EvidenceStore, numbers: np.ndarray) -> np.ndarray | None:
    """Read the excess drops that ``xfera faithfulness`` measured for some faces.

    Parameters
    ----------
    store : EvidenceStore
    numbers : ndarray
        (N,) int, `Row.number` of each face.

    Returns
    -------
    ndarray or None
        (N, A) float64 in the order of `LANDMARK_AUS`: how far the target class's probability drops
        when the AU's region is blurred, less the mean drop of random regions of the same area, -1
        to 1; NaN where it was not measured. None if the store has no such figures.

    Raises
    ------
    StoreError
        If their file cannot be read or holds something else.
    """
    data = store.beside(FAITHFULNESS)
    if data is None:
        return None
    width = len(LANDMARK_AUS)
    drops = np.full((len(numbers), width), np.nan)
    try:
        table = pq.read_table(pa.BufferReader(data), columns=["number", "excess_drop"])
        known = table["number"].to_numpy()
        column = table["excess_drop"].to_pylist()
        rows = [[np.nan] * width if row is None else row for row in column]
        values = np.array(rows, dtype=np.float64).reshape(-1, width)
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise StoreError(
            f"{FAITHFULNESS} of {store!r} cannot be read: run xfera faithfulness again."
        ) from error
    order = np.argsort(known)
    found = np.searchsorted(known, numbers, sorter=order).clip(max=max(len(known) - 1, 0))
    if len(known):
        at = order[found]
        there = known[at] == numbers
        drops[there] = values[at[there]]
    return drops
