"""Cuts a sentence into words and finds parts of the face, actions, negations and AU codes in it.

The notation of the patterns stands in `xfera_nb.explanation.vocabulary`. The longest match comes
first, and a word serves one match. Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from xfera_nb.explanation import vocabulary as words

JOINING = frozenset({",", "and", "or", "nor", "&", "+", "/"})
"""Marks and words that join movements in a row."""

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+|[^\w\s]")
_BREAKING_MARKS = frozenset(";:()[]\u2014\u2013")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or joining mark, where it is in the sentence, and the number of its clause."""

    text: str
    start: int
    end: int
    clause: int


@dataclass(frozen=True, slots=True)
class Span:
    """A match.

    Parameters
    ----------
    first, last : int
        Its words (both inclusive).
    kind : {"aus", "part", "action", "negation"}
    names : tuple
        For "aus" what is meant, else keys of the vocabulary's table.
    """

    first: int
    last: int
    kind: str
    names: tuple


def cut(sentence: str) -> list[Word]:
    """The words of a sentence, without those that patterns leave out."""
    text = sentence.lower().replace("\u2019", "'")
    row: list[Word] = []
    clause, after_of = 0, False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in _BREAKING_MARKS or token in words.CLAUSE_BREAKS:
            clause += 1
            continue
        if token == "of" and not (row and row[-1].text in words.OF_STAYS_AFTER):
            after_of = True
            continue
        if token in words.DROPPED or (after_of and token in words.AFTER_OF):
            continue
        after_of = False
        if token[0].isalnum() or token in JOINING:
            row.append(Word(token, match.start(), match.end(), clause))
    return row


Pattern = tuple[tuple[tuple[str, bool], ...], ...]


@cache
def parse(pattern: str) -> Pattern:
    """Words -> alternatives -> (letters, whether any ending fits)."""
    return tuple(
        tuple((option.rstrip("*"), option.endswith("*")) for option in word.split("/"))
        for word in pattern.split()
    )


def fits(options: Sequence[tuple[str, bool]], text: str) -> bool:
    """Whether a word is one of a pattern's alternatives."""
    return any(text.startswith(o) if open_ended else text == o for o, open_ended in options)


@cache
def _lexicon() -> Mapping[str, list[tuple[Pattern, str, object]]]:
    """First two letters of a pattern -> patterns, each with its kind and name."""
    entries = [(text, "aus", meanings) for text, meanings in words.PHRASES.items()]
    for kind, table in (
        ("negation", {None: words.NOT_NEGATIONS, **words.NEGATIONS}),
        ("part", words.PARTS),
        ("action", words.ACTIONS),
    ):
        entries += [(text, kind, name) for name, texts in table.items() for text in texts]
    lexicon: dict[str, list[tuple[Pattern, str, object]]] = {}
    for text, kind, name in entries:
        pattern = parse(text)
        for letters in {option[:2] for option, _ in pattern[0]}:
            lexicon.setdefault(letters, []).append((pattern, kind, name))
    return lexicon


def find_spans(row: Sequence[Word]) -> Iterator[Span]:
    """All matches in a row of words, codes first, then by length."""
    used: set[int] = set()
    for span, indices in _codes(row):
        used |= indices
        yield span
    matches: dict[tuple[frozenset[int], str], list[object]] = {}
    for start, word in enumerate(row):
        if word.text.endswith("n't"):
            matches[frozenset({start}), "negation"] = ["around"]
        for pattern, kind, name in _lexicon().get(word.text[:2], ()):
            indices = _match(pattern, row, start)
            if indices:
                matches.setdefault((indices, kind), []).append(name)
    # Longest first; of equals the earlier one, and a whole phrase before a part or an action.
    kinds = ("aus", "negation", "part", "action")
    for indices, kind in sorted(
        matches, key=lambda match: (-len(match[0]), min(match[0]), kinds.index(match[1]))
    ):
        if used & indices:
            continue
        used |= indices
        names = tuple(dict.fromkeys(matches[indices, kind]))
        if names != (None,):
            yield Span(min(indices), max(indices), kind, names)


def _match(pattern: Pattern, row: Sequence[Word], start: int) -> frozenset[int] | None:
    indices, at, twist = [], start, False
    for options in pattern:
        if options == (("~", False),):
            twist = True
            continue
        reach = range(at, at + 1 + words.LONGEST_TWIST * twist)
        hit = next((i for i in reach if i < len(row) and fits(options, row[i].text)), None)
        if hit is None or row[hit].clause != row[start].clause:
            return None
        if any(row[i].text in JOINING for i in range(at, hit)):
            return None
        indices.append(hit)
        at, twist = hit + 1, False
    return frozenset(indices)


def _codes(row: Sequence[Word]) -> Iterator[tuple[Span, set[int]]]:
    """AU codes: "AU06", "AU 6", "action units 6 and 12", "AU6+12"."""
    at = 0
    while at < len(row):
        text, first = row[at].text, at
        plural = text in ("aus", "units")
        named = text in ("au", "aus")
        if text in ("unit", "units"):
            named = at > 0 and row[at - 1].text == "action"
        at += 1
        while named and at < len(row) and row[at].text.isdecimal():
            meanings = words.first(int(row[at].text))
            yield Span(first, at, "aus", (meanings,)), set(range(first, at + 1))
            step = 2 if at + 2 < len(row) and row[at + 1].text in JOINING else 1
            mark = row[at + 1].text if step == 2 else ""
            first = at = at + step
            named = mark in ("+", "/") or (plural and step == 2)
