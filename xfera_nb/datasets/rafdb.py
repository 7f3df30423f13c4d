"""RAF-DB's aligned release (single-label subset): 15,339 faces from the web, 100x100.

``list_patition_label.txt`` (its own spelling) has a line a face, "train_00001.jpg 5"; the pictures
are ``Image/aligned/train_00001_aligned.jpg``. Labels 1 to 7 are surprise, fear, disgust,
happiness, sadness, anger, neutral.

Source: Li, Deng and Du (2017), and the release's own notes. For research, not to be passed on.
"""

from __future__ import annotations

from pathlib import Path

from xfera_nb.datasets import files
from xfera_nb.datasets.dataset import Dataset, Item, Problem
from xfera_nb.datasets.labels import label_to_emotion
from xfera_nb.errors import DatasetError

LIST = "list_patition_label.txt"
_PLACES = ("", "EmoLabel", "basic/EmoLabel", "basic")
_IMAGES = ("Image/aligned", "../Image/aligned", "aligned", "../aligned", "")


def find_list(root: Path) -> Path | None:
    """Return the list file of a release, or None."""
    return next((p for place in _PLACES if (p := root / place / LIST).is_file()), None)


def read_rafdb(root: str | Path, *, check: bool = True) -> Dataset:
    """Read RAF-DB's folder.

    Parameters
    ----------
    root : path
        The folder that holds ``EmoLabel`` and ``Image`` (or the one above, ``basic``).
    check : bool
        Decode every photo and look for duplicates.

    Returns
    -------
    Dataset
        In the list's order; `split` is "train" or "test".

    Raises
    ------
    DatasetError
        If the folder, its list or its pictures are not there.
    """
    root = files.folder(root, "RAF-DB")
    listed = find_list(root)
    if listed is None:
        raise DatasetError(f"{root} holds no {LIST}: give the folder with EmoLabel and Image.")
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


def _has_photos(place: Path) -> bool:
    return place.is_dir() and any(files.is_photo_name(path) for path in place.iterdir())
