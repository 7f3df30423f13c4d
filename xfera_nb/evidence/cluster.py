"""Extract shards as tasks of a Dask cluster.

The models are sent once to each worker, also to one that starts later, and a task is a shard. A
task first checks whether its shard exists, so that repeating it (its worker was lost after writing)
does no harm. A worker measures one shard at a time, whatever its number of threads.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from xfera_nb.datasets import Item
from xfera_nb.datasets.clip import Clip
from xfera_nb.evidence import manifest as manifests
from xfera_nb.evidence.pipeline import (
    AHEAD,
    LoadedModels,
    Models,
    blank_rows,
    measure_batches,
    prefetch,
)
from xfera_nb.evidence.rows import Row
from xfera_nb.evidence.storage import Storage, StoreError
from xfera_nb.evidence.store import ShardRecord, finished, write_shard
from xfera_nb.evidence.tracks import Segment, track_segment

try:
    from distributed import Client, KilledWorker, WorkerPlugin, as_completed, get_worker
    from distributed.client import FutureCancelledError
except ImportError as error:
    raise StoreError(
        "Dask is not installed, which a scheduler needs; run `pip install 'xfera-nb[dask]'`."
    ) from error

if TYPE_CHECKING:
    from xfera_nb.evidence.extraction import Plan

TIMEOUT = 60
"""Seconds to wait for a scheduler, and for its first worker."""
RETRIES = 3
"""Times that a shard is tried again after an error of the file system."""
_LOST_SCHEDULER = (
    "The Dask scheduler stopped answering: start one and run this again to resume; finished shards "
    "are kept."
)
QUEUED = 3
"""Shards queued for each thread of the cluster; few, so that the scheduler needs little memory."""


class ModelsPlugin(WorkerPlugin):
    """Bring the models to a worker; they are loaded with its first shard.

    Parameters
    ----------
    models : Models
    """

    def __init__(self, models: Models) -> None:
        self.models = models

    def setup(self, worker: Any) -> None:
        """Prepare a worker; Dask calls this when it starts."""
        self.turn = Lock()
        self._loaded: LoadedModels | None = None

    def loaded(self, manifest: dict[str, Any]) -> LoadedModels:
        """Return the models, compared with the manifest when they are loaded.

        Raises
        ------
        StoreError
            If this worker has other models or versions.
        """
        if self._loaded is None:
            loaded = self.models.load()
            here = {
                "classifier": loaded.classifier.describe(),
                "au_detector": loaded.au_detector.describe(),
                "versions": manifests.versions(),
            }
            manifests.check_same({**manifest}, manifest | manifests.plain(here), "of this cluster")
            self._loaded = loaded
        return self._loaded


def run_shard(
    plugin: str, url: str, shard: int, rows: list[tuple[Row, Item]], manifest: dict[str, Any]
) -> ShardRecord:
    """Make one shard on a worker, unless it exists."""
    models = cast(ModelsPlugin, get_worker().plugins[plugin])
    place = Storage(url)
    with models.turn:
        existing = finished(place, shard, len(rows))
        if existing is not None:
            return existing
        loaded = models.loaded(manifest)
        batch = manifest["batch"]
        ahead = prefetch(rows, loaded, AHEAD * batch)
        done = [row for part in measure_batches(ahead, loaded, batch) for row in part]
        compact = manifests.is_video(manifest)
        return write_shard(place, shard, done, tuple(manifest["map_shape"]), compact=compact)


def on_cluster(plan: Plan, todo: list[int], scheduler: str | Client) -> Iterator[ShardRecord]:
    """Make shards on a cluster; yield their records in the order in which they finish.

    Raises
    ------
    StoreError
        If the scheduler does not answer, has no worker, or a shard ends every worker it is given.
    """
    with _connected(scheduler) as client:
        yield from _with_client(plan, todo, client)


def track_on_cluster(
    url: str, clip: Clip, todo: Sequence[Segment], scheduler: str | Client
) -> Iterator[int]:
    """Track segments of a clip on a cluster; yield the frames of each when it is done.

    Raises
    ------
    StoreError
        If the scheduler does not answer, has no worker, or a segment ends every worker.
    """
    with _connected(scheduler) as client:
        _wait_for_worker(client)
        run = f"xfera-track-{secrets.token_hex(4)}"
        futures = [
            client.submit(
                track_segment, url, clip, segment,
                key=f"{run}-{segment.number:05d}", pure=False, retries=RETRIES,
            )
            for segment in todo
        ]  # fmt: skip
        try:
            for future in as_completed(futures, loop=client.loop):
                yield future.result()
        except (KilledWorker, FutureCancelledError, OSError) as error:
            raise StoreError(
                f"The cluster gave up a part of the clip ({type(error).__name__}): look into its "
                "workers' logs, and run this again to resume."
            ) from error
        finally:
            with suppress(OSError):  # of a scheduler that is gone
                client.cancel(futures)


@contextmanager
def _connected(scheduler: str | Client) -> Iterator[Client]:
    """Connect to a scheduler, unless a client is given."""
    if isinstance(scheduler, Client):
        yield scheduler
        return
    with _quiet_client():
        try:
            client = Client(scheduler, timeout=TIMEOUT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise StoreError(
                f"No Dask scheduler answers at {scheduler} ({type(error).__name__}): start one, or "
                "leave out the scheduler."
            ) from error
        with client:
            yield client


def _wait_for_worker(client: Client) -> None:
    try:
        client.wait_for_workers(1, timeout=TIMEOUT)
    except TimeoutError as error:
        raise StoreError("The Dask scheduler has no worker: start one that reaches it.") from error


@contextmanager
def _quiet_client() -> Iterator[None]:
    """Silence the tracebacks that Dask's client logs of a lost connection; our error reports it."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _with_client(plan: Plan, todo: list[int], client: Client) -> Iterator[ShardRecord]:
    _wait_for_worker(client)
    run = f"xfera-{secrets.token_hex(4)}"
    client.register_plugin(ModelsPlugin(plan.models), name=run)
    left = iter(todo)
    running = as_completed(loop=client.loop)

    def submit() -> None:
        number = next(left, None)
        if number is not None:
            rows = blank_rows(plan.dataset, *plan.span(number))
            running.add(
                client.submit(
                    run_shard,
                    run,
                    plan.place.url,
                    number,
                    rows,
                    plan.manifest,
                    key=f"{run}-{number:05d}",
                    pure=False,
                    retries=RETRIES,
                )
            )

    try:
        for _ in range(max(4, QUEUED * sum(client.nthreads().values()))):
            submit()
        for future in running:
            yield future.result()
            submit()
    except (KilledWorker, FutureCancelledError) as error:
        if client.status != "running":
            raise StoreError(_LOST_SCHEDULER) from error
        raise StoreError(
            f"The cluster gave up a shard ({type(error).__name__}): look into its workers' logs, "
            "they may lack memory, and run this again to resume."
        ) from error
    except OSError as error:
        raise StoreError(_LOST_SCHEDULER) from error
    finally:
        with suppress(OSError):  # of a scheduler that is gone
            client.cancel(list(running.futures))
            client.unregister_worker_plugin(run)
