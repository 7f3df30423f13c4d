"""The checks of a map over the faces of a store, one after the other and resumably.

The photos are read again (a store keeps no pixels), from where they were or from another folder;
landmarks, maps and probabilities are the store's. A face whose photo is gone, or is not the one
that was measured, is passed over and named. Explained is the class that the classifier names.

Means come with 95 % bootstrap intervals over persons where the store knows whose face each is, over
faces otherwise (`xfera_nb.evaluation.bootstrap`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from tqdm import tqdm

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier, Prediction
from xfera_nb.errors import ParamsError, PhotoError, XferaError
from xfera_nb.evaluation.bootstrap import (
    CONFIDENCE,
    LEAST_UNITS,
    RESAMPLES,
    Estimate,
    resampled,
    unit_sums,
)
from xfera_nb.evaluation.map_checks import table
from xfera_nb.evaluation.map_checks.checks import MapChecks, check_map
from xfera_nb.evaluation.map_checks.overlap import PUBLISHED
from xfera_nb.evidence import Evidence, EvidenceStore, Row, StoreError, assemble
from xfera_nb.evidence.place import Place, photo_path
from xfera_nb.faces import face_from_landmarks, load_photo
from xfera_nb.facs.action_units import ACTION_UNITS, OPENFACE_AUS, au_name
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.fusion import FusionParams

EVERY = 16
"""Faces between two writings of the file."""
SAME = 0.02
"""Most that the probability of a face read again may differ from the store's."""


@dataclass(frozen=True)
class Faithfulness:
    """What the checks say of a store's faces.

    Attributes
    ----------
    store : str
    faces : int
        Checked, those of earlier runs included.
    kept : int
        Of them from earlier runs.
    failed : tuple of (str, str)
        Id and reason of each face that could not be checked.
    units : str
        What the intervals resample: "persons" or "faces".
    figures : mapping of str to (Estimate, int)
        For each of `table.FIGURES` its mean and the number of faces that it is defined on.
    expected : mapping of int to (Estimate, int)
        For each AU of Table 2 the mean weight on the faces explained as an emotion that expects it.
    full : bool
    """

    store: str
    faces: int
    kept: int
    failed: tuple[tuple[str, str], ...]
    units: str
    figures: Mapping[str, tuple[Estimate, int]] = field(repr=False)
    expected: Mapping[int, tuple[Estimate, int]] = field(repr=False)
    full: bool

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON-able values."""
        return {
            "store": self.store,
            "faces": self.faces,
            "kept": self.kept,
            "failed": [{"id": id_, "reason": reason} for id_, reason in self.failed],
            "units": self.units,
            "full": self.full,
            "published_iou": dict(PUBLISHED),
            "figures": {name: _told(pair) for name, pair in self.figures.items()},
            "expected_weights": {au_name(au): _told(pair) for au, pair in self.expected.items()},
        }

    def text(self) -> str:
        """The figures as lines."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        kept = f", {self.kept:,} of them earlier" if self.kept else ""
        passed = f", {len(self.failed):,} passed over" if self.failed else ""
        noun = "face" if self.faces == 1 else "faces"
        yield f"{self.store}: {self.faces:,} {noun} checked{kept}{passed}"
        yield f"{'mean':>41}   {'95 % interval':>16} {'faces':>8}   (over {self.units})"
        for name, pair in self.figures.items():
            yield _line(table.FIGURES[name], pair)
        yield (
            f"  ({PUBLISHED['networks']} published networks on other masks: mean IoU "
            f"{PUBLISHED['mean']:.2f}, best {PUBLISHED['best']:.2f}; {PUBLISHED['source']})"
        )
        yield "Weight of the movements that Table 2 expects for the explained emotion:"
        for au, pair in self.expected.items():
            yield _line(f"{au_name(au)} {ACTION_UNITS[au].name}", pair)


def check_store(
    store: str | PathLike,
    classifier: Classifier,
    *,
    photos: str | PathLike | None = None,
    limit: int | None = None,
    full: bool = False,
    seed: int = 0,
    again: bool = False,
    progress: bool = False,
) -> Faithfulness:
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
        As for `check_map`.
    seed : int
    again : bool
        Drop the rows that are there. Otherwise they are kept, and faces that failed are tried anew.
    progress : bool
        Show a bar on stderr.

    Returns
    -------
    Faithfulness

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
    place = Place(store)
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
    return _summary(opened, good, kept, failed, full, seed)


