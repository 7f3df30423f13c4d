"""Clips made from the sample faces; each picture carries its number as blocks at its top."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from xfera_nb.datasets import samples_folder

SIZE = (400, 260)
FACE = 130
FPS = 10
_BITS, _BLOCK = 10, 16


def write_clip(path: Path, pictures: Iterable[np.ndarray], fps: float = FPS) -> Path:
    """Write RGB pictures as a clip; an .avi holds JPEGs, an .mp4 MPEG-4."""
    code = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), fps, SIZE)
    for number, picture in enumerate(pictures):
        writer.write(_numbered(picture, number)[:, :, ::-1])
    writer.release()
    return path


def draw(faces: Iterable[tuple[str, float]], ground: tuple[int, int, int]) -> np.ndarray:
    """Draw sample faces at some places, from 0 (left) to 1, on a coloured ground."""
    picture = np.full((SIZE[1], SIZE[0], 3), ground, np.uint8)
    for code, place in faces:
        image = cv2.imread(str(samples_folder() / f"{code}.jpg"))
        left = round(place * (SIZE[0] - FACE))
        top = SIZE[1] - FACE - 40
        picture[top : top + FACE, left : left + FACE] = cv2.resize(image, (FACE, FACE))
    return picture


def make_talk(path: Path, seconds: float = 30, fps: int = FPS) -> Path:
    """Two faces that move a little and change their expression; other two after half the time."""
    count = round(seconds * fps)

    def pictures() -> Iterable[np.ndarray]:
        for number in range(count):
            second = number >= count // 2
            people = ("06", "08") if second else ("01", "04")
            code = ("NE", "HA", "SU")[number * 6 // count % 3]
            shift = 0.04 * np.sin(number / 5)
            places = (0.1 + shift, 0.9 - shift)
            ground = (150, 110, 60) if second else (60, 100, 150)
            faces = [(f"C{who}{code}", at) for who, at in zip(people, places, strict=True)]
            yield draw(faces, ground)

    return write_clip(path, pictures(), fps)


def damage(path: Path, start: float, stop: float) -> Path:
    """Overwrite a part of a file, given in shares of its length, with zeros."""
    data = bytearray(path.read_bytes())
    first, last = round(start * len(data)), round(stop * len(data))
    data[first:last] = bytes(last - first)
    path.write_bytes(data)
    return path


def read_number(picture: np.ndarray) -> int:
    """Read the number that a picture carries."""
    blocks = [picture[4:12, 4 + k * _BLOCK : 12 + k * _BLOCK].mean() > 127 for k in range(_BITS)]
    return sum(int(is_set) << k for k, is_set in enumerate(blocks))


def _numbered(picture: np.ndarray, number: int) -> np.ndarray:
    picture = picture.copy()
    for bit in range(_BITS):
        shade = 235 if number >> bit & 1 else 20
        picture[:16, bit * _BLOCK : (bit + 1) * _BLOCK] = shade
    return picture


