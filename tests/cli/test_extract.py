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
    assert "BM04HAS: No face was found" in store and "    AF03NES.JPG is damaged" in store
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


def test_numbers_are_asked_about_before_the_work(xfera, small, samples, tmp_path):
    for number in ("0", "1"):
        (tmp_path / "faces" / number).mkdir(parents=True)
        shutil.copy(samples / f"C0{int(number) + 1}HA.jpg", tmp_path / "faces" / number)
    out = tmp_path / "store"
    code, said, err = xfera("extract", tmp_path / "faces", "--out", out)
    assert (code, said) == (2, "") and not out.exists() and not small
    assert "are the numbers 0, 1: say what they mean by --labels rafdb" in err
    told = ("extract", tmp_path / "faces", "--out", out, "--quiet", "--labels")
    code, _, err = xfera(*told, "0=anger,1=joy")
    assert (code, err) == (0, "")
    assert [row.emotion for row in EvidenceStore.open(out).rows()] == ["anger", "happiness"]
    out = tmp_path / "without"
    code, said, err = xfera(*told[:3], out, "--labels", "names", "--quiet")
    assert code == 0 and "None of the 2 photos has a label" in err


def test_a_table_with_columns_of_its_own(xfera, small, samples, tmp_path):
    table = tmp_path / "list.csv"
    table.write_text("where;what\nx\\C01HA.jpg;2.0\n")
    (tmp_path / "photos" / "x").mkdir(parents=True)
    shutil.copy(samples / "C01HA.jpg", tmp_path / "photos" / "x")
    code, _, err = xfera(
        "extract", table, "--out", tmp_path / "store", "--quiet", "--images", tmp_path / "photos",
        "--columns", "path=where,label=what", "--labels", "2=happy",
    )  # fmt: skip
    (row,) = EvidenceStore.open(tmp_path / "store").rows()
    assert (code, err, row.id, row.emotion) == (0, "", "x/C01HA.jpg", "happiness")
    assert row.has_face


def test_patterns_and_single_photos(xfera, small, samples, tmp_path):
    for name in ("C01HA.jpg", "C02HA.jpg", "C01SA.jpg"):
        shutil.copy(samples / name, tmp_path)
    out = tmp_path / "store"
    code, _, err = xfera("extract", tmp_path / "*HA.jpg", "--out", out, "--quiet")
    assert code == 0 and "None of the 2 photos has a label" in err
    assert [row.id for row in EvidenceStore.open(out).rows()] == ["C01HA.jpg", "C02HA.jpg"]
    some = (tmp_path / "C01HA.jpg", tmp_path / "C01SA.jpg", "--out", tmp_path / "other")
    assert xfera("extract", *some, "--quiet")[0] == 0
    for wrong, said in (
        ((tmp_path / "*.png",), "No file matches"),
        ((tmp_path / "C01HA.jpg", tmp_path), "is no photo: give one data set, or photos only"),
        ((tmp_path / "C01HA.jpg", "--labels", "rafdb"), "--labels has no use with single photos"),
    ):
        code, _, err = xfera("extract", *wrong, "--out", tmp_path / "third")
        assert code == 2 and said in err and not (tmp_path / "third").exists()


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
        (("--kind", "casia"), "invalid choice: 'casia'"),
        (("--openface-bin", "x"), "--openface-bin needs --au openface"),
        (("--au", "openface-files"), "need each other"),
        (("--images", "x"), "--images needs a data set that is a .csv"),
        (("--labels", "rafdb"), "--labels has no use with kdef"),
        (("--angle", "FL"), "has the angle FL: choose from S"),
        (("--labels", "0=hapy"), "no emotion 'hapy'"),
        (("--columns", "path=a"), "--columns needs a table (.csv) of photos, and this is kdef"),
        (("--columns", "pth"), "is not path=NAME,label=NAME"),
        (("--out", ""), "argument --out: it is empty"),
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
