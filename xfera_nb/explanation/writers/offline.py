"""Compose sentences from the facts alone, with no model, key or network.

Source
    In the manner of Figure 1 of the XFERa paper (Macchiarulo et al. 2025): the prediction, the
    movements that the network focused on, and how typical they are. The wording is ours.
Content
    Three to five sentences: the prediction and its confidence; where the map is; what is present
    there, typical movements first; which typical movements are present elsewhere, absent or not
    measurable; what hiding a region does. What was not measured is left out. It never speaks about
    what the person feels. The wording varies with the prediction and the regions of the map, never
    with the movements: while a parameter of the fusion is changed, only what it changes is said
    otherwise. The same facts, language and seed always give the same text.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence

from xfera_nb.explanation.catalogue import CATALOGUES, Catalogue
from xfera_nb.explanation.choices import CONTRAST, ENGLISH, FIRST_PERSON
from xfera_nb.explanation.facts import ABSENT, SMALL_SHARE, Facts, Movement
from xfera_nb.explanation.prompts import Prompt
from xfera_nb.explanation.writers.base import Draft
from xfera_nb.fusion.states import NOT_MEASURABLE
from xfera_nb.wording import start_sentence

MOST_ELSEWHERE = 3
MOST_ABSENT = 3
MOST_CONTRAST = 3
SMALL_CONTRAST = 0.05
"""Difference of two maps' shares of a region from which on it is named, 0 to 1."""


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
        return compose(facts, prompt.language, self.seed, other, prompt.request.person)


def compose(
    facts: Facts,
    language: str = ENGLISH,
    seed: int = 0,
    other: Facts | None = None,
    person: str = FIRST_PERSON,
) -> tuple[str, ...]:
    """Compose the sentences for some facts, at most five.

    Parameters
    ----------
    facts : Facts
    language : str
        One of `LANGUAGES`.
    seed : int
    other : Facts, optional
        Of a class to contrast with.
    person : {"first", "third"}
        Whether the model speaks or is spoken of.
    """
    return tuple(_Composer(facts, language, seed, other, person).sentences())


def compose_contrast(
    facts: Facts, other: Facts, language: str = ENGLISH, seed: int = 0
) -> tuple[str, ...]:
    """Compose what tells the target from another class: a question and one or two sentences.

    Parameters
    ----------
    facts, other : Facts
        Of the same face and parameters, for two classes.
    language : str
        One of `LANGUAGES`.
    seed : int
    """
    composer = _Composer(facts, language, seed, other, FIRST_PERSON)
    return (composer.question(other), *composer.differences(other))


