"""Unit 5: when explanations mislead.

Sources: Barrett et al. 2019 (people show the patterns only sometimes); OpenFace's presence on posed
stills (`xfera_nb.facs.CAVEATS`); the XFERa paper, section 2.2, on maps of misclassified faces.
"""

from __future__ import annotations

from typing import Any

from xfera_nb.teaching.lessons.exercise import Exercise, Verdict, right, wrong
from xfera_nb.teaching.lessons.reading import letters, number

CLAIMS = {
    "a": "The model gave anger 93 per cent.",
    "b": "The person is angry.",
    "c": "The peak of the map for anger lies on the nose and the upper lip.",
    "d": "The model predicts anger because it has understood what anger is.",
    "e": "AU07 was measured at 2.4 of 5, by a network that agrees with OpenFace at r = 0.82.",
}
"""Letter -> a conclusion drawn from a page; exercise 5.1."""
SUPPORTED = frozenset("ace")
CHANGES = {
    "a": "the prediction",
    "b": "the heatmap",
    "c": "which landmarks are in the salient region",
    "d": "which Action Units are reported",
}
CHANGED = frozenset("cd")
EMPTY_MAP = {
    "a": "The explanation is wrong, since every map must show something.",
    "b": "No place of this layer speaks for the class, so there is no region to name.",
    "c": "No Action Unit is present.",
}
REMEDIES = {
    "a": "Ask a second time, and believe the explanation if it is the same.",
    "b": "Blur the region that the explanation names, and check whether the probability drops.",
    "c": "Check whether the sentence is well written.",
    "d": "Give the network random weights: a map that stays the same says nothing of the model.",
}
TESTS = frozenset("bd")
PRECISION = 37


def exercises() -> tuple[Exercise, ...]:
    """Return the exercises of this unit."""
    return (
        Exercise(
            "5.1",
            "A page shows a face that the model calls anger, 93 %. Which claims does it support?",
            (
                "A claim about the model or a measurement can be read off the page.",
                "A claim about a person or an understanding cannot.",
            ),
            _claims,
            lambda: ("ace", "b is about a person, d about an understanding: no page shows either."),
        ),
        Exercise(
            "5.2",
            "You move k from 1 to 0.5. What can change?",
            ("Fusion comes after the network: nothing flows back.",),
            _changes,
            lambda: ("cd", "Prediction and map are the network's; k moves the threshold alone."),
        ),
        Exercise(
            "5.3",
            "For a class that the model gives 0 %, the map shows nothing. What does that mean?",
            ("Think of what Grad-CAM cuts off.",),
            _nothing,
            lambda: ("b", "All of the map is below 0 and cut off: nothing there speaks for it."),
        ),
        Exercise(
            "5.4",
            "OpenFace reports 100 AUs as present, with a precision of 0.37. How many are?",
            ("Precision is the share of the AUs reported as present that are present.",),
            _precision,
            lambda: (PRECISION, "0.37 · 100 = 37: two of three reported AUs are absent."),
        ),
        Exercise(
            "5.5",
            "Which two of these test whether an explanation is faithful to the model?",
            ("Change something, and check whether the explanation changes with it.",),
            _remedies,
            lambda: ("bd", "Both change the face or the model; a and c judge the text alone."),
        ),
    )


def _claims(answer: Any) -> Verdict:
    chosen = letters(answer, "abcde")
    if chosen == SUPPORTED:
        return right(
            "The map even shows something surprising: its peak is not on the brows, which anger "
            "lowers."
        )
    if "b" in chosen:
        return wrong("b is about the person: people show such faces for many reasons.")
    if "d" in chosen:
        return wrong("d is about an understanding; a network has weights, and the page a map.")
    return wrong("One more of them can be read off the page.")


def _changes(answer: Any) -> Verdict:
    chosen = letters(answer, "abcd")
    if chosen == CHANGED:
        return right("The choice of k decides what is reported: state k with every explanation.")
    if chosen & {"a", "b"}:
        return wrong("The network does not use k: its prediction and its map stay as they are.")
    return wrong("That is half of it: what follows from it?")


def _nothing(answer: Any) -> Verdict:
    chosen = letters(answer, "abc")
    if chosen == {"b"}:
        return right("“No positive evidence” is a result; a map stretched to full red is not.")
    if "a" in chosen:
        return wrong("A map may well be empty: what speaks against the class is cut off.")
    return wrong("A map shows where the model attends, not which AUs are present.")


def _precision(answer: Any) -> Verdict:
    value = number(answer, "how many of the 100")
    if value in (PRECISION, PRECISION / 100):
        return right(
            "On posed stills; that is why each intensity is shown with how far to trust it, and "
            "why a presence is no proof."
        )
    if value == 100 - PRECISION:
        return wrong("Those are the absent ones.")
    return wrong("Take 37 per cent of 100.")


def _remedies(answer: Any) -> Verdict:
    chosen = letters(answer, "abcd")
    if chosen == TESTS:
        return right("xfera_nb.check_faithfulness runs both, and says what they do not show.")
    if "c" in chosen:
        return wrong("Fluent words can describe a map that has nothing to do with the model.")
    if "a" in chosen:
        return wrong("The same text twice shows that it is stable, not that it is faithful.")
    return wrong("There is a second one.")
