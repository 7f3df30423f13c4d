"""Read and write the files of a run: its state, and one row a line of what was measured."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from xfera_nb.errors import ModelError


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write a run's state so that an interruption leaves the old file or the new one."""
    partial = path.with_suffix(".partial")
    torch.save(dict(state), partial)
    partial.replace(path)


def append_row(path: Path, columns: Sequence[str], row: Mapping[str, float]) -> None:
    """Append a row to a CSV file, whose first line names the columns."""
    is_new = not path.exists()
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        if is_new:
            writer.writeheader()
        writer.writerow({key: f"{value:.6g}" for key, value in row.items()})


@contextmanager
def refuse_foreign_state(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a run's state is taken up into one sentence.

    Raises
    ------
    ModelError
        If the state does not fit the network or the recipe.
    """
    try:
        yield
    except (RuntimeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path} is of another network or recipe ({type(error).__name__}): choose another "
            "folder or remove it to start again."
        ) from error
