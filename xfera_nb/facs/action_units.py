"""Facial Action Units (AUs): names, muscles, plain words, and FACS intensity letters.

Units and scales
    An AU's intensity is a number from 0 (not seen) to 5 (maximum), as OpenFace gives it in its
    columns ``AUnn_r``. FACS writes the same scale in letters: A = 1 trace, B = 2 slight,
    C = 3 marked, D = 4 severe, E = 5 maximum.
Cut-offs
    A letter is reached at its whole number: C means an intensity of at least 3. Below 1 there is
    no letter.
Sources
    Numbers, names and muscles: Facial Action Coding System (Ekman and Friesen 1978; Ekman, Friesen
    and Hager 2002). What OpenFace 2.2 measures: its documentation (17 intensities; presence for
    these and AU 28).
Departures
    The plain words are this toolkit's own, after Figure 1 of the XFERa paper (Macchiarulo et al.
    2025), which prints "lifting of the cheek" and "pulling of the lip corner". Here the form for
    both sides is the plural ("lifting of the cheeks"). Each is a movement, never an emotion.
    FACS gives whole letters, scored by people; a detector's 2.7 has none, so it is rounded down.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xfera_nb.errors import InputError

OPENFACE_AUS: tuple[int, ...] = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)
"""AUs with an intensity in OpenFace 2.2 (17), ascending: the order of all intensity arrays."""

OPENFACE_PRESENCE_AUS: tuple[int, ...] = tuple(sorted((*OPENFACE_AUS, 28)))
"""AUs with a presence (0 or 1) in OpenFace 2.2 (18), ascending."""

MAX_INTENSITY = 5.0
"""The upper end of the intensity scale."""

INTENSITY_LETTERS: tuple[str, ...] = ("A", "B", "C", "D", "E")
"""FACS intensity letters for the levels 1 to 5."""

INTENSITY_WORDS: Mapping[str, str] = MappingProxyType(
    dict(zip(INTENSITY_LETTERS, ("trace", "slight", "marked", "severe", "maximum"), strict=True))
)
"""FACS intensity letter -> its word."""


@dataclass(frozen=True, slots=True)
class ActionUnit:
    """Describe one facial Action Unit.

    Parameters
    ----------
    number : int
        FACS number.
    name : str
        FACS name in lower case, such as "lip corner puller".
    muscle : str
        The muscle or muscles that make the movement.
    region : str
        Where on the face it is seen: "brows", "eyes", "eyes, cheeks", "nose", "mouth", "chin",
        "jaw".
    words : str
        Plain words for the movement, both sides, to be read after "the": "pulling of the lip
        corners".
    words_one_side : str or None
        The same for one side, with ``{side}`` where "left" or "right" goes; None for a movement
        of the middle of the face that has no sides worth telling apart (AU 17, 25, 26 ...).
    """

    number: int
    name: str
    muscle: str
    region: str
    words: str
    words_one_side: str | None = None

    @property
    def code(self) -> str:
        """The AU as the toolkit writes it: "AU06"."""
        return f"AU{self.number:02d}"

    @property
    def openface_intensity(self) -> bool:
        """Whether OpenFace gives this AU an intensity from 0 to 5."""
        return self.number in OPENFACE_AUS

    @property
    def openface_presence(self) -> bool:
        """Whether OpenFace gives this AU a presence, 0 or 1."""
        return self.number in OPENFACE_PRESENCE_AUS

    def words_for(self, side: str | None = None) -> str:
        """Return plain words for the movement, on both sides of the face or on one.

        Parameters
        ----------
        side : {None, "left", "right"}
            The side of the person, not of the picture; None for both.

        Returns
        -------
        str
            `words`, or the one-sided form. An AU without one keeps `words` for either side.

        Raises
        ------
        InputError
            If `side` is something else.
        """
        if side not in (None, "left", "right"):
            raise InputError(f'A side is "left", "right" or None, not {side!r}.')
        if side is None or self.words_one_side is None:
            return self.words
        return self.words_one_side.format(side=side)


_ROWS = (
    ActionUnit(1, "inner brow raiser", "frontalis, pars medialis", "brows",
               "lifting of the inner eyebrows", "lifting of the {side} inner eyebrow"),
    ActionUnit(2, "outer brow raiser", "frontalis, pars lateralis", "brows",
               "lifting of the outer eyebrows", "lifting of the {side} outer eyebrow"),
    ActionUnit(4, "brow lowerer", "corrugator supercilii, depressor supercilii", "brows",
               "lowering of the eyebrows", "lowering of the {side} eyebrow"),
    ActionUnit(5, "upper lid raiser", "levator palpebrae superioris", "eyes",
               "raising of the upper eyelids", "raising of the {side} upper eyelid"),
    ActionUnit(6, "cheek raiser", "orbicularis oculi, pars orbitalis", "eyes, cheeks",
               "lifting of the cheeks", "lifting of the {side} cheek"),
    ActionUnit(7, "lid tightener", "orbicularis oculi, pars palpebralis", "eyes",
               "tightening of the eyelids", "tightening of the {side} eyelids"),
    ActionUnit(9, "nose wrinkler", "levator labii superioris alaeque nasi", "nose",
               "wrinkling of the nose", "wrinkling of the {side} side of the nose"),
    ActionUnit(10, "upper lip raiser", "levator labii superioris", "mouth",
               "raising of the upper lip", "raising of the {side} side of the upper lip"),
    ActionUnit(11, "nasolabial deepener", "zygomaticus minor", "mouth",
               "deepening of the folds between nose and mouth",
               "deepening of the {side} fold between nose and mouth"),
    ActionUnit(12, "lip corner puller", "zygomaticus major", "mouth",
               "pulling of the lip corners", "pulling of the {side} lip corner"),
    ActionUnit(14, "dimpler", "buccinator", "mouth",
               "dimpling of the cheeks", "dimpling of the {side} cheek"),
    ActionUnit(15, "lip corner depressor", "depressor anguli oris", "mouth",
               "lowering of the lip corners", "lowering of the {side} lip corner"),
    ActionUnit(16, "lower lip depressor", "depressor labii inferioris", "mouth",
               "lowering of the lower lip", "lowering of the {side} side of the lower lip"),
    ActionUnit(17, "chin raiser", "mentalis", "chin", "raising of the chin"),
    ActionUnit(18, "lip pucker", "incisivii labii", "mouth", "puckering of the lips"),
    ActionUnit(20, "lip stretcher", "risorius, platysma", "mouth",
               "stretching of the lips", "stretching of the {side} side of the lips"),
    ActionUnit(22, "lip funneler", "orbicularis oris", "mouth", "pushing forward of the lips"),
    ActionUnit(23, "lip tightener", "orbicularis oris", "mouth", "tightening of the lips"),
    ActionUnit(24, "lip pressor", "orbicularis oris", "mouth", "pressing together of the lips"),
    ActionUnit(25, "lips part",
               "depressor labii inferioris, or relaxed mentalis or orbicularis oris", "mouth",
               "parting of the lips"),
    ActionUnit(26, "jaw drop", "masseter relaxed", "jaw", "dropping of the jaw"),
    ActionUnit(27, "mouth stretch", "pterygoids, digastric", "jaw", "wide opening of the mouth"),
    ActionUnit(28, "lip suck", "orbicularis oris", "mouth", "sucking in of the lips"),
    ActionUnit(43, "eye closure", "levator palpebrae relaxed; orbicularis oculi", "eyes",
               "closing of the eyes", "closing of the {side} eye"),
    ActionUnit(45, "blink", "levator palpebrae relaxed; orbicularis oculi", "eyes",
               "blinking of the eyes", "blinking of the {side} eye"),
)

ACTION_UNITS: Mapping[int, ActionUnit] = MappingProxyType({row.number: row for row in _ROWS})
"""AU number -> ActionUnit, ascending."""

_AU_TEXT = re.compile(r"(?:AU)?0*([1-9]\d?)", re.IGNORECASE)


def au_name(number: int) -> str:
    """Return the AU as the toolkit writes it, with two digits: 6 -> "AU06".

    Raises
    ------
    InputError
        If the catalogue has no such AU.
    """
    if number not in ACTION_UNITS:
        raise InputError(f"There is no Action Unit {number} here; known are {_known()}.")
    return ACTION_UNITS[number].code


def parse_au(text: str) -> int:
    """Return the number of an AU written as "AU06", "au6", "06" or "6".

    Raises
    ------
    InputError
        If the text is no AU, or the catalogue has no such AU.
    """
    found = _AU_TEXT.fullmatch(text.strip())
    if found is None or int(found[1]) not in ACTION_UNITS:
        raise InputError(f'"{text}" is no Action Unit; write one as "AU06", known are {_known()}.')
    return int(found[1])


def intensity_letter(intensity: float | None) -> str | None:
    """Return the FACS letter that an intensity reaches.

    The rule: the intensity is rounded down to a whole level, 1 to 5, for A to E. So a letter in a
    combination ("12C") is met exactly where this letter is C, D or E.

    Parameters
    ----------
    intensity : float or None
        0 to 5; values above 5 count as 5. None or NaN: not measured.

    Returns
    -------
    str or None
        "A" to "E"; None below 1 (less than a trace) and where nothing was measured.
    """
    if intensity is None or math.isnan(intensity) or intensity < 1.0:
        return None
    return INTENSITY_LETTERS[int(min(intensity, MAX_INTENSITY)) - 1]


def letter_level(letter: str) -> float:
    """Return the lowest intensity of a FACS letter: "A" -> 1.0 ... "E" -> 5.0.

    Raises
    ------
    InputError
        If the letter is not one of A to E.
    """
    if letter not in INTENSITY_LETTERS:
        raise InputError(f'"{letter}" is no FACS intensity; the letters are A, B, C, D and E.')
    return float(INTENSITY_LETTERS.index(letter) + 1)


def _known() -> str:
    return ", ".join(str(number) for number in ACTION_UNITS)
