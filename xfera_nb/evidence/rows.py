"""Define a row of the store: one photo, its measurements, or the reason why there are none.

Units and orders are those of `xfera_nb.evidence.evidence.Evidence`; arrays lie flat in Parquet's
fixed-size lists (`ARRAYS` gives their shapes), null where the photo failed. Numbers that fusion
takes are float64 as they were computed, so that a fusion from the store is the fusion of the
Evidence.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xfera_nb.classifier import top_class
from xfera_nb.datasets import GROUPS
from xfera_nb.datasets.dataset import keepable
from xfera_nb.evidence.regions import sample_stored_maps
from xfera_nb.faces import MAX_TILT, measure_tilt
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.emotions import EMOTIONS

_CLASSES = len(EMOTIONS)
_AUS = len(OPENFACE_AUS)

TEXTS = ("id", "emotion", "label", *GROUPS, "photo_path", "reason")

ARRAYS: dict[str, tuple[tuple[int, ...], type[np.generic]]] = {
    "box": ((4,), np.int32),
    "landmarks": ((68, 2), np.float32),
    "probabilities": ((_CLASSES,), np.float32),
    "maps": ((_CLASSES, 0, 0), np.float32),
    "activation": ((_CLASSES, 68), np.float64),
    "mean_crop": ((_CLASSES,), np.float64),
    "std_crop": ((_CLASSES,), np.float64),
    "mean_hull": ((_CLASSES,), np.float64),
    "std_hull": ((_CLASSES,), np.float64),
    "peak": ((_CLASSES,), np.float64),
    "intensities": ((_AUS,), np.float32),
    "left": ((_AUS,), np.float32),
    "right": ((_AUS,), np.float32),
    "hidden_probabilities": ((len(FACE_REGIONS), _CLASSES), np.float32),
}
"""Column -> shape and type; the maps' height and width are the layer's."""

VIDEO = {"frame": pa.int64(), "time": pa.float64(), "track": pa.int64(), "score": pa.float32()}
"""Columns of a video's frames, null for photos."""

_ADDED = ("hidden_probabilities", *VIDEO)
"""Columns that a shard may lack: it was written before they existed."""

_DERIVED = "activation"
"""The largest column, which a compact shard leaves out: it follows from maps and landmarks."""

_SPLIT = ("landmarks", "maps")
"""Columns that a compact shard writes byte by byte, which compresses rounded numbers well."""

MapShape = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Row:
    """Hold one photo.

    Attributes
    ----------
    number : int
        Its place in the data set, from 0.
    id : str
    emotion : str or None
        Its label, one of `EMOTIONS`.
    label : str or None
        The label as its data set writes it.
    person, session, angle, gender, split : str or None
    photo_path : str or None
        Its file, relative to the data set's root.
    reason : str or None
        Why there is no face, or (with a face) why there are no intensities.
    box : ndarray or None
        (4,) int32, left, top, right, bottom in photo pixels. This and the following are None
        without a face.
    landmarks : ndarray or None
        (68, 2) float32, photo pixels.
    probabilities : ndarray or None
        (7,) float32.
    maps : ndarray or None
        (7, h, w) float32, signed.
    activation : ndarray or None
        (7, 68) float64.
    mean_crop, std_crop, mean_hull, std_hull, peak : ndarray or None
        (7,) float64.
    intensities : ndarray or None
        (17,) float32, 0-5, NaN where not measured.
    left, right : ndarray or None
        (17,) float32 of the person's sides; None where the source has none.
    hidden_probabilities : ndarray or None
        (6, 7) float32, with each face region hidden (`RegionOcclusion`); None where it was not
        measured.
    frame : int or None
        The frame of a video, from 0. This and the following are None for a photo.
    time : float or None
        Its time in seconds.
    track : int or None
        The face's number, the same on all frames; None without a face.
    score : float or None
        The detector's score of the face.
    """

    number: int
    id: str
    emotion: str | None = None
    label: str | None = None
    person: str | None = None
    session: str | None = None
    angle: str | None = None
    gender: str | None = None
    split: str | None = None
    photo_path: str | None = None
    reason: str | None = None
    box: np.ndarray | None = field(default=None, repr=False)
    landmarks: np.ndarray | None = field(default=None, repr=False)
    probabilities: np.ndarray | None = field(default=None, repr=False)
    maps: np.ndarray | None = field(default=None, repr=False)
    activation: np.ndarray | None = field(default=None, repr=False)
    mean_crop: np.ndarray | None = field(default=None, repr=False)
    std_crop: np.ndarray | None = field(default=None, repr=False)
    mean_hull: np.ndarray | None = field(default=None, repr=False)
    std_hull: np.ndarray | None = field(default=None, repr=False)
    peak: np.ndarray | None = field(default=None, repr=False)
    intensities: np.ndarray | None = field(default=None, repr=False)
    left: np.ndarray | None = field(default=None, repr=False)
    right: np.ndarray | None = field(default=None, repr=False)
    hidden_probabilities: np.ndarray | None = field(default=None, repr=False)
    frame: int | None = None
    time: float | None = None
    track: int | None = None
    score: float | None = None

    @property
    def has_face(self) -> bool:
        """Return whether a face was found and measured."""
        return self.box is not None

    @property
    def is_turned(self) -> bool:
        """Return whether the face lies on its side or upside down on the photo."""
        return self.landmarks is not None and abs(measure_tilt(self.landmarks)) > MAX_TILT

    @property
    def predicted(self) -> str | None:
        """Return the emotion with the highest probability; None without a face."""
        if self.probabilities is None:
            return None
        return EMOTIONS[int(top_class(self.probabilities))]

    def array(self, name: str) -> np.ndarray:
        """Return one of its arrays by name, which must exist.

        Raises
        ------
        ValueError
            If it was not measured.
        """
        values: np.ndarray | None = getattr(self, name)
        if values is None:
            raise ValueError(f"{self.id} has no {name}: {self.reason or 'it has no face'}")
        return values


