"""Recognize a data set by its files, and read it: one function for all kinds."""

from __future__ import annotations

import csv
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from xfera_nb.datasets import choices, files
from xfera_nb.datasets.dataset import Dataset
from xfera_nb.datasets.ferplus import read_ferplus_faces
from xfera_nb.datasets.folder import read_csv_faces, read_folder_faces, read_samples
from xfera_nb.datasets.kdef import NAME, read_kdef
from xfera_nb.datasets.rafdb import find_list, read_rafdb
from xfera_nb.datasets.samples import SAMPLES
from xfera_nb.errors import DatasetError, unknown_name
from xfera_nb.paths import expand_path, is_url

_READERS: dict[str, Callable[..., Dataset]] = {
    "kdef": read_kdef,
    "rafdb": read_rafdb,
    "ferplus": read_ferplus_faces,
    "folder": read_folder_faces,
    "csv": read_csv_faces,
    "samples": read_samples,
}
KINDS: Mapping[str, Callable[..., Dataset]] = MappingProxyType(
    {kind: _READERS[kind] for kind in choices.KINDS}
)
"""Kind -> the function that reads it."""


def guess_kind(source: str | Path) -> str:
    """Return the kind of a data set, judged by its files.

    A folder is KDEF's if any name in it is of KDEF's form, RAF-DB's if it holds the list, the
    samples' if it holds one, and otherwise a folder of classes; an .npz is FER+'s, and a .csv is
    FER+'s if it has a column "Image name".

    Raises
    ------
    DatasetError
        If there is neither a folder nor a file of these kinds.
    """
    if is_url(source):
        raise DatasetError(
            f"{source} is a URL, and photos are read from files only: download it first."
        )
    path = expand_path(source)
    if path.is_dir():
        if find_list(path):
            return "rafdb"
        photos = [found for found in files.walk(path) if files.is_photo_name(found)]
        if any(NAME.fullmatch(photo.stem) for photo in photos):
            return "kdef"
        in_samples = photos and all(p.stem in SAMPLES and p.parent == path for p in photos)
        return "samples" if in_samples else "folder"
    if not path.is_file():
        raise DatasetError(f"There is no folder or file {source} to read photos from: check it.")
    if path.suffix.lower() == ".npz":
        return "ferplus"
    if path.suffix.lower() == ".csv":
        try:
            with open(path, newline="", encoding="utf-8-sig") as lines:
                header = next(csv.reader(lines), [])
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DatasetError(f"{source} cannot be read ({error}): give a CSV file.") from error
        return "ferplus" if "Image name" in header else "csv"
    raise DatasetError(f"{source} is no data set that is known: give a folder, a .csv or a .npz.")


def open_dataset(
    source: str | Path,
    kind: str | None = None,
    *,
    labels: str | None = None,
    root: str | Path | None = None,
    images: str | Path | None = None,
    check: bool = True,
) -> Dataset:
    """Read a data set of any kind.

    Parameters
    ----------
    source : path
        Its folder or file.
    kind : str, optional
        One of `KINDS`; recognized by the files by default.
    labels : str, optional
        Scheme of `LABEL_SCHEMES` for labels that are numbers ("folder" and "csv" only).
    root : path, optional
        The folder that the paths in a table are relative to ("csv" only).
    images : path, optional
        The folder of the pictures ("ferplus" with a .csv only).
    check : bool
        Decode every photo and look for duplicates.

    Raises
    ------
    DatasetError
        If it cannot be read, is of no such kind, or an option does not apply to this kind.
    """
    kind = kind or guess_kind(source)
    if kind not in KINDS:
        raise unknown_name("kind of data set", kind, KINDS, DatasetError)
    options = {"labels": labels, "root": root, "images": images}
    given = {name: value for name, value in options.items() if value is not None}
    unused = set(given) - set(inspect.signature(KINDS[kind]).parameters)
    if unused or (kind == "samples" and root is not None):
        name = min(unused or {"root"})
        raise DatasetError(f"A data set of the kind {kind} has no option {name!r}: leave it out.")
    return KINDS[kind](source, check=check, **given)
