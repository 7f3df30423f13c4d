"""Evaluate the classifier of an evidence store from the stored probabilities.

The figures are of the photos that have a label and a measured face. Photos without a face are
counted and named, and `Evaluation.accuracy_of_all` counts them as wrong; photos without a label
can be neither right nor wrong, and are counted and named too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike

import numpy as np
import pyarrow as pa

from xfera_nb.errors import InputError, XferaError, unknown_name
from xfera_nb.evaluation.bootstrap import (
    FEW_PERSONS,
    MIN_UNITS,
    RESAMPLES,
    EstimatedMetrics,
    estimate_metrics,
)
from xfera_nb.evaluation.error_analysis import analyse_error
from xfera_nb.evaluation.evaluation import (
    NO_FACE,
    NO_LABEL,
    RIGHT,
    WRONG,
    ClassRow,
    EvaluatedPhoto,
    Evaluation,
    GroupRow,
    HumanRow,
)
from xfera_nb.evaluation.metrics import (
    CLASSES,
    bin_calibration,
    confusion_of_sums,
    count_faces,
    predict_classes,
)
from xfera_nb.evaluation.published import KDEF_HIT_RATES, Norm
from xfera_nb.evidence import EvidenceStore, StoreError
from xfera_nb.evidence.crop_rule import read_crop_rule
from xfera_nb.evidence.rows import present, stacked
from xfera_nb.evidence.store import DATASET
from xfera_nb.facs.emotions import EMOTIONS

GROUPS = ("session", "angle", "gender", "split")
UNITS = ("auto", "person", "photo")
MIN_RESAMPLES = 100
EXPLAINED = 20
"""Wrong predictions, the most confident first, that an evaluation says the reasons of."""
_COLUMNS = (
    "number", "id", "emotion", "person", *GROUPS, "reason", "box", "probabilities"
)  # fmt: skip


class EvaluationError(XferaError):
    """A store holds nothing to evaluate."""


def evaluate_store(
    store: EvidenceStore | str | PathLike[str],
    *,
    units: str = "auto",
    resamples: int = RESAMPLES,
    seed: int = 0,
    human: Mapping[str, Norm] | None = None,
) -> Evaluation:
    """Evaluate the classifier on the photos of a store.

    Parameters
    ----------
    store : EvidenceStore or path
    units : str
        What the intervals resample, one of `UNITS`: "person" with all their photos, "photo", or
        "auto": persons where every measured face has one, else photos; photos for the samples,
        which show no one person.
    resamples : int
        At least `MIN_RESAMPLES`.
    seed : int
    human : mapping of str to Norm, optional
        Hit rates of people on KDEF for each emotion, from `read_norms`; by default
        `KDEF_HIT_RATES`.

    Returns
    -------
    Evaluation

    Raises
    ------
    EvaluationError
        If no photo has both a label and a face, or persons are asked for and not known.
    StoreError
        If there is no such store, or it is damaged.
    InputError
        If `units` or `resamples` is invalid.
    """
    if units not in UNITS:
        raise unknown_name("unit to resample", units, UNITS)
    if resamples < MIN_RESAMPLES:
        raise InputError(f"resamples must be at least {MIN_RESAMPLES}, not {resamples}.")
    if not isinstance(store, EvidenceStore):
        store = EvidenceStore.open(store)
    table = store.table(_COLUMNS)
    rows = _Columns(table, store.map_shape)
    if not rows.used.any():
        raise EvaluationError(
            f"{store.shown} has no photo with both a label and a face: extract one that has labels."
        )
    sums = count_faces(rows.true[rows.used], rows.probabilities[rows.used])
    manifest = store.manifest
    kind = str(manifest["dataset"].get("kind"))
    unit = _units(rows, units, kind, store.shown)
    chosen = None if unit is None else unit[rows.used]
    found = estimate_metrics(sums, chosen, resamples, seed)
    confusion = confusion_of_sums(sums.sum(axis=0)).astype(int)
    confusion.flags.writeable = False
    unit_count = len(sums) if chosen is None else len(set(chosen.tolist()))
    right = rows.used & (rows.predicted == rows.true)
    return Evaluation(
        store=store.shown,
        kind=kind,
        chosen=tuple(map(str, manifest["dataset"].get("chosen") or ())),
        classifier=manifest["classifier"],
        heatmap=store.heatmap,
        expected=store.photos,
        photos=tuple(rows.photos(right)),
        problems=_problems(store),
        confusion=confusion,
        accuracy=found.accuracy,
        macro_f1=found.macro_f1,
        ece=found.ece,
        classwise_ece=found.classwise_ece,
        accuracy_of_all=float(right.sum() / rows.labelled.sum()),
        classes=tuple(_classes(rows, confusion, found)),
        calibration=bin_calibration(rows.confidence[rows.used], right[rows.used]),
        groups=tuple(_groups(rows, unit, resamples, seed)),
        constant=dict(_constant(rows)),
        human=_human(rows, human) if kind == "kdef" else (),
        ties=int(rows.tied[rows.used].sum()),
        units="photo" if unit is None else "person",
        unit_count=unit_count,
        resamples=resamples,
        seed=seed,
        notes=tuple(_notes(store, kind, rows, unit, unit_count)),
        why=dict(_why(store, rows, rows.used & ~right)),
    )


class _Columns:
    """Hold the columns of a store as arrays over its photos."""

    def __init__(self, table: pa.Table, map_shape: tuple[int, int]) -> None:
        index = {emotion: number for number, emotion in enumerate(EMOTIONS)}
        self.number = table["number"].to_numpy()
        self.ids = table["id"].to_pylist()
        self.reasons = table["reason"].to_pylist()
        self.probabilities = stacked(table, "probabilities", map_shape)
        self.has_face = present(table, "box") & ~np.isnan(self.probabilities).all(axis=1)
        self.true = np.array([index.get(e, -1) for e in table["emotion"].to_pylist()], dtype=int)
        self.labelled = self.true >= 0
        self.used = self.labelled & self.has_face
        predicted, self.confidence = predict_classes(self.probabilities)
        self.predicted = np.where(self.has_face, predicted, -1)
        self.tied = (self.probabilities == self.confidence[:, None]).sum(axis=1) > 1
        self.person = np.array(table["person"].to_pylist(), dtype=object)
        self.groups = {name: np.array(table[name].to_pylist(), dtype=object) for name in GROUPS}

    def photos(self, right: np.ndarray) -> Iterator[EvaluatedPhoto]:
        """Yield the outcome of each photo."""
        for row, name in enumerate(self.ids):
            face, label = self.has_face[row], self.labelled[row]
            outcome = NO_LABEL if not label else NO_FACE if not face else None
            yield EvaluatedPhoto(
                name,
                EMOTIONS[self.true[row]] if label else None,
                EMOTIONS[self.predicted[row]] if face else None,
                float(self.confidence[row]) if face else None,
                outcome or (RIGHT if right[row] else WRONG),
                self.reasons[row] or (None if face else "no face was measured"),
            )


def _why(
    store: EvidenceStore, rows: _Columns, wrong: np.ndarray
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield why the most confident errors are wrong, as far as the store has what it takes."""
    found = np.flatnonzero(wrong)
    order = np.argsort(-rows.confidence[found], kind="stable")[:EXPLAINED]
    crop_rule = read_crop_rule(store.manifest["classifier"])
    for index in found[order].tolist():
        row = store.row(int(rows.number[index]))
        if row.activation is not None:
            yield row.id, analyse_error(row, crop_rule=crop_rule).lines


