"""Puts the help of every command where a page says so, from the real argument parser."""

from __future__ import annotations

import argparse
import os
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

from xfera_nb.cli import make_parser

MARK = "<!-- help of every command -->"
WIDTH = 88


def every(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser, its commands, theirs, and so on."""
    yield parser
    for action in parser._actions:
        if isinstance(action.choices, Mapping):
            for command in action.choices.values():
                yield from every(command)


def commands() -> str:
    """Markdown: for each command a heading and its help."""
    with patch.dict(os.environ, COLUMNS=str(WIDTH + 2)):  # argparse goes by the terminal's width
        helps = {parser.prog: parser.format_help() for parser in every(make_parser())}
    return "\n\n".join(
        f"## {name}\n\n```text\n{_wrapped(text)}\n```" for name, text in helps.items()
    )


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, WIDTH) for line in text.rstrip().splitlines())


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the mark."""
    return markdown.replace(MARK, commands()) if MARK in markdown else markdown
