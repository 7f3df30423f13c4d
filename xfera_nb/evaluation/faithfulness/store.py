"""The checks of a map over the faces of a store, one after the other and resumably.

The photos are read again (a store keeps no pixels), from where they were or from another folder;
landmarks, maps and probabilities are the store's. A face whose photo is gone, or is not the one
that was measured, is passed over and named. Explained is the class that the classifier names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any

import numpy as np
from tqdm import tqdm

from xfera_nb.classifier import Classifier
from xfera_nb.errors import ParamsError, PhotoError, XferaError
from xfera_nb.evaluation.faithfulness import table
from xfera_nb.evaluation.faithfulness.check import Faithfulness, check_faithfulness
from xfera_nb.evaluation.faithfulness.summary import FaithfulnessSummary, summarise
from xfera_nb.evidence import Evidence, EvidenceStore, Row, StoreError
from xfera_nb.evidence.storage import Storage, photo_path
from xfera_nb.faces import load_photo
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.fusion import FusionParams

EVERY = 16
"""Faces between two writings of the file."""
SAME = 0.02
"""Most that the probability of a face read again may differ from the store's."""


def check_store(
    store: str | PathLike[str],
    classifier: Classifier,
    *,
    photos: str | PathLike[str] | None = None,
    limit: int | None = None,
    full: bool = False,
    seed: int = 0,
    again: bool = False,
    progress: bool = False,
) -> FaithfulnessSummary:
    """Check the map of each face of a store and write ``faithfulness.parquet`` into it.

    Parameters
    ----------
    store : path
        Its folder or URL.
    classifier : Classifier
        That made the store.
    photos : path, optional
        Where the photos lie; by default where they were.
    limit : int, optional
        At most so many faces, drawn at random by the seed.
    full : bool
        As for `check_faithfulness`.
    seed : int
    again : bool
        Drop the rows that are there. Otherwise they are kept, and faces that failed are tried anew.
    progress : bool
        Show a bar on stderr.

    Returns
    -------
    FaithfulnessSummary

    Raises
    ------
    StoreError
        If there is no such store, the classifier is another one, or the rows that are there were
        made in another way.
    ParamsError
        If the limit is not positive.
    """
    if limit is not None and limit < 1:
        raise ParamsError("The limit must be at least 1 face.")
    opened = EvidenceStore.open(store)
    place = Storage(store)
    made_by = _made_by(opened, classifier, full, seed)
    old = [] if again else table.read(place, made_by)
    rows = {row["number"]: row for row in old if row["reason"] is None}
    kept = len(rows)
    chosen = _chosen(opened, limit, seed)
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
        for done, row in enumerate(_wanted(opened, todo), start=1):
            rows[row.number] = _checked(row, root, opened, classifier, full, seed)
            bar.update()
            if done % EVERY == 0:
                table.write(place, rows.values(), made_by)
    if todo or again:
        table.write(place, rows.values(), made_by)
    good = [row for row in rows.values() if row["reason"] is None]
    failed = [(row["id"], row["reason"]) for row in rows.values() if row["reason"] is not None]
    kind = opened.manifest["dataset"]["kind"]
    return summarise(opened.shown, kind, good, kept, failed, full, seed)


def photo_of(row: Row, photos: str | PathLike[str]) -> np.ndarray:
    """The photo of a row, (H, W, 3) uint8 RGB.

    Raises
    ------
    PhotoError
        If it is not there, cannot be read, or lies outside of the folder.
    """
    if row.photo is None:
        raise PhotoError(f"{row.id} has no photo file of its own, so it cannot be read again.")
    try:
        path = photo_path(photos, row.photo)
    except StoreError as error:
        raise PhotoError(str(error)) from error
    if not path.is_file():
        raise PhotoError(f"{path} is not there any more: say with --photos where the photos are.")
    return load_photo(path)


def _checked(
    row: Row,
    photos: str | PathLike[str],
    store: EvidenceStore,
    classifier: Classifier,
    full: bool,
    seed: int,
) -> dict[str, Any]:
    try:
        evidence = Evidence.from_row(row, photo_of(row, photos), store.manifest)
        checks = check_faithfulness(evidence, classifier, FusionParams(), seed=seed, full=full)
        _same_photo(row, checks)
    except XferaError as error:
        return table.failed_row(row.number, row.id, row.person, " ".join(str(error).split()))
    return table.row_of(row.number, row.id, row.person, checks)


def _same_photo(row: Row, checks: Faithfulness) -> None:
    there = float(row.array("probabilities")[EMOTIONS.index(checks.target)])
    if abs(there - checks.probability) > SAME:
        raise PhotoError(
            f"{row.photo} is not the photo that was measured: {checks.target} had {there:.2f}, "
            f"now it has {checks.probability:.2f}."
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
        "format": 2,  # 1 had the same random networks for all faces
        "data set": manifest["dataset"]["fingerprint"],
        "classifier": made,
        "layer": manifest["layer"],
        "method": manifest["method"],
        "form of check": "full" if full else "quick",
        "seed": seed,
    }


def _chosen(store: EvidenceStore, limit: int | None, seed: int) -> list[int]:
    """Numbers of the faces to check; a smaller limit's faces are among a greater one's."""
    columns = store.table(["number", "box"])
    there = columns["number"].to_numpy()[columns["box"].is_valid().to_numpy()]
    drawn = np.random.default_rng(seed).permutation(len(there))[:limit]
    numbers: list[int] = there[np.sort(drawn)].tolist()
    return numbers


def _wanted(store: EvidenceStore, numbers: Sequence[int]) -> Iterator[Row]:
    wanted = set(numbers)
    if wanted:
        yield from (row for row in store.rows() if row.number in wanted)
