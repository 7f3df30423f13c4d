"""`extract`: the evidence of a whole data set into a store, here or on a Dask cluster.

The unit of work is a shard. It is written whole or not at all, so a run that was killed goes on
with the first shard that is not there, and the rows are those of an unbroken run. A photo that
cannot be read, or shows no face, is a row with a reason.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from xfera_nb.au_detectors import AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.datasets import Dataset
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.choices import BATCH, SHARD
from xfera_nb.evidence.lock import StoreLock
from xfera_nb.evidence.pipeline import (
    AHEAD,
    LoadedModels,
    Models,
    blank_rows,
    measured,
    prefetch,
)
from xfera_nb.evidence.storage import Storage, StoreError
from xfera_nb.evidence.store import DATASET, ShardRecord, finished, write_shard

if TYPE_CHECKING:
    from distributed import Client

_SHOWN = 10


@dataclass(frozen=True)
class StoreReport:
    """What an extraction did.

    Attributes
    ----------
    path : str
        The store.
    photos, faces : int
        Rows of the store, and those of them with a face.
    failed : tuple of (str, str)
        Id and reason of each photo that lacks a face or intensities.
    resumed : int
        Rows that were there before this run.
    seconds : float
        Time of this run, without loading models.
    """

    path: str
    photos: int
    faces: int
    failed: tuple[tuple[str, str], ...]
    resumed: int
    seconds: float

    @property
    def rate(self) -> float:
        """Photos a second in this run; NaN if it had none to do."""
        done = self.photos - self.resumed
        return done / self.seconds if done and self.seconds > 0 else float("nan")

    def text(self, shown: int = _SHOWN) -> str:
        """The report for people; the first `shown` failed photos are named."""
        done = self.photos - self.resumed
        lines = [f"{self.path}: {_count(self.photos, 'photo')}, {_count(self.faces, 'face')}"]
        if self.resumed:
            lines.append(f"  {self.resumed:,} were there from an earlier run")
        if done:
            lines.append(f"  {done:,} in {self.seconds:,.1f} s, {self.rate:.1f} a second")
        if self.failed:
            lines.append(f"  {_count(len(self.failed), 'photo')} could not be measured in full:")
            lines += [f"    {name}: {reason}" for name, reason in self.failed[:shown]]
            if len(self.failed) > shown:
                lines.append(f"    and {len(self.failed) - shown:,} more")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be done: a data set cut into shards, and what measures it."""

    dataset: Dataset
    place: Storage
    manifest: dict[str, Any]
    models: Models
    loaded: LoadedModels

    @property
    def shards(self) -> int:
        """Number of shards."""
        return -(-len(self.dataset) // int(self.manifest["shard"]))

    def span(self, shard: int) -> tuple[int, int]:
        """First photo of a shard, and the first after it."""
        size = self.manifest["shard"]
        return shard * size, min((shard + 1) * size, len(self.dataset))


def extract(
    dataset: Dataset,
    out: str | PathLike[str],
    *,
    classifier: Classifier | str | PathLike[str] | None = None,
    au: AUDetector | str = "builtin",
    layer: str | None = None,
    batch: int | None = None,
    shard: int | None = None,
    progress: bool = True,
    scheduler: str | Client | None = None,
) -> StoreReport:
    """Measure every photo of a data set into a store, or go on where a run was cut off.

    Parameters
    ----------
    dataset : Dataset
    out : str or path
        Folder or fsspec URL of the store. With a scheduler, the same place for all its workers.
    classifier : Classifier or path, optional
        The shipped one by default.
    au : AUDetector or str
        Source of Action Units, or its name.
    layer : str, optional
        The layer whose Grad-CAM is taken; by default the classifier's own.
    batch : int, optional
        Faces in one forward pass: 32, or what the store began with.
    shard : int, optional
        Photos in one file: 256, or what the store began with.
    progress : bool
        Show a bar with rate and time left on stderr.
    scheduler : str or distributed.Client, optional
        A Dask cluster whose workers make the shards; they see photos and `out` by the same paths.

    Returns
    -------
    StoreReport

    Raises
    ------
    StoreError
        If the place cannot be written, another extraction writes there, it holds a store that was
        made otherwise, or the cluster failed.
    ModelError, DetectorError
        If a model is missing or damaged.
    ValueError
        If the data set is empty, or `batch` or `shard` is less than 1.
    """
    if not len(dataset):
        raise ValueError("The data set is empty.")
    if (batch is not None and batch < 1) or (shard is not None and shard < 1):
        raise ValueError("batch and shard are at least 1.")
    place = Storage(out)
    if isinstance(classifier, (str, PathLike)):
        classifier = Path(classifier).expanduser().absolute()  # the same for any worker
    models = Models(classifier, au, layer)
    with StoreLock(place):
        plan = _plan(dataset, place, models, batch, shard)
        records: dict[int, ShardRecord] = {}
        for number in range(plan.shards):
            start, stop = plan.span(number)
            record = finished(place, number, stop - start)
            if record is not None:
                records[number] = record
        resumed = sum(record.rows for record in records.values())
        todo = [number for number in range(plan.shards) if number not in records]
        began = time.perf_counter()
        with _bar(len(dataset), resumed, progress) as bar:
            for record in _work(plan, todo, bar, scheduler):
                records[record.shard] = record
        seconds = time.perf_counter() - began
    ordered = [records[number] for number in sorted(records)]
    return StoreReport(
        path=place.shown,
        photos=sum(record.rows for record in ordered),
        faces=sum(record.faces for record in ordered),
        failed=tuple(pair for record in ordered for pair in record.failed),
        resumed=resumed,
        seconds=seconds,
    )


def _plan(
    dataset: Dataset, place: Storage, models: Models, batch: int | None, shard: int | None
) -> Plan:
    """Write the manifest, or hold this run against the one that is there."""
    old = manifests.read(place)
    loaded = models.loaded()
    given = old or {"batch": BATCH, "shard": SHARD}
    manifest = manifests.make(
        dataset,
        loaded.classifier,
        loaded.au,
        layer=loaded.layer,
        map_shape=loaded.map_shape(),
        shard=shard or given["shard"],
        batch=batch or given["batch"],
    )
    if old is not None:
        manifests.check_same(old, manifest, place.shown)
    elif place.names("rows") or place.names("done"):
        raise StoreError(
            f"{place.shown} holds rows without a manifest: give another place, or empty this one."
        )
    else:
        manifests.write(place, manifest)
    place.write(DATASET, json.dumps(dataset.report.to_dict()).encode() + b"\n")
    return Plan(dataset, place, manifest, models, loaded)


def _work(
    plan: Plan, todo: list[int], bar: tqdm, scheduler: str | Client | None
) -> Iterator[ShardRecord]:
    if not todo:
        return
    if scheduler is None:
        yield from _here(plan, todo, bar)
        return
    from xfera_nb.evidence.cluster import on_cluster

    for record in on_cluster(plan, todo, scheduler):
        bar.update(record.rows)
        yield record


def _here(plan: Plan, todo: list[int], bar: tqdm) -> Iterator[ShardRecord]:
    """Make shards in this process; the next one's photos are prepared while one is measured."""
    batch = plan.manifest["batch"]
    spans = [plan.span(number) for number in todo]
    rows = (pair for span in spans for pair in blank_rows(plan.dataset, *span))
    ahead = prefetch(rows, plan.loaded.au, AHEAD * batch)
    try:
        for number, (start, stop) in zip(todo, spans, strict=True):
            done = []
            for part in measured(islice(ahead, stop - start), plan.loaded, batch):
                done += part
                bar.update(len(part))
            yield write_shard(plan.place, number, done, tuple(plan.manifest["map_shape"]))
    finally:
        ahead.close()


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _bar(total: int, done: int, shown: bool) -> tqdm:
    return tqdm(
        total=total,
        initial=done,
        unit="photo",
        disable=not shown,
        mininterval=0.5 if sys.stderr.isatty() else 30,
        smoothing=0.1,
    )
