"""Read what a sentence says of regions, percentages and hiding, and compare it with the facts.

A region is claimed as looked at where a word such as "looked" or "map" governs it, as hidden where
one such as "blurred" does; the last such word before it counts, or else the first of the sentence.
A region's name within a movement's words ("lifting of the cheeks") is no claim. A percentage
belongs to the region or class named last before it.

Units: percentages are compared after rounding to whole ones. Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from xfera_nb.explanation.facts import ABSENT, Facts, RegionFact
from xfera_nb.explanation.feelings import emotion_of
from xfera_nb.explanation.mentions import STATED, Mention
from xfera_nb.explanation.tokens import Pattern, Tokens, match, parse, tokenize
from xfera_nb.explanation.vocabulary import VOCABULARIES
from xfera_nb.fusion.states import NOT_MEASURABLE

_PERCENT = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?(?:%|per ?cent\b|per cento\b|por ciento\b|prozent\b)", re.IGNORECASE
)
_ROUNDING = 0.5 + 1e-6
_GOVERNING = ("looked", "hidden")


@dataclass
class _Claim:
    """Hold a region and what is said of it: percentages, and classes with hiding."""

    region: str | None
    kind: str
    percents: list[float] = field(default_factory=list)
    emotions: list[str] = field(default_factory=list)
    is_change: bool = False


@dataclass(frozen=True, slots=True)
class _Item:
    start: int
    kind: str
    value: str
    clause: int = 0


def find_false_claims(
    sentence: str,
    mentions: Sequence[Mention],
    language: str,
    facts: Facts,
    other: Facts | None = None,
) -> Iterator[tuple[str, str | None, str]]:
    """Yield (words, emotion, kind) of each claim of a sentence that the facts contradict.

    Parameters
    ----------
    sentence : str
    mentions : sequence of Mention
        The movements that it names.
    language : str
        One of `LANGUAGES`.
    facts : Facts
    other : Facts, optional
        Of a class that the text contrasts with.

    Yields
    ------
    (str, str or None, str)
        Kind is "region", "number", "answer" or "state".
    """
    tokens = tokenize(sentence, VOCABULARIES[language])
    yield from _false_states(tokens, mentions, language, facts)
    items = _items(sentence, tokens, mentions, language)
    claims, numbers = _read(items)
    contrasts = (facts,) if other is None else (facts, other)
    for claim in claims:
        if claim.kind == "looked":
            yield from _false_look(claim, contrasts)
        else:
            yield from _false_hiding(claim, facts)
    kinds = {item.kind for item in items}
    says_little = {"hidden", "little"} <= kinds and not any(c.kind == "hidden" for c in claims)
    if says_little and (facts.decisive_region is not None or not facts.knows_hiding):
        yield "changes little", None, "region"
    known = _probabilities(contrasts)
    for emotion, percent in numbers:
        share = known.get(facts.predicted if emotion is None else emotion)
        if share is not None and not _fits(percent, share):
            yield f"{percent:g} %", emotion, "number"


def _false_look(claim: _Claim, contrasts: Sequence[Facts]) -> Iterator[tuple[str, str | None, str]]:
    facts = contrasts[0]
    known = {one.region: one.share for one in facts.regions if one.share is not None}
    if not known or claim.region is None or len(contrasts) > 1:
        return
    if claim.region not in {one.region for one in facts.map_regions}:
        yield claim.region, None, "region"
    for percent in claim.percents:
        if not _fits(percent, known.get(claim.region, -1.0)):
            yield f"{percent:g} %", None, "number"


def _false_hiding(claim: _Claim, facts: Facts) -> Iterator[tuple[str, str | None, str]]:
    found = {one.region: one for one in facts.regions if one.prob_drop is not None}
    region = found.get(claim.region or "")
    if region is None:
        yield str(claim.region), None, "region"
        return
    fits = _hiding_fits(claim.percents, region, facts)
    decisive = facts.decisive_region
    is_decisive = decisive is not None and decisive.region == region.region
    if not is_decisive and not (claim.percents and fits):
        yield region.region, None, "region"
    if not fits:
        yield " and ".join(f"{percent:g} %" for percent in claim.percents), None, "number"
    *before, after = claim.emotions or [facts.target]
    answers = {region.hidden_prediction}
    if claim.is_change:
        answers = answers if facts.is_changed_by(region) else set()
    else:
        answers |= {facts.target}
    if claim.emotions and after not in answers:
        yield after, after, "answer"
    for emotion in before:
        if emotion not in {facts.predicted, facts.target, region.hidden_prediction}:
            yield emotion, emotion, "answer"


def _hiding_fits(percents: Sequence[float], region: RegionFact, facts: Facts) -> bool:
    before, after = facts.probability, facts.hidden_target_probability(region)
    if not percents:
        return True
    if before is None or after is None:
        return False
    if len(percents) == 2:
        return _fits(percents[0], before) and _fits(percents[1], after)
    alone = (after, region.hidden_probability, region.prob_drop)
    return len(percents) == 1 and any(
        value is not None and _fits(percents[0], value) for value in alone
    )


def _false_states(
    tokens: Tokens, mentions: Sequence[Mention], language: str, facts: Facts
) -> Iterator[tuple[str, str | None, str]]:
    marks = [
        (index, tokens.words[index].clause, kind)
        for index, _, kind in _matches(tokens, _claim_patterns(language))
        if kind in ("inside", "outside", "measured")
    ]
    attended = {one.au for one in (*facts.movements, *facts.unreported)}
    elsewhere = {one.au for one in facts.elsewhere}
    unknown = {one.au for one in facts.with_state(NOT_MEASURABLE)}
    absent = {one.au for one in facts.with_state(*ABSENT)}
    for mention in mentions:
        if mention.mood != STATED or mention.reading is not None:
            continue
        at = next(n for n, word in enumerate(tokens.words) if word.end > mention.start)
        clause = tokens.words[at].clause
        near = [kind for _, where, kind in marks if where == clause]
        if mention.negated:
            aus = set(mention.resolve_negated({*attended, *elsewhere}))
            if "measured" in near:
                wrong = aus & (attended | elsewhere | absent)
            elif "inside" in near:
                wrong = aus & (attended | unknown)
            else:
                wrong = aus & (attended | elsewhere | unknown)
        else:
            aus = set(mention.resolve({*attended, *elsewhere}))
            wrong = set()
            if "outside" in near:
                wrong = aus & attended
            elif "inside" in near:
                wrong = aus & (elsewhere - attended)
        for au in sorted(wrong):
            yield f"AU{au:02d}", None, "state"


def _read(items: Sequence[_Item]) -> tuple[list[_Claim], list[tuple[str | None, float]]]:
    """Return the claims about regions, and the percentages of classes."""
    kind = next((item.kind for item in items if item.kind in _GOVERNING), None)
    claims: list[_Claim] = []
    waiting: list[_Item] = []
    numbers: list[tuple[str | None, float]] = []
    emotion: str | None = None
    current: _Claim | None = None
    for number, item in enumerate(items):
        if item.kind in _GOVERNING:
            before = items[number - 1] if number else None
            if current is not None and _belongs_to(before, item):
                current.kind = item.kind
            elif kind != item.kind:
                current = None
            kind = item.kind
        elif item.kind == "region" and kind is not None:
            current = _Claim(item.value, kind)
            claims.append(current)
            for early in waiting:
                _attach(current, early)
            waiting = []
        elif item.kind == "changes" and current is not None:
            current.is_change = True
        elif item.kind in ("percent", "emotion"):
            if item.kind == "emotion":
                emotion = item.value
            if current is not None:
                _attach(current, item)
            elif kind is not None:
                waiting.append(item)
            elif item.kind == "percent":
                numbers.append((emotion, float(item.value)))
    last = None
    for item in waiting:
        if item.kind == "emotion":
            last = item.value
        else:
            numbers.append((last, float(item.value)))
    return claims, numbers


def _belongs_to(before: _Item | None, item: _Item) -> bool:
    """Return whether a word of hiding stands right behind its region, as in German."""
    return (
        before is not None
        and before.kind == "region"
        and before.clause == item.clause
        and item.kind == "hidden"
    )


def _attach(claim: _Claim, item: _Item) -> None:
    if item.kind == "percent":
        claim.percents.append(float(item.value))
    elif claim.kind == "hidden":
        claim.emotions.append(item.value)


def _items(
    sentence: str, tokens: Tokens, mentions: Sequence[Mention], language: str
) -> list[_Item]:
    words = tokens.words
    items = [
        _Item(found.start(), "percent", found[1].replace(",", "."))
        for found in _PERCENT.finditer(sentence)
    ]
    for first, _, kind in _matches(tokens, _claim_patterns(language)):
        items.append(_Item(words[first].start, kind, kind, words[first].clause))
    for first, _, region in _matches(tokens, _region_patterns(language)):
        start = words[first].start
        if not any(_is_within(tokens, mention, first) for mention in mentions):
            items.append(_Item(start, "region", region, words[first].clause))
    for word in words:
        emotion = emotion_of(word.text, language)
        if emotion is not None:
            items.append(_Item(word.start, "emotion", emotion))
    return sorted(items, key=lambda item: item.start)


def _is_within(tokens: Tokens, mention: Mention, at: int) -> bool:
    """Return whether a word is within a movement's words, or their object: "of the eyes"."""
    words = tokens.words
    if words[at].start < mention.start:
        return False
    last = max(n for n, word in enumerate(words) if word.start < mention.end)
    return at <= last or not tokens.between(last, at)


