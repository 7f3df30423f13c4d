"""Follow the faces through a whole clip, in segments that are kept until the store is complete.

A segment is tracked on its own, so that segments can be made in any order, by threads or workers,
and an interrupted run goes on with the first that is missing. Each also tracks the first frames of
the next one: a face that lies in the same place on these frames in both is the same face, and its
number goes on. Between frames that are far apart the tracker also sees frames that become no rows.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xfera_nb.datasets.clip import Clip, FrameReader
from xfera_nb.datasets.dataset import FrameFace
from xfera_nb.errors import PhotoError
from xfera_nb.evidence.storage import Storage
from xfera_nb.faces import tracking
from xfera_nb.faces.tracking import FaceTracker, TrackedFace, intersection_over_union

FOLDER = "tracks"
SEGMENT = 256
"""Frames that become rows in one segment."""
OVERLAP = 8
"""Frames of the next segment that a segment tracks too."""
LONGEST_GAP = 0.2
"""Seconds between two frames that the tracker sees; more are put between where rows lie apart."""
SAME_PLACE = 0.5
"""Overlap of two boxes on the same frame that makes them the same face."""

_SCHEMA = pa.schema(
    [
        pa.field("frame", pa.int64(), nullable=False),
        pa.field("time", pa.float64(), nullable=False),
        pa.field("is_row", pa.bool_(), nullable=False),
        pa.field("track", pa.int64()),
        pa.field("score", pa.float64()),
        pa.field("box", pa.list_(pa.int32())),
        pa.field("landmarks", pa.list_(pa.float32())),
        pa.field("reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class Segment:
    """Say which frames to track.

    Attributes
    ----------
    number : int
    rows : tuple of int
        The frames that become rows.
    after : tuple of int
        The first ones of the next segment.
    """

    number: int
    rows: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def file(self) -> str:
        """Return the name of its file in the store."""
        return f"{FOLDER}/{self.number:05d}.parquet"


def describe_tracking() -> dict[str, Any]:
    """Return what the faces of a clip depend on beside the clip, for a store's manifest."""
    names = (
        "SEARCH_EVERY", "SEARCH_SIDE", "MOST_ENLARGED", "FOLLOW_SIDE", "FOLLOW_MARGIN", "MEMORY",
        "LONGEST_STEP", "LEAST_OVERLAP", "MOST_DISTANCE", "CUT_COLOURS", "CUT_PATTERN",
    )  # fmt: skip
    return {"segment": SEGMENT, **{name.lower(): getattr(tracking, name) for name in names}}


def cut_segments(frames: Sequence[int]) -> list[Segment]:
    """Cut the frames that become rows into segments."""
    return [
        Segment(
            start // SEGMENT,
            tuple(frames[start : start + SEGMENT]),
            tuple(frames[start + SEGMENT : start + SEGMENT + OVERLAP]),
        )
        for start in range(0, len(frames), SEGMENT)
    ]


def track_segment(url: str, clip: Clip, segment: Segment) -> int:
    """Track one segment into its file, unless it is there; return its number of rows' frames.

    Raises
    ------
    ModelError
        dlib or its landmark model is missing.
    """
    place = Storage(url)
    if read_segment(place, segment) is None:
        place.write(segment.file, _to_bytes(_follow(clip, segment)))
    return len(segment.rows)


def _follow(clip: Clip, segment: Segment) -> list[tuple[bool, FrameFace]]:
    reader, tracker = FrameReader(clip), FaceTracker()
    frames = (*segment.rows, *segment.after)
    rows = set(segment.rows)
    found: list[tuple[bool, FrameFace]] = []
    try:
        for number in _fill(frames, clip.fps):
            try:
                frame = reader.read(number)
            except PhotoError as error:
                faces = [FrameFace(number, clip.time(number), reason=str(error))]
            else:
                faces = _described(tracker.update(frame.image, frame.time), number, frame.time)
                if not faces:
                    reason = f"No face was found at {frame.time:.3f} s (frame {number})."
                    faces = [FrameFace(number, frame.time, reason=reason)]
            if number in rows or number in segment.after:
                found += [(number in rows, face) for face in faces]
    finally:
        reader.close()
    return found


