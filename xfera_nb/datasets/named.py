"""Read data sets whose file names hold all labels: KDEF, AKDEF and JAFFE.

A photo whose folders name another emotion than its name is kept without a label, and reported.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from xfera_nb.datasets import files
from xfera_nb.datasets.dataset import Dataset, Item, Problem
from xfera_nb.datasets.labels import folders_to_label

_Dataset = TypeVar("_Dataset", bound=Dataset)


def read_named(
    cls: type[_Dataset],
    kind: str,
    root: str | Path,
    title: str,
    fields: Callable[[str], dict[str, Any] | None],
    example: str,
    *,
    check: bool,
    gaps: Callable[[list[Item]], list[Problem]] = lambda items: [],
) -> _Dataset:
    """Read a folder of photos by their names.

    Parameters
    ----------
    cls : type
        `Dataset` or a subclass.
    kind, title : str
        The data set's kind, and its name for messages.
    root : path
    fields : callable
        Takes a name without its ending, in capitals; returns the item's fields, or None for a name
        of another form.
    example : str
        A name of the right form.
    check : bool
        Decode every photo and look for duplicates.
    gaps : callable
        Takes the items; returns problems of what is missing.

    Returns
    -------
    Dataset
        Sorted by name; a name that is there twice has its path as id.

    Raises
    ------
    DatasetError
        If there is no such folder, or no such photo in it.
    """
    root = files.folder(root, title)
    items: dict[str, Item] = {}
    places: dict[str, str] = {}
    problems: list[Problem] = []
    found = list(files.walk(root))
    for path in found:
        where = path.relative_to(root)
        if not files.is_photo_name(path):
            problems.append(files.other_file(root, path))
            continue
        name = path.stem.upper()
        known = fields(name)
        if known is None:
            problems.append(
                Problem("misnamed", where.as_posix(), f"the name is not like {example}")
            )
            continue
        if name in items:
            problems.append(Problem("duplicate", where.as_posix(), f"named as {places[name]}"))
            name = where.as_posix()
        places[name] = where.as_posix()
        item = Item(id=name, path=str(path), **known)
        label, emotion, conflict = folders_to_label(where.parts[:-1])
        if conflict is None and emotion not in (None, item.emotion):
            conflict = f"the folder {label!r} is {emotion}, and the name is {item.emotion}"
        if conflict is not None:
            problems.append(Problem("conflicting label", name, conflict))
            item = Item(id=name, path=str(path), **{**known, "emotion": None})
        items[name] = item
    ordered = [items[name] for name in sorted(items)]
    problems += gaps(ordered)
    return files.build(cls, kind, root, ordered, problems, files=len(found), check=check)

