"""The result of an evaluation as frozen values, tables and JSON.

All figures are 0-1 (see `metrics`), with 95 % intervals (see `bootstrap`); None is undefined, and
an Estimate's `reason` says why. Every photo of the store is in `photos`, whatever its outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.errors import unknown_name
from xfera_nb.evaluation.bootstrap import CONFIDENCE, Estimate
from xfera_nb.evaluation.metrics import CalibrationBin
from xfera_nb.evaluation.published import (
    CALVO,
    KDEF_BEST,
    KDEF_MEAN,
    KDEF_WORST,
    PAPER_TABLE_1,
    Norm,
)
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    import pandas as pd

RIGHT, WRONG, NO_FACE, NO_LABEL = "right", "wrong", "no face", "no label"
OUTCOMES = (RIGHT, WRONG, NO_FACE, NO_LABEL)
PER_CLASS = ("precision", "recall", "f1", "ece")


@dataclass(frozen=True, slots=True)
class EvaluatedPhoto:
    """Hold the outcome of one photo.

    Attributes
    ----------
    id : str
    true, predicted : str or None
        Of `EMOTIONS`; None without a label, without a face.
    confidence : float or None
        Highest probability; None without a face.
    outcome : str
        One of `OUTCOMES`; a photo without a label is that, with or without a face.
    reason : str or None
        Why there is no face, or (with a face) no Action Units.
    """

    id: str
    true: str | None
    predicted: str | None
    confidence: float | None
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ClassRow:
    """Hold the figures of one emotion.

    Attributes
    ----------
    emotion : str
    precision, recall, f1 : Estimate
    ece : Estimate
        Calibration error of the class's own probability.
    faces : int
        Measured faces with this label (the support).
    predicted : int
        Measured faces that were predicted to show it.
    no_face : int
        Photos with this label on which no face was measured; not in the figures.
    """

    emotion: str
    precision: Estimate
    recall: Estimate
    f1: Estimate
    ece: Estimate
    faces: int
    predicted: int
    no_face: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Hold the figures of one group of photos.

    Attributes
    ----------
    group : str
        What they are grouped by, such as "angle".
    value : str or None
        The group's value; None for photos of which the data set does not say.
    faces, no_face : int
        As in ClassRow.
    accuracy, macro_f1 : Estimate
    """

    group: str
    value: str | None
    faces: int
    no_face: int
    accuracy: Estimate
    macro_f1: Estimate


