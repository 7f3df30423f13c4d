"""Saved notebooks hold what nbval needs to compare, and nbval does compare it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LOCAL_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|work|tmp|opt)/\w")
MAX_BYTES = 3_000_000
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def code_cells(notebook: dict) -> list[dict]:
    """Code cells that hold code."""
    return [c for c in notebook["cells"] if c["cell_type"] == "code" and c["source"].strip()]


def has_text(cell: dict) -> bool:
    """True if nbval would compare something of this cell's output."""
    if "NBVAL_IGNORE_OUTPUT" in cell["source"]:
        return False
    return any(
        output["output_type"] == "stream" or "text/plain" in output.get("data", {})
        for output in cell["outputs"]
    )


def faults(notebook: dict) -> list[str]:
    """Why nbval would compare less of `notebook` than its reader believes."""
    cells = code_cells(notebook)
    found = []
    if [cell["execution_count"] for cell in cells] != list(range(1, len(cells) + 1)):
        found.append("its cells were not run once each from top to bottom in a fresh kernel")
    for number, cell in enumerate(cells, 1):
        if "NBVAL_CHECK_OUTPUT" in cell["source"] and not has_text(cell):
            found.append(f"cell {number} is checked, but has no output that can be compared")
        if any(output["output_type"] == "error" for output in cell["outputs"]):
            found.append(f"cell {number} ends in an error")
        if any(WIDGET_VIEW in output.get("data", {}) for output in cell["outputs"]):
            found.append(f"cell {number} holds a live view, which opens as an error")
    if not any(has_text(cell) for cell in cells):
        found.append("it has no output that nbval would compare")
    if "widgets" in notebook["metadata"]:
        found.append("it holds saved widget state")
    return found


def test_the_first_notebook_is_there():
    assert "01_explain_a_face" in [path.stem for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_was_saved_by_make_notebooks(path):
    assert faults(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_names_no_folder_of_its_author(path):
    text = path.read_text(encoding="utf-8")
    assert len(text) <= MAX_BYTES
    assert LOCAL_PATH.search(text) is None


def lesson(*outputs: str) -> nbformat.NotebookNode:
    """A notebook of two cells, a number and an object's address, as saved after a run."""
    sources = ("print(round(2 / 3, 4), 6 * 7)", "print(object())")
    cells = [
        nbformat.v4.new_code_cell(
            source, execution_count=n, outputs=[nbformat.v4.new_output("stream", text=text + "\n")]
        )
        for n, (source, text) in enumerate(zip(sources, outputs, strict=True), 1)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


GOOD = ("0.6667 42", "<object object at 0x7f00deadbeef>")


def nbval(folder: Path, notebook: nbformat.NotebookNode) -> subprocess.CompletedProcess:
    """Run `notebook` by nbval as `make test` does, in a folder of its own."""
    nbformat.write(notebook, folder / "lesson.ipynb")
    (folder / "pytest.ini").write_text("[pytest]\n")
    sanitizer = str(ROOT / "nbval_sanitize.cfg")
    options = ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", sanitizer]
    options += ["--nbval-kernel-startup-timeout", "300"]
    command = [sys.executable, "-m", "pytest", "-p", "nbval.plugin", *options, "lesson.ipynb"]
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


def test_nbval_passes_an_unchanged_notebook_whatever_its_addresses(tmp_path):
    done = nbval(tmp_path, lesson(*GOOD))
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout.splitlines()[-1]


def test_nbval_fails_when_one_digit_is_changed_by_hand(tmp_path):
    done = nbval(tmp_path, lesson("0.6668 42", GOOD[1]))
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout.splitlines()[-1]
    assert "0.6668" in done.stdout


def test_a_notebook_in_order_has_no_faults():
    assert faults(lesson(*GOOD)) == []


def spoil(notebook: dict, how: str) -> None:
    first, second = notebook["cells"]
    if how == "stripped":
        for cell in notebook["cells"]:
            cell.update(execution_count=None, outputs=[])
    elif how == "out of order":
        first["execution_count"], second["execution_count"] = 2, 1
    elif how == "checked cell is empty":
        first.update(source="# NBVAL_CHECK_OUTPUT\nx = 1", outputs=[])
    elif how == "widget state":
        notebook["metadata"]["widgets"] = {}
    elif how == "error":
        output = nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])
        second["outputs"] = [output]


@pytest.mark.parametrize(
    ("how", "count"),
    [
        ("stripped", 2),
        ("out of order", 1),
        ("checked cell is empty", 1),
        ("widget state", 1),
        ("error", 1),
    ],
)
def test_faults_are_seen(how, count):
    notebook = json.loads(json.dumps(lesson(*GOOD)))
    spoil(notebook, how)
    assert len(faults(notebook)) == count
