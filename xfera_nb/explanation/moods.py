"""Tell what a sentence states from what it calls possible and from what it only supposes.

A stretch (up to a semicolon, a colon or a conjunction such as "but") with a word of condition
("if", "would") only supposes what it names; what stands before that word, behind a comma and an
"and", is stated. A word of doubt ("perhaps", "whether") holds for all that follows in its stretch
up to a comma and an "and"; a verb such as "might" for the movement around it, or else for the next
one. Source: ours.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache

from xfera_nb.explanation.mentions import POSSIBLE, STATED, SUPPOSED
from xfera_nb.explanation.tokens import Tokens, find_patterns
from xfera_nb.explanation.vocabulary import VOCABULARIES

MAX_AROUND = 8


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
    words, pieces = tokens.words, _pieces(tokens)
    supposed: dict[int, int] = {}
    for at in _conditions(tokens):
        stretch = words[at].stretch
        supposed[stretch] = min(pieces[at], supposed.get(stretch, pieces[at]))
    doubts = sorted(_matches(tokens, "doubts", "no_doubts"))
    first_doubts = {pieces[at]: at for at in reversed(doubts)}
    aimed = {_aim(at, tokens, places) for at in _matches(tokens, "modals", "no_doubts")}
    moods = []
    for number, (begin, end) in enumerate(places):
        inside = bisect_left(doubts, begin) < bisect_right(doubts, end)
        is_after = first_doubts.get(pieces[begin], end + 1) <= begin
        if pieces[end] >= supposed.get(words[end].stretch, len(words)):
            moods.append(SUPPOSED)
        elif inside or is_after or number in aimed:
            moods.append(POSSIBLE)
        else:
            moods.append(STATED)
    return moods


def _aim(at: int, tokens: Tokens, places: Sequence[tuple[int, int]]) -> int | None:
    """Return the movement that a modal verb belongs to."""
    after = bisect_right(places, at, key=lambda place: place[0])
    around = range(max(0, after - MAX_AROUND), after)
    inside = [number for number in around if at <= places[number][1]]
    if inside:
        return inside[0]
    same = after < len(places) and (
        tokens.words[places[after][0]].stretch == tokens.words[at].stretch
    )
    return after if same else None


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
