"""Check a store: the file, resuming, photos that are missing or changed, the means."""

from __future__ import annotations

import json
import runpy
import shutil
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from xfera_nb.datasets import open_dataset
from xfera_nb.errors import ParamsError, PhotoError
from xfera_nb.evaluation.faithfulness import (
    CHECKS,
    aggregate,
    check_faithfulness,
    controls,
    store_check,
)
from xfera_nb.evaluation.faithfulness.paired_tests import CONTROLS
from xfera_nb.evaluation.faithfulness.store_check import check_store, read_photo_of
from xfera_nb.evidence import Evidence, EvidenceStore, StoreError, extract, read_excess_drops
from xfera_nb.faces import find_faces
from xfera_nb.facs import LANDMARK_AUS

pytestmark = pytest.mark.slow

CODES = ("C01HA", "C01SU", "C02HA", "C02SU", "C03HA", "C03SU")


@pytest.fixture(scope="session")
def stand_in(request):
    return runpy.run_path(str(request.config.rootpath / "tests" / "evidence" / "stand_in.py"))


@pytest.fixture(scope="session", autouse=True)
def few_samples(request):
    """The controls are three samples, not seventy: the rest would add minutes, not checks."""
    patch = pytest.MonkeyPatch()
    folder = request.config.rootpath / "data" / "samples"
    faces = tuple(find_faces(folder / f"C0{n}AN.jpg")[0] for n in (1, 2, 3))
    patch.setattr(controls, "_find_samples", lambda: faces)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def network(stand_in):
    return stand_in["classifier"]()