def shape_of(name: str, map_shape: MapShape) -> tuple[int, ...]:
    """Return the shape of an array column, for one row."""
    return (_CLASSES, *map_shape) if name == "maps" else ARRAYS[name][0]


@cache
def schema(map_shape: MapShape) -> pa.Schema:
    """Return the columns of a shard."""
    columns = [pa.field("number", pa.int64(), nullable=False)]
    columns += [pa.field(name, pa.string()) for name in TEXTS]
    for name, (_, kind) in ARRAYS.items():
        size = int(np.prod(shape_of(name, map_shape)))
        columns.append(pa.field(name, pa.list_(pa.from_numpy_dtype(kind), size)))
    columns += [pa.field(name, kind) for name, kind in VIDEO.items()]
    return pa.schema(columns)


@cache
def _without(map_shape: MapShape, names: tuple[str, ...]) -> pa.Schema:
    return pa.schema([one for one in schema(map_shape) if one.name not in names])


def to_bytes(rows: Sequence[Row], map_shape: MapShape, *, compact: bool = False) -> bytes:
    """Return rows as a whole Parquet file (zstd); equal rows give equal bytes.

    Parameters
    ----------
    rows : sequence of Row
    map_shape : (int, int)
    compact : bool
        Leave out what follows from the rest, for videos: a third of the size.
    """
    plan = schema(map_shape)
    if compact:
        plan = pa.schema([one for one in plan if one.name != _DERIVED])
    columns = [
        _arrays(rows, name, map_shape)
        if name in ARRAYS
        else pa.array([_kept(getattr(row, name)) for row in rows], plan.field(name).type)
        for name in plan.names
    ]
    sink = io.BytesIO()
    options: dict[str, Any] = {}
    if compact:
        split = [f"{name}.list.element" for name in _SPLIT]
        options = {
            "use_byte_stream_split": split,
            "use_dictionary": [*TEXTS],
            "compression_level": 9,
        }
    table = pa.Table.from_arrays(columns, schema=plan)
    pq.write_table(table, sink, compression="zstd", **options)
    return sink.getvalue()


