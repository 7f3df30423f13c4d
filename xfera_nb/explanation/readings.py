"""Read a text for the movements that it names, each sentence in the light of those before it.

Headings
    A line or the head of one, before a colon, that names no movement and says that something is
    missing ("Not detected:") denies what follows it: the rest of its line, and the list below it.
Sentences
    `statements` parts them, `references` finds what pronouns mean, `moods` what is stated.
Source
    Ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from xfera_nb.explanation.mentions import Mention, Reading, read_movements
from xfera_nb.explanation.moods import find_moods
from xfera_nb.explanation.references import Antecedent, find_antecedents, read_references
from xfera_nb.explanation.statements import Statement, part_statements
from xfera_nb.explanation.tokens import Tokens, arrange, find_patterns, find_spans, tokenize
from xfera_nb.explanation.vocabulary import VOCABULARIES

MAX_HEADING = 8
MAX_ENTRY = 3
_ITEM = re.compile(r"\s*(?:[-*+\u2022\u2023\u2013\u2014\u00b7]|\d{1,2}[.)]|\[[ xX]?\])\s+")
_MARKUP = re.compile(r"[#*_`\s]+")


def find_mentions(sentence: str, language: str = "en") -> tuple[Mention, ...]:
    """Find the movements that one sentence names, in the order of its words.

    Parameters
    ----------
    sentence : str
    language : str
        One of `LANGUAGES`.

    Returns
    -------
    tuple of Mention
    """
    return read_text((sentence,), (language,))[0]


def read_text(
    sentences: Sequence[str], languages: Sequence[str]
) -> tuple[tuple[Mention, ...], ...]:
    """Find the movements that each sentence of a text names.

    Parameters
    ----------
    sentences : sequence of str
        In their order; a line of a list is one.
    languages : sequence of str
        One of `LANGUAGES` for each.

    Returns
    -------
    tuple of tuple of Mention
    """
    found: list[tuple[Mention, ...]] = []
    before: tuple[Antecedent, ...] = ()
    is_missing = False
    for sentence, language in zip(sentences, languages, strict=True):
        tokens = tokenize(sentence, VOCABULARIES[language])
        heading = _heading_end(sentence, tokens)
        is_item = bool(_ITEM.match(sentence))
        if heading is not None:
            denied_from: int | None = heading
        else:
            denied_from = 0 if is_missing and is_item else None
        mentions, before = _read_sentence(tokens, before)
        if denied_from is not None:
            mentions = tuple(
                replace(one, negated=True) if one.start >= denied_from else one for one in mentions
            )
        found.append(mentions)
        is_open = heading is not None and not sentence[heading:].strip(" *_#")
        is_missing = is_open or (is_missing and is_item)
    return tuple(found)


def _read_sentence(
    tokens: Tokens, before: tuple[Antecedent, ...]
) -> tuple[tuple[Mention, ...], tuple[Antecedent, ...]]:
    statements, smiles = part_statements(tokens)
    mentions = list(smiles)
    for statement in statements:
        mentions += _read_statement(statement, before)
    named = find_antecedents(tokens)
    ordered = sorted(mentions, key=lambda one: (one.start, one.end))
    return tuple(ordered), named or before


def _read_statement(statement: Statement, before: tuple[Antecedent, ...]) -> list[Mention]:
    readings = read_references(statement.tokens, before)
    found: list[Mention] = []
    plain = {
        (one.meanings, one.start, one.end)
        for one in (read_movements(statement.tokens).mentions if len(readings) > 1 else ())
    }
    for number, (tokens, reading) in enumerate(readings):
        entries = _absent_entries(tokens, reading)
        moods = find_moods(tokens, reading.places)
        for at, (mention, mood) in enumerate(zip(reading.mentions, moods, strict=True)):
            is_shared = (mention.meanings, mention.start, mention.end) in plain
            if is_shared and number:
                continue
            found.append(
                replace(
                    mention,
                    mood=mood,
                    negated=mention.negated or statement.is_denied or at in entries,
                    reading=None if len(readings) == 1 or is_shared else number,
                )
            )
    return found


def _absent_entries(tokens: Tokens, reading: Reading) -> set[int]:
    """Return the movements of entries such as "AU06: absent" and "AU06 (not detected)"."""
    words, table = tokens.words, tokens.vocabulary.discourse
    starts = {begin for begin, _ in reading.places}
    found: set[int] = set()
    for number, (_, last) in enumerate(reading.places):
        begin = last + 1
        if begin >= len(words) or words[begin].clause == words[last].clause:
            continue
        end = begin
        while end < min(len(words), begin + MAX_ENTRY + 1) and (
            words[end].clause == words[begin].clause
        ):
            end += 1
        entry = words[begin : min(end, begin + MAX_ENTRY)]
        is_short = end - begin <= MAX_ENTRY and not starts & set(range(begin, end))
        if is_short and find_patterns(entry, table.missing):
            found.add(number)
    return found


def _heading_end(sentence: str, tokens: Tokens) -> int | None:
    """Return where what a heading of missing things denies begins, or None if it is none."""
    end = sentence.find(":")
    if end < 0:
        bare = _MARKUP.sub(" ", sentence).strip()
        is_line = bool(bare) and bare[-1] not in ".!?," and len(bare.split()) <= MAX_HEADING
        if not is_line or _ITEM.match(sentence):
            return None
        end = len(sentence) - 1
    head = arrange([word for word in tokens.words if word.start < end], tokens.vocabulary)
    table = tokens.vocabulary.discourse
    if len(head.words) > MAX_HEADING or any(s.kind == "aus" for s in find_spans(head)):
        return None
    if read_movements(head).mentions or not find_patterns(head.words, table.missing):
        return None
    return end + 1
