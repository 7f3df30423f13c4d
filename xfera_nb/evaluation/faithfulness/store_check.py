"""Check the maps of a store's faces, resumably, and keep the results in ``faithfulness.parquet``.

The photos are read again (a store keeps no pixels), from where they were or from another folder;
landmarks, maps and probabilities are the store's. A face whose photo is missing, or is not the one
that was measured, is skipped and reported. The target is the predicted class.

A row of the file is a face of the store, `number` being its `Row.number`. Columns named in `AUS`
are fixed lists of float64 in the order of `LANDMARK_AUS`, those in `COLUMNS` are float64; null is
undefined.
``excess_drop`` is `AUDrop.excess_drop`: how far the target class's probability drops when the AU's
region is blurred, less the mean drop of random regions of the same area. A face that could not be
checked has a `reason` and nothing else. The file's metadata says, as JSON, what made the rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from statistics import fmean
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from xfera_nb.classifier import Classifier
from xfera_nb.datasets.clip import file_of
from xfera_nb.datasets.dataset import keepable
from xfera_nb.errors import ParamsError, PhotoError, XferaError
from xfera_nb.evaluation.faithfulness.aggregate import (
    AUS,
    COLUMNS,
    FaithfulnessSummary,
    aggregate,
)
from xfera_nb.evaluation.faithfulness.calibration import PASS, Calibrated
from xfera_nb.evaluation.faithfulness.face_check import Faithfulness, check_faithfulness
from xfera_nb.evaluation.faithfulness.sanity import PROBE_LAYER
from xfera_nb.evidence import Evidence, EvidenceStore, Row, StoreError
from xfera_nb.evidence.storage import Storage, resolve_photo
from xfera_nb.evidence.store import FAITHFULNESS
from xfera_nb.faces import load_photo
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionParams

SAVE_EVERY = 16
"""Faces between two writings of the file."""
MAX_DIFFERENCE = 0.02
"""Most that the probability of a face read again may differ from the store's."""
_KEY = b"xfera_faithfulness"


def check_store(
    store: str | PathLike[str],
    classifier: Classifier,
    *,
    photos: str | PathLike[str] | None = None,
    limit: int | None = None,
    full: bool = False,
    seed: int = 0,
    refresh: bool = False,
    progress: bool = False,
) -> FaithfulnessSummary:
    """Check the map of each face of a store and write ``faithfulness.parquet`` into it.

    Parameters
    ----------
    store : path
        Its folder or URL.
    classifier : Classifier
        The one that made the store.
    photos : path, optional
        Where the photos lie; by default where they were.
    limit : int, optional
        At most so many faces, drawn at random by the seed.
    full : bool
        As for `check_faithfulness`.
    seed : int
    refresh : bool
        Drop the rows of earlier runs. Otherwise they are kept, and only faces that failed are
        checked again.
    progress : bool
        Show a bar on stderr.

    Returns
    -------
    FaithfulnessSummary

    Raises
    ------
    StoreError
        If there is no such store, the classifier is another one, or earlier rows were made in
        another way.
    ParamsError
        If the limit is not positive.
    """
    if limit is not None and limit < 1:
        raise ParamsError("The limit must be at least 1 face.")
    opened = EvidenceStore.open(store)
    storage = Storage(store)
    made_by = _made_by(opened, classifier, full, seed)
    old = [] if refresh else _read_rows(storage, made_by)
    rows = {row["number"]: row for row in old if row["reason"] is None}
    kept = len(rows)
    chosen = _draw_faces(opened, limit, seed)
    todo = [number for number in chosen if number not in rows]
    root = opened.source if photos is None else photos
    bar = tqdm(
        total=len(chosen),
        initial=len(chosen) - len(todo),
        unit="face",
        disable=not progress,
        mininterval=0.5 if sys.stderr.isatty() else 30,
    )
    with bar:
        for done, row in enumerate(_iter_rows(opened, todo), start=1):
            rows[row.number] = _check_row(row, root, opened, classifier, full, seed)
            bar.update()
            if done % SAVE_EVERY == 0:
                _write_rows(storage, rows.values(), made_by)
    if todo or refresh:
        _write_rows(storage, rows.values(), made_by)
    good = [row for row in rows.values() if row["reason"] is None]
    failed = [(row["id"], row["reason"]) for row in rows.values() if row["reason"] is not None]
    kind = opened.manifest["dataset"]["kind"]
    return aggregate(opened.shown, kind, good, kept, failed, full, seed)