def _fill(frames: Sequence[int], fps: float) -> Iterable[int]:
    """Yield frames, and others between them where they lie far apart."""
    most = max(1, int(LONGEST_GAP * fps))
    last = None
    for number in frames:
        if last is not None:
            yield from range(last + most, number, most)
        yield number
        last = number


def _described(faces: Sequence[TrackedFace], frame: int, time: float) -> list[FrameFace]:
    return [
        FrameFace(
            frame, time, face.track, face.score, np.array(face.box, np.int32), face.landmarks
        )
        for face in faces
    ]


def _to_bytes(found: Sequence[tuple[bool, FrameFace]]) -> bytes:
    faces = [face for _, face in found]
    columns: dict[str, list[Any]] = {
        "frame": [face.frame for face in faces],
        "time": [face.time for face in faces],
        "is_row": [is_row for is_row, _ in found],
        "track": [face.track for face in faces],
        "score": [face.score for face in faces],
        "box": [face.box for face in faces],
        "landmarks": [
            None if face.landmarks is None else face.landmarks.ravel() for face in faces
        ],
        "reason": [face.reason for face in faces],
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns, schema=_SCHEMA), sink, compression="zstd")
    return sink.getvalue()


def read_segment(place: Storage, segment: Segment) -> list[tuple[bool, FrameFace]] | None:
    """Read a segment's file; None if it is not there, damaged, or of other frames."""
    try:
        table = pq.read_table(pa.BufferReader(place.read(segment.file)))
        if not table.schema.equals(_SCHEMA):
            return None
        found = [(row.pop("is_row"), _face(row)) for row in table.to_pylist()]
    except (FileNotFoundError, pa.ArrowException, ValueError):
        return None
    frames = {face.frame for is_row, face in found if is_row}
    return found if frames == set(segment.rows) else None


def _face(row: dict[str, Any]) -> FrameFace:
    if row["track"] is None:
        return FrameFace(row["frame"], row["time"], reason=row["reason"])
    box = np.array(row.pop("box"), np.int32).reshape(4)
    landmarks = np.array(row.pop("landmarks"), np.float32).reshape(68, 2)
    return FrameFace(**row, box=box, landmarks=landmarks)


def join_segments(segments: Iterable[Sequence[tuple[bool, FrameFace]]]) -> list[FrameFace]:
    """Return the faces of all segments, each with a number for the whole clip.

    Parameters
    ----------
    segments : iterable of list of (bool, FrameFace)
        In order; the faces of each with numbers of its own, and whether they become rows.

    Returns
    -------
    list of FrameFace
        Those that become rows. Numbers count from 1 in the order in which faces appear.
    """
    joined: list[FrameFace] = []
    count = 0
    carried: list[FrameFace] = []
    names: dict[int, int] = {}
    for segment in segments:
        same = _match([face for _, face in segment], carried)
        names = {own: names[old] for own, old in same.items() if old in names}
        for is_row, face in segment:
            if not is_row:
                continue
            if face.track is None:
                joined.append(face)
                continue
            if face.track not in names:
                count += 1
                names[face.track] = count
            joined.append(_renumbered(face, names[face.track]))
        carried = [face for is_row, face in segment if not is_row and face.track is not None]
    return joined


def _match(faces: Sequence[FrameFace], earlier: Sequence[FrameFace]) -> dict[int, int]:
    """Return the numbers of faces that lie where those of an earlier segment do, each once."""
    places: dict[int, list[FrameFace]] = {}
    for face in earlier:
        places.setdefault(face.frame, []).append(face)
    votes: Counter[tuple[int, int]] = Counter()
    for face in faces:
        for old in places.get(face.frame, ()):
            if face.track is None or face.box is None or old.track is None or old.box is None:
                continue
            boxes = (face.box.tolist(), old.box.tolist())
            if intersection_over_union(*boxes) >= SAME_PLACE:
                votes[face.track, old.track] += 1
    same: dict[int, int] = {}
    for (own, theirs), _ in sorted(votes.items(), key=lambda pair: (-pair[1], pair[0])):
        if own not in same and theirs not in same.values():
            same[own] = theirs
    return same


def _renumbered(face: FrameFace, track: int) -> FrameFace:
    return FrameFace(face.frame, face.time, track, face.score, face.box, face.landmarks)
