"""Run a quiz on FACS: questions by a seed, and one run through them with its score.

The same seed, count and kinds give the same questions in the same order; "spot" questions also
depend on what was measured on the sample faces. A question is asked once, and its first answer
counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from xfera_nb.teaching.questions import (
    KINDS,
    Question,
    combination_questions,
    expected_questions,
    landmark_questions,
    movement_questions,
    spot_questions,
)

if TYPE_CHECKING:
    from xfera_nb.teaching.measured import MeasuredSamples

_MAKERS = {
    "movement": movement_questions,
    "landmarks": landmark_questions,
    "expected": expected_questions,
    "combination": combination_questions,
}


@dataclass(frozen=True)
class Feedback:
    """Hold the feedback on an answer.

    Attributes
    ----------
    correct : bool
    text : str
        Whether it was right, what the choice taken is, and the explanation.
    source : str
        Its source.
    """

    correct: bool
    text: str
    source: str


def make_quiz(
    seed: int,
    count: int = 10,
    *,
    kinds: Iterable[str] | None = None,
    measured: MeasuredSamples | None = None,
) -> tuple[Question, ...]:
    """Make questions of several kinds, in turn.

    Parameters
    ----------
    seed : int
        The same seed gives the same questions.
    count : int
        How many, at least 1.
    kinds : iterable of str, optional
        Some of `KINDS`; by default all, without "spot" where `measured` is not given.
    measured : MeasuredSamples, optional
        Sample faces for "spot" questions.

    Raises
    ------
    ValueError
        If a kind is unknown, "spot" is asked for without measured faces, or there are not so many
        different questions.
    """
    if kinds is None:
        kinds = KINDS if measured is not None else _MAKERS
    kinds = tuple(dict.fromkeys(kinds))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise ValueError(f"Kinds of questions are {', '.join(KINDS)}, not {unknown or 'none'}.")
    if "spot" in kinds and measured is None:
        raise ValueError('"spot" questions need measured sample faces: pass measured=.')
    pools = [_pool(kind, seed, measured) for kind in kinds]
    if not 1 <= count <= sum(map(len, pools)):
        raise ValueError(
            f"There are 1 to {sum(map(len, pools))} different questions of these kinds, "
            f"not {count}."
        )
    chosen: list[Question] = []
    while len(chosen) < count:
        chosen += [pool.pop() for pool in pools if pool]
    return tuple(chosen[:count])


class Quiz:
    """Run once through some questions.

    Parameters
    ----------
    questions : iterable of Question
        At least one.

    Attributes
    ----------
    questions : tuple of Question
    answers : list of int
        The index of each choice taken, in the order of the questions; shorter until all are
        answered.

    Raises
    ------
    ValueError
        If there are no questions.
    """

    def __init__(self, questions: Iterable[Question]) -> None:
        self.questions = tuple(questions)
        self.answers: list[int] = []
        if not self.questions:
            raise ValueError("A quiz needs at least one question.")

    @property
    def current(self) -> Question | None:
        """Return the question to be answered next; None when all are answered."""
        return None if self.finished else self.questions[len(self.answers)]

    @property
    def finished(self) -> bool:
        """Return whether all questions are answered."""
        return len(self.answers) == len(self.questions)

    @property
    def score(self) -> int:
        """Count the right answers so far."""
        pairs = zip(self.questions, self.answers, strict=False)
        return sum(question.answer == taken for question, taken in pairs)

    def answer(self, choice: int) -> Feedback:
        """Answer the current question; the next one becomes current.

        Parameters
        ----------
        choice : int
            Index of the choice, from 0.

        Raises
        ------
        ValueError
            If there is no such choice, or the quiz is finished.
        """
        question = self.current
        if question is None:
            raise ValueError("All questions are answered; start another quiz.")
        if not 0 <= choice < len(question.choices):
            raise ValueError(f"The choices are 0 to {len(question.choices) - 1}, not {choice}.")
        self.answers.append(choice)
        return give_feedback(question, choice)

    def by_kind(self) -> dict[str, tuple[int, int]]:
        """Return kind -> (right answers, answers), for the questions answered so far."""
        counts: dict[str, tuple[int, int]] = {}
        for question, taken in zip(self.questions, self.answers, strict=False):
            right, total = counts.get(question.kind, (0, 0))
            counts[question.kind] = (right + (question.answer == taken), total + 1)
        return counts

    def summary(self) -> str:
        """Return the score in a sentence, with the kinds in which something was missed."""
        total = len(self.answers)
        text = f"{self.score} of {total} right."
        missed = [f"{kind} ({n} of {of})" for kind, (n, of) in self.by_kind().items() if n < of]
        return f"{text} Worth repeating: {', '.join(missed)}." if missed else text


def give_feedback(question: Question, choice: int) -> Feedback:
    """Return the feedback on a choice, right or wrong."""
    if choice == question.answer:
        return Feedback(True, f"Right. {question.explanation}", question.source)
    taken = question.choices[choice]
    text = f"No. {taken.remark} The answer is {question.right.text}. {question.explanation}"
    return Feedback(False, text, question.source)


def _pool(kind: str, seed: int, measured: MeasuredSamples | None) -> list[Question]:
    # A generator of its own for each kind: leaving one out does not change the others.
    rng = Random(f"{seed} {kind}")
    if kind == "spot" and measured is not None:
        return spot_questions(rng, measured)
    return _MAKERS[kind](rng)
