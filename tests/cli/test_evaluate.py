"""``xfera evaluate STORE`` after ``xfera extract`` on a folder like KDEF's with four bad files."""

from __future__ import annotations

import csv
import json
import runpy

import pytest

from xfera_nb.facs import EMOTIONS

pytestmark = pytest.mark.slow

BAD = {
    "AF03NES": "damaged or cut off",
    "BM04HAS": "No face was found",
    "BF01HAS": "the same content as AF01HAS",
    "AF01/AF01XXS.JPG": "the name is not like AF01ANS.JPG",
}


@pytest.fixture(scope="module")
def tree(request, tmp_path_factory):
    root = request.config.rootpath
    build = runpy.run_path(str(root / "tests" / "datasets" / "tree.py"))["build_tree"]
    return build(root / "data" / "samples", tmp_path_factory.mktemp("kdef") / "KDEF", people=1)


@pytest.fixture(scope="module")
def store(request, tree, tmp_path_factory):
    """Extracted by the command, with stand-ins for the models."""
    from xfera_nb.cli import main

    stand_in = runpy.run_path(str(request.config.rootpath / "tests" / "evidence" / "stand_in.py"))
    network = stand_in["classifier"]()
    out = tmp_path_factory.mktemp("store") / "kdef.store"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xfera_nb.evidence.pipeline.load_classifier", lambda *_, **__: network)
        patch.setattr(
            "xfera_nb.evidence.pipeline.load_detector",
            lambda name, **_: stand_in["StandInDetector"](),
        )
        assert main(["extract", str(tree), "--out", str(out), "--quiet"]) == 0
    return out


def test_the_text_names_each_bad_file(xfera, store):
    code, said, err = xfera("evaluate", store)
    assert (code, err) == (0, "")
    for name, reason in BAD.items():
        line = next(line for line in said.splitlines() if line.strip().startswith(f"{name}:"))
        assert reason in line
    assert "8 faces with a label" in said and "2 with a label, but no face" in said
    for emotion in EMOTIONS:
        assert any(line.startswith(f"  {emotion} ") for line in said.splitlines())
    assert "the paper, on RAF-DB" in said and "no source available" in said
    assert "session A" in said and "gender M" in said


def test_json_page_and_files_name_them_too(xfera, store, tmp_path):
    out, page = tmp_path / "out", tmp_path / "page.html"
    code, said, err = xfera(
        "evaluate", store, "--json", "--out", out, "--html", page, "--seed", 5, "--resamples", 300
    )
    assert (code, err) == (0, "")
    told = json.loads(said)
    assert told["photos"]["in_store"] == 10 and told["photos"]["faces"] == 8
    assert told["accuracy_counting_no_face_as_wrong"] == told["photos"]["right"] / 10
    assert told["intervals"]["seed"] == 5 and told["intervals"]["resamples"] == 300
    named = {found["id"]: found["why"] for found in told["incomplete"]}
    named |= {where: why for kind, where, why in told["problems"] if kind != "unreadable"}
    html = page.read_text("utf-8")
    for name, reason in BAD.items():
        assert reason in named[name] and name in html and reason in html
    assert json.loads((out / "evaluation.json").read_text()) == told
    with open(out / "photos.csv", newline="") as lines:
        outcomes = {row["id"]: row["outcome"] for row in csv.DictReader(lines)}
    assert outcomes["AF03NES"] == outcomes["BM04HAS"] == "no face"
    assert outcomes["BF01HAS"] == outcomes["AF01HAS"]
    assert len(outcomes) == 10


def test_hit_rates_of_ones_own(xfera, store, tmp_path):
    table = tmp_path / "norms.csv"
    table.write_text("emotion,hit_rate,source\nfear,0.41,made up\n")
    code, said, _ = xfera("evaluate", store, "--norms", table, "--json")
    people = {row["emotion"]: row for row in json.loads(said)["human"]}
    assert code == 0 and people["fear"]["people"] == 0.41 and people["fear"]["source"] == "made up"
    assert people["anger"]["people"] is None
    table.write_text("emotion,hit_rate\nfear,41\n")
    code, said, err = xfera("evaluate", store, "--norms", table)
    assert code == 2 and said == "" and "share from 0 to 1" in err


def test_nothing_with_a_label_is_exit_3(xfera, request, tmp_path):
    path = request.config.rootpath / "tests" / "evaluation" / "made_store.py"
    made = runpy.run_path(str(path))
    folder = made["make_store"](tmp_path / "s", [made["row"](0, "fear 0.9")])
    code, said, err = xfera("evaluate", folder)
    assert code == 3 and said == "" and "no photo with both a label and a face" in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "holds no store of evidence"),
        (("x.store", "--crops", "faces"), "not both"),
        (("--html", "page.html", "--crops", "faces"), "--html needs a STORE"),
        (("--seed", "1"), "--seed needs a STORE"),
        (("x.store", "--resamples", "5"), "not a whole number from 100"),
        (("x.store", "--html", "none/page.html"), "folder does not exist"),
        (("x.store", "--norms", "none.csv"), "none.csv"),
        ((), "give a STORE, --ferplus FILE, --crops FOLDER or --aus FOLDER"),
    ],
)
def test_refused_in_a_line(xfera, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    code, printed, err = xfera("evaluate", *arguments)
    assert code == 2 and printed == "" and said in err
    assert len(err.strip().splitlines()) == 1
