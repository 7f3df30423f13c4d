"""Measure how well the grounding check reads sentences that were labelled by hand.

Run from the repository: ``python benchmarks/grounding_eval.py``.

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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xfera_nb.explanation.facts import Facts, Movement
from xfera_nb.explanation.grounding import EMOTION, FEELING, check

FOLDER = Path(__file__).parents[1] / "tests" / "explanation" / "sentences"
HALVES = {"tuned": "used for the vocabulary", "held_out": "held out"}

Found = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Case:
    """Hold a sentence about a face with what the check should find in it.

    Parameters
    ----------
    language, face, text : str
    kind : str
        What makes a paragraph hard; empty for single sentences.
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
    kind: str = ""

    def found(self) -> tuple[Found, Found]:
        """Return what the check finds: movements, and flags."""
        result = check(self.text, self.facts, self.language)
        aus = {(str(f.au), f.status) for sentence in result.sentences for f in sentence.findings}
        flags = {
            (flag.kind, str(flag.emotion)) if flag.kind == EMOTION else (flag.kind,)
            for flag in result.flags
            if flag.kind in (EMOTION, FEELING)
        }
        return frozenset(aus), frozenset(flags)


@dataclass(frozen=True)
class Score:
    """Count over some cases.

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
        """Return the share of what was found that is labelled."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Return the share of what is labelled that was found."""
        return self.right / self.labelled if self.labelled else None


def load_cases(folder: str | Path, table: str) -> tuple[Case, ...]:
    """Read the sentences of a table, such as "held_out"."""
    folder = Path(folder)
    faces = {
        name: _facts(face)
        for name, face in json.loads((folder / "faces.json").read_text("utf-8")).items()
    }
    with (folder / f"{table}.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(
            Case(
                row["language"], row["face"], row["text"].replace("\\n", "\n"),
                faces[row["face"]], _pairs(row["aus"]), _pairs(row["flags"]), row.get("kind", ""),
            )
            for row in rows
        )  # fmt: skip


def score(cases: Iterable[Case]) -> tuple[Score, Score]:
    """Score movements and flags."""
    results = [(case, *case.found()) for case in cases]
    pairs = (
        [(aus, case.aus) for case, aus, _ in results],
        [(flags, case.flags) for case, _, flags in results],
    )
    movements, flags = (
        Score(
            len(results),
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


def main() -> None:
    """Print a table of sentences by language, and one of paragraphs by kind."""
    head = ("half", "", "texts", "precision", "recall", "precision of flags", "recall")
    for prefix, words, column in (
        ("", "sentences", "language"), ("paragraphs_", "paragraphs", "kind"),
    ):  # fmt: skip
        print("{:36}{:10}  {}  {}  {}  {}  {}".format(*head))
        for name, meaning in HALVES.items():
            cases = load_cases(FOLDER, prefix + name)
            for value in dict.fromkeys(getattr(case, column) for case in cases):
                print(_line("", value, [c for c in cases if getattr(c, column) == value]))
            print(_line(f"{words}, {meaning}", "all", cases))
        print()


def _line(words: str, group: str, cases: Sequence[Case]) -> str:
    movements, flags = score(cases)
    return (
        f"{words:36}{group:10}  {len(cases):5}  {_share(movements.precision):>9}  "
        f"{_share(movements.recall):>6}  {_share(flags.precision):>18}  {_share(flags.recall):>6}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