class _Composer:
    """Compose one text from its facts and catalogue; draw each wording from a hash."""

    def __init__(
        self, facts: Facts, language: str, seed: int, other: Facts | None, person: str
    ) -> None:
        self.facts, self.other = facts, other
        self.words: Catalogue = CATALOGUES[language]
        self.who, self.who_again = self.words.persons[person]
        self._content = json.dumps([*_content(facts), other.target if other else None, seed])

    def sentences(self) -> Iterator[str]:
        """Yield the sentences in their order; what was not measured has none."""
        yield self._prediction()
        yield from filter(None, (self._where(), self._present()))
        if self.other is None:
            yield from filter(None, (self._typical_rest(), self._hiding()))
        else:
            yield from self.differences(self.other)

    def question(self, other: Facts) -> str:
        """Return the question that the differences from another class answer."""
        named = self.words.emotions[other.target]
        return self.words.contrast_question.format(emotion=self._emotion, other=named)

    def differences(self, other: Facts) -> Iterator[str]:
        """Yield what sets the target apart from another class: regions, then movements."""
        yield from filter(None, (self._contrast_regions(other),))
        yield self._contrast_movements(other)

    @property
    def _emotion(self) -> str:
        return self.words.emotions[self.facts.target]

    def _prediction(self) -> str:
        words, facts = self.words, self.facts
        values = {
            "predicted": words.emotions[facts.predicted],
            "level": words.levels[facts.confidence_level],
            "emotion": self._emotion,
        }
        if self.other is not None:
            other = words.emotions[self.other.target]
            share = self._share(self.other.probability)
            return self._say(words.prediction_contrast, **values, other=other, share=share)
        if not facts.explains_prediction:
            share = self._share(facts.probability)
            return self._say(words.prediction_other, **values, share=share)
        share = self._share(facts.predicted_probability)
        if facts.confidence_level == "High" or facts.runner_up is None:
            return self._say(words.prediction, **values, share=share)
        second = words.emotions[facts.runner_up] + self._share(facts.runner_up_probability)
        return self._say(words.prediction_runner_up, **values, share=share, second=second)

    def _where(self) -> str:
        words, facts = self.words, self.facts
        if not facts.has_positive_evidence:
            return self._say(words.no_evidence, emotion=self._emotion)
        regions = facts.map_regions
        if not regions:
            return ""
        values = {}
        for number, region in zip(("", "2"), regions, strict=False):
            values["region" + number] = words.regions[region.region].name
            values["at" + number] = words.regions[region.region].at
            values["percent" + number] = self._percent(region.share)
        if (regions[0].share or 0.0) < SMALL_SHARE:
            kinds = words.looked_spread, words.evidence_spread
        elif len(regions) == 1:
            kinds = words.looked_one, words.evidence_one
        else:
            kinds = words.looked_two, words.evidence_two
        sentences = kinds[0] if facts.explains_prediction else kinds[1]
        return self._say(sentences, **values, emotion=self._emotion)

    def _present(self) -> str:
        words, facts = self.words, self.facts
        neutral = facts.target == "neutral"
        values = {"there": self._there(), "emotion": self._emotion}
        typical = facts.typical
        others = [one for one in facts.main_movements if one not in typical]
        if not facts.has_positive_evidence:
            if self._elsewhere() or not facts.elsewhere:
                return ""
            return self._say(words.on_face, named=self._movement(facts.elsewhere[0]))
        if typical and others:
            named, also = self._listed(typical), self._listed(others)
            return self._say(words.present_both, **values, named=named, others=also)
        if typical:
            return self._say(words.present_typical, **values, named=self._listed(typical))
        if others:
            kind = words.present_neutral if neutral else words.present_other
            return self._say(kind, **values, others=self._listed(others))
        if facts.unreported:
            return self._say(
                words.nothing_typical, **values, named=self._movement(facts.unreported[0])
            )
        if facts.elsewhere and not self._elsewhere():
            named = self._movement(max(facts.elsewhere, key=lambda one: one.intensity or 0.0))
            return self._say(words.nothing_but_elsewhere, **values, named=named)
        return self._say(words.nothing_neutral if neutral else words.nothing_there, **values)

    def _elsewhere(self) -> list[Movement]:
        """Return the typical movements that are present elsewhere."""
        expected = {entry.au for entry in self.facts.expected}
        return [one for one in self.facts.elsewhere if one.au in expected]

    def _typical_rest(self) -> str:
        words, facts = self.words, self.facts
        parts = []
        elsewhere = self._elsewhere()[:MOST_ELSEWHERE]
        if elsewhere:
            shown = words.elsewhere if facts.has_positive_evidence else words.on_face[0][:-1]
            parts.append(shown.format(named=self._listed(elsewhere)))
        active = set(facts.active)
        absent = [one.au for one in facts.with_state(*ABSENT) if one.au not in active]
        unknown = [one.au for one in facts.with_state(NOT_MEASURABLE)]
        for aus, part in (
            (absent[:MOST_ABSENT], words.absent),
            (unknown[:MOST_ABSENT], words.not_measurable),
        ):
            if aus:
                named = [self._movement(Movement.of(au)) for au in aus]
                parts.append(part[len(named) > 1].format(named=self._denied(named)))
        if not parts:
            return ""
        lead = words.rest_lead if facts.typical else words.all_lead
        first, *more = parts
        text = lead.format(emotion=self._emotion) + first[0].lower() + first[1:]
        for number, further in enumerate(more):
            text += (words.but if number == 0 and elsewhere else words.besides) + further
        return start_sentence(text + ".")

    def _hiding(self) -> str:
        words, facts = self.words, self.facts
        if not facts.knows_hiding or facts.probability is None:
            return ""
        region = facts.decisive_region
        if region is None:
            return self._say(words.hiding_little, emotion=self._emotion)
        values = {"region": words.regions[region.region].name}
        if facts.is_changed_by(region) and region.hidden_prediction is not None:
            answer = words.emotions[region.hidden_prediction]
            effect = self._draw(words.hiding_flips).format(**values, answer=answer)
        else:
            before = self._percent(facts.probability)
            after = self._to_percent(facts.hidden_target_probability(region))
            effect = self._draw(words.hiding_falls).format(
                **values, emotion=self._emotion, before=before, after=after
            )
        looked = facts.map_regions
        if not looked:
            return self._say(words.hiding_alone, effect=effect)
        if region.region in {one.region for one in looked}:
            return self._say(words.hiding_agrees, effect=effect)
        at = words.regions[looked[0].region].at
        return self._say(words.hiding_disagrees, effect=effect, at=at)

    def _there(self) -> str:
        words, regions = self.words, self.facts.map_regions
        concentrated = regions and (regions[0].share or 0.0) >= SMALL_SHARE
        return words.there if concentrated else self._speak(words.where_looked)

    def _contrast_regions(self, other: Facts) -> str:
        words = self.words
        theirs = {one.region: one.share for one in other.regions if one.share is not None}
        more = {
            one.region: one.share - theirs[one.region]
            for one in self.facts.regions
            if one.share is not None and one.region in theirs
        }
        if not more:
            return ""
        ours, less = max(more, key=more.__getitem__), min(more, key=more.__getitem__)
        values = {"emotion": self._emotion, "other": words.emotions[other.target]}
        if more[ours] < SMALL_CONTRAST:
            return ""
        at = words.regions[ours].at
        if more[less] > -SMALL_CONTRAST:
            return self._say(words.contrast_region, **values, at=at)
        return self._say(words.contrast_regions, **values, at=at, at2=words.regions[less].at)

    def _contrast_movements(self, other: Facts) -> str:
        words = self.words
        values = {"emotion": self._emotion, "other": words.emotions[other.target]}
        if not other.has_positive_evidence:
            return self._say(words.contrast_no_evidence, **values)
        ours = {entry.au for entry in self.facts.expected}
        theirs = {entry.au for entry in other.expected}
        present = {one.au: one for one in (*other.present, *self.facts.present)}
        named = [present[au] for au in sorted(ours - theirs) if au in present][:MOST_CONTRAST]
        others = [present[au] for au in sorted(theirs - ours) if au in present][:MOST_CONTRAST]
        if named and others:
            values |= {"named": self._listed(named), "others": self._listed(others)}
            return self._say(words.contrast_both, **values)
        if named:
            return self._say(words.contrast_ours, **values, named=self._listed(named))
        if others:
            return self._say(words.contrast_theirs, **values, others=self._listed(others))
        return self._say(words.contrast_neither, **values)

    def _draw(self, variants: Sequence[str]) -> str:
        digest = hashlib.sha256(f"{self._content}{variants[0]}".encode()).digest()
        return variants[digest[0] % len(variants)]

    def _say(self, variants: Sequence[str], **values: str) -> str:
        return start_sentence(self._speak(self._draw(variants), **values))

    def _speak(self, text: str, **values: str) -> str:
        """Fill in a text; who is named once is "it" from then on."""
        spoken = text.format(i=self.who, **values)
        if "{i}" in text:
            self.who = self.who_again
        return spoken

    def _movement(self, movement: Movement) -> str:
        entry = self.words.movements[movement.au]
        adjective = ""
        if movement.strength is not None:
            adjective = self.words.strengths[movement.strength][entry.feminine]
        return entry.on(movement.side).format(s=adjective)

    def _listed(self, movements: Iterable[Movement]) -> str:
        return _join([self._movement(one) for one in movements], self.words.last_and)

    def _denied(self, items: Sequence[str]) -> str:
        return _join(items, self.words.last_or)

    def _percent(self, share: float | None) -> str:
        if share is None:
            return ""
        return self.words.less_than_one if share < 0.01 else f"{100 * share:.0f} %"

    def _to_percent(self, share: float | None) -> str:
        if share is not None and share < 0.01:
            return self.words.to_less_than_one
        return self.words.to_percent.format(percent=self._percent(share))

    def _share(self, share: float | None) -> str:
        return "" if share is None else self.words.share.format(percent=self._percent(share))


def _join(items: Sequence[str], last_word: str) -> str:
    *most, last = items
    return f"{', '.join(most)}{last_word}{last}" if most else last


def _content(facts: Facts) -> list[object]:
    """Return what the wordings are drawn from: nothing that a parameter of the fusion changes."""
    regions = [one.region for one in facts.map_regions]
    return [facts.target, facts.predicted, facts.confidence_level, regions]
