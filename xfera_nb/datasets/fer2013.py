"""FER2013's own table, ``fer2013.csv``: each row an emotion, 48x48 grey pixels, and a split.

Columns `emotion` (0 to 6), `pixels` (2,304 numbers from 0 to 255 with spaces) and, where it is
there, `Usage`, in any order and case (Kaggle's ``icml_face_data.csv`` has spaces in its header).

Source: Goodfellow et al. (2013).
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from xfera_nb.datasets import files
from xfera_nb.datasets.dataset import Dataset, Item, Problem
from xfera_nb.datasets.labels import label_to_emotion
from xfera_nb.errors import DatasetError
from xfera_nb.paths import expand_path

SIDE = 48
COLUMNS = ("emotion", "pixels")


def is_header(names: tuple[str, ...]) -> bool:
    """Return whether a table with these columns holds FER2013's faces."""
    return {*COLUMNS} <= {name.casefold() for name in names}


def read_fer2013(table: str | Path, *, check: bool = True) -> Dataset:
    """Read FER2013's table; ids are the row's number, from 0, as in FER+.

    Parameters
    ----------
    table : path
    check : bool
        Look for duplicates.

    Returns
    -------
    Dataset
        In the table's order; `split` is "Training", "PublicTest" or "PrivateTest".

    Raises
    ------
    DatasetError
        If it cannot be read or lacks a column.
    """
    table = expand_path(table).absolute()
    items: list[Item] = []
    problems: list[Problem] = []
    number = -1
    try:
        encoding, delimiter = files.table_format(table)
        with open(table, newline="", encoding=encoding) as lines:
            reader = csv.DictReader(lines, delimiter=delimiter)
            header = tuple(name.strip().casefold() for name in reader.fieldnames or ())
            if not is_header(header):
                raise DatasetError(f"{table} is not FER2013's table: it needs emotion and pixels.")
            reader.fieldnames = header
            for number, row in enumerate(reader):
                name = f"{number:05d}"
                pixels = _pixels(row["pixels"])
                if pixels is None:
                    where = f"{table.name}, line {reader.line_num}"
                    problems.append(Problem("bad line", where, "it has not 48x48 grey values"))
                    continue
                label = (row["emotion"] or "").strip() or None
                emotion = None if label is None else label_to_emotion(label, "fer2013")
                if emotion is None:
                    problems.append(Problem("unknown label", name, f"the label {label!r}"))
                split = (row.get("usage") or "").strip() or None
                items.append(Item(name, None, emotion, label, split=split, pixels=pixels))
    except (OSError, ValueError, csv.Error) as error:
        raise DatasetError(f"{table} cannot be read ({error}): give fer2013.csv.") from error
    return files.build(
        Dataset, "fer2013", table.parent, items, problems, files=number + 1, check=check
    )


def _pixels(text: str | None) -> np.ndarray | None:
    """Return (48, 48) uint8, or None if the text is no such picture."""
    try:
        values = bytes(map(int, (text or "").split()))
    except ValueError:
        return None
    if len(values) != SIDE * SIDE:
        return None
    return np.frombuffer(values, np.uint8).reshape(SIDE, SIDE)
