"""Every option of every command with values that nobody means: an exit code, never a traceback.

What the commands would start (a server) is not started; the longest work (training, measuring a
store in full) is refused before it begins by what else is given.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_photos import SAMPLE, encoded, face

from xfera_nb.cli import main, make_parser
from xfera_nb.cli.options import whole_number

pytestmark = pytest.mark.slow

NASTY = ("", "nan", "-1", "1e400", "9" * 30, "/dev/zero", "x" * 5000, "s3://x/y", "\udce9", "a,,b")
BASE = {
    "explain": [SAMPLE], "compare": [SAMPLE, SAMPLE], "app": ["--no-browser"], "models": [],
    "check": ["The lip corners are pulled up."], "doctor": ["--no-self-test"],
    "extract": ["nowhere", "--out", "made"], "evaluate": ["nowhere"], "ablate": ["nowhere.jpg"],
    "faithfulness": ["nowhere"], "sweep": ["nowhere"], "train": ["--data", "x", "--out", "run"],
    "build": ["nowhere", "--out", "made"], "serve": ["nowhere"], "simulate": ["nowhere"],
    "export": ["nowhere"], "analyse": ["nowhere"], "forget": ["nowhere", "p1"],
    "power": ["--studies", "2"], "video": ["nowhere.mp4", "--out", "made"],
    "second-opinion": ["nowhere"],
}  # fmt: skip


def commands(parser=None, words=()):
    """Each command's words, with its parser."""
    parser = parser or make_parser()
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield words, parser
    for action in below:
        for name, inner in action.choices.items():
            yield from commands(inner, (*words, name))


def options():
    """Each option of each command: words, flag, whether it takes a value."""
    for words, parser in commands():
        for action in parser._actions:
            if action.option_strings and action.dest != "help":
                yield words, action.option_strings[-1], action.nargs


def test_all_commands_are_known_here():
    assert {words[-1] for words, _ in commands()} == set(BASE)


@pytest.mark.parametrize(
    ("words", "flag", "count"), list(options()), ids=lambda value: " ".join(value or ())
    if isinstance(value, tuple) else str(value),
)  # fmt: skip
def test_nasty_values_of_an_option(words, flag, count, monkeypatch, tmp_path, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XFERA_CACHE", "off")
    monkeypatch.setenv("PATH", "")  # no browser is started
    monkeypatch.setattr("xfera_nb.cli.app.subprocess.run", lambda *_, **__: _Done())
    monkeypatch.setattr("sys.stdin", open("/dev/null", encoding="utf-8"))  # noqa: SIM115
    base = [str(part) for part in BASE[words[-1]]]
    values = NASTY if count != 0 else (None,)
    for value in values:
        given = [] if value is None else [value] * (count if isinstance(count, int) else 1)
        line = [*words, *base, flag, *given]
        if len(given) == 1:
            line = [*words, *base, f"{flag}={value}"]
        code = main(line)
        _, err = capfd.readouterr()
        assert code in (0, 2, 3), (line, code)
        assert "Traceback" not in err and "Warning" not in err, (line, err)
        complaints = [said for said in err.splitlines() if said.startswith("xfera: ")]
        assert complaints if code else True, (line, err)
    sys.stdin.close()


class _Done:
    returncode = 0


def test_a_store_of_odd_names_is_evaluated_and_checked(tmp_path, capfd):
    """Names that are no UTF-8 get into CSV, JSON and Parquet."""
    folder = tmp_path / "photos" / "happy"
    folder.mkdir(parents=True)
    for name, side in (("a\udce9.jpg", 300), ("b\udce9.jpg", 300), ("c\udce9.jpg", 260)):
        (folder / name).write_bytes(encoded(face(side), "JPEG"))
    (folder / "d\udce9.jpg").touch()
    store = tmp_path / "store"
    assert main(["extract", str(tmp_path / "photos"), "--out", str(store), "--quiet"]) == 0
    out = tmp_path / "figures"
    assert main(["evaluate", str(store), "--out", str(out), "--json"]) == 0
    assert "caf" not in capfd.readouterr().err
    assert "a\\udce9.jpg" in (out / "problems.csv").read_text("utf-8")
    gone = str(tmp_path / "gone\udce9")
    assert main(["faithfulness", str(store), "--photos", gone]) == 3
    assert "Traceback" not in capfd.readouterr().err


def test_whole_numbers():
    read = whole_number(0, 9)
    assert read("0") == 0 and read("9") == 9 and read("007") == 7
    for text in ("-1", "10", "", "1.0", "1e3", "nan", "²", "9" * 5000, "--1"):
        with pytest.raises(argparse.ArgumentTypeError, match="is not a whole number from 0 to 9"):
            read(text)


def test_nothing_of_python_is_said_by_the_process_either(tmp_path):
    """As a process of its own: what is printed at its end counts, too."""
    done = subprocess.run(
        [sys.executable, "-m", "xfera_nb.cli", "explain", str(tmp_path), "\x1b]0;x\x07", "--json"],
        capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=600,
    )  # fmt: skip
    assert done.returncode == 3 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 2 and "\x1b" not in done.stderr
