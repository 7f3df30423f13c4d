"""Put small pieces of text into their form: a number with its noun, the start of a sentence."""

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


def start_sentence(text: str) -> str:
    """Return a text with its first letter in upper case; the others stay, as those of "AU"."""
    return text[:1].upper() + text[1:]
