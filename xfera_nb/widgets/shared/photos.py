"""The photos that a picker offers: where they come from, and what an upload may be.

Units: sizes in bytes. An upload is read in memory and never written to disk. The class that a photo
was taken for (`true_emotion`) is read from names of KDEF's pattern, such as C01HA.jpg or
AF01ANS.JPG, and from nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xfera_nb.datasets.samples import EXPRESSIONS, found_samples
from xfera_nb.errors import PhotoError
from xfera_nb.evidence import Evidence
from xfera_nb.faces import Face
from xfera_nb.faces.photo import get_photo_name

MAX_UPLOAD = 20 * 2**20
"""An uploaded file has at most this many bytes."""
MAX_PHOTOS = 2_000
"""A folder's photos are listed up to this many."""
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm")
"""Files of a folder that are taken for photos."""
_CODES = "|".join(EXPRESSIONS)
_NAMED = re.compile(rf"(?:C\d\d|[AB][FM]\d\d)({_CODES})(?:S|HL|HR|FL|FR)?\.\w+", re.I)


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo of the picker; equal to nothing but itself, so that it can be a key.

    Attributes
    ----------
    name : str
        As shown.
    source : object
        What `load_photo` takes, a `Face`, or an `Evidence`.
    """

    name: str
    source: Any

    @property
    def true_emotion(self) -> str | None:
        """The class that the file's name gives, or None."""
        found = _NAMED.fullmatch(self.name)
        return EXPRESSIONS[found[1].upper()] if found else None


def folder_photos(folder: str | Path) -> tuple[Photo, ...]:
    """The photos of a folder, by name.

    Raises
    ------
    PhotoError
        If it cannot be listed or holds none.
    """
    folder = Path(folder)
    try:
        paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
    except OSError as error:
        raise PhotoError(f"The folder {folder} cannot be listed: {error.strerror}.") from error
    if not paths:
        raise PhotoError(f"The folder {folder} holds no photos: give one that does.")
    return tuple(Photo(path.name, path) for path in paths[:MAX_PHOTOS])


def as_photos(source: Any) -> tuple[Photo, ...]:
    """The photos that something stands for: a photo, a folder, evidence, or a list of these.

    None stands for the samples.

    Raises
    ------
    PhotoError
        If there is nothing in it.
    SamplesError
        If the samples are not there.
    """
    if source is None:
        return tuple(Photo(path.name, path) for path in found_samples().values())
    if isinstance(source, Evidence):
        return (Photo(source.face.photo_name or "photo", source),)
    if isinstance(source, Face):
        return (Photo(source.photo_name or "photo", source),)
    if isinstance(source, str | Path) and Path(source).is_dir():
        return folder_photos(source)
    if isinstance(source, Sequence) and not isinstance(source, str | bytes | bytearray):
        return _each(source)
    return (Photo(get_photo_name(source) or "photo", source),)


def uploaded(name: str, data: bytes) -> Photo:
    """A photo from an upload.

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
    return Photo(name, bytes(data))


def _each(sources: Iterable[Any]) -> tuple[Photo, ...]:
    photos = tuple(photo for source in sources for photo in as_photos(source))
    if not photos:
        raise PhotoError("The list holds no photo: give at least one.")
    return photos
