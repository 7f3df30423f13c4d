"""Tokenize a sentence, and find parts of the face, actions, negations and AU codes in it.

`xfera_nb.explanation.vocabulary.model` describes the notation of the patterns. The longest match
comes first, and a word belongs to one match. Source: ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from xfera_nb.explanation.vocabulary import MAX_GAP, Vocabulary, first

MARKS = frozenset({",", "&", "+", "/"})
"""Marks that join movements in a row, as the language's joining words do."""

_WORD = r"[^\W\d_]+"
_TOKEN = re.compile(rf"{_WORD}(?:'{_WORD})*|\d+|[^\w\s]")
_ELIDED = re.compile(rf"{_WORD}|\d+|[^\w\s]")
_BREAKING_MARKS = frozenset(";:()[]\u2014\u2013")
_AFTER_OF = frozenset({"the", "a", "an", "both", "each", "his", "her", "their", "your", "this"})
_SHORTEST_REST = 4

Pattern = tuple[tuple[tuple[str, bool], ...], ...]


@dataclass(frozen=True, slots=True)
class Token:
    """Hold a word or joining mark, its place in the sentence, and the numbers of its clauses.

    Parameters
    ----------
    text : str
        In lower case without accents.
    start, end : int
        Its place in the sentence, as a slice.
    clause : int
        Rises at each mark or word that parts clauses; nothing is linked across it.
    in_parentheses : bool
    is_dropped : bool
        Whether patterns may skip it: an article, say.
    stretch : int
        Rises at semicolons, colons and conjunctions only: how far a condition reaches.
    """

    text: str
    start: int
    end: int
    clause: int
    in_parentheses: bool = False
    is_dropped: bool = False
    stretch: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Hold a match.

    Parameters
    ----------
    first, last : int
        Its words (both inclusive).
    kind : {"aus", "part", "action", "negation", "side", "strength"}
    names : tuple
        For "aus" what is meant, else keys of the vocabulary's table.
    """

    first: int
    last: int
    kind: str
    names: tuple[Any, ...]


@dataclass(frozen=True)
class Tokens:
    """Hold a sentence as its words.

    Parameters
    ----------
    words : tuple of Token
    marks : tuple of Span
        Words of side and strength.
    skippable : frozenset of int
        Indices of words that patterns may skip and distances do not count.
    vocabulary : Vocabulary
    """

    words: tuple[Token, ...]
    marks: tuple[Span, ...]
    skippable: frozenset[int]
    vocabulary: Vocabulary

    def between(self, low: int, high: int) -> list[str]:
        """Return the words that count after `low` and before `high`."""
        indices = range(low + 1, high)
        return [self.words[index].text for index in indices if index not in self.skippable]

    def joins(self, text: str) -> bool:
        """Return whether a word or mark joins movements in a row."""
        return text in MARKS or text in self.vocabulary.joining


def fold(text: str) -> str:
    """Return lower case without accents, letter by letter: the length stays."""
    if text.isascii():
        return text.lower()
    return "".join(unicodedata.normalize("NFKD", c.lower())[0] for c in text).replace("\u2019", "'")


@lru_cache(maxsize=64)
def tokenize(sentence: str, vocabulary: Vocabulary) -> Tokens:
    """Split a sentence into words, with their marks of side and strength."""
    words: list[Token] = []
    clause, stretch, after_of, in_parentheses = 0, 0, False, False
    pieces = list(_pieces(fold(sentence), vocabulary))
    for number, (text, start, end) in enumerate(pieces):
        text = fold(vocabulary.aliases.get(sentence[start:end].lower(), text))
        following = pieces[number + 1][0] if number + 1 < len(pieces) else ""
        if text in _BREAKING_MARKS or _breaks(text, following, vocabulary):
            clause += 1
            stretch += text in ":;" or text in vocabulary.breaks
            in_parentheses = text == "(" or (in_parentheses and text != ")")
            continue
        if not (text[0].isalnum() or text in MARKS):
            continue
        of = vocabulary.drop_of and text == "of"
        is_dropped = of or (after_of and text in _AFTER_OF) or text in vocabulary.dropped
        after_of = of
        words.append(Token(text, start, end, clause, in_parentheses, is_dropped, stretch))
    return arrange(words, vocabulary)


def _breaks(text: str, following: str, vocabulary: Vocabulary) -> bool:
    """Return whether a word parts clauses; "invece" does, "invece di" (instead of) does not."""
    return text in vocabulary.breaks and not any(
        len(words) > 1 and fits(words[0], text) and fits(words[1], following)
        for words in map(parse, vocabulary.discourse.contrasts)
    )


def arrange(words: Sequence[Token], vocabulary: Vocabulary) -> Tokens:
    """Make tokens of some words of a sentence, in the order given, with their marks."""
    skippable = {number for number, word in enumerate(words) if word.is_dropped}
    marks = tuple(_marks(words, vocabulary))
    skippable |= {i for mark in marks for i in range(mark.first, mark.last + 1)}
    return Tokens(tuple(words), marks, frozenset(skippable), vocabulary)


def _pieces(text: str, vocabulary: Vocabulary) -> Iterator[tuple[str, int, int]]:
    token = _ELIDED if vocabulary.elided else _TOKEN
    for match in token.finditer(text):
        heads = (head for head in _heads(vocabulary) if match[0].startswith(head))
        head = next(heads, "")
        if head and len(match[0]) - len(head) >= _SHORTEST_REST:
            middle = match.start() + len(head)
            yield match[0][: len(head)], match.start(), middle
            yield match[0][len(head) :], middle, match.end()
        else:
            yield match[0], match.start(), match.end()


@cache
def _heads(vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(sorted(map(fold, vocabulary.compounds), key=len, reverse=True))


@cache
def parse(pattern: str) -> Pattern:
    """Parse a pattern: words -> alternatives -> (letters, whether any ending fits)."""
    return tuple(
        tuple((option.rstrip("*"), option.endswith("*")) for option in word.split("/"))
        for word in fold(pattern).split()
    )


def fits(options: Sequence[tuple[str, bool]], text: str) -> bool:
    """Return whether a word is one of a pattern's alternatives."""
    return any(text.startswith(o) if open_ended else text == o for o, open_ended in options)


