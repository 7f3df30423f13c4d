"""Run the quiz as a widget: one question at a time, the right answer marked and explained.

Questions, points and explanations come from `xfera_nb.teaching`; the widget holds the run. Sample
faces are measured in the background where the atlas has not done so yet. Texts go to the front end
as text and are put into the page as text.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import anywidget
import traitlets
from PIL import Image

from xfera_nb.errors import XferaError
from xfera_nb.evidence import Evidence
from xfera_nb.figures import data_uri, to_jpeg
from xfera_nb.teaching.measured import MeasuredSamples
from xfera_nb.teaching.pages import FaceAtlas
from xfera_nb.teaching.pictures import map_image
from xfera_nb.teaching.questions import FACE_KINDS, KINDS, TABLE_KINDS, Question
from xfera_nb.teaching.quiz import Feedback, draw_faces, make_quiz
from xfera_nb.teaching.quiz import Quiz as Run
from xfera_nb.widgets.shared.background import run
from xfera_nb.widgets.shared.fallback import TextFallback
from xfera_nb.widgets.shared.front import read_script, read_style

WAITING, QUESTION, SCORE, PROBLEM = "waiting", "question", "score", "problem"
_SEEDS = 10_000
_NEED_EVIDENCE = frozenset({"attended", "predicted"})


class Quiz(TextFallback, anywidget.AnyWidget):
    """Show a run through some questions.

    Parameters
    ----------
    seed : int, optional
        The same number gives the same questions; by default one is drawn, and shown.
    count : int
        How many questions.
    kinds : iterable of str, optional
        Some of `xfera_nb.teaching.KINDS`; by default those on faces, or those on the tables of FACS
        where there are no faces.
    atlas : FaceAtlas, optional
        Whose sample faces are asked about.

    Attributes
    ----------
    run : xfera_nb.teaching.Quiz or None
        Answers and score; None while the faces are measured.
    page : dict
        What is shown.

    Raises
    ------
    ValueError
        If a kind is unknown, or there are not so many questions on the tables.
    """

    _esm = read_script("quiz")
    _css = read_style("quiz")
    page = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        seed: int | None = None,
        *,
        count: int = 10,
        kinds: Iterable[str] | None = None,
        atlas: FaceAtlas | None = None,
    ) -> None:
        super().__init__()
        self.add_class("xf-live")
        self.atlas = atlas or FaceAtlas()
        self.run: Run | None = None
        self.note = ""
        self._count, self._kinds = count, None if kinds is None else tuple(kinds)
        self._measured: MeasuredSamples | None = None
        self._gathered: dict[str, Evidence] = {}
        self._feedback: Feedback | None = None
        self.on_msg(self._on_message)
        self.start(seed)

    def start(self, seed: int | None = None) -> None:
        """Begin another run; by default a seed is drawn."""
        self.seed = secrets.randbelow(_SEEDS) if seed is None else seed
        self.run, self._feedback = None, None
        asked = set(FACE_KINDS if self._kinds is None else self._kinds)
        if not asked & set(FACE_KINDS):
            self._begin(self._kinds)
            return
        self.page = {"kind": WAITING, "note": "Measuring the sample faces …"}
        needs_evidence = bool(asked & _NEED_EVIDENCE)
        run(
            lambda report: self._prepare(report, needs_evidence),
            self._prepared,
            in_background=True,
        )

    def answer(self, choice: int) -> None:
        """Answer the question that is asked; a second answer changes nothing.

        Raises
        ------
        ValueError
            If there is no such choice.
        """
        if self.run is None or self.run.finished or self._feedback is not None:
            return
        self._feedback = self.run.answer(choice)
        self._show()

    def go_on(self) -> None:
        """Ask the next question, or show the score, once a question is answered."""
        if self._feedback is not None:
            self._feedback = None
            self._show()

    def __repr__(self) -> str:
        return f"Quiz number {self.seed}: {self._count} questions."

    def _prepare(
        self, report: Callable[..., None], needs_evidence: bool
    ) -> tuple[MeasuredSamples, dict[str, Evidence]]:
        measured = self.atlas.measure(
            lambda done, total: report(self._tell, "Measuring the sample faces", done, total)
        )
        if not needs_evidence:
            return measured, {}
        return measured, self.atlas.gather(
            draw_faces(self.seed),
            lambda done, total: report(self._tell, "Asking the model", done, total),
        )

    def _tell(self, what: str, done: int, total: int) -> None:
        if self.run is None and (done % 5 == 0 or done == total):
            self.page = {"kind": WAITING, "note": f"{what}: {done} of {total}"}

    def _prepared(
        self, outcome: tuple[MeasuredSamples, dict[str, Evidence]] | XferaError
    ) -> None:
        if isinstance(outcome, XferaError):
            if self._kinds is not None:
                self.page = {"kind": PROBLEM, "note": str(outcome)}
                return
            self.note = f"No questions on faces: {outcome}"
            choices: list[Iterable[str] | None] = [TABLE_KINDS]
        else:
            self._measured, self._gathered = outcome
            # Where too few faces have a clear answer, the tables are asked about as well.
            known = [k for k in KINDS if self._gathered or k not in _NEED_EVIDENCE]
            choices = [None, known] if self._kinds is None else [self._kinds]
        for kinds in choices:
            try:
                self._begin(kinds)
                return
            except ValueError as error:
                self.page = {"kind": PROBLEM, "note": str(error)}

    def _begin(self, kinds: Iterable[str] | None) -> None:
        self.run = Run(
            make_quiz(
                self.seed,
                self._count,
                kinds=kinds,
                measured=self._measured,
                gathered=self._gathered or None,
            )
        )
        self._show()

    def _show(self) -> None:
        quiz, feedback = self.run, self._feedback
        if quiz is None:
            return
        shared = {
            "seed": self.seed,
            "note": self.note,
            "count": len(quiz.questions),
            "score": quiz.score,
            "marks": [q.answer == a for q, a in zip(quiz.questions, quiz.answers, strict=False)],
        }
        if quiz.finished and feedback is None:
            asked = [question.text for question in quiz.questions]
            self.page = {"kind": SCORE, "advice": quiz.advise(), "asked": asked, **shared}
            return
        number = len(quiz.answers) - (feedback is not None)
        question = quiz.questions[number]
        shown = {
            "kind": QUESTION,
            "number": number + 1,
            "text": question.text,
            "picture": self._picture(question),
            "picture_alt": "The face that is asked about, with the model's map"
            if question.target
            else "The face that is asked about",
            "choices": [
                {"text": choice.text, "picture": self._face(choice.sample)}
                for choice in question.choices
            ],
            "answered": feedback is not None,
            **shared,
        }
        if feedback is not None:
            shown |= {
                "answer": question.answer,
                "taken": quiz.answers[-1],
                "correct": feedback.correct,
                "feedback": feedback.text,
                "source": feedback.source,
            }
        self.page = shown

    def _picture(self, question: Question) -> str:
        if question.sample is None or question.target is None:
            return self._face(question.sample)
        picture = map_image(self._gathered[question.sample], question.target)
        return data_uri(to_jpeg(picture))

    def _face(self, code: str | None) -> str:
        if code is None:
            return ""
        crop = (
            self._measured.of(code).crop
            if self._measured is not None
            else self._gathered[code].face.crop
        )
        return data_uri(to_jpeg(Image.fromarray(crop).convert("L").convert("RGB")))

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        """Do what the page asks for; what does not fit the state does nothing."""
        if not isinstance(message, Mapping):
            return
        what, choice = message.get("do"), message.get("choice")
        if what == "answer" and isinstance(choice, int) and message.get("number") == self._number:
            if self.run is not None and 0 <= choice < len(self.page.get("choices", ())):
                self.answer(choice)
        elif what == "next" and message.get("number") == self._number:
            self.go_on()
        elif what == "restart" and self.page.get("kind") in (SCORE, PROBLEM):
            self.start()

    @property
    def _number(self) -> int | None:
        return self.page.get("number")
