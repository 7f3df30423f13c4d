"""Make multiple-choice questions on Action Units from the FACS tables, and hold any question.

Questions on faces are in `xfera_nb.teaching.face_questions`.

Rules that keep a question from having two answers
    - "movement": Action Units whose movements contain or resemble each other (`NEAR`) are never
      offered together;
    - "expected": the choices are Table 2's rows, which all differ;
    - "combination": an emotion is offered as a wrong answer only if none of its combinations, in
      any source known here, allows the same set of Action Units, at any intensity.
Sources
    `xfera_nb.facs`; each answer names its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from types import MappingProxyType
from typing import Any, TypeVar

from xfera_nb.facs import (
    ACTION_UNITS,
    DISAGREEMENTS,
    EMOTIONS,
    EXPECTED_AUS,
    PROTOTYPES,
    Member,
    Prototype,
    au_name,
    parse_combination,
)
from xfera_nb.teaching.atlas import (
    FACS_SOURCE,
    TABLE2_SOURCE,
    describe_combination,
    emotion_facts,
    format_aus,
    sources_of,
)

_Item = TypeVar("_Item")

FACE_KINDS: tuple[str, ...] = ("shows", "present", "attended", "predicted")
"""Kinds of questions on faces: the first two need measured sample faces, the others the
classifier's evidence of some."""

TABLE_KINDS: tuple[str, ...] = ("movement", "expected", "combination")
"""Kinds of questions on the tables of FACS."""

KINDS: tuple[str, ...] = (*FACE_KINDS, *TABLE_KINDS)
"""Every kind of question."""

KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "shows": "which face shows a movement",
        "present": "which movement is present",
        "attended": "where the map lies",
        "predicted": "which class is predicted",
        "movement": "the names of movements",
        "expected": "the movements expected for an emotion",
        "combination": "combinations",
    }
)
"""Kind -> what it asks, in words."""

CHOICES = 4
"""Choices of a question."""

NEAR: tuple[frozenset[int], ...] = (
    frozenset({18, 22}),
    frozenset({23, 24, 28}),
    frozenset({25, 26, 27}),
    frozenset({43, 45}),
)
"""Action Units that a picture or a few words cannot well tell apart."""


