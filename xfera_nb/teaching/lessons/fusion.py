"""Unit 4: how fusion decides, on a sample face, held against the real `fuse`.

The face is the first happiness sample whose AU12 appears at some k between 0.2 and 2.8: with other
weights it may be another face, and the answers follow. "Appears" means as k decreases from 3: the
threshold mean + k * SD falls, more landmarks come into the salient region, and at some k their
share suffices.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from xfera_nb.datasets import SAMPLES, found_samples
from xfera_nb.errors import SamplesError
from xfera_nb.evidence import Evidence
from xfera_nb.fusion import FusionParams, coverage_steps, fuse
from xfera_nb.teaching.lessons.exercise import Exercise, Verdict, right, wrong
from xfera_nb.teaching.lessons.reading import letters, number

AU = 12
EMOTION = "happiness"
PARAMS = FusionParams.preset("algorithm1")
APPEARS_BETWEEN = (0.2, 2.8)
"""Between which k the AU has to appear for a face to be chosen."""
CLOSE = 0.02
SLIDER_STEP = 0.05
"""Between two values of k that the Explainer's slider can be set to."""
OTHER_K = 1.5
REASONS = {
    "a": "It is absent: its intensity is below the minimum.",
    "b": "It is present, not attended: too few of its landmarks are in the salient region.",
    "c": "It is present and attended, but Table 2 does not list it for happiness.",
    "d": "None: it is active.",
}


def appears_at(evidence: Evidence, params: FusionParams = PARAMS) -> float | None:
    """Return the largest k at which AU12 is active for happiness; None if it is not finite."""
    until = coverage_steps(evidence, AU, params, EMOTION).active_until
    return until if until is not None and math.isfinite(until) else None


def choose(gathered: Callable[[str], Evidence]) -> tuple[str, Evidence]:
    """Return the first happiness sample whose AU12 appears in that range, and its evidence.

    Parameters
    ----------
    gathered : callable
        Gives the evidence of a sample's code.

    Raises
    ------
    SamplesError
        If there is none.
    """
    low, high = APPEARS_BETWEEN
    for code in found_samples():
        if SAMPLES[code].emotion == EMOTION:
            evidence = gathered(code)
            at = appears_at(evidence)
            if at is not None and low <= at <= high:
                return code, evidence
    raise SamplesError(
        f"On no sample does AU12 appear between k = {low:g} and {high:g} with these weights: take "
        "the shipped ones for this unit."
    )


def exercises(face: Callable[[], Evidence]) -> tuple[Exercise, ...]:
    """Return the exercises of this unit.

    Parameters
    ----------
    face : callable
        Gives the chosen face's evidence when it is first needed.
    """
    face = cache(face)
    needed = _needed(face)
    return (
        Exercise(
            "4.1",
            f"What is the threshold of this face's map at k = {OTHER_K:g}, as a share of its peak?",
            (
                "The mean and the standard deviation are printed above, as shares of the peak.",
                f"mean + {OTHER_K:g} · standard deviation.",
            ),
            lambda answer: _threshold(answer, face()),
            lambda: _threshold_solution(face()),
        ),
        Exercise(
            "4.2",
            "AU12 has 20 landmarks. How many must be in the salient region for a coverage of 0.7?",
            ("70 per cent of 20.",),
            _count,
            lambda: (14, "0.7 · 20 = 14; with 14 it suffices, since Algorithm 1 writes ≥."),
        ),
        Exercise(
            "4.3",
            "Move k down from 3. At which k does AU12 become active (to a step of the slider, "
            f"{SLIDER_STEP:g})?",
            (
                "Try xf.fuse(evidence, params.replace(k=…)).result(12).active, or the slider.",
                "Halve the distance: between a k where it is active and one where it is not.",
                "xfera_nb.fusion.coverage_steps knows the exact value.",
            ),
            lambda answer: _appears(answer, face()),
            lambda: _appears_solution(face()),
        ),
        Exercise(
            "4.4",
            "What does the fusion report for AU06, the other AU expected for happiness, at k = 1?",
            ("Print xf.fuse(evidence, params).result(6).reason.",),
            lambda answer: _why(answer, needed()),
            lambda: (needed(), REASONS[needed()]),
        ),
    )


