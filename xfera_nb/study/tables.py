"""A table of results that says whether the answers are simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from xfera_nb.study.answers import answer_kind
from xfera_nb.study.texts import plain

if TYPE_CHECKING:
    import pandas as pd

MARK = "SIMULATED ANSWERS"
"""Precedes the title of every result from simulated answers."""
NOTHING = "-"


@dataclass(frozen=True)
class Table:
    """Hold a table of results that can be printed, displayed and turned into a data frame.

    Attributes
    ----------
    title : str
    columns : tuple of str
    rows : tuple of tuple
        Numbers as they are; None is undefined.
    simulated : bool
    percent : tuple of str
        Columns whose shares are shown as per cent.
    chances : tuple of str
        Columns of p values: three places, the smallest as "<0.001".
    remarks : tuple of str
        Columns that are not shown where they are empty.
    note : str
        A sentence below.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    simulated: bool
    percent: tuple[str, ...] = ()
    chances: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    note: str = ""

    @property
    def heading(self) -> str:
        """The title, with the mark where the answers are simulated."""
        return marked(self.title, self.simulated)

    def frame(self) -> pd.DataFrame:
        """Return the table with a first column ``answers``: "real" or "simulated"."""
        import pandas as pd

        frame = pd.DataFrame(list(self.rows), columns=list(self.columns))
        frame.insert(0, "answers", answer_kind(self.simulated))
        return frame

    def __str__(self) -> str:
        kept = self._kept
        cells = [[row[n] for n in kept] for row in (self.columns, *map(self._shown, self.rows))]
        widths = [max(len(row[n]) for row in cells) for n in range(len(kept))]
        numbers = [self._is_number(n) for n in kept]
        lines = [
            "  ".join(
                cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(row, widths, numbers, strict=True)
            ).rstrip()
            for row in cells
        ]
        return "\n".join([self.heading, *lines, *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        kept = self._kept
        head = "".join(f"<th>{escape(self.columns[n])}</th>" for n in kept)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(row[n])}</td>' for n in kept)}</tr>"
            for row in map(self._shown, self.rows)
        )
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return (
            f"<table><caption>{escape(self.heading)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"
        )

    @property
    def _kept(self) -> list[int]:
        """Columns that are shown."""
        return [
            n
            for n, name in enumerate(self.columns)
            if name not in self.remarks or any(row[n] is not None for row in self.rows)
        ]

    def _shown(self, row: Sequence[Any]) -> tuple[str, ...]:
        return tuple(
            _cell(value, name in self.percent, name in self.chances)
            for name, value in zip(self.columns, row, strict=True)
        )

    def _is_number(self, column: int) -> bool:
        known = [row[column] for row in self.rows if row[column] is not None]
        return bool(known) and all(isinstance(value, int | float) for value in known)


def marked(title: str, simulated: bool) -> str:
    """Return the title, marked if the answers are simulated."""
    return f"{MARK}: {title}" if simulated else title


def _cell(value: Any, percent: bool, chance: bool) -> str:
    if value is None:
        return NOTHING
    if chance and isinstance(value, float):
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    if isinstance(value, float):
        return f"{value:.1%}" if percent else f"{value:.2f}"
    return plain(str(value)).replace("\n", " ").replace("\t", " ")