@dataclass(frozen=True)
class Choice:
    """Hold one choice.

    Attributes
    ----------
    text : str
    remark : str
        A sentence on what this choice is, shown to those who took it.
    sample : str or None
        Code of the sample face that is this choice.
    """

    text: str
    remark: str
    sample: str | None = None


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
        A sentence or two that name the answer and why it is right.
    source : str
        Who says so.
    sample : str or None
        Code of the sample face that is shown with it.
    target : str or None
        The class whose map is drawn on that face.
    """

    kind: str
    subject: str
    text: str
    choices: tuple[Choice, ...]
    answer: int
    explanation: str
    source: str
    sample: str | None = None
    target: str | None = None

    @property
    def right(self) -> Choice:
        """Return the right choice."""
        return self.choices[self.answer]


def near(a: int, b: int) -> bool:
    """Return whether two Action Units are too similar to be offered together."""
    return any({a, b} <= group for group in NEAR)


def movement_questions(rng: Random) -> list[Question]:
    """Ask which Action Unit a movement is: one question for each, in random order."""
    questions = []
    for au in shuffled(rng, ACTION_UNITS):
        unit = ACTION_UNITS[au]
        others = [n for n in ACTION_UNITS if n != au and not near(n, au)]
        # Neighbours first: to tell a brow from a jaw is too easy.
        others = shuffled(rng, others)
        others.sort(key=lambda n: ACTION_UNITS[n].region != unit.region)
        wrong = keep_apart(others[: CHOICES * 2])
        questions.append(
            ask(
                rng,
                kind="movement",
                subject=unit.code,
                text=f"Which Action Unit is the {unit.words}?",
                right=_au_choice(au),
                wrong=[_au_choice(n) for n in wrong],
                explanation=f"{unit.code}, {unit.name}, is the {unit.words}; it is made by "
                f"{unit.muscle}.",
                source=f"{FACS_SOURCE}; the plain words are this toolkit's",
            )
        )
    return questions


def expected_questions(rng: Random) -> list[Question]:
    """Ask which AUs Table 2 expects for an emotion: one question for each but neutral."""
    questions = []
    for emotion in shuffled(rng, [e for e in EMOTIONS if EXPECTED_AUS[e]]):
        expected = EXPECTED_AUS[emotion]
        others = [e for e in EMOTIONS if EXPECTED_AUS[e] and e != emotion]
        listed = "; ".join(f"{au_name(n)} {ACTION_UNITS[n].name}" for n in expected)
        explanation = f"Table 2 lists for {emotion}: {listed}."
        differs = [d for d in DISAGREEMENTS if d.emotion == emotion and "Table 2" in d.source]
        explanation += "".join(f" Sources differ: {d.remark}" for d in differs)
        questions.append(
            ask(
                rng,
                kind="expected",
                subject=emotion,
                text=f"Which Action Units does the XFERa paper's Table 2 expect for {emotion}?",
                right=_row_choice(emotion),
                wrong=[_row_choice(other) for other in shuffled(rng, others)],
                explanation=explanation,
                source=TABLE2_SOURCE,
            )
        )
    return questions


def combination_questions(rng: Random) -> list[Question]:
    """Which emotion a combination belongs to: prototypes and restrained anger."""
    known = [p for e in EMOTIONS for p in emotion_facts(e).prototypes]
    questions = []
    for one in shuffled(rng, known):
        others = [e for e in EMOTIONS if e != one.emotion and not shares_a_set(one, e)]
        questions.append(
            ask(
                rng,
                kind="combination",
                subject=f"{one.emotion} {one.notation}",
                text=f"Which emotion's combination is {one.notation}?",
                right=_emotion_choice(one.emotion),
                wrong=[_emotion_choice(other) for other in shuffled(rng, others)],
                explanation=f"{one.notation} reads: {describe_combination(one.notation)}. It is a "
                f"{_kind_words(one)} of {one.emotion}.",
                source=sources_of(one),
            )
        )
    return questions


def allowed_sets(members: Sequence[Member]) -> frozenset[frozenset[int]]:
    """List every set of Action Units that a combination allows, at any intensity."""
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


def ask(rng: Random, *, right: Choice, wrong: list[Choice], **rest: Any) -> Question:
    """Put the right choice among the first three wrong ones, in random order."""
    choices = shuffled(rng, [right, *wrong[: CHOICES - 1]])
    return Question(choices=tuple(choices), answer=choices.index(right), **rest)


def keep_apart(aus: Sequence[int]) -> list[int]:
    """Keep Action Units of which no two are near each other, in the order given."""
    kept: list[int] = []
    for au in aus:
        if not any(near(au, other) for other in kept):
            kept.append(au)
    return kept


def _au_choice(au: int) -> Choice:
    unit = ACTION_UNITS[au]
    return Choice(unit.code, f"{unit.code}, {unit.name}, is the {unit.words}.")


def _row_choice(emotion: str) -> Choice:
    return Choice(format_aus(EXPECTED_AUS[emotion]), f"This is Table 2's row for {emotion}.")


def _emotion_choice(emotion: str) -> Choice:
    prototypes = emotion_facts(emotion).prototypes
    if not prototypes:
        return Choice(emotion, f"No combination is given for {emotion}.")
    listed = join_words([one.notation for one in prototypes])
    return Choice(emotion, f"{emotion.capitalize()} has {listed}.")


def _kind_words(one: Prototype) -> str:
    return "restrained form" if one.kind == "restrained" else one.kind


def join_words(words: Sequence[str]) -> str:
    """Join words as a sentence does: "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def shuffled(rng: Random, items: Iterable[_Item]) -> list[_Item]:
    """Return the items in a random order."""
    mixed = list(items)
    rng.shuffle(mixed)
    return mixed
