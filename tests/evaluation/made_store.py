"""Make stores of made-up predictions, without a photo or a network; other tests load it by `runpy`.

A prediction is "anger 0.6": that class gets the probability, the others share the rest alike.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from xfera_nb.evidence import Row
from xfera_nb.evidence.rows import ARRAYS
from xfera_nb.evidence.storage import Storage
from xfera_nb.evidence.store import write_shard
from xfera_nb.facs import EMOTIONS

SHAPE = (1, 1)


def probabilities(answer: str) -> np.ndarray:
    emotion, share = answer.split()
    values = np.full(7, (1 - float(share)) / 6)
    values[EMOTIONS.index(emotion)] = float(share)
    return values.astype(np.float32)


def row(number: int, answer: str | np.ndarray | None, **known: str | None) -> Row:
    """A photo with an answer, or (None) without a face; its id is p0, p1 ... unless given."""
    known = {"id": f"p{number}"} | known
    if answer is None:
        return Row(number, **{"reason": "No face was found."} | known)
    arrays = {}
    for name, (shape, kind) in ARRAYS.items():
        arrays[name] = np.zeros((7, *SHAPE) if name == "maps" else shape, kind)
    arrays["box"] = np.array([0, 0, 9, 9], np.int32)
    arrays["probabilities"] = probabilities(answer) if isinstance(answer, str) else answer
    return Row(number, **known, **arrays)


def make_store(
    folder: Path, rows: list[Row], kind: str = "folder", problems=(), photos: int | None = None
) -> Path:
    """Write rows as a store in shards of four; `photos` more than there are: not finished."""
    place = Storage(folder)
    manifest = {
        "format": 2,
        "source": "photos",
        "dataset": {"kind": kind, "photos": photos or len(rows), "chosen": [], "fingerprint": "0"},
        "classifier": {"name": "made <up>", "sha256": None, "temperature": 1.0},
        "au_detector": {"name": "made up"},
        "layer": "none",
        "method": "gradcam",
        "map_shape": list(SHAPE),
        "shard": 4,
        "batch": 2,
    }
    place.write("manifest.json", json.dumps(manifest).encode())
    place.write("dataset.json", json.dumps({"problems": [list(p) for p in problems]}).encode())
    for start in range(0, len(rows), 4):
        write_shard(place, start // 4, rows[start : start + 4], SHAPE)
    return folder