def _needed(face: Callable[[], Evidence]) -> Callable[[], str]:
    def reason() -> str:
        six = fuse(face(), PARAMS, EMOTION).result(6)
        if six.active:
            return "d"
        is_present = six.intensity is not None and six.intensity >= PARAMS.min_intensity
        return "b" if is_present else "a"

    return reason


def _threshold(answer: Any, evidence: Evidence) -> Verdict:
    value = number(answer, "a share of the peak")
    true = fuse(evidence, PARAMS.replace(k=OTHER_K), EMOTION).threshold
    plain = fuse(evidence, PARAMS.replace(k=0.0), EMOTION).threshold
    one = fuse(evidence, PARAMS.replace(k=1.0), EMOTION).threshold
    if true is None or plain is None or one is None:
        return wrong("This map has no positive evidence, so it has no threshold.")
    if abs(value - true) <= CLOSE:
        return right(
            f"fuse gives {true:.3f}: landmarks with that value or more are in the salient region."
        )
    if abs(value - one) <= CLOSE:
        return wrong("That is the threshold at k = 1.")
    if abs(value - plain) <= CLOSE:
        return wrong("That is the mean alone: add k standard deviations.")
    if abs(value - (plain + (true - plain) / OTHER_K**2)) <= CLOSE:
        return wrong("Multiply the standard deviation by k, rather than dividing it.")
    return wrong(f"Add {OTHER_K:g} times the standard deviation to the mean.")


def _threshold_solution(evidence: Evidence) -> tuple[float, str]:
    true = fuse(evidence, PARAMS.replace(k=OTHER_K), EMOTION).threshold or math.nan
    plain = fuse(evidence, PARAMS.replace(k=0.0), EMOTION).threshold or math.nan
    deviation = (true - plain) / OTHER_K
    return round(true, 3), f"{plain:.3f} + {OTHER_K:g} · {deviation:.3f} = {true:.3f}."


def _count(answer: Any) -> Verdict:
    value = number(answer, "a number of landmarks")
    if value == 14:
        return right("Coverage moves in steps of 1/20 here: 13 are too few, 14 suffice.")
    if abs(value - 0.7) < 1e-9:
        return wrong("That is the share; which number of the 20 landmarks is it?")
    if value == 15:
        return wrong("14 of 20 is 0.7 already, and ≥ includes it.")
    if value == 13:
        return wrong("13 of 20 is 0.65, less than 0.7.")
    return wrong("Take 70 per cent of 20.")


def _appears(answer: Any, evidence: Evidence) -> Verdict:
    value, true = number(answer, "a value of k"), appears_at(evidence)
    low, high = -5.0, 10.0
    if not low <= value <= high or true is None:
        return wrong(f"k lies between {low:g} and {high:g}.")
    if abs(value - true) <= SLIDER_STEP + 1e-9:
        return right(f"The exact step is at k = {true:.4f}; just above it, AU12 is not active.")
    row = fuse(evidence, PARAMS.replace(k=value), EMOTION).result(AU)
    inside = f"{len(row.salient)} of its {len(row.relevant)} landmarks are in the salient region"
    if row.active:
        return wrong(
            f"At k = {value:g} AU12 is active ({inside}), and so it is a little higher up."
        )
    return wrong(f"At k = {value:g} AU12 is not active yet ({inside}): go lower.")


def _appears_solution(evidence: Evidence) -> tuple[float, str]:
    true = appears_at(evidence) or math.nan
    return round(true, 2), (
        f"coverage_steps(evidence, 12).active_until is {true:.4f}: there the 14th landmark of AU12 "
        "comes into the salient region."
    )


def _why(answer: Any, true: str) -> Verdict:
    chosen = letters(answer, "abcd")
    if chosen == {true}:
        return right(REASONS[true])
    if len(chosen) > 1:
        return wrong("One letter: the reason that fuse itself gives.")
    letter = min(chosen)
    if letter == "c":
        return wrong("Table 2 does list AU06 for happiness.")
    return wrong("Check its intensity, and how many of its landmarks are in the salient region.")
