"""What exploring a large store costs: ``python benchmarks/explorer.py [--faces N] [--rounds N]``.

Writes a store of made-up evidence (by default 15,339 faces, the size of RAF-DB) into a temporary
folder, with the store's own writer, opens it as the Explorer does, and sets every filter and every
order once a round. Medians are printed beside their aims; the exit code is 1 if one is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from xfera_nb.evidence import EvidenceStore, Row
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.storage import Storage
from xfera_nb.evidence.store import write_shard
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams
from xfera_nb.widgets import ExplorerState

FACES = 15_339
SHARD = 256
OPEN_LIMIT = 3.0  # seconds
FILTER_LIMIT = 0.2
MAP = (7, 7)
FAILED = 0.01
UNLABELLED = 0.02


def make_store(folder: str | Path, count: int, *, seed: int = 0, shard: int = SHARD) -> None:
    """Write a finished store of `count` photos, 1 % without a face and 2 % without a label."""
    rng = np.random.default_rng(seed)
    place = Storage(folder)
    manifests.write(place, manifest(count, shard))
    for number in range(-(-count // shard)):
        first = number * shard
        write_shard(place, number, _rows(rng, first, min(shard, count - first)), MAP)


def manifest(count: int, shard: int, source: str = "made-up") -> dict:
    """The manifest of a store that no extraction made."""
    return {
        "format": manifests.FORMAT,
        "source": source,
        "dataset": {"kind": "made-up", "photos": count, "chosen": [], "fingerprint": "0"},
        "classifier": {"name": "made-up", "sha256": None, "temperature": 1.0},
        "au_detector": {"name": "made-up", "version": "1"},
        "layer": "layer4.2",
        "method": "gradcam",
        "map_shape": list(MAP),
        "crop": {},
        "shard": shard,
        "batch": 32,
        "versions": manifests.versions(),
        "emotions": list(EMOTIONS),
        "action_units": [],
    }


def _rows(rng: np.random.Generator, first: int, count: int) -> list[Row]:
    logits = rng.normal(0, 2, (count, 7))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    maps = rng.normal(0, 1, (count, 7, *MAP)).astype(np.float32)
    activation = np.maximum(rng.normal(0.2, 0.4, (count, 7, 68)), 0)
    mean, std = rng.uniform(0.1, 0.4, (2, count, 7))
    peak = activation.max(axis=2) * (rng.random((count, 7)) > 0.05)
    units = rng.gamma(1.0, 0.7, (count, 17)).clip(0, 5).astype(np.float32)
    emotions = rng.integers(0, 7, count)
    rows = []
    for i in range(count):
        number = first + i
        known = {
            "number": number,
            "id": f"P{number:06d}",
            "emotion": None if rng.random() < UNLABELLED else EMOTIONS[emotions[i]],
            "person": f"F{number // 7 % 70:02d}",
            "session": "AB"[number % 2],
            "angle": ("S", "HL", "HR", "FL", "FR")[number % 5],
            "gender": "FM"[number % 2],
            "photo_path": f"F{number // 7 % 70:02d}/P{number:06d}.jpg",
        }
        if rng.random() < FAILED:
            rows.append(Row(**known, reason="No face was found."))
            continue
        rows.append(
            Row(
                **known,
                box=np.array([10, 10, 90, 90], np.int32),
                landmarks=rng.uniform(10, 90, (68, 2)).astype(np.float32),
                probabilities=shares[i].astype(np.float32),
                maps=maps[i],
                activation=activation[i],
                mean_crop=mean[i],
                std_crop=std[i],
                mean_hull=mean[i] * 1.2,
                std_hull=std[i],
                peak=peak[i],
                intensities=units[i],
                left=units[i],
                right=units[i],
            )
        )
    return rows


STEPS: dict[str, dict] = {
    "a cell of the matrix": {"true": "fear", "predicted": "surprise"},
    "wrong predictions": {"correctness": "wrong"},
    "a person": {"person": "F03"},
    "session, angle, gender": {"session": "A", "angle": "S", "gender": "F"},
    "confidence level": {"level": "High"},
    "margin 0.2 to 0.4": {"margin_low": 0.2, "margin_high": 0.4},
    "AU12 active": {"active_au": 12},
    "no positive evidence": {"no_evidence": True},
    "failed photos": {"failed": True},
    "sort by margin": {"sort": "margin"},
    "sort by disagreement": {"sort": "disagreement"},
    "sort, ascending": {"sort": "confidence", "descending": False},
    "other parameters": {"params": FusionParams(k=0.5, coverage=0.5)},
    "all of them": {
        "true": "fear", "correctness": "wrong", "session": "A", "level": "Medium",
        "margin_high": 0.9, "active_au": 1, "sort": "disagreement",
        "params": FusionParams(k=0.3, scope="all"),
    },
}  # fmt: skip
"""What is chosen -> the choices, each from a state without filters."""


def main() -> int:
    """Measure; 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=FACES)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_store(folder, options.faces)
        opening, times = [], {name: [] for name in STEPS}
        for _ in range(options.rounds):
            start = time.perf_counter()
            state = ExplorerState(EvidenceStore.open(folder))
            opening.append(time.perf_counter() - start)
        for _ in range(options.rounds):
            for name, choices in STEPS.items():
                state.clear()
                state.set(sort="confidence", descending=True, params=FusionParams())
                start = time.perf_counter()
                state.set(**choices)
                times[name].append(time.perf_counter() - start)
    print(f"{options.faces:,} photos, {len(state.faces.arrays):,} faces")
    missed = _report("open the store", opening, OPEN_LIMIT)
    for name, seconds in times.items():
        missed |= _report(name, seconds, FILTER_LIMIT)
    return int(missed)


def _report(name: str, seconds: list[float], limit: float) -> bool:
    """Print one median beside its aim; whether it is missed."""
    median = float(np.median(seconds))
    print(f"  {name:24} {1000 * median:8.1f} ms   (aim: at most {1000 * limit:.0f} ms)")
    return median > limit


if __name__ == "__main__":
    sys.exit(main())
