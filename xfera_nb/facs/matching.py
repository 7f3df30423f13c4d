"""How well a face's AU intensities match combinations, knowing what could not be measured.

Units and minimum intensity
    Intensities run from 0 to 5. A member with a letter needs the letter's level (C: 3 or more). A
    member with ``*`` or without a letter needs `MIN_PRESENT` = 1: the FACS letter A, "trace",
    and OpenFace's "minimum". The XFERa paper's own minimum is 0.3, which is below both; pass
    ``min_intensity=0.3`` to use it.
Not measurable
    An AU that the mapping lacks, or whose value is None or NaN, was not measured. It is never
    taken for absent: a combination is judged on its measurable members, and says so. OpenFace
    measures no intensity of AU 11, 16, 22, 24 and 27.
Source
    Ours. The XFERa paper names combinations but gives no rule of matching.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xfera_nb.errors import InputError
from xfera_nb.facs.action_units import MAX_INTENSITY
from xfera_nb.facs.notation import Member, Need
from xfera_nb.facs.prototypes import Prototype

MIN_PRESENT = 1.0
"""From this intensity on an AU without a letter counts as present."""

COMPLETE = "complete"
COMPLETE_AS_MEASURABLE = "complete as far as measurable"
PARTIAL = "partial"
ABSENT = "absent"
NOT_MEASURABLE = "not measurable"

STATUSES: tuple[str, ...] = (COMPLETE, COMPLETE_AS_MEASURABLE, PARTIAL, ABSENT, NOT_MEASURABLE)
"""Every status of a match."""

_PRESENT, _TOO_WEAK, _MISSING, _UNKNOWN = range(4)


@dataclass(frozen=True, slots=True)
class PrototypeMatch:
    """Hold how well a combination matches one face.

    Parameters
    ----------
    prototype : Prototype
        The combination.
    status : str
        - "complete": every required member was measured and is present;
        - "complete as far as measurable": every required member that was measured is present, at
          least one was not measured;
        - "partial": at least one, not every, required and measured member is present, or one
          shows too weakly;
        - "absent": no required and measured member shows at all;
        - "not measurable": no required member was measured.
    score : float or None
        Present members as a share (0 to 1) of the required ones that were measured; None where
        none was.
    present, too_weak, missing, not_measurable : tuple of Member
        The required members. Too weak: at or above the minimum, but below the letter. Missing:
        below both. A member with alternatives is as good as the best one that was measured, and
        not measurable only if none was.
    optional_present : tuple of Member
        Optional members that are present; they change neither status nor score.
    """

    prototype: Prototype
    status: str
    score: float | None
    present: tuple[Member, ...]
    too_weak: tuple[Member, ...]
    missing: tuple[Member, ...]
    not_measurable: tuple[Member, ...]
    optional_present: tuple[Member, ...]

    @property
    def notation(self) -> str:
        """The combination in the notation, such as "1+2+5B+26"."""
        return self.prototype.notation

    @property
    def emotion(self) -> str:
        """The emotion that the combination belongs to."""
        return self.prototype.emotion

    @property
    def kind(self) -> str:
        """Its kind: "prototype", "variant" or "restrained"."""
        return self.prototype.kind

    @property
    def sources(self) -> tuple[str, ...]:
        """Source tags, keys of `xfera_nb.facs.prototypes.SOURCES`."""
        return self.prototype.sources


def match_prototypes(
    intensities: Mapping[int, float | None],
    prototypes: Iterable[Prototype],
    *,
    min_intensity: float = MIN_PRESENT,
    left: Mapping[int, float | None] | None = None,
    right: Mapping[int, float | None] | None = None,
) -> tuple[PrototypeMatch, ...]:
    """Compare combinations of AUs with the intensities measured on a face.

    Parameters
    ----------
    intensities : mapping of int to float
        AU number -> intensity, 0 to 5. A missing key, None or NaN means not measurable.
    prototypes : iterable of Prototype
        Such as ``PROTOTYPES["fear"]``.
    min_intensity : float
        Intensity (0 to 5) from which an AU with ``*`` or without a letter counts as present.
    left, right : mapping of int to float, optional
        Intensities on the person's sides. Only members on one side only (``U20*``) need them;
        such a member is not measurable unless both sides were measured. It is present if exactly
        one side reaches what it asks for, and missing if both do.

    Returns
    -------
    tuple of PrototypeMatch
        One per combination, in the order given.

    Raises
    ------
    InputError
        If `min_intensity` is not a number from 0 to 5.

    Notes
    -----
    Raising an intensity never lowers the score of a combination without one-sided members.
    """
    if not 0.0 <= min_intensity <= MAX_INTENSITY:
        raise InputError(f"The minimum intensity is a number from 0 to 5, not {min_intensity!r}.")
    states = _States(intensities, left or {}, right or {}, min_intensity)
    return tuple(_match_one(prototype, states) for prototype in prototypes)


class _States(dict[str, int]):
    """Map the text of a member to its state on one face; states are computed on first use."""

    def __init__(
        self,
        intensities: Mapping[int, float | None],
        left: Mapping[int, float | None],
        right: Mapping[int, float | None],
        min_intensity: float,
    ) -> None:
        super().__init__()
        self._both, self._left, self._right = intensities, left, right
        self._min_intensity = min_intensity

    def of(self, member: Member) -> int:
        """Return _PRESENT, _TOO_WEAK, _MISSING or _UNKNOWN."""
        # The states are ordered so that the minimum is the best alternative that was measured.
        state = self[member.text] = min(self._need(need) for need in member.needs)
        return state

    def _need(self, need: Need) -> int:
        if not need.one_side:
            return self._grade(self._both.get(need.au), need.least)
        sides = (
            self._grade(self._left.get(need.au), need.least),
            self._grade(self._right.get(need.au), need.least),
        )
        if _UNKNOWN in sides:
            return _UNKNOWN
        return _MISSING if sides == (_PRESENT, _PRESENT) else min(sides)

    def _grade(self, intensity: float | None, least: float | None) -> int:
        if intensity is None or math.isnan(intensity):
            return _UNKNOWN
        if intensity >= (self._min_intensity if least is None else least):
            return _PRESENT
        return _TOO_WEAK if intensity >= self._min_intensity else _MISSING


def _match_one(prototype: Prototype, states: _States) -> PrototypeMatch:
    found: tuple[list[Member], ...] = ([], [], [], [])
    optional_present: list[Member] = []
    for member in prototype.members:
        state = states.get(member.text)
        if state is None:
            state = states.of(member)
        if not member.optional:
            found[state].append(member)
        elif state == _PRESENT:
            optional_present.append(member)
    present, too_weak, missing, unknown = found
    measured = len(present) + len(too_weak) + len(missing)
    if not measured:
        status = NOT_MEASURABLE
    elif len(present) == measured:
        status = COMPLETE_AS_MEASURABLE if unknown else COMPLETE
    else:
        status = PARTIAL if present or too_weak else ABSENT
    return PrototypeMatch(
        prototype,
        status,
        len(present) / measured if measured else None,
        tuple(present),
        tuple(too_weak),
        tuple(missing),
        tuple(unknown),
        tuple(optional_present),
    )
