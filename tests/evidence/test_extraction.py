"""Extractions: their rows and reasons, cut off and continued, two at once, refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from waiting import patiently

from xfera_nb.errors import DatasetError, InputError, ModelError
from xfera_nb.evidence import Evidence, EvidenceStore, StoreError, extract, gather
from xfera_nb.evidence.storage import LOCK, Storage
from xfera_nb.faces import find_faces, load_photo
from xfera_nb.facs import EMOTIONS

pytestmark = pytest.mark.slow

HOLD = "AF02ANS.JPG"  # in the third shard


def digests(store):
    return {r.shard: r.sha256 for r in EvidenceStore.open(store).records}


@pytest.fixture
def run(kdef, network, stand_in):
    """Extract the tree in shards of four; keywords change what."""

    def call(out, **changed):
        models = {"classifier": network, "au_detector": stand_in.StandInDetector()}
        setup = {**models, "batch": 2, "shard": 4}
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
    assert (wall.emotion, wall.person, wall.photo_path) == ("happiness", "M04", "BM04/BM04HAS.JPG")
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
    # The network saw it in another batch: less than 1e-5 of a map's peak, here about 6.
    near = {"rtol": 1e-4, "atol": 1e-5}
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
        with pytest.raises(StoreError, match="Another extraction writes"):
            run(out)
    finally:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    store = EvidenceStore.open(out)
    assert not store.complete
    assert len(store) == 8
    # What a kill in the middle of a write leaves behind is not taken for a shard.
    (out / "rows" / ".00003.parquet.1234.part").write_bytes(b"PAR1")
    (out / "rows" / "00004.parquet").write_bytes(b"PAR1")
    report = run(out)
    assert report.resumed == len(store) and report.photos == 17
    assert report.failed == unbroken[1].failed
    assert digests(out) == digests(unbroken[0])
    assert EvidenceStore.open(out).complete


def test_a_finished_store_is_left_alone(unbroken, run, stand_in):
    out, report = unbroken
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/*")}

    class Untouched(stand_in.StandInDetector):
        def detect(self, image, landmarks, photo_name=None):
            raise AssertionError("nothing is left to measure")

    again = run(out, au_detector=Untouched(), batch=None, shard=None)
    assert (again.resumed, again.photos, again.failed) == (17, 17, report.failed)
    assert np.isnan(again.rate)
    assert {path: path.stat().st_mtime_ns for path in out.glob("*/*")} == before


def test_a_damaged_shard_is_made_again(kdef, run, tmp_path):
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
        run(tmp_path, au_detector=Gone())
    assert len(EvidenceStore.open(tmp_path)) == 0


def test_pixels_and_any_fsspec_place(run, tmp_path, request):
    from PIL import Image

    from xfera_nb.datasets import read_ferplus_faces

    samples = request.config.rootpath / "data" / "samples"
    with Image.open(samples / "C01HA.jpg") as photo:
        small = np.asarray(photo.convert("L").resize((96, 96)))
    classes = [*EMOTIONS, "contempt"]
    np.savez(
        tmp_path / "pack.npz", images=np.stack([small, np.full_like(small, 90)]),
        classes=np.array(classes), votes=np.eye(8, dtype=np.uint8)[[3, 7]],
        split=np.array(["Training"] * 2),
    )  # fmt: skip
    data = read_ferplus_faces(tmp_path / "pack.npz")
    report = run("memory://stores/ferplus", data=data)
    assert (report.photos, report.faces) == (2, 1)
    store = EvidenceStore.open("memory://stores/ferplus")
    face, blank = store.rows()
    assert (face.id, face.photo_path, face.emotion) == ("00000", None, "happiness")
    assert face.has_face and "No face was found on 00001" in blank.reason
    assert run("memory://stores/ferplus", data=data).resumed == 2


def test_places_that_cannot_be_written(run, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        run(tmp_path / "file" / "store")
    with pytest.raises(StoreError, match="cannot hold a store"):
        run("nowhere://store")


def test_two_extractions_do_not_write_at_once(run, kdef, tmp_path):
    """A lock that nobody holds is free, whatever its file says; a held one is refused."""
    some = kdef.select(person="M04")
    (tmp_path / LOCK).write_text('{"host": "elsewhere", "pid": 1}')
    assert run(tmp_path, data=some).photos == 1
    with Storage(tmp_path).lock(), pytest.raises(StoreError, match="Another extraction writes"):
        run(tmp_path, data=some)
    assert run(tmp_path, data=some).resumed == 1


def test_a_lock_is_held_by_one_of_many_that_try_at_once(tmp_path):
    """The race of a stale lock: each would have removed it, and then another's fresh one."""
    (tmp_path / LOCK).write_text("left by a process that was killed")
    holders, most, refused = [], [], []
    start = threading.Barrier(8)

    def take(number):
        start.wait()
        try:
            with Storage(tmp_path).lock():
                holders.append(number)
                most.append(len(holders))
                time.sleep(0.02)
                holders.remove(number)
        except StoreError:
            refused.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1} and len(refused) + len(most) == 8


def test_a_url_is_locked_by_a_file(run, kdef):
    storage = Storage("memory://stores/locked")
    with storage.lock(), pytest.raises(StoreError, match=f"delete {LOCK} there"):
        run("memory://stores/locked", data=kdef.select(person="M04"))
    assert not storage.exists(LOCK)


