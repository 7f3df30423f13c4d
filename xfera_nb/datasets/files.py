"""Find the files of a folder, check that they can be read as photos, and find duplicates.

A check decodes each photo once (JPEGs at an eighth of their size, which still reads the whole
file). Files are compared by the SHA-256 of their content where their CRC-32 is equal.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import os
import re
import stat
import struct
import warnings
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TypeVar

import numpy as np
from PIL import Image, UnidentifiedImageError

from xfera_nb.datasets.dataset import (
    Dataset,
    DatasetReport,
    Item,
    Problem,
    count_groups,
    count_labels,
)
from xfera_nb.errors import DatasetError, PhotoError
from xfera_nb.paths import expand_path

_Dataset = TypeVar("_Dataset", bound=Dataset)

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".pgm")
    + (".ppm", ".jp2", ".avif", ".heic", ".heif", ".tga")
)
"""Endings of photos; other files are named in the report and left alone."""

_NAMES = {
    "kdef": "KDEF", "akdef": "AKDEF", "jaffe": "JAFFE", "rafdb": "RAF-DB", "ferplus": "FER+",
    "fer2013": "FER2013", "affectnet": "AffectNet",
}  # fmt: skip
_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "PPM", "JPEG2000", "AVIF", "TGA", "HEIF")
DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    RuntimeError,
    EOFError,
    AttributeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What PIL raises on files that are damaged, or would fill the memory."""


def folder(path: str | Path, what: str) -> Path:
    """Return the absolute path of an existing folder.

    Raises
    ------
    DatasetError
        If it is none.
    """
    found = expand_path(path).absolute()
    if not found.is_dir():
        raise DatasetError(f"There is no folder {path} to read {what} from: check the path.")
    return found


def walk(root: Path) -> Iterator[Path]:
    """Yield all files below a folder, sorted by folder and name."""
    for place, folders, names in os.walk(root):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names))


