"""The Karolinska Directed Emotional Faces: 70 people, 7 expressions, 5 angles, 2 sessions.

Each name says it all, as in ``AF01ANS.JPG``: session A or B, gender F or M, the person's number 01
to 35 of that gender, the expression, the angle (S straight, HL and HR half left and right, FL and
FR full left and right). Upper or lower case; in folders of any depth.

Source: Lundqvist, Flykt and Öhman (1998). The pictures come from their makers for research; they
may not be shown or passed on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xfera_nb.datasets import files
from xfera_nb.datasets.dataset import Dataset, Item, Problem
from xfera_nb.datasets.samples import EXPRESSIONS

SESSIONS = ("A", "B")
ANGLES = ("S", "HL", "HR", "FL", "FR")
GENDERS = ("F", "M")
PEOPLE = 35
"""Of each gender."""

NAME = re.compile(rf"([AB])([FM])(\d\d)({'|'.join(EXPRESSIONS)})(S|HL|HR|FL|FR)", re.IGNORECASE)
_FORM = "the name is not like AF01ANS.JPG"


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
    root = files.folder(root, "KDEF")
    items: dict[str, Item] = {}
    places: dict[str, str] = {}
    problems: list[Problem] = []
    found = list(files.walk(root))
    for path in found:
        where = path.relative_to(root).as_posix()
        if not files.is_photo_name(path):
            problems.append(files.other_file(root, path))
            continue
        match = NAME.fullmatch(path.stem) if path.suffix.lower() == ".jpg" else None
        if match is None or not 1 <= int(match[3]) <= PEOPLE:
            problems.append(Problem("misnamed", where, _FORM))
            continue
        name = path.stem.upper()
        if name in items:
            problems.append(Problem("duplicate", where, f"named as {places[name]}"))
            name = where
        places[name] = where
        session, gender, number, code, angle = (part.upper() for part in match.groups())
        items[name] = Item(
            id=name,
            path=str(path),
            emotion=EXPRESSIONS[code],
            label=code,
            person=gender + number,
            session=session,
            angle=angle,
            gender=gender,
        )
    ordered = [items[name] for name in sorted(items)]
    problems += _gaps(ordered)
    return files.build(KDEF, "kdef", root, ordered, problems, files=len(found), check=check)


def _gaps(items: list[Item]) -> Iterator[Problem]:
    """Yield the expressions that are missing from a person's series."""
    series: dict[tuple[str | None, ...], set[str | None]] = defaultdict(set)
    for item in items:
        series[item.session, item.person, item.angle].add(item.label)
    for (session, person, angle), codes in series.items():
        for code in (code for code in EXPRESSIONS if code not in codes):
            name = f"{session}{person}{code}{angle}"
            yield Problem("missing", name, f"the series has no picture of {EXPRESSIONS[code]}")