Lexicon = Mapping[str, list[tuple[Pattern, str, object]]]


def build_lexicon(entries: Iterable[tuple[str, str, object]]) -> Lexicon:
    """Build the table: first two letters of a pattern -> patterns with their kind and name."""
    table: dict[str, list[tuple[Pattern, str, object]]] = {}
    for text, kind, name in entries:
        pattern = parse(text)
        for letters in {option[:2] for option, _ in pattern[0]}:
            table.setdefault(letters, []).append((pattern, kind, name))
    return table


@cache
def _movements(vocabulary: Vocabulary) -> Lexicon:
    entries: list[tuple[str, str, object]] = [
        (text, "aus", meanings) for text, meanings in vocabulary.phrases.items()
    ]
    negations = {
        None: vocabulary.idioms,
        "after": vocabulary.negated_after,
        "around": vocabulary.negated_around,
    }
    tables = (
        ("negation", negations), ("part", vocabulary.parts), ("action", vocabulary.actions),
    )  # fmt: skip
    for kind, table in tables:
        entries += [(text, kind, name) for name, texts in table.items() for text in texts]
    return build_lexicon(entries)


@cache
def _words_of_marks(vocabulary: Vocabulary) -> Lexicon:
    tables = (("side", vocabulary.sides), ("strength", vocabulary.strengths))
    return build_lexicon(
        (text, kind, name)
        for kind, table in tables
        for name, texts in table.items()
        for text in texts
    )


def _marks(words: Sequence[Token], vocabulary: Vocabulary) -> Iterator[Span]:
    found: dict[tuple[frozenset[int], str], list[object]] = {}
    table = _words_of_marks(vocabulary)
    for start, word in enumerate(words):
        for pattern, kind, name in table.get(word.text[:2], ()):
            indices = match(pattern, words, frozenset(), start)
            if indices:
                found.setdefault((indices, kind), []).append(name)
    used: set[int] = set()
    for indices, kind in sorted(found, key=lambda key: (-len(key[0]), min(key[0]))):
        if not used & indices:
            used |= indices
            yield Span(min(indices), max(indices), kind, (found[indices, kind][0],))


