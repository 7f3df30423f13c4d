"""Make multiple-choice questions on sample faces, from what was measured on them.

Units: intensities run from 0 to 5; an Action Unit is present from 1 (`MIN_PRESENT`), a trace.
Rules that keep a question from having two answers
    - "shows": on the right face the Action Unit is measured at `CLEAR` or more, on each other one
      below `ABSENT`;
    - "present": the answer is measured at `CLEAR` or more and the emotion of the face names it;
      each wrong choice is measured below 1 and no combination of that emotion names it;
    - "attended": the right region holds at least `AHEAD` times as much of the map as any other;
    - "predicted": the answer is the class of highest probability, with high confidence.
    An Action Unit is asked about only if the source agrees with OpenFace on it (`TRUSTED`), where
    that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from xfera_nb.facs import (
    ACTION_UNITS,
    EMOTIONS,
    EXPECTED_AUS,
    MIN_PRESENT,
    OPENFACE_AUS,
    au_name,
)
from xfera_nb.teaching.atlas import emotion_facts
from xfera_nb.teaching.questions import (
    CHOICES,
    Choice,
    Question,
    ask,
    join_words,
    keep_apart,
    near,
    shuffled,
)

if TYPE_CHECKING:
    from xfera_nb.evidence import Evidence
    from xfera_nb.teaching.measured import MeasuredSample, MeasuredSamples

CLEAR = 2.0
"""Least intensity of what a face is said to show: B, slight."""

ABSENT = 0.5
"""Intensity below which a face is said not to show it, beside one that does."""

TRUSTED = 0.5
"""Least Pearson r of the source on an Action Unit that is asked about, where it is known."""

AHEAD = 1.25
"""How many times as much of a map the right region holds as any other."""

HIGH = "High"
"""The level of confidence of a prediction that is asked about."""

_LETTERS = "ABCD"


def shows_questions(rng: Random, measured: MeasuredSamples) -> list[Question]:
    """Ask which of four faces shows an Action Unit: at most one question for each unit."""
    questions = []
    for au in shuffled(rng, OPENFACE_AUS):
        values = [(face, face.units.intensity(au)) for face in measured.faces]
        showing = [face for face, value in values if value >= CLEAR]
        others = [face for face, value in values if value < ABSENT]
        if not showing or len(others) < CHOICES - 1 or not _is_trusted(measured.reliability(au)):
            continue
        answer, wrong = rng.choice(showing), shuffled(rng, others)
        unit = ACTION_UNITS[au]
        question = ask(
            rng,
            kind="shows",
            subject=unit.code,
            text=f"Which of these faces shows {unit.code}, the {unit.words}?",
            right=_face_choice(answer, au),
            wrong=[_face_choice(face, au) for face in wrong],
            explanation="",
            source=f"measured by the {measured.source}",
        )
        questions.append(_name_faces(question, au, answer))
    return questions


def present_questions(rng: Random, measured: MeasuredSamples) -> list[Question]:
    """Ask which movement is present on a face: at most one question for each face."""
    questions = []
    for face in shuffled(rng, measured.faces):
        named = emotion_facts(face.emotion).named
        answers = [
            au
            for au in named
            if face.units.intensity(au) >= CLEAR and _is_trusted(measured.reliability(au))
        ]
        others = [
            au
            for au in OPENFACE_AUS
            if au not in named and face.units.intensity(au) < MIN_PRESENT
        ]
        if not answers:
            continue
        answer = rng.choice(answers)
        others = [au for au in shuffled(rng, others) if not near(au, answer)]
        wrong = keep_apart(others)
        if len(wrong) >= CHOICES - 1:
            questions.append(_ask_present(rng, face, answer, wrong, measured))
    return questions


def attended_questions(rng: Random, gathered: Mapping[str, Evidence]) -> list[Question]:
    """Ask which region of the face holds most of the model's map: at most one for each face."""
    from xfera_nb.faces.regions import FACE_REGIONS

    questions = []
    for code in shuffled(rng, sorted(gathered)):
        evidence = gathered[code]
        target = evidence.prediction.predicted
        shares = evidence.region_shares(target)
        if np.isnan(shares).any():
            continue
        first, second, *_ = order = np.argsort(-shares, kind="stable").tolist()
        if shares[first] < AHEAD * shares[second]:
            continue
        right, after = FACE_REGIONS[first], FACE_REGIONS[second]
        wrong = shuffled(rng, order[1:])
        questions.append(
            ask(
                rng,
                kind="attended",
                subject=code,
                text=f'The map shows what speaks for "{target}" to the model. '
                "Which region holds most of it?",
                right=_region_choice(right, shares[first]),
                wrong=[_region_choice(FACE_REGIONS[i], shares[i]) for i in wrong],
                explanation=f"The {right} {_verb(right)} {shares[first]:.0%} of the map, more than "
                f"any other region; the {after} {_verb(after)} {shares[second]:.0%}.",
                source="Grad-CAM of the classifier",
                sample=code,
                target=target,
            )
        )
    return questions


