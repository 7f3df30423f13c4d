"""Shows the lists of terms in docstrings as lists.

A line at the margin with indented lines right below it is a term with its definition::

    Scales
        Intensities are 0 to 5.

Markdown would run both into one paragraph; its own form has a colon before the definition.
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

_TERM = re.compile(r"^(?P<term>\S.*)\n(?P<definition>(?: {4}.*\n|\n(?= {4}))+)", re.MULTILINE)


def as_lists(text: str) -> str:
    """`text` with each term and its definition in Markdown's form.

    Parameters
    ----------
    text : str
        A docstring without indentation, and without the sections of the numpy style.
    """

    def listed(found: re.Match[str]) -> str:
        term, definition = found["term"], found["definition"].rstrip("\n")
        if term.endswith("::"):
            return found[0]
        return f"{term}\n:   {definition.removeprefix('    ')}\n\n"

    return _TERM.sub(listed, text + "\n").rstrip("\n")


class Definitions(Extension):
    """Applies `as_lists` to what modules say of themselves."""

    def on_module(self, *, mod: Object, **_: Any) -> None:
        if mod.docstring:
            mod.docstring.value = as_lists(mod.docstring.value)
