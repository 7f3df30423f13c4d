"""Look up what the FACS tables say about an Action Unit or an emotion.

Units: landmarks are numbered 1 to 68, intensities run from 0 to 5 with FACS letters A (1) to E (5).
Sources: `xfera_nb.facs` and what its modules name; each fact here says which. Nothing is measured:
for faces that show an Action Unit see `xfera_nb.teaching.measured`.
"""

from __future__ import annotations

from dataclasses import dataclass

from xfera_nb.facs import (
    ACTION_UNITS,
    DISAGREEMENTS,
    EMOTIONS,
    EXPECTED_AUS,
    GROUP_OF,
    INTENSITY_WORDS,
    LANDMARK_AUS,
    PROTOTYPES,
    SOURCES,
    ActionUnit,
    Disagreement,
    Member,
    Need,
    Prototype,
    au_landmarks,
    au_name,
    is_extension,
    parse_au,
    parse_combination,
)

FACS_SOURCE = "FACS (Ekman & Friesen 1978; Ekman, Friesen & Hager 2002)"
TABLE2_SOURCE = "the XFERa paper (Macchiarulo et al. 2025), Table 2"
EXTENSION_SOURCE = "this toolkit's extension, where the XFERa paper's Table 2 is silent"


@dataclass(frozen=True)
class AUFacts:
    """Hold what the tables say about one Action Unit.

    Attributes
    ----------
    unit : ActionUnit
        Number, name, muscle, region, words.
    landmarks : tuple of int
        Landmark numbers, 1 to 68, ascending; empty where no table gives any.
    landmark_source : str or None
        Who gives them; None where there are none.
    expected_for : tuple of str
        The emotions for which Table 2 lists it, in the order of `EMOTIONS`.
    combinations : tuple of Prototype
        The prototypes and restrained anger that name it; variants are left out.
    """

    unit: ActionUnit
    landmarks: tuple[int, ...]
    landmark_source: str | None
    expected_for: tuple[str, ...]
    combinations: tuple[Prototype, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the regions in which its landmarks lie, from the jaw to the lips; each once."""
        return tuple(dict.fromkeys(GROUP_OF[number] for number in self.landmarks))

    @property
    def measured_as(self) -> str:
        """Say in a sentence what OpenFace, and what imitates it, measures of this Action Unit."""
        if self.unit.openface_intensity:
            return "OpenFace gives it an intensity from 0 to 5."
        if self.unit.openface_presence:
            return "OpenFace gives its presence, but no intensity."
        return "OpenFace does not measure it."


@dataclass(frozen=True)
class EmotionFacts:
    """Hold what the tables say about one emotion.

    Attributes
    ----------
    emotion : str
    expected : tuple of int
        The Action Units that Table 2 lists for it.
    prototypes : tuple of Prototype
        Its prototypes, and restrained anger.
    variants : tuple of Prototype
        Their major variants.
    disagreements : tuple of Disagreement
        What other sources give instead.
    """

    emotion: str
    expected: tuple[int, ...]
    prototypes: tuple[Prototype, ...]
    variants: tuple[Prototype, ...]
    disagreements: tuple[Disagreement, ...]

    @property
    def named(self) -> tuple[int, ...]:
        """Return every Action Unit that a combination or Table 2 names for it, ascending."""
        combinations = (*self.prototypes, *self.variants)
        return tuple(sorted({*self.expected, *(au for one in combinations for au in one.aus)}))


def au_facts(au: int | str) -> AUFacts:
    """Return what the tables say about an Action Unit.

    Parameters
    ----------
    au : int or str
        12, "12" or "AU12".

    Raises
    ------
    ValueError
        If the catalogue has no such Action Unit.
    """
    unit = ACTION_UNITS[parse_au(str(au))]
    number = unit.number
    known = number in LANDMARK_AUS
    return AUFacts(
        unit=unit,
        landmarks=au_landmarks(number) if known else (),
        landmark_source=_landmark_source(number) if known else None,
        expected_for=tuple(e for e in EMOTIONS if number in EXPECTED_AUS[e]),
        combinations=tuple(
            one
            for e in EMOTIONS
            for one in PROTOTYPES[e]
            if one.kind != "variant" and number in one.aus
        ),
    )


def emotion_facts(emotion: str) -> EmotionFacts:
    """Return what the tables say about an emotion.

    Raises
    ------
    ValueError
        If it is none of the seven.
    """
    if emotion not in EMOTIONS:
        raise ValueError(f'"{emotion}" is no emotion here; choose one of {", ".join(EMOTIONS)}.')
    all_of_it = PROTOTYPES[emotion]
    return EmotionFacts(
        emotion=emotion,
        expected=EXPECTED_AUS[emotion],
        prototypes=tuple(one for one in all_of_it if one.kind != "variant"),
        variants=tuple(one for one in all_of_it if one.kind == "variant"),
        disagreements=tuple(one for one in DISAGREEMENTS if one.emotion == emotion),
    )


def sources_of(combination: Prototype) -> str:
    """Write out the sources of a combination."""
    return "; ".join(SOURCES[tag] for tag in combination.sources)


def describe_combination(notation: str) -> str:
    """Write a combination in words: "5B+26" is "upper lid raiser (slight or more) + jaw drop".

    Raises
    ------
    ValueError
        If the text is not in the notation of `xfera_nb.facs.notation`.
    """
    return " + ".join(_member_words(member) for member in parse_combination(notation))


def _member_words(member: Member) -> str:
    text = " or ".join(_need_words(need) for need in member.needs)
    return f"perhaps {text}" if member.optional else text


def _need_words(need: Need) -> str:
    details = []
    if need.least is not None:
        details.append(f"{INTENSITY_WORDS[need.strength]} or more")
    if need.one_side:
        details.append("on one side only")
    name = ACTION_UNITS[need.au].name
    return f"{name} ({', '.join(details)})" if details else name


def format_ranges(numbers: tuple[int, ...]) -> str:
    """Write numbers as ranges: (28, 29, 30, 33) is "28-30, 33"; "none" where there are none."""
    parts: list[list[int]] = []
    for number in sorted(set(numbers)):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    texts = (f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)
    return ", ".join(texts) or "none"


def format_aus(aus: tuple[int, ...]) -> str:
    """Write Action Units as a list: (1, 4) is "AU01, AU04"; "none" where there are none."""
    return ", ".join(map(au_name, aus)) or "none"


def _landmark_source(au: int) -> str:
    return EXTENSION_SOURCE if is_extension(au) else TABLE2_SOURCE
