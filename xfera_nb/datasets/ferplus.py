"""FER+: FER2013's 48x48 faces with the votes of ten people each.

Either Microsoft's ``fer2013new.csv`` beside the pictures (``fer0000000.png``, in any folders); or
the folders that Microsoft's script makes (``FER2013Train`` and so on), each with its
``label.csv``, which has no header; or one .npz with `images` (N, 48, 48) uint8, `votes` (N, 10),
`classes` (10,), `split` (N,) and, where known, `names` (N,). The label is
the class with the most votes; if that is none of the seven (contempt, unknown, not a face) the item
has no emotion. Where votes tie, the first of the seven in the order of `EMOTIONS` is taken and the
report says so.

Source: Barsoum et al. (2016).
"""

from __future__ import annotations

import csv
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from xfera_nb.datasets import files
from xfera_nb.datasets.dataset import Dataset, Item, Problem
from xfera_nb.errors import DatasetError, PhotoError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.paths import expand_path

CLASSES = (
    *("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"),
    *("contempt", "unknown", "NF"),
)
"""Columns of the csv, in its order."""
LIST = "fer2013new.csv"
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "FER2013Train": "Training",
        "FER2013Valid": "PublicTest",
        "FER2013Test": "PrivateTest",
    }
)
"""Folders that Microsoft's script makes -> what the list calls them."""
PART_LIST = "label.csv"
MAX_PACK_BYTES = 2**30
"""An .npz may hold this much when it is unpacked; FER+ has 84 MB."""
_DAMAGED = (
    OSError,
    LookupError,
    ValueError,
    TypeError,
    EOFError,
    SyntaxError,
    RuntimeError,
    MemoryError,
    tokenize.TokenError,  # NumPy, on the header of an array
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, eq=False)
class Pack:
    """Hold the arrays of FER+'s .npz.

    Attributes
    ----------
    images : ndarray
        (N, 48, 48) uint8.
    votes : ndarray
        (N, C) of `classes`.
    classes, split, names : tuple of str
        Names of the vote columns; a split for each image; a name for each image.
    """

    images: np.ndarray
    votes: np.ndarray
    classes: tuple[str, ...]
    split: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def seven(self) -> np.ndarray:
        """(N, 7) float32 votes, in the order of `EMOTIONS`."""
        return self.votes.astype(np.float32)[:, [self.classes.index(e) for e in EMOTIONS]]


def read_pack(path: str | Path, split: str | None = None) -> Pack:
    """Read the .npz, or one split of it.

    Raises
    ------
    PhotoError
        If it cannot be read, lacks an array, or has no such split.
    """
    path = expand_path(path)
    try:
        _check_size(path)
        with np.load(path, allow_pickle=False) as pack:
            splits = pack["split"]
            rows = np.full(len(splits), True) if split is None else splits == split
            images, votes = pack["images"][rows], pack["votes"][rows]
            classes = tuple(map(str, pack["classes"]))
            for emotion in EMOTIONS:
                classes.index(emotion)
            if "names" in pack.files:
                names = tuple(map(str, pack["names"][rows]))
            else:
                names = tuple(f"{number:05d}" for number in np.flatnonzero(rows))
        _check_arrays(images, votes, classes)
    except _DAMAGED as error:
        raise PhotoError(
            f"The FER+ pack {path} cannot be read ({str(error)[:120]}): give the .npz file with "
            "images, votes, classes and split."
        ) from error
    if not len(images):
        raise PhotoError(f"The FER+ pack {path} has no split named {split}: check its name.")
    return Pack(images, votes, classes, tuple(map(str, splits[rows])), names)


def _check_size(path: str | Path) -> None:
    """Refuse an archive that would fill the memory, by the sizes in its directory."""
    if not Path(path).is_file():
        raise ValueError("it is no file")
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > MAX_PACK_BYTES:
        raise ValueError(f"it holds {size / 2**20:,.0f} MB, more than {MAX_PACK_BYTES // 2**20}")


def _check_arrays(images: np.ndarray, votes: np.ndarray, classes: tuple[str, ...]) -> None:
    if images.ndim != 3 or images.dtype != np.uint8 or min(images.shape[1:]) < 1:
        raise ValueError(f"images are {images.shape} of {images.dtype}, not (N, 48, 48) of uint8")
    numbers = votes.dtype.kind in "ui" or (votes.dtype.kind == "f" and np.isfinite(votes).all())
    if votes.shape != (len(images), len(classes)) or not numbers:
        raise ValueError(f"votes are {votes.shape}, not {(len(images), len(classes))} numbers")


def has_list(folder: Path) -> bool:
    """Return whether a folder holds FER+'s list, or the lists of its parts."""
    return (folder / LIST).is_file() or any((folder / part / PART_LIST).is_file() for part in PARTS)


