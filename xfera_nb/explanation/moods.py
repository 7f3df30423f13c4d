"""Tell what a sentence states from what it calls possible and from what it only supposes.

A stretch (up to a semicolon, a colon or a conjunction such as "but") with a word of condition
("if", "would") only supposes what it names; what stands before that word, behind a comma and an
"and", is stated. A word of doubt ("perhaps", "whether") holds for all that follows in its stretch
up to a comma and an "and"; a verb such as "might" for the movement around it, or else for the next
one. Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from xfera_nb.explanation.mentions import POSSIBLE, STATED, SUPPOSED
from xfera_nb.explanation.tokens import Tokens, find_patterns
from xfera_nb.explanation.vocabulary import VOCABULARIES


def find_moods(tokens: Tokens, places: Sequence[tuple[int, int]]) -> list[str]:
    """Find the mood of each movement.

    Parameters
    ----------
    tokens : Tokens
    places : sequence of (int, int)
        First and last word of each movement, in their order.

    Returns
    -------
    list of {"stated", "possible", "supposed"}
    """
    pieces = _pieces(tokens)
    conditions = _conditions(tokens)
    doubts = _matches(tokens, "doubts", "no_doubts")
    modals = _matches(tokens, "modals", "no_doubts")
    aimed = {_aim(at, tokens, places) for at in modals}
    moods = []
    for number, (begin, end) in enumerate(places):
        stretch = tokens.words[end].stretch
        own = [at for at in conditions if tokens.words[at].stretch == stretch]
        if own and pieces[end] >= min(pieces[at] for at in own):
            moods.append(SUPPOSED)
        elif number in aimed or any(_doubts(at, begin, end, tokens, pieces) for at in doubts):
            moods.append(POSSIBLE)
        else:
            moods.append(STATED)
    return moods


def _doubts(at: int, begin: int, end: int, tokens: Tokens, pieces: Sequence[int]) -> bool:
    return at <= end and pieces[at] == pieces[begin if at < begin else at] and (
        tokens.words[at].stretch == tokens.words[end].stretch
    )


def _aim(at: int, tokens: Tokens, places: Sequence[tuple[int, int]]) -> int | None:
    """Return the movement that a modal verb belongs to."""
    for number, (begin, end) in enumerate(places):
        if begin <= at <= end:
            return number
    stretch = tokens.words[at].stretch
    here = [n for n, (begin, _) in enumerate(places) if tokens.words[begin].stretch == stretch]
    after = [n for n in here if places[n][0] > at]
    return after[0] if after else None


def _conditions(tokens: Tokens) -> list[int]:
    table = tokens.vocabulary.discourse
    found = _matches(tokens, "conditions", "no_conditions")
    # "It is unclear if" doubts, and supposes nothing.
    doubted = {i for one in _of(tokens, "doubts") for i in one}
    found = [at for at in found if at not in doubted]
    excused = {i for one in _of(tokens, "no_conditions") for i in one}
    words = tokens.words
    for number, word in enumerate(words):
        is_first = not number or words[number - 1].stretch != word.stretch
        inverted = is_first and find_patterns(words[number : number + 1], table.inverted)
        ends = bool(table.condition_endings) and word.text.endswith(table.condition_endings)
        if (inverted or ends) and number not in excused:
            found.append(number)
    return found


def _matches(tokens: Tokens, name: str, excuses: str) -> list[int]:
    """Return the first words of matches that are not within an excuse."""
    excused = {i for one in _of(tokens, excuses) for i in one}
    return [min(one) for one in _of(tokens, name) if not one & excused]


def _of(tokens: Tokens, name: str) -> list[frozenset[int]]:
    return find_patterns(tokens.words, getattr(tokens.vocabulary.discourse, name))


def _pieces(tokens: Tokens) -> list[int]:
    """Number the words: a new number behind each comma with a joining word, and each stretch."""
    pieces, number = [], 0
    for at, word in enumerate(tokens.words):
        before = tokens.words[at - 1] if at else None
        if before is not None and (
            before.stretch != word.stretch
            or (before.text == "," and word.text in _joining(tokens.vocabulary.language))
        ):
            number += 1
        pieces.append(number)
    return pieces


@cache
def _joining(language: str) -> frozenset[str]:
    return VOCABULARIES[language].joining
