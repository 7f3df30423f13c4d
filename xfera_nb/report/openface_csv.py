"""Write the store of a video as a CSV with OpenFace's columns.

They are those of FeatureExtraction with ``-2Dfp -aus``: frame (from 1), face_id, timestamp,
confidence, success, the landmarks in pixels, intensities 0 to 5 and presence. face_id is the face's
number in the store. A frame without a face has success 0 and no values. Presence is an intensity of
at least `PRESENT`; OpenFace has a classifier of its own for it. AU28, and what was not measured, is
empty. Confidence is 1 / (1 + exp(-4 s)) of the score s of dlib's detector: 0.5 at its threshold,
0.88 at 0.5 (OpenFace's is a network's).

Source: OpenFace 2.2 documentation, "Output Format".
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import pyarrow as pa

from xfera_nb.evidence import EvidenceStore
from xfera_nb.evidence.rows import present, stacked
from xfera_nb.evidence.storage import StoreError
from xfera_nb.facs.action_units import OPENFACE_AUS, OPENFACE_PRESENCE_AUS, au_name
from xfera_nb.report.save import save_file

PRESENT = 1.0
"""Least intensity of an AU that is present: A, "trace", on the FACS scale."""
COLUMNS = (
    "frame", "face_id", "timestamp", "confidence", "success",
    *(f"{axis}_{point}" for axis in "xy" for point in range(68)),
    *(f"{au_name(au)}_r" for au in OPENFACE_AUS),
    *(f"{au_name(au)}_c" for au in OPENFACE_PRESENCE_AUS),
)  # fmt: skip


def openface_csv(store: EvidenceStore) -> str:
    """Return the rows of a video's store as CSV text.

    Raises
    ------
    StoreError
        If a shard is damaged, or the store holds photos.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_lines(store))
    return sink.getvalue()


def save_openface_csv(store: EvidenceStore | str | PathLike[str], path: str | Path) -> None:
    """Write the rows of a video's store as a CSV file; see `openface_csv`.

    Raises
    ------
    StoreError
        If the store is missing or damaged, or holds photos.
    SaveError
        If the file cannot be written.
    """
    opened = store if isinstance(store, EvidenceStore) else EvidenceStore.open(store)
    save_file(path, openface_csv(opened))


def _lines(store: EvidenceStore) -> Iterator[list[str]]:
    if store.video is None:
        raise StoreError(f"{store.shown} holds photos: the CSV takes the store of a video.")
    columns = ("frame", "time", "track", "score", "box", "landmarks", "intensities")
    table = store.table(columns)
    table = table.filter(pa.array(present(table, "frame") & present(table, "time")))
    faces = present(table, "box") & present(table, "track") & present(table, "score")
    plain = {name: table[name].to_pylist() for name in ("frame", "time", "track", "score")}
    points = stacked(table, "landmarks", store.map_shape)
    units = stacked(table, "intensities", store.map_shape)
    for row in range(len(table)):
        start = [str(plain["frame"][row] + 1)]
        time = f"{plain['time'][row]:.6f}"
        if not faces[row]:
            yield [*start, "0", time, "0", "0", *[""] * (len(COLUMNS) - 5)]
            continue
        confidence = 1 / (1 + math.exp(-4 * max(plain["score"][row], -100.0)))
        presence = dict(zip(OPENFACE_AUS, units[row].tolist(), strict=True))
        yield [
            *start, str(plain["track"][row]), time, f"{confidence:.3f}", "1",
            *(f"{value:.2f}" for value in points[row].T.ravel().tolist()),
            *(_number(value) for value in units[row].tolist()),
            *(_presence(presence.get(au, math.nan)) for au in OPENFACE_PRESENCE_AUS),
        ]  # fmt: skip


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4f}"


def _presence(value: float) -> str:
    return "" if math.isnan(value) else f"{value >= PRESENT:d}"
