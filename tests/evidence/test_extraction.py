"""Extractions: their rows and reasons, cut off and continued, two at once, refused."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from waiting import patiently

from xfera_nb.errors import ModelError
from xfera_nb.evidence import EvidenceStore, StoreError, extract, gather
from xfera_nb.evidence.lock import NAME as LOCK
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS

HOLD = "AF02ANS.JPG"  # in the third shard


def digests(store):
    return {r.shard: r.sha256 for r in EvidenceStore.open(store).records}


@pytest.fixture
def run(kdef, network, stand_in):
    """Extract the tree in shards of four; keywords change what."""

    def call(out, **changed):
        setup = {"classifier": network, "au": stand_in.StandInDetector(), "batch": 2, "shard": 4}
        return extract(changed.pop("data", kdef), out, progress=False, **setup | changed)

    return call


def test_failed_photos_are_rows_with_their_reasons(unbroken, kdef):
    out, report = unbroken
    assert (report.photos, report.faces, report.resumed) == (17, 15, 0)
    failed = dict(report.failed)
    assert set(failed) == {"AF02SAS", "AF03NES", "BM04HAS"}
    assert "AF03NES.JPG is damaged or cut off" in failed["AF03NES"]
    assert "No face was found on BM04HAS.JPG" in failed["BM04HAS"]
    assert failed["AF02SAS"] == "Nothing is known of AF02SAS.JPG; take another."
    assert all(name in report.text() for name in failed)
    rows = list(EvidenceStore.open(out).rows())
    assert [row.id for row in rows] == [item.id for item in kdef]
    assert [row.number for row in rows] == list(range(17))
    by_id = {row.id: row for row in rows}
    wall = by_id["BM04HAS"]
    assert not wall.has_face and wall.maps is None and wall.predicted is None
    assert (wall.emotion, wall.person, wall.photo) == ("happiness", "M04", "BM04/BM04HAS.JPG")
    refused = by_id["AF02SAS"]
    assert refused.has_face and refused.maps is not None and refused.intensities is None
    assert by_id["AF01ANS"].reason is None


def test_a_row_is_the_evidence_of_its_face(unbroken, kdef, network, stand_in):
    row = EvidenceStore.open(unbroken[0]).row(3)
    item = kdef[3]
    evidence = gather(find_faces(item.path)[0], network, stand_in.StandInDetector())
    assert row.id == item.id
    assert tuple(row.box) == evidence.face.box
    assert np.array_equal(row.landmarks, evidence.face.landmarks)
    assert np.array_equal(row.intensities, evidence.action_units.intensities, equal_nan=True)
    assert np.array_equal(row.right, evidence.action_units.right, equal_nan=True)
    near = {"rtol": 1e-4, "atol": 1e-6}  # the network saw it in another batch
    maps = [heatmap.values for heatmap in evidence.heatmaps]
    np.testing.assert_allclose(row.maps, maps, **near)
    np.testing.assert_allclose(row.probabilities, evidence.prediction.probabilities, **near)
    np.testing.assert_allclose(row.activation, evidence.activation, **near)
    np.testing.assert_allclose(row.peak, evidence.peak, **near)
    for region in ("crop", "hull"):
        np.testing.assert_allclose(getattr(row, f"mean_{region}"), evidence.mean[region], **near)
        np.testing.assert_allclose(getattr(row, f"std_{region}"), evidence.std[region], **near)


def test_a_run_killed_on_the_way_goes_on_with_the_same_rows(unbroken, tree, tmp_path, run):
    out = tmp_path / "store"
    script = str(sys.modules["stand_in"].__file__)
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    held = tmp_path / "held"
    command = [sys.executable, script, str(tree), str(out), HOLD, str(held)]
    process = subprocess.Popen(command, env=env)
    done = out / "done" / "00001.json"
    try:
        patiently(
            lambda: process.poll() is not None or (held.exists() and done.exists()),
            "the second shard",
        )
        assert process.poll() is None
        with pytest.raises(StoreError, match=f"Another extraction .process {process.pid} on"):
            run(out)
    finally:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    store = EvidenceStore.open(out)
    assert (out / LOCK).exists() and not store.complete
    assert len(store) == 8
    # What a kill in the middle of a write leaves behind is not taken for a shard.
    (out / "rows" / ".00003.parquet.1234.part").write_bytes(b"PAR1")
    (out / "rows" / "00004.parquet").write_bytes(b"PAR1")
    report = run(out)
    assert report.resumed == len(store) and report.photos == 17
    assert report.failed == unbroken[1].failed
    assert digests(out) == digests(unbroken[0])
    assert EvidenceStore.open(out).complete and not (out / LOCK).exists()


def test_a_finished_store_is_left_alone(unbroken, run, stand_in):
    out, report = unbroken
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/*")}

    class Untouched(stand_in.StandInDetector):
        def detect(self, image, landmarks, photo_name=None):
            raise AssertionError("nothing is left to measure")

    again = run(out, au=Untouched(), batch=None, shard=None)
    assert (again.resumed, again.photos, again.failed) == (17, 17, report.failed)
    assert np.isnan(again.rate)
    assert {path: path.stat().st_mtime_ns for path in out.glob("*/*")} == before


def test_a_damaged_shard_is_made_anew(kdef, run, tmp_path):
    data = kdef.select(person="F01", session="A")
    run(tmp_path, data=data)
    whole = digests(tmp_path)
    shard = tmp_path / "rows" / "00001.parquet"
    shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(StoreError, match="00001.parquet of .* is not the file that was written"):
        EvidenceStore.open(tmp_path).to_pandas()
    assert run(tmp_path, data=data).resumed == 4
    assert digests(tmp_path) == whole
    assert len(EvidenceStore.open(tmp_path).to_pandas()) == 7


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"classifier": "0dd"}, "another classifier .sha256 5eed there, 0dd now"),
        ({"shard": 5}, "another shard size .4 there, 5 now"),
        ({"batch": 3}, "another batch size"),
        ({"layer": "layer3.5"}, "another layer .layer4.2 there, layer3.5 now"),
        ({"data": "part"}, "other photos .photos 17 there, 15 now"),
    ],
)
def test_another_run_is_refused(unbroken, run, kdef, stand_in, changed, said):
    if "classifier" in changed:
        changed = {"classifier": stand_in.classifier(changed["classifier"])}
    if "data" in changed:
        changed = {"data": kdef.paper490()}
    with pytest.raises(StoreError, match=f"was made with {said}"):
        run(unbroken[0], **changed)


def test_other_versions_are_refused(unbroken, run, monkeypatch):
    monkeypatch.setattr("xfera_nb.evidence.manifest.xfera_nb.__version__", "9.9")
    with pytest.raises(StoreError, match="other versions .xfera_nb .* there, 9.9 now"):
        run(unbroken[0])


def test_rows_without_a_manifest_are_not_touched(run, tmp_path):
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "00000.parquet").touch()
    with pytest.raises(StoreError, match="holds rows without a manifest"):
        run(tmp_path)


def test_a_missing_model_ends_the_run(run, tmp_path, stand_in):
    class Gone(stand_in.StandInDetector):
        def detect(self, image, landmarks, photo_name=None):
            raise ModelError("The weights are gone; install again.")

    with pytest.raises(ModelError, match="weights are gone"):
        run(tmp_path, au=Gone())
    assert not (tmp_path / LOCK).exists()
    assert len(EvidenceStore.open(tmp_path)) == 0


def test_pixels_and_any_fsspec_place(run, tmp_path, request):
    from PIL import Image

    from xfera_nb.datasets import read_ferplus_faces

    samples = request.config.rootpath / "data" / "samples"
    with Image.open(samples / "C01HA.jpg") as photo:
        small = np.asarray(photo.convert("L").resize((96, 96)))
    classes = [*EMOTIONS, "contempt"]
    np.savez(
        tmp_path / "pack.npz", images=np.stack([small, small[::-1]]), classes=np.array(classes),
        votes=np.eye(8, dtype=np.uint8)[[3, 7]], split=np.array(["Training"] * 2),
    )  # fmt: skip
    data = read_ferplus_faces(tmp_path / "pack.npz")
    report = run("memory://stores/ferplus", data=data)
    assert (report.photos, report.faces) == (2, 1)
    store = EvidenceStore.open("memory://stores/ferplus")
    face, flipped = store.rows()
    assert (face.id, face.photo, face.emotion) == ("00000", None, "happiness")
    assert face.has_face and "No face was found on 00001" in flipped.reason
    assert run("memory://stores/ferplus", data=data).resumed == 2


def test_places_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        run(tmp_path / "file" / "store")
    with pytest.raises(StoreError, match="is no place for a store"):
        run("nowhere://store")


@pytest.mark.parametrize(
    ("owner", "said"),
    [
        ({"host": "elsewhere", "pid": 1, "birth": None, "since": "2026"}, "process 1 on elsewhere"),
        (b"not json", "cannot be taken"),
    ],
)
def test_a_lock_that_cannot_be_judged_is_refused(run, tmp_path, owner, said):
    held = owner if isinstance(owner, bytes) else json.dumps(owner).encode()
    (tmp_path / LOCK).write_bytes(held)
    with pytest.raises(StoreError, match=said):
        run(tmp_path)
    assert (tmp_path / LOCK).read_bytes() == held


def test_a_lock_whose_process_number_is_used_again_is_taken_over(run, kdef, tmp_path):
    owner = {"host": socket.gethostname(), "pid": os.getpid(), "birth": "1", "since": "2026"}
    (tmp_path / LOCK).write_text(json.dumps(owner))
    assert run(tmp_path, data=kdef.select(person="M04")).photos == 1


def test_what_is_no_number_of_photos(run, kdef, tmp_path):
    with pytest.raises(ValueError, match="at least 1"):
        run(tmp_path, batch=0)
    with pytest.raises(ValueError, match="empty"):
        run(tmp_path, data=replace(kdef, items=()))


def test_weights_are_named_by_their_whole_path(run, tmp_path, monkeypatch):
    asked = []

    def load(path=None):
        asked.append(path)
        raise ModelError("These weights are not there; give others.")

    monkeypatch.setattr("xfera_nb.evidence.pipeline.load_classifier", load)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="not there"):
        run(tmp_path / "store", classifier="mine.safetensors")
    assert asked == [tmp_path / "mine.safetensors"]
