"""A folder of photos with one subfolder a class, and photos that a table (CSV) lists.

The class of a photo is that of the folder above it that names an emotion, so that
``train/happiness/p01/7.jpg`` is a happy face of the split "train"; where folders name two emotions
it is kept without one, and reported. In a table, columns are found by their names (`COLUMNS`),
which may be given as well.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xfera_nb.datasets import files
from xfera_nb.datasets.dataset import GROUPS, Dataset, Item, Problem
from xfera_nb.datasets.labels import Labels, folders_to_label, label_table, label_to_emotion
from xfera_nb.datasets.rafdb import ALIGNED_NAME
from xfera_nb.datasets.samples import SAMPLES, found_samples, samples_folder
from xfera_nb.errors import DatasetError, unknown_name
from xfera_nb.paths import expand_path

SPLITS = frozenset(("train", "training", "val", "valid", "validation", "test", "testing"))

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "path": (
            *("path", "file", "filename", "image", "photo", "img", "name", "pth", "filepath"),
            *("file_path", "image_path", "img_path", "image_name", "file_name"),
            "subdirectory_filepath",
        ),
        "label": ("label", "emotion", "expression", "class", "target", "labels"),
        "person": ("person", "subject", "identity", "actor"),
        "session": ("session",),
        "angle": ("angle", "pose", "view"),
        "gender": ("gender", "sex"),
        "split": ("split", "usage", "set"),
    }
)
"""What a table may say of a photo -> names of its column in any case, the first found wins."""


def read_folder_faces(
    root: str | Path, *, labels: Labels = "names", check: bool = True
) -> Dataset:
    """Read a folder with one subfolder per class.

    Parameters
    ----------
    root : path
    labels : str or mapping of str to str
        A key of `LABEL_SCHEMES`, or a mapping of labels to emotions, for subfolders that are named
        by numbers, codes or other words.
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
    InputError
        If there is no such scheme, or a mapping names no emotion.
    """
    root = files.folder(root, "photos")
    labels = label_table(labels) if isinstance(labels, Mapping) else labels
    items, problems = [], []
    found = list(files.walk(root))
    for path in found:
        if not files.is_photo_name(path):
            problems.append(files.other_file(root, path))
            continue
        where = path.relative_to(root)
        above = where.parts[:-1]
        label, emotion, conflict = folders_to_label(above, labels)
        if conflict is not None:
            problems.append(Problem("conflicting label", where.as_posix(), conflict))
        elif emotion is None:
            reason = f"the folder {label!r}" if above else "it is in no class folder"
            problems.append(Problem("unknown label", where.as_posix(), reason))
        items.append(
            Item(
                id=where.as_posix(),
                path=str(path),
                emotion=emotion,
                label=label,
                split=next((part for part in above if part.casefold() in SPLITS), None),
            )
        )
    return files.build(Dataset, "folder", root, items, problems, files=len(found), check=check)


def read_csv_faces(
    table: str | Path,
    *,
    root: str | Path | None = None,
    labels: Labels | None = None,
    columns: Mapping[str, str] | None = None,
    check: bool = True,
) -> Dataset:
    """Read photos that a table lists.

    Parameters
    ----------
    table : path
        A CSV with a header, also with semicolons or tabs, in UTF-8, UTF-16 or Windows-1252;
        `COLUMNS` says which columns are used. Backslashes in its paths divide folders.
    root : path, optional
        What the paths in it are relative to; by default the table's folder.
    labels : str or mapping of str to str, optional
        Scheme of `xfera_nb.datasets.labels.LABEL_SCHEMES`, or a mapping of labels to emotions, for
        labels that are numbers. By default AffectNet's and RAF-DB's own tables are recognized.
    columns : mapping of str to str, optional
        What a column says, a key of `COLUMNS` -> the column's name, such as {"label": "emo"}.
    check : bool
        Decode every photo and look for duplicates.

    Returns
    -------
    Dataset
        In the table's order; ids are the paths as listed, with slashes. Empty labels are no
        problem: such a photo is kept without one.

    Raises
    ------
    DatasetError
        If the table cannot be read, has no column of paths, or lacks one that `columns` names.
    InputError
        If there is no such scheme, or a mapping names no emotion.
    """
    table = expand_path(table).absolute()
    root = files.folder(root if root is not None else table.parent, "photos")
    try:
        header, rows = files.read_table(table)
    except (OSError, ValueError, csv.Error) as error:
        raise DatasetError(f"{table} cannot be read ({error}): give a CSV file.") from error
    names = _columns(header, columns or {}, table.name)
    if "path" not in names:
        raise DatasetError(
            f"{table.name} has no column of paths: name one {', '.join(COLUMNS['path'][:3])} or "
            "the like in its first line, or say which it is by columns path=NAME."
        )
    if labels is None:
        labels = _own_scheme(names["path"], rows)
    labels = label_table(labels) if isinstance(labels, Mapping) else labels
    places = cache(partial(files.photos_by_name, root))
    items: dict[str, Item] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=2):
        values = {name: (row.get(column) or "").strip() for name, column in names.items()}
        listed = values.pop("path")
        path = files.find_listed(root, listed, places) if listed else root
        name = listed if "\\" not in listed else _slashes(path, root)
        if not name or name in items:
            reason = f"{name} is listed before" if name else "it names no photo"
            problems.append(Problem("bad line", f"{table.name}, line {number}", reason))
            continue
        label = values.pop("label", "") or None
        emotion = None if label is None else label_to_emotion(label, labels)
        if label is not None and emotion is None:
            problems.append(Problem("unknown label", name, f"the label {label!r}"))
        groups: dict[str, Any] = {group: values.get(group) or None for group in GROUPS}
        items[name] = Item(name, str(path), emotion, label, **groups)
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


def _slashes(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _own_scheme(column: str, rows: list[dict[str, str]]) -> str:
    """Return the scheme of a table that is known by its column or its files' names."""
    if column.casefold() == "subdirectory_filepath":
        return "affectnet"
    listed = [Path(row.get(column) or "").stem for row in rows]
    return "rafdb" if listed and all(map(ALIGNED_NAME.fullmatch, listed)) else "names"


def _columns(header: tuple[str, ...], given: Mapping[str, str], table: str) -> dict[str, str]:
    by_name = {column.casefold(): column for column in header if column}
    found: dict[str, str] = {}
    for meaning, names in COLUMNS.items():
        column = next((by_name[name] for name in names if name in by_name), None)
        if column is not None:
            found[meaning] = column
    for meaning, column in given.items():
        if meaning not in COLUMNS:
            raise unknown_name("meaning of a column", meaning, COLUMNS, DatasetError)
        if column.strip().casefold() not in by_name:
            raise unknown_name(f"column of {table} named", column, by_name.values(), DatasetError)
        found[meaning] = by_name[column.strip().casefold()]
    return found
