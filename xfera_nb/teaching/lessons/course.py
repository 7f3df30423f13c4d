"""The course: its units, its exercises, and how far one learner is.

Progress is kept in memory for the session. Reading a solution does not count.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from xfera_nb.au_detectors import AUDetector
from xfera_nb.classifier import Classifier, load_classifier
from xfera_nb.datasets import found_samples
from xfera_nb.evidence import Evidence, gather
from xfera_nb.faces import find_faces
from xfera_nb.teaching.lessons import facs, fusion, gradcam, limits
from xfera_nb.teaching.lessons.exercise import Exercise, Folded, Verdict
from xfera_nb.teaching.pages import FaceAtlas

UNITS = {
    1: "What FACS codes",
    2: "Reading Action Units",
    3: "What Grad-CAM does",
    4: "How fusion decides",
    5: "When explanations mislead",
}
"""Number -> title."""


class Text(str):
    """Hold text that a notebook shows as it prints."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Course:
    """Run five units of exercises for one learner.

    Parameters
    ----------
    atlas : FaceAtlas, optional
        Its measured samples serve unit 2; they are measured when they are first needed.
    classifier : Classifier, optional
        For unit 4: the shipped weights by default.
    detector : AUDetector, optional
        For unit 4: the atlas's by default.

    Attributes
    ----------
    exercises : dict of str to Exercise
        By key, such as "3.2".

    Examples
    --------
    >>> from xfera_nb.teaching import Course
    >>> course = Course()
    >>> course.check("3.1", 2)
    ✓ Right. A channel that raises the logit gets a positive weight.
    Progress: 1 of 21 · unit 3: ●○○○○
    """

    def __init__(
        self,
        atlas: FaceAtlas | None = None,
        *,
        classifier: Classifier | None = None,
        detector: AUDetector | None = None,
    ) -> None:
        self._atlas = atlas or FaceAtlas()
        self._classifier, self._detector = classifier, detector
        every = (
            *facs.exercises(self._atlas.measure),
            *gradcam.exercises(),
            *fusion.exercises(lambda: self.evidence),
            *limits.exercises(),
        )
        self.exercises: dict[str, Exercise] = {exercise.key: exercise for exercise in every}
        self._done: set[str] = set()
        self._hints: dict[str, int] = {}

    @cached_property
    def _face(self) -> tuple[str, Evidence]:
        classifier = self._classifier or load_classifier()
        detector = self._detector or self._atlas.detector
        samples = found_samples()
        return fusion.choose(
            lambda code: gather(find_faces(samples[code])[0], classifier, detector)
        )

    @property
    def face_code(self) -> str:
        """Return the code of the sample of unit 4, such as "C01HA"."""
        return self._face[0]

    @property
    def evidence(self) -> Evidence:
        """Return the evidence of the face of unit 4."""
        return self._face[1]

    def ask(self, key: str) -> Text:
        """Return the question of an exercise with its choices."""
        exercise = self._exercise(key)
        lines = [f"{key}  {exercise.question}"]
        lines += [f"     {letter}) {text}" for letter, text in _CHOICES.get(key, {}).items()]
        return Text("\n".join(lines))

    def check(self, key: str, answer: Any) -> Verdict:
        """Judge an answer of any kind; a correct answer stays counted.

        Raises
        ------
        KeyError
            If there is no such exercise.
        """
        verdict = self._exercise(key).check(answer)
        if verdict.correct:
            self._done.add(key)
        return Verdict(verdict.correct, verdict.text, self._line(int(key.split(".")[0])))

    def hint(self, key: str) -> Text:
        """Return the next hint of an exercise, or the last again."""
        hints = self._exercise(key).hints
        number = min(self._hints.get(key, 0), len(hints) - 1)
        self._hints[key] = number + 1
        return Text(f"Hint {number + 1} of {len(hints)}: {hints[number]}")

    def solution(self, key: str) -> Folded:
        """Return the worked solution, folded in a notebook; it does not count."""
        answer, way = self._exercise(key).solution()
        return Folded(f"Worked solution of {key}", f"{answer}\n{way}")

    def progress(self) -> Text:
        """Return the progress, unit by unit."""
        lines = [f"{len(self._done)} of {len(self.exercises)} exercises solved"]
        lines += [f"{n}  {title:28} {self._dots(n)}" for n, title in UNITS.items()]
        return Text("\n".join(lines))

    def _exercise(self, key: str) -> Exercise:
        try:
            return self.exercises[str(key)]
        except KeyError:
            first, *_, last = self.exercises
            raise KeyError(
                f"There is no exercise {key!r}: they go from {first} to {last}."
            ) from None

    def _line(self, unit: int) -> str:
        done, total = len(self._done), len(self.exercises)
        return f"Progress: {done} of {total} · unit {unit}: {self._dots(unit)}"

    def _dots(self, unit: int) -> str:
        keys = [key for key, one in self.exercises.items() if one.unit == unit]
        return "".join("●" if key in self._done else "○" for key in keys)


_CHOICES = {
    "1.1": facs.STATEMENTS,
    "2.3": facs.COMBINATIONS,
    "4.4": fusion.REASONS,
    "5.1": limits.CLAIMS,
    "5.2": limits.CHANGES,
    "5.3": limits.EMPTY_MAP,
    "5.5": limits.REMEDIES,
}