def read_photo_of(row: Row, photos: str | PathLike[str]) -> np.ndarray:
    """Read the photo of a row, (H, W, 3) uint8 RGB.

    Raises
    ------
    PhotoError
        If it is not there, cannot be read, or lies outside of the folder.
    """
    if row.photo_path is None:
        raise PhotoError(f"{row.id} has no photo file of its own, so it cannot be read again.")
    try:
        path = resolve_photo(photos, row.photo_path)
    except StoreError as error:
        raise PhotoError(str(error)) from error
    if not file_of(path).is_file():
        raise PhotoError(f"{path} is not there any more: say with --photos where the photos are.")
    return load_photo(path)


def _check_row(
    row: Row,
    photos: str | PathLike[str],
    store: EvidenceStore,
    classifier: Classifier,
    full: bool,
    seed: int,
) -> dict[str, Any]:
    try:
        evidence = Evidence.from_row(row, read_photo_of(row, photos), store.manifest)
        checks = check_faithfulness(evidence, classifier, FusionParams(), seed=seed, full=full)
        _check_same_photo(row, checks)
    except XferaError as error:
        return _make_failed_row(row.number, row.id, row.person, " ".join(str(error).split()))
    return _make_row(row.number, row.id, row.person, checks)


def _check_same_photo(row: Row, checks: Faithfulness) -> None:
    stored = float(row.array("probabilities")[EMOTIONS.index(checks.target)])
    if abs(stored - checks.probability) > MAX_DIFFERENCE:
        raise PhotoError(
            f"{row.photo_path} is not the photo that was measured: {checks.target} had "
            f"{stored:.2f}, now it has {checks.probability:.2f}."
        )


def _made_by(store: EvidenceStore, classifier: Classifier, full: bool, seed: int) -> dict[str, Any]:
    manifest = store.manifest
    here, made = classifier.describe().get("sha256"), manifest["classifier"].get("sha256")
    if here != made:
        raise StoreError(
            f"{store.shown} was extracted with another classifier than {classifier.name}: give "
            "that one with --classifier."
        )
    return {
        "format": 3,  # 2 had no controls
        "data set": manifest["dataset"]["fingerprint"],
        "classifier": made,
        "layer": manifest["layer"],
        "method": manifest["method"],
        "form of check": "full" if full else "quick",
        "seed": seed,
    }


def _draw_faces(store: EvidenceStore, limit: int | None, seed: int) -> list[int]:
    """Draw the numbers of the faces to check; a smaller limit draws a subset of a larger one's."""
    columns = store.table(["number", "box"])
    there = columns["number"].to_numpy()[columns["box"].is_valid().to_numpy()]
    drawn = np.random.default_rng(seed).permutation(len(there))[:limit]
    numbers: list[int] = there[np.sort(drawn)].tolist()
    return numbers


def _iter_rows(store: EvidenceStore, numbers: Sequence[int]) -> Iterator[Row]:
    wanted = set(numbers)
    if wanted:
        yield from (row for row in store.rows() if row.number in wanted)


