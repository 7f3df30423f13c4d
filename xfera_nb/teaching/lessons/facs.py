"""Units 1 and 2: what FACS codes, and reading Action Units.

Facts are those of `xfera_nb.facs`; what is measured comes from the sample faces, so that the
answers follow the source of Action Units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xfera_nb.facs import (
    ACTION_UNITS,
    INTENSITY_WORDS,
    OPENFACE_AUS,
    Prototype,
    au_name,
    match_prototypes,
    parse_combination,
)
from xfera_nb.teaching.lessons.exercise import Exercise, Verdict, right, wrong
from xfera_nb.teaching.lessons.reading import (
    NotReadable,
    au_number,
    au_numbers,
    letters,
    word,
)
from xfera_nb.teaching.measured import MeasuredSamples

SMILE = 12
STATEMENTS = {
    "a": "The lip corners are pulled back and up.",
    "b": "She is happy.",
    "c": "The brows are lowered and drawn together.",
    "d": "He looks angry.",
    "e": "The upper eyelids are raised.",
}
"""Letter -> a statement about a face; exercise 1.1."""
OBSERVED = frozenset("ace")
SURPRISED = {1: 2.2, 2: 1.5, 5: 0.9, 26: 2.0}
"""Intensities of a face, all others 0; exercise 2.3."""
COMBINATIONS = {"a": "1+2+5B+26", "b": "1+2+26", "c": "5B+26"}
UNMEASURED = "9+16+26"
COMPARED = (6, 12)
SAMPLE = "C01HA"


def exercises(measured: Callable[[], MeasuredSamples]) -> tuple[Exercise, ...]:
    """Return the exercises of both units.

    Parameters
    ----------
    measured : callable
        Gives the measured sample faces when they are first needed.
    """
    smile = ACTION_UNITS[SMILE]
    return (
        Exercise(
            "1.1",
            "Which of these statements could FACS code?",
            (
                "FACS describes visible movements.",
                "Two of them name an emotion or a state of mind: FACS leaves those out.",
            ),
            _observed,
            lambda: ("ace", "b and d interpret: FACS codes movements, not their meaning."),
        ),
        Exercise(
            "1.2",
            f"Which Action Unit is the {smile.words}?",
            ("It is in the list of movements above, among those of the mouth.",),
            _smile,
            lambda: (smile.code, f"{smile.code}, {smile.name}, made by {smile.muscle}."),
        ),
        Exercise(
            "1.3",
            "The combination 1+2+5B+26 asks for AU05 with at least which number from 0 to 5?",
            ("The letter B stands right after the 5.", "A is 1, and so on to E, which is 5."),
            _letter_number,
            lambda: (2, "B is the second letter: slight, from 2 on."),
        ),
        Exercise(
            "2.1",
            "Landmarks 49 to 51 lie on the left of the picture. On which side of the person?",
            ("The person faces you.",),
            lambda answer: (
                right("Left and right are always the person's here.")
                if word(answer, ("left", "right")) == "right"
                else wrong("What is on your left is on the right of a person who faces you.")
            ),
            lambda: (
                "right",
                "The person faces you, so the picture's left is the person's right.",
            ),
        ),
        Exercise(
            "2.2",
            f"Which of {au_name(COMPARED[0])} and {au_name(COMPARED[1])} does the AU source "
            f"measure stronger on the sample {SAMPLE}?",
            (f"Print measured.of('{SAMPLE}').units.intensity(6), and the same of 12.",),
            lambda answer: _stronger(answer, measured()),
            lambda: _stronger_solution(measured()),
        ),
        Exercise(
            "2.3",
            "AU01 2.2, AU02 1.5, AU05 0.9, AU26 2.0, the rest 0: which combinations are complete?",
            (
                "5B asks for AU05 at 2 or more.",
                "An AU without a letter must be present: 1 or more.",
            ),
            _complete,
            lambda: ("b", "5B needs AU05 at 2 or more, and it is 0.9: only 1+2+26 is complete."),
        ),
        Exercise(
            "2.4",
            f"OpenFace cannot measure AU16. On which Action Units is {UNMEASURED} judged?",
            ("What cannot be measured counts neither for nor against.",),
            _measurable,
            lambda: ("9+26", "AU16 is left out, and the result says that it is not measurable."),
        ),
    )


def _observed(answer: Any) -> Verdict:
    chosen = letters(answer, "abcde")
    if chosen == OBSERVED:
        return right("b and d are about feelings; the others are about movements.")
    if chosen - OBSERVED:
        letter = min(chosen - OBSERVED)
        return wrong(f"{letter}) “{STATEMENTS[letter]}” is an interpretation, not a movement.")
    return wrong("Those are movements, but there is one more.")


def _smile(answer: Any) -> Verdict:
    au = au_number(answer)
    if au == SMILE:
        unit = ACTION_UNITS[au]
        return right(f"{unit.code}, {unit.name}; {unit.muscle} pulls the corners.")
    if au in ACTION_UNITS:
        return wrong(f"{au_name(au)} is the {ACTION_UNITS[au].words}.")
    return wrong(f"The catalogue has no AU{au:02d}.")


def _letter_number(answer: Any) -> Verdict:
    if isinstance(answer, str) and answer.strip().upper() in INTENSITY_WORDS:
        letter = answer.strip().upper()
        if letter == "B":
            return right("B is 2 on the scale from 0 to 5: slight.")
        return wrong(f"{letter} is not the letter that stands after the 5.")
    value = au_number(answer)
    if value == 2:
        return right("B is 2, slight: 5B asks for AU05 at 2 or more.")
    if value == 5:
        return wrong(
            "5 is the number of the Action Unit; the letter after it is its minimum intensity."
        )
    return wrong("Count the letters: A is 1.")


def _stronger(answer: Any, measured: MeasuredSamples) -> Verdict:
    au, other = au_number(answer), {COMPARED[0]: COMPARED[1], COMPARED[1]: COMPARED[0]}
    if au not in COMPARED:
        raise NotReadable(f"Answer with {COMPARED[0]} or {COMPARED[1]}.")
    units = measured.of(SAMPLE).units
    values = f"{units.intensity(au):.2f} against {units.intensity(other[au]):.2f}"
    if units.intensity(au) >= units.intensity(other[au]):
        return right(f"{values}, as the {measured.source} has it.")
    return wrong(f"It is {values}.")


def _stronger_solution(measured: MeasuredSamples) -> tuple[int, str]:
    units = measured.of(SAMPLE).units
    first, second = sorted(COMPARED, key=units.intensity, reverse=True)
    return first, (
        f"{au_name(first)} is at {units.intensity(first):.2f} and {au_name(second)} at "
        f"{units.intensity(second):.2f}."
    )


def _complete(answer: Any) -> Verdict:
    chosen = letters(answer, "abc")
    intensities = {au: 0.0 for au in OPENFACE_AUS} | SURPRISED
    whole = set()
    for letter, notation in COMBINATIONS.items():
        (found,) = match_prototypes(intensities, (Prototype.parse(notation, "surprise"),))
        if found.status == "complete":
            whole.add(letter)
    if chosen == whole:
        return right("AU05 is below B (2), so every 5B fails.")
    if chosen - whole:
        letter = min(chosen - whole)
        return wrong(f"{letter}) {COMBINATIONS[letter]} needs AU05 at 2 or more.")
    return wrong("One more is complete.")


def _measurable(answer: Any) -> Verdict:
    chosen = au_numbers(answer)
    members = {need.au for member in parse_combination(UNMEASURED) for need in member.needs}
    known = members & set(OPENFACE_AUS)
    if chosen == known:
        return right(
            "The result says that AU16 was not measurable; that is not the same as absent."
        )
    if chosen - members:
        return wrong(f"AU{min(chosen - members):02d} is not in {UNMEASURED}.")
    if chosen - known:
        return wrong(f"{au_name(min(chosen - known))} is the one that cannot be measured.")
    return wrong("One more member can be measured.")
