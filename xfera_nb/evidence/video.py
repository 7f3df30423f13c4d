"""Measure the faces of a video into a store: `explain_video`.

First the faces are followed through the clip (`xfera_nb.evidence.tracks`), then each face on each
frame is measured as a photo's, in the same shards. Both go on after an interruption. A frame that
cannot be read, or shows no face, is a row with the reason. No pixel is kept: rows name their frame
as ``clip.mp4#120``, which is read again where a picture is needed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from xfera_nb.au_detectors import DEFAULT_SOURCE, AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.datasets.clip import Clip, open_clip, sample_frames
from xfera_nb.datasets.clip_dataset import make_clip_dataset
from xfera_nb.datasets.dataset import FrameFace
from xfera_nb.errors import InputError
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.extraction import StoreReport, make_shards, progress_bar
from xfera_nb.evidence.pipeline import Models
from xfera_nb.evidence.storage import Storage, StoreError
from xfera_nb.evidence.store import EvidenceStore
from xfera_nb.evidence.tracks import (
    FOLDER,
    Segment,
    cut_segments,
    describe_tracking,
    join_segments,
    read_segment,
    track_segment,
)
from xfera_nb.facs.emotions import parse_emotion
from xfera_nb.paths import expand_path
from xfera_nb.saliency import DEFAULT_METHOD
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from distributed import Client

THREADS = 2
"""Segments that are tracked at once in one process."""
_SHOWN = 10


@dataclass(frozen=True)
class VideoReport(StoreReport):
    """Report what was measured on a video; `photos` counts rows: faces, and frames without one.

    Attributes
    ----------
    frames, tracks : int
        Frames that were looked at, and faces with a number of their own.
    tracking_seconds : float
        Time of following the faces in this run; `seconds` is that of measuring them.
    """

    frames: int = 0
    tracks: int = 0
    tracking_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Return frames a second in this run, tracking and measuring; NaN if none was left."""
        share = 1 - self.resumed / self.photos if self.photos else 0.0
        spent = self.seconds + self.tracking_seconds
        return self.frames * share / spent if share and spent > 0 else float("nan")

    def text(self, shown: int = _SHOWN) -> str:
        """Return the report as text; the first `shown` reasons are named."""
        lines = [
            f"{self.path}: {count_of(self.frames, 'frame')}, {count_of(self.faces, 'face')} on "
            f"them, {self.tracks:,} tracked"
        ]
        if self.resumed:
            lines.append(f"  {count_of(self.resumed, 'row')} from an earlier run")
        if self.rate == self.rate:
            lines.append(
                f"  {self.tracking_seconds + self.seconds:,.1f} s, {self.rate:.1f} frames a second"
            )
        if self.failed:
            lines.append(f"  {count_of(len(self.failed), 'row')} could not be measured in full:")
            lines += [f"    {reason}" for _, reason in self.failed[:shown]]
            if len(self.failed) > shown:
                lines.append(f"    and {len(self.failed) - shown:,} more")
        return "\n".join(lines)