def predicted_questions(rng: Random, gathered: Mapping[str, Evidence]) -> list[Question]:
    """Ask which class the model predicts: at most one question for each face."""
    questions = []
    for code in shuffled(rng, sorted(gathered)):
        evidence = gathered[code]
        prediction = evidence.prediction
        if prediction.confidence_level != HIGH:
            continue
        chances = dict(zip(EMOTIONS, prediction.probabilities.tolist(), strict=True))
        right = prediction.predicted
        others = [e for e in EMOTIONS if e != right and chances[e] == chances[e]]
        # The likelier first; those that are as good as impossible in random order.
        others = sorted(shuffled(rng, others), key=lambda e: -round(chances[e], 2))
        if len(others) < CHOICES - 1:
            continue
        questions.append(
            ask(
                rng,
                kind="predicted",
                subject=code,
                text="Which class does the model predict for this face?",
                right=_class_choice(right, chances[right]),
                wrong=[_class_choice(e, chances[e]) for e in others],
                explanation=f'The model gives "{right}" {_chance(chances[right])}. '
                f"{_tell_expected(evidence, right)}",
                source="the classifier, and the XFERa paper's Table 2",
                sample=code,
            )
        )
    return questions


def _ask_present(
    rng: Random, face: MeasuredSample, answer: int, wrong: list[int], measured: MeasuredSamples
) -> Question:
    unit, value = ACTION_UNITS[answer], face.units.intensity(answer)
    trust = measured.reliability(answer)
    agreement = "" if trust is None else f"; r with OpenFace {trust:.2f}"

    def choice(au: int) -> Choice:
        other, got = ACTION_UNITS[au], face.units.intensity(au)
        text = f"{other.words} ({other.code})"
        return Choice(text, f"The {other.words} is measured at {got:.2f} of 5, less than a trace.")

    return ask(
        rng,
        kind="present",
        subject=face.code,
        text="Which of these movements is present on this face?",
        right=choice(answer),
        wrong=[choice(au) for au in wrong],
        explanation=f"The {unit.words}, {unit.code} {unit.name}, is measured at {value:.2f} of 5.",
        source=f"measured by the {measured.source}{agreement}",
        sample=face.code,
    )


def _face_choice(face: MeasuredSample, au: int) -> Choice:
    value = face.units.intensity(au)
    remark = f"On the face that you chose it is measured at {value:.2f} of 5, less than a trace."
    return Choice(face.code, remark, face.code)


def _name_faces(question: Question, au: int, answer: MeasuredSample) -> Question:
    """Name the faces by letters, since their codes tell the emotion."""
    choices = tuple(
        replace(choice, text=f"Face {letter}")
        for letter, choice in zip(_LETTERS, question.choices, strict=True)
    )
    text = (
        f"{choices[question.answer].text} shows the {ACTION_UNITS[au].words}, measured at "
        f"{answer.units.intensity(au):.2f} of 5."
    )
    return replace(question, choices=choices, explanation=text)


def _region_choice(region: str, share: float) -> Choice:
    return Choice(region, f"The {region} {_verb(region)} {share:.0%} of the map.")


def _verb(region: str) -> str:
    return "hold" if region.endswith("s") else "holds"


def _class_choice(emotion: str, chance: float) -> Choice:
    return Choice(emotion, f'The model gives "{emotion}" {_chance(chance)}.')


def _chance(chance: float) -> str:
    return f"{chance:.0%}" if chance >= 0.005 else "less than 1%"


def _tell_expected(evidence: Evidence, emotion: str) -> str:
    expected = EXPECTED_AUS[emotion]
    if not expected:
        return f"No movement is expected for {emotion}."
    units = evidence.action_units
    present = [
        f"{au_name(au)} {ACTION_UNITS[au].name} ({units.intensity(au):.1f} of 5)"
        for au in expected
        if units.intensity(au) >= MIN_PRESENT
    ]
    if not present:
        return f"None of the movements that are expected for {emotion} is measured on the face."
    return f"Typical of {emotion}, and measured on the face: {join_words(present)}."


def _is_trusted(r: float | None) -> bool:
    return r is None or r >= TRUSTED
