"""What an evaluation found, as frozen values, tables and JSON.

All figures are 0-1 (see `measures`), with 95 % intervals (see `bootstrap`); None is undefined, and
an Estimate's `reason` says why. Every photo of the store is in `photos`, whatever became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.evaluation.bootstrap import Estimate
from xfera_nb.evaluation.calibration import CalibrationBin
from xfera_nb.evaluation.norms import Norm
from xfera_nb.evaluation.paper import PAPER_TABLE_1
from xfera_nb.facs.emotions import EMOTIONS

if TYPE_CHECKING:
    import pandas as pd

RIGHT, WRONG, NO_FACE, NO_LABEL = "right", "wrong", "no face", "no label"
OUTCOMES = (RIGHT, WRONG, NO_FACE, NO_LABEL)


@dataclass(frozen=True, slots=True)
class Photo:
    """What became of one photo.

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
    """A row of the table: one emotion.

    Attributes
    ----------
    emotion : str
    precision, recall, f1 : Estimate
    faces : int
        Measured faces with this label (the support).
    predicted : int
        Measured faces that were named so.
    no_face : int
        Photos with this label on which no face was measured; not in the figures.
    """

    emotion: str
    precision: Estimate
    recall: Estimate
    f1: Estimate
    faces: int
    predicted: int
    no_face: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The photos of one group.

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
    """The classifier beside people, on the pictures that people judged.

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
    """How good a classifier was on the photos of a store.

    Attributes
    ----------
    store, kind : str
        The store, and the kind of its data set.
    chosen : tuple of str
        Which part of the data set it holds, in words; empty for all.
    classifier : mapping
        What the store's manifest says of it.
    expected : int
        Photos that the store is to hold; more than `photos` where the extraction was cut off.
    photos : tuple of Photo
    problems : tuple of (str, str, str)
        Kind, place and detail of what was found when the whole data set was loaded, such as
        misnamed files, which are no photos of the store, and duplicates, which are.
    confusion : ndarray
        (7, 7) int, true classes in rows.
    accuracy, macro_f1, ece : Estimate
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
        What to keep in mind when reading these figures.
    """

    store: str
    kind: str
    chosen: tuple[str, ...]
    classifier: Mapping[str, Any]
    expected: int
    photos: tuple[Photo, ...]
    problems: tuple[tuple[str, str, str], ...]
    confusion: np.ndarray
    accuracy: Estimate
    macro_f1: Estimate
    ece: Estimate
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

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} of {self.name!r}: {self.faces:,} faces, accuracy "
            f"{self.accuracy.value:.3f}>"
        )

    @property
    def name(self) -> str:
        """The store's own name, without the folders above it."""
        return self.store.rstrip("/").rsplit("/", 1)[-1]

    @property
    def faces(self) -> int:
        """Measured faces with a label: what the figures are of."""
        return int(self.confusion.sum())

    @property
    def labelled(self) -> int:
        """Photos with a label, with or without a face."""
        return self.faces + len(self.of(NO_FACE))

    @property
    def confusion_shares(self) -> np.ndarray:
        """(7, 7) float, each row of the confusion divided by its sum; NaN in rows without faces."""
        sums = self.confusion.sum(axis=1, keepdims=True)
        shares = np.full(self.confusion.shape, np.nan)
        np.divide(self.confusion, sums, out=shares, where=sums > 0)
        return shares

    @property
    def incomplete(self) -> tuple[Photo, ...]:
        """Photos that lack a face or Action Units, each with its reason."""
        return tuple(photo for photo in self.photos if photo.reason is not None)

    def of(self, outcome: str) -> tuple[Photo, ...]:
        """The photos with one of `OUTCOMES`.

        Raises
        ------
        ValueError
            If there is no such outcome.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"{outcome!r} is not one of {', '.join(OUTCOMES)}.")
        return tuple(photo for photo in self.photos if photo.outcome == outcome)

    def to_frame(self) -> pd.DataFrame:
        """The paper's Table 1 with these figures, their intervals, and the paper's beside them.

        Returns
        -------
        DataFrame
            A row for each emotion; NaN where undefined.
        """
        import pandas as pd

        rows = []
        for row in self.classes:
            cells: dict[str, Any] = {}
            for name in ("precision", "recall", "f1"):
                cells |= _columns(name, getattr(row, name))
            cells |= {"faces": row.faces, "predicted": row.predicted, "no_face": row.no_face}
            paper = PAPER_TABLE_1[row.emotion]
            cells |= dict(zip(("paper_precision", "paper_recall", "paper_f1"), paper, strict=True))
            rows.append(cells)
        return pd.DataFrame(rows, index=pd.Index(EMOTIONS, name="emotion"))

    def tables(self) -> dict[str, pd.DataFrame]:
        """All that was found as tables, by name: what ``xfera evaluate --out`` writes."""
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
        overall = {name: getattr(self, name).to_dict() for name in ("accuracy", "macro_f1", "ece")}
        tables = {
            "overall": pd.DataFrame(overall).T.rename_axis("figure"),
            "classes": self.to_frame(),
            "confusion": pd.DataFrame(self.confusion, index=emotions, columns=EMOTIONS),
            "confusion_shares": pd.DataFrame(
                self.confusion_shares, index=emotions, columns=EMOTIONS
            ),
            "calibration": _frame(self.calibration, CalibrationBin),
            "photos": _frame(self.photos, Photo),
            "problems": pd.DataFrame(self.problems, columns=["kind", "where", "detail"]),
        }
        if groups:
            tables["groups"] = pd.DataFrame(groups)
        if self.human:
            tables["human"] = pd.DataFrame([values(row) for row in self.human])
        return tables

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-able values; undefined is None."""
        from xfera_nb.evaluation.as_json import as_json

        return as_json(self)


def _columns(name: str, found: Estimate) -> dict[str, float | None]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def values(row: Any) -> dict[str, Any]:
    """The fields of a row by name; a HumanRow's norm is laid out flat."""
    found = {part.name: getattr(row, part.name) for part in fields(row)}
    norm = found.pop("people", None)
    if norm is not None:
        found |= {"people": norm.hit_rate, "source": norm.source, "note": norm.reason}
    return found


def _frame(rows: tuple[Any, ...], kind: type) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([values(row) for row in rows], columns=[p.name for p in fields(kind)])
