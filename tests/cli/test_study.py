"""``xfera study``: from photos to figures on the command line."""

import csv
import io
import json
import shutil
import stat
from pathlib import Path

import nbformat
import pytest
from processes import free_port

from xfera_nb.cli import study as command
from xfera_nb.study import Answers, Study
from xfera_nb.study.tables import MARK
from xfera_nb.widgets.study import VARIABLE

pytestmark = pytest.mark.slow

UNEVEN = (
    "xfera: 4 photos do not divide among 3 conditions: each participant rates 1 under some and 2 "
    "under others. Take 3 or 6 photos.\n"
)


@pytest.fixture
def build(xfera, samples, tmp_path, network, monkeypatch):
    """Run ``xfera study build`` over four samples."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for code in ("AN", "HA", "SA", "SU"):
        shutil.copy(samples / f"C01{code}.jpg", folder)
    monkeypatch.setattr("xfera_nb.evidence.pipeline.load_classifier", lambda *_, **__: network)
    monkeypatch.setattr("xfera_nb.evidence.pipeline.load_detector", _stand_in)

    def run(*options):
        few = ("--misclassified", 0, "--ambiguous", 1, "--random", 3, "--margin", 1, "--quiet")
        return xfera("study", "build", folder, "--out", tmp_path / "s", *few, *options)

    return run


def _stand_in(name):
    import numpy as np

    from xfera_nb.au_detectors import ActionUnits

    class StandIn:
        def describe(self):
            return {"name": name}

        def detect(self, image, landmarks, photo_name=None):
            return ActionUnits(np.full(17, 2.0), source=name)

    return StandIn()


@pytest.fixture
def built(build, tmp_path):
    code, out, err = build()
    assert (code, err) == (0, UNEVEN)
    return Study.load(tmp_path / "s")


def test_build_says_what_it_made(build, tmp_path):
    code, out, err = build("--conditions", "none,text", "--rank", "--seed", 9, "--no-age")
    assert code == 0
    assert out.startswith("4 photos: 1 ambiguous, 3 random\n") and "seed 9" in out
    made = Study.load(tmp_path / "s")
    assert (made.conditions, made.choice, made.seed) == (("none", "text"), "rank", 9)
    assert made.age_bands == ()
    for item in made.items:
        assert made.picture(item.face) != made.picture(item.heatmap)


def test_too_few_photos_are_told(build):
    code, _, err = build("--random", "7", "--ambiguous", "0")
    assert code == 0
    assert err == "xfera: Too few photos: 3 of 7 random ones missing.\n" + UNEVEN


def test_texts_come_from_a_file(build, tmp_path):
    file = tmp_path / "texts.json"
    file.write_text(json.dumps({"texts": {"title": "Volti"}, "labels": {"fear": "paura"}}))
    assert build("--texts", file)[0] == 0
    made = Study.load(tmp_path / "s")
    assert made.texts["title"] == "Volti" and made.labels["fear"] == "paura"


@pytest.mark.parametrize("content", ["{", "[]", '{"texts": 3}', '{"other": {}}'])
def test_texts_that_are_none_are_refused(build, tmp_path, content):
    file = tmp_path / "texts.json"
    file.write_text(content)
    code, out, err = build("--texts", file)
    assert (code, out) == (2, "") and err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--conditions", "none,video"), "--conditions names some of"),
        (("--conditions", "none,none"), "--conditions names some of"),
        (("--margin", "2"), "from 0 to 1"),
        (("--random", "-1"), "whole number"),
        (("--random", "0", "--ambiguous", "0"), "No photo is requested"),
        (("--texts", "missing.json"), "cannot be read"),
    ],
)
def test_options_that_are_wrong_are_told(build, tmp_path, options, said):
    code, _, err = build(*options)
    assert code == 2 and said in err and err.count("\n") == 1
    assert not (tmp_path / "s" / "study.json").exists()


def test_simulate_and_analyse_say_simulated_everywhere(xfera, built):
    code, out, _ = xfera("study", "simulate", built.folder, "--people", 5, "--seed", 1)
    assert code == 0 and "100 simulated answers of 5 people" in out
    code, out, _ = xfera("study", "analyse", built.folder, "--simulated", "--mixed")
    assert code == 0
    parts = out.strip().split("\n\n")
    assert len(parts) == 11 and all(part.startswith(MARK) for part in parts)
    code, out, _ = xfera("study", "analyse", built.folder, "--simulated", "--json")
    assert json.loads(out)["answers"] == "simulated"
    code, out, _ = xfera("study", "export", built.folder, "--simulated")
    assert {row["answers"] for row in csv.DictReader(io.StringIO(out))} == {"simulated"}


def test_simulated_answers_are_not_taken_for_real_ones(xfera, built):
    xfera("study", "simulate", built.folder, "--people", 2)
    for action in ("analyse", "export"):
        code, out, err = xfera("study", action, built.folder)
        assert (code, out) == (2, "") and "no real answers yet" in err


def test_real_answers_are_exported_and_analysed(xfera, built, tmp_path):
    with Answers(built) as answers:
        who = answers.enter("p1")
        for item in built.design.order_for(0).first:
            answers.put(who, item, "emotion", "fear")
    code, out, _ = xfera("study", "export", built.folder, "--out", tmp_path / "a.csv")
    assert code == 0 and out.startswith("4 answers are in ")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert {(row["answers"], row["participant"], row["value"]) for row in rows} == {
        ("real", "p1", "fear")
    }
    code, out, _ = xfera("study", "analyse", built.folder)
    assert code == 0 and MARK not in out
    assert out.startswith("1 person took part, 0 finished; 4 answers in part 1, 0 ratings")


def test_answers_come_out_when_a_picture_is_gone(xfera, built):
    with Answers(built) as answers:
        who = answers.enter("p1")
        answers.put(who, built.design.order_for(0).first[0], "emotion", "fear")
    (built.folder / "pictures" / built.items[0].face).unlink()
    assert xfera("study", "export", built.folder)[1].count("\n") == 2
    assert xfera("study", "analyse", built.folder)[0] == 0
    code, _, err = xfera("study", "serve", built.folder)
    assert code == 2 and f"The picture {built.items[0].face} of the study is missing" in err
    assert xfera("study", "forget", built.folder, "p1")[0] == 0


def test_one_participant_is_forgotten(xfera, built):
    with Answers(built) as answers:
        who = answers.enter("p1")
        answers.put(who, built.design.order_for(0).first[0], "emotion", "fear")
        code, out, err = xfera("study", "forget", built.folder, "p1")
        assert (code, err) == (0, "") and out.startswith("1 answer of p1 deleted")
        assert answers.participants() == () and len(answers) == 0
    code, out, err = xfera("study", "forget", built.folder, "\x1b[31m")
    assert (code, out) == (2, "") and "No participant has the code" in err and "\x1b" not in err


def test_without_answers_it_ends_with_3(xfera, built):
    Answers(built).close()
    for action in ("analyse", "export"):
        code, _, err = xfera("study", action, built.folder)
        assert code == 3 and "no answers yet" in err


@pytest.mark.parametrize("action", ["serve", "simulate", "export", "analyse"])
def test_a_folder_without_a_study_is_told(xfera, tmp_path, action):
    code, out, err = xfera("study", action, tmp_path / "\x1b[31mno")
    assert (code, out) == (2, "") and "xfera study build" in err
    assert err.count("\n") == 1 and "\x1b" not in err


@pytest.mark.parametrize("action", ["serve", "analyse", "export"])
def test_damaged_files_are_told(xfera, built, action):
    (built.folder / "answers.sqlite").write_bytes(b"nothing " * 300)
    code, _, err = xfera("study", action, built.folder)
    assert code == 2 and "answers.sqlite is damaged" in err and err.count("\n") == 1
    (built.folder / "study.json").write_text("{")
    code, _, err = xfera("study", action, built.folder)
    assert code == 2 and "study.json" in err and err.count("\n") == 1


@pytest.fixture(autouse=True)
def usual_port(monkeypatch):
    """Nobody else listens on the port that is served where none is given."""
    monkeypatch.setattr(command, "PORT", free_port())


@pytest.fixture
def started(monkeypatch):
    """Commands and environments that would have been run."""
    calls = []

    class Done:
        returncode = 0

    def run(line, env, check):
        calls.append((line, env))
        return Done()

    monkeypatch.setattr(command.subprocess, "run", run)
    return calls


def test_serve_listens_on_this_machine_alone_to_who_has_the_token(xfera, built, started):
    port = free_port()
    code, out, _ = xfera("study", "serve", built.folder, "--port", port, "--no-browser")
    line, env = started[0]
    token = env["JUPYTER_TOKEN"]
    assert code == 0 and f"http://127.0.0.1:{port}/?token={token} " in out and len(token) == 48
    assert "0 took part so far" in out and "Only for this machine" in out
    assert "--Voila.ip=127.0.0.1" in line and f"--port={port}" in line
    assert "--Voila.auto_token=True" in line and token not in " ".join(line)
    assert str(command.PAGE) in line and env[VARIABLE] == str(built.folder)
    assert (built.folder / "answers.sqlite").is_file()


def test_the_address_stays_the_same_and_is_not_for_others_to_read(xfera, built, started):
    for _ in range(2):
        xfera("study", "serve", built.folder, "--no-browser")
    assert started[0][1]["JUPYTER_TOKEN"] == started[1][1]["JUPYTER_TOKEN"]
    file = built.folder / command.TOKEN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for bad in (b"", b"abc", b"\xff" * 48, b"x" * 48):
        file.write_bytes(bad)
        code, _, err = xfera("study", "serve", built.folder, "--no-browser")
        assert code == 2 and "delete it" in err and err.count("\n") == 1


def test_serve_without_voila_says_what_to_install(xfera, built, started, monkeypatch):
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None)
    code, _, err = xfera("study", "serve", built.folder)
    assert code == 2 and "xfera-nb[app]" in err and started == []


def test_the_page_is_the_study():
    page = nbformat.read(Path(command.PAGE), as_version=4)
    nbformat.validate(page)
    (cell,) = page["cells"]
    assert "xf.widgets.StudyPage.served()" in cell["source"]