@pytest.mark.parametrize("key", ["batch", "versions", "method"])
def test_a_manifest_that_lacks_an_entry_is_refused_in_a_sentence(run, kdef, tmp_path, key):
    some = kdef.select(person="M04")
    run(tmp_path, data=some)
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest[key]
    path.write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match="was made with|is damaged"):
        run(tmp_path, data=some)


def test_an_older_format_is_refused_in_a_sentence(run, kdef, tmp_path):
    some = kdef.select(person="M04")
    run(tmp_path, data=some)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 1}))
    with pytest.raises(StoreError, match="store format 1, this version reads 2: extract it again"):
        run(tmp_path, data=some)


def test_a_photo_edited_to_the_same_length_is_another_photo(run, tree, tmp_path):
    photo = tmp_path / "a.jpg"
    data = (tree / "AF01" / "AF01ANS.JPG").read_bytes()
    photo.write_bytes(data)
    run(tmp_path / "store", data=photo)
    edited = bytearray(data)
    edited[len(data) // 2] ^= 1
    photo.write_bytes(edited)
    with pytest.raises(StoreError, match="was made with other photos"):
        run(tmp_path / "store", data=photo)


def test_photos_come_as_a_path_a_list_or_a_data_set(run, tree, tmp_path):
    folder = tree / "AF01"
    paths = sorted(folder.glob("*.JPG"))[:2]
    for number, (data, ids) in enumerate([
        (str(paths[0]), [paths[0].name]),
        (paths[0], [paths[0].name]),
        (paths, [path.name for path in paths]),
        ([paths[0], str(tree / "BM04" / "BM04HAS.JPG")],
         [f"AF01/{paths[0].name}", "BM04/BM04HAS.JPG"]),
    ]):  # fmt: skip
        out = tmp_path / str(number)
        run(out, data=data)
        assert [row.id for row in EvidenceStore.open(out).rows()] == ids
    rows = list(EvidenceStore.open(tmp_path / "3").rows())
    assert [row.photo_path for row in rows] == ids and "No face" in rows[1].reason
    run(tmp_path / "whole", data=tree)
    assert EvidenceStore.open(tmp_path / "whole").manifest["dataset"]["kind"] == "kdef"
    with pytest.raises(DatasetError, match="There is no folder or file"):
        run(tmp_path / "none", data=tmp_path / "nothing")
    with pytest.raises(InputError, match="empty"):
        run(tmp_path / "none", data=[])


def test_the_method_stands_in_the_manifest(run, kdef, network, tmp_path):
    some = kdef.select(person="F01", session="A", emotion="anger")
    run(tmp_path, data=some, method="saliency")
    store = EvidenceStore.open(tmp_path)
    assert (store.manifest["method"], store.map_shape) == ("saliency", (28, 28))
    assert store.heatmap == {"method": "saliency", "layer": None}
    row = next(row for row in store.rows() if row.has_face)
    photo = load_photo(f"{store.source}/{row.photo_path}")
    shown = Evidence.from_row(row, photo, store.manifest).heatmap("fear")
    assert (shown.method, shown.layer, shown.title) == ("saliency", None, "Gradient for fear")
    with pytest.raises(StoreError, match="another saliency method .saliency there, gradcam now"):
        run(tmp_path, data=some)
    run(tmp_path, data=some, method="saliency", layer="layer3")  # this method uses no layer
    with pytest.raises(InputError, match="did you mean 'gradcam'"):
        run(tmp_path / "other", data=some, method="gradcm")
    with pytest.raises(ModelError, match="CUDA"):
        run(tmp_path / "other", data=some, device="cuda:99")


def test_what_is_no_number_of_photos(run, kdef, tmp_path):
    with pytest.raises(ValueError, match="at least 1"):
        run(tmp_path, batch=0)
    with pytest.raises(ValueError, match="empty"):
        run(tmp_path, data=replace(kdef, items=()))


def test_weights_are_named_by_their_whole_path(run, tmp_path, monkeypatch):
    asked = []

    def load(path=None, device=None):
        asked.append(path)
        raise ModelError("These weights are not there; give others.")

    monkeypatch.setattr("xfera_nb.evidence.pipeline.load_classifier", load)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="not there"):
        run(tmp_path / "store", classifier="mine.safetensors")
    assert asked == [tmp_path / "mine.safetensors"]


def test_the_report_names_the_photos_with_a_turned_face(request, run, tmp_path):
    samples = request.config.rootpath / "data" / "samples"
    from PIL import Image

    from xfera_nb.datasets import read_folder_faces

    photos = tmp_path / "photos"
    photos.mkdir()
    with Image.open(samples / "C01HA.jpg") as photo:
        photo.save(photos / "upright.png")
        photo.rotate(90).save(photos / "lying.png")
    report = run(tmp_path / "store", data=read_folder_faces(photos, check=False))
    assert report.turned == ("lying.png",) and report.faces == 2
    assert "1 face turned by more than 40 degrees, measured upright: lying.png" in report.text()
    again = run(tmp_path / "store", data=read_folder_faces(photos, check=False))
    assert again.turned == ("lying.png",)
    record = tmp_path / "store" / "done" / "00000.json"
    older = json.loads(record.read_text())
    del older["turned"]  # as stores of earlier versions have it
    record.write_text(json.dumps(older))
    assert EvidenceStore.open(tmp_path / "store").records[0].turned == ()
