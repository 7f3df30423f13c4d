"""``xfera check``: check a text against the facts of a face.

The facts are the output of ``xfera explain --json``: one JSON object, or one line of several. No
network and no image is loaded.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from xfera_nb.cli.options import add_command, whole_number
from xfera_nb.errors import XferaError
from xfera_nb.explanation.choices import LANGUAGES

MOST_FACTS, MOST_TEXT = 200_000_000, 100_000
"""Maximum length of a facts file and of a text, in characters; some files have no end."""

_EPILOG = """\
examples:
  xfera explain photo.jpg --json > facts.json
  xfera check --facts facts.json "The lip corners are pulled up and the nose is wrinkled."
  xfera check --facts facts.json < text.txt
  xfera check --facts results.jsonl --line 3 --language it < testo.txt

The output lists the Action Units that each sentence names. Each is supported, unsupported (not
active on this face), contradicted (wrong side or strength), negated (said to be absent) or
ambiguous (said to be possible, or meant by a pronoun that may mean several parts of the face).
exit codes: 0 done, whatever the result; 2 the facts or the text cannot be read
"""


class TextError(XferaError):
    """Report that there is no text to check, or that it cannot be read."""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "check",
        help="check a text against the facts of a face",
        description="Prints, as JSON, which facial movements each sentence names and whether they "
        "were found on the face.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "text", nargs="?", type=str, metavar="TEXT",
        help="the text (default: standard input)",
    )  # fmt: skip
    parser.add_argument(
        "--facts", required=True, metavar="FILE", help="output of xfera explain --json"
    )
    parser.add_argument(
        "--line", type=whole_number(1), metavar="N", help="which face, if the file holds several"
    )
    parser.add_argument(
        "--language", choices=tuple(LANGUAGES), help="language of the text (default: detected)"
    )


def run(options: argparse.Namespace) -> int:
    """Check the text and print the result; return the exit code."""
    from xfera_nb.explanation import Facts, check

    facts = Facts.from_dict(read_facts(options.facts, options.line))
    text = _text(options.text)
    found = check(text, facts, options.language)
    print(json.dumps(found.to_dict(), ensure_ascii=False, indent=2, allow_nan=False))
    return 0


def read_facts(path: str, line: int | None = None) -> Any:
    """Return the JSON object of a file, or of one of its lines.

    Parameters
    ----------
    path : str
    line : int, optional
        Number from 1, not counting empty lines; needed if there are several.

    Raises
    ------
    FactsError
        If the file cannot be read, is not JSON, or has no such line.
    """
    from xfera_nb.explanation import FactsError

    try:
        with open(path, encoding="utf-8-sig") as file:
            content = file.read(MOST_FACTS + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise FactsError(f"The facts in {path} cannot be read ({why}); check the path.") from None
    if len(content) > MOST_FACTS:
        raise FactsError(f"{path} is longer than {MOST_FACTS:,} characters; give a part of it.")
    wrong = f"{path} holds no JSON; give the output of `xfera explain --json`."
    lines = [one for one in content.splitlines() if one.strip()]
    if line is None:
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            if len(lines) < 2 or not _is_json(lines[0]):
                raise FactsError(wrong) from None
        raise FactsError(f"{path} holds {len(lines)} faces; choose one with --line.")
    if line > len(lines):
        raise FactsError(f"{path} has no line {line}; it holds {len(lines)} of them.")
    try:
        return json.loads(lines[line - 1])
    except (ValueError, RecursionError):
        raise FactsError(wrong) from None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _text(given: str | None) -> str:
    text = given
    if text is None:
        if sys.stdin is None or sys.stdin.isatty():
            raise TextError("There is no text; give it as an argument or on standard input.")
        if hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(encoding="utf-8")
        try:
            text = sys.stdin.read(MOST_TEXT + 1)
        except ValueError:
            raise TextError("The text on standard input is not UTF-8; convert it.") from None
    if not text.strip():
        raise TextError("The text is empty; give a sentence or more.")
    if len(text) > MOST_TEXT:
        raise TextError(f"The text is longer than {MOST_TEXT:,} characters; give a part of it.")
    return text
