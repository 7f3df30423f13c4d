"""Exercises that check themselves: a question, a judge of answers, hints and a worked solution.

A judge never raises for what a learner may type: an answer of another kind gets a sentence on what
is asked for. The dots of an empty answer (``...``) or None count as no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xfera_nb.report.markup import escape
from xfera_nb.teaching.lessons.reading import NotReadable

EMPTY = "Put your answer in place of the dots, and run the cell again."


@dataclass(frozen=True)
class Verdict:
    """Hold the verdict on an answer.

    Attributes
    ----------
    correct : bool or None
        None if there was no answer, or one that cannot be read.
    text : str
        Whether it is right, and why or what to check again.
    progress : str
        How far the learner is; empty outside of a course.
    """

    correct: bool | None
    text: str
    progress: str = ""

    def __repr__(self) -> str:
        mark = {True: "✓", False: "✗", None: "…"}[self.correct]
        return f"{mark} {self.text}" + (f"\n{self.progress}" if self.progress else "")


def right(text: str) -> Verdict:
    """Return the verdict that an answer is right; `text` says why."""
    return Verdict(True, f"Right. {text}")


def wrong(text: str) -> Verdict:
    """Return the verdict that an answer is wrong; `text` helps without giving the solution."""
    return Verdict(False, f"Not yet. {text}")


@dataclass(frozen=True)
class Folded:
    """Hold text that a notebook folds under a title; it prints as it is.

    Attributes
    ----------
    title, text : str
    """

    title: str
    text: str

    def _repr_html_(self) -> str:
        return (
            f"<details><summary>{escape(self.title)}</summary>"
            f'<pre style="white-space:pre-wrap">{escape(self.text)}</pre></details>'
        )

    def __repr__(self) -> str:
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True)
class Exercise:
    """Hold one exercise.

    Attributes
    ----------
    key : str
        Unit and number, as in "3.2".
    question : str
    hints : tuple of str
        From a slight hint to nearly all.
    judge : callable
        Takes an answer and gives a `Verdict`; may raise `NotReadable`.
    solution : callable
        Gives the answer, and the way to it in words.
    """

    key: str
    question: str
    hints: tuple[str, ...]
    judge: Callable[[Any], Verdict]
    solution: Callable[[], tuple[Any, str]]

    @property
    def unit(self) -> int:
        """Return the number before the dot."""
        return int(self.key.split(".")[0])

    def check(self, answer: Any) -> Verdict:
        """Judge an answer of any kind; never raises for one."""
        if answer is None or answer is ...:
            return Verdict(None, EMPTY)
        try:
            return self.judge(answer)
        except NotReadable as error:
            return Verdict(None, f"{error}")
