"""The answers of a study for the analysis and as CSV: real or simulated, never both."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xfera_nb.errors import StudyError
from xfera_nb.paths import write_atomic
from xfera_nb.study.answers import EMOTION, RANKED, Answers, answer_kind
from xfera_nb.study.plan import Study

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "answers", "participant", "number", "age", "finished", "part", "place", "item", "kind", "label",
    "predicted", "condition", "question", "value", "seconds", "changes", "given",
)  # fmt: skip
"""Of the export; ``answers`` is "real" or "simulated"."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Emotion:
    """Hold an answer to part 1: the emotions named, the best fitting first."""

    participant: str
    item: str
    ranking: tuple[str, ...]


@dataclass(frozen=True)
class Rating:
    """Hold an answer to part 2: a score from 1 to 5."""

    participant: str
    item: str
    condition: str
    question: str
    score: int


@dataclass(frozen=True, eq=False)
class Collected:
    """Hold all answers as they were at one moment.

    Attributes
    ----------
    study : Study
    simulated : bool
    people, finished : int
        Participants who entered; those who answered everything.
    emotions : tuple of Emotion
    ratings : tuple of Rating
    rows : list of dict
        As they are exported, by `COLUMNS`.
    """

    study: Study
    simulated: bool
    people: int
    finished: int
    emotions: tuple[Emotion, ...] = field(repr=False)
    ratings: tuple[Rating, ...] = field(repr=False)
    rows: list[dict[str, Any]] = field(repr=False)

    @classmethod
    def of(cls, answers: Answers) -> Collected:
        """Collect all answers of a file."""
        study, entered = answers.study, answers.participants()
        rows = [_row(study, row) for row in answers.rows()]
        emotions = tuple(
            Emotion(row["participant"], row["item"], tuple(row["value"].split(RANKED)))
            for row in rows
            if row["question"] == EMOTION
        )
        ratings = tuple(
            Rating(
                row["participant"],
                row["item"],
                row["condition"],
                row["question"],
                int(row["value"]),
            )
            for row in rows
            if row["question"] != EMOTION
        )
        finished = sum(who.finished for who in entered)
        return cls(study, answers.simulated, len(entered), finished, emotions, ratings, rows)

    def frame(self) -> pd.DataFrame:
        """Return the rows as a table; its column ``answers`` says whether each is real."""
        import pandas as pd

        return pd.DataFrame(self.rows, columns=list(COLUMNS))


def csv_text(answers: Answers) -> str:
    """Return all answers as CSV, one per line.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in Collected.of(answers).rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return file.getvalue()


def export_csv(answers: Answers, path: str | os.PathLike[str]) -> int:
    """Write all answers into a CSV file.

    Returns
    -------
    int
        How many answers it holds.

    Raises
    ------
    StudyError
        If it cannot be written.
    """
    text = csv_text(answers)
    try:
        write_atomic(path, text)
    except OSError as error:
        raise StudyError(
            f"{path} cannot be written ({error.strerror or error}): choose another place."
        ) from error
    return len(text.splitlines()) - 1


def _row(study: Study, row: dict[str, Any]) -> dict[str, Any]:
    item = study.item(row["item"])
    known = {"kind": item.kind, "label": item.emotion, "predicted": item.predicted}
    whole = row | known | {"answers": answer_kind(bool(row["simulated"]))}
    return {name: whole[name] for name in COLUMNS}


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
