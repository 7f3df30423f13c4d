"""Read the values of facts from a JSON record, or refuse them.

A wrong value is a TypeError or ValueError whose sentence says what was given; `Facts.from_dict`
makes a `FactsError` of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xfera_nb.facs import EMOTIONS, parse_au
from xfera_nb.fusion.states import STATES

CONFIDENCE_LEVELS: tuple[str, ...] = ("High", "Medium", "Low")


def read_each(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield each entry with its AU."""
    known: set[int] = set()
    for entry in entries:
        au = read_au(entry["au"])
        if au in known:
            raise ValueError(f"{entry['au']} is given twice")
        known.add(au)
        yield au, entry


def read_au(value: object) -> int:
    """Return the number of an AU written as "AU06"."""
    if not isinstance(value, str):
        raise TypeError(f'{value!r} is given where an AU such as "AU06" is needed')
    return parse_au(value)


def read_emotion(value: object) -> str:
    """Return one of EMOTIONS, in whatever case it is written."""
    name = str(value).lower()
    if name not in EMOTIONS:
        raise ValueError(f'"{value}" is none of the seven emotions')
    return name


def read_level(value: object) -> str:
    """Return one of `CONFIDENCE_LEVELS`."""
    if value not in CONFIDENCE_LEVELS:
        raise ValueError(f'"{value}" is no confidence level')
    return str(value)


def read_flag(value: object) -> bool:
    """Return a truth value; 0, 1 and words are none."""
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is given where true or false is needed")
    return value


def read_intensity(value: Any) -> float | None:
    """Return an intensity, 0 to 5; None where it is not known."""
    number = read_number(value)
    if number is not None and not 0 <= number <= 5:
        raise ValueError(f"an intensity lies between 0 and 5, not at {number:g}")
    return number


def read_number(value: Any) -> float | None:
    """Return a number; None for None and NaN."""
    if value is None:
        return None
    if isinstance(value, (bool, str)):
        raise TypeError(f"{value!r} is given where a number is needed")
    number = float(value)
    return None if math.isnan(number) else number


def read_state(value: object) -> str:
    """Return one of `STATES`."""
    if value not in STATES:
        raise ValueError(f'"{value}" is no state of an AU')
    return str(value)


def read_rounded(value: Any) -> float | None:
    """Read a number to four digits, so that a cached answer outlasts the network's last bit."""
    number = read_number(value)
    return None if number is None else round(number, 4)


def read_emotion_or_none(value: object) -> str | None:
    """Return one of EMOTIONS; None where it is not known."""
    return None if value is None else read_emotion(value)
