"""What `faults.py` measures with: photos, quick models, a store that nothing disturbed.

A module of its own, because a Dask worker and the processes that are killed import it, too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier, ResNet50BAM
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.datasets import Dataset, read_folder_faces, samples_folder
from xfera_nb.errors import XferaError
from xfera_nb.evidence import EvidenceStore, extract

PHOTOS, SHARD = 12, 3
SCHEDULER = "XFERA_FAULTS_SCHEDULER"
"""Environment variable by which a child is told a Dask scheduler's address."""


@dataclass(frozen=True)
class Outcome:
    """Hold the result of a fault.

    Attributes
    ----------
    before, kept, whole : int
        Units of work (photos of a store; otherwise things that were there): those that were surely
        done when the fault came, those that were there after it, and those in the end.
    same : bool
        Whether the end equals that of an undisturbed run.
    said : str
        The sentence of the error; empty where none was due.
    """

    before: int
    kept: int
    whole: int
    same: bool
    said: str

    @property
    def survived(self) -> bool:
        """Nothing lost, finished, the same, and one sentence."""
        is_sentence = "\n" not in self.said and "Traceback" not in self.said
        return self.kept >= self.before and self.same and is_sentence


class Detector:
    """Intensities from where the landmarks lie."""

    name = "made"

    def __init__(self, delay: float = 0.0, interrupt_at: int = 0) -> None:
        self.delay, self.interrupt_at, self.calls = delay, interrupt_at, 0

    def describe(self) -> dict:
        return {"name": self.name, "version": "1"}

    def detect(self, image, landmarks, photo_name=None) -> ActionUnits:
        self.calls += 1
        if self.calls == self.interrupt_at:
            raise KeyboardInterrupt
        time.sleep(self.delay)
        return ActionUnits((landmarks[:17].sum(axis=1) % 5).astype(np.float32), source=self.name)


def network() -> Classifier:
    """The same on each call and in each process."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rule = default_input_rule() | {"size": 64, "detail": 64}
    return Classifier(ResNet50BAM(), {"input": rule, "name": "made", "sha256": "0"})


class Bench:
    """Photos, models, an undisturbed store, and the steps that faults have in common."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        photos = folder / "photos" / "happiness"
        photos.mkdir(parents=True)
        for path in sorted(samples_folder().glob("*.jpg"))[:PHOTOS]:
            shutil.copy(path, photos)
        self.data: Dataset = read_folder_faces(folder / "photos")
        self.network = network()
        self.extract("undisturbed")
        self.expected = self.digests("undisturbed")

    def extract(self, name: str, **changed) -> None:
        setup = {"classifier": self.network, "au_detector": Detector(), "batch": 2, "shard": SHARD}
        extract(self.data, self.folder / name, progress=False, **setup | changed)

    def digests(self, name: str) -> dict[int, str]:
        return {r.shard: r.sha256 for r in EvidenceStore.open(self.folder / name).records}

    def rows(self, name: str) -> int:
        """Rows that can be read: shards whose checksum holds."""
        store, there = EvidenceStore.open(self.folder / name), 0
        for record in store.records:
            try:
                there += len(EvidenceStore(store._place, store.manifest, [record]).to_pandas())
            except XferaError:
                continue
        return there

    def finished(self, name: str, before: int, said: str, kept: int | None = None) -> Outcome:
        """Run again without the fault and compare."""
        kept = self.rows(name) if kept is None else kept
        self.extract(name)
        same = self.digests(name) == self.expected
        return Outcome(before, kept, self.rows(name), same, said)

    def child(self, name: str, **environment: str) -> subprocess.Popen:
        """A process of its own that extracts slowly."""
        command = [sys.executable, __file__, str(self.folder), name]
        env = python_env() | environment
        return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)

    def wait_for(self, name: str, shard: int) -> None:
        """Until a shard of a store is there."""
        end = time.monotonic() + 120
        while not (self.folder / name / "done" / f"{shard:05d}.json").exists():
            if time.monotonic() > end:
                raise TimeoutError(f"shard {shard} of {name} did not come")
            time.sleep(0.02)


def said_by(work: Callable[[], object]) -> str:
    """The sentence of the error that some work ends in; empty if it has none."""
    try:
        work()
    except XferaError as error:
        return str(error)
    except KeyboardInterrupt:
        return ""
    return ""


def python_env() -> dict[str, str]:
    """The environment of a Python that finds this file and the package."""
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here.parent), str(here), *filter(None, sys.path)])
    return {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}


def main(folder: str, name: str) -> None:
    """What a process of `Bench.child` does; its sentence goes to stderr."""
    import fault_bench  # by the name that a worker knows it by

    from xfera_nb.evidence import cluster

    cluster.TIMEOUT = 5
    said = said_by(
        lambda: extract(
            read_folder_faces(Path(folder) / "photos"), Path(folder) / name,
            classifier=fault_bench.network(), au_detector=fault_bench.Detector(0.15),
            batch=2, shard=SHARD, progress=False, scheduler=os.environ.get(SCHEDULER),
        )
    )  # fmt: skip
    print(said, end="", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
