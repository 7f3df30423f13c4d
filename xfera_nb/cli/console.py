"""What the commands say: results on stdout, on stderr a line for each thing that went wrong."""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Callable

USAGE = 2
NOTHING_EXPLAINED = 3

_UNFIT = ("Cc", "Cf", "Cs", "Zl", "Zp")


def one_line(text: object) -> str:
    """Text on one line, without characters that a terminal would obey."""
    flat = " ".join(str(text).split())
    return "".join(map(_shown, flat))


def whole_number(low: int, high: int = 2**32 - 1) -> Callable[[str], int]:
    """The type of an argument that is a whole number within limits, as argparse takes it."""

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        value = int(text) if digits.isdecimal() and len(digits) < 20 else low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not from {low} to {high}")
        return value

    return read


def say(text: object) -> None:
    """Print lines to stdout, without characters that a terminal would obey."""
    lines = str(text).split("\n")
    print("\n".join("".join(map(_shown, line)) for line in lines), flush=True)


def _shown(character: str) -> str:
    return "?" if unicodedata.category(character) in _UNFIT else character


def complain(error: object, photo: str | None = None) -> None:
    """Print ``xfera: PHOTO: sentence`` to stderr."""
    about = "" if photo is None else f"{one_line(photo)}: "
    print(f"xfera: {about}{one_line(error)}", file=sys.stderr, flush=True)