@dataclass(frozen=True, slots=True)
class HumanRow:
    """Compare the classifier with people, on the pictures that people judged.

    Attributes
    ----------
    emotion : str
    faces : int
        Measured faces of session A in straight view with this label.
    model : float or None
        The classifier's hit rate (recall) on them.
    people : Norm
    """

    emotion: str
    faces: int
    model: float | None
    people: Norm


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """Hold all figures of a classifier on the photos of a store.

    Attributes
    ----------
    store, kind : str
        The store, and the kind of its data set.
    chosen : tuple of str
        Which part of the data set it holds, in words; empty for all.
    classifier : mapping
        What the store's manifest says of it.
    heatmap : mapping
        How the store's maps were made: `method` and `layer`; no figure here depends on them.
    expected : int
        Photos that the store should hold; more than `photos` where the extraction was stopped.
    photos : tuple of EvaluatedPhoto
    problems : tuple of (str, str, str)
        Kind, place and detail of each problem found when the data set was loaded, such as
        misnamed files, which are not in the store, and duplicates, which are.
    confusion : ndarray
        (7, 7) int, true classes in rows.
    accuracy, macro_f1, ece, classwise_ece : Estimate
        Of the measured faces with a label.
    accuracy_of_all : float
        With photos on which no face was measured counted as wrong.
    classes : tuple of ClassRow
        In the order of `EMOTIONS`.
    calibration : tuple of CalibrationBin
    groups : tuple of GroupRow
        For each group of the data set with two or more values.
    constant : mapping of str to str
        Groups with one value: that value.
    human : tuple of HumanRow
        For KDEF; otherwise empty.
    ties : int
        Faces whose highest probability belongs to two classes; the first in order was taken.
    units : str
        What was resampled: "person" or "photo".
    unit_count, resamples, seed : int
    notes : tuple of str
        Caveats of these figures.
    why : mapping of str to tuple of str
        Of the most confident wrong predictions: photo -> why wrong, in three lines
        (`xfera_nb.evaluation.ErrorAnalysis.lines`, with the recommended parameters).
    """

    store: str
    kind: str
    chosen: tuple[str, ...]
    classifier: Mapping[str, Any]
    heatmap: Mapping[str, Any]
    expected: int
    photos: tuple[EvaluatedPhoto, ...]
    problems: tuple[tuple[str, str, str], ...]
    confusion: np.ndarray
    accuracy: Estimate
    macro_f1: Estimate
    ece: Estimate
    classwise_ece: Estimate
    accuracy_of_all: float
    classes: tuple[ClassRow, ...]
    calibration: tuple[CalibrationBin, ...]
    groups: tuple[GroupRow, ...]
    constant: Mapping[str, str]
    human: tuple[HumanRow, ...]
    ties: int
    units: str
    unit_count: int
    resamples: int
    seed: int
    notes: tuple[str, ...]
    why: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} of {self.name!r}: {count_of(self.faces, 'face')}, accuracy "
            f"{self.accuracy.value:.3f}>"
        )

    @property
    def name(self) -> str:
        """Return the store's name without the folders above it."""
        return self.store.rstrip("/").rsplit("/", 1)[-1]

    @property
    def faces(self) -> int:
        """Return the number of measured faces with a label: those behind the figures."""
        return int(self.confusion.sum())

    @property
    def labelled(self) -> int:
        """Return the number of photos with a label, with or without a face."""
        return self.faces + len(self.of(NO_FACE))

    @property
    def confusion_shares(self) -> np.ndarray:
        """Return the confusion (7, 7), each row divided by its sum; NaN in rows without faces."""
        sums = self.confusion.sum(axis=1, keepdims=True)
        shares = np.full(self.confusion.shape, np.nan)
        np.divide(self.confusion, sums, out=shares, where=sums > 0)
        return shares

    @property
    def incomplete(self) -> tuple[EvaluatedPhoto, ...]:
        """Return the photos that lack a face or Action Units, each with its reason."""
        return tuple(photo for photo in self.photos if photo.reason is not None)

    def of(self, outcome: str) -> tuple[EvaluatedPhoto, ...]:
        """Return the photos with one of `OUTCOMES`.

        Raises
        ------
        InputError
            If there is no such outcome.
        """
        if outcome not in OUTCOMES:
            raise unknown_name("outcome", outcome, OUTCOMES)
        return tuple(photo for photo in self.photos if photo.outcome == outcome)

    def to_frame(self) -> pd.DataFrame:
        """Return the paper's Table 1 with these figures, their intervals, and the paper's.

        Returns
        -------
        DataFrame
            A row for each emotion; NaN where undefined.
        """
        import pandas as pd

        rows = []
        for row in self.classes:
            cells: dict[str, Any] = {}
            for name in PER_CLASS:
                cells |= _columns(name, getattr(row, name))
            cells |= {"faces": row.faces, "predicted": row.predicted, "no_face": row.no_face}
            paper = PAPER_TABLE_1[row.emotion]
            cells |= dict(zip(("paper_precision", "paper_recall", "paper_f1"), paper, strict=True))
            rows.append(cells)
        return pd.DataFrame(rows, index=pd.Index(EMOTIONS, name="emotion"))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return all tables by name, as ``xfera evaluate --out`` writes them."""
        import pandas as pd

        emotions = pd.Index(EMOTIONS, name="true")
        groups = [
            {
                "group": row.group,
                "value": row.value,
                "faces": row.faces,
                "no_face": row.no_face,
                **_columns("accuracy", row.accuracy),
                **_columns("macro_f1", row.macro_f1),
            }
            for row in self.groups
        ]
        names = ("accuracy", "macro_f1", "ece", "classwise_ece")
        overall = {name: getattr(self, name).to_dict() for name in names}
        tables = {
            "overall": pd.DataFrame(overall).T.rename_axis("figure"),
            "classes": self.to_frame(),
            "confusion": pd.DataFrame(self.confusion, index=emotions, columns=EMOTIONS),
            "confusion_shares": pd.DataFrame(
                self.confusion_shares, index=emotions, columns=EMOTIONS
            ),
            "calibration": _frame(self.calibration, CalibrationBin),
            "photos": _frame(self.photos, EvaluatedPhoto),
            "problems": pd.DataFrame(self.problems, columns=["kind", "where", "detail"]),
        }
        if groups:
            tables["groups"] = pd.DataFrame(groups)
        if self.human:
            tables["human"] = pd.DataFrame([_fields(row) for row in self.human])
        return tables

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values; undefined is None."""
        shares = self.confusion_shares
        return {
            "store": self.store,
            "kind": self.kind,
            "chosen": list(self.chosen),
            "classifier": dict(self.classifier),
            "heatmap": dict(self.heatmap),
            "photos": {
                "expected": self.expected,
                "in_store": len(self.photos),
                "labelled": self.labelled,
                "faces": self.faces,
                **{name.replace(" ", "_"): len(self.of(name)) for name in OUTCOMES},
            },
            "accuracy": self.accuracy.to_dict(),
            "accuracy_counting_no_face_as_wrong": self.accuracy_of_all,
            "macro_f1": self.macro_f1.to_dict(),
            "ece": self.ece.to_dict(),
            "classwise_ece": self.classwise_ece.to_dict(),
            "intervals": {
                "level": CONFIDENCE,
                "method": "percentile bootstrap; see xfera_nb.evaluation.bootstrap for the ECE",
                "unit": self.units,
                "units": self.unit_count,
                "resamples": self.resamples,
                "seed": self.seed,
            },
            "per_class": {
                row.emotion: {
                    **{name: getattr(row, name).to_dict() for name in PER_CLASS},
                    "faces": row.faces,
                    "predicted": row.predicted,
                    "no_face": row.no_face,
                    "paper": list(PAPER_TABLE_1[row.emotion]),
                }
                for row in self.classes
            },
            "confusion": self.confusion.tolist(),
            "confusion_shares": [None if np.isnan(row).any() else row.tolist() for row in shares],
            "calibration": [_fields(row) for row in self.calibration],
            "groups": [
                {
                    "group": row.group,
                    "value": row.value,
                    "faces": row.faces,
                    "no_face": row.no_face,
                    "accuracy": row.accuracy.to_dict(),
                    "macro_f1": row.macro_f1.to_dict(),
                }
                for row in self.groups
            ],
            "constant_groups": dict(self.constant),
            "human": [_fields(row) for row in self.human],
            "human_overall": _human_overall() if self.human else None,
            "ties": self.ties,
            "incomplete": [
                {"id": p.id, "true": p.true, "has_face": p.predicted is not None, "why": p.reason}
                for p in self.incomplete
            ],
            "problems": [list(problem) for problem in self.problems],
            "notes": list(self.notes),
        }


def _human_overall() -> dict[str, Any]:
    """Return what is known of people on KDEF besides a rate for each emotion."""
    return {
        "mean": KDEF_MEAN.hit_rate,
        "mean_source": KDEF_MEAN.source,
        "mean_note": KDEF_MEAN.reason,
        "best": KDEF_BEST,
        "worst": KDEF_WORST,
        "best_and_worst_source": CALVO,
    }


def _columns(name: str, found: Estimate) -> dict[str, float | None]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _fields(row: Any) -> dict[str, Any]:
    """Return the fields of a row by name; a HumanRow's norm is flattened."""
    found = {part.name: getattr(row, part.name) for part in fields(row)}
    norm = found.pop("people", None)
    if norm is not None:
        found |= {"people": norm.hit_rate, "source": norm.source, "note": norm.reason}
    return found


def _frame(rows: tuple[Any, ...], kind: type) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([_fields(row) for row in rows], columns=[p.name for p in fields(kind)])
