"""The participants' answers: one SQLite file in the study's folder, written immediately.

Each answer is one row, identified by participant, item and question: the primary key. An answer
that is given again replaces the earlier one in the same transaction (so a message that is sent
twice leaves one row), and ``changes`` counts how often its value changed.

Safety
    Write-ahead log (WAL) with ``synchronous = FULL``: when `Answers.put` returns, the answer is on
    the disk, and survives a crash of the process or the machine. Several processes may write at
    once; one waits for another. WAL needs a file system of
    this machine: the file must not be on a network share.
Simulated answers
    They are in a file of their own, which says so, as does each of its participants. A file of one
    kind is refused where the other is expected, and so is one that holds both.
Privacy
    A participant is a code of letters and digits, and an age group where one was given. Times are
    UTC.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xfera_nb.errors import StudyError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.study import checks
from xfera_nb.study.database import Database
from xfera_nb.study.order import Order
from xfera_nb.study.plan import Study
from xfera_nb.study.texts import QUESTIONS, SCORES

FORMAT = 1
EMOTION = "emotion"
"""The question of part 1."""
RANKED = ">"
"""Between the emotions of a ranking, the best first."""
REAL, SIMULATED = "answers.sqlite", "simulated.sqlite"
SIMULATED_ID = "simulated-"
"""How the codes of simulated participants begin, and no others."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without characters that are easily confused
_PARTICIPANT = "SELECT id, number, way, age, finished FROM participants"
_COLUMNS = {
    "simulated": "p.simulated", "participant": "p.id", "number": "p.number", "age": "p.age",
    "finished": "p.finished IS NOT NULL", "part": "a.part", "place": "a.place", "item": "a.item",
    "condition": "a.condition", "question": "a.question", "value": "a.value",
    "seconds": "a.seconds", "changes": "a.changes", "given": "a.given",
}  # fmt: skip
_PUT = """
INSERT INTO answers (participant, item, question, value, part, condition, place, seconds, given)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (participant, item, question) DO UPDATE SET
    changes = changes + (value != excluded.value),
    value = excluded.value, seconds = excluded.seconds, given = excluded.given
"""


@dataclass(frozen=True)
class Participant:
    """Identify one participant and their order of pages.

    Attributes
    ----------
    id : str
    number : int
        In order of arrival, from 0.
    order : Order
        As assigned on arrival.
    age : str or None
    finished : bool
    """

    id: str
    number: int
    order: Order
    age: str | None = None
    finished: bool = False

    def condition_of(self, item: str) -> tuple[str | None, int]:
        """Return the condition under which an item is rated, and its place in part 2 from 1."""
        for place, (name, condition) in enumerate(self.order.second, start=1):
            if name == item:
                return condition, place
        return None, 0


