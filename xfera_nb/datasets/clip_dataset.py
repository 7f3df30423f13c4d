"""The faces of a video as a data set: an item for each face on each frame that is looked at.

A frame without a face, or that cannot be read, is an item with the reason. Ids are ``clip.mp4#120``
for a frame and ``clip.mp4#120:2`` for face 2 on it; paths are ``clip.mp4#120``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xfera_nb.datasets.clip import Clip
from xfera_nb.datasets.dataset import (
    Dataset,
    DatasetReport,
    FrameFace,
    Item,
    count_groups,
    count_labels,
)

KIND = "video"


@dataclass(frozen=True, eq=False)
class ClipDataset(Dataset):
    """Hold the faces of a clip in the order of frames, and on a frame of their numbers.

    Attributes
    ----------
    video : mapping
        The clip's file, stamp, frames, frame rate and size, which frames were looked at, and how
        faces were followed, as JSON takes it.
    """

    video: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the items follow from: the clip, the frames, the way of tracking."""
        said = json.dumps(dict(self.video), sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def make_clip_dataset(
    clip: Clip, faces: Sequence[FrameFace], video: Mapping[str, Any], emotion: str | None = None
) -> ClipDataset:
    """Return the data set of the faces that were found on a clip.

    Parameters
    ----------
    clip : Clip
    faces : sequence of FrameFace
        In the order of frames.
    video : mapping
        As `ClipDataset` keeps it.
    emotion : str, optional
        The label of all faces, one of `EMOTIONS`.
    """
    items = tuple(
        Item(
            id=f"{clip.name}#{face.frame}" + ("" if face.track is None else f":{face.track}"),
            path=f"{clip.path}#{face.frame}",
            emotion=emotion,
            label=emotion,
            person=None if face.track is None else f"face {face.track}",
            found=face,
        )
        for face in faces
    )
    root = Path(clip.path).parent
    report = DatasetReport(
        KIND, str(root), 1, count_labels(items), count_groups(items), (), checked=False
    )
    return ClipDataset(KIND, root, items, report, video=video)
