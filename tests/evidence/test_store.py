"""The store as pandas, NumPy and fusion read it, and what it does not hold."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from xfera_nb.evidence import EvidenceStore, Row, StoreError, gather
from xfera_nb.evidence.rows import ARRAYS, TEXTS, from_bytes, to_bytes, to_rows
from xfera_nb.evidence.storage import Storage
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams, fuse, fuse_many


@pytest.fixture(scope="module")
def store(unbroken):
    return EvidenceStore.open(unbroken[0])


def full_row(number=0, **changed):
    """A row in which each array counts upwards."""
    arrays = {}
    for name, (shape, kind) in ARRAYS.items():
        shape = (7, 2, 3) if name == "maps" else shape
        arrays[name] = np.arange(np.prod(shape)).reshape(shape).astype(kind) + number
    return Row(number, f"p{number}", **arrays | changed)


def test_rows_come_back_as_they_went():
    rows = [
        Row(0, "a", reason="No face."), full_row(1, left=None, right=None, emotion="fear"),
        full_row(2, intensities=np.full(17, np.nan, np.float32)), Row(3, "d", photo_path="x/d.jpg"),
    ]  # fmt: skip
    table = from_bytes(to_bytes(rows, (2, 3)), (2, 3))
    back = list(to_rows(table, (2, 3)))
    for old, new in zip(rows, back, strict=True):
        assert new.number == old.number
        for name in TEXTS:
            assert getattr(new, name) == getattr(old, name)
        for name in ARRAYS:
            was, now = getattr(old, name), getattr(new, name)
            assert (was is None) == (now is None), name
            if was is not None:
                assert now.dtype == was.dtype and np.array_equal(now, was, equal_nan=True)
    (third,) = to_rows(table.slice(2, 1), (2, 3))
    assert third.id == "p2" and third.maps[6, 1, 2] == 7 * 6 - 1 + 2
    (last,) = to_rows(table.slice(3, 1), (2, 3))
    assert last.box is None and not last.has_face


def test_equal_rows_are_equal_bytes():
    assert to_bytes([full_row()], (2, 3)) == to_bytes([full_row()], (2, 3))
    assert to_bytes([full_row()], (2, 3)) != to_bytes([full_row(1)], (2, 3))


def test_other_programs_read_the_rows(unbroken, store):
    table = pd.read_parquet(unbroken[0] / "rows")
    assert list(table["id"]) == [row.id for row in store.rows()]
    assert table["reason"].notna().sum() == 3
    face = table[table["id"] == "AF01HAS"].iloc[0]
    assert face["probabilities"].sum() == pytest.approx(1, abs=1e-5)
    assert len(face["maps"]) == 7 * 2 * 2  # 64 pixels give 2x2
    assert len(store.to_pandas(["id", "peak"]).columns) == 2


def test_no_pixels_are_kept(unbroken, kdef, store):
    # 562x762x3 bytes a photo, 150,528 a crop: a row has about 6 kB.
    size = sum(path.stat().st_size for path in unbroken[0].rglob("*") if path.is_file())
    assert size < 17 * 15_000
    kinds = {str(field.type) for field in store.table().schema}
    assert "binary" not in kinds and not any("uint8" in kind for kind in kinds)


def test_the_manifest_says_what_made_the_rows(store, kdef, network):
    manifest = store.manifest
    assert manifest["classifier"] == network.describe()
    assert manifest["au_detector"] == {"name": "stand-in", "version": "1"}
    assert manifest["crop"] == {"size": 224, "side": 1.2, "chin": 0.97, "faces": "largest"}
    assert manifest["layer"] == "layer4.2" and manifest["map_shape"] == [2, 2]
    assert manifest["dataset"]["fingerprint"] == kdef.fingerprint
    assert manifest["versions"]["torch"] and manifest["versions"]["dlib-bin"]
    assert store.complete and store.photos == len(store) == 17
    assert store.source == str(kdef.root)
    problems = {(kind, where) for kind, where, _ in store.dataset_report["problems"]}
    assert {("unreadable", "AF03NES"), ("duplicate", "BF01HAS")} <= problems
    assert ("misnamed", "AF01/AF01XXS.JPG") in problems


def test_arrays_hold_the_faces(store, kdef):
    arrays = store.arrays()
    assert len(arrays) == 15
    assert "BM04HAS" not in arrays.ids and "AF02SAS" in arrays.ids
    assert [kdef[n].id for n in arrays.number] == arrays.ids.tolist()
    assert [EMOTIONS[n] for n in arrays.true] == [kdef[n].emotion for n in arrays.number]
    refused = arrays.ids.tolist().index("AF02SAS")
    assert np.isnan(arrays.intensities[refused]).all()
    assert np.isfinite(arrays.intensities[0]).sum() == 16
    assert store.maps().shape == (15, 7, 2, 2)
    for row in store.rows():
        if row.has_face:
            index = arrays.number.tolist().index(row.number)
            assert np.array_equal(arrays.activation[index], row.activation, equal_nan=True)
            assert np.array_equal(arrays.std["hull"][index], row.std_hull)
            assert np.array_equal(store.maps()[index], row.maps)
            assert EMOTIONS[arrays.predicted[index]] == row.predicted


def test_fusing_the_store_is_fusing_its_evidence(store, kdef, network, stand_in):
    params = FusionParams(k=0.5, coverage=0.5)
    arrays = store.arrays()
    many = fuse_many(**arrays.inputs(), params=params)
    some = [0, 5, 9]
    for index in some:
        item = kdef[int(arrays.number[index])]
        face = find_faces(item.path)[0]
        one = fuse(gather(face, network, stand_in.StandInDetector()), params)
        assert one.target == EMOTIONS[arrays.predicted[index]]
        assert many.threshold[index] == pytest.approx(one.threshold, rel=1e-4)
        assert np.array_equal(many.salient[index], one.salient)
        assert many.active[index, 0].tolist() == [au.active for au in one.action_units]


def test_another_class_can_be_explained(store):
    arrays = store.arrays()
    fear = EMOTIONS.index("fear")
    inputs = arrays.inputs(np.full(len(arrays), fear), region="hull")
    assert np.array_equal(inputs["peak"], arrays.peak[:, fear])
    assert np.array_equal(inputs["mean"], arrays.mean["hull"][:, fear])
    with pytest.raises(ValueError, match="target is"):
        arrays.inputs(np.full(len(arrays), -1))
    with pytest.raises(ValueError, match="'face' is not one of"):
        arrays.inputs(region="face")


def test_one_row_by_its_number(store, kdef):
    assert store.row(16).id == kdef[16].id
    for number in (17, -1):
        with pytest.raises(IndexError):
            store.row(number)
    with pytest.raises(ValueError, match="'pixels' is not one of"):
        store.table(["pixels"])


def test_what_is_no_store(tmp_path, unbroken):
    with pytest.raises(StoreError, match="holds no store of evidence: make one with xfera extract"):
        EvidenceStore.open(tmp_path)
    manifest = json.loads((unbroken[0] / "manifest.json").read_text())
    for content, said in (
        ("{", "is damaged"), ("[]", "is damaged"), ("{}", "is damaged"),
        (json.dumps(manifest | {"shard": 0}), "is damaged"),
        (json.dumps(manifest | {"format": 1}), "has the store format 1, this version reads 2"),
    ):  # fmt: skip
        (tmp_path / "manifest.json").write_text(content)
        with pytest.raises(StoreError, match=said):
            EvidenceStore.open(tmp_path)


def test_some_columns_are_read_without_the_rest(tmp_path, unbroken, store):
    """Without the checksum, the columns are the same; what cannot be read is still said."""
    columns = ("number", "reason", "probabilities")
    assert store.table(columns, check=False).equals(store.table(columns))
    shutil.copytree(unbroken[0], tmp_path / "store")
    copied = EvidenceStore.open(tmp_path / "store")
    assert copied.numbers.tolist() == copied.table(columns)["number"].to_pylist()
    assert sum(len(table) for table in copied.tables(columns, check=False)) == len(copied)
    first = tmp_path / "store" / "rows" / "00000.parquet"
    kept = first.read_bytes()
    first.write_bytes(kept + b"\n")  # a footer that is not at the end
    for check, said in ((True, "is not the file"), (False, "holds no rows")):
        with pytest.raises(StoreError, match=said):
            copied.table(columns, check=check)
    few = next(to_rows(from_bytes(kept, copied.map_shape), copied.map_shape))
    first.write_bytes(to_bytes([few], copied.map_shape))  # a store's file, but not this one
    with pytest.raises(StoreError, match="1 rows, not"):
        copied.shard(0, columns)
    first.unlink()
    with pytest.raises(StoreError, match="00000.parquet"):
        copied.table(columns, check=False)
    damaged = replace(copied.records[0], rows=2**30)
    with pytest.raises(StoreError, match=r"done/00000[.]json of .* more photos than there are"):
        EvidenceStore(Storage(tmp_path / "store"), copied.manifest, [damaged]).numbers.tolist()
    with pytest.raises(ValueError, match="'colour'"):
        copied.table(("number", "colour"), check=False)


def test_an_unfinished_store_opens(tmp_path, unbroken):
    (tmp_path / "manifest.json").write_bytes((unbroken[0] / "manifest.json").read_bytes())
    store = EvidenceStore.open(tmp_path)
    assert len(store) == 0 and not store.complete and not list(store.rows())
    assert len(store.arrays()) == 0 and store.maps().shape == (0, 7, 2, 2)
    assert store.to_pandas().empty
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "00000.json").write_text("{}")
    with pytest.raises(StoreError, match="record 00000.json of .* is damaged"):
        EvidenceStore.open(tmp_path)


@pytest.mark.slow
def test_explaining_one_face_does_not_load_the_store():
    code = "import sys, xfera_nb.evidence as e; print('pyarrow' in sys.modules, e.EvidenceStore)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False <class 'xfera_nb.evidence.store.EvidenceStore'>")
