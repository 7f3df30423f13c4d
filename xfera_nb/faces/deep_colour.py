"""Decode, by OpenCV, pictures that PIL has no mode for: colour of 16 bits, and TIFF of floats.

Values are returned as they are stored; `xfera_nb.faces.photo` scales them.
"""

from __future__ import annotations

import struct
import warnings
from typing import Any

import cv2
import numpy as np
from cv2.utils import logging
from PIL import TiffImagePlugin

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_WIDTH, _HEIGHT = 256, 257
_HEADER = 16  # bytes of a BigTIFF's; a TIFF's are 8
# What PIL's reader of tags raises on damaged ones.
_TAG_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, RuntimeError, struct.error,
)  # fmt: skip


def is_tiff(head: bytes) -> bool:
    """Return whether a file that begins like this says to be a TIFF."""
    return head[:4] in _MAGIC


def read_tiff_size(file: Any) -> tuple[int, int] | None:
    """Read the width and height of a TIFF's first picture from its tags.

    Parameters
    ----------
    file : seekable binary file

    Returns
    -------
    (int, int) or None
        None where the tags are damaged.
    """
    try:
        file.seek(0)
        head = file.read(8)
        if head[2:3] == b"\x2b" or head[3:4] == b"\x2b":
            head += file.read(_HEADER - 8)
        tags = TiffImagePlugin.ImageFileDirectory_v2(head)
        file.seek(tags.next)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tags.load(file)
        return int(tags[_WIDTH]), int(tags[_HEIGHT])
    except _TAG_ERRORS:
        return None


def decode_deep(data: bytes) -> np.ndarray | None:
    """Decode a picture as it is stored.

    Returns
    -------
    (H, W) or (H, W, channels) array, or None
        RGB or RGBA, of the file's type; None where OpenCV cannot decode it. The orientation is
        applied to a TIFF, as PIL does when it loads one, and to nothing else.
    """
    level = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_SILENT)  # damage is reported in a sentence
    try:
        values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    finally:
        logging.setLogLevel(level)
    if values is None or values.size == 0:
        return None
    if values.ndim == 3 and values.shape[2] >= 3:
        order = [2, 1, 0, *range(3, values.shape[2])]
        values = values[:, :, order]
    return values
