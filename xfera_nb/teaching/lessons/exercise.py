"""An exercise that checks itself: a question, a judge of answers, hints and a worked solution.

A judge never raises for what a learner may type: an answer of another kind is met with a sentence
on what is asked for. The dots of an empty answer (``...``) or None are no answer yet.
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
    """What is said of an answer.

    Attributes
    ----------
    correct : bool or None
        None where there was no answer, or one that cannot be read.
    text : str
        Whether it is right, and why or what to look at again.
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
    """The answer is right; `text` says why."""
    return Verdict(True, f"Right. {text}")


def wrong(text: str) -> Verdict:
    """The answer is not right; `text` says what is amiss without giving it away."""
    return Verdict(False, f"Not yet. {text}")


@dataclass(frozen=True)
class Folded:
    """Text that a notebook shows under a title, which opens it; it prints as it is.

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
    """One exercise.

    Attributes
    ----------
    key : str
        Unit and number, as in "3.2".
    question : str
    hints : tuple of str
        From a nudge to nearly all.
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
        """The number before the dot."""
        return int(self.key.split(".")[0])

    def check(self, answer: Any) -> Verdict:
        """Judge an answer of any kind; never raises for one."""
        if answer is None or answer is ...:
            return Verdict(None, EMPTY)
        try:
            return self.judge(answer)
        except NotReadable as error:
            return Verdict(None, f"{error}")
