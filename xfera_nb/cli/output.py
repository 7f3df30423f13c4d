"""What the commands print: results on stdout, one line per error on stderr; the exit codes."""

from __future__ import annotations

import sys
import unicodedata

from xfera_nb.errors import name_photo

USAGE_ERROR = 2
NO_RESULT = 3

_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def one_line(text: object) -> str:
    """Return the text on one line, without characters that a terminal would obey."""
    flat = " ".join(str(text).split())
    return "".join(map(_printable, flat))


def print_text(text: object) -> None:
    """Print lines to stdout, without characters that a terminal would obey."""
    lines = str(text).split("\n")
    print("\n".join("".join(map(_printable, line)) for line in lines), flush=True)


def print_error(error: object, source: str | None = None) -> None:
    """Print ``xfera: sentence`` to stderr, with the source that it is about."""
    sentence = one_line(error)
    if source is not None:
        sentence = name_photo(sentence, one_line(source))
    print(f"xfera: {sentence}", file=sys.stderr, flush=True)


def _printable(character: str) -> str:
    return "?" if unicodedata.category(character) in _UNPRINTABLE else character
