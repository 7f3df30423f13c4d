"""Draw what was measured onto a video's frames, as MP4 or GIF.

Each face has a frame, its number, the predicted class with its probability, and the Action Units
whose intensity reaches the minimum. The picture says what is smoothed. Sound is left out.
Frames that were not measured are left out too; the speed stays that of the clip.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
from PIL import Image

from xfera_nb.datasets.clip import read_frame
from xfera_nb.errors import PhotoError
from xfera_nb.evaluation.timeline import FaceTimeline, read_timelines
from xfera_nb.evidence import EvidenceStore
from xfera_nb.evidence.rows import present, stacked
from xfera_nb.evidence.storage import resolve_photo
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.fusion.params import FusionParams
from xfera_nb.report.save import SaveError, check_writable

KINDS = (".mp4", ".gif")
GIF_SIDE = 480
"""Longer side of a GIF, pixels; an MP4 has the clip's."""
GIF_RATE = 10.0
"""Frames a second of a GIF, at most."""
ON_A_LINE = 4
"""Action Units on a line of a label."""
MOST_GIF = 600
"""Frames of a GIF, at most: it is held in memory."""
_COLOURS = ((255, 176, 0), (80, 190, 255), (150, 230, 110), (255, 130, 170), (200, 160, 255))
_INK, _GROUND = (255, 255, 255), (24, 28, 34)


@dataclass(frozen=True)
class _Label:
    box: tuple[int, int, int, int]
    lines: tuple[str, ...]
    colour: tuple[int, int, int]


def save_annotated_video(
    store: EvidenceStore | str | PathLike[str],
    path: str | Path,
    *,
    clips: str | PathLike[str] | None = None,
    smooth: float = 0.0,
    baseline: bool = False,
    min_intensity: float = FusionParams().min_intensity,
    progress: Callable[[], object] | None = None,
) -> int:
    """Write the frames of a video's store with what was measured, as MP4 or GIF.

    Parameters
    ----------
    store : EvidenceStore or path
    path : path
        Ends in .mp4 or .gif. A GIF is at most 480 px, 10 frames a second and 600 frames.
    clips : path, optional
        The folder of the clip now; by default where it was.
    smooth, baseline
        As in `xfera_nb.evaluation.read_timelines`.
    min_intensity : float
        Minimum intensity of the Action Units that are written, 0 to 5.
    progress : callable, optional
        Called after each frame.

    Returns
    -------
    int
        Frames written.

    Raises
    ------
    StoreError
        If the store is missing or damaged, or holds photos.
    PhotoError
        If the clip is not there, or none of its frames can be read.
    SaveError
        If the file cannot be written, or is of another kind.
    """
    opened = store if isinstance(store, EvidenceStore) else EvidenceStore.open(store)
    target = check_writable(path)
    if target.suffix.lower() not in KINDS:
        raise SaveError(f"{path} is neither .mp4 nor .gif: give a name that ends in one of them.")
    timelines = read_timelines(opened, smooth=smooth, baseline=baseline)
    video = opened.video or {}
    clip = resolve_photo(clips or opened.source, str(video["clip"]))
    if not clip.is_file():
        raise PhotoError(f"{clip.name} is not in {clip.parent} any more: say where the clip is.")
    labels = _labels(opened, timelines, min_intensity)
    step = next((face.step for face in timelines.values()), 1 / float(video["fps"]))
    note = f"probabilities averaged over {smooth:g} s" if smooth else ""
    note += ("; " if note and baseline else "") + ("AUs minus the baseline" if baseline else "")
    pictures = _draw_each(clip, labels, note, progress)
    part = target.with_name(f".{target.stem[:40]}.{secrets.token_hex(4)}{target.suffix.lower()}")
    try:
        write = _write_gif if target.suffix.lower() == ".gif" else _write_mp4
        count = write(part, pictures, step)
        if not count:
            raise PhotoError(f"No frame of {clip.name} can be read: copy the clip again.")
        part.replace(target)
    except OSError as error:
        raise SaveError(f"{path} cannot be written ({error.strerror or error}).") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _labels(
    store: EvidenceStore, timelines: dict[int, FaceTimeline], min_intensity: float
) -> dict[int, list[_Label]]:
    """Return what to draw on each frame that was looked at."""
    table = store.table(["number", "frame", "track", "box"])
    table = table.filter(pa.array(present(table, "frame")))
    labels: dict[int, list[_Label]] = {frame: [] for frame in table["frame"].to_pylist()}
    table = table.filter(pa.array(present(table, "box")))
    boxes = dict(
        zip(
            table["number"].to_pylist(),
            stacked(table, "box", store.map_shape).tolist(),
            strict=True,
        )
    )
    for face in timelines.values():
        colour = _COLOURS[(face.track - 1) % len(_COLOURS)]
        for place, (number, frame) in enumerate(zip(face.number, face.frame, strict=True)):
            top = int(face.predicted[place])
            first = f"{face.track}: {EMOTIONS[top]} {face.probabilities[place, top]:.0%}"
            active = _active(face.intensities[place], min_intensity)
            rows = range(0, len(active), ON_A_LINE)
            lines = (first, *(" ".join(active[start : start + ON_A_LINE]) for start in rows))
            left, upper, right, lower = boxes[int(number)]
            labels[int(frame)].append(_Label((left, upper, right, lower), lines, colour))
    return labels


