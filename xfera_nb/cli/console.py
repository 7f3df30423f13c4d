"""What the commands say: results on stdout, on stderr a line for each thing that went wrong."""

from __future__ import annotations

import sys
import unicodedata

USAGE = 2
NOTHING_EXPLAINED = 3

_UNFIT = ("Cc", "Cf", "Cs", "Zl", "Zp")


def one_line(text: object) -> str:
    """Text on one line, without characters that a terminal would obey."""
    flat = " ".join(str(text).split())
    return "".join(map(_shown, flat))


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
