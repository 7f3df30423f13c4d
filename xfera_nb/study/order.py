"""Who sees what in which order: Williams' design over the conditions, the rest by the study's seed.

Part 1 shows all items, shuffled anew for each participant. The seven emotions stand in an order of
the participant's own, the same on each page, so that no emotion is helped by its place.

Part 2 shows the items in as many blocks as there are conditions, one condition a block. Items are
dealt to blocks in turn, sorted by kind and emotion, so that blocks are alike. Which condition comes
when is a row of Williams' design: with an even number of conditions a Latin square in which each
condition follows each other condition once, with an odd number such a square and its mirror.
Participant number i (from 0) takes row i modulo the number of rows; after each full round the
blocks move on by one place.

It follows that with n conditions every n participants, in order of arrival from 0, see each item
once under each condition and each condition once at each place; with three conditions every 6 also
see each condition follow each other condition equally often, and every 18 each block at each place.
People who leave half way take their row with them: the balance holds for those who finish only as
far as all do.

Source: Williams, E. J. (1949), "Experimental designs balanced for the estimation of residual
effects of treatments", Australian Journal of Scientific Research A 2, 149-168.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeVar

from xfera_nb.facs.emotions import EMOTIONS

if TYPE_CHECKING:
    from xfera_nb.study.items import StudyItem
    from xfera_nb.study.plan import Study

_T = TypeVar("_T")


@dataclass(frozen=True)
class Order:
    """One participant's way through the study.

    Attributes
    ----------
    first : tuple of str
        Items of part 1.
    second : tuple of (str, str)
        Item and condition of each page of part 2.
    options : tuple of str
        The seven emotions as they are listed.
    """

    first: tuple[str, ...]
    second: tuple[tuple[str, str], ...]
    options: tuple[str, ...]


def williams(count: int) -> tuple[tuple[int, ...], ...]:
    """Williams' design for `count` treatments.

    Returns
    -------
    tuple of tuple of int
        `count` rows if it is even or 1, twice as many otherwise. Each treatment stands once in
        each row and equally often at each place, and follows each other treatment equally often.

    Raises
    ------
    ValueError
        If `count` is less than 1.
    """
    if count < 1:
        raise ValueError(f"A design needs at least one treatment, not {count}.")
    zigzag = [(place + 1) // 2 if place % 2 else -(place // 2) for place in range(count)]
    rows = tuple(tuple((step + start) % count for step in zigzag) for start in range(count))
    return rows if count % 2 == 0 or count == 1 else (*rows, *(row[::-1] for row in rows))


def order_for(study: Study, number: int) -> Order:
    """The order of one participant.

    Parameters
    ----------
    study : Study
    number : int
        The participant's, from 0, in order of arrival.
    """
    count = len(study.conditions)
    rows = _rows(study)
    row, turn = rows[number % len(rows)], number // len(rows)
    blocks = blocks_of(study)
    second = []
    for place, condition in enumerate(row):
        block = blocks[(place + turn) % count]
        second += [
            (item, study.conditions[condition]) for item in _shuffled(block, study, number, place)
        ]
    return Order(
        _shuffled([item.id for item in study.items], study, number, "first"),
        tuple(second),
        _shuffled(EMOTIONS, study, number, "options"),
    )


def blocks_of(study: Study) -> tuple[tuple[str, ...], ...]:
    """Ids of the items of each block of part 2, as many blocks as conditions."""
    items = _shuffled(study.items, study, "blocks")
    dealt = sorted(items, key=_alike)
    count = len(study.conditions)
    return tuple(tuple(item.id for item in dealt[start::count]) for start in range(count))


def _alike(item: StudyItem) -> tuple[str, str]:
    return item.kind, item.emotion or item.predicted


def _rows(study: Study) -> list[tuple[int, ...]]:
    """Return the design's rows, shuffled within each square, with conditions dealt by the seed."""
    count = len(study.conditions)
    names = _shuffled(range(count), study, "conditions")
    rows = [tuple(names[condition] for condition in row) for row in williams(count)]
    squares = [rows[start : start + count] for start in range(0, len(rows), count)]
    return [row for n, square in enumerate(squares) for row in _shuffled(square, study, "rows", n)]


def _shuffled(things: Sequence[_T], study: Study, *what: object) -> tuple[_T, ...]:
    # A generator of its own for each purpose: a change of one order leaves the others.
    mixed = list(things)
    Random(" ".join(map(str, (study.seed, *what)))).shuffle(mixed)
    return tuple(mixed)