def find_spans(tokens: Tokens) -> Iterator[Span]:
    """Find all matches in a sentence, codes first, then by length."""
    vocabulary = tokens.vocabulary
    used: set[int] = set()
    for span in _codes(tokens):
        used |= set(range(span.first, span.last + 1))
        yield span
    found: dict[tuple[frozenset[int], str], list[object]] = {}
    table = _movements(vocabulary)
    for start, word in enumerate(tokens.words):
        if vocabulary.negative_ending and word.text.endswith(vocabulary.negative_ending):
            found[frozenset({start}), "negation"] = ["around"]
        for pattern, kind, name in table.get(word.text[:2], ()):
            indices = match(pattern, tokens.words, tokens.skippable, start, tokens.joins)
            if indices:
                found.setdefault((indices, kind), []).append(name)
    # Longest first; of equals the earlier one, and a whole phrase before a part or an action.
    kinds = ("aus", "negation", "part", "action")
    for indices, kind in sorted(
        found, key=lambda key: (-len(key[0]), min(key[0]), kinds.index(key[1]))
    ):
        if used & indices:
            continue
        used |= indices
        names = tuple(dict.fromkeys(found[indices, kind]))
        if names != (None,):
            yield Span(min(indices), max(indices), kind, names)


@cache
def _lexicon_of(patterns: tuple[str, ...]) -> Lexicon:
    return build_lexicon((text, "pattern", None) for text in patterns)


def find_patterns(
    words: Sequence[Token], patterns: tuple[str, ...], skippable: frozenset[int] = frozenset()
) -> list[frozenset[int]]:
    """Return the words of each match of some patterns, in their order."""
    table = _lexicon_of(patterns)
    found = (
        match(pattern, words, skippable, start)
        for start, word in enumerate(words)
        for pattern, _, _ in table.get(word.text[:2], ())
    )
    return [indices for indices in found if indices]


def match(
    pattern: Pattern,
    words: Sequence[Token],
    skippable: frozenset[int],
    start: int,
    joins: Callable[[str], bool] | None = None,
) -> frozenset[int] | None:
    """Return the indices of the words that a pattern matches from `start` on, or None."""
    indices: list[int] = []
    at, in_gap = start, False
    for options in pattern:
        if options == (("~", False),):
            in_gap = True
            continue
        left = MAX_GAP if in_gap else 0
        while at < len(words) and not fits(options, words[at].text):
            if not indices or (joins is not None and joins(words[at].text)):
                return None
            if at not in skippable:
                left -= 1
            if left < 0:
                return None
            at += 1
        if at == len(words) or words[at].clause != words[start].clause:
            return None
        indices.append(at)
        at, in_gap = at + 1, False
    return frozenset(indices)


@cache
def _code_patterns(vocabulary: Vocabulary) -> tuple[tuple[Pattern, bool], ...]:
    ordered = sorted(vocabulary.codes.items(), key=lambda item: -len(item[0].split()))
    return tuple((parse(text), plural) for text, plural in ordered)


def _codes(tokens: Tokens) -> Iterator[Span]:
    """Find AU codes: "AU06", "AU 6", "action units 6 and 12", "AU6+12"."""
    words, at = tokens.words, 0
    while at < len(words):
        begin, named, plural = at, False, False
        for pattern, several in _code_patterns(tokens.vocabulary):
            indices = match(pattern, words, tokens.skippable, at)
            if indices:
                at, named, plural = max(indices), True, several
                break
        at += 1
        while named and at < len(words) and words[at].text.isdecimal():
            yield Span(begin, at, "aus", (first(int(words[at].text)),))
            joined = at + 2 < len(words) and tokens.joins(words[at + 1].text)
            step = 2 if joined else 1
            # "1, 2, and 5"
            if joined and at + 3 < len(words) and tokens.joins(words[at + 2].text):
                step = 3
            mark = words[at + 1].text if joined else ""
            begin = at = at + step
            named = mark in ("+", "/") or (plural and joined)
