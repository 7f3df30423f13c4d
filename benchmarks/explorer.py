"""What exploring a large store costs: ``python benchmarks/explorer.py [--faces N] [--stores DIR]``.

Writes stores of made-up evidence (15,339 faces, the size of RAF-DB; 300,000; 1,000,000) with the
store's own writer, opens each as the Explorer does, and sets every filter and every order once a
round. Medians are printed beside their aims; the exit code is 1 if one is missed. The greatest
store takes 6.6 GB of disk: ``--faces N``, also repeatedly, measures other sizes, and ``--stores``
keeps the stores in a folder and uses them again.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from xfera_nb.evidence import EvidenceStore, Row
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.storage import Storage
from xfera_nb.evidence.store import write_shard
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams
from xfera_nb.widgets import Explorer, ExplorerState

FACES = (15_339, 300_000, 1_000_000)
SHARD = 256
OPEN_LIMITS = dict(zip(FACES, (0.5, 2.0, 5.0), strict=True))  # photos -> seconds
FILTER_LIMIT = 0.3
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
    "all photos": {"correctness": None},
    "a cell of the matrix": {"true": "fear", "predicted": "surprise"},
    "right predictions": {"correctness": "correct"},
    "evidence not attended": {"error_group": "evidence not attended"},
    "a person": {"person": "F03"},
    "session, angle, gender": {"session": "A", "angle": "S", "gender": "F"},
    "confidence level": {"level": "High"},
    "margin 0.2 to 0.4": {"margin_low": 0.2, "margin_high": 0.4},
    "AU12 active": {"active_au": 12},
    "no positive evidence": {"no_evidence": True},
    "failed photos": {"correctness": None, "failed": True},
    "sort by margin": {"sort": "margin"},
    "sort by disagreement": {"sort": "disagreement"},
    "sort, ascending": {"sort": "confidence", "descending": False},
    "all of them": {
        "true": "fear", "correctness": "wrong", "session": "A", "level": "Medium",
        "margin_high": 0.9, "active_au": 1, "sort": "disagreement",
    },
}  # fmt: skip
"""What is chosen -> the choices, each from a state that shows the errors."""
OTHER = FusionParams(k=0.5, coverage=0.5)


def main() -> int:
    """Measure; 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, action="append", help="photos; 15,339 and more")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stores", type=Path, help="keep the stores here and use them again")
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as temporary:
        for count in options.faces or FACES:
            folder = (options.stores or Path(temporary)) / str(count)
            if not (folder / "manifest.json").exists():
                make_store(folder, count)
            missed |= measure(folder, options.rounds)
    return int(missed)


def measure(folder: Path, rounds: int) -> bool:
    """Measure one store and print the figures; whether an aim is missed."""
    opening, times = [], {name: [] for name in STEPS}
    for _ in range(rounds):
        start = time.perf_counter()
        state = ExplorerState(EvidenceStore.open(folder))
        opening.append(time.perf_counter() - start)
    photos = len(state.faces)
    print(f"{photos:,} photos, {int(state.faces.has_face.sum()):,} faces", flush=True)
    limit = next((OPEN_LIMITS[n] for n in FACES if n >= photos), None)
    missed = _report("open the store", opening, limit)
    # A notebook fuses in the background, once the view shows.
    _report("fuse them, once", [_seconds(state.fuse)])
    _report("show the view", [_seconds(lambda: Explorer(state))])
    for _ in range(rounds):
        for name, choices in STEPS.items():
            state.clear()
            state.set(correctness="wrong", sort="confidence", descending=True)
            times[name].append(_seconds(lambda choices=choices: state.set(**choices)))
    for name, seconds in times.items():
        missed |= _report(name, seconds, FILTER_LIMIT)
    _report("other parameters", [_seconds(lambda: state.set(params=OTHER))])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # kB on Linux
    print(f"  memory, so far at most   {most / 1e6:8,.0f} MB", flush=True)
    return missed


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _report(name: str, seconds: list[float], limit: float | None = None) -> bool:
    """Print one median, beside its aim if it has one; whether it is missed."""
    median = float(np.median(seconds))
    aim = "" if limit is None else f"   (aim: at most {1000 * limit:.0f} ms)"
    print(f"  {name:24} {1000 * median:8.1f} ms{aim}", flush=True)
    return limit is not None and median > limit


if __name__ == "__main__":
    sys.exit(main())