def explain_video(
    clip: str | PathLike[str],
    out: str | PathLike[str],
    *,
    every: int = 1,
    per_second: float | None = None,
    label: str | None = None,
    classifier: Classifier | str | PathLike[str] | None = None,
    au_detector: AUDetector | str = DEFAULT_SOURCE,
    layer: str | None = None,
    method: str = DEFAULT_METHOD,
    device: str | None = None,
    batch: int | None = None,
    shard: int | None = None,
    progress: bool = True,
    scheduler: str | Client | None = None,
    occlusion: bool = False,
) -> VideoReport:
    """Measure the faces of a video into a store, or resume an interrupted run.

    Parameters
    ----------
    clip : str or path
        A video file that OpenCV reads.
    out : str or path
        Folder or fsspec URL of the store.
    every : int
        Each how many frames are measured; 1 for all.
    per_second : float, optional
        How many frames a second are measured, instead of `every`.
    label : str, optional
        The emotion that the people were asked to show throughout, in the words of any data set;
        `xfera_nb.evaluate` compares the predictions with it.
    classifier, au_detector, layer, method, device, batch, shard, progress, scheduler, occlusion
        As in `xfera_nb.extract`; a shard holds faces on frames, and the source "openface-files" is
        matched by the frame.

    Returns
    -------
    VideoReport

    Raises
    ------
    DatasetError
        If the clip is missing or cannot be read at all.
    InputError
        If `every` or `per_second` makes no sense, `batch` or `shard` is less than 1, or there is
        no such method or emotion.
    StoreError
        If the store cannot be written, another extraction writes into it, it was made from another
        clip or with other settings, or the cluster failed.
    ModelError, DetectorError
        If a model is missing or damaged.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> report = xf.explain_video("talk.mp4", "talk.store", per_second=5)  # doctest: +SKIP
    >>> print(report.text())  # doctest: +SKIP
    """
    if (batch is not None and batch < 1) or (shard is not None and shard < 1):
        raise InputError("batch and shard are at least 1.")
    emotion = None if label is None else parse_emotion(label)
    video = open_clip(clip)
    frames = sample_frames(video, every=every, per_second=per_second)
    described = _describe(video, frames, every, per_second) | {"label": emotion}
    place = Storage(out)
    if isinstance(classifier, (str, PathLike)):
        classifier = expand_path(classifier).absolute()
    models = Models(classifier, au_detector, layer, method, device, occlusion, fused=True)
    with place.lock():
        old = manifests.read(place)
        if old is not None:
            _check_same_clip(old, described, place.shown)
        began = time.perf_counter()
        faces = _faces_of_store(place) if old is not None else None
        if faces is None:
            faces = _track(place, video, frames, progress, scheduler)
        tracking = time.perf_counter() - began
        dataset = make_clip_dataset(video, faces, described, emotion)
        report = make_shards(dataset, place, models, batch, shard, progress, scheduler, unit="face")
        place.remove(FOLDER)
    return VideoReport(
        **vars(report),
        frames=len(frames),
        tracks=len({face.track for face in faces if face.track is not None}),
        tracking_seconds=tracking,
    )


def _describe(
    clip: Clip, frames: Sequence[int], every: int, per_second: float | None
) -> dict[str, Any]:
    """Return what the faces of a clip follow from, for the manifest."""
    return {
        "clip": clip.name,
        "stamp": clip.stamp(),
        "frames": clip.frames,
        "fps": clip.fps,
        "size": [clip.width, clip.height],
        "every": every,
        "per_second": per_second,
        "measured": len(frames),
        "tracking": describe_tracking(),
    }


def _check_same_clip(old: dict[str, Any], described: dict[str, Any], shown: str) -> None:
    found = old["dataset"].get("video")
    if found is None:
        raise StoreError(f"The store {shown} holds photos: give another folder for the video.")
    for key, value in manifests.plain(described).items():
        if found.get(key) != value:
            raise StoreError(
                f"The store {shown} was made from another clip, or from other frames of it ({key} "
                f"{str(found.get(key))[:24]} there, {str(value)[:24]} now): give another folder."
            )


def _faces_of_store(place: Storage) -> list[FrameFace] | None:
    """Return the faces that a complete store holds; None if it is not complete or damaged."""
    try:
        store = EvidenceStore.open(place.url)
        if not store.complete:
            return None
        return [
            FrameFace(
                row.frame, row.time, row.track, row.score, row.box, row.landmarks,
                row.reason if row.box is None else None,
            )
            for row in store.rows()
            if row.frame is not None and row.time is not None
        ]  # fmt: skip
    except StoreError:
        return None


def _track(
    place: Storage,
    clip: Clip,
    frames: Sequence[int],
    progress: bool,
    scheduler: str | Client | None,
) -> list[FrameFace]:
    """Track the segments that are missing, and join all."""
    segments = cut_segments(frames)
    todo = [segment for segment in segments if read_segment(place, segment) is None]
    done = len(frames) - sum(len(segment.rows) for segment in todo)
    with progress_bar(len(frames), done, progress, unit="frame") as bar:
        for count in _track_each(place, clip, todo, scheduler):
            bar.update(count)
    return join_segments(_read_all(place, segments))


def _track_each(
    place: Storage, clip: Clip, todo: Sequence[Segment], scheduler: str | Client | None
) -> Iterator[int]:
    if not todo:
        return
    if scheduler is not None:
        from xfera_nb.evidence.cluster import track_on_cluster

        yield from track_on_cluster(place.url, clip, todo, scheduler)
        return
    pool = ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1), thread_name_prefix="xfera-track")
    try:
        yield from pool.map(lambda segment: track_segment(place.url, clip, segment), todo)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _read_all(
    place: Storage, segments: Sequence[Segment]
) -> Iterator[list[tuple[bool, FrameFace]]]:
    for segment in segments:
        found = read_segment(place, segment)
        if found is None:
            raise StoreError(f"{segment.file} of {place.shown} is damaged: run this again.")
        yield found