def _make_row(number: int, id_: str, person: str | None, checks: Faithfulness) -> dict[str, Any]:
    """Make a checked face's row."""
    drops = checks.au_drops.rows
    attention = {one.layer: one.correlation for one in checks.attention}
    at = {one.layer: one.correlation for one in checks.hirescam if not one.by_construction}
    random = checks.randomised
    curves, overlap = checks.deletion_insertion, checks.overlap
    found = {
        "number": number,
        "id": id_,
        "person": person,
        "target": checks.target,
        "reason": None,
        "excess_drop": [row.excess_drop for row in drops],
        "prob_drop": [row.prob_drop for row in drops],
        "random_drop": [row.random_drop for row in drops],
        "saliency": [row.saliency for row in drops],
        "probability": checks.probability,
        "blurred_probability": checks.blurred_probability,
        "deletion": curves.morf and curves.morf.auc,
        "insertion": curves.lerf and curves.lerf.auc,
        "hirescam": at.get(PROBE_LAYER),
        "random_last_layer": random[0].absolute,
        "between_random": random[0].between,
        "random_all": random[-1].absolute if len(random) > 1 else None,
        "costliest_p": checks.au_drops.share_as_great,
        "iou": overlap.iou,
        "hit": None if overlap.hit is None else float(overlap.hit),
        "chance": None if overlap.hit is None else overlap.chance,
        **{bam: attention.get(bam) for bam in ("bam1", "bam2", "bam3")},
    }
    for name, one in checks.calibrated.items():
        found |= {f"{name}{end}": value for end, value in _describe(one).items()}
    return found


def _describe(one: Calibrated) -> dict[str, float | None]:
    """Return a figure, its controls and whether it passes, by the end of the column's name."""
    return {
        "": one.value,
        "_pass": None if one.value is None else float(one.verdict == PASS),
        "_random": fmean(one.random) if one.random else None,
        "_others": fmean(one.others) if one.others else None,
        "_mean_map": one.mean_map,
        "_class_mean": one.class_mean,
    }


def _make_failed_row(number: int, id_: str, person: str | None, reason: str) -> dict[str, Any]:
    """Make the row of a face that could not be checked."""
    return {"number": number, "id": id_, "person": person, "reason": reason}


def _schema() -> pa.Schema:
    """Return the columns of the file."""
    texts = ("id", "person", "target", "reason")
    columns = [pa.field("number", pa.int64(), nullable=False)]
    columns += [pa.field(name, pa.string()) for name in texts]
    columns += [pa.field(name, pa.list_(pa.float64(), len(LANDMARK_AUS))) for name in AUS]
    return pa.schema([*columns, *(pa.field(name, pa.float64()) for name in COLUMNS)])


def _write_rows(
    storage: Storage, rows: Iterable[Mapping[str, Any]], made_by: Mapping[str, Any]
) -> None:
    """Write the file, whole or not at all, in the order of `number`."""
    ordered = sorted(rows, key=lambda row: row["number"])
    schema = _schema().with_metadata({_KEY: json.dumps(made_by, sort_keys=True).encode()})
    full = [{name: _clean(row.get(name)) for name in schema.names} for row in ordered]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(full, schema=schema), sink, compression="zstd")
    storage.write(FAITHFULNESS, sink.getvalue().to_pybytes())


def _clean(value: Any) -> Any:
    return keepable(value) if isinstance(value, str) else value


def _read_rows(storage: Storage, made_by: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Read the rows of earlier runs; none where there is no file.

    Raises
    ------
    StoreError
        If the file is damaged, or its rows were made in another way.
    """
    try:
        data = storage.read(FAITHFULNESS)
    except FileNotFoundError:
        return []
    try:
        table = pq.read_table(pa.BufferReader(data))
        saved = json.loads((table.schema.metadata or {})[_KEY])
        whole = table.schema.remove_metadata().equals(_schema())
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise StoreError(
            f"{FAITHFULNESS} of {storage.shown} is damaged or was not made by xfera faithfulness: "
            "delete it, or give --force."
        ) from error
    wanted = json.loads(json.dumps(made_by))
    other = [key for key in wanted if saved.get(key) != wanted[key]]
    if other or not whole:
        raise StoreError(
            f"{FAITHFULNESS} of {storage.shown} was made with another "
            f"{other[0] if other else 'form'}: give --force to make it again, or the options that "
            "made it."
        )
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows
