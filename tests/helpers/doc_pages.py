"""The pages of the documentation, their blocks of code, and the commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "MODEL_LICENSES.md"]
    + [*(ROOT / "docs").rglob("*.md")]
)
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^(?: {4}|\t).*$", re.MULTILINE)


def blocks(text: str) -> Iterator[str]:
    """Lines that stand in blocks of code."""
    text = text.replace("\\\n", " ")
    for fence in FENCE.finditer(text):
        yield from (line.strip() for line in fence[2].splitlines())
    for line in INDENTED.findall(FENCE.sub("", text)):
        yield line.strip()


def commands(line: str) -> Iterator[list[str]]:
    """The calls of xfera in a line for the shell, without the program's name."""
    for part in re.split(r"&&|\|\||[|;]", line.split(" #")[0]):
        if part.split()[:1] == ["xfera"]:
            yield shlex.split(re.sub(r"\d?>.*", "", part))[1:]
