"""The store of a small video, made by hand: face 1 neutral and then happy, face 2 happy alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.rows import Row
from xfera_nb.evidence.storage import Storage
from xfera_nb.evidence.store import write_shard
from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.emotions import EMOTIONS

AU12 = OPENFACE_AUS.index(12)
ROWS = 15


def make_row(number: int, frame: int, track: int, emotion: str, au12: float) -> Row:
    """A face 100 pixels wide; face 1 on the left."""
    probabilities = np.full(7, 0.05, np.float32)
    probabilities[EMOTIONS.index(emotion)] = 0.7
    intensities = np.zeros(17, np.float32)
    intensities[AU12] = au12
    left = 50 if track == 1 else 220
    angle = np.linspace(0, 2 * np.pi, 68)
    landmarks = np.stack([left + 50 + 40 * np.cos(angle), 100 + 50 * np.sin(angle)], 1)
    # The corners of the eyes, for a crop that is upright.
    landmarks[36:42], landmarks[42:48] = (left + 35, 85), (left + 65, 85)
    seven = {name: np.ones(7) for name in ("mean_crop", "std_crop", "mean_hull", "std_hull",
                                           "peak")}  # fmt: skip
    return Row(
        number, f"c.mp4#{frame}:{track}", photo_path=f"c.mp4#{frame}", frame=frame,
        person=f"face {track}", time=frame / 10, track=track, score=1.0,
        box=np.array([left, 40, left + 100, 160], np.int32),
        landmarks=landmarks.astype(np.float32), probabilities=probabilities,
        maps=np.full((7, 2, 2), 1.0, np.float32), activation=np.zeros((7, 68)),
        intensities=intensities, **seven,
    )  # fmt: skip


def make_video_store(folder: Path, clips: Path | str = "/clips") -> Path:
    """Eleven frames, ten a second; the last shows no face."""
    place = Storage(folder)
    rows = [make_row(n, n, 1, "neutral", 0.5) for n in range(6)]
    rows += [make_row(6 + 2 * n, 6 + n, 1, "happiness", 3.0) for n in range(4)]
    rows += [make_row(7 + 2 * n, 6 + n, 2, "happiness", 2.0) for n in range(4)]
    rows.sort(key=lambda row: row.number)
    reason = "No face was found at 1.000 s (frame 10)."
    rows.append(Row(14, "c.mp4#10", photo_path="c.mp4#10", reason=reason, frame=10, time=1.0))
    write_shard(place, 0, rows, (2, 2), compact=True)
    video = {
        "clip": "c.mp4", "fps": 10.0, "every": 1, "per_second": None, "frames": 11, "measured": 11,
    }  # fmt: skip
    write_manifest(place, clips, video)
    return folder


def write_manifest(place: Storage, clips: Path | str, video: dict | None) -> None:
    manifest = {
        "format": manifests.FORMAT, "source": str(clips), "map_shape": [2, 2], "shard": ROWS,
        "batch": 4, "layer": "layer4.2", "method": "gradcam", "classifier": {"name": "n"},
        "au_detector": {"name": "a"},
        "dataset": {"photos": ROWS} | ({} if video is None else {"video": video}),
    }  # fmt: skip
    manifests.write(place, manifest)
