"""A participant, and what counts as an answer."""

from __future__ import annotations

from dataclasses import dataclass

from xfera_nb.errors import StudyError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.study import checks
from xfera_nb.study.order import Order
from xfera_nb.study.plan import Study
from xfera_nb.study.texts import QUESTIONS, SCORES

EMOTION = "emotion"
"""The question of part 1."""
RANKED = ">"
"""Between the emotions of a ranking, the best first."""


@dataclass(frozen=True)
class Participant:
    """One participant.

    Attributes
    ----------
    id : str
    number : int
        In order of arrival, from 0.
    order : Order
        As it was dealt on arrival.
    age : str or None
    finished : bool
    """

    id: str
    number: int
    order: Order
    age: str | None = None
    finished: bool = False

    def condition_of(self, item: str) -> tuple[str | None, int]:
        """The condition under which an item is rated, and its place in part 2 from 1."""
        for place, (name, condition) in enumerate(self.order.second, start=1):
            if name == item:
                return condition, place
        return None, 0


def check_value(study: Study, question: str, value: str) -> None:
    """Refuse what is no answer to a question.

    Raises
    ------
    StudyError
        If it is none.
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