@pytest.fixture(scope="session")
def made(request, network, stand_in, tmp_path_factory):
    """A folder of photos and its store."""
    folder = tmp_path_factory.mktemp("faithfulness")
    for code in CODES:
        label = "happiness" if code.endswith("HA") else "surprise"
        place = folder / "photos" / label
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(request.config.rootpath / "data" / "samples" / f"{code}.jpg", place)
    data = open_dataset(folder / "photos", "folder", labels="names")
    extract(
        data, folder / "store", classifier=network, au_detector=stand_in["StandInDetector"](),
        shard=4, batch=2, progress=False,
    )  # fmt: skip
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """The same, to be spoilt; its photos lie where it is now."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture(scope="session")
def remembered():
    return {}


@pytest.fixture
def checked(monkeypatch, remembered):
    """The faces that are checked; each is measured once for all tests, since it takes a second."""
    faces = []

    def check(evidence, classifier, params, *, seed, full):
        faces.append(evidence)
        key = (evidence.face.crop.tobytes(), classifier.card["sha256"], params, seed, full)
        if key not in remembered:
            remembered[key] = check_faithfulness(evidence, classifier, params, seed=seed, full=full)
        return remembered[key]

    monkeypatch.setattr(store_check, "check_faithfulness", check)
    return faces


@pytest.fixture
def run(folder, network, checked):
    def call(classifier=network, **options):
        options = {"photos": folder / "photos", **options}
        return check_store(folder / "store", classifier, **options)

    return call


def rows_of(folder):
    return pq.read_table(folder / "store" / "faithfulness.parquet").to_pylist()


def test_a_row_is_the_check_of_its_face(folder, run, network):
    found = run()
    rows = rows_of(folder)
    assert (found.faces, found.kept, found.failed) == (6, 0, ())
    assert [row["number"] for row in rows] == list(range(6))
    opened = EvidenceStore.open(folder / "store")
    row = opened.row(3)
    evidence = Evidence.from_row(row, read_photo_of(row, folder / "photos"), opened.manifest)
    assert np.array_equal(evidence.action_units.intensities, row.intensities, equal_nan=True)
    checks = check_faithfulness(evidence, network)
    stored = rows[3]
    assert stored["id"] == row.id and stored["target"] == checks.target
    assert stored["excess_drop"] == pytest.approx(
        [one.excess_drop for one in checks.au_drops.rows], abs=1e-6
    )
    assert stored["excess_drop"] == pytest.approx(
        np.subtract(stored["prob_drop"], stored["random_drop"])
    )
    for name, one in checks.calibrated.items():
        assert stored[name] == pytest.approx(one.value, abs=1e-6)
        assert stored[f"{name}_random"] == pytest.approx(np.mean(one.random), abs=1e-6)
        assert stored[f"{name}_others"] == pytest.approx(np.mean(one.others), abs=1e-6)
        assert stored[f"{name}_mean_map"] == pytest.approx(one.mean_map, abs=1e-6)
        assert stored[f"{name}_pass"] == (one.verdict == "pass")
    assert stored["random_last_layer"] == pytest.approx(checks.randomised[0].absolute)
    assert stored["random_all"] is stored["road"] is None
    kind = pq.read_schema(folder / "store" / "faithfulness.parquet").field("excess_drop").type
    assert kind.list_size == len(LANDMARK_AUS) == 22
    drops = read_excess_drops(opened, np.array([3, 0, 99]))
    assert drops[0] == pytest.approx(stored["excess_drop"]) and np.isnan(drops[2]).all()


def test_rows_that_are_there_are_kept(folder, run, checked):
    some = run(limit=2)
    assert some.faces == len(checked) == 2
    checked.clear()
    found = run(limit=4)
    assert (found.faces, found.kept, len(checked)) == (4, 2, 2)
    found = run()
    assert (found.faces, found.kept, len(checked)) == (6, 4, 4)
    before = (folder / "store" / "faithfulness.parquet").stat().st_mtime_ns
    assert run().kept == 6 and len(checked) == 4
    assert (folder / "store" / "faithfulness.parquet").stat().st_mtime_ns == before
    assert run(refresh=True).kept == 0 and len(checked) == 10


def test_a_run_that_is_stopped_leaves_what_it_had(folder, run, checked, monkeypatch):
    check = store_check.check_faithfulness

    def stopped(*evidence, **options):
        if len(checked) == 3:
            raise KeyboardInterrupt
        return check(*evidence, **options)

    monkeypatch.setattr(store_check, "SAVE_EVERY", 2)
    monkeypatch.setattr(store_check, "check_faithfulness", stopped)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert len(rows_of(folder)) == 2


def test_photos_that_are_missing_or_changed_are_skipped_and_checked_again(folder, run):
    photos = folder / "photos"
    gone, other = photos / "happiness" / "C01HA.jpg", photos / "happiness" / "C02HA.jpg"
    gone.rename(folder / "away.jpg")
    whole = other.read_bytes()
    shutil.copy(photos / "surprise" / "C03SU.jpg", other)
    broken = photos / "happiness" / "C03HA.jpg"
    broken.write_bytes(b"no photo")
    found = run()
    failed = dict(found.failed)
    assert found.faces == 3 and len(failed) == 3
    by_name = {key.split("/")[-1].split(".")[0]: reason for key, reason in failed.items()}
    assert "is not there any more: say with --photos" in by_name["C01HA"]
    assert "is not an image" in by_name["C03HA"] or "C03HA.jpg" in by_name["C03HA"]
    assert set(by_name) == {"C01HA", "C02HA", "C03HA"}
    bad = [row for row in rows_of(folder) if row["reason"]]
    assert len(bad) == 3 and all(row["excess_drop"] is None and row["iou"] is None for row in bad)
    assert np.isnan(read_excess_drops(EvidenceStore.open(folder / "store"), np.array([0]))).all()
    (folder / "away.jpg").rename(gone)
    other.write_bytes(whole)
    retried = run()
    assert (retried.faces, retried.kept, len(retried.failed)) == (5, 3, 1)


def test_what_was_made_in_another_way_is_not_mixed(folder, run, network, stand_in):
    run(limit=1)
    with pytest.raises(StoreError, match="another form of check: give --force"):
        run(full=True, limit=1)
    with pytest.raises(StoreError, match="another seed"):
        run(seed=1, limit=1)
    with pytest.raises(StoreError, match="with another classifier than stand-in"):
        run(stand_in["classifier"]("0ther"))
    found = run(full=True, limit=1, refresh=True)
    assert found.full and {one.name for one in found.tests} == set(aggregate.JUDGED)
    file = folder / "store" / "faithfulness.parquet"
    file.write_bytes(b"PAR1")
    with pytest.raises(StoreError, match="damaged"):
        run()
    assert run(refresh=True, limit=1).faces == 1
    with pytest.raises(ParamsError, match="at least 1"):
        run(limit=0)
    with pytest.raises(StoreError, match="holds no store"):
        check_store(folder / "photos", network)


def test_a_store_cannot_name_photos_outside_of_the_folder(folder, run):
    found = run(photos=folder / "photos" / "happiness", limit=1)
    assert found.faces == 0 and "is not there any more" in found.failed[0][1]
    opened = EvidenceStore.open(folder / "store")
    row = replace(opened.row(0), photo_path="../../secret.jpg")
    with pytest.raises(PhotoError, match="leads out of"):
        read_photo_of(row, folder / "photos")
    with pytest.raises(PhotoError, match="no photo file"):
        read_photo_of(replace(row, photo_path=None), folder / "photos")


def test_means_leave_out_what_is_undefined():
    columns = {"a": np.array([1.0, 2, 3, np.nan, 2, 2]), "b": np.full(6, np.nan)}
    found = aggregate.compute_means(columns, None, 0)
    estimate, count = found["a"]
    assert (estimate.value, count) == (2.0, 5) and 1.4 <= estimate.low < 2 < estimate.high <= 2.6
    assert found["b"][1] == 0 and found["b"][0].value is None
    assert found["b"][0].reason == "it is defined on no face"
    few = aggregate.compute_means({"a": np.array([1.0, 3.0])}, None, 0)["a"][0]
    assert few.value == 2 and few.low is None and "fewer than 5" in few.reason


def test_persons_are_drawn_with_all_their_faces():
    persons = np.repeat([f"p{i}" for i in range(8)], 25)
    values = np.repeat(np.arange(8.0), 25)
    alone = aggregate.compute_means({"a": values}, None, 0)["a"][0]
    together = aggregate.compute_means({"a": values}, persons, 0)["a"][0]
    assert together.value == alone.value == 3.5
    assert together.high - together.low > 4 * (alone.high - alone.low)


def test_the_figures_as_text_and_json(run):
    found = run()
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["faces"] == 6 and set(data["figures"]) == set(aggregate.FIGURES)
    assert data["expected_excess_drops"]["AU12"].keys() >= {"value", "low", "high", "faces"}
    lines = found.text().splitlines()
    assert "6 faces checked" in lines[0]
    assert set(data["checks"]) == set(CHECKS)
    one = data["checks"]["additivity"]
    assert one["controls"].keys() == one["differences"].keys() == set(CONTROLS)
    value, less = one["value"]["value"], one["differences"]["mean_map"]["value"]
    assert value - one["controls"]["mean_map"]["value"] == pytest.approx(less)
    assert 0 <= one["p"] <= 1 and one["beats_controls"] == (one["p"] <= 0.05)
    assert any(line.startswith("  Additivity (Sensitivity-n)") for line in lines)
    assert len([line for line in lines if " to " in line or "undefined" in line]) >= 20
    assert max(map(len, lines)) <= 100
