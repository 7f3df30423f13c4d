"""xfera video: from a clip to its store, and from the store to files."""

from __future__ import annotations

import csv
import json
import runpy

import pytest
from clips import draw, make_talk, write_clip
from video_stores import make_video_store

from xfera_nb.cli import main
from xfera_nb.evidence import EvidenceStore

BLUE = (60, 100, 150)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_talk(tmp_path_factory.mktemp("clip") / "talk.mp4", seconds=1)


@pytest.fixture
def quick(request, monkeypatch):
    """Stand-ins for the models: the network at 64 pixels, seeded."""
    path = request.config.rootpath / "tests" / "evidence" / "stand_in.py"
    stand_in = runpy.run_path(str(path))
    network = stand_in["classifier"]()

    def detector(*_, **__):
        return stand_in["StandInDetector"]("none")

    monkeypatch.setattr("xfera_nb.evidence.pipeline.load_classifier", lambda *_, **__: network)
    monkeypatch.setattr("xfera_nb.evidence.pipeline.load_detector", detector)


def test_a_clip_becomes_a_store_and_files(quick, clip, tmp_path, capsys):
    out = tmp_path / "talk.store"
    files = ["--csv", str(tmp_path / "t.csv"), "--timeline", str(tmp_path / "t.html")]
    files += ["--annotated", str(tmp_path / "t.mp4")]
    assert main(["video", str(clip), "--out", str(out), "--quiet", *files]) == 0
    said = capsys.readouterr().out
    assert "10 frames, 20 faces on them, 4 tracked" in said and "frames a second" in said
    assert len(EvidenceStore.open(out)) == 20
    with open(tmp_path / "t.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 20
    assert (tmp_path / "t.html").stat().st_size > 0 < (tmp_path / "t.mp4").stat().st_size
    again = ["video", str(clip), "--out", str(out), "--quiet", "--json"]
    assert main(again) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["resumed"] == record["photos"] == 20 and record["tracks"] == 4


def test_frames_a_second(quick, clip, tmp_path, capsys):
    out = str(tmp_path / "store")
    assert main(["video", str(clip), "--out", out, "--quiet", "--per-second", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 5
    assert main(["video", str(clip), "--out", out, "--quiet"]) == 2
    assert "another folder" in capsys.readouterr().err


def test_a_store_is_told_over_time(tmp_path, capsys):
    store = str(make_video_store(tmp_path / "store"))
    assert main(["video", store]) == 0
    said = capsys.readouterr().out
    assert "not smoothed; Action Units as measured" in said
    assert "face 1: 0.00 to 0.90 s, 10 frames; neutral 60%, happiness 40%; the class" in said
    # 0.5 of the neutral frames is above 0.6 times 0.8: the movement lasts from the start.
    assert "AU12 onset 0.00, apex 0.60 (3.0), offset 0.90 s" in said
    assert main(["video", store, "--smooth", "0.5", "--baseline", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    face = record["faces"][0]
    assert face["smooth"] == 0.5 and face["baseline"][8] == 0.5
    assert [span["au"] for span in face["spans"]] == [12]
    assert record["faces"][1]["baseline"][8] is None


def test_a_clip_without_faces(quick, tmp_path, capsys):
    clip = write_clip(tmp_path / "empty.mp4", [draw([], BLUE)] * 2)
    assert main(["video", str(clip), "--out", str(tmp_path / "s"), "--quiet"]) == 3
    assert "No face was found" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["CLIP"], "Give the store for talk.mp4 with --out."),
        (["STORE", "--every", "2"], "--every is for a clip"),
        (["STORE", "--smooth", "-1"], "smooth is a time from 0"),
        (["STORE", "--min-intensity", "0"], "--min-intensity is above 0"),
        (["STORE", "--csv", "nowhere/at/all.csv"], "its folder does not exist"),
        (["STORE", "--annotated", "x.mp4"], "c.mp4 is not in"),
        (["gone.mp4", "--out", "OUT"], "There is no video gone.mp4"),
        (["CLIP", "--out", "OUT", "--every", "2", "--per-second", "3"], "not allowed with"),
        (["CLIP", "--out", "OUT", "--per-second", "-3"], "per_second is a positive number"),
    ],
)
def test_wrong_uses_get_a_sentence(
    quick, clip, tmp_path, capsys, monkeypatch, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    store = make_video_store(tmp_path / "store")
    places = {"CLIP": str(clip), "STORE": str(store), "OUT": str(tmp_path / "out")}
    assert main(["video", *(places.get(word, word) for word in arguments)]) == 2
    error = capsys.readouterr().err
    assert sentence in error.splitlines()[-1] and "Traceback" not in error
