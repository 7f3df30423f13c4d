"""The command as a process: version, help, quick start, a reader that goes away, a terminal."""

import os
import subprocess
import sys

import pytest

import xfera_nb
from xfera_nb.cli import main

HEAVY = ("torch", "dlib", "cv2", "captum", "plotly", "pandas", "openai", "tqdm", "PIL")


def process(code, **options):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=600, **options
    )


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"xfera {xfera_nb.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "--help"], ["models", "--help"]])
def test_help(arguments, capsys):
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: xfera") and ("examples:" in out or arguments[0] == "models")


@pytest.mark.parametrize("arguments", [[], ["explan"], ["explain"], ["explain", "x", "--k", "y"]])
def test_usage_errors(arguments, capsys):
    assert main(arguments) == 2
    done = capsys.readouterr()
    assert done.out == "" and len(done.err.splitlines()) == 1
    assert done.err.startswith("xfera: ") and "--help" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", ""], ["explain", "x", "--html", ""], ["extract", "x", "--out="],
        ["evaluate", "x", "--out", " "], ["sweep", "x", "--save-params", ""],
        ["study", "build", "x", "--out", ""], ["compare", "x", "--params", ""],
    ],
)  # fmt: skip
def test_an_empty_value_is_refused(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert "it is empty: give a value" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "x", "--k", "y"], ["models"]])
def test_nothing_heavy_is_imported_early(arguments):
    done = process(
        f"import sys; from xfera_nb.cli import main; main({arguments!r})\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert done.stdout.endswith("HEAVY []\n"), done.stdout


PRINTS = """
import sys
from xfera_nb.cli import main, models
models.run = lambda options: print("x" * {count}) or 0
sys.exit(main(["models"]))
"""


def written_to(file, count, unbuffered):
    env = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [sys.executable, *(["-u"] if unbuffered else []), "-c", PRINTS.format(count=count)],
        stdout=file, stderr=subprocess.PIPE, text=True, timeout=600, env=env,
    )  # fmt: skip


@pytest.mark.parametrize("unbuffered", [False, True])
@pytest.mark.parametrize("count", [1, 100_000])
def test_a_reader_that_goes_away_is_quiet(count, unbuffered):
    read, write = os.pipe()
    os.close(read)
    done = written_to(write, count, unbuffered)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("count", [1, 100_000])
def test_a_full_disk_is_one_line(count):
    with open("/dev/full", "w") as full:
        done = written_to(full, count, False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "cannot be written" in done.stderr


def test_a_bar_is_shown_only_on_a_terminal_and_for_several(monkeypatch):
    from xfera_nb.cli import explain

    shown = []

    class Bar(list):
        def __init__(self, photos, **options):
            super().__init__(photos)
            shown.append(options)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def set_postfix_str(self, text):
            shown.append(text)

        external_write_mode = staticmethod(lambda: None)

    monkeypatch.setattr("tqdm.tqdm", Bar)
    for is_terminal, photos in ((False, ["a", "b"]), (True, ["a"])):
        monkeypatch.setattr("sys.stderr.isatty", lambda t=is_terminal: t, raising=False)
        assert [photo for photo, _ in explain._progress(photos)] == photos
        assert shown == []
    assert [photo for photo, _ in explain._progress(["x/a", "b"])] == ["x/a", "b"]
    assert shown[0]["file"] is sys.stderr and shown[1:] == ["a", "b"]
