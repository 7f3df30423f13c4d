"""Say a number with its noun."""

from __future__ import annotations


def count_of(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number and a noun in its form for it, such as "1 face" or "1,200 faces".

    Parameters
    ----------
    number : int
    noun : str
        In the singular.
    plural : str, optional
        The noun with an "s" by default.
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
