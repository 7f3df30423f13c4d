"""Read photos from paths, bytes, files, PIL images and arrays as upright RGB arrays.

The result is (H, W, 3) uint8.

Units: pixels; values 0-255. Limits: at most `MAX_PIXELS` pixels, read from the file's header before
anything is decoded. How other kinds of value become 0-255:

- bool: False is 0, True is 255; palettes are looked up.
- 16 bit: white, which becomes 255, is the largest number of 8, 10, 12, 14 or 16 bits, the first
  that no value of the picture exceeds: cameras store 12 bits in 16. Rounded, never clipped.
- 32-bit whole numbers and floats of files do not say what white is either. Floats within 0-1 are
  taken as 0-1, values up to 255 as 8 bit, larger ones as 16 bit by the same rule. Floats whose
  highest value is above 1 and below `LEAST_FLOAT_WHITE` can be neither and are refused.
- float arrays: 0-1, with a tolerance of `FLOAT_TOLERANCE` for rounding.
- colour of 16 bits, and TIFF of floats, is decoded by OpenCV (`xfera_nb.faces.deep_colour`).
- transparent pixels are laid on white.
- colour profiles are not applied; CMYK is converted by PIL's plain rule.

The EXIF orientation is applied. Of animations and multi-page files the first image counts.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import unicodedata
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from xfera_nb.datasets.clip import read_frame, split_reference
from xfera_nb.errors import PhotoError
from xfera_nb.faces.arrays import (
    FLOAT_TOLERANCE,
    array_to_rgb,
    float_to_uint8,
    full_scale,
    on_white,
    rows_at_once,
    uint16_to_uint8,
)
from xfera_nb.faces.deep_colour import decode_deep, is_tiff, read_tiff_size
from xfera_nb.paths import expand_path, is_url

MAX_PIXELS = 100_000_000
"""Photos with more pixels are refused; one of this size takes 0.7 GB (WebP 1.4) while it is read.
"""
MAX_PIXELS_OF = {"JPEG2000": 50_000_000, "float TIFF": 50_000_000}
"""Less for formats whose decoder needs more: a whole photo in 32 bits a channel."""

LEAST_FLOAT_WHITE = 16
"""Floats of a file that exceed 1 and do not reach this are not taken as 8 bits: nearly black."""

MAX_FILE_BYTES = 2**30
"""No more than this is read from an open file, which might never end."""

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "PPM", "JPEG2000", "AVIF", "TGA", "HEIF")
"""PIL formats that are tried (HEIF where a plugin is registered); those that would start another
program, such as EPS, are not."""

_READABLE = "JPEG, PNG, TIFF, WebP, GIF, BMP and others"
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# What PIL's decoders raise on damaged data, as its own test suite and fuzzing have it.
_DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    EOFError,
    AttributeError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


def load_photo(source: Any) -> np.ndarray:
    """Read a photo.

    Parameters
    ----------
    source : str, path, bytes, binary file object, PIL image or NumPy array
        A path such as ``clip.mp4#120`` is a frame of a video, counted from 0.
        Arrays: (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA; bool, uint8, uint16, or float
        within 0-1. A file object is read from its beginning where it can seek. In a path, ``~``
        stands for the home folder.

    Returns
    -------
    (H, W, 3) uint8 array
        RGB, upright; a new array, C-contiguous.

    Raises
    ------
    PhotoError
        The source is missing, a URL, no regular file, unreadable, empty, damaged, not an image,
        larger than `MAX_PIXELS`, or an array of another kind.
    """
    if isinstance(source, np.ndarray):
        _check_size(source.shape[1::-1], "The array")
        return array_to_rgb(source)
    if isinstance(source, Image.Image):
        return _decode(source, _subject(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _read(io.BytesIO(source), _subject(source), "")
    if is_url(source):
        raise PhotoError(
            f"{_subject(source)} is a URL, and photos are read from files only; "
            "download it and give the path of the file."
        )
    if isinstance(source, (str, os.PathLike)):
        return _load_path(source)
    if hasattr(source, "read"):
        subject = _subject(source)
        return _read(_read_all(source, subject), subject, "")
    raise PhotoError(
        f"A photo cannot be read from a {type(source).__name__}; "
        "give a path, bytes, an open file, a PIL image or a NumPy array."
    )


def get_photo_name(source: Any) -> str | None:
    """Return the name to show for a source of `load_photo`: its file's name, or None."""
    name = getattr(source, "filename", None) or getattr(source, "name", None)
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
    if not isinstance(name, (str, bytes)) or not name:
        return None
    name = os.path.basename(os.path.abspath(os.fsdecode(name)))
    # Line breaks and undecodable bytes would break the one-line messages.
    unfit = ("Cc", "Cs", "Zl", "Zp")
    return "".join("?" if unicodedata.category(c) in unfit else c for c in name)


def _subject(source: Any) -> str:
    """Return the name of a source for the beginning of a sentence."""
    return get_photo_name(source) or "The photo"


def _load_path(source: str | os.PathLike[str]) -> np.ndarray:
    subject = _subject(source)
    try:
        path = expand_path(os.fsdecode(source))
        reference = None if path.exists() else split_reference(path)
        if reference is not None:
            return read_frame(*reference)
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PhotoError(f"{subject} is a folder; give the photos in it.")
        if not stat.S_ISREG(status.st_mode):
            raise PhotoError(f"{subject} is not a regular file; give a photo's file.")
        with path.open("rb") as file:
            return _read(file, subject, path.suffix)
    except FileNotFoundError as error:
        raise PhotoError(f"{subject} does not exist; check the path.") from error
    except PermissionError as error:
        raise PhotoError(f"{subject} may not be read; check its permissions.") from error
    except (OSError, ValueError) as error:
        text = f"{subject} cannot be opened ({_reason(error)}); check the path."
        raise PhotoError(text) from error


def _read_all(source: Any, subject: str) -> io.BytesIO:
    """Read an open file to its end, or to the limit."""
    buffer = io.BytesIO()
    try:
        if getattr(source, "seekable", lambda: False)():
            source.seek(0)
        while chunk := source.read(2**20):
            if not isinstance(chunk, (bytes, bytearray)):
                raise PhotoError(f"{subject} is open as text; open it in the mode 'rb'.")
            buffer.write(chunk)
            if buffer.tell() > MAX_FILE_BYTES:
                raise PhotoError(
                    f"{subject} is longer than {MAX_FILE_BYTES // 2**20} MB; give a smaller photo."
                )
    except (OSError, ValueError) as error:
        raise PhotoError(f"{subject} cannot be read ({_reason(error)}); open it again.") from error
    buffer.seek(0)
    return buffer


def _read(file: Any, subject: str, suffix: str) -> np.ndarray:
    """Decode an open, seekable binary file."""
    head = file.read(12)
    file.seek(0)
    if not head:
        raise PhotoError(f"{subject} is empty; save or copy the photo again.")
    Image.init()
    formats = [name for name in FORMATS if name in Image.OPEN]
    try:
        with warnings.catch_warnings():
            # Our own limit follows, and damage is reported in a sentence.
            warnings.simplefilter("ignore")
            image = Image.open(file, formats=formats)
    except Image.DecompressionBombError as error:
        raise PhotoError(_too_large(subject)) from error
    except UnidentifiedImageError as error:
        if is_tiff(head):
            pixels = _read_tiff(file, subject)
            if pixels is not None:
                return pixels
        is_heic = head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS
        if is_heic or suffix.lower() in (".heic", ".heif"):
            text = f"{subject} is a HEIC photo, which cannot be read; save it as JPEG or PNG."
        else:
            text = f"{subject} is not an image that can be read; give {_READABLE}."
        raise PhotoError(text) from error
    except _DECODE_ERRORS as error:
        raise _damage_error(subject, error) from error
    with image:
        return _decode(image, subject)


def _read_tiff(file: Any, subject: str) -> np.ndarray | None:
    """Decode a TIFF of a kind that PIL has no mode for; None where OpenCV cannot read it either."""
    size = read_tiff_size(file)
    if size is None:
        return None
    _check_size(size, subject, "float TIFF")
    file.seek(0)
    values = decode_deep(file.read())
    if values is None:
        return None
    if values.dtype != np.uint8:
        values = _scale_wide(values, subject)
    return array_to_rgb(values)


def _decode(image: Image.Image, subject: str) -> np.ndarray:
    _check_size(image.size, subject, image.format)
    data = _deep_data(image)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.load()
    except (*_DECODE_ERRORS, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _damage_error(subject, error) from error
    deep = None if data is None else decode_deep(data)
    # After loading: some of PIL's readers turn the photo themselves and then drop the tag.
    orientation = _orientation(image)
    try:
        pixels = _to_rgb(image, subject) if deep is None else array_to_rgb(deep)
    except (ValueError, OSError) as error:
        raise PhotoError(
            f"{subject} has the colour mode {image.mode}, which is not supported; "
            "save it as RGB or grey."
        ) from error
    return np.ascontiguousarray(_rotate(pixels, orientation))


def _to_rgb(image: Image.Image, subject: str) -> np.ndarray:
    """Convert the modes of PIL to (H, W, 3) uint8."""
    if image.mode.startswith("I;16"):
        return _grey_to_rgb(uint16_to_uint8(np.asarray(image)))
    if image.mode in ("I", "F"):
        return _grey_to_rgb(_scale_wide(image, subject))
    if image.mode in ("La", "RGBa"):  # premultiplied: PIL undoes that only mode by mode
        image = image.convert(image.mode.upper())
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        return _convert_strips(image, "RGBA")
    return _convert_strips(image, "RGB")


def _convert_strips(image: Image.Image, mode: str) -> np.ndarray:
    """Convert to (H, W, 3) uint8 in strips: PIL holds whole copies for each step otherwise."""
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    top = 0
    for strip in _strips(image):
        values = np.asarray(strip.convert(mode))
        pixels[top : top + len(values)] = on_white(values) if mode == "RGBA" else values
        top += len(values)
    return pixels


def _strips(image: Image.Image) -> Iterator[Image.Image]:
    """Yield the image from top to bottom, some rows at a time."""
    width, height = image.size
    step = rows_at_once(width)
    for top in range(0, height, step):
        yield image.crop((0, top, width, min(top + step, height)))


def _grey_to_rgb(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey[:, :, None], 3, axis=2)


def _scale_wide(source: Image.Image | np.ndarray, subject: str) -> np.ndarray:
    """Bring 32-bit whole numbers and floats to uint8 by the rule at the top of the module."""

    def parts() -> Iterator[np.ndarray]:
        if isinstance(source, Image.Image):
            yield from map(np.asarray, _strips(source))
        else:
            step = rows_at_once(source.shape[1])
            yield from (source[top : top + step] for top in range(0, len(source), step))

    ends = np.array([(part.min(), part.max()) for part in parts()], np.float64)
    low, high = ends.min(), ends.max()  # NaN makes the comparisons below false
    is_float = next(parts()).dtype.kind == "f"
    if is_float and low >= -FLOAT_TOLERANCE and high <= 1 + FLOAT_TOLERANCE:
        return np.concatenate([float_to_uint8(part) for part in parts()])
    if not (low >= 0 and high <= 65535) or (is_float and high < LEAST_FLOAT_WHITE):
        kind = "float" if is_float else "whole"
        raise PhotoError(
            f"{subject} has {kind} values from {low:.4g} to {high:.4g}, which do not say what "
            "white is; save it with 8 or 16 bits a pixel, or as floats within 0-1."
        )
    full = full_scale(high)
    whole = (np.rint(part).astype(np.uint16) for part in parts())
    return np.concatenate([uint16_to_uint8(part, full) for part in whole])


def _deep_data(image: Image.Image) -> bytes | None:
    """Return the file of colour of 16 bits, of which PIL would keep the high bytes only."""
    if image.mode not in ("RGB", "RGBA", "LA") or "transparency" in image.info:
        return None
    tiles, file = getattr(image, "tile", None), getattr(image, "fp", None)
    if not tiles or file is None or ";16" not in str(tiles[0]) or image.tell() != 0:
        return None
    try:
        place = file.tell()
        file.seek(0)
        data: bytes = file.read(MAX_FILE_BYTES)
        file.seek(place)
    except (OSError, ValueError):
        return None
    return data


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 where there is none or the EXIF block is damaged."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _DECODE_ERRORS:
        return 1
    return value if isinstance(value, int) else 1


def _rotate(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Undo an EXIF orientation; the number says where the stored first row and column belong."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def _check_size(size: tuple[int, ...], subject: str, kind: str | None = None) -> None:
    most = min(MAX_PIXELS, MAX_PIXELS_OF.get(kind or "", MAX_PIXELS))
    if len(size) == 2 and size[0] * size[1] > most:
        raise PhotoError(_too_large(subject, f"{size[0]} x {size[1]} pixels, ", most))


def _too_large(subject: str, found: str = "", most: int = MAX_PIXELS) -> str:
    limit = f"{most // 1_000_000} megapixels"
    return f"{subject} has {found}more than the limit of {limit}; scale it down first."


def _damage_error(subject: str, error: BaseException) -> PhotoError:
    return PhotoError(
        f"{subject} is damaged or cut off ({_reason(error)}); copy or save the photo again."
    )


def _reason(error: BaseException) -> str:
    """Return another library's message so that it fits inside a sentence."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split()).rstrip(".").replace(". ", ", ")
