"""The Karolinska Directed Emotional Faces: 70 people, 7 expressions, 5 angles, 2 sessions.

Each name says it all, as in ``AF01ANS.JPG``: session A or B, gender F or M, the person's number 01
to 35 of that gender, the expression, the angle (S straight, HL and HR half left and right, FL and
FR full left and right). Upper or lower case; any format; in folders of any depth.

AKDEF holds the averages of these people by gender, in grey; a name is gender, expression and angle,
as in ``FAFFL.JPG``.

Sources: Lundqvist, Flykt and Öhman (1998); Lundqvist and Litton (1998). The pictures come from
their makers for research; they may not be shown or passed on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xfera_nb.datasets.dataset import Dataset, Item, Problem
from xfera_nb.datasets.named import read_named
from xfera_nb.datasets.samples import EXPRESSIONS

SESSIONS = ("A", "B")
ANGLES = ("S", "HL", "HR", "FL", "FR")
GENDERS = ("F", "M")
PEOPLE = 35
"""Of each gender."""

NAME = re.compile(rf"([AB])([FM])(\d\d)({'|'.join(EXPRESSIONS)})(S|HL|HR|FL|FR)", re.IGNORECASE)
AKDEF_NAME = re.compile(rf"([FM])({'|'.join(EXPRESSIONS)})(S|HL|HR|FL|FR)", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class KDEF(Dataset):
    """Hold KDEF's photos; `person` is gender and number, such as "F01"."""

    def paper490(self) -> Dataset:
        """Return the XFERa paper's pictures: session A, straight view; 490 in a complete copy."""
        return self.select(session="A", angle="S")

    def select(self, *, expression: Any = None, **wanted: Any) -> Dataset:
        """Select as `Dataset.select`, also by `expression`: KDEF's codes such as "AF" for fear."""
        if expression is not None:
            many = isinstance(expression, (list, tuple, set, frozenset))
            codes = expression if many else (expression,)
            wanted["emotion"] = tuple(EXPRESSIONS.get(code, code) for code in codes)
        return super().select(**wanted)


def read_kdef(root: str | Path, *, check: bool = True) -> KDEF:
    """Read KDEF's folder.

    Parameters
    ----------
    root : path
        The folder with the pictures, or with folders of them.
    check : bool
        Decode every photo and look for duplicates.

    Returns
    -------
    KDEF
        Sorted by name.

    Raises
    ------
    DatasetError
        If there is no such folder, or no picture of KDEF in it.
    """
    return read_named(
        KDEF, "kdef", root, "KDEF", _fields, "AF01ANS.JPG", check=check, gaps=_gaps
    )


def read_akdef(root: str | Path, *, check: bool = True) -> Dataset:
    """Read AKDEF's folder; `person` is the averaged woman or man, "F" or "M".

    Parameters
    ----------
    root : path
    check : bool
        Decode every photo and look for duplicates.

    Raises
    ------
    DatasetError
        If there is no such folder, or no picture of AKDEF in it.
    """
    return read_named(Dataset, "akdef", root, "AKDEF", _averaged, "FAFFL.JPG", check=check)


def _averaged(name: str) -> dict[str, Any] | None:
    match = AKDEF_NAME.fullmatch(name)
    if match is None:
        return None
    gender, code, angle = match.groups()
    emotion = EXPRESSIONS[code]
    return {"emotion": emotion, "label": code, "person": gender, "gender": gender, "angle": angle}


def _fields(name: str) -> dict[str, Any] | None:
    match = NAME.fullmatch(name)
    if match is None or not 1 <= int(match[3]) <= PEOPLE:
        return None
    session, gender, number, code, angle = match.groups()
    return {
        "emotion": EXPRESSIONS[code], "label": code, "person": gender + number,
        "session": session, "angle": angle, "gender": gender,
    }  # fmt: skip


def _gaps(items: list[Item]) -> list[Problem]:
    """Return the expressions that are missing from a person's series."""
    series: dict[tuple[str | None, ...], set[str | None]] = defaultdict(set)
    for item in items:
        series[item.session, item.person, item.angle].add(item.label)
    return [
        Problem(
            "missing",
            f"{session}{person}{code}{angle}",
            f"the series has no picture of {EXPRESSIONS[code]}",
        )
        for (session, person, angle), codes in series.items()
        for code in EXPRESSIONS
        if code not in codes
    ]
