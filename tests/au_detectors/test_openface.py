"""The program's runner, on stand-in programs that the test writes."""

from __future__ import annotations

import os
import re
import sys

import numpy as np
import pytest
from processes import has_ended
from waiting import patiently

from xfera_nb.au_detectors.openface import OpenFaceDetector, find_program
from xfera_nb.errors import DetectorError

IMAGE = np.random.default_rng(1).integers(0, 256, (24, 32, 3), np.uint8)

START = f"""#!{sys.executable}
import os, sys, time
arguments = sys.argv[1:]
picture = arguments[arguments.index("-f") + 1]
folder = arguments[arguments.index("-out_dir") + 1]
here = os.path.dirname(os.path.abspath(__file__))
"""
WRITE = """
import cv2
photo = cv2.imread(picture)
table = open(os.path.join(here, "table.csv")).read()
open(os.path.join(folder, "photo.csv"), "w").write(table)
open(os.path.join(here, "log"), "a").write(
    f"{photo.shape} {photo[0, 0].tolist()} {' '.join(arguments[4:])}\\n")
"""


def program(folder, body: str, name: str = "FaceLandmarkImg"):
    path = folder / name
    path.write_text(START + body)
    path.chmod(0o755)
    return path


def test_the_photo_reaches_the_program_and_its_table_comes_back(tmp_path, table, face):
    (tmp_path / "table.csv").write_text(table.photo())
    detector = OpenFaceDetector(program(tmp_path, WRITE))
    units = detector.detect(IMAGE, face, "C01HA.jpg")
    assert units.intensity(12) == 2.0
    assert units.presence[28] is True
    assert units.confidence == 0.95
    assert units.source == "OpenFace 2.x"
    blue_green_red = IMAGE[0, 0, ::-1].tolist()
    assert (tmp_path / "log").read_text() == f"(24, 32, 3) {blue_green_red} -aus -2Dfp\n"


def test_two_faces_of_a_photo_cost_one_run(tmp_path, table, face):
    rows = [table.row((0, 0.9)), table.row((1, 0.8), points=face + (300, 0))]
    (tmp_path / "table.csv").write_text(table.text(table.header(), *rows))
    detector = OpenFaceDetector(program(tmp_path, WRITE))
    assert detector.detect(IMAGE, face).confidence == 0.9
    assert detector.detect(IMAGE.copy(), face + (300, 0)).confidence == 0.8
    assert len((tmp_path / "log").read_text().splitlines()) == 1
    assert detector.detect(IMAGE + 1, face).confidence == 0.9
    assert len((tmp_path / "log").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("print('Loading'); print('No model'); sys.exit(3)", r"exit status 3 \(No model\)"),
        ("os.abort()", r"exit status -6 \(it said nothing\)"),
        ("pass", "found no face on me.jpg"),
        ("open(os.path.join(folder, 'photo.csv'), 'w').write('face, conf')", "lacks all columns"),
    ],
)
def test_a_failing_program_has_its_sentence(tmp_path, face, body, message):
    with pytest.raises(DetectorError, match=message):
        OpenFaceDetector(program(tmp_path, body)).detect(IMAGE, face, "me.jpg")


def test_a_half_written_table_is_refused(tmp_path, table, face):
    (tmp_path / "table.csv").write_text(table.photo()[:-60])
    with pytest.raises(DetectorError, match="photo.csv is cut short"):
        OpenFaceDetector(program(tmp_path, WRITE)).detect(IMAGE, face)


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path, face):
    started = tmp_path / "child"
    body = (
        "import subprocess\nchild = subprocess.Popen(['sleep', '1000'])\n"
        f"open({str(started)!r}, 'w').write(f'{{child.pid}}.')\nchild.wait()"
    )
    for timeout in (0.5, 5, 50):  # until it has started its child in time
        said = f"did not finish me.jpg in {timeout:g} seconds"
        with pytest.raises(DetectorError, match=re.escape(said)):
            OpenFaceDetector(program(tmp_path, body), timeout=timeout).detect(IMAGE, face, "me.jpg")
        if started.exists() and started.read_text().endswith("."):
            break
    child = int(started.read_text()[:-1])
    patiently(lambda: has_ended(child), "the child's end")


def test_no_temporary_files_stay(tmp_path, table, face, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    (tmp_path / "table.csv").write_text(table.photo())
    OpenFaceDetector(program(tmp_path, WRITE)).detect(IMAGE, face)
    assert list(scratch.iterdir()) == []


def test_the_program_is_found_by_argument_variable_and_path(tmp_path, monkeypatch):
    inside = tmp_path / "bin"
    inside.mkdir()
    path = program(inside, "pass").resolve()
    monkeypatch.delenv("OPENFACE_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DetectorError, match="install OpenFace 2.x and set OPENFACE_BIN"):
        find_program()
    assert find_program(path) == path
    assert find_program(tmp_path) == path
    monkeypatch.setenv("PATH", str(inside))
    assert find_program() == path
    monkeypatch.setenv("OPENFACE_BIN", str(inside))
    assert find_program() == path


def test_what_is_not_a_program_is_refused(tmp_path, face):
    with pytest.raises(DetectorError, match="is not a program"):
        OpenFaceDetector(tmp_path / "none")
    plain = tmp_path / "FaceLandmarkImg"
    plain.write_text("not for this computer")
    with pytest.raises(DetectorError, match="is not a program"):
        OpenFaceDetector(plain)
    os.chmod(plain, 0o755)
    with pytest.raises(DetectorError, match="could not be started"):
        OpenFaceDetector(plain).detect(IMAGE, face)
