"""Find what a sentence says about the side and the strength of a movement.

Units
    Intensities from 0 to 5; distances in words that count.
Limits
    A strength word is wrong outside `RANGES`: a weak word from an intensity of 3 on, a strong word
    below 3, "moderate" below 1 and from 4 on, "clear" below 1.
Sides
    They are the person's. Naming one side of a movement that is on both is not wrong, unless the
    sentence says that it is that side only. Of a movement whose sides are not known, only the
    naming of the other side than the known one can be wrong.
Source
    Ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xfera_nb.explanation.facts import Movement
from xfera_nb.explanation.tokens import Span, Tokens

RANGES: Mapping[str, tuple[float, float]] = {
    "weak": (0.0, 3.0),
    "moderate": (1.0, 4.0),
    "clear": (1.0, math.inf),
    "strong": (3.0, math.inf),
}
"""Kind of strength word -> minimum intensity, and the intensity from which on it is wrong."""

MAX_BEFORE = 1
MAX_AFTER = 4
MAX_SIDE_BEFORE = 4
_OTHER = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class Qualifiers:
    """Hold what is said about a movement's side and strength.

    Parameters
    ----------
    sides : frozenset of {"left", "right", "both", "one"}
    only : bool
        Whether only one side is said to move.
    strengths : frozenset of str
        Keys of `RANGES`.
    """

    sides: frozenset[str] = frozenset()
    only: bool = False
    strengths: frozenset[str] = frozenset()

    def contradicts(self, movement: Movement) -> bool:
        """Return whether the side or the strength differs from the movement's."""
        return self._wrong_side(movement) or self._wrong_strength(movement.intensity)

    def _wrong_side(self, movement: Movement) -> bool:
        both = "both" in self.sides or {"left", "right"} <= self.sides
        if movement.side is not None:
            return both or _OTHER[movement.side] in self.sides
        alone = "one" in self.sides or (self.only and bool(self.sides) and not both)
        return movement.bilateral and alone

    def _wrong_strength(self, intensity: float | None) -> bool:
        if intensity is None:
            return False
        return any(not RANGES[kind][0] <= intensity < RANGES[kind][1] for kind in self.strengths)


def find_qualifiers(tokens: Tokens, found: Sequence[tuple[int, int]]) -> list[Qualifiers]:
    """Find the qualifiers of the movements at (first, last word), in their order.

    A mark within a movement's words is that movement's; any other the nearest one's, if it stands
    directly before it or shortly after it in its clause.
    """
    marks_of: dict[int, list[str]] = {}
    for mark in tokens.marks:
        inside = [n for n, (low, high) in enumerate(found) if low <= mark.first <= high]
        owners = inside or _nearest(tokens, mark, found)
        for number in owners:
            marks_of.setdefault(number, []).extend(mark.names)
    return [_qualifiers(marks_of.get(number, [])) for number in range(len(found))]


def _qualifiers(names: Sequence[str]) -> Qualifiers:
    sides = frozenset(names) & {"left", "right", "both", "one"}
    return Qualifiers(sides, "only" in names, frozenset(names) & RANGES.keys())


def _nearest(tokens: Tokens, mark: Span, found: Sequence[tuple[int, int]]) -> list[int]:
    distances: dict[tuple[int, int], list[int]] = {}
    word = tokens.words[mark.first]
    for number, (low, high) in enumerate(found):
        after = mark.first > high
        between = tokens.between(high, mark.first) if after else tokens.between(mark.last, low)
        same = word.clause in (tokens.words[low].clause, tokens.words[high].clause)
        beside_parentheses = after and word.in_parentheses and not between  # "AU12 (left)"
        if not (same or beside_parentheses):
            continue
        joins = sum(map(tokens.joins, between))
        if after:
            limit = 0 if joins else MAX_AFTER
        else:
            limit = MAX_SIDE_BEFORE if mark.kind == "side" else MAX_BEFORE
        if len(between) <= limit or not between:
            distances.setdefault((len(between), not after), []).append(number)
    return distances[min(distances)] if distances else []
