"""Run a quiz on faces and on FACS: questions by a seed, and one run through them with its score.

The same seed, count and kinds give the same questions in the same order; questions on faces also
depend on what was measured on the sample faces. A question is asked once, and its first answer
counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from xfera_nb.datasets import SAMPLES
from xfera_nb.facs import EMOTIONS
from xfera_nb.teaching.face_questions import (
    attended_questions,
    predicted_questions,
    present_questions,
    shows_questions,
)
from xfera_nb.teaching.questions import (
    KIND_WORDS,
    KINDS,
    TABLE_KINDS,
    Question,
    combination_questions,
    expected_questions,
    movement_questions,
)

if TYPE_CHECKING:
    from xfera_nb.evidence import Evidence
    from xfera_nb.teaching.measured import MeasuredSamples

_BY_TABLES = {
    "movement": movement_questions,
    "expected": expected_questions,
    "combination": combination_questions,
}
_BY_MEASURED = {"shows": shows_questions, "present": present_questions}
_BY_GATHERED = {"attended": attended_questions, "predicted": predicted_questions}
_NEEDS = (
    (_BY_MEASURED, "measured sample faces: pass measured="),
    (_BY_GATHERED, "the classifier's evidence of sample faces: pass gathered="),
)
_OF_EACH = 2  # sample faces of each emotion that a quiz has evidence of


@dataclass(frozen=True)
class Feedback:
    """Hold the feedback on an answer.

    Attributes
    ----------
    correct : bool
    text : str
        Whether it was right, what the choice taken is, and the explanation, which names the answer.
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
    gathered: Mapping[str, Evidence] | None = None,
) -> tuple[Question, ...]:
    """Make questions of several kinds, in turn.

    Parameters
    ----------
    seed : int
        The same seed gives the same questions.
    count : int
        How many, at least 1.
    kinds : iterable of str, optional
        Some of `KINDS`; by default those on faces for which there are faces, or else `TABLE_KINDS`.
    measured : MeasuredSamples, optional
        Sample faces for "shows" and "present" questions.
    gathered : mapping of str to Evidence, optional
        Code of a sample -> the classifier's evidence, for "attended" and "predicted" questions.

    Raises
    ------
    ValueError
        If a kind is unknown, its faces are not given, or there are not so many different questions.
    """
    given = {**(_BY_MEASURED if measured else {}), **(_BY_GATHERED if gathered else {})}
    kinds = tuple(dict.fromkeys((given or TABLE_KINDS) if kinds is None else kinds))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise ValueError(f"Kinds of questions are {', '.join(KINDS)}, not {unknown or 'none'}.")
    for kind in kinds:
        for makers, needed in _NEEDS:
            if kind in makers and kind not in given:
                raise ValueError(f'"{kind}" questions need {needed}.')
    pools = [_pool(kind, seed, measured, gathered) for kind in kinds]
    if not 1 <= count <= sum(map(len, pools)):
        raise ValueError(
            f"There are 1 to {sum(map(len, pools))} different questions of these kinds, "
            f"not {count}."
        )
    chosen: list[Question] = []
    while len(chosen) < count:
        chosen += [pool.pop() for pool in pools if pool]
    return tuple(chosen[:count])


def draw_faces(seed: int) -> tuple[str, ...]:
    """Draw the samples of whose evidence a quiz asks: two of each emotion, by their codes."""
    rng = Random(f"{seed} faces")
    codes = {e: [c for c, one in SAMPLES.items() if one.emotion == e] for e in EMOTIONS}
    return tuple(code for e in EMOTIONS for code in rng.sample(codes[e], _OF_EACH))


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

    def advise(self) -> str:
        """Return which kinds of questions are worth repeating, in a sentence; "" for none."""
        missed = [
            f"{KIND_WORDS[kind]} ({n} of {of} right)"
            for kind, (n, of) in self.by_kind().items()
            if n < of
        ]
        return f"Worth repeating: {', '.join(missed)}." if missed else ""

    def summary(self) -> str:
        """Return the score in a sentence, with what is worth repeating."""
        return f"{self.score} of {len(self.answers)} right. {self.advise()}".rstrip()


def give_feedback(question: Question, choice: int) -> Feedback:
    """Return the feedback on a choice, right or wrong."""
    if choice == question.answer:
        return Feedback(True, f"Right. {question.explanation}", question.source)
    taken = question.choices[choice]
    return Feedback(False, f"No. {taken.remark} {question.explanation}", question.source)


def _pool(
    kind: str,
    seed: int,
    measured: MeasuredSamples | None,
    gathered: Mapping[str, Evidence] | None,
) -> list[Question]:
    # A generator of its own for each kind: leaving one out does not change the others.
    rng = Random(f"{seed} {kind}")
    if kind in _BY_MEASURED and measured is not None:
        return _BY_MEASURED[kind](rng, measured)
    if kind in _BY_GATHERED and gathered is not None:
        return _BY_GATHERED[kind](rng, gathered)
    return _BY_TABLES[kind](rng)
