"""AffectNet's release in folders: ``images/0.jpg`` and ``annotations/0_exp.npy`` beside.

Each .npy holds one number (0 neutral, happiness, sadness, surprise, fear, disgust, 6 anger, 7
contempt) as a number or a text; valence, arousal and landmarks beside are not used. The pair of
folders may stand in ``train_set`` and ``val_set``. AffectNet's table is read as any table, see
`xfera_nb.datasets.folder`.

Source: Mollahosseini, Hasani and Mahoor (2017). For research, not to be passed on.
"""

from __future__ import annotations

import tokenize
from pathlib import Path

import numpy as np

from xfera_nb.datasets import files
from xfera_nb.datasets.dataset import Dataset, Item, Problem
from xfera_nb.datasets.labels import label_to_emotion
from xfera_nb.errors import DatasetError

PARTS = {"": None, "train_set": "train", "val_set": "val", "test_set": "test"}
"""Folders that may hold the pair -> split."""
_MAX_BYTES = 4096


def find_parts(root: Path) -> list[Path]:
    """Return the folders that hold images and annotations."""
    places = [root / part for part in PARTS]
    return [p for p in places if (p / "images").is_dir() and (p / "annotations").is_dir()]


def read_affectnet(root: str | Path, *, check: bool = True) -> Dataset:
    """Read AffectNet's folders.

    Parameters
    ----------
    root : path
        The folder that holds ``images`` and ``annotations``, or ``train_set`` and ``val_set``.
    check : bool
        Decode every photo and look for duplicates.

    Returns
    -------
    Dataset
        Sorted by path; ids are paths below the root.

    Raises
    ------
    DatasetError
        If the folders or the pictures are not there.
    """
    root = files.folder(root, "AffectNet")
    parts = find_parts(root)
    if not parts:
        raise DatasetError(f"{root} holds no folders images and annotations: give AffectNet's.")
    items: list[Item] = []
    problems: list[Problem] = []
    count = 0
    for part in parts:
        for path in files.walk(part / "images"):
            count += 1
            where = path.relative_to(root).as_posix()
            if not files.is_photo_name(path):
                problems.append(files.other_file(root, path))
                continue
            label = _label(part / "annotations" / f"{path.stem}_exp.npy")
            emotion = None if label is None else label_to_emotion(label, "affectnet")
            if emotion is None:
                detail = f"the label {label!r}" if label else f"no {path.stem}_exp.npy that is read"
                problems.append(Problem("unknown label", where, detail))
            split = PARTS["" if part == root else part.name]
            items.append(Item(where, str(path), emotion, label, split=split))
    return files.build(Dataset, "affectnet", root, items, problems, files=count, check=check)


def _label(path: Path) -> str | None:
    """Return the one value of an .npy file as text; None if it is missing, damaged or several."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        values = np.load(path, allow_pickle=False)
    except (*files.DAMAGED, tokenize.TokenError):
        return None
    if not isinstance(values, np.ndarray) or values.size != 1 or values.dtype.kind not in "iufUS":
        return None
    value = values.reshape(())[()]
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