class Answers:
    """Read and write the answers to one study; a context manager.

    Parameters
    ----------
    study : Study
    simulated : bool
        The file of simulated answers.
    memory : bool
        Keep nothing: for a preview.
    create : bool
        Make the file if it is not there.
    now : callable, optional
        The time; the clock's by default.

    Raises
    ------
    StudyError
        If the file is missing (without `create`), damaged, of another study, of the other kind, or
        cannot be opened.
    """

    def __init__(
        self,
        study: Study,
        *,
        simulated: bool = False,
        memory: bool = False,
        create: bool = True,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.study, self.simulated = study, simulated
        self._now = now or (lambda: datetime.now(UTC))
        if memory:
            self.path = Path(":memory:")
        elif study.folder is None:
            raise StudyError("The study has no folder yet: save it first.")
        else:
            self.path = study.folder / file_name(simulated)
        if not memory and not create and not self.path.is_file():
            todo = "make some with xfera study simulate" if simulated else "serve the study first"
            raise StudyError(
                f"There are no {answer_kind(simulated)} answers yet (no {self.path.name}): {todo}."
            )
        self._db = Database(self.path, self._about())
        try:
            self._check()
        except StudyError:
            self.close()
            raise

    def __enter__(self) -> Answers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def enter(self, code: str | None = None, age: str | None = None) -> Participant:
        """Register a new participant, or find one who comes back.

        Parameters
        ----------
        code : str, optional
            A known code goes on where it was; an unknown one is new; without one a code is drawn.
        age : str, optional
            One of the study's age groups. It is kept on arrival only.

        Raises
        ------
        StudyError
            If the code has other characters than letters, digits, - and _, or the age group is
            not on offer.
        """
        if code is not None and not checks.ID.fullmatch(code):
            raise StudyError("A code has 1 to 40 letters, digits, - or _: type another one.")
        if age is not None and age not in self.study.age_bands:
            raise StudyError("That age group is not on offer: choose another one.")
        if code is not None and code.startswith(SIMULATED_ID) != self.simulated:
            raise StudyError(f"Codes that begin with {SIMULATED_ID} are for simulated answers.")
        with self._db.writing():
            known = None if code is None else self.find(code)
            if known is not None:
                return known
            number = self._db.value("SELECT COALESCE(MAX(number), -1) + 1 FROM participants")
            code = code or self._fresh(number)
            order = self.study.design.order_for(number)
            self._db.write(
                "INSERT INTO participants (id, number, simulated, age, way, begun) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                *(code, number, self.simulated, age, json.dumps(vars(order)), self._stamp()),
            )
        return Participant(code, number, order, age)

    def find(self, code: str) -> Participant | None:
        """Return the participant with this code, or None."""
        row = self._db.one(f"{_PARTICIPANT} WHERE id = ?", code)
        return None if row is None else self._participant(row)

    def participants(self) -> tuple[Participant, ...]:
        """Return all participants in order of arrival."""
        rows = self._db.all(f"{_PARTICIPANT} ORDER BY number")
        return tuple(map(self._participant, rows))

    def put(
        self,
        who: Participant,
        item: str,
        question: str,
        value: str,
        seconds: float | None = None,
    ) -> None:
        """Save an answer; it is on the disk when this returns.

        Parameters
        ----------
        who : Participant
        item : str
            Its id.
        question : str
            "emotion" (part 1), or one of `QUESTIONS` (part 2).
        value : str
            An emotion, several in order with `RANKED` between them where the study asks for a
            ranking, or a score from "1" to "5".
        seconds : float, optional
            From seeing the page to answering.

        Raises
        ------
        StudyError
            If there is no such item, question or answer, or the file cannot be written.
        """
        self.study.item(item)
        check_value(self.study, question, value)
        condition, place = who.condition_of(item)
        part = 1 if question == EMOTION else 2
        if part == 1:
            condition, place = None, who.order.first.index(item) + 1
        with self._db.writing():
            self._db.write(
                _PUT, who.id, item, question, value, part, condition, place, seconds, self._stamp()
            )

    def finish(self, who: Participant) -> None:
        """Mark a participant as having answered everything."""
        with self._db.writing():
            self._db.write(
                "UPDATE participants SET finished = ? WHERE id = ? AND finished IS NULL",
                self._stamp(),
                who.id,
            )

    def transaction(self) -> AbstractContextManager[None]:
        """Return a context manager that saves all answers within it, or none of them."""
        return self._db.writing()

    def clear(self) -> None:
        """Delete all participants and answers of a simulation.

        Raises
        ------
        StudyError
            If the answers are real.
        """
        if not self.simulated:
            raise StudyError("Real answers are not cleared; move the file away to begin again.")
        with self._db.writing():
            self._db.write("DELETE FROM answers")
            self._db.write("DELETE FROM participants")

    def forget(self, code: str) -> int:
        """Delete a participant and all of their answers; it cannot be undone.

        What is deleted is overwritten in the file. Copies and exports are not touched.

        Parameters
        ----------
        code : str

        Returns
        -------
        int
            How many answers there were.

        Raises
        ------
        StudyError
            If the code is not known, or the file cannot be written.
        """
        with self._db.writing():
            if self.find(code) is None:
                raise StudyError(
                    f"No participant has the code {checks.shown(code)}; the export lists them."
                )
            count = self._db.value("SELECT COUNT(*) FROM answers WHERE participant = ?", code)
            self._db.write("DELETE FROM answers WHERE participant = ?", code)
            self._db.write("DELETE FROM participants WHERE id = ?", code)
        self._db.truncate_log()
        return int(count)

    def given(self, who: Participant) -> dict[tuple[str, str], str]:
        """Return a participant's answers: (item, question) -> value."""
        rows = self._db.all(
            "SELECT item, question, value FROM answers WHERE participant = ?", who.id
        )
        return {(item, question): value for item, question, value in rows}

    def rows(self) -> list[dict[str, Any]]:
        """Return all answers with their participants, in order of arrival and of the pages."""
        named = ", ".join(f"{where} AS {name}" for name, where in _COLUMNS.items())
        found = self._db.all(
            f"SELECT {named} FROM answers AS a JOIN participants AS p ON p.id = a.participant "  # noqa: S608
            "ORDER BY p.number, a.part, a.place, a.question"
        )
        return [dict(zip(_COLUMNS, row, strict=True)) for row in found]

    def __len__(self) -> int:
        return int(self._db.value("SELECT COUNT(*) FROM answers"))

    def _about(self) -> dict[str, str]:
        return {
            "format": str(FORMAT),
            "study": self.study.fingerprint,
            "answers": answer_kind(self.simulated),
        }

    def _check(self) -> None:
        found, wanted = self._db.about, self._about()
        if found.get("format") != wanted["format"]:
            raise StudyError(
                f"{self.path.name} has another format: use the version of the toolkit that made it."
            )
        if found.get("study") != wanted["study"]:
            raise StudyError(
                f"{self.path.name} holds answers to another version of this study: undo the "
                "change of study.json, or move the answers away."
            )
        mixed = self._db.value(
            "SELECT COUNT(*) FROM participants WHERE simulated != ?", self.simulated
        )
        if found.get("answers") != wanted["answers"] or mixed:
            raise StudyError(
                f"{self.path.name} should hold {wanted['answers']} answers and holds others: real "
                "and simulated answers are never mixed, so put each file back in its place."
            )

    def _fresh(self, number: int) -> str:
        if self.simulated:
            return f"{SIMULATED_ID}{number + 1:03d}"
        while True:
            code = "".join(secrets.choice(_ALPHABET) for _ in range(6))
            if self.find(code) is None:
                return code

    def _stamp(self) -> str:
        return self._now().isoformat(timespec="milliseconds")

    def _participant(self, row: tuple[Any, ...]) -> Participant:
        code, number, way, age, finished = row
        try:
            stored = json.loads(way)
            order = Order(
                tuple(stored["first"]),
                tuple((item, condition) for item, condition in stored["second"]),
                tuple(stored["options"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise self._db.damaged(f"the way of {code} cannot be read") from error
        return Participant(code, number, order, age, finished is not None)


def check_value(study: Study, question: str, value: str) -> None:
    """Raise an error for a value that does not answer a question.

    Raises
    ------
    StudyError
        If it does not.
    """
    if question in QUESTIONS:
        good = value in map(str, SCORES)
    elif question == EMOTION:
        named = value.split(RANKED) if isinstance(value, str) else []
        good = bool(named) and all(name in EMOTIONS for name in named)
        good = good and len(set(named)) == len(named)
        good = good and (study.choice == "rank" or len(named) == 1)
    else:
        raise StudyError(
            f"The study has no question {checks.shown(question)}; load the page again."
        )
    if not good:
        raise StudyError(f"{checks.shown(value)} is no answer to this question; choose another.")


def file_name(simulated: bool) -> str:
    """Return the name of the file of real or simulated answers."""
    return SIMULATED if simulated else REAL


def answer_kind(simulated: bool) -> str:
    """Return "simulated" or "real"."""
    return "simulated" if simulated else "real"
