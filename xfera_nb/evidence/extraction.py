"""Extract the evidence of a whole data set into a store, in this process or on a Dask cluster.

The unit of work is a shard. It is written whole or not at all, so an interrupted run resumes with
the first missing shard, and the rows are those of an uninterrupted run. A photo that cannot be
read, or shows no face, is a row with a reason.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tqdm import tqdm

from xfera_nb.au_detectors import DEFAULT_SOURCE, AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.datasets import Dataset, Item, open_dataset
from xfera_nb.datasets.files import build, is_photo_name
from xfera_nb.errors import DatasetError, InputError, name_photo
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.choices import BATCH, SHARD
from xfera_nb.evidence.pipeline import (
    AHEAD,
    LoadedModels,
    Models,
    blank_rows,
    measure_batches,
    prefetch,
)
from xfera_nb.evidence.storage import Storage, StoreError
from xfera_nb.evidence.store import DATASET, ShardRecord, finished, write_shard
from xfera_nb.faces import MAX_TILT
from xfera_nb.paths import expand_path, expand_pattern
from xfera_nb.saliency import DEFAULT_METHOD, METHODS
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from distributed import Client

PhotoSource: TypeAlias = Dataset | str | PathLike[str] | Sequence[str | PathLike[str]]
_SHOWN = 10


@dataclass(frozen=True)
class StoreReport:
    """Report what an extraction did.

    Attributes
    ----------
    path : str
        The store.
    photos, faces : int
        Rows of the store, and those of them with a face.
    failed : tuple of (str, str)
        Id and reason of each photo that lacks a face or intensities.
    resumed : int
        Rows of earlier runs.
    seconds : float
        Time of this run, without loading models.
    turned : tuple of str
        Ids of the photos on which the face lies on its side or upside down.
    """

    path: str
    photos: int
    faces: int
    failed: tuple[tuple[str, str], ...]
    resumed: int
    seconds: float
    turned: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Return photos a second in this run; NaN if it had none to do."""
        done = self.photos - self.resumed
        return done / self.seconds if done and self.seconds > 0 else float("nan")

    def text(self, shown: int = _SHOWN) -> str:
        """Return the report as text; the first `shown` failed photos are named."""
        done = self.photos - self.resumed
        lines = [f"{self.path}: {count_of(self.photos, 'photo')}, {count_of(self.faces, 'face')}"]
        if self.resumed:
            lines.append(f"  {self.resumed:,} from an earlier run")
        if done:
            lines.append(f"  {done:,} in {self.seconds:,.1f} s, {self.rate:.1f} a second")
        if self.turned:
            names = ", ".join(self.turned[:shown])
            more = len(self.turned) - shown
            lines.append(
                f"  {count_of(len(self.turned), 'face')} turned by more than {MAX_TILT} degrees, "
                f"measured upright: {names}" + (f" and {more:,} more" if more > 0 else "")
            )
        if self.failed:
            lines.append(f"  {count_of(len(self.failed), 'photo')} could not be measured in full:")
            lines += [f"    {name_photo(reason, name)}" for name, reason in self.failed[:shown]]
            if len(self.failed) > shown:
                lines.append(f"    and {len(self.failed) - shown:,} more")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class Plan:
    """Hold what is to be done: a data set cut into shards, and the models that measure it."""

    dataset: Dataset
    place: Storage
    manifest: dict[str, Any]
    models: Models
    loaded: LoadedModels

    @property
    def shards(self) -> int:
        """Return the number of shards."""
        return -(-len(self.dataset) // int(self.manifest["shard"]))

    def span(self, shard: int) -> tuple[int, int]:
        """Return the first photo of a shard, and the first after it."""
        size = self.manifest["shard"]
        return shard * size, min((shard + 1) * size, len(self.dataset))


def extract(
    dataset: PhotoSource,
    out: str | PathLike[str],
    *,
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
) -> StoreReport:
    """Measure every photo of a data set into a store, or resume an interrupted run.

    Parameters
    ----------
    dataset : Dataset, path, or list of paths
        A data set, its folder or file as `xfera_nb.datasets.open_dataset` takes it, a photo, a
        pattern such as "photos/*.jpg", or several photos.
    out : str or path
        Folder or fsspec URL of the store. With a scheduler, the same place for all its workers.
    classifier : Classifier or path, optional
        The shipped one by default.
    au_detector : AUDetector or str
        Source of Action Units, or its name.
    layer : str, optional
        The layer to explain; by default the classifier's own.
    method : str
        One of `xfera_nb.saliency.METHODS`; all but Grad-CAM take a run for each class and face.
    device : str, optional
        Where the network computes, such as "cpu" or "cuda"; by default a GPU if there is one.
    batch : int, optional
        Faces in one forward pass: 32, or that of the store.
    shard : int, optional
        Photos in one file: 256, or that of the store.
    progress : bool
        Show a bar with rate and time left on stderr.
    scheduler : str or distributed.Client, optional
        A Dask cluster whose workers make the shards; they see photos and `out` by the same paths.
    occlusion : bool
        Also measure what hiding each face region does to the prediction: six more pictures a face.

    Returns
    -------
    StoreReport

    Raises
    ------
    StoreError
        If the store cannot be written, another extraction writes into it, it was made with other
        settings, or the cluster failed.
    DatasetError
        If a path leads to no photos.
    ModelError, DetectorError
        If a model is missing or damaged.
    InputError
        If the data set is empty, `batch` or `shard` is less than 1, or there is no such method.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> print(xf.extract("photos/", "photos.store").text())  # doctest: +SKIP
    """
    dataset = as_dataset(dataset)
    if not len(dataset):
        raise InputError("The data set is empty.")
    if (batch is not None and batch < 1) or (shard is not None and shard < 1):
        raise InputError("batch and shard are at least 1.")
    place = Storage(out)
    if isinstance(classifier, (str, PathLike)):
        classifier = expand_path(classifier).absolute()  # the same for any worker
    models = Models(classifier, au_detector, layer, method, device, occlusion)
    with place.lock():
        return make_shards(dataset, place, models, batch, shard, progress, scheduler)


def make_shards(
    dataset: Dataset,
    place: Storage,
    models: Models,
    batch: int | None,
    shard: int | None,
    progress: bool,
    scheduler: str | Client | None,
    unit: str = "photo",
) -> StoreReport:
    """Make the missing shards of a store that is locked; see `extract`."""
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
    with progress_bar(len(dataset), resumed, progress, unit) as bar:
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
        turned=tuple(name for record in ordered for name in record.turned),
    )