def from_bytes(
    data: bytes | pa.NativeFile,
    map_shape: MapShape,
    columns: Sequence[str] | None = None,
    crop_rule: Mapping[str, Any] = MappingProxyType({}),
) -> pa.Table:
    """Read the table in a shard, or some columns of it.

    Parameters
    ----------
    data : bytes or NativeFile
        The whole file, or the file opened, of which only the columns are read then.
    map_shape : (int, int)
    columns : sequence of str, optional
        All by default.
    crop_rule : mapping
        The classifier's (`xfera_nb.evidence.crop_rule.read_crop_rule`), by which a compact shard's
        activation follows from its maps and landmarks.

    Raises
    ------
    ValueError
        If it is no Parquet file, or one with other columns.
    """
    plan = schema(map_shape)
    names = plan.names if columns is None else list(columns)
    try:
        source = pa.BufferReader(data) if isinstance(data, bytes) else data
        file = pq.ParquetFile(source)
        found = file.schema_arrow
        added = tuple(name for name in _ADDED if name not in found.names)
        compact = _DERIVED not in found.names
        if not found.equals(_without(map_shape, (*added, _DERIVED) if compact else added)):
            raise ValueError("its columns are other ones")
        derived = compact and _DERIVED in names
        wanted = {*names, "box", "maps", "landmarks"} if derived else {*names}
        # Shards are small: threads of Arrow's own would take longer than the work.
        read = [one for one in found.names if one in wanted]
        table = file.read(columns=read, use_threads=False)
        if derived:
            table = table.append_column(plan.field(_DERIVED), _derive(table, map_shape, crop_rule))
        for name in added:
            if name in names:
                empty = pa.nulls(len(table), plan.field(name).type)
                table = table.append_column(plan.field(name), empty)
        return table.select(names)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(" ".join(str(error).split())[:80]) from error


def _derive(table: pa.Table, map_shape: MapShape, crop_rule: Mapping[str, Any]) -> pa.Array:
    """Return the activation of a compact shard's faces."""
    there = present(table, "box")
    faces = table.filter(pa.array(there))
    values = np.zeros((len(table), *ARRAYS[_DERIVED][0]))
    maps, points = (stacked(faces, name, map_shape) for name in ("maps", "landmarks"))
    values[there] = sample_stored_maps(maps, points, crop_rule)
    return pa.FixedSizeListArray.from_arrays(
        pa.array(values.ravel()), int(np.prod(ARRAYS[_DERIVED][0])), mask=pa.array(~there)
    )


def check_values(table: pa.Table, map_shape: MapShape) -> None:
    """Hold a table with all columns to its units.

    Raises
    ------
    ValueError
        If an intensity is not within 0-5, a probability not within 0-1, or a box is empty.
    """
    tops = {"probabilities": 1, "hidden_probabilities": 1, "intensities": 5, "left": 5, "right": 5}
    for name, top in tops.items():
        values = stacked(table, name, map_shape)
        known = values[~np.isnan(values)]
        if known.size and (known.min() < 0 or known.max() > top):
            raise ValueError(f"{name} outside of 0 to {top}")
    boxes = stacked(table, "box", map_shape)[present(table, "box")]
    if (boxes[:, :2] >= boxes[:, 2:]).any():
        raise ValueError("a box that is empty")


def to_rows(table: pa.Table, map_shape: MapShape) -> Iterator[Row]:
    """Yield the rows of a table with all columns."""
    names = [column.name for column in fields(Row)]
    values = {
        name: stacked(table, name, map_shape) if name in ARRAYS else table[name].to_pylist()
        for name in names
    }
    there = {name: present(table, name) for name in ARRAYS}
    for index in range(len(table)):
        cells: dict[str, Any] = {
            name: values[name][index] if name not in ARRAYS or there[name][index] else None
            for name in names
        }
        yield Row(**cells)


def present(table: pa.Table, name: str) -> np.ndarray:
    """Return (N,) bool, where a column is not null."""
    there: np.ndarray = table[name].is_valid().to_numpy()
    return there


def stacked(table: pa.Table, name: str, map_shape: MapShape) -> np.ndarray:
    """Return an array column as one (N, ...) array: NaN where it is null, 0 for whole numbers."""
    kind = ARRAYS[name][1]
    shape = shape_of(name, map_shape)
    there = present(table, name)
    fill = np.nan if np.issubdtype(kind, np.floating) else 0
    result: np.ndarray = np.full((len(table), *shape), fill, kind)
    chunks = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in table[name].chunks]
    if there.any():
        result[there] = np.concatenate(chunks).reshape(-1, *shape)
    return result


def _kept(value: object) -> object:
    """Return a value as Parquet takes it."""
    return keepable(value) if isinstance(value, str) else value


def _arrays(rows: Sequence[Row], name: str, map_shape: MapShape) -> pa.Array:
    kind = ARRAYS[name][1]
    shape = shape_of(name, map_shape)
    values: np.ndarray = np.zeros((len(rows), *shape), kind)
    missing = np.full(len(rows), False)
    for index, row in enumerate(rows):
        value = getattr(row, name)
        if value is None:
            missing[index] = True
        else:
            values[index] = value
    size = int(np.prod(shape))
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), size, mask=pa.array(missing))
