"""The sequence of pages for one participant, independent of any screen.

Pages: consent; part 1, one item per page; part 2, one item per page; thanks. An answer is saved as
soon as it is given, and the next page follows when all questions of a page are answered. A
participant who returns by code continues at the first unanswered page. There is no way back to an
earlier page, and after the first answer of part 2 those of part 1 are final, in every browser tab.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xfera_nb.errors import StudyError
from xfera_nb.study.answers import EMOTION, Answers, Participant
from xfera_nb.study.items import StudyItem

CONSENT, CHOOSE, RANK, RATE, DONE = "consent", "choose", "rank", "rate", "done"
_LONGEST_LOOK = 86_400.0  # seconds


@dataclass(frozen=True)
class StudyPage:
    """Describe the page to be shown.

    Attributes
    ----------
    kind : str
        "consent", "choose" or "rank" (part 1), "rate" (part 2), or "done".
    number, count : int
        Which page of the part, from 1, and how many it has; 0 outside of the parts.
    item : StudyItem or None
    condition : str or None
        In part 2.
    questions : tuple of str
        The questions on it.
    given : dict of str to str
        Question -> the answer so far.
    """

    kind: str
    number: int = 0
    count: int = 0
    item: StudyItem | None = None
    condition: str | None = None
    questions: tuple[str, ...] = ()
    given: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether all of its questions are answered."""
        return all(question in self.given for question in self.questions)


class StudySession:
    """Guide one participant through the pages.

    Parameters
    ----------
    answers : Answers
    code : str, optional
        Of a participant who comes back; one that is not known shows the consent page first.

    Attributes
    ----------
    answers : Answers
    participant : Participant or None
        None before the consent.
    came_back : bool
        Whether answers were there on entering.
    """

    def __init__(self, answers: Answers, code: str | None = None) -> None:
        self.answers = answers
        self.participant: Participant | None = None
        self.came_back = False
        self._at = 0
        known = answers.find(code) if code else None
        if known is not None:
            self._enter(known)

    def begin(self, code: str | None = None, age: str | None = None, *, agreed: bool) -> None:
        """Register the participant after the consent page.

        Raises
        ------
        StudyError
            Without consent, or if the code or the age group is not one.
        """
        if not agreed:
            raise StudyError("Please tick that you agree; without that nothing can begin.")
        self._enter(self.answers.enter(code or None, age or None))

    @property
    def page(self) -> StudyPage:
        """The current page."""
        if self.participant is None:
            return StudyPage(CONSENT)
        order, study = self.participant.order, self.answers.study
        first = len(order.first)
        condition: str | None
        questions: tuple[str, ...]
        if self._at < first:
            item, condition, questions = order.first[self._at], None, (EMOTION,)
            kind, number, count = study.choice, self._at + 1, first
        elif self._at < first + len(order.second):
            item, condition = order.second[self._at - first]
            kind, questions = RATE, study.questions
            number, count = self._at - first + 1, len(order.second)
        else:
            return StudyPage(DONE)
        given = self.answers.given(self.participant)
        here = {q: given[item, q] for q in questions if (item, q) in given}
        return StudyPage(kind, number, count, study.item(item), condition, questions, here)

    def answer(self, item: str, question: str, value: str, seconds: float | None = None) -> None:
        """Save an answer to this page or to one that was shown before.

        Raises
        ------
        StudyError
            If nobody has entered, it is no answer to a question of the study, its page has not
            come yet, part 2 has begun (and it would change part 1), or it cannot be kept.
        """
        if self.participant is None:
            raise StudyError("Nobody has entered yet: agree to take part first.")
        order = self.participant.order
        shown = order.first[: self._at + 1]
        if question != EMOTION:
            later = max(0, self._at + 1 - len(order.first))
            shown = tuple(name for name, _ in order.second[:later])
        if item not in shown:
            raise StudyError("That page is not open yet; load the page again.")
        with self.answers.transaction():
            if question == EMOTION:
                given = self.answers.given(self.participant)
                # The same value may come twice: a page sends again what it saw no answer to.
                if given.get((item, EMOTION)) != value and any(q != EMOTION for _, q in given):
                    raise StudyError(
                        "Part 2 has begun, in another tab maybe, and part 1 is closed: load the "
                        "page again to go on."
                    )
            self.answers.put(self.participant, item, question, value, _valid_seconds(seconds))

    def forward(self) -> None:
        """Go on to the next page that is not answered in full, in another tab maybe.

        Raises
        ------
        StudyError
            If something on this page is not answered.
        """
        page = self.page
        if page.kind in (CONSENT, DONE):
            return
        if not page.complete:
            raise StudyError("Please answer everything on this page first.")
        self._go(self._next(self._at + 1))

    def _enter(self, who: Participant) -> None:
        self.participant = who
        self.came_back = bool(self.answers.given(who))
        self._go(self._next())

    def _next(self, start: int = 0) -> int:
        """Return the first page from `start` on that is not answered in full."""
        if self.participant is None:
            return 0
        order, given = self.participant.order, self.answers.given(self.participant)
        asked = [[(item, EMOTION)] for item in order.first]
        asked += [[(i, q) for q in self.answers.study.questions] for i, _ in order.second]
        open_pages = (n for n, page in enumerate(asked) if any(one not in given for one in page))
        return next((n for n in open_pages if n >= start), len(asked))

    def _go(self, place: int) -> None:
        self._at = place
        if self.participant is not None and self.page.kind == DONE:
            self.answers.finish(self.participant)


def _valid_seconds(seconds: Any) -> float | None:
    """Return the seconds that a page sent, or None for an impossible value."""
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return round(float(seconds), 3) if number and 0 <= seconds <= _LONGEST_LOOK else None
