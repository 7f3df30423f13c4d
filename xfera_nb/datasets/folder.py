"""A folder of photos with one subfolder a class, and photos that a table (CSV) lists.

The class of a photo is the nearest folder above it whose name is in the table of labels, so that
``train/happiness/p01/7.jpg`` is a happy face of the split "train". In a table, columns are found by
their names (`COLUMNS`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xfera_nb.datasets import files
from xfera_nb.datasets.dataset import GROUPS, Dataset, Item, Problem
from xfera_nb.datasets.labels import label_to_emotion
from xfera_nb.datasets.samples import SAMPLES, found_samples, samples_folder
from xfera_nb.errors import DatasetError
from xfera_nb.paths import expand_path

SPLITS = frozenset(("train", "training", "val", "valid", "validation", "test", "testing"))

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "path": ("path", "file", "filename", "image", "photo", "img", "name"),
        "label": ("label", "emotion", "expression", "class", "target"),
        "person": ("person", "subject", "identity", "actor"),
        "session": ("session",),
        "angle": ("angle", "pose", "view"),
        "gender": ("gender", "sex"),
        "split": ("split", "usage", "set"),
    }
)
"""What a table may say of a photo -> names of its column in any case, the first found wins."""


def read_folder_faces(
    root: str | Path, *, labels: str = "names", check: bool = True
) -> Dataset:
    """Read a folder with one subfolder per class.

    Parameters
    ----------
    root : path
    labels : str
        A key of `LABEL_SCHEMES`, for subfolders that are named by numbers.
    check : bool
        Decode every photo and look for duplicates.

    Returns
    -------
    Dataset
        Sorted by path; ids are paths below the root. Photos under no class are kept without one.

    Raises
    ------
    DatasetError
        If there is no such folder, or no photo in it.
    """
    root = files.folder(root, "photos")
    items, problems = [], []
    found = list(files.walk(root))
    for path in found:
        if not files.is_photo_name(path):
            problems.append(files.other_file(root, path))
            continue
        where = path.relative_to(root)
        above = where.parts[:-1]
        known = [part for part in above if label_to_emotion(part, labels)]
        label = known[-1] if known else (above[-1] if above else None)
        if not known:
            reason = f"the folder {label!r}" if above else "it is in no class folder"
            problems.append(Problem("unknown label", where.as_posix(), reason))
        items.append(
            Item(
                id=where.as_posix(),
                path=str(path),
                emotion=label_to_emotion(label, labels) if known else None,
                label=label,
                split=next((part for part in above if part.casefold() in SPLITS), None),
            )
        )
    return files.build(Dataset, "folder", root, items, problems, files=len(found), check=check)


def read_csv_faces(
    table: str | Path,
    *,
    root: str | Path | None = None,
    labels: str = "names",
    check: bool = True,
) -> Dataset:
    """Read photos that a table lists.

    Parameters
    ----------
    table : path
        A CSV with a header; `COLUMNS` says which columns are used.
    root : path, optional
        What the paths in it are relative to; by default the table's folder.
    labels : str
        Scheme of `xfera_nb.datasets.labels.LABEL_SCHEMES`, for labels that are numbers.
    check : bool
        Decode every photo and look for duplicates.

    Returns
    -------
    Dataset
        In the table's order; ids are the paths as listed. Empty labels are no problem: such a
        photo is kept without one.

    Raises
    ------
    DatasetError
        If the table cannot be read or has no column of paths.
    """
    table = expand_path(table).absolute()
    root = files.folder(root if root is not None else table.parent, "photos")
    try:
        header, rows = files.read_table(table)
    except (OSError, ValueError, csv.Error) as error:
        raise DatasetError(f"{table} cannot be read ({error}): give a CSV file.") from error
    columns = _columns(header)
    if "path" not in columns:
        raise DatasetError(
            f"{table.name} has no column of paths: name one {', '.join(COLUMNS['path'][:3])} or "
            "the like in its first line."
        )
    items: dict[str, Item] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=2):
        values = {name: (row.get(column) or "").strip() for name, column in columns.items()}
        name = values.pop("path")
        if not name or name in items:
            reason = f"{name} is listed before" if name else "it names no photo"
            problems.append(Problem("bad line", f"{table.name}, line {number}", reason))
            continue
        label = values.pop("label", "") or None
        emotion = None if label is None else label_to_emotion(label, labels)
        if label is not None and emotion is None:
            problems.append(Problem("unknown label", name, f"the label {label!r}"))
        groups: dict[str, Any] = {group: values.get(group) or None for group in GROUPS}
        items[name] = Item(name, str(root / name), emotion, label, **groups)
    return files.build(
        Dataset, "csv", root, items.values(), problems, files=len(rows), check=check
    )


def read_samples(root: str | Path | None = None, *, check: bool = True) -> Dataset:
    """Read the sample faces; `person` is the number of the composite.

    Raises
    ------
    SamplesError
        If they are not there.
    """
    root = expand_path(root).absolute() if root is not None else samples_folder()
    items = [
        Item(code, str(path), SAMPLES[code].emotion, code[3:], person=code[:3])
        for code, path in found_samples(root).items()
    ]
    return files.build(Dataset, "samples", root, items, (), files=len(items), check=check)


def _columns(header: tuple[str, ...]) -> dict[str, str]:
    by_name = {column.strip().casefold(): column for column in header if column}
    found = {
        meaning: next((by_name[name] for name in names if name in by_name), None)
        for meaning, names in COLUMNS.items()
    }
    return {meaning: column for meaning, column in found.items() if column is not None}
