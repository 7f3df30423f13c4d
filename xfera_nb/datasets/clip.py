"""Read the frames of a video file by their numbers, also from a damaged one.

A frame's number is its time multiplied by the clip's frame rate, rounded: frames that the file has
lost leave their numbers and times to no others. ``clip.mp4#120`` refers to frame 120, counted from
0, wherever a photo's path is taken. OpenCV decodes, by its FFmpeg, from local files alone.
"""

from __future__ import annotations

import math
import os
import re
import threading
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.errors import DatasetError, InputError, PhotoError
from xfera_nb.paths import expand_path, is_url

if TYPE_CHECKING:
    import cv2

SUFFIXES = frozenset((".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg"))
"""Endings of video files."""
MAX_FRAMES = 10**7
MAX_FPS = 1000
MAX_PIXELS = 50_000_000
NEAR = 48
"""Frames ahead that are reached by decoding what lies between, instead of a jump."""
PATIENCE = 25
"""Unreadable frames in a row after which the reader looks further ahead."""
_REFERENCE = re.compile(r"(?P<clip>.+)#(?P<frame>\d{1,8})", re.DOTALL)
_BLOCK = 2**20


@dataclass(frozen=True)
class Clip:
    """Describe a video file.

    Attributes
    ----------
    path : str
        Absolute.
    fps : float
        Frames a second.
    frames : int
        As the file says; a damaged one may hold fewer.
    width, height : int
        Pixels, as it is shown.
    """

    path: str
    fps: float
    frames: int
    width: int
    height: int

    @property
    def name(self) -> str:
        """Return the file's name."""
        return os.path.basename(self.path)

    @property
    def seconds(self) -> float:
        """Return the clip's length in seconds."""
        return self.frames / self.fps

    def time(self, frame: int) -> float:
        """Return the time of a frame in seconds."""
        return frame / self.fps

    def stamp(self) -> int:
        """Return the CRC-32 of the file's content, which tells a changed clip from the same one."""
        value = 0
        with open(self.path, "rb") as file:
            while block := file.read(_BLOCK):
                value = zlib.crc32(block, value)
        return value


@dataclass(frozen=True, eq=False)
class Frame:
    """Hold one frame.

    Attributes
    ----------
    number : int
        From 0.
    time : float
        Seconds, as the file says.
    image : ndarray
        (H, W, 3) uint8 RGB.
    """

    number: int
    time: float
    image: np.ndarray = field(repr=False)


def open_clip(path: str | os.PathLike[str]) -> Clip:
    """Read what a video file says of itself.

    Raises
    ------
    DatasetError
        If there is no such file, it is no video, or its frame rate or size makes no sense.
    """
    if is_url(path):
        raise DatasetError(f"{path} is a URL, and clips are read from files only: download it.")
    file = expand_path(path).absolute()
    if not file.is_file():
        raise DatasetError(f"There is no video {path}: check the path.")
    capture = _open(str(file))
    if capture is None:
        raise DatasetError(
            f"{file.name} cannot be read as a video: it is damaged from its start, or of a kind "
            "that OpenCV does not know; save it as MP4 (H.264)."
        )
    import cv2

    fps, frames, width, height = (
        capture.get(what)
        for what in (
            cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT,
            cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT,
        )
    )  # fmt: skip
    if not (math.isfinite(fps) and 0 < fps <= MAX_FPS):
        raise DatasetError(f"{file.name} gives no frame rate that makes sense ({fps:g}).")
    if not (0 < width * height <= MAX_PIXELS):
        raise DatasetError(f"{file.name} has {width:.0f} x {height:.0f} pixels: scale it down.")
    count = int(frames) if 0 < frames <= MAX_FRAMES else _count_frames(capture)
    capture.release()
    if not count:
        raise DatasetError(f"{file.name} holds no frame that can be read: copy it again.")
    return Clip(str(file), float(fps), count, int(width), int(height))


def sample_frames(clip: Clip, *, every: int = 1, per_second: float | None = None) -> list[int]:
    """Return the numbers of the frames to look at.

    Parameters
    ----------
    clip : Clip
    every : int
        Each how many frames; 1 for all.
    per_second : float, optional
        How many a second, instead of `every`; all, where the clip has fewer.

    Raises
    ------
    InputError
        If `every` is less than 1, `per_second` is not positive, or both are given.
    """
    if per_second is None:
        if every < 1:
            raise InputError("every is at least 1.")
        return list(range(0, clip.frames, every))
    if every != 1:
        raise InputError("Give every or per_second, not both.")
    if not (math.isfinite(per_second) and per_second > 0):
        raise InputError("per_second is a positive number.")
    step = max(1.0, clip.fps / per_second)
    numbers = (round(k * step) for k in range(math.ceil(clip.frames / step)))
    return [number for number in numbers if number < clip.frames]


def split_reference(path: str | os.PathLike[str]) -> tuple[str, int] | None:
    """Return the clip's path and the frame of ``clip.mp4#120``; None for any other path."""
    match = _REFERENCE.fullmatch(os.fspath(path))
    if match is None or Path(match["clip"]).suffix.lower() not in SUFFIXES:
        return None
    return match["clip"], int(match["frame"])


