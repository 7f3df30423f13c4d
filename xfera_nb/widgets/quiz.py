"""Run the quiz on FACS as a widget: one question at a time, explained when it is answered.

Questions, points and explanations come from `xfera_nb.teaching`; the widget holds the run.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from ipywidgets import HTML, Button, HBox, Layout, RadioButtons, VBox

from xfera_nb.report.markup import escape, stylesheet
from xfera_nb.teaching.pages import FaceAtlas, face_html
from xfera_nb.teaching.questions import Question
from xfera_nb.teaching.quiz import Feedback, make_quiz
from xfera_nb.teaching.quiz import Quiz as Run
from xfera_nb.widgets.shared.front import read_style

_SEEDS = 10_000
# ipywidgets' rows of 20 pixels are too low for a finger.
_FINGERS = (
    "<style>@media (pointer: coarse) { .xf-quiz .widget-radio-box label { min-height: 32px; "
    "display: flex; flex-direction: row-reverse; justify-content: flex-end; gap: 6px; "
    "align-items: center; } .xf-quiz button { min-height: 36px; } }</style>"
)


class Quiz(VBox):
    """Show a run through some questions.

    Parameters
    ----------
    seed : int, optional
        The same number gives the same questions; by default one is drawn, and shown.
    count : int
        How many questions.
    kinds : iterable of str, optional
        Some of `xfera_nb.teaching.KINDS`.
    atlas : FaceAtlas, optional
        Its sample faces, measured if they were not, add questions on faces.

    Attributes
    ----------
    run : xfera_nb.teaching.Quiz
        Answers and score.
    question, feedback, progress : HTML
    choices : RadioButtons
        The value is the index of the choice, None before one is made.
    check, next, restart : Button

    Raises
    ------
    ValueError
        If there are not so many questions of these kinds.
    SamplesError, ModelError, DetectorError
        If the atlas cannot measure its samples.
    """

    def __init__(
        self,
        seed: int | None = None,
        *,
        count: int = 10,
        kinds: Iterable[str] | None = None,
        atlas: FaceAtlas | None = None,
    ) -> None:
        self._count, self._kinds = count, None if kinds is None else tuple(kinds)
        self._samples = None if atlas is None else atlas.measure()
        self.question, self.feedback, self.progress = HTML(), HTML(), HTML()
        self.choices = RadioButtons(
            description="Answer", layout=Layout(width="100%"), style={"description_width": "60px"}
        )
        self.check = Button(description="Check", button_style="primary")
        self.next = Button(description="Next")
        self.restart = Button(description="Another quiz")
        buttons = HBox([self.check, self.next, self.restart])
        self._start(seed)
        super().__init__([self.progress, self.question, self.choices, buttons, self.feedback])
        self.add_class("xf-quiz")
        self.add_class("xf-live")
        self.choices.observe(self._chosen, "value")
        self.check.on_click(lambda button: self._answer())
        self.next.on_click(lambda button: self._ask())
        self.restart.on_click(lambda button: self._start(None))

    def _start(self, seed: int | None) -> None:
        self.seed = secrets.randbelow(_SEEDS) if seed is None else seed
        self.run = Run(
            make_quiz(self.seed, self._count, kinds=self._kinds, measured=self._samples)
        )
        self._ask()

    def _ask(self) -> None:
        """Show the current question, or the score where there is none left."""
        question = self.run.current
        self.feedback.value = _status("")
        self.next.description, self.next.disabled = "Next", True
        self.check.disabled = True
        self.restart.layout.display = "none" if question else ""
        for part in (self.choices, self.check, self.next):
            part.layout.display = "" if question else "none"
        self._count_points()
        if question is None:
            self.question.value = _question_html(self.run.summary())
            return
        number = len(self.run.answers) + 1
        self.question.value = _question_html(f"{number}. {question.text}", self._face(question))
        self.choices.disabled = False
        self.choices.options = [(c.text, i) for i, c in enumerate(question.choices)]
        self.choices.value = None

    def _chosen(self, change: dict) -> None:
        self.check.disabled = change["new"] is None or self.choices.disabled

    def _answer(self) -> None:
        if self.choices.value is None or self.choices.disabled:
            return
        feedback = self.run.answer(self.choices.value)
        self.choices.disabled = self.check.disabled = True
        self.next.disabled = False
        self.next.description = "See the score" if self.run.finished else "Next"
        self.feedback.value = _status(_feedback_html(feedback))
        self._count_points()

    def _count_points(self) -> None:
        done, total = len(self.run.answers), len(self.run.questions)
        self.progress.value = (
            f"{done} of {total} answered, {self.run.score} right. Quiz number {self.seed}: "
            "the same number gives the same questions."
        )

    def _face(self, question: Question) -> str:
        if question.sample is None or self._samples is None:
            return ""
        return face_html(self._samples.of(question.sample), "", "The face that is asked about")


def _question_html(text: str, below: str = "") -> str:
    return _article(f'<h2 style="font-size:19px">{escape(text)}</h2>{below}')


def _feedback_html(feedback: Feedback) -> str:
    mark = "✓" if feedback.correct else "✗"
    return (
        f'<p class="xf-note">{mark} {escape(feedback.text)}</p>'
        f'<p class="xf-quiet">Source: {escape(feedback.source)}.</p>'
    )


def _status(body: str) -> str:
    return f'<div role="status">{_article(body) if body else ""}</div>'


def _article(body: str) -> str:
    style = f'{stylesheet("style.css")}<style>{read_style()}</style>{_FINGERS}'
    return f'{style}<div class="xfera">{body}</div>'
