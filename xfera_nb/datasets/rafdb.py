"""RAF-DB's aligned release (single-label subset): 15,339 faces from the web, 100x100.

``list_patition_label.txt`` (its own spelling) has a line a face, "train_00001.jpg 5"; the pictures
are ``Image/aligned/train_00001_aligned.jpg``. Labels 1 to 7 are surprise, fear, disgust,
happiness, sadness, anger, neutral. Kaggle's copy has no list, but a folder for each label,
``DATASET/train/5/train_00001_aligned.jpg``, and tables ``train_labels.csv`` and ``test_labels.csv``
beside; a photo whose table and folder disagree is kept without a label, and reported.

Source: Li, Deng and Du (2017), and the release's own notes. For research, not to be passed on.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from xfera_nb.datasets import files
from xfera_nb.datasets.dataset import Dataset, Item, Problem
from xfera_nb.datasets.labels import label_to_emotion
from xfera_nb.errors import DatasetError

LIST = "list_patition_label.txt"
_PLACES = ("", "EmoLabel", "basic/EmoLabel", "basic")
_IMAGES = ("Image/aligned", "../Image/aligned", "aligned", "../aligned", "")
ALIGNED_NAME = re.compile(r"(train|test)_\d+_aligned")
TABLES = ("train_labels.csv", "test_labels.csv")
_LABELS = frozenset("1234567")


def find_list(root: Path) -> Path | None:
    """Return the list file of a release, or None."""
    return next((p for place in _PLACES if (p := root / place / LIST).is_file()), None)


def has_tables(root: Path) -> bool:
    """Return whether a folder holds the tables of Kaggle's copy."""
    return any((root / name).is_file() for name in TABLES)


def read_rafdb(root: str | Path, *, check: bool = True) -> Dataset:
    """Read RAF-DB's folder.

    Parameters
    ----------
    root : path
        The folder that holds ``EmoLabel`` and ``Image`` (or the one above, ``basic``), or that
        of Kaggle's copy.
    check : bool
        Decode every photo and look for duplicates.

    Returns
    -------
    Dataset
        In the list's order, or that of the files; `split` is "train" or "test".

    Raises
    ------
    DatasetError
        If the folder, its list or its pictures are not there.
    """
    root = files.folder(root, "RAF-DB")
    listed = find_list(root)
    if listed is None:
        return _read_kaggle(root, check)
    base = listed.parent
    images = next((d for place in _IMAGES if _has_photos(d := (base / place).resolve())), None)
    if images is None:
        raise DatasetError(f"{root} holds no pictures in Image/aligned: unpack aligned.zip there.")
    items: dict[str, Item] = {}
    problems: list[Problem] = []
    try:
        lines = listed.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{listed} cannot be read ({error}): fetch it again.") from error
    for number, line in enumerate(lines, start=1):
        name, _, label = line.strip().partition(" ")
        where = f"{LIST}, line {number}"
        if not name:
            continue
        if not label.strip() or Path(name).name != name:
            problems.append(Problem("bad line", where, f"{line.strip()!r} is not 'NAME.jpg LABEL'"))
            continue
        if name in items:
            problems.append(Problem("bad line", where, f"{name} is listed before"))
            continue
        label = label.strip()
        emotion = label_to_emotion(label, "rafdb")
        if emotion is None:
            problems.append(Problem("unknown label", name, f"the label {label!r}"))
        stem, dot, ending = name.rpartition(".")
        items[name] = Item(
            id=name,
            path=str(images / f"{stem}_aligned{dot}{ending}"),
            emotion=emotion,
            label=label,
            split=name.partition("_")[0] if name.startswith(("train_", "test_")) else None,
        )
    there = list(files.walk(images))
    known = {item.path for item in items.values()} | {str(listed)}
    for path in (path for path in there if str(path) not in known):
        if files.is_photo_name(path):
            where = path.relative_to(images).as_posix()
            problems.append(Problem("unlisted", where, f"{LIST} has no line for it"))
        else:
            problems.append(files.other_file(images, path))
    return files.build(
        Dataset, "rafdb", root, items.values(), problems, files=len(lines), check=check
    )


def is_kaggle_photo(path: Path, *, listed: bool = False) -> bool:
    """Return whether a photo is named as in Kaggle's copy, and its folder or a list labels it."""
    named = ALIGNED_NAME.fullmatch(path.stem) is not None
    return named and (listed or path.parent.name in _LABELS)


def _read_kaggle(root: Path, check: bool) -> Dataset:
    found = list(files.walk(root))
    listed = _kaggle_tables(root)
    items: list[Item] = []
    problems: list[Problem] = []
    for path in found:
        where = path.relative_to(root).as_posix()
        if not files.is_photo_name(path):
            if path.name not in TABLES:
                problems.append(files.other_file(root, path))
            continue
        match = ALIGNED_NAME.fullmatch(path.stem)
        labels = {listed[path.name]} if path.name in listed else set()
        if path.parent.name in _LABELS:
            labels.add(path.parent.name)
        if match is None:
            problems.append(
                Problem("misnamed", where, "the name is not like train_00001_aligned.jpg")
            )
            continue
        label = "/".join(sorted(labels)) or None
        emotion = label_to_emotion(label, "rafdb") if len(labels) == 1 else None
        if len(labels) > 1:
            detail = f"the table says {listed[path.name]}, the folder {path.parent.name}"
            problems.append(Problem("conflicting label", where, detail))
        elif emotion is None:
            detail = f"the label {label!r}" if label else "neither table nor folder gives a label"
            problems.append(Problem("unknown label", where, detail))
        items.append(Item(where, str(path), emotion, label, split=match[1]))
    if not any(item.label for item in items):
        raise DatasetError(
            f"{root} holds no {LIST}, nor folders 1 to 7 of pictures: give the folder with "
            "EmoLabel and Image, or that of Kaggle's copy."
        )
    count = sum(path.name not in TABLES for path in found)
    return files.build(Dataset, "rafdb", root, items, problems, files=count, check=check)


def _kaggle_tables(root: Path) -> dict[str, str]:
    """Return the labels of the pictures that the tables beside Kaggle's folders name."""
    labels: dict[str, str] = {}
    for table in (root / name for name in TABLES):
        if not table.is_file():
            continue
        try:
            header, rows = files.read_table(table)
        except (OSError, ValueError, csv.Error) as error:
            raise DatasetError(f"{table} cannot be read ({error}): fetch it again.") from error
        if not {"image", "label"} <= set(header):
            raise DatasetError(f"{table} has no columns image and label: fetch it again.")
        labels |= {row["image"] or "": (row["label"] or "").strip() for row in rows}
    return labels


def _has_photos(place: Path) -> bool:
    return place.is_dir() and any(files.is_photo_name(path) for path in place.iterdir())