def evidence_again(row: Row, photos: str | PathLike, manifest: Mapping[str, Any]) -> Evidence:
    """A face of a store as it was measured, without its Action Units.

    Raises
    ------
    PhotoError
        If its photo is not there, cannot be read, or does not hold the landmarks.
    """
    if row.photo is None:
        raise PhotoError(f"{row.id} has no photo file of its own, so it cannot be read again.")
    try:
        path = photo_path(photos, row.photo)
    except StoreError as error:
        raise PhotoError(str(error)) from error
    if not path.is_file():
        raise PhotoError(f"{path} is not there any more: say with --photos where the photos are.")
    image = load_photo(path)
    box = tuple(row.box.tolist())
    face = face_from_landmarks(image, row.landmarks, box, PurePosixPath(row.photo).name)
    units = ActionUnits(np.full(len(OPENFACE_AUS), np.nan), source="not needed here")
    return assemble(
        face,
        Prediction(row.probabilities),
        row.maps,
        units,
        layer=manifest["layer"],
        method=manifest["method"],
        classifier=manifest["classifier"],
    )


def _checked(
    row: Row,
    photos: str | PathLike,
    store: EvidenceStore,
    classifier: Classifier,
    full: bool,
    seed: int,
) -> dict[str, Any]:
    try:
        evidence = evidence_again(row, photos, store.manifest)
        checks = check_map(evidence, classifier, FusionParams(), seed=seed, full=full)
        _same_photo(row, checks)
    except XferaError as error:
        return table.failed_row(row.number, row.id, row.person, " ".join(str(error).split()))
    return table.row_of(row.number, row.id, row.person, checks)


def _same_photo(row: Row, checks: MapChecks) -> None:
    there = float(row.probabilities[EMOTIONS.index(checks.emotion)])
    if abs(there - checks.probability) > SAME:
        raise PhotoError(
            f"{row.photo} is not the photo that was measured: {checks.emotion} had {there:.2f}, "
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
        "format": 1,
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
    return there[np.sort(drawn)].tolist()


def _wanted(store: EvidenceStore, numbers: Sequence[int]) -> Iterator[Row]:
    wanted = set(numbers)
    if wanted:
        yield from (row for row in store.rows() if row.number in wanted)


def _summary(
    store: EvidenceStore,
    rows: list[dict[str, Any]],
    kept: int,
    failed: list[tuple[str, str]],
    full: bool,
    seed: int,
) -> Faithfulness:
    persons = [row["person"] for row in rows]
    # A sample's number counts composites: the faces that share it are of different people.
    by_person = store.manifest["dataset"]["kind"] != "samples" and None not in persons
    by_person = by_person and len(set(persons)) > 1
    columns = table.columns_of(rows, [*table.FIGURES, "drop"])
    drops = columns.pop("drop")
    listed = sorted({au for aus in EXPECTED_AUS.values() for au in aus})
    for column, au in enumerate(LANDMARK_AUS):
        if au in listed:
            expects = [au in EXPECTED_AUS[row["emotion"]] for row in rows]
            columns[str(au)] = np.where(expects, drops[:, column], np.nan)
    found = _means(columns, np.array(persons) if by_person else None, seed)
    return Faithfulness(
        store=store.shown,
        faces=len(rows),
        kept=kept,
        failed=tuple(failed),
        units="persons" if by_person else "faces",
        figures={name: found[name] for name in table.FIGURES},
        expected={au: found[str(au)] for au in listed},
        full=full,
    )


def _means(
    columns: Mapping[str, np.ndarray], units: np.ndarray | None, seed: int
) -> dict[str, tuple[Estimate, int]]:
    """Mean of each column where it is defined, with its interval and the number of rows."""
    values = np.stack(list(columns.values()), axis=1)
    known = ~np.isnan(values)
    sums = unit_sums(np.hstack([np.where(known, values, 0), known]), units)
    draws = resampled(sums, RESAMPLES, seed) if len(sums) >= LEAST_UNITS else None
    found = {}
    for place, name in enumerate(columns):
        count = int(known[:, place].sum())
        low = high = reason = None
        if not count:
            reason = "it is defined on no face"
        elif draws is None:
            reason = f"no interval: fewer than {LEAST_UNITS} to draw from"
        else:
            total, times = draws[:, place], draws[:, len(columns) + place]
            means = total[times > 0] / times[times > 0]
            tail = (1 - CONFIDENCE) / 2
            low, high = (float(end) for end in np.quantile(means, [tail, 1 - tail]))
        mean = float(np.nanmean(values[:, place])) if count else None
        found[name] = (Estimate(mean, low, high, reason), count)
    return found


def _told(pair: tuple[Estimate, int]) -> dict[str, Any]:
    estimate, count = pair
    return estimate.to_dict() | {"faces": count}


def _line(label: str, pair: tuple[Estimate, int]) -> str:
    estimate, count = pair
    if estimate.value is None:
        return f"  {label:34} {'-':>6}   {'undefined':>16} {count:8,}"
    interval = "" if estimate.low is None else f"{estimate.low:+.3f} to {estimate.high:+.3f}"
    return f"  {label:34} {estimate.value:+.3f}   {interval:>16} {count:8,}"
