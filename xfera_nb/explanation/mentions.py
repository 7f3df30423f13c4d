"""Finds the movements that a sentence names, with the everyday words of the vocabulary.

Units
    Distances are in words; a comma counts `_COMMA`, "and" and "or" count `_AND`, because what they
    part belongs together less.
How
    1. The sentence is cut into words; clause marks part it where nothing is linked across.
    2. Codes ("AU06"), phrases, parts of the face and actions are found, the longest match first;
       a word serves one match.
    3. Actions and parts that have a rule are linked, the nearest first. A part or an action that
       is taken already is taken again only in a row: "raised and drawn-together eyebrows".
    4. A movement is negated by a negation shortly before it, within it, or shortly after it.
Limits
    No grammar: a sentence that tells movements in long nested clauses may be read wrongly.
Source
    Ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from xfera_nb.explanation import vocabulary as words

MAX_DISTANCE = 8
MAX_DISTANCE_IN_ROW = 5
NEGATION_BEFORE = 5
NEGATION_AFTER = 5
_COMMA, _AND = 3, 2

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+|[^\w\s]")
_BREAKING_MARKS = frozenset(";:()[]—–")
_JOINING = frozenset({",", "and", "or", "nor", "&", "+", "/"})
_ROW_WORDS = _JOINING | {"the", "a", "an", "any", "both", "as", "well"}


@dataclass(frozen=True, slots=True)
class Mention:
    """A movement that a sentence names.

    Parameters
    ----------
    aus : tuple of int
        The AUs that the words may mean, the most usual first.
    start, end : int
        Where the words are in the sentence, as a slice.
    negated : bool
        Whether the sentence says that it is not there.
    """

    aus: tuple[int, ...]
    start: int
    end: int
    negated: bool


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    clause: int


@dataclass(slots=True)
class _Span:
    """A match: words first to last (inclusive), and what they are."""

    first: int
    last: int
    kind: str
    names: tuple
    taken: bool = False


def find_mentions(sentence: str) -> tuple[Mention, ...]:
    """The movements that one sentence names, in the order of its words."""
    row = _words(sentence)
    spans = sorted(_spans(row), key=lambda span: span.first)
    found = [
        (span.first, span.last, aus) for span in spans if span.kind == "aus" for aus in span.names
    ]
    found += _link(row, spans)
    found.sort()
    negated = _negated(row, found, [span for span in spans if span.kind == "negation"])
    return tuple(
        Mention(aus, row[first].start, row[last].end, no)
        for (first, last, aus), no in zip(found, negated, strict=True)
    )


def find_emotion_words(sentence: str) -> tuple[tuple[str, str], ...]:
    """The emotion words of one sentence, as (word, emotion)."""
    found = []
    for word in _words(sentence):
        for emotion, patterns in words.EMOTION_WORDS.items():
            if any(_fits(_parse(pattern)[0], word.text) for pattern in patterns):
                found.append((word.text, emotion))
    return tuple(found)


def _words(sentence: str) -> list[_Word]:
    text = sentence.lower().replace("\u2019", "'")
    row: list[_Word] = []
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
        if token[0].isalnum() or token in _JOINING:
            row.append(_Word(token, match.start(), match.end(), clause))
    return row


Pattern = tuple[tuple[tuple[str, bool], ...], ...]


@cache
def _parse(pattern: str) -> Pattern:
    """Words -> alternatives -> (letters, whether any ending fits)."""
    return tuple(
        tuple((option.rstrip("*"), option.endswith("*")) for option in word.split("/"))
        for word in pattern.split()
    )


def _fits(options: Sequence[tuple[str, bool]], text: str) -> bool:
    return any(text.startswith(o) if open_ended else text == o for o, open_ended in options)


@cache
def _lexicon() -> Mapping[str, list[tuple[Pattern, str, object]]]:
    """First two letters of a pattern -> patterns, each with its kind and name."""
    entries = [(text, "aus", aus) for text, aus in words.PHRASES.items()]
    for kind, table in (
        ("negation", {None: words.NOT_NEGATIONS, **words.NEGATIONS}),
        ("part", words.PARTS),
        ("action", words.ACTIONS),
    ):
        entries += [(text, kind, name) for name, texts in table.items() for text in texts]
    lexicon: dict[str, list[tuple[Pattern, str, object]]] = {}
    for text, kind, name in entries:
        pattern = _parse(text)
        for letters in {option[:2] for option, _ in pattern[0]}:
            lexicon.setdefault(letters, []).append((pattern, kind, name))
    return lexicon


def _spans(row: Sequence[_Word]) -> Iterator[_Span]:
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
            yield _Span(min(indices), max(indices), kind, names)


def _match(pattern: Pattern, row: Sequence[_Word], start: int) -> frozenset[int] | None:
    indices, at, twist = [], start, False
    for options in pattern:
        if options == (("~", False),):
            twist = True
            continue
        reach = range(at, at + 1 + words.LONGEST_TWIST * twist)
        hit = next((i for i in reach if i < len(row) and _fits(options, row[i].text)), None)
        if hit is None or row[hit].clause != row[start].clause:
            return None
        if any(row[i].text in _JOINING for i in range(at, hit)):
            return None
        indices.append(hit)
        at, twist = hit + 1, False
    return frozenset(indices)


def _codes(row: Sequence[_Word]) -> Iterator[tuple[_Span, set[int]]]:
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
            yield _Span(first, at, "aus", ((int(row[at].text),),)), set(range(first, at + 1))
            step = 2 if at + 2 < len(row) and row[at + 1].text in _JOINING else 1
            mark = row[at + 1].text if step == 2 else ""
            first = at = at + step
            named = mark in ("+", "/") or (plural and step == 2)


def _distance(row: Sequence[_Word], a: _Span, b: _Span) -> int:
    low, high = sorted((a, b), key=lambda span: span.first)
    between = (row[index].text for index in range(low.last + 1, high.first))
    return sum(_COMMA if t == "," else _AND if t in _JOINING else 1 for t in between)


def _only_row_words(row: Sequence[_Word], a: _Span, b: _Span) -> bool:
    low, high = sorted((a, b), key=lambda span: span.first)
    return all(row[index].text in _ROW_WORDS for index in range(low.last + 1, high.first))


def _link(
    row: Sequence[_Word], spans: Sequence[_Span]
) -> list[tuple[int, int, tuple[int, ...]]]:
    parts = [span for span in spans if span.kind == "part"]
    actions = [span for span in spans if span.kind == "action"]
    pairs = sorted(
        (
            (_distance(row, action, part), n_action, n_part)
            for n_action, action in enumerate(actions)
            for n_part, part in enumerate(parts)
            if row[action.first].clause == row[part.first].clause and _rules(part, action)
        ),
    )
    links: list[tuple[_Span, _Span]] = []
    for distance, n_action, n_part in pairs:
        action, part = actions[n_action], parts[n_part]
        if distance > MAX_DISTANCE or (action.taken and part.taken):
            continue
        if part.taken and (
            distance > MAX_DISTANCE_IN_ROW or _anything_between(parts, action, part)
        ):
            continue
        if action.taken and not any(
            linked is action
            and (other.first < action.first) == (part.first < action.first)
            and _only_row_words(row, other, part)
            for linked, other in links
        ):
            continue
        action.taken = part.taken = True
        links.append((action, part))
    return [
        (min(action.first, part.first), max(action.last, part.last), aus)
        for action, part in links
        for aus in _aus(row, action, part, links)
    ]


def _anything_between(spans: Sequence[_Span], a: _Span, b: _Span) -> bool:
    low, high = sorted((a, b), key=lambda span: span.first)
    return any(low.last < span.first < high.first for span in spans)


def _rules(part: _Span, action: _Span) -> list[str]:
    return [name for name in action.names if (part.names[0], name) in words.RULES]


def _aus(
    row: Sequence[_Word], action: _Span, part: _Span, links: Sequence[tuple[_Span, _Span]]
) -> list[tuple[int, ...]]:
    names = _rules(part, action)
    beside = [
        other
        for other, its_part in links
        if its_part is part and other is not action and _is_beside(row, action, other)
    ]
    if beside and set(names) <= words.VAGUE_ACTIONS:
        return []
    return [words.RULES[part.names[0], names[0]]]


def _is_beside(row: Sequence[_Word], a: _Span, b: _Span) -> bool:
    low, high = sorted((a, b), key=lambda span: span.first)
    between = [row[index].text for index in range(low.last + 1, high.first)]
    return len(between) <= words.LONGEST_TWIST and not _JOINING.intersection(between)


def _negated(
    row: Sequence[_Word],
    found: Sequence[tuple[int, int, tuple[int, ...]]],
    negations: Sequence[_Span],
) -> list[bool]:
    anywhere = {i for span in negations for i in range(span.first, span.last + 1)}
    around = {
        i for span in negations if "around" in span.names for i in range(span.first, span.last + 1)
    }
    answers: list[bool] = []
    for number, (first, last, _) in enumerate(found):
        clause = row[first].clause
        before = _until_break(row, range(first - 1, first - 1 - NEGATION_BEFORE, -1), clause)
        after = _until_break(row, range(last + 1, last + 1 + NEGATION_AFTER), clause)
        starts = {other_first for other_first, _, _ in found}
        stop = next((n for n, index in enumerate(after) if index in starts), len(after))
        answer = not (
            anywhere.isdisjoint([*before, *range(first, last + 1)])
            and around.isdisjoint(after[:stop])
        )
        if not answer and number and answers[-1]:
            answer = _goes_on(row, found[number - 1][1], first)
        answers.append(answer)
    return answers


def _until_break(row: Sequence[_Word], indices: range, clause: int) -> list[int]:
    kept = []
    for index in indices:
        inside = 0 <= index < len(row) and row[index].clause == clause
        if not inside or row[index].text in _JOINING:
            break
        kept.append(index)
    return kept


def _goes_on(row: Sequence[_Word], last: int, first: int) -> bool:
    """Whether a negation goes on to the next movement: "no A, B or C"."""
    between = {row[index].text for index in range(last + 1, first)}
    same = last < first and row[last].clause == row[first].clause
    return same and bool(between) and between <= {",", "or", "nor", "the", "a", "an", "any"}
