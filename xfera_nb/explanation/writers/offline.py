"""Compose sentences from the facts alone, with no model, key or network.

Source
    In the manner of Figure 1 of the XFERa paper (Macchiarulo et al. 2025): the prediction, the
    movements that the network focused on, and how typical they are. The wording is ours.
Content
    It names active movements and no others, the highest score first, with strength and with the
    side where only one is active. Expected movements that are missing are in the summary beside
    the text, never in the sentences. It speaks for the model ("I classified"), never about what
    the person feels. The wording varies with the movements; the same movements, language
    and seed always give the same text.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Iterable, Iterator, Sequence

from xfera_nb.explanation.catalogue import CATALOGUES, Catalogue
from xfera_nb.explanation.choices import CONTRAST, ENGLISH
from xfera_nb.explanation.facts import MATCHING, Facts, Movement
from xfera_nb.explanation.prompts import Prompt
from xfera_nb.explanation.writers.base import Draft


class OfflineWriter:
    """Compose the explanation from the facts; needs nothing and never fails.

    Parameters
    ----------
    seed : int
        Another seed chooses other wordings.
    """

    name = "offline"

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def __repr__(self) -> str:
        return "OfflineWriter()" if self.seed == 0 else f"OfflineWriter(seed={self.seed})"

    def write(self, facts: Facts, prompt: Prompt) -> Draft:
        """Write the text in the prompt's language; of the prompt's words none is used."""
        start = time.perf_counter()
        text = " ".join(self._compose(facts, prompt))
        return Draft(text, self.name, seconds=time.perf_counter() - start)

    def stream(self, facts: Facts, prompt: Prompt) -> Iterator[str]:
        """Yield the same text, sentence by sentence; joined, the pieces are `write`'s text."""
        for number, sentence in enumerate(self._compose(facts, prompt)):
            yield sentence if number == 0 else f" {sentence}"

    def _compose(self, facts: Facts, prompt: Prompt) -> tuple[str, ...]:
        other = prompt.other if prompt.kind == CONTRAST else None
        return compose(facts, prompt.language, self.seed, other)


def compose(
    facts: Facts, language: str = ENGLISH, seed: int = 0, other: Facts | None = None
) -> tuple[str, ...]:
    """Compose the sentences for some facts, two to five.

    Parameters
    ----------
    facts : Facts
    language : str
        One of `LANGUAGES`.
    seed : int
    other : Facts, optional
        Of a class to contrast with.
    """
    return tuple(_Composer(facts, language, seed, other).sentences())


class _Composer:
    """Compose one text from its facts and catalogue; draw the wordings from a hash of the facts."""

    def __init__(self, facts: Facts, language: str, seed: int, other: Facts | None) -> None:
        self.facts, self.other = facts, other
        self.words: Catalogue = CATALOGUES[language]
        content = json.dumps([*_content(facts), *(_content(other) if other else ()), seed])
        self._draws = itertools.cycle(hashlib.sha256(content.encode()).digest())

    def sentences(self) -> Iterator[str]:
        """Yield prediction, movements, how typical they are, and the contrast."""
        words, facts = self.words, self.facts
        yield self._answer()
        if facts.movements:
            yield from self._focus()
            yield self._typical()
        elif facts.target == "neutral":
            yield self._say(words.nothing_neutral)
        elif facts.has_positive_evidence:
            yield self._say(words.nothing_active)
        else:
            yield self._say(words.no_evidence, emotion=self._emotion())
        if self.other is not None:
            yield self._contrast(self.other)

    def _answer(self) -> str:
        words, facts = self.words, self.facts
        values = {
            "predicted": words.emotions[facts.predicted],
            "level": words.levels[facts.confidence_level],
            "emotion": words.emotions[facts.target],
        }
        if self.other is not None:
            other = words.emotions[self.other.target]
            share = self._share(self.other.probability)
            return self._say(words.answer_contrast, **values, other=other, share=share)
        if facts.explains_prediction:
            return self._say(words.answer, **values)
        return self._say(words.answer_other, **values, share=self._share(facts.probability))

    def _focus(self) -> Iterator[str]:
        words, facts = self.words, self.facts
        where = words.where if facts.explains_prediction else words.where_other
        where = where.format(emotion=words.emotions[facts.target])
        first, *rest = (self._movement(movement) for movement in facts.movements)
        if not rest:
            yield self._say(words.one, where=where, first=first)
        elif len(rest) == 1:
            yield self._say(words.two, where=where, first=first, second=rest[0])
        else:
            yield self._say(words.many, where=where, first=first)
            yield self._say(words.rest, rest=self._listed(rest))

    def _typical(self) -> str:
        words, facts = self.words, self.facts
        if facts.target == "neutral":
            return self._say(words.typical_neutral)
        typical = _matching(facts)
        active, count = len(facts.movements), len(typical)
        values = {"emotion": self._emotion(), "count": self._count(active)}
        if not typical:
            none = words.typical_none_one if active == 1 else words.typical_none
            return self._say(none, **values)
        if count < active:
            some = words.typical_some_one if count == 1 else words.typical_some
            named = typical
            if active - count < count:
                some, named = words.typical_but, [m for m in facts.movements if m not in typical]
            listed = self._listed(self._movement(m, strength=False) for m in named)
            return self._say(some, **values, named=listed)
        whole = count == len(facts.expected)
        if active == 1:
            one = words.typical_one if whole else words.typical_one_of_them
            return self._say(one, **values)
        return self._say(words.typical_all if whole else words.typical_all_of_them, **values)

    def _contrast(self, other: Facts) -> str:
        words = self.words
        values = {"other": words.emotions[other.target]}
        if other.target == "neutral":
            return self._say(words.contrast_neutral, **values)
        if not other.has_positive_evidence:
            return self._say(words.contrast_no_evidence, **values)
        typical = _matching(other)
        if not typical:
            return self._say(words.contrast_none, **values)
        named = self._listed(self._movement(movement) for movement in typical)
        return self._say(words.contrast_some, **values, named=named)

    def _say(self, variants: Sequence[str], **values: str) -> str:
        sentence = variants[next(self._draws) % len(variants)].format(**values)
        return sentence[0].upper() + sentence[1:]

    def _emotion(self) -> str:
        facts, words = self.facts, self.words
        return words.this_emotion if facts.explains_prediction else words.emotions[facts.target]

    def _movement(self, movement: Movement, *, strength: bool = True) -> str:
        entry = self.words.movements[movement.au]
        adjective = ""
        if strength and movement.strength is not None:
            adjective = self.words.strengths[movement.strength][entry.feminine]
        return entry.on(movement.side).format(s=adjective)

    def _listed(self, items: Iterable[str]) -> str:
        *most, last = items
        return f"{', '.join(most)}{self.words.last_and}{last}" if most else last

    def _count(self, number: int) -> str:
        counts = self.words.counts
        return counts[number] if number < len(counts) else str(number)

    def _share(self, share: float | None) -> str:
        if share is None:
            return ""
        percent = self.words.less_than_one if share < 0.01 else f"{100 * share:.0f} %"
        return self.words.share.format(percent=percent)


def _content(facts: Facts) -> list[object]:
    """Return what a text says of some facts: equal for equal movements, whatever the numbers."""
    movements = [(m.au, m.side, m.strength) for m in facts.movements]
    return [facts.target, facts.predicted, facts.confidence_level, movements]


def _matching(facts: Facts) -> list[Movement]:
    matching = {entry.au for entry in facts.with_status(MATCHING)}
    return [movement for movement in facts.movements if movement.au in matching]
