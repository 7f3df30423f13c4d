"""Recognize a data set by its files, and read it: one function for all kinds."""

from __future__ import annotations

import csv
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from xfera_nb.datasets import choices, files
from xfera_nb.datasets.affectnet import find_parts, read_affectnet
from xfera_nb.datasets.clip import SUFFIXES as CLIP_SUFFIXES
from xfera_nb.datasets.dataset import Dataset
from xfera_nb.datasets.fer2013 import is_header, read_fer2013
from xfera_nb.datasets.ferplus import has_list, read_ferplus_faces
from xfera_nb.datasets.folder import read_csv_faces, read_folder_faces, read_samples
from xfera_nb.datasets.jaffe import JAFFE_NAME, read_jaffe
from xfera_nb.datasets.kdef import AKDEF_NAME, NAME, read_akdef, read_kdef
from xfera_nb.datasets.labels import Labels
from xfera_nb.datasets.rafdb import find_list, has_tables, is_kaggle_photo, read_rafdb
from xfera_nb.datasets.samples import SAMPLES
from xfera_nb.errors import DatasetError, unknown_name
from xfera_nb.paths import expand_path, is_url

_READERS: dict[str, Callable[..., Dataset]] = {
    "kdef": read_kdef,
    "akdef": read_akdef,
    "jaffe": read_jaffe,
    "rafdb": read_rafdb,
    "ferplus": read_ferplus_faces,
    "fer2013": read_fer2013,
    "affectnet": read_affectnet,
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

    A folder is RAF-DB's, FER+'s or AffectNet's if it holds their lists or annotations; KDEF's,
    AKDEF's, JAFFE's or RAF-DB's if at least half of the photos are named as theirs; the samples'
    if it holds nothing else at its top; and otherwise a folder of classes. An .npz is FER+'s; a
    .csv is FER+'s by its column "Image name", FER2013's by "pixels", and otherwise a table.

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
        return _guess_folder(path)
    if not path.is_file():
        raise DatasetError(f"There is no folder or file {source} to read photos from: check it.")
    if path.suffix.lower() == ".npz":
        return "ferplus"
    if path.suffix.lower() == ".csv":
        try:
            header = files.read_header(path)
        except (OSError, ValueError, csv.Error) as error:
            raise DatasetError(f"{source} cannot be read ({error}): give a CSV file.") from error
        if "Image name" in header:
            return "ferplus"
        return "fer2013" if is_header(header) else "csv"
    if path.suffix.lower() in CLIP_SUFFIXES:
        raise DatasetError(
            f"{source} is a video, not a data set: measure it with xfera video {source} --out "
            "STORE, or with explain_video."
        )
    raise DatasetError(f"{source} is no data set that is known: give a folder, a .csv or a .npz.")


def _guess_folder(path: Path) -> str:
    for kind, holds in (("rafdb", find_list), ("ferplus", has_list), ("affectnet", find_parts)):
        if holds(path):
            return kind
    photos = [found for found in files.walk(path) if files.is_photo_name(found)]
    forms: dict[str, Callable[[Path], object]] = {
        "kdef": lambda photo: NAME.fullmatch(photo.stem),
        "akdef": lambda photo: AKDEF_NAME.fullmatch(photo.stem),
        "jaffe": lambda photo: JAFFE_NAME.fullmatch(photo.stem),
        "rafdb": partial(is_kaggle_photo, listed=has_tables(path)),
    }
    for kind, is_named in forms.items():
        if photos and 2 * sum(bool(is_named(photo)) for photo in photos) >= len(photos):
            return kind
    in_samples = photos and all(p.stem in SAMPLES and p.parent == path for p in photos)
    return "samples" if in_samples else "folder"


def open_dataset(
    source: str | Path,
    kind: str | None = None,
    *,
    labels: Labels | None = None,
    columns: Mapping[str, str] | None = None,
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
    labels : str or mapping of str to str, optional
        Scheme of `LABEL_SCHEMES`, or a mapping of labels to emotions such as {"0": "neutral"}, for
        labels that are no words ("folder" and "csv" only).
    columns : mapping of str to str, optional
        Names of a table's columns by what they say, such as {"path": "pth"} ("csv" only); see
        `xfera_nb.datasets.folder.COLUMNS`.
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
    options = {"labels": labels, "columns": columns, "root": root, "images": images}
    given = {name: value for name, value in options.items() if value is not None}
    unused = set(given) - set(inspect.signature(KINDS[kind]).parameters)
    if unused or (kind == "samples" and root is not None):
        name = min(unused or {"root"})
        raise DatasetError(f"A data set of the kind {kind} has no option {name!r}: leave it out.")
    return KINDS[kind](source, check=check, **given)