def _problems(store: EvidenceStore) -> tuple[tuple[str, str, str], ...]:
    """Return kind, place and detail of each problem; raise if the report is damaged."""
    report = store.dataset_report
    found = report.get("problems") if isinstance(report, dict) else None
    if not isinstance(found, list) or not all(_is_problem(one) for one in found):
        raise StoreError(f"{DATASET} of {store.shown} is damaged: run xfera extract again.")
    return tuple((kind, where, detail) for kind, where, detail in found)


def _is_problem(one: object) -> bool:
    return isinstance(one, list) and len(one) == 3 and all(isinstance(part, str) for part in one)


def _units(rows: _Columns, units: str, kind: str, shown: str) -> np.ndarray | None:
    """Return the person (N,) of each photo, or None where photos are the units."""
    if units == "photo":
        return None
    known = all(person is not None for person in rows.person[rows.used])
    if units == "person" and not known:
        raise EvaluationError(f"{shown} does not say whose face each is: resample photos.")
    # A sample's number counts composites: the faces that share it are of different people.
    people = known and kind != "samples" and len(set(rows.person[rows.used])) > 1
    return rows.person if people or units == "person" else None


def _classes(rows: _Columns, confusion: np.ndarray, found: EstimatedMetrics) -> Iterator[ClassRow]:
    missing = np.bincount(rows.true[rows.labelled & ~rows.has_face], minlength=CLASSES)
    for row, emotion in enumerate(EMOTIONS):
        yield ClassRow(
            emotion,
            found.precision[row],
            found.recall[row],
            found.f1[row],
            found.class_ece[row],
            faces=int(confusion[row].sum()),
            predicted=int(confusion[:, row].sum()),
            no_face=int(missing[row]),
        )


