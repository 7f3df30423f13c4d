"""Each emotion's combinations of Action Units, and how well a face matches them.

Units and minimum intensity
    Intensities run from 0 to 5. A letter in a combination is the minimum intensity (C means 3 or
    more); an AU with ``*`` or without a letter counts from `MIN_PRESENT` = 1, the FACS letter A
    and OpenFace's "minimum", unless another minimum is given.
Sources
    [C] Cohn, Ambadar and Ekman (2007), prototypes and major variants, after the FACS
    Investigator's Guide (2002). [P] the XFERa paper (Macchiarulo et al. 2025, section 2.1).
Departures
    - [P] judges anger by six groups and prints the first (4+5+7+10+22+23+25/26) and the last
      (17+24, restrained anger). The four between are our reading: [C]'s next four prototypes.
    - "With or without 25, 26, 27" and "25 or 26 may occur with all" are optional members; they
      count neither for nor against a match.
    - "Any prototype without one of 4, 5, 7 or 10" is generated, one AU left out at a time; a
      variant that repeats a prototype is kept once, as the prototype.
    - [C] also lets sadness come with head and eyes down (54+64). These are not movements of the
      face's skin, no source here measures them, and they are left out.
    - Some texts give disgust's AU 10 family to contempt, which is not among the seven classes.
      Neutral has no combinations. `xfera_nb.facs.disagreements` lists where sources differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xfera_nb.errors import unknown_name
from xfera_nb.facs.emotions import EMOTIONS, parse_emotion
from xfera_nb.facs.notation import Meaning, Member, join, parse_combination

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "C": "Cohn, Ambadar & Ekman 2007, after the FACS Investigator's Guide (2002)",
        "P": "the XFERa paper (Macchiarulo et al. 2025), section 2.1",
    }
)
"""Source tag -> what it stands for."""

KINDS: tuple[str, ...] = ("prototype", "variant", "restrained")
"""What a combination can be: a prototype, one of its major variants, or restrained anger."""


@dataclass(frozen=True, slots=True)
class Prototype:
    """Hold one combination of AUs that sources give for an emotion.

    Parameters
    ----------
    notation : str
        The combination, see `xfera_nb.facs.notation`.
    emotion : str
        One of EMOTIONS.
    kind : {"prototype", "variant", "restrained"}
    sources : tuple of str
        Tags, keys of `SOURCES`.
    members : tuple of Member
        The notation, parsed.
    """

    notation: str
    emotion: str
    kind: str
    sources: tuple[str, ...]
    members: tuple[Member, ...]

    @classmethod
    def parse(
        cls, notation: str, emotion: str, kind: str = "prototype", sources: Iterable[str] = ("C",)
    ) -> Prototype:
        """Read a combination for an emotion.

        Raises
        ------
        InputError
            If the notation cannot be read, or the emotion, kind or a source is not known.
        """
        emotion, tags = parse_emotion(emotion), tuple(sources)
        for what, given, known in (
            ("kind of combination", (kind,), KINDS),
            ("source tag", tags, tuple(SOURCES)),
        ):
            for value in given:
                if value not in known:
                    raise unknown_name(what, value, known)
        members = parse_combination(notation)
        return cls(join(members), emotion, kind, tags, members)

    @property
    def aus(self) -> tuple[int, ...]:
        """Every AU that it names, alternatives and optional ones too, ascending."""
        return tuple(sorted(au for member in self.members for au in member.aus))

    @property
    def meaning(self) -> frozenset[Meaning]:
        """What the combination requires, whatever the order and spelling of its members."""
        return frozenset(member.meaning for member in self.members)


def without_one(prototype: Prototype, aus: Iterable[int]) -> tuple[Prototype, ...]:
    """Return the variants of a prototype that leave out one of some AUs, one at a time.

    Parameters
    ----------
    prototype : Prototype
    aus : iterable of int
        AUs that may be left out; those that are no member by themselves make no variant.

    Returns
    -------
    tuple of Prototype
        Of kind "variant", with the prototype's emotion and the source tag "C".
    """
    variants = []
    for au in aus:
        rest = tuple(member for member in prototype.members if member.aus != (au,))
        if any(not member.optional for member in rest) and len(rest) < len(prototype.members):
            variants.append(Prototype.parse(join(rest), prototype.emotion, "variant"))
    return tuple(variants)


def unique(prototypes: Iterable[Prototype]) -> tuple[Prototype, ...]:
    """Drop combinations that mean the same as an earlier one for the same emotion."""
    kept: dict[tuple[str, frozenset[Meaning]], Prototype] = {}
    for prototype in prototypes:
        kept.setdefault((prototype.emotion, prototype.meaning), prototype)
    return tuple(kept.values())


_ANGER = (
    Prototype.parse("4+5*+7+10*+22+23+25/26", "anger", sources="CP"),
    Prototype.parse("4+5*+7+10*+23+25/26", "anger", sources="CP"),
    Prototype.parse("4+5*+7+23+25/26", "anger", sources="CP"),
    Prototype.parse("4+5*+7+17+23", "anger", sources="CP"),
    Prototype.parse("4+5*+7+17+24", "anger", sources="CP"),
    Prototype.parse("4+5*+7+23", "anger"),
    Prototype.parse("4+5*+7+24", "anger"),
)
_RESTRAINED = Prototype.parse("17+24", "anger", "restrained", sources="P")

# Emotion -> (prototypes, major variants); anger's variants are generated.
_LISTED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "disgust": (("9", "9+16+15/26", "9+17", "10*", "10*+16+25/26", "10+17"), ()),
    "fear": (
        ("1+2+4+5*+20*+25/26/27", "1+2+4+5*+25/26/27"),
        ("1+2+4+5*+U20*+25/26/27", "1+2+4+5*", "1+2+5E+(25/26/27)", "5*+20*+(25/26/27)"),
    ),
    "happiness": (("6+12*",), ("12C",)),
    "neutral": ((), ()),
    "sadness": (
        ("1+4+11+15B+(25/26)", "1+4+15*+(25/26)", "6+15*+(25/26)"),
        (
            "1+4+11+(25/26)",
            "1+4+15B+(25/26)",
            "1+4+15B+17+(25/26)",
            "11+15B+(25/26)",
            "11+17+(25/26)",
        ),
    ),
    "surprise": (
        ("1+2+5B+26", "1+2+5B+27"),
        ("1+2+5B", "1+2+26", "1+2+27", "5B+26", "5B+27"),
    ),
}


def _build(emotion: str) -> tuple[Prototype, ...]:
    if emotion == "anger":
        shorter = (v for prototype in _ANGER for v in without_one(prototype, (4, 5, 7, 10)))
        return unique((*_ANGER, _RESTRAINED, *shorter))
    prototypes, variants = _LISTED[emotion]
    return unique(
        (
            *(Prototype.parse(text, emotion) for text in prototypes),
            *(Prototype.parse(text, emotion, "variant") for text in variants),
        )
    )


PROTOTYPES: Mapping[str, tuple[Prototype, ...]] = MappingProxyType(
    {emotion: _build(emotion) for emotion in EMOTIONS}
)
"""Emotion -> its combinations: prototypes first, then restrained anger, then variants. Neutral has
none."""

PAPER_ANGER_GROUPS: tuple[Prototype, ...] = (*_ANGER[:5], _RESTRAINED)
"""The six groups by which the XFERa paper judges anger, the most intense first, restrained last."""