def _active(intensities: np.ndarray, least: float) -> list[str]:
    pairs = zip(OPENFACE_AUS, intensities.tolist(), strict=True)
    return [au_name(au) for au, value in pairs if value >= least]


def _draw_each(
    clip: Path,
    labels: dict[int, list[_Label]],
    note: str,
    progress: Callable[[], object] | None,
) -> Iterator[np.ndarray]:
    """Yield the frames, (H, W, 3) uint8 RGB; one that cannot be read repeats the one before."""
    last: np.ndarray | None = None
    for frame, found in labels.items():
        try:
            picture = read_frame(clip, frame).copy()
        except PhotoError:
            if last is None:
                continue
            picture = last.copy()
            found = [_Label((0, 0, 0, 0), ("no readable picture",), (220, 60, 60))]
        else:
            last = picture.copy()
        for label in found:
            _draw(picture, label)
        if note:
            _write(picture, note, (6, picture.shape[0] - 8), _size(picture) * 0.8)
        if progress is not None:
            progress()
        yield picture


def _draw(picture: np.ndarray, label: _Label) -> None:
    size = _size(picture)
    left, upper, right, lower = label.box
    if right > left:
        width = max(1, round(2 * size))
        cv2.rectangle(picture, (left, upper), (right, lower), label.colour, width, cv2.LINE_AA)
    height = round(26 * size)
    for row, line in enumerate(reversed(label.lines)):
        y = upper - 8 - row * height
        if upper < height * len(label.lines):
            y = lower + height * (len(label.lines) - row)
        _write(picture, line, (max(left, 0), y), size)


def _write(picture: np.ndarray, text: str, place: tuple[int, int], size: float) -> None:
    """Write a line on a ground of its own, so that it can be read on any picture."""
    font, thick = cv2.FONT_HERSHEY_DUPLEX, max(1, round(size))
    (width, height), below = cv2.getTextSize(text, font, 0.6 * size, thick)
    x = min(place[0], max(0, picture.shape[1] - width))
    y = min(max(place[1], height + 2), picture.shape[0] - below)
    cv2.rectangle(picture, (x - 2, y - height - 3), (x + width + 2, y + below), _GROUND, -1)
    cv2.putText(picture, text, (x, y), font, 0.6 * size, _INK, thick, cv2.LINE_AA)


def _size(picture: np.ndarray) -> float:
    return max(0.6, max(picture.shape[:2]) / 1100)


def _write_mp4(path: Path, pictures: Iterator[np.ndarray], step: float) -> int:
    writer: cv2.VideoWriter | None = None
    count = 0
    try:
        for picture in pictures:
            if writer is None:
                size = (picture.shape[1], picture.shape[0])
                code = cv2.VideoWriter.fourcc(*"mp4v")
                writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, 1 / step, size)
                if not writer.isOpened():
                    raise SaveError("This OpenCV writes no MP4: give a name that ends in .gif.")
            writer.write(picture[:, :, ::-1])
            count += 1
    finally:
        if writer is not None:
            writer.release()
    return count


def _write_gif(path: Path, pictures: Iterator[np.ndarray], step: float) -> int:
    every = max(1, round(1 / (step * GIF_RATE)))
    frames: list[Image.Image] = []
    for number, picture in enumerate(pictures):
        if number % every == 0 and len(frames) < MOST_GIF:
            small = Image.fromarray(picture)
            small.thumbnail((GIF_SIDE, GIF_SIDE))
            frames.append(small.quantize(128))
    if frames:
        milliseconds = round(1000 * step * every)
        frames[0].save(
            path, save_all=True, append_images=frames[1:], duration=milliseconds, loop=0
        )
    return len(frames)
