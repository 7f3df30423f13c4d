"""The order in which each participant sees the items: Williams' design over the conditions.

Part 1 shows all items, shuffled for each participant. The seven emotions are listed in an order of
the participant's own, the same on each page, so that no emotion is favoured by its place.

Part 2 shows the items in as many blocks as there are conditions, one condition per block. Items
are dealt to the blocks in turn, sorted by kind and emotion, so that the blocks are alike. The
sequence of conditions is a row of Williams' design: with an even number of conditions a Latin
square in which each condition follows each other condition once, with an odd number such a square
and its mirror image. Participant number i (from 0) takes row i modulo the number of rows; after
each full round the blocks move on by one place.

With n conditions, every n participants in order of arrival see each item once under each condition
and each condition once at each place. With three conditions, every 6 also see each condition
follow each other condition equally often, and every 18 each block at each place. Participants who
leave early take their row with them: the balance holds for those who finish only as far as all do.

Source: Williams, E. J. (1949), "Experimental designs balanced for the estimation of residual
effects of treatments", Australian Journal of Scientific Research A 2, 149-168.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from xfera_nb.errors import InputError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.study.items import StudyItem

_T = TypeVar("_T")


@dataclass(frozen=True)
class Order:
    """Hold one participant's way through the study.

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


@dataclass(frozen=True)
class Design:
    """Deal items and conditions to participants; the seed decides everything that is random.

    Attributes
    ----------
    items : tuple of StudyItem
    conditions : tuple of str
    seed : int
    """

    items: tuple[StudyItem, ...] = field(repr=False)
    conditions: tuple[str, ...]
    seed: int

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Sequences of conditions, shuffled within each square of Williams' design."""
        count = len(self.conditions)
        names = self._shuffle(self.conditions, "conditions")
        rows = [tuple(names[index] for index in row) for row in williams(count)]
        squares = [rows[start : start + count] for start in range(0, len(rows), count)]
        return tuple(
            row for n, square in enumerate(squares) for row in self._shuffle(square, "rows", n)
        )

    @property
    def blocks(self) -> tuple[tuple[str, ...], ...]:
        """Ids of the items of each block of part 2; as many blocks as conditions."""
        dealt = sorted(
            self._shuffle(self.items, "blocks"),
            key=lambda item: (item.kind, item.emotion or item.predicted),
        )
        count = len(self.conditions)
        return tuple(tuple(item.id for item in dealt[start::count]) for start in range(count))

    def order_for(self, number: int) -> Order:
        """Return the order of participant `number`, counted from 0 by arrival."""
        rows, blocks = self.rows, self.blocks
        turn, row = divmod(number, len(rows))
        second = [
            (item, condition)
            for place, condition in enumerate(rows[row])
            for item in self._shuffle(blocks[(place + turn) % len(blocks)], number, place)
        ]
        return Order(
            self._shuffle([item.id for item in self.items], number, "first"),
            tuple(second),
            self._shuffle(EMOTIONS, number, "options"),
        )

    def _shuffle(self, values: Sequence[_T], *purpose: object) -> tuple[_T, ...]:
        # A generator of its own for each purpose: a change of one order leaves the others.
        shuffled = list(values)
        Random(" ".join(map(str, (self.seed, *purpose)))).shuffle(shuffled)
        return tuple(shuffled)


def williams(count: int) -> tuple[tuple[int, ...], ...]:
    """Return Williams' design for `count` treatments, numbered from 0.

    Returns
    -------
    tuple of tuple of int
        `count` rows if it is even or 1, twice as many otherwise. Each treatment stands once in
        each row and equally often at each place, and follows each other treatment equally often.

    Raises
    ------
    InputError
        If `count` is less than 1.
    """
    if count < 1:
        raise InputError(f"A design needs at least one treatment, not {count}.")
    zigzag = [(place + 1) // 2 if place % 2 else -(place // 2) for place in range(count)]
    rows = tuple(tuple((step + start) % count for step in zigzag) for start in range(count))
    return rows if count % 2 == 0 or count == 1 else (*rows, *(row[::-1] for row in rows))
