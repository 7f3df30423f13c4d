"""The notation of AU combinations, such as ``1+2+5B+26/27``, read into members.

The notation, after the FACS Investigator's Guide as Cohn, Ambadar and Ekman (2007) print it
    - ``+`` joins members; all of them belong to the combination;
    - ``/`` separates alternatives, of which one is enough: ``25/26/27``;
    - a letter is the minimum intensity, A (1) to E (5): ``5B`` means AU 5 at 2 or more;
    - ``*`` is any intensity, and so is a bare number;
    - ``( )`` holds a member that may be there or not: ``5*+20*+(25/26/27)``;
    - ``U`` before an AU: on one side of the face only, ``U20*``.
Departures
    Parentheses and U are ours for what the source says in words ("with or without", "on one side
    only"); U (unilateral) is FACS's own mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from xfera_nb.errors import InputError
from xfera_nb.facs.action_units import ACTION_UNITS, letter_level

# The needs of a member, each as (AU, least intensity, one side only), and whether it is optional.
Meaning: TypeAlias = tuple[frozenset[tuple[int, float | None, bool]], bool]

_ONE = re.compile(r"(U?)(\d{1,2})([A-E*]?)")


@dataclass(frozen=True, slots=True)
class Need:
    """Hold one AU with the intensity that a combination requires.

    Parameters
    ----------
    au : int
        FACS number.
    strength : str
        "A" to "E", "*" for any intensity written as such, "" where nothing is written.
    one_side : bool
        Whether the AU must be on one side of the face only.
    """

    au: int
    strength: str = ""
    one_side: bool = False

    @property
    def text(self) -> str:
        """The AU in the notation, such as "5B" or "U20*"."""
        return f"{'U' if self.one_side else ''}{self.au}{self.strength}"

    @property
    def least(self) -> float | None:
        """Minimum intensity (1 to 5) by the letter; None where any intensity will do."""
        return None if self.strength in ("", "*") else letter_level(self.strength)


@dataclass(frozen=True, slots=True)
class Member:
    """Hold one member of a combination: an AU, or several of which one is enough.

    Parameters
    ----------
    needs : tuple of Need
        The alternatives, at least one.
    optional : bool
        Whether the combination is also whole without it.
    text : str
        The member in the notation, such as "5B", "25/26" or "(25/26)".
    """

    needs: tuple[Need, ...]
    optional: bool
    text: str

    @property
    def aus(self) -> tuple[int, ...]:
        """The FACS numbers of its alternatives, as written."""
        return tuple(need.au for need in self.needs)

    @property
    def meaning(self) -> Meaning:
        """What the member requires, whatever the spelling: "5*" and "5" mean the same."""
        return frozenset((n.au, n.least, n.one_side) for n in self.needs), self.optional


@lru_cache(maxsize=512)
def parse_combination(notation: str) -> tuple[Member, ...]:
    """Read a combination.

    Parameters
    ----------
    notation : str
        Such as "1+2+5B+26/27" or "5*+20*+(25/26/27)"; spaces do not count.

    Returns
    -------
    tuple of Member
        In the order written.

    Raises
    ------
    InputError
        If the text is not in the notation, names an unknown AU or one AU twice, or has only
        optional members. The message names the combination and the fault.
    """
    text = "".join(notation.split())
    members = tuple(_member(part, notation) for part in text.split("+"))
    seen: set[int] = set()
    for au in (au for member in members for au in member.aus):
        if au in seen:
            raise InputError(f'The combination "{notation}" names AU {au} twice; name it once.')
        seen.add(au)
    if all(member.optional for member in members):
        raise InputError(
            f'The combination "{notation}" has only optional members; '
            "write at least one without parentheses."
        )
    return members


def join(members: tuple[Member, ...]) -> str:
    """Return the members as one combination in the notation."""
    return "+".join(member.text for member in members)


def _member(part: str, notation: str) -> Member:
    optional = part.startswith("(") and part.endswith(")")
    inner = part[1:-1] if optional else part
    needs = tuple(_need(piece, notation) for piece in inner.split("/"))
    text = "/".join(need.text for need in needs)
    return Member(needs, optional, f"({text})" if optional else text)


def _need(piece: str, notation: str) -> Need:
    found = _ONE.fullmatch(piece)
    if found is None:
        raise InputError(
            f'The combination "{notation}" cannot be read at "{piece}"; '
            'write AUs like "5", "5B" or "5*", joined by "+".'
        )
    au = int(found[2])
    if au not in ACTION_UNITS:
        raise InputError(f'The combination "{notation}" names AU {au}, which is not known here.')
    return Need(au, found[3], bool(found[1]))
