"""``xfera doctor``: what it says of a whole installation, of a broken one, and of a crash."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from xfera_nb.cli import doctor, main

pytestmark = pytest.mark.slow

KEY = "sk-very-secret-0123456789"


@pytest.fixture
def told(capsys):
    """Run it: exit code, state -> lines, all that was said."""

    def run(*options):
        code = main(["doctor", *options])
        done = capsys.readouterr()
        assert done.err == "" and "Traceback" not in done.out
        lines = [line for line in done.out.splitlines() if line and not line.startswith(" ")]
        states = {
            state: [line for line in lines if line.startswith(state)]
            for state in (doctor.OK, doctor.MISSING, doctor.WRONG)
        }
        return code, states, done.out

    return run


@pytest.fixture
def child(monkeypatch):
    """Put another program in the place of the self-test."""

    def put(code, timeout=60):
        real = subprocess.run

        def run(command, **options):
            return real([sys.executable, "-c", code], **options | {"timeout": timeout})

        monkeypatch.setattr(doctor.subprocess, "run", run)

    return put


def test_a_whole_installation_passes(told):
    code, states, out = told()
    assert (code, states[doctor.WRONG]) == (0, []), out
    for part in (
        "Python 3.11", "torch", "resnet50_bam.safetensors matches its card", "Landmark model",
        "builtin.safetensors matches its card", "Self-test: a face and its 68 landmarks",
        "Self-test: seven maps against Captum's", "Self-test: done",
    ):  # fmt: skip
        assert part in out
    assert out.endswith("\nEverything that is needed is installed and works.\n")


def test_json_is_one_object(told):
    code, _, out = told("--json", "--no-self-test")
    record = json.loads(out)
    assert (code, record["wrong"]) == (0, 0)
    assert all(set(one) == {"what", "state", "found", "todo"} for one in record["findings"])
    assert {one["state"] for one in record["findings"]} <= {"ok", "missing"}


def test_what_is_optional_may_be_missing(told, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENFACE_BIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")
    code, states, out = told("--no-self-test")
    missing = " ".join(states[doctor.MISSING])
    assert code == 0 and states[doctor.WRONG] == []
    for name in ("Browser", "OpenFace", "pyfaceau", "Language model"):
        assert f"{doctor.MISSING}  {name} (optional" in missing
    assert "set OPENFACE_BIN" in " ".join(out.split())


@pytest.mark.parametrize("place", ["nowhere", "."])
def test_an_openface_that_is_not_there_is_wrong(told, monkeypatch, tmp_path, place):
    monkeypatch.setenv("OPENFACE_BIN", str(tmp_path / place))
    code, states, out = told("--no-self-test")
    assert code == 2 and len(states[doctor.WRONG]) == 1
    said = " ".join(out.split())
    assert "is not a program that can be run; set OPENFACE_BIN" in said and "or unset it" in said


def test_a_key_is_not_printed(told, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for options in (("--no-self-test",), ("--no-self-test", "--json")):
        _, _, out = told(*options)
        assert KEY not in out and "OPENAI_API_KEY set" in out


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda weights, card: weights.write_bytes(b"other"), "differs from its card"),
        (lambda weights, card: weights.unlink(), "cannot be read (No such file or directory)"),
        (lambda weights, card: card.write_text("{"), "cannot be read (damaged)"),
        (lambda weights, card: card.write_text("[" * 9999), "cannot be read (damaged)"),
        (lambda weights, card: card.write_text("[]"), "cannot be read (damaged)"),
        (lambda weights, card: card.unlink(), "cannot be read (No such file or directory)"),
    ],
)
def test_damaged_weights_are_wrong(told, monkeypatch, tmp_path, damage, words):
    weights, card = tmp_path / "net.safetensors", tmp_path / "net.json"
    weights.write_bytes(b"weights")
    card.write_text('{"sha256": "0", "name": "net"}')
    monkeypatch.setattr(doctor, "SHIPPED", {"classifier": weights})
    monkeypatch.setattr(doctor, "PACKAGE", tmp_path / "package")
    damage(weights, card)
    code, states, out = told("--no-self-test")
    assert code == 2 and len(states[doctor.WRONG]) == 1
    said = " ".join(out.split())
    assert words in said and "install the toolkit again" in said and "1 problem found" in said
    # In a clone, git has them.
    (tmp_path / ".git").mkdir()
    said = " ".join(told("--no-self-test")[2].split())
    assert "run `git checkout -- 'net.*'` in the clone" in said


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ({"numpy": None}, "numpy is not installed; run `pip install numpy`"),
        ({"numpy": "1.26.4"}, "numpy 1.26.4 is older than 2"),
        ({"numpy": "3.0"}, "numpy 3.0, but tested with 2."),
        ({"torch": "3.1.0+cpu"}, "torch 3.1.0+cpu, but tested with 2."),
    ],
)
def test_versions_are_held_against_the_least_and_the_tested_ones(
    told, monkeypatch, versions, words
):
    real = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: versions.get(name, real(name)))
    code, states, _ = told("--no-self-test")
    assert code == 2 and len(states[doctor.WRONG]) == 1 and words in states[doctor.WRONG][0]


def test_release_numbers():
    assert doctor._numbers("2.13.0+cpu") == (2, 13, 0, 0)
    assert doctor._numbers("20.0.1.post1") == (20, 0, 1, 0)
    assert doctor._numbers("2") < doctor._numbers("2.0.1") < doctor._numbers("10")
    assert doctor._plain("face_recognition.Models") == "face-recognition-models"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os; os.abort()", "did not finish (exit status -6)"),
        ("from xfera_nb.errors import *; raise ModelError('No weights; get some.')",
         "Self-test did not finish; No weights; get some."),
        ("raise ImportError('libGL.so.1: cannot open shared object file')", "libGL.so.1"),
        ("print('[\"a face\", true, \"\"]'); raise RuntimeError('later')", "later"),
        ("print('nonsense')", "did not finish (exit status 0)"),
        ("import time; time.sleep(9)", "did not end within"),
    ],
)
def test_a_self_test_that_breaks_off_is_told_in_a_line(told, child, code, words):
    child(code, timeout=60 if "sleep" not in code else 1)
    ended, states, _ = told()
    assert ended == 2 and len(states[doctor.WRONG]) == 1
    assert words in " ".join(states[doctor.WRONG][0].split())


def test_a_check_that_does_not_hold_is_wrong(told, child):
    child('print(\'["maps", false, "(apart 1)"]\\n["done", true, ""]\')')
    code, states, _ = told()
    assert code == 2
    assert states[doctor.WRONG][0].startswith("WRONG    Self-test: maps (apart 1); install")


def test_a_part_that_does_not_load_is_one_line(monkeypatch, capsys):
    def missing(options):
        raise ImportError("libGL.so.1: cannot open shared object file")

    monkeypatch.setattr(doctor, "run", missing)
    assert main(["doctor"]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and "libGL.so.1" in err and "run xfera doctor" in err


def test_full_memory_is_one_line(monkeypatch, capsys):
    def full(options):
        raise MemoryError

    monkeypatch.setattr(doctor, "run", full)
    assert main(["doctor"]) == 2
    assert "The memory is not enough" in capsys.readouterr().err
