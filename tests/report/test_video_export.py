"""The store of a video as a table, a page and a video."""

from __future__ import annotations

import csv
import io
import re

import cv2
import numpy as np
import pytest
from clips import SIZE, draw, write_clip
from PIL import Image
from video_stores import make_video_store, write_manifest

from xfera_nb.au_detectors import openface_files
from xfera_nb.errors import PhotoError
from xfera_nb.evaluation import read_timelines
from xfera_nb.evidence import EvidenceStore, StoreError
from xfera_nb.evidence.storage import Storage
from xfera_nb.report import SaveError, save_annotated_video, save_openface_csv, save_timeline
from xfera_nb.report.openface_csv import COLUMNS, openface_csv


@pytest.fixture
def store(tmp_path):
    return make_video_store(tmp_path / "store", tmp_path)


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "c.mp4", [draw([], (60, 100, 150))] * 11)


def test_columns_are_those_that_openface_documents():
    """FeatureExtraction with -2Dfp and -aus: OpenFace 2.2, "Output Format"."""
    wanted = ["frame", "face_id", "timestamp", "confidence", "success"]
    wanted += [f"x_{n}" for n in range(68)] + [f"y_{n}" for n in range(68)]
    aus = [f"{au:02d}" for au in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)]
    wanted += [f"AU{au}_r" for au in aus]
    aus.insert(16, "28")
    wanted += [f"AU{au}_c" for au in aus]
    assert list(COLUMNS) == wanted


def test_rows_of_the_table(store):
    rows = list(csv.DictReader(io.StringIO(openface_csv(EvidenceStore.open(store)))))
    assert len(rows) == 15
    first, last = rows[0], rows[-1]
    assert (first["frame"], first["face_id"], first["success"]) == ("1", "1", "1")
    assert float(first["timestamp"]) == 0 and float(rows[8]["timestamp"]) == pytest.approx(0.7)
    assert float(first["confidence"]) == pytest.approx(0.982)  # 1 / (1 + exp(-4))
    assert (first["AU12_r"], first["AU12_c"]) == ("0.5000", "0")
    assert (rows[6]["AU12_r"], rows[6]["AU12_c"], rows[6]["AU28_c"]) == ("3.0000", "1", "")
    assert float(first["x_0"]) == 140 and float(first["y_0"]) == 100
    assert (last["frame"], last["success"], last["x_0"], last["AU12_r"]) == ("11", "0", "", "")


def test_our_own_reader_of_openface_files_reads_it(store, tmp_path):
    save_openface_csv(store, tmp_path / "c.csv")
    rows = openface_files.read(tmp_path / "c.csv")
    assert len(rows) == 14 and [row.frame for row in rows[:3]] == [1, 2, 3]
    row = EvidenceStore.open(store).row(6)
    np.testing.assert_allclose(rows[6].intensities, row.intensities)
    np.testing.assert_allclose(rows[6].landmarks, row.landmarks, atol=0.006)
    assert rows[6].presence[12] is True and 28 not in rows[6].presence


def test_py_feat_reads_it(store, tmp_path):
    io_module = pytest.importorskip("feat.utils.io")
    save_openface_csv(store, tmp_path / "c.csv")
    found = io_module.read_openface(str(tmp_path / "c.csv"))
    assert len(found) == 15 and found["AU12_r"].iloc[6] == pytest.approx(3.0)
    assert found.landmarks.shape == (15, 136)


def test_a_store_of_photos_has_no_table(tmp_path):
    write_manifest(Storage(tmp_path / "photos"), tmp_path, None)
    with pytest.raises(StoreError, match="holds photos"):
        save_openface_csv(tmp_path / "photos", tmp_path / "c.csv")


def test_an_annotated_clip_shows_the_faces(store, clip, tmp_path):
    done = []
    count = save_annotated_video(store, tmp_path / "out.mp4", progress=lambda: done.append(1))
    assert count == len(done) == 11
    capture = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(10)
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1][:, :, ::-1].astype(int))
    assert len(frames) == 11 and frames[0].shape == (SIZE[1], SIZE[0], 3)
    plain = draw([], (60, 100, 150)).astype(int)

    def marked(frame, box):
        left, top, right, bottom = box
        edge = np.abs(frame - plain)[bottom - 20 : bottom - 10, left - 2 : left + 3]
        return edge.max() > 60

    one, two = (50, 40, 150, 160), (220, 40, 320, 160)
    assert marked(frames[0], one) and not marked(frames[0], two)
    assert marked(frames[7], one) and marked(frames[7], two)
    assert not marked(frames[10], one) and not marked(frames[10], two)


def test_smoothing_is_said_in_the_picture(store, clip, tmp_path):
    def corner(name, **options):
        save_annotated_video(store, tmp_path / name, **options)
        capture = cv2.VideoCapture(str(tmp_path / name))
        return capture.read()[1][-20:, :200].astype(int)

    plain = corner("plain.mp4")
    assert np.abs(corner("smooth.mp4", smooth=0.5) - plain).max() > 100
    assert np.abs(corner("again.mp4") - plain).max() < 20


def test_a_gif_is_small_and_keeps_its_time(store, clip, tmp_path):
    assert save_annotated_video(store, tmp_path / "out.gif") == 11
    with Image.open(tmp_path / "out.gif") as gif:
        assert max(gif.size) <= 480 and gif.info["duration"] == 100


def test_what_cannot_be_annotated(store, tmp_path):
    with pytest.raises(PhotoError, match="c.mp4 is not in"):
        save_annotated_video(store, tmp_path / "out.mp4")
    with pytest.raises(SaveError, match="neither .mp4 nor .gif"):
        save_annotated_video(store, tmp_path / "out.txt")
    assert not list(tmp_path.glob(".out*"))


def test_a_page_holds_each_face_and_loads_nothing(store, tmp_path):
    opened = EvidenceStore.open(store)
    faces = read_timelines(opened, smooth=0.5)
    save_timeline(opened, tmp_path / "page.html", faces)
    page = (tmp_path / "page.html").read_text()
    assert "face 1" in page and "face 2" in page and "averaged over 0.5 s" in page
    assert page.count("Plotly.newPlot") >= 2
    markup = re.sub(r"(?s)(<script[^>]*>).*?</script>", r"\1", page)
    assert "http" not in markup and "<script" in markup and "src=" not in markup


def test_names_are_escaped(store, tmp_path):
    opened = EvidenceStore.open(store)
    opened.manifest["dataset"]["video"]["clip"] = "<img src=x onerror=alert(1)>.mp4"
    save_timeline(opened, tmp_path / "page.html", read_timelines(opened))
    assert "<img src=x" not in (tmp_path / "page.html").read_text()