def file_of(path: str | os.PathLike[str]) -> Path:
    """Return the file that holds a photo: its own, or the clip whose frame it is."""
    found = None if Path(path).is_file() else split_reference(path)
    return Path(path if found is None else found[0])


class FrameReader:
    """Read the frames of a clip, in any order; in ascending order each is decoded once.

    Parameters
    ----------
    clip : Clip
    """

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        self._capture: cv2.VideoCapture | None = None
        self._position = -1  # number of the frame that was grabbed
        self._asked = -1
        self._failed = 0
        self._dead_until = -1

    def read(self, number: int) -> Frame:
        """Read one frame.

        Raises
        ------
        PhotoError
            If the clip has no picture there.
        """
        if not 0 <= number < self.clip.frames:
            raise PhotoError(
                f"{self.clip.name} has no frame {number}: its frames are 0 to "
                f"{self.clip.frames - 1}."
            )
        capture = self._reach(number)
        if capture is None:
            self._skip_damage(number)
            raise self._unreadable(number)
        self._asked = number
        if self._position > number:
            raise self._unreadable(number)
        found, pixels = capture.retrieve()
        if not found or pixels is None or pixels.ndim != 3:
            raise self._unreadable(number)
        self._failed = 0
        return Frame(number, _time_of(capture), np.ascontiguousarray(pixels[:, :, ::-1]))

    def close(self) -> None:
        """Close the file; a later read opens it again."""
        if self._capture is not None:
            self._capture.release()
        self._capture, self._position, self._asked = None, -1, -1

    def _reach(self, number: int) -> cv2.VideoCapture | None:
        """Grab the frame of a number, or the first beyond it; None if there is neither."""
        if number < self._dead_until:
            return None
        if self._capture is not None and self._asked < number <= self._position:
            return self._capture
        ahead = number - self._position
        if self._capture is None or not 0 <= ahead <= NEAR:
            return self._jump(number)
        while self._position < number:
            if self._grab() is None:
                return self._jump(number)
        return self._capture

    def _jump(self, number: int) -> cv2.VideoCapture | None:
        import cv2

        if self._capture is None:
            self._capture = _open(self.clip.path)
            if self._capture is None:
                return None
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, number)
        self._position, self._asked = number - 1, number - 1
        return self._grab()

    def _grab(self) -> cv2.VideoCapture | None:
        capture = self._capture
        if capture is None or not capture.grab():
            self.close()  # after an error the decoder gives nothing more
            return None
        self._position = max(self._position + 1, round(_time_of(capture) * self.clip.fps))
        return capture

    def _skip_damage(self, number: int) -> None:
        """After many unreadable frames look further ahead, and give up what lies between."""
        self._failed += 1
        if self._failed < PATIENCE or number < self._dead_until:
            return
        probe = min(number + self._failed, self.clip.frames - 1)
        if probe > number and self._jump(probe) is None:
            self._dead_until = probe

    def _unreadable(self, number: int) -> PhotoError:
        return PhotoError(
            f"{self.clip.name} has no readable picture at {self.clip.time(number):.3f} s (frame "
            f"{number}); copy the clip again."
        )


def read_frame(path: str | os.PathLike[str], number: int) -> np.ndarray:
    """Read one frame of a video file, (H, W, 3) uint8 RGB.

    A thread keeps its last clip open, so that frames in ascending order are decoded once.

    Raises
    ------
    PhotoError
        If the clip is not there or has no picture there.
    """
    file = expand_path(path).absolute()
    try:
        stamp = (str(file), file.stat().st_mtime_ns, file.stat().st_size)
    except OSError as error:
        raise PhotoError(f"There is no video {file.name}; check its path.") from error
    if getattr(_OPEN, "stamp", None) != stamp:
        try:
            clip = open_clip(file)
        except DatasetError as error:
            raise PhotoError(str(error)) from error
        if hasattr(_OPEN, "reader"):
            _OPEN.reader.close()
        _OPEN.reader, _OPEN.stamp = FrameReader(clip), stamp
        _OPEN.last = None
    if _OPEN.last is None or _OPEN.last.number != number:
        _OPEN.last = _OPEN.reader.read(number)
    image: np.ndarray = _OPEN.last.image
    return image


def close_clip() -> None:
    """Close the clip that this thread keeps open; the next frame is decoded afresh."""
    if hasattr(_OPEN, "reader"):
        _OPEN.reader.close()
    _OPEN.last = None


_OPEN = threading.local()


def _open(path: str) -> cv2.VideoCapture | None:
    """Open a local file by FFmpeg, which from there leads to no other machine by itself."""
    import cv2

    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # else a line for each broken block
    try:
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
    except cv2.error:
        return None
    return capture if capture.isOpened() else None


def _time_of(capture: cv2.VideoCapture) -> float:
    """Return the time of the frame that was grabbed, in seconds."""
    import cv2

    return float(capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000


def _count_frames(capture: Any) -> int:
    count = 0
    while count < MAX_FRAMES and capture.grab():
        count += 1
    return count