def _matches(
    tokens: Tokens, patterns: Sequence[tuple[Pattern, str]]
) -> Iterator[tuple[int, int, str]]:
    for start in range(len(tokens.words)):
        for pattern, name in patterns:
            indices = match(pattern, tokens.words, tokens.skippable, start)
            if indices:
                yield min(indices), max(indices), name


@cache
def _claim_patterns(language: str) -> tuple[tuple[Pattern, str], ...]:
    return _patterns(VOCABULARIES[language].claims)


@cache
def _region_patterns(language: str) -> tuple[tuple[Pattern, str], ...]:
    return _patterns(VOCABULARIES[language].regions)


def _patterns(table: Mapping[str, Sequence[str]]) -> tuple[tuple[Pattern, str], ...]:
    return tuple((parse(text), name) for name, texts in table.items() for text in texts)


def _probabilities(contrasts: Sequence[Facts]) -> dict[str, float | None]:
    known: dict[str, float | None] = {}
    for facts in reversed(contrasts):
        if facts.runner_up is not None:
            known[facts.runner_up] = facts.runner_up_probability
        known[facts.predicted] = facts.predicted_probability
        if facts.probability is not None:
            known[facts.target] = facts.probability
    if len(contrasts) > 1 and contrasts[1].probability is not None:
        known[contrasts[1].target] = contrasts[1].probability
    return known


def _fits(percent: float, share: float) -> bool:
    return abs(100 * share - percent) <= _ROUNDING or (percent == 1 and 0 <= share < 0.01)
