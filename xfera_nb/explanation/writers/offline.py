"""The offline writer: sentences from the facts alone, with no model, key or network.

Source
    The manner of Figure 1 of the XFERa paper (Macchiarulo et al. 2025): the answer, the movements
    that the network focused on, and how typical they are. The wording is ours.
What it says and what not
    It names active movements and no others, the highest score first, with strength and with the
    side where only one is active. Expected movements that are missing stand in the block beside
    the text, never in the sentences. It speaks for the model ("I classified"), never about what
    the person feels. The same facts always give the same text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.movements import MATCHING
from xfera_nb.explanation.prompts import Prompt
from xfera_nb.explanation.writers.base import Draft

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class OfflineWriter:
    """Composes the explanation from the facts; needs nothing and never fails."""

    name = "offline"

    def __repr__(self) -> str:
        return "OfflineWriter()"

    def write(self, facts: Facts, prompt: Prompt) -> Draft:
        """Write the text; the prompt is not used."""
        start = time.perf_counter()
        text = " ".join(compose(facts))
        return Draft(text, self.name, seconds=time.perf_counter() - start)

    def stream(self, facts: Facts, prompt: Prompt) -> Iterator[str]:
        """The same text, sentence by sentence; joined, the pieces are `write`'s text."""
        for number, sentence in enumerate(compose(facts)):
            yield sentence if number == 0 else f" {sentence}"


def compose(facts: Facts) -> tuple[str, ...]:
    """The sentences for some facts, one to four."""
    if facts.movements:
        return (_answer(facts), *_focus(facts), _typical(facts))
    if facts.emotion == "neutral":
        nothing = "No facial movement is typical of this class, so there is none to point out."
    elif not facts.has_positive_evidence:
        nothing = (
            f"No part of the face spoke for {_name(facts.emotion)}, so I cannot say which "
            "movements matter here."
        )
    else:
        nothing = (
            "Where I looked on the face I found no movement strong enough to count, so I cannot "
            "name one as the reason."
        )
    return (_answer(facts), nothing)


def _answer(facts: Facts) -> str:
    level = facts.confidence_level.lower()
    answer = (
        f"I analyzed the facial expression and classified it as {_name(facts.predicted)}, with "
        f"{level} confidence"
    )
    if facts.is_answer:
        return f"{answer}."
    share = "" if facts.probability is None else f", to which I gave {_percent(facts.probability)}"
    return f"{answer}; this is about {_name(facts.emotion)} instead{share}."


def _focus(facts: Facts) -> tuple[str, ...]:
    where = "that I focused on" if facts.is_answer else f"that speak for {_name(facts.emotion)}"
    first, *rest = (f"the {movement.description}" for movement in facts.movements)
    if not rest:
        return (f"In the areas {where}, one movement stood out: {first}.",)
    if len(rest) == 1:
        return (f"In the areas {where}, {first} stood out most, followed by {rest[0]}.",)
    return (f"In the areas {where}, {first} stood out most.", f"After that came {_and(rest)}.")


def _typical(facts: Facts) -> str:
    matching = {entry.au for entry in facts.with_status(MATCHING)}
    typical = [movement for movement in facts.movements if movement.au in matching]
    n_active, n_typical = len(facts.movements), len(typical)
    emotion = "this emotion" if facts.is_answer else _name(facts.emotion)
    if facts.emotion == "neutral":
        return "No facial movement is typical of this class."
    if not typical:
        which = "This movement is not" if n_active == 1 else f"None of these {_count(n_active)} is"
        return f"{which} among those usually associated with {emotion}."
    if n_typical < n_active:
        verb = "is" if n_typical == 1 else "are"
        named = _and([f"the {movement.words}" for movement in typical])
        return f"Of these, {named} {verb} typically associated with {emotion}."
    whole = n_typical == len(facts.expected)
    if n_active == 1:
        one = "" if whole else "one of those "
        return f"This movement is {one}typically associated with {emotion}."
    if whole:
        return (
            f"The combination of these {_count(n_active)} movements is typically associated with "
            f"{emotion}."
        )
    these = f"These {_count(n_active)} movements"
    return f"{these} are among those typically associated with {emotion}."


def _name(emotion: str) -> str:
    return f'"{emotion.capitalize()}"'


def _percent(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def _count(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def _and(items: Sequence[str]) -> str:
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])} and {items[-1]}"
