"""OpenFace's output for a video, matched with the frames of the clip."""

from __future__ import annotations

import numpy as np
import pytest

from xfera_nb.au_detectors.earlier_files import OpenFaceFiles
from xfera_nb.errors import DetectorError

IMAGE = np.zeros((8, 8, 3), np.uint8)
FRAMES = ("frame", "face_id", "timestamp", "confidence", "success")


def frames_csv(table, numbers, columns=FRAMES):
    lines = []
    for number in numbers:
        table.intensities[8] = 0.1 * number
        start = [{"frame": number, "face_id": 0, "timestamp": 0.0, "confidence": 0.9,
                  "success": 1}[name] for name in columns]  # fmt: skip
        lines.append(table.row(tuple(start)))
    return ",".join(table.header(columns)) + "\n" + table.text(*lines)


def test_openface_counts_frames_from_one(tmp_path, table, face):
    (tmp_path / "s1.csv").write_text(frames_csv(table, range(1, 6)))
    files = OpenFaceFiles(tmp_path)
    for frame in (0, 3, 4):
        units = files.detect(IMAGE, face, f"/videos/s1.mp4#{frame}")
        assert units.intensities[8] == pytest.approx(0.1 * (frame + 1))
    with pytest.raises(DetectorError, match="no face in frame 6"):
        files.detect(IMAGE, face, "/videos/s1.mp4#5")


def test_a_file_that_counts_from_zero_is_taken_so(tmp_path, table, face):
    (tmp_path / "s1.csv").write_text(frames_csv(table, range(5)))
    units = OpenFaceFiles(tmp_path).detect(IMAGE, face, "/videos/s1.mp4#3")
    assert units.intensities[8] == pytest.approx(0.3)


def test_clips_are_told_apart_by_name(tmp_path, table, face):
    (tmp_path / "s1.csv").write_text(frames_csv(table, [1]))
    (tmp_path / "s2.csv").write_text(frames_csv(table, [1, 2, 3]))
    files = OpenFaceFiles(tmp_path)
    assert files.detect(IMAGE, face, "s2.mp4#2").intensities[8] == pytest.approx(0.3)
    with pytest.raises(DetectorError, match="no OpenFace output for the photo s3"):
        files.detect(IMAGE, face, "s3.mp4#2")


def test_the_face_in_the_same_place_is_taken(tmp_path, table, face):
    (tmp_path / "s1.csv").write_text(frames_csv(table, [2]))
    with pytest.raises(DetectorError, match="No face of s1.csv lies where"):
        OpenFaceFiles(tmp_path).detect(IMAGE, face + 500, "s1.mp4#1")


def test_a_file_without_frames_is_refused(tmp_path, table, face):
    (tmp_path / "s1.csv").write_text(frames_csv(table, [1], ("face_id", "confidence")))
    with pytest.raises(DetectorError, match="no column that names the frame"):
        OpenFaceFiles(tmp_path).detect(IMAGE, face, "s1.mp4#0")
