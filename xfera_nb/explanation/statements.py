"""Part a sentence into statements that can be read alone, by marks and words, without grammar.

What is parted
    A relative clause between commas whose main clause goes on behind it ("the brows, which ...,
    are raised") is read apart, behind the part of the face that it describes; the main clause is
    read without it. What a sentence denies at its start ("instead of rising, the lip corners
    sink") is read with the part that follows, and denied. A smile that reaches the eyes, or does
    not, is AU 6, there or denied.
Limits
    A relative clause at the end of a sentence stays a part of it.
Source
    Ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from xfera_nb.explanation.mentions import Mention
from xfera_nb.explanation.qualifiers import Qualifiers
from xfera_nb.explanation.tokens import (
    Span,
    Token,
    Tokens,
    arrange,
    find_patterns,
    find_spans,
    fits,
    match,
    parse,
)
from xfera_nb.explanation.vocabulary import first

MAX_TO_EYES = 6
MAX_TO_DENIAL = 5
MAX_CONTRAST = 12
MAX_RELATIVE = 50
MAX_TO_PART = 12


@dataclass(frozen=True, slots=True)
class Statement:
    """Hold words that are read together, and whether the sentence denies all that they name."""

    tokens: Tokens
    is_denied: bool = False


def part_statements(tokens: Tokens) -> tuple[list[Statement], list[Mention]]:
    """Part a sentence.

    Parameters
    ----------
    tokens : Tokens

    Returns
    -------
    list of Statement
    list of Mention
        Smiles that reach the eyes or do not.
    """
    main, inner = _part_relatives(tokens)
    main, denied = _part_contrast(main)
    statements, smiles = [], []
    for statement in (Statement(main), *denied, *map(Statement, inner)):
        rest, found = _part_smiles(statement.tokens)
        statements.append(replace(statement, tokens=rest))
        smiles += found
    return statements, smiles


def parts_of(tokens: Tokens) -> list[Span]:
    """Return the parts of the face that words name, in their order."""
    spans = (span for span in find_spans(tokens) if span.kind == "part")
    return sorted(spans, key=lambda span: span.first)


def _part_relatives(tokens: Tokens) -> tuple[Tokens, list[Tokens]]:
    words, inner = tokens.words, []
    kept: list[Token] = []
    clauses = stretches = at = 0
    while at < len(words):
        found = _relative_at(words, at, tokens)
        if found is None:
            word = words[at]
            kept.append(
                replace(word, clause=word.clause - clauses, stretch=word.stretch - stretches)
            )
            at += 1
            continue
        begin, end, is_owner = found
        before = arrange(words[max(0, at - MAX_TO_PART) : at], tokens.vocabulary)
        parts = parts_of(before)
        if parts:
            part = before.words[parts[-1].first : parts[-1].last + 1]
            inner.append(_join(part, words[begin:end], tokens, is_owner))
        # The rest of the main clause is numbered as if nothing stood between.
        clauses = words[end + 1].clause - kept[-1].clause
        stretches = words[end + 1].stretch - kept[-1].stretch
        at = end + 1
    return (arrange(kept, tokens.vocabulary) if len(kept) < len(words) else tokens), inner


def _relative_at(words: Sequence[Token], at: int, tokens: Tokens) -> tuple[int, int, bool] | None:
    """Return where a relative clause behind a comma begins and ends (a comma), and its kind."""
    table = tokens.vocabulary.discourse
    if not at or words[at].text != ",":
        return None
    begins = [
        max(indices)
        for pattern in table.relative
        if (indices := match(parse(pattern), words, frozenset(), at + 1))
    ]
    if not begins:
        return None
    begin = max(begins)
    resuming = [parse(pattern)[0] for pattern in table.resuming]
    for end in range(begin + 1, min(len(words) - 1, begin + MAX_RELATIVE)):
        if words[end].stretch > words[at].stretch + 1:
            return None
        following = words[end + 1].text
        if words[end].text == "," and any(fits(options, following) for options in resuming):
            is_owner = any(fits(parse(p)[0], words[begin].text) for p in table.whose)
            return begin + 1, end, is_owner
    return None


def _join(part: Sequence[Token], words: Sequence[Token], tokens: Tokens, is_owner: bool) -> Tokens:
    """Put a part of the face before what is said of it, in one clause."""
    clause, stretch = words[0].clause, words[0].stretch
    placed = [replace(word, clause=clause, stretch=stretch) for word in part]
    if is_owner and len(words) > 1:
        return own(placed, words, 0, tokens)
    return arrange([*placed, *words], tokens.vocabulary)


def own(part: Sequence[Token], words: Sequence[Token], at: int, tokens: Tokens) -> Tokens:
    """Put a part of the face to the piece of it that begins at a word: "corners", "mouth".

    Of "mouth corners", "corners mouth" and "mouthcorners", the first that is a part is taken.
    """
    head, piece, rest = list(words[:at]), words[at], list(words[at + 1 :])
    joined = replace(piece, text="".join(word.text for word in part) + piece.text)
    pairs = ([piece, *part], [*part, piece], [joined])
    for pair in (pairs[1], pairs[0], pairs[2]):
        whole = arrange([*head, *pair, *rest], tokens.vocabulary)
        span = range(at, at + len(pair))
        # Adjectives may stand between: "la cui parte interna".
        if any(s.first == at and s.last >= span[-1] for s in parts_of(whole)):
            return whole
    if rest:
        whole = arrange([*head, *part, piece, *rest], tokens.vocabulary)
        if any(s.first == at and s.last > at + len(part) for s in parts_of(whole)):
            return whole
        whole = arrange([*head, piece, rest[0], *part, *rest[1:]], tokens.vocabulary)
        if any(s.first == at and s.last > at + 1 for s in parts_of(whole)):
            return whole
    return arrange([*head, *part, piece, *rest], tokens.vocabulary)


def _part_contrast(tokens: Tokens) -> tuple[Tokens, list[Statement]]:
    """Part what a stretch of a sentence denies at its start from what it says instead."""
    words = tokens.words
    kept: list[Token] = []
    denied: list[Statement] = []
    for stretch in _stretches(words):
        found = _contrast(stretch, tokens)
        if found is None:
            kept += stretch
            continue
        begin, end = found
        rest = stretch[end:]
        rest = rest[1:] if rest and rest[0].text == "," else rest
        phrase = arrange(stretch[begin:end], tokens.vocabulary)
        if not parts_of(phrase) and not any(s.kind == "aus" for s in find_spans(phrase)):
            parts = parts_of(arrange(rest, tokens.vocabulary))
            part = rest[parts[0].first : parts[0].last + 1] if parts else []
            clause = stretch[begin].clause if begin < len(stretch) else 0
            placed = [replace(word, clause=clause) for word in part]
            phrase = arrange([*placed, *phrase.words], tokens.vocabulary)
        denied.append(Statement(phrase, is_denied=True))
        kept += rest
    if not denied:
        return tokens, []
    return arrange(kept, tokens.vocabulary), denied


def _contrast(words: Sequence[Token], tokens: Tokens) -> tuple[int, int] | None:
    """Return where the words denied at the start of a stretch begin and end."""
    table = tokens.vocabulary.discourse
    starts = [
        max(indices) + 1
        for start in range(min(2, len(words)))
        for pattern in table.contrasts
        if (indices := match(parse(pattern), words, frozenset(), start))
    ]
    if not starts:
        return None
    begin = max(starts)
    ends = [parse(pattern)[0] for pattern in table.contrast_ends]
    near = range(begin + 1, min(len(words), begin + MAX_CONTRAST))
    comma = next((n for n in near if words[n].text == ","), None)
    verb = next((n for n in near if any(fits(o, words[n].text) for o in ends)), None)
    if comma is None and verb is None:
        return None
    return begin, comma if comma is not None else verb or 0


def _stretches(words: Sequence[Token]) -> Iterator[list[Token]]:
    current: list[Token] = []
    for word in words:
        if current and word.stretch != current[-1].stretch:
            yield current
            current = []
        current.append(word)
    if current:
        yield current


def _part_smiles(tokens: Tokens) -> tuple[Tokens, list[Mention]]:
    """Take the words of a smile that reaches the eyes out of a sentence."""
    words, table = tokens.words, tokens.vocabulary.discourse
    eyes = {span.first: span for span in parts_of(tokens) if span.names[0] == "eye"}
    verbs = find_patterns(words, table.reaching) if eyes else []
    denials = {i for found in find_patterns(words, table.denials) for i in found} if verbs else ()
    smiles: list[Mention] = []
    gone: set[int] = set()
    for verb in verbs:
        low, high = min(verb), max(verb)
        near = [
            eyes[at]
            for at in range(low - MAX_TO_EYES - 1, high + MAX_TO_EYES + 1)
            if at in eyes and at not in gone and words[at].stretch == words[low].stretch
        ]
        if not near:
            continue
        eye = min(near, key=lambda one: min(abs(one.first - high), abs(low - one.last)))
        low, high = min(low, eye.first), max(high, eye.last)
        denying = [
            at
            for at in range(low - MAX_TO_DENIAL, high + MAX_TO_DENIAL + 1)
            # "erreicht die Augen jedoch nicht": a conjunction may stand before the denial.
            if at in denials and (words[at].stretch == words[low].stretch or at == high + 1)
        ]
        begin, end = min([low, *denying]), max([high, *denying])
        smiles.append(
            Mention(first(6), words[begin].start, words[end].end, bool(denying), Qualifiers())
        )
        gone |= {*range(low, high + 1), *denying}
    if not smiles:
        return tokens, []
    kept = [word for number, word in enumerate(words) if number not in gone]
    return arrange(kept, tokens.vocabulary), smiles
