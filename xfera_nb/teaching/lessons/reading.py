"""Read what a learner typed: numbers, AU numbers, letters and grids in many forms.

Numbers may be written with a comma, as a string, a fraction of numpy's or a per cent; AUs as 12,
"12", "AU12" or "au 12"; choices as "ac", ["a", "c"] or {"A", "C"}.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

_AU = re.compile(r"(?:au)?[ _-]*0*(\d{1,2})", re.IGNORECASE)
_UNREADABLE = (TypeError, ValueError, OverflowError, AttributeError, RuntimeError)


class NotReadable(ValueError):
    """Report an answer of the wrong kind; the sentence says what is asked for."""


def number(answer: Any, what: str = "a number") -> float:
    """Read a finite number.

    Raises
    ------
    NotReadable
        If it is none.
    """
    wanted = f"Give {what}, such as 1.25; {_shown(answer)} is none."
    if isinstance(answer, bool):
        raise NotReadable(wanted)
    if isinstance(answer, str):
        text = answer.strip().replace("−", "-").replace(",", ".")
        share = text.endswith("%")
        answer = text.removesuffix("%").strip()
    else:
        share = False
    try:
        value = float(answer)
    except _UNREADABLE:
        raise NotReadable(wanted) from None
    if not math.isfinite(value):
        raise NotReadable(wanted)
    return value / 100 if share else value


def au_number(answer: Any) -> int:
    """Read the number of an Action Unit.

    Raises
    ------
    NotReadable
        If it is none.
    """
    wanted = f"Give the number of one Action Unit, such as 4 or 'AU04'; {_shown(answer)} is none."
    if isinstance(answer, str):
        found = _AU.fullmatch(answer.strip())
        if found is None:
            raise NotReadable(wanted)
        return int(found[1])
    value = number(answer, "the number of one Action Unit")
    if value != int(value) or not 1 <= value <= 99:
        raise NotReadable(wanted)
    return int(value)


def au_numbers(answer: Any) -> frozenset[int]:
    """Read numbers of Action Units.

    Raises
    ------
    NotReadable
        If one is none.
    """
    if isinstance(answer, str):
        parts: Iterable[Any] = [p for p in re.split(r"[,;+&\s]+(?:and\s+)?", answer.strip()) if p]
        if any(part.casefold() == "au" for part in parts):  # "AU 9, AU 26"
            parts = re.findall(r"au\s*\d+", answer, re.IGNORECASE)
    else:
        parts = _items(answer)
    found = frozenset(au_number(part) for part in parts)
    if not found:
        raise NotReadable("Give the numbers of Action Units, such as [1, 4] or '1+4'.")
    return found


def letters(answer: Any, allowed: str) -> frozenset[str]:
    """Read letters of a choice.

    Parameters
    ----------
    answer : object
    allowed : str
        Such as "abcd".

    Raises
    ------
    NotReadable
        If something else is among them, or nothing is chosen.
    """
    items = [answer] if isinstance(answer, str) else _items(answer)
    parts = "".join(items) if all(isinstance(item, str) for item in items) else None
    wanted = f"Choose among the letters {', '.join(allowed)}, as in 'a' or 'ac'"
    if parts is None:
        raise NotReadable(f"{wanted}; {_shown(answer)} is none of them.")
    found = frozenset(re.sub(r"[\s,;+)(]|\band\b", "", parts.casefold()))
    if not found or not found <= set(allowed):
        raise NotReadable(f"{wanted}; {_shown(answer)} is none of them.")
    return found


def word(answer: Any, allowed: Iterable[str]) -> str:
    """Read one of some words, in any case.

    Raises
    ------
    NotReadable
        If it is none of them.
    """
    known = tuple(allowed)
    found = answer.strip().casefold() if isinstance(answer, str) else ""
    if found not in known:
        raise NotReadable(f"Answer with one of {', '.join(map(repr, known))}.")
    return found


def grid(answer: Any, shape: tuple[int, int]) -> np.ndarray:
    """Read a table of finite numbers.

    Raises
    ------
    NotReadable
        If it is none, or has another shape.
    """
    rows, columns = shape
    wanted = f"Give {rows} rows of {columns} numbers, such as [[0, 1, …], …]"
    if isinstance(answer, list) and any(isinstance(r, list) and ... in r for r in answer):
        raise NotReadable("Put a number in place of each of the dots, and run the cell again.")
    try:
        table = np.asarray(answer, dtype=float)
    except _UNREADABLE:
        raise NotReadable(f"{wanted}; {_shown(answer)} cannot be read as such.") from None
    if table.shape != shape:
        raise NotReadable(f"{wanted}; this has the shape {table.shape}.")
    if not np.isfinite(table).all():
        raise NotReadable(f"{wanted}; one of these is no number.")
    return table


def _items(answer: Any) -> list[Any]:
    """List what an answer holds, or the answer itself if it holds nothing."""
    if isinstance(answer, numbers.Number | bytes):
        return [answer]
    try:
        return list(answer)
    except _UNREADABLE:
        return [answer]


def _shown(answer: Any) -> str:
    if isinstance(answer, str | numbers.Number):
        text = repr(answer)
        return text if len(text) <= 30 else f"{text[:27]}…"
    kind = type(answer).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"
