"""``xfera extract``: both reports, filters, going on, and command lines that are refused."""

from __future__ import annotations

import json
import runpy
import shutil

import pytest

from xfera_nb.evidence import EvidenceStore

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tree(request, tmp_path_factory):
    """A folder shaped like KDEF's: one person and four bad files; see tests/datasets."""
    root = request.config.rootpath
    build = runpy.run_path(str(root / "tests" / "datasets" / "tree.py"))["build_tree"]
    return build(root / "data" / "samples", tmp_path_factory.mktemp("kdef") / "KDEF", people=1)


@pytest.fixture
def small(request, monkeypatch):
    """Stand-ins for the models: the network at 64 pixels, seeded."""
    path = request.config.rootpath / "tests" / "evidence" / "stand_in.py"
    stand_in = runpy.run_path(str(path))
    network = stand_in["classifier"]()
    asked = []

    def detector(name, **options):
        asked.append((name, options))
        return stand_in["StandInDetector"]()

    monkeypatch.setattr("xfera_nb.evidence.pipeline.load_classifier", lambda *_, **__: network)
    monkeypatch.setattr("xfera_nb.evidence.pipeline.load_detector", detector)
    monkeypatch.setattr("xfera_nb.au_detectors.load_detector", detector)
    return asked


def test_both_reports_name_each_bad_photo(xfera, small, tree, tmp_path):
    out = tmp_path / "store"
    code, said, err = xfera("extract", tree, "--out", out, "--shard", 4, "--batch", 2)
    assert code == 0
    data, _, store = said.partition(str(out))
    assert f"kdef in {tree}: 10 of 11 photos" in data
    for name in ("AF03NES", "BF01HAS: the same content as AF01HAS", "AF01/AF01XXS.JPG"):
        assert name in data
    assert "10 photos, 8 faces" in store
    assert "BM04HAS: No face was found" in store and "AF03NES: AF03NES.JPG is damaged" in store
    assert "10/10" in err and "photo/s" in err  # the bar, with its rate
    assert len(EvidenceStore.open(out)) == 10
    code, said, _ = xfera("extract", tree, "--out", out, "--quiet")
    assert code == 0 and "10 from an earlier run" in said
    assert small == [("builtin", {}), ("builtin", {})]


def test_filters_and_json(xfera, small, tree, tmp_path):
    code, said, err = xfera(
        "extract", tree, "--out", tmp_path, "--kind", "kdef", "--session", "A", "--angle", "S,HL",
        "--emotion", "happiness,fear", "--gender", "F", "--no-check", "--json", "--quiet",
    )  # fmt: skip
    assert code == 0 and err == ""
    told = json.loads(said)
    assert told["chosen"] == ["emotion happiness, fear", "session A", "angle S, HL", "gender F"]
    assert told["store"]["photos"] == told["store"]["faces"] == 2
    assert not told["dataset"]["checked"]
    assert [row.id for row in EvidenceStore.open(tmp_path).rows()] == ["AF01AFS", "AF01HAS"]


def test_numbered_folders(xfera, small, samples, tmp_path):
    (tmp_path / "faces" / "4").mkdir(parents=True)
    shutil.copy(samples / "C01HA.jpg", tmp_path / "faces" / "4")
    out = tmp_path / "store"
    code, _, _ = xfera("extract", tmp_path / "faces", "--out", out, "--labels", "rafdb", "--quiet")
    (row,) = EvidenceStore.open(out).rows()
    assert (code, row.emotion, row.label, row.photo_path) == (0, "happiness", "4", "4/C01HA.jpg")


def test_openfaces_files(xfera, small, tree, tmp_path):
    (tmp_path / "of").mkdir()
    files = ("--au", "openface-files", "--openface-files", tmp_path / "of")
    out = ("--out", tmp_path / "store", "--emotion", "fear", "--quiet")
    assert xfera("extract", tree, *out, *files)[0] == 0
    assert small == [("openface-files", {"files": str(tmp_path / "of")})]


def test_no_face_at_all(xfera, small, no_face, tmp_path):
    code, said, err = xfera("extract", no_face.parent, "--out", tmp_path / "store", "--quiet")
    assert code == 3 and "1 photo, 0 faces" in said
    assert "No face was found on any" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--batch", "0"), "not a whole number of at least 1"),
        (("--kind", "jaffe"), "invalid choice: 'jaffe'"),
        (("--openface-bin", "x"), "--openface-bin needs --au openface"),
        (("--au", "openface-files"), "need each other"),
        (("--images", "x"), "--images needs a data set that is a .csv"),
        (("--labels", "rafdb"), "--labels has no use with kdef"),
        (("--angle", "FL"), "has the angle FL: choose from S"),
    ],
)
def test_refused_in_a_line(xfera, small, tree, tmp_path, arguments, said):
    out = tmp_path / "store"
    code, printed, err = xfera("extract", tree, "--out", out, "--no-check", *arguments)
    assert code == 2 and said in err
    assert len(err.strip().splitlines()) == 1
    assert not out.exists()


def test_another_store_is_refused(xfera, small, tree, tmp_path):
    some = ("extract", tree, "--out", tmp_path, "--no-check", "--quiet", "--emotion")
    assert xfera(*some, "fear")[0] == 0
    code, _, err = xfera(*some, "anger")
    assert code == 2 and "was made with other photos" in err
