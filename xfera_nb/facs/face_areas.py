"""The areas of a face where each Action Unit is seen, for a face to point at.

Areas
    They are wider and fewer than the appearance changes of FACS, and an Action Unit stands in each
    area where a learner would look for it: AU 6 at the cheeks that it lifts and at the eyelids that
    it narrows, AU 14 at the mouth corners that it draws in and at the cheeks that it dimples. They
    are not the six regions of a map (`xfera_nb.faces.regions`), which do not overlap.
Shapes
    An area is the convex hulls of some landmarks (iBUG numbers, 1 to 68), widened by a margin in
    pixels of a 224 px crop. Where two overlap, the later in `FACE_AREAS` lies on top.
Source
    What each Action Unit changes: FACS (Ekman and Friesen 1978; Ekman, Friesen and Hager 2002), as
    the regions and the words of `xfera_nb.facs.action_units` have it. The areas are this toolkit's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xfera_nb.facs.action_units import ACTION_UNITS, au_name


@dataclass(frozen=True, slots=True)
class FaceArea:
    """Describe one area of the face.

    Parameters
    ----------
    name : str
        Its key in `FACE_AREAS`, such as "mouth corners".
    aus : tuple of int
        The Action Units that are seen there, ascending.
    hulls : tuple of tuple of int
        The landmarks around each part; both sides may be one part.
    margin : int
        By how many pixels of a 224 px crop each hull is widened.
    """

    name: str
    aus: tuple[int, ...]
    hulls: tuple[tuple[int, ...], ...]
    margin: int


def _span(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


_ROWS = (
    FaceArea(
        "cheeks",
        (6, 11, 14),
        ((2, 3, 4, 5, 49, 32, 41, 42), (16, 15, 14, 13, 55, 36, 48, 47)),
        0,
    ),
    FaceArea("chin and jaw", (17, 26, 27), ((*_span(6, 12), 57, 58, 59),), 2),
    FaceArea("nose", (9,), (_span(28, 36),), 7),
    FaceArea("lips", (10, 16, 18, 22, 23, 24, 25, 28), (_span(50, 54) + _span(56, 60),), 5),
    FaceArea("mouth corners", (12, 14, 15, 20), ((49, 61), (55, 65)), 9),
    FaceArea("eyelids", (5, 6, 7, 43, 45), (_span(37, 42), _span(43, 48)), 6),
    FaceArea("brows", (1, 2, 4), (_span(18, 27),), 9),
)

FACE_AREAS: Mapping[str, FaceArea] = MappingProxyType({row.name: row for row in _ROWS})
"""Name -> FaceArea, the undermost first."""


def areas_of(au: int) -> tuple[str, ...]:
    """Return the names of the areas where an Action Unit is seen.

    Raises
    ------
    InputError
        If the catalogue has no such Action Unit.
    """
    au_name(au)
    return tuple(area.name for area in FACE_AREAS.values() if au in area.aus)


def describe_area(name: str) -> str:
    """Return an area with its Action Units in a sentence, as a screen reader says it."""
    units = (ACTION_UNITS[au] for au in FACE_AREAS[name].aus)
    return f"{name.capitalize()}: {', '.join(f'{one.code} {one.name}' for one in units)}"