def as_dataset(source: PhotoSource) -> Dataset:
    """Return a data set as it is, or read the one that a path, a pattern or several photos make.

    Warns where no label is understood.

    Raises
    ------
    DatasetError
        If a path leads to no photos, or no file matches a pattern.
    InputError
        If there are no photos.
    """
    if isinstance(source, Dataset):
        return source
    if isinstance(source, str):
        source = expand_pattern(source, DatasetError) or source
    if isinstance(source, str | PathLike):
        path = expand_path(source)
        if not (path.is_file() and is_photo_name(path)):
            dataset = open_dataset(source)  # type: ignore[arg-type]
            if dataset.asks_for_labels:
                warnings.warn(str(dataset.advise_labels()), UserWarning, stacklevel=3)
            return dataset
        source = [path]
    paths = list(dict.fromkeys(expand_path(path).absolute() for path in source))
    if not paths:
        raise InputError("The data set is empty.")
    root = Path(os.path.commonpath([path.parent for path in paths]))
    items = [Item(path.relative_to(root).as_posix(), str(path)) for path in paths]
    return build(Dataset, "photos", root, items, (), files=len(items), check=False)


def _plan(
    dataset: Dataset, place: Storage, models: Models, batch: int | None, shard: int | None
) -> Plan:
    """Write the manifest, or compare this run with an existing one."""
    old = manifests.read(place)
    loaded = models.load()
    given = old or {"batch": BATCH, "shard": SHARD}
    manifest = manifests.make(
        dataset,
        loaded.classifier,
        loaded.au_detector,
        layer=loaded.layer if METHODS[loaded.method].uses_layer else None,
        method=loaded.method,
        occlusion=loaded.occlusion,
        map_shape=loaded.map_shape(),
        shard=shard or given["shard"],
        batch=batch or given["batch"],
    )
    if old is not None:
        manifests.check_same(old, manifest, place.shown)
    elif place.names("rows") or place.names("done"):
        raise StoreError(
            f"{place.shown} holds rows without a manifest: give another folder, or empty this one."
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
        yield from _in_process(plan, todo, bar)
        return
    from xfera_nb.evidence.cluster import on_cluster

    for record in on_cluster(plan, todo, scheduler):
        bar.update(record.rows)
        yield record


def _in_process(plan: Plan, todo: list[int], bar: tqdm) -> Iterator[ShardRecord]:
    """Make shards in this process; photos are prefetched while one is measured."""
    batch = plan.manifest["batch"]
    spans = [plan.span(number) for number in todo]
    rows = (pair for span in spans for pair in blank_rows(plan.dataset, *span))
    ahead = prefetch(rows, plan.loaded, AHEAD * batch)
    try:
        for number, (start, stop) in zip(todo, spans, strict=True):
            done = []
            for part in measure_batches(islice(ahead, stop - start), plan.loaded, batch):
                done += part
                bar.update(len(part))
            compact = manifests.is_video(plan.manifest)
            shape = tuple(plan.manifest["map_shape"])
            yield write_shard(plan.place, number, done, shape, compact=compact)
    finally:
        ahead.close()


def progress_bar(total: int, done: int, shown: bool, unit: str = "photo") -> tqdm:
    """Return a bar on stderr, with few lines where that is no terminal."""
    return tqdm(
        total=total,
        initial=done,
        unit=unit,
        disable=not shown,
        mininterval=0.5 if sys.stderr.isatty() else 30,
        smoothing=0.1,
    )
