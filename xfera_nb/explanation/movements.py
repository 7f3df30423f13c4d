"""One movement in words: its plain words, its side, its strength, and what an expected one became.

Units and cut-offs
    Intensities run from 0 to 5; left and right are the person's; unknown is None. Strength words go
    by whole levels of intensity, as FACS letters do: below 1 "barely visible", then "faint" (A),
    "slight" (B), "clear" (C), "strong" (D), "very strong" (E).
Source
    The plain words are those of `xfera_nb.facs`, in the manner of Figure 1 of the XFERa paper
    (Macchiarulo et al. 2025).
Departures
    Side and strength are ours; the paper's prompt has the bare movements. Its missing AUs are split
    here: not moving, or moving where the network did not look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xfera_nb.facs import ACTION_UNITS, EXPECTED_AUS, intensity_letter

MATCHING = "matching"
ABSENT = "absent"
PRESENT_NOT_ATTENDED = "present, not attended"
NOT_MEASURABLE = "not measurable"

STATUSES: tuple[str, ...] = (MATCHING, ABSENT, PRESENT_NOT_ATTENDED, NOT_MEASURABLE)
"""What an expected AU can be. The second and third are Figure 1's "missing"."""

STRENGTH_WORDS: Mapping[str | None, str] = MappingProxyType(
    {
        None: "barely visible",
        "A": "faint",
        "B": "slight",
        "C": "clear",
        "D": "strong",
        "E": "very strong",
    }
)
"""FACS intensity letter (None: below a trace) -> adjective for a movement."""


def strength_word(intensity: float | None) -> str | None:
    """The adjective for an intensity (0 to 5); None where nothing was measured."""
    return None if intensity is None else STRENGTH_WORDS[intensity_letter(intensity)]


@dataclass(frozen=True, slots=True)
class Movement:
    """One active AU: it moves, and the network looked where it moves.

    Parameters
    ----------
    au : int
        FACS number.
    words : str
        Plain words with the side: "lifting of the left cheek".
    side : {None, "left", "right"}
        The person's side where only that one is active; None for both, or not known.
    strength : str or None
        One of `STRENGTH_WORDS`; None if the intensity is not known.
    intensity : float or None
        0 to 5.
    score : float or None
        The fusion's combined score.
    bilateral : bool
        Whether it is known that both sides are active.
    """

    au: int
    words: str
    side: str | None = None
    strength: str | None = None
    intensity: float | None = None
    score: float | None = None
    bilateral: bool = False

    @classmethod
    def of(
        cls,
        au: int,
        *,
        intensity: float | None = None,
        score: float | None = None,
        side: str | None = None,
        bilateral: bool = False,
    ) -> Movement:
        """The movement of an AU, with its words and strength from the catalogue.

        Raises
        ------
        ValueError
            If `side` is none of "left", "right" and None.
        """
        unit = ACTION_UNITS[au]
        words = unit.words_for(side)
        sidable = unit.words_one_side is not None
        sided = side if sidable else None
        both = bilateral and sidable and side is None
        return cls(au, words, sided, strength_word(intensity), intensity, score, both)

    @property
    def description(self) -> str:
        """Strength and words: "strong lifting of the left cheek"."""
        return self.words if self.strength is None else f"{self.strength} {self.words}"


@dataclass(frozen=True, slots=True)
class ExpectedAU:
    """One AU that Table 2 of the XFERa paper lists for the emotion, and what became of it.

    Parameters
    ----------
    au : int
        FACS number.
    words : str
        Plain words, both sides.
    status : str
        One of `STATUSES`.
    """

    au: int
    words: str
    status: str


def expected_aus(emotion: str) -> tuple[tuple[int, str], ...]:
    """The AUs that Table 2 lists for an emotion, ascending, with their plain words."""
    return tuple((au, ACTION_UNITS[au].words) for au in EXPECTED_AUS[emotion])
