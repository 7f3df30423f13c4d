"""List the photos that a picker offers, and check uploads.

Sizes are in bytes. An upload is read in memory and never written to disk. The class that
a photo was taken for is read from names of KDEF's pattern, such as C01HA.jpg or AF01ANS.JPG.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from xfera_nb.datasets.files import find_photos
from xfera_nb.datasets.samples import EXPRESSIONS, found_samples
from xfera_nb.errors import PhotoError
from xfera_nb.evidence import Evidence
from xfera_nb.faces import Face
from xfera_nb.faces.photo import get_photo_name
from xfera_nb.paths import expand_path

MAX_UPLOAD = 20 * 2**20
"""An uploaded file has at most this many bytes."""
MAX_PHOTOS = 5_000
"""A folder's photos are offered up to this many; a warning says so where there are more."""
TELLING_SAMPLES = ("C02AN", "C07AF")
"""The samples that are offered first: one that the shipped classifier predicts rightly, with
matching Action Units, and one that it takes for another class."""
_CODES = "|".join(EXPRESSIONS)
_NAMED = re.compile(rf"(?:C\d\d|[AB][FM]\d\d)({_CODES})(?:S|HL|HR|FL|FR)?\.\w+", re.I)


@dataclass(frozen=True, eq=False)
class PhotoEntry:
    """Hold a photo of the picker; equal only to itself, so that it can be a key.

    Attributes
    ----------
    name : str
        As shown.
    source : object
        What `load_photo` takes, a `Face`, or an `Evidence`.
    true_emotion : str or None
        Its label, as far as it is known.
    """

    name: str
    source: Any
    true_emotion: str | None = None


def emotion_in_name(name: str) -> str | None:
    """Return the class that a file's name gives, or None."""
    found = _NAMED.fullmatch(name)
    return EXPRESSIONS[found[1].upper()] if found else None


def folder_photos(folder: str | Path) -> tuple[PhotoEntry, ...]:
    """Return the photos of a folder and its subfolders, named as seen from it.

    Raises
    ------
    PhotoError
        If it cannot be listed, or neither it nor a subfolder holds a photo.
    """
    root, paths = expand_path(folder), find_photos(folder)
    if len(paths) > MAX_PHOTOS:
        warnings.warn(
            f"The folder {folder} holds {len(paths):,} photos; the first {MAX_PHOTOS:,} are "
            "offered. Give a subfolder to choose from the others.",
            stacklevel=2,
        )
    return tuple(_entry(path.relative_to(root).as_posix(), path) for path in paths[:MAX_PHOTOS])


def list_photos(source: Any) -> tuple[PhotoEntry, ...]:
    """Return the photos of a source: a photo, a folder, evidence, or a list of these.

    None stands for the samples, `TELLING_SAMPLES` first.

    Raises
    ------
    PhotoError
        If there is nothing in it.
    SamplesError
        If the samples are not there.
    """
    if source is None:
        samples = found_samples()
        names = sorted(samples, key=lambda name: name not in TELLING_SAMPLES)
        return tuple(_entry(samples[name].name, samples[name]) for name in names)
    if isinstance(source, PhotoEntry):
        return (source,)
    if isinstance(source, Evidence):
        return (_entry(source.face.photo_name or "photo", source),)
    if isinstance(source, Face):
        return (_entry(source.photo_name or "photo", source),)
    if isinstance(source, str | Path) and os.path.isdir(expand_path(source)):
        return folder_photos(source)
    if isinstance(source, Sequence) and not isinstance(source, str | bytes | bytearray):
        return _each(source)
    return (_entry(get_photo_name(source) or "photo", source),)


def uploaded_photo(name: str, data: bytes) -> PhotoEntry:
    """Return the photo of an upload.

    Raises
    ------
    PhotoError
        If it is empty or too large. Whether it is a photo shows when it is read.
    """
    name = Path(str(name).replace("\\", "/")).name[:120] or "upload"
    if len(data) > MAX_UPLOAD:
        raise PhotoError(
            f"{name} has {len(data) / 2**20:.0f} MB; the limit is {MAX_UPLOAD // 2**20} MB: "
            "make it smaller first."
        )
    if not data:
        raise PhotoError(f"{name} is empty; choose another file.")
    return _entry(name, bytes(data))


def _entry(name: str, source: Any) -> PhotoEntry:
    return PhotoEntry(name, source, emotion_in_name(PurePosixPath(name).name))


def _each(sources: Iterable[Any]) -> tuple[PhotoEntry, ...]:
    photos = tuple(photo for source in sources for photo in list_photos(source))
    if not photos:
        raise PhotoError("The list holds no photo: give at least one.")
    return photos
