"""Find what a pronoun or possessive means that takes up a part of the face.

An action that belongs to no part ("they are raised") is read again with each part of the nearest
stretch before it in the pronoun's place; a part counts if the action then means a movement. In the
singular and the plural only parts of that number count. Where a language leaves the pronoun out, a
verb at the start takes its place. Several parts that count are several readings. Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xfera_nb.explanation.mentions import Reading, read_movements
from xfera_nb.explanation.statements import own, parts_of
from xfera_nb.explanation.tokens import Token, Tokens, arrange, fits, parse
from xfera_nb.explanation.vocabulary.model import Patterns

MAX_VERB_PLACE = 3
MAX_ANTECEDENTS = 6
MAX_PLACES = 6


@dataclass(frozen=True, slots=True)
class Antecedent:
    """Hold a part of the face that a text has named: its words, and whether it is one."""

    words: tuple[Token, ...]
    is_one: bool


def find_antecedents(tokens: Tokens) -> tuple[Antecedent, ...]:
    """Find the parts of the face that words name, each once."""
    table = tokens.vocabulary.discourse
    found: dict[tuple[str, ...], Antecedent] = {}
    for span in parts_of(tokens):
        words = tokens.words[span.first : span.last + 1]
        is_one = all(_is(word.text, table.singular) or word.is_dropped for word in words)
        heads = [word for word in words if not word.is_dropped]
        is_one = is_one or any(_is(word.text, table.singular) for word in heads[-1:])
        if tokens.vocabulary.language == "en" and any(w.text.endswith("s") for w in heads):
            is_one = False
        found.setdefault(tuple(word.text for word in words), Antecedent(words, is_one))
    return tuple(found.values())[-MAX_ANTECEDENTS:]


def read_references(tokens: Tokens, before: Sequence[Antecedent]) -> list[tuple[Tokens, Reading]]:
    """Read words with what their pronouns may mean.

    Parameters
    ----------
    tokens : Tokens
    before : sequence of Antecedent
        The parts that they may mean.

    Returns
    -------
    list of (Tokens, Reading)
        One where the words need no antecedent, or have one that fits; several where several fit.
    """
    plain = read_movements(tokens)
    places = _places(tokens, plain) if before and plain.loose else []
    if not places:
        return [(tokens, plain)]
    readings: dict[tuple[object, ...], tuple[Tokens, Reading]] = {}
    for one in before:
        fitting = [place for place in places if place[1] in (None, one.is_one)]
        if not fitting:
            continue
        changed = _replace(tokens, fitting, one)
        reading = read_movements(changed)
        if len(reading.loose) < len(plain.loose) and len(reading.mentions) > len(plain.mentions):
            key = tuple((m.meanings, m.negated) for m in reading.mentions)
            readings.setdefault(key, (changed, reading))
    return list(readings.values()) or [(tokens, plain)]


def _places(tokens: Tokens, plain: Reading) -> list[tuple[int, bool | None, str]]:
    """Return (word, whether it means one part, kind) of each pronoun that may take one up."""
    table = tokens.vocabulary.discourse
    loose = {tokens.words[span.first].stretch for span in plain.loose}
    words = tokens.words
    places: list[tuple[int, bool | None, str]] = []
    for number, word in enumerate(words):
        if word.stretch not in loose:
            continue
        starts = not number or words[number - 1].stretch != word.stretch
        if _is(word.text, table.owners):
            places.append((number, None, "owner"))
        elif _is(word.text, table.one) or _is(word.text, table.many):
            one, many = _is(word.text, table.one), _is(word.text, table.many)
            places.append((number, None if one and many else one, "pronoun"))
        elif starts:
            places += _silent(tokens, number)
    return places[:MAX_PLACES]


def _silent(tokens: Tokens, start: int) -> list[tuple[int, bool | None, str]]:
    """Return the place of a subject that is left out at the start of a stretch."""
    table, words = tokens.vocabulary.discourse, tokens.words
    for number in range(start, min(len(words), start + MAX_VERB_PLACE)):
        if words[number].stretch != words[start].stretch:
            return []
        one = _is(words[number].text, table.verbs_of_one)
        many = _is(words[number].text, table.verbs_of_many)
        if one or many:
            return [(number, None if one and many else one, "silent")]
    return []


def _replace(
    tokens: Tokens, places: Sequence[tuple[int, bool | None, str]], one: Antecedent
) -> Tokens:
    words = list(tokens.words)
    for number, _, kind in reversed(places):
        pronoun = words[number]
        part = [replace(pronoun, text=word.text, is_dropped=word.is_dropped) for word in one.words]
        if kind == "owner" and number + 1 < len(words):
            del words[number]
            words = list(own(part, words, number, tokens).words)
        else:
            words[number : number + (kind == "pronoun")] = part
    return arrange(words, tokens.vocabulary)


def _is(text: str, patterns: Patterns) -> bool:
    return any(fits(parse(pattern)[0], text) for pattern in patterns)
