"""What the commands say on stderr: one line for each thing that went wrong."""

from __future__ import annotations

import sys
import unicodedata

USAGE = 2
NOTHING_EXPLAINED = 3

_UNFIT = ("Cc", "Cf", "Cs", "Zl", "Zp")


def one_line(text: object) -> str:
    """Text on one line, without characters that a terminal would obey."""
    flat = " ".join(str(text).split())
    return "".join("?" if unicodedata.category(c) in _UNFIT else c for c in flat)


def complain(error: object, photo: str | None = None) -> None:
    """Print ``xfera: PHOTO: sentence`` to stderr."""
    about = "" if photo is None else f"{one_line(photo)}: "
    print(f"xfera: {about}{one_line(error)}", file=sys.stderr, flush=True)
