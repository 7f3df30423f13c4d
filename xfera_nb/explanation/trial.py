"""How well the grounding check reads sentences that were labelled by hand.

Measures
    Over (sentence, AU, status): precision is the share of what the check finds that is labelled,
    recall the share of what is labelled that it finds. An AU with another status than the label's
    counts against both. Flags are counted alike, over (sentence, kind, emotion where it is another
    one). Both 0 to 1, None where there is nothing to count.
Files
    A folder with ``faces.json`` and tables of sentences (``.tsv``) as
    ``tests/explanation/sentences`` has them; its README.md has the rules of the labels.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.grounding import EMOTION, check
from xfera_nb.explanation.movements import Movement

Found = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Case:
    """A sentence about a face, with what the check should find in it.

    Parameters
    ----------
    language, face, text : str
    facts : Facts
        What is true of that face.
    aus : frozenset of (AU, status)
    flags : frozenset of (kind,) or ("emotion", emotion)
    """

    language: str
    face: str
    text: str
    facts: Facts
    aus: Found
    flags: Found

    def found(self) -> tuple[Found, Found]:
        """What the check finds: movements, and flags."""
        told = check(self.text, self.facts, self.language)
        aus = {(str(f.au), f.status) for sentence in told.sentences for f in sentence.findings}
        flags = {
            (flag.kind, str(flag.emotion)) if flag.kind == EMOTION else (flag.kind,)
            for flag in told.flags
        }
        return frozenset(aus), frozenset(flags)


@dataclass(frozen=True)
class Score:
    """Counts over some cases, and what follows from them.

    Parameters
    ----------
    cases, right, found, labelled : int
        Sentences; what was found and is labelled; what was found; what is labelled.
    """

    cases: int
    right: int
    found: int
    labelled: int

    @property
    def precision(self) -> float | None:
        """Share of what was found that is labelled."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of what is labelled that was found."""
        return self.right / self.labelled if self.labelled else None


def load_cases(folder: str | Path, table: str) -> tuple[Case, ...]:
    """The sentences of a table, such as "held_out"."""
    folder = Path(folder)
    faces = {
        name: _facts(face)
        for name, face in json.loads((folder / "faces.json").read_text("utf-8")).items()
    }
    with (folder / f"{table}.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(
            Case(
                row["language"], row["face"], row["text"], faces[row["face"]],
                _pairs(row["aus"]), _pairs(row["flags"]),
            )
            for row in rows
        )  # fmt: skip


def score(cases: Iterable[Case]) -> tuple[Score, Score]:
    """The scores of movements and of flags."""
    told = [(case, *case.found()) for case in cases]
    pairs = (
        [(aus, case.aus) for case, aus, _ in told],
        [(flags, case.flags) for case, _, flags in told],
    )
    movements, flags = (
        Score(
            len(told),
            sum(len(found & labelled) for found, labelled in both),
            sum(len(found) for found, _ in both),
            sum(len(labelled) for _, labelled in both),
        )
        for both in pairs
    )
    return movements, flags


def _facts(face: Mapping[str, Any]) -> Facts:
    movements = tuple(
        Movement.of(au, intensity=intensity, score=intensity, side=side, bilateral=side is None)
        for au, intensity, side in face["active"]
    )
    return Facts(face["emotion"], face["emotion"], "High", movements=movements)


def _pairs(text: str) -> Found:
    return frozenset(tuple(pair.split(":")) for pair in text.split())