def _groups(
    rows: _Columns, unit: np.ndarray | None, resamples: int, seed: int
) -> Iterator[GroupRow]:
    for name, values in rows.groups.items():
        there = set(values[rows.labelled].tolist())
        if len(there) < 2:
            continue
        for value in sorted(there - {None}) + [None] * (None in there):
            inside = np.array([other == value for other in values], dtype=bool)
            used = rows.used & inside
            sums = count_faces(rows.true[used], rows.probabilities[used])
            found = estimate_metrics(sums, None if unit is None else unit[used], resamples, seed)
            no_face = int((rows.labelled & inside & ~rows.has_face).sum())
            yield GroupRow(name, value, int(used.sum()), no_face, found.accuracy, found.macro_f1)


def _constant(rows: _Columns) -> Iterator[tuple[str, str]]:
    for name, values in rows.groups.items():
        there = set(values[rows.labelled].tolist())
        if len(there) == 1 and None not in there:
            yield name, there.pop()


def _human(rows: _Columns, human: Mapping[str, Norm] | None) -> tuple[HumanRow, ...]:
    """Compare with people on the pictures that Goeleven et al. showed: session A, straight."""
    people = KDEF_HIT_RATES if human is None else human
    shown = rows.used & (rows.groups["session"] == "A") & (rows.groups["angle"] == "S")
    found = []
    for row, emotion in enumerate(EMOTIONS):
        faces = shown & (rows.true == row)
        hits = int((faces & (rows.predicted == row)).sum())
        count = int(faces.sum())
        found.append(HumanRow(emotion, count, hits / count if count else None, people[emotion]))
    return tuple(found)


def _notes(
    store: EvidenceStore, kind: str, rows: _Columns, unit: np.ndarray | None, unit_count: int
) -> Iterator[str]:
    if not store.complete:
        yield (
            f"The extraction is not finished: {len(store):,} of {store.photos:,} photos are there."
        )
    if kind == "samples":
        yield "The samples were made from training photographs: no figure on them is a result."
    unknown = [
        emotion
        for column, emotion in enumerate(EMOTIONS)
        if np.isnan(rows.probabilities[rows.used, column]).all()
    ]
    if unknown:
        yield f"The classifier does not know {', '.join(unknown)}: it is wrong on each such face."
    copies = sum(what == "duplicate" for what, _, _ in _problems(store))
    if copies:
        yield f"Photos that the data set holds twice count twice; see its problems ({copies:,})."
    if unit is not None and MIN_UNITS <= unit_count < FEW_PERSONS:
        yield f"Only {unit_count} persons were resampled: the intervals are likely too narrow."
    named = [person for person in rows.person[rows.used] if person is not None]
    repeated = len(named) > len(set(named)) and kind != "samples"
    if unit is None and repeated:
        yield "Photos were resampled as if each showed another person, but some show the same one."