def read_ferplus_faces(
    source: str | Path, *, images: str | Path | None = None, check: bool = True
) -> Dataset:
    """Read FER+ as a data set.

    Parameters
    ----------
    source : path
        The .npz, the .csv, or the folder that holds the .csv or the parts.
    images : path, optional
        The folder of the pictures, with the .csv; by default the .csv's own.
    check : bool
        Decode every photo and look for duplicates.

    Returns
    -------
    Dataset
        In the file's order; `split` is "Training", "PublicTest" or "PrivateTest".

    Raises
    ------
    DatasetError
        If the csv or its pictures are not there or not of this kind.
    PhotoError
        If the .npz cannot be read.
    """
    source = expand_path(source).absolute()
    if source.suffix.lower() == ".npz":
        return _from_pack(source, check)
    parts = source.is_dir() and not (source / LIST).is_file()
    if source.is_dir() and not parts:
        source = source / LIST
    root = files.folder(images or (source if parts else source.parent), "FER+")
    header, rows = _part_rows(source) if parts else _csv_rows(source)
    found = list(files.walk(root))
    places = {path.name: path for path in found if files.is_photo_name(path)}
    items: dict[str, Item] = {}
    problems: list[Problem] = []
    for line, row in enumerate(rows, start=2):
        where = f"{source.name}, line {line}"
        name = (row.get("Image name") or "").strip()
        try:
            votes = [int(row[column]) for column in header]
        except (KeyError, ValueError, TypeError):
            problems.append(Problem("bad line", where, "the votes are not ten whole numbers"))
            continue
        if not name or name in items:
            reason = f"{name} is listed before" if name else "it names no picture"
            problems.append(Problem("bad line", where, reason))
            continue
        label, emotion, problem = _majority(name, votes, header)
        problems += problem
        path = places.get(name, root / name)
        items[name] = Item(name, str(path), emotion, label, split=row.get("Usage") or None)
    used = {item.path for item in items.values()} | {str(source)}
    used |= {str(source / part / PART_LIST) for part in PARTS} if parts else set()
    for path in (path for path in found if str(path) not in used):
        if files.is_photo_name(path):
            where = path.relative_to(root).as_posix()
            problems.append(Problem("unlisted", where, f"{source.name} has no line for it"))
        else:
            problems.append(files.other_file(root, path))
    return files.build(
        Dataset, "ferplus", root, items.values(), problems, files=len(rows), check=check
    )


def _from_pack(source: Path, check: bool) -> Dataset:
    pack = read_pack(source)
    problems: list[Problem] = []
    items: list[Item] = []
    names = _unique(pack.names)
    for name, pixels, votes, split in zip(names, pack.images, pack.votes, pack.split, strict=True):
        label, emotion, problem = _majority(name, votes.tolist(), pack.classes)
        problems += problem
        items.append(Item(name, None, emotion, label, split=split, pixels=pixels))
    return files.build(
        Dataset, "ferplus", source.parent, items, problems, files=len(items), check=check
    )


def _unique(names: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for number, name in enumerate(names):
        yield name if name not in seen else f"{name}#{number}"
        seen.add(name)


def _csv_rows(source: Path) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    try:
        columns, rows = files.read_table(source)
    except (OSError, ValueError, csv.Error) as error:
        raise DatasetError(f"{source} cannot be read ({error}): give fer2013new.csv.") from error
    votes = tuple(name for name in columns if name in CLASSES)
    if "Image name" not in columns or not set(EMOTIONS) <= set(votes):
        raise DatasetError(
            f"{source} is not FER+'s list: it needs the columns Image name, {', '.join(EMOTIONS)}."
        )
    return votes, rows


def _part_rows(folder: Path) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """Return the rows of the lists of FER+'s parts, as those of the one list."""
    rows = []
    for part, usage in PARTS.items():
        place = folder / part / PART_LIST
        if not place.is_file():
            continue
        try:
            with open(place, newline="", encoding="utf-8-sig") as lines:
                for name, _, *votes in (line for line in csv.reader(lines) if line):
                    rows.append({"Usage": usage, "Image name": name} | dict(
                        zip(CLASSES, votes, strict=False)  # a short line is a bad line
                    ))
        except (OSError, ValueError, csv.Error) as error:
            raise DatasetError(f"{place} cannot be read ({error}): make it again.") from error
    if not rows:
        raise DatasetError(f"{folder} holds no {LIST}: give the folder of FER+'s list.")
    return CLASSES, rows


def _majority(
    name: str, votes: Sequence[int], classes: Sequence[str]
) -> tuple[str, str | None, list[Problem]]:
    """Return label, emotion and problems of one face's votes."""
    most = max(votes)
    first = [label for label, count in zip(classes, votes, strict=True) if count == most]
    ours = [emotion for emotion in EMOTIONS if emotion in first]
    if not ours or most <= 0:
        label = "/".join(first) if most > 0 else "no votes"
        return label, None, [Problem("unknown label", name, f"the label {label!r}")]
    tied = [Problem("tied votes", name, " and ".join(first))] if len(first) > 1 else []
    return "/".join(first), ours[0], tied
