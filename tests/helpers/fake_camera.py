"""A camera's picture made from sample faces, for Chromium's fake capture device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np

from xfera_nb.datasets.samples import sample

SIZE = (640, 480)
FPS = 30
"""What Chromium plays a file of JPEGs at."""
_FACE = 400


def draw_face(code: str | None, shift: float = 0.0, ground: int = 112) -> np.ndarray:
    """A frame, RGB, with a sample face in its middle, moved by so many pixels; None for no face."""
    frame = np.full((SIZE[1], SIZE[0], 3), ground, np.uint8)
    if code is not None:
        image = cv2.imread(str(sample(code)))[:, :, ::-1]
        left, top = round((SIZE[0] - _FACE) / 2 + shift), (SIZE[1] - _FACE) // 2
        face = cv2.resize(image, (_FACE, _FACE), interpolation=cv2.INTER_AREA)
        frame[top : top + _FACE, left : left + _FACE] = face
    return frame


def to_jpeg(frame: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", frame[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


def write_camera(
    path: Path,
    codes: Sequence[str | None],
    seconds: float = 3.0,
    grounds: Mapping[str | None, int] = MappingProxyType({}),
) -> Path:
    """Write JPEGs one after another; each face stays for some seconds and moves a little.

    `grounds` gives a face another grey behind it.
    """
    with path.open("wb") as file:
        for code in codes:
            for number in range(round(seconds * FPS)):
                picture = draw_face(code, 30 * np.sin(number / 15), grounds.get(code, 112))
                file.write(to_jpeg(picture))
    return path


def camera_flags(path: Path) -> list[str]:
    """Flags with which Chromium takes a file for the camera, and does not ask."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
