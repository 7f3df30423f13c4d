"""The same shards on a real Dask cluster of two processes, one of them killed on the way."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from clips import make_talk
from waiting import LONG, patiently

from xfera_nb.evidence import EvidenceStore, StoreError, explain_video, extract

pytestmark = pytest.mark.slow

distributed = pytest.importorskip("distributed")
HOLD = "AF02ANS.JPG"  # in the third shard of four photos


@pytest.fixture(scope="module")
def cluster(stand_in):
    with (
        pytest.MonkeyPatch.context() as patch,
        distributed.LocalCluster(
            n_workers=0, threads_per_worker=1, processes=True, dashboard_address=None,
            host="127.0.0.1", memory_limit=0,
        ) as cluster,
    ):  # fmt: skip
        patch.setenv("OMP_NUM_THREADS", "1")
        cluster.scale(2)
        yield cluster


@pytest.fixture(scope="module")
def client(cluster):
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=LONG)
        yield client


def rows_of(path):
    return {record.shard: record.sha256 for record in EvidenceStore.open(path).records}


def test_a_killed_worker_costs_only_time(client, kdef, network, stand_in, unbroken, tmp_path):
    pids = client.run(os.getpid)
    assert len(set(pids.values())) == 2 and os.getpid() not in pids.values()
    killed, held, out = [], tmp_path / "held", tmp_path / "store"

    def kill() -> None:
        # A shard is done, and a worker is in the middle of another one.
        patiently(
            lambda: held.exists() and held.read_text().endswith(".") and [*out.glob("done/*.json")],
            "a worker in the middle of a shard",
        )
        killed.append(int(held.read_text()[:-1]))
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    report = extract(
        kdef, out, classifier=network, batch=2, shard=4, progress=False, scheduler=client,
        au_detector=stand_in.StandInDetector(hold=HOLD, held=str(held)),
    )  # fmt: skip
    thread.join()
    assert killed[0] in pids.values() and not set(killed) & set(client.run(os.getpid).values())
    assert (report.photos, report.faces, report.resumed) == (17, 15, 0)
    assert report.failed == unbroken[1].failed
    assert rows_of(out) == rows_of(unbroken[0])
    assert not list(out.glob("rows/.*"))


def test_by_address_it_goes_on_with_what_is_there(
    cluster, client, kdef, network, stand_in, unbroken, tmp_path
):
    setup = {"classifier": network, "au_detector": stand_in.StandInDetector(), "progress": False}
    extract(kdef, tmp_path, batch=2, shard=4, **setup)
    (tmp_path / "done" / "00002.json").unlink()
    report = extract(kdef, tmp_path, scheduler=cluster.scheduler_address, **setup)
    assert report.resumed == 13 and report.photos == 17
    assert rows_of(tmp_path) == rows_of(unbroken[0])


def test_workers_with_other_models_are_refused(client, kdef, network, stand_in, tmp_path):
    class Elsewhere(stand_in.StandInDetector):
        def __getstate__(self):
            return {"refused": "", "hold": "", "held": "", "version": "2"}

        def describe(self):
            return {"name": self.name, "version": self.__dict__.get("version", "1")}

    with pytest.raises(StoreError, match="another source of Action Units .version 1 there, 2 now"):
        extract(
            kdef.select(person="M04"), tmp_path, classifier=network, au_detector=Elsewhere(),
            progress=False, scheduler=client,
        )  # fmt: skip


def test_a_video_by_segments(client, stand_in, tmp_path, monkeypatch):
    clip = make_talk(tmp_path / "talk.mp4", seconds=3)
    setup = {
        "classifier": stand_in.classifier(), "au_detector": stand_in.StandInDetector("none"),
        "batch": 4, "shard": 16, "progress": False,
    }  # fmt: skip
    monkeypatch.setattr("xfera_nb.evidence.tracks.SEGMENT", 8)
    alone = explain_video(clip, tmp_path / "alone", **setup)
    report = explain_video(clip, tmp_path / "store", scheduler=client, **setup)
    assert report.faces == alone.faces == 60 and report.tracks == alone.tracks == 4
    assert rows_of(tmp_path / "store") == rows_of(tmp_path / "alone")
    assert not (tmp_path / "store" / "tracks").exists()


def test_no_scheduler(kdef, network, stand_in, tmp_path, monkeypatch):
    monkeypatch.setattr("xfera_nb.evidence.cluster.TIMEOUT", 0.5)
    with pytest.raises(StoreError, match="No Dask scheduler answers at tcp://127.0.0.1:9"):
        extract(
            kdef, tmp_path, classifier=network, au_detector=stand_in.StandInDetector(),
            progress=False, scheduler="tcp://127.0.0.1:9",
        )  # fmt: skip
