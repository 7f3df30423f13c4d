"""Make multiple-choice questions from the FACS tables; a wrong choice is wrong by the tables.

Rules that keep a question from having two answers
    - "movement": action units whose movements contain or resemble each other (`NEAR`) are never
      offered together;
    - "landmarks": no two choices are the same set of landmarks;
    - "expected": the choices are Table 2's rows, which all differ;
    - "combination": an emotion is offered as a wrong answer only if none of its combinations, in
      any source known here, allows the same set of action units, at any intensity;
    - "spot": the answer is measured at `CLEAR` or more and the emotion of the face names it; each
      wrong choice is measured below 1 (no trace) and no combination of that emotion names it.
Sources
    `xfera_nb.facs`; each answer names its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from xfera_nb.facs import (
    ACTION_UNITS,
    DISAGREEMENTS,
    EMOTIONS,
    EXPECTED_AUS,
    LANDMARK_AUS,
    MIN_PRESENT,
    OPENFACE_AUS,
    PROTOTYPES,
    Member,
    Prototype,
    au_landmarks,
    au_name,
    parse_combination,
)
from xfera_nb.teaching.atlas import (
    FACS_SOURCE,
    TABLE2_SOURCE,
    au_facts,
    describe_combination,
    emotion_facts,
    format_aus,
    format_ranges,
    sources_of,
)

if TYPE_CHECKING:
    from xfera_nb.teaching.measured import MeasuredSample, MeasuredSamples

_Item = TypeVar("_Item")

KINDS: tuple[str, ...] = ("movement", "landmarks", "expected", "combination", "spot")
"""Every kind of question; "spot" needs measured sample faces."""

CHOICES = 4
"""Choices of a question."""

CLEAR = 2.0
"""Least intensity of the answer of a "spot" question: B, slight."""

TRUSTED = 0.5
"""Least Pearson r of the source on that answer, where it is known."""

NEAR: tuple[frozenset[int], ...] = (
    frozenset({18, 22}),
    frozenset({23, 24, 28}),
    frozenset({25, 26, 27}),
    frozenset({43, 45}),
)
"""Action units that a picture or a few words cannot well tell apart."""


@dataclass(frozen=True)
class Choice:
    """Hold one choice.

    Attributes
    ----------
    text : str
    remark : str
        A sentence on what this choice is, shown to those who took it.
    """

    text: str
    remark: str


@dataclass(frozen=True)
class Question:
    """Hold one multiple-choice question.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    subject : str
        What is asked about; with the kind it tells a question from all others.
    text : str
    choices : tuple of Choice
        Four different ones.
    answer : int
        Index of the only right choice.
    explanation : str
    source : str
        Who says so.
    sample : str or None
        Code of the sample face that is shown with it.
    """

    kind: str
    subject: str
    text: str
    choices: tuple[Choice, ...]
    answer: int
    explanation: str
    source: str
    sample: str | None = None

    @property
    def right(self) -> Choice:
        """Return the right choice."""
        return self.choices[self.answer]


def near(a: int, b: int) -> bool:
    """Return whether two action units are too similar to be offered together."""
    return any({a, b} <= group for group in NEAR)


def movement_questions(rng: Random) -> list[Question]:
    """Ask which action unit a movement is: one question for each, in random order."""
    questions = []
    for au in _shuffled(rng, ACTION_UNITS):
        unit = ACTION_UNITS[au]
        others = [n for n in ACTION_UNITS if n != au and not near(n, au)]
        # Neighbours first: to tell a brow from a jaw is too easy.
        others = _shuffled(rng, others)
        others.sort(key=lambda n: ACTION_UNITS[n].region != unit.region)
        wrong = _apart(others[: CHOICES * 2])
        questions.append(
            _question(
                rng,
                kind="movement",
                subject=unit.code,
                text=f"Which action unit is the {unit.words}?",
                right=_au_choice(au),
                wrong=[_au_choice(n) for n in wrong],
                explanation=f"{unit.code}, {unit.name}, is the {unit.words}; it is made by "
                f"{unit.muscle}.",
                source=f"{FACS_SOURCE}; the plain words are this toolkit's",
            )
        )
    return questions


def landmark_questions(rng: Random) -> list[Question]:
    """Ask which landmarks belong to an action unit: one question for each that has any."""
    questions = []
    for au in _shuffled(rng, LANDMARK_AUS):
        facts = au_facts(au)
        seen, wrong = {facts.landmarks}, []
        for other in _shuffled(rng, LANDMARK_AUS):
            if au_landmarks(other) not in seen:
                seen.add(au_landmarks(other))
                wrong.append(other)
        questions.append(
            _question(
                rng,
                kind="landmarks",
                subject=facts.unit.code,
                text=f"Which landmarks stand for {facts.unit.code} ({facts.unit.name})?",
                right=_landmark_choice(au),
                wrong=[_landmark_choice(other) for other in wrong],
                explanation=f"{facts.unit.code} is located at "
                f"{format_ranges(facts.landmarks)}, on {_and(facts.regions)}.",
                source=facts.landmark_source or "",
            )
        )
    return questions


def expected_questions(rng: Random) -> list[Question]:
    """Ask which AUs Table 2 expects for an emotion: one question for each but neutral."""
    questions = []
    for emotion in _shuffled(rng, [e for e in EMOTIONS if EXPECTED_AUS[e]]):
        expected = EXPECTED_AUS[emotion]
        others = [e for e in EMOTIONS if EXPECTED_AUS[e] and e != emotion]
        listed = "; ".join(f"{au_name(n)} {ACTION_UNITS[n].name}" for n in expected)
        explanation = f"Table 2 lists for {emotion}: {listed}."
        differs = [d for d in DISAGREEMENTS if d.emotion == emotion and "Table 2" in d.source]
        explanation += "".join(f" Sources differ: {d.remark}" for d in differs)
        questions.append(
            _question(
                rng,
                kind="expected",
                subject=emotion,
                text=f"Which action units does the XFERa paper's Table 2 expect for {emotion}?",
                right=_row_choice(emotion),
                wrong=[_row_choice(other) for other in _shuffled(rng, others)],
                explanation=explanation,
                source=TABLE2_SOURCE,
            )
        )
    return questions


def combination_questions(rng: Random) -> list[Question]:
    """Which emotion a combination belongs to: prototypes and restrained anger."""
    known = [p for e in EMOTIONS for p in emotion_facts(e).prototypes]
    questions = []
    for one in _shuffled(rng, known):
        others = [e for e in EMOTIONS if e != one.emotion and not shares_a_set(one, e)]
        questions.append(
            _question(
                rng,
                kind="combination",
                subject=f"{one.emotion} {one.notation}",
                text=f"Which emotion's combination is {one.notation}?",
                right=_emotion_choice(one.emotion),
                wrong=[_emotion_choice(other) for other in _shuffled(rng, others)],
                explanation=f"{one.notation} reads: {describe_combination(one.notation)}. It is a "
                f"{_kind_words(one)} of {one.emotion}.",
                source=sources_of(one),
            )
        )
    return questions


def spot_questions(rng: Random, measured: MeasuredSamples) -> list[Question]:
    """Ask which action unit is present on a sample face: at most one question for each face."""
    questions = []
    for face in _shuffled(rng, measured.faces):
        named = emotion_facts(face.emotion).named
        answers = [
            au
            for au in named
            if face.units.intensity(au) >= CLEAR and _trusted(measured.reliability(au))
        ]
        others = [
            au
            for au in OPENFACE_AUS
            if au not in named and face.units.intensity(au) < MIN_PRESENT
        ]
        if not answers:
            continue
        answer = rng.choice(answers)
        others = [au for au in _shuffled(rng, others) if not near(au, answer)]
        wrong = _apart(others)
        if len(wrong) >= CHOICES - 1:
            questions.append(_spot(rng, face, answer, wrong, measured))
    return questions


def allowed_sets(members: Sequence[Member]) -> frozenset[frozenset[int]]:
    """List every set of action units that a combination allows, at any intensity."""
    options = [(*member.aus, None) if member.optional else member.aus for member in members]
    return frozenset(frozenset(au for au in one if au is not None) for one in product(*options))


def shares_a_set(combination: Prototype, emotion: str) -> bool:
    """Return whether a source gives an emotion a set of AUs that a combination allows too."""
    sets = {frozenset(EXPECTED_AUS[emotion])}
    for prototype in PROTOTYPES[emotion]:
        sets |= allowed_sets(prototype.members)
    for other in DISAGREEMENTS:
        if other.emotion == emotion:
            sets |= allowed_sets(parse_combination(other.notation))
    return not sets.isdisjoint(allowed_sets(combination.members))


def _spot(
    rng: Random, face: MeasuredSample, answer: int, wrong: list[int], measured: MeasuredSamples
) -> Question:
    unit, value = ACTION_UNITS[answer], face.units.intensity(answer)
    trust = measured.reliability(answer)
    listed = "unknown" if trust is None else f"r = {trust:.2f}"

    def choice(au: int) -> Choice:
        code, got = au_name(au), face.units.intensity(au)
        text = f"{code} {ACTION_UNITS[au].name}"
        return Choice(text, f"{code} is measured at {got:.2f} of 5, less than a trace.")

    return _question(
        rng,
        kind="spot",
        subject=face.code,
        text="Which of these Action Units does the detector measure on this face?",
        right=choice(answer),
        wrong=[choice(au) for au in wrong],
        explanation=f"The {unit.words}, {unit.code}, is measured at {value:.2f} of 5 on this "
        f"{face.emotion} face. Agreement of that measurement with OpenFace: {listed}.",
        source=f"measured by the {measured.source}",
        sample=face.code,
    )


def _question(rng: Random, *, right: Choice, wrong: list[Choice], **rest: Any) -> Question:
    """Put the right choice among the first three wrong ones, in random order."""
    choices = _shuffled(rng, [right, *wrong[: CHOICES - 1]])
    return Question(choices=tuple(choices), answer=choices.index(right), **rest)


def _apart(aus: Sequence[int]) -> list[int]:
    """Keep action units of which no two are near each other, in the order given."""
    kept: list[int] = []
    for au in aus:
        if not any(near(au, other) for other in kept):
            kept.append(au)
    return kept


def _au_choice(au: int) -> Choice:
    unit = ACTION_UNITS[au]
    return Choice(unit.code, f"{unit.code}, {unit.name}, is the {unit.words}.")


def _landmark_choice(au: int) -> Choice:
    facts = au_facts(au)
    listed = f"{format_ranges(facts.landmarks)} ({', '.join(facts.regions)})"
    return Choice(listed, f"These stand for {facts.unit.code}, {facts.unit.name}.")


def _row_choice(emotion: str) -> Choice:
    return Choice(format_aus(EXPECTED_AUS[emotion]), f"This is Table 2's row for {emotion}.")


def _emotion_choice(emotion: str) -> Choice:
    prototypes = emotion_facts(emotion).prototypes
    if not prototypes:
        return Choice(emotion, f"No combination is given for {emotion}.")
    listed = _and([one.notation for one in prototypes])
    return Choice(emotion, f"{emotion.capitalize()} has {listed}.")


def _kind_words(one: Prototype) -> str:
    return "restrained form" if one.kind == "restrained" else one.kind


def _trusted(r: float | None) -> bool:
    return r is None or r >= TRUSTED


def _and(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _shuffled(rng: Random, items: Iterable[_Item]) -> list[_Item]:
    mixed = list(items)
    rng.shuffle(mixed)
    return mixed