def find_photos(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the photos in a folder and below it, a folder's own before those of its subfolders.

    Raises
    ------
    PhotoError
        If it cannot be listed, or neither it nor a subfolder holds a photo.
    """
    root = expand_path(folder)
    try:
        os.listdir(root)
    except OSError as error:
        raise PhotoError(f"The folder {folder} cannot be read ({error.strerror}).") from error
    found = [path for path in walk(root) if is_photo_name(path)]
    if not found:
        raise PhotoError(
            f"The folder {folder} holds no photos, nor do its subfolders: give one that does."
        )
    return found


def table_format(path: str | Path) -> tuple[str, str]:
    """Return the encoding and the delimiter of a table with a header.

    UTF-8, UTF-16 with its mark, or else Windows' Western code page; comma, semicolon or tab,
    whichever is most frequent in the header.

    Raises
    ------
    OSError, ValueError
        If it is no regular file, or no text.
    """
    if not Path(path).is_file():  # reading a pipe would block
        raise FileNotFoundError("there is no such file")
    with open(path, "rb") as file:
        is_utf16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "cp1252"):
        try:
            with open(path, newline="", encoding=encoding) as text:
                header = text.readline()
                parts = iter(lambda: text.read(2**20), "")
                damaged = any("\0" in part for part in (header, *parts)) and encoding == "cp1252"
        except UnicodeDecodeError:
            continue
        if not damaged:
            return encoding, max(",;\t", key=header.count)
    raise ValueError("it is no text")


def read_table(path: str | Path) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """Return the header and rows of a CSV file, the header's names without spaces around them.

    Raises
    ------
    OSError, ValueError, csv.Error
        If it is no regular file, no text, or names a column twice.
    """
    encoding, delimiter = table_format(path)
    with open(path, newline="", encoding=encoding) as lines:
        reader = csv.DictReader(lines, delimiter=delimiter)
        header = tuple(column.strip() for column in reader.fieldnames or ())
        reader.fieldnames = header
        rows = list(reader)
    for name, count in Counter(column.casefold() for column in header).items():
        if name and count > 1:
            raise ValueError(f"it has the column {name[:40]!r} twice")
    return header, rows


def read_header(path: str | Path) -> tuple[str, ...]:
    """Return the names of a table's columns, without spaces around them.

    Raises
    ------
    OSError, ValueError, csv.Error
        As `read_table`.
    """
    encoding, delimiter = table_format(path)
    with open(path, newline="", encoding=encoding) as lines:
        header = next(csv.reader(lines, delimiter=delimiter), [])
    return tuple(column.strip() for column in header)


def find_listed(root: Path, name: str, places: Callable[[], Mapping[str, list[Path]]]) -> Path:
    """Return the file that a table's path means.

    Parameters
    ----------
    root : Path
        What paths are relative to.
    name : str
        As listed; backslashes may divide folders, and a name without folders may lie in any
        folder below the root if it is there once.
    places : callable
        Returns the photos below the root by name; called only if the path leads nowhere.

    Returns
    -------
    Path
        Below the root where it was found there; it need not exist.
    """
    path = root / name
    if os.path.exists(path):
        return path
    is_windows = "\\" in name or re.match("[A-Za-z]:/", name) is not None
    parts = PureWindowsPath(name) if is_windows else PurePosixPath(name)
    if parts.anchor and isinstance(parts, PureWindowsPath):
        inside = [root.joinpath(*parts.parts[start:]) for start in range(1, len(parts.parts))]
        return next((one for one in inside if os.path.exists(one)), inside[-1] if inside else path)
    if len(parts.parts) == 1:
        found = places().get(parts.name, [])
        return found[0] if len(found) == 1 else path
    return root.joinpath(*parts.parts)


def photos_by_name(root: Path) -> dict[str, list[Path]]:
    """Return the photos below a folder by their file name."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in walk(root):
        if is_photo_name(path):
            found[path.name].append(path)
    return found


def is_photo_name(path: Path) -> bool:
    """Return whether a file is named as a photo; macOS's resource files (._x.jpg) are not."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def other_file(root: Path, path: Path) -> Problem:
    """Return the problem of a file that is not a photo."""
    return Problem("other file", path.relative_to(root).as_posix(), "not named as a photo")


def build(
    cls: type[_Dataset],
    kind: str,
    root: Path,
    items: Iterable[Item],
    problems: Iterable[Problem],
    *,
    files: int,
    check: bool = True,
) -> _Dataset:
    """Build a data set of some items, and check their photos.

    Parameters
    ----------
    cls : type
        `Dataset` or a subclass.
    files : int
        Files or rows that were read.
    check : bool
        Decode every photo and look for duplicates; otherwise only see whether it is there.

    Raises
    ------
    DatasetError
        If there is no item at all.
    """
    stamped, found = [], list(problems)
    for item in items:
        item, problem = _stamped(item)
        stamped.append(item)
        found += [problem] if problem else []
    if not stamped:
        first = f" (first: {found[0].where[:80]}: {found[0].detail[:120]})" if found else ""
        of = f" of {_NAMES[kind]}" if kind in _NAMES else ""
        raise DatasetError(f"{root} holds no photo{of}{first}: check the path and the kind.")
    if check:
        there = [item for item in stamped if item.stamp is not None]
        found += [p for item in there if (p := unreadable(item))]
        found += duplicates(there)
    kept = tuple(stamped)
    report = DatasetReport(
        kind, str(root), files, count_labels(kept), count_groups(kept), tuple(found), check
    )
    return cls(kind, root, kept, report)


def _stamped(item: Item) -> tuple[Item, Problem | None]:
    if item.path is None:
        return replace(item, stamp=zlib.crc32(np.ascontiguousarray(item.pixels).data)), None
    try:
        status = os.stat(item.path)
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        reason = getattr(error, "strerror", None) or str(error)
        return item, Problem("missing", item.id, f"{item.name}: {reason.lower()}")
    if not stat.S_ISREG(status.st_mode):  # reading a pipe would block
        return item, Problem("missing", item.id, f"{item.name}: not a regular file")
    try:
        return replace(item, stamp=_content_crc(item.path)), None
    except OSError as error:
        return item, Problem("unreadable", item.id, f"cannot be opened ({error.strerror})")


def _content_crc(path: str) -> int:
    """Return the CRC-32 of a file: an edit that keeps its length is found as well."""
    crc = 0
    with open(path, "rb") as file:
        while chunk := file.read(2**20):
            crc = zlib.crc32(chunk, crc)
    return crc


def unreadable(item: Item) -> Problem | None:
    """Return the problem of a file that cannot be decoded, or None."""
    if item.path is None:
        return None
    if os.path.getsize(item.path) == 0:
        return Problem("unreadable", item.id, "the file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(item.path, formats=known_formats()) as image:
                image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
                image.load()
    except UnidentifiedImageError:
        return Problem("unreadable", item.id, "not an image of a known format")
    except DAMAGED as error:
        text = " ".join(str(error).split()) or type(error).__name__
        return Problem("unreadable", item.id, f"damaged or cut off ({text})")
    return None


def duplicates(items: Iterable[Item]) -> list[Problem]:
    """Return a problem for each item with the content of an earlier one."""
    alike: dict[tuple[bool, int | None], list[Item]] = defaultdict(list)
    for item in items:
        alike[item.path is None, item.stamp].append(item)
    first: dict[bytes, str] = {}
    found: dict[str, Problem] = {}
    for item in (item for group in alike.values() if len(group) > 1 for item in group):
        same = first.setdefault(_digest(item), item.id)
        if same != item.id:
            found[item.id] = Problem("duplicate", item.id, f"the same content as {same}")
    return [found[key] for key in sorted(found)]


def _digest(item: Item) -> bytes:
    if item.path is None:
        return hashlib.sha256(np.ascontiguousarray(item.pixels).data).digest()
    try:
        with open(item.path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return item.id.encode()  # reported as unreadable


def known_formats() -> list[str]:
    """Return the formats that PIL tries; none of them starts another program."""
    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]
