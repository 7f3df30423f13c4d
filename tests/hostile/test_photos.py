"""Photos as users bring them, from the command line: the right answer or one line, never more.

The shipped weights are used: what counts is the whole way from a file to what is printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from growth import growth
from hostile_photos import (
    KINDS,
    SAMPLE,
    bomb,
    encoded,
    face,
    good_files,
    large_files,
    turned,
)
from PIL import Image

from xfera_nb.cli import main
from xfera_nb.errors import PhotoError
from xfera_nb.faces import MAX_FACES, detector, find_faces, load_photo
from xfera_nb.faces.arrays import rows_at_once

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MOST_MB = 2048
NOBODY = 65534


@pytest.fixture
def explained(capfd):
    """Run ``xfera explain FILES --json``: exit code, records, lines on stderr."""

    def run(*arguments) -> tuple[int, list[dict], list[str]]:
        capfd.readouterr()
        code = main(["explain", "--json", "--", *map(str, arguments)])
        out, err = capfd.readouterr()
        assert "Traceback" not in err and "Warning" not in err
        return code, [json.loads(line) for line in out.splitlines()], err.splitlines()

    return run


def refused(explained, path: Path) -> str:
    code, records, errors = explained(path)
    assert (code, records, len(errors)) == (3, [], 1), errors
    assert errors[0].startswith("xfera: ") and len(errors[0]) < 400 + 2 * len(str(path))
    return errors[0]


@pytest.fixture(scope="module")
def landmarks():
    return find_faces(np.asarray(face()))[0].landmarks


def test_every_kind_of_file_shows_the_same_face(explained, tmp_path, landmarks):
    files = good_files()
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    code, records, errors = explained(*(tmp_path / name for name in files))
    assert (code, errors, len(records)) == (0, [], len(files))
    width = landmarks[45, 0] - landmarks[36, 0]
    for name, record in zip(files, records, strict=True):
        away = np.abs(np.array(record["face"]["landmarks"]) - landmarks).mean() / width
        # JPEG and a palette of 216 colours change pixels; the rest holds the same ones.
        assert away < (0.03 if "jpg" in name or "pal" in name or "gif" in name else 1e-6), name
        assert record["predicted"] == "happiness", name


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_give_the_same_landmarks(orientation, landmarks):
    np.testing.assert_array_equal(find_faces(turned(orientation))[0].landmarks, landmarks)


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_and_bit_flipped_files(explained, tmp_path, kind):
    data = encoded(face(160), kind)
    rng = np.random.default_rng(len(kind))
    for part in (0.01, 0.5, 0.98):
        (tmp_path / f"cut{part}").write_bytes(data[: int(part * len(data))])
    for number in range(5):
        flipped = bytearray(data)
        for place in rng.integers(0, min(len(data), 3000), 8):
            flipped[place] ^= 1 << int(rng.integers(8))
        (tmp_path / f"flipped{number}").write_bytes(bytes(flipped))
    paths = sorted(tmp_path.iterdir())
    code, records, errors = explained(*paths)
    assert len(records) + len(errors) == len(paths)
    assert code == (0 if records else 3)
    assert all(line.startswith(f"xfera: {tmp_path}") for line in errors)
    assert sum("damaged" in line or "not an image" in line for line in errors) >= 2


@pytest.mark.parametrize(("width", "height", "kind"), [
    (60_000, 60_000, "PNG"), (2**31 - 1, 2, "PNG"), (65_535, 65_535, "GIF"),
    (40_000, 40_000, "BMP"),
])  # fmt: skip
def test_a_decompression_bomb_is_refused_from_its_header(
    explained, tmp_path, width, height, kind
):
    path = tmp_path / "bomb.jpg"
    path.write_bytes(bomb(width, height, kind))
    said = refused(explained, path)
    assert "megapixels" in said or "damaged" in said


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (20_000, 10), (10, 20_000), (1, 30_000)])
def test_tiny_and_very_long_pictures_show_no_face(explained, tmp_path, size):
    Image.new("RGB", size, "grey").save(tmp_path / "odd.png")
    assert "odd.png: No face was found; try" in refused(explained, tmp_path / "odd.png")


def test_what_is_no_file(explained, tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "empty.jpg").touch()
    for name, words in (
        ("pipe.jpg", "not a regular file"), ("folder.jpg", "holds no photos"),
        ("loop.jpg", "cannot be opened"), ("gone.jpg", "does not exist"),
        ("empty.jpg", "is empty"), ("a" * 300, "cannot be opened"),
    ):  # fmt: skip
        assert words in refused(explained, tmp_path / name)
    assert "not a regular file" in refused(explained, Path("/dev/zero"))


def test_a_file_without_permission(explained):
    explained(SAMPLE)  # loads whatever must be loaded while we may
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        folder = Path(name)
        folder.chmod(0o755)
        path = folder / "secret.png"
        path.write_bytes(encoded(face(), "PNG"))
        path.chmod(0)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(NOBODY)
        try:
            said = refused(explained, path)
        finally:
            if is_root:
                os.seteuid(0)
    assert "may not be read; check its permissions" in said


def test_no_more_faces_are_taken_at_once_than_the_limit(monkeypatch):
    photo = load_photo(SAMPLE)
    one = detector.detect_scaled(photo, 1.0)[0]
    monkeypatch.setattr("xfera_nb.faces.face.search_faces", lambda image, **_: [one] * 5000)
    assert len(find_faces(photo)) == 1
    with pytest.raises(PhotoError, match=f"shows 5,000 faces, more than the {MAX_FACES} that are"):
        find_faces(photo, which="all", photo_name="crowd.jpg")


def test_thousands_of_boxes_are_sorted_out_in_time():
    def sort_out(count):
        places = [(20 * x, 20 * y) for x in range(50) for y in range(count // 50)]
        boxes = [(x, y, x + 18, y + 18) for x, y in places]
        twice = [detector.Detection(box, 1.0) for box in boxes]
        twice += [
            detector.Detection((x + 2, y, right + 2, bottom), 0.5) for x, y, right, bottom in boxes
        ]
        kept = detector.drop_overlaps(twice)
        assert [one.box for one in kept] == sorted(boxes) and len(kept) == count

    # Four times the boxes: 16 if each is compared with each once, 64 if again for each.
    assert growth(sort_out, 600, 2400) < 40


# Not getrusage: its peak is at least that of the process which started this one.
MEASURED = """
import re, sys
from pathlib import Path
from xfera_nb.cli import main
code = main(["explain", "--json", "--html", sys.argv[1], *sys.argv[2:]])
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(code, int(peak[1]) // 1024, file=sys.stderr)
"""


def test_fifty_megapixels_take_less_than_two_gigabytes(tmp_path):
    """About 15 s on two quiet cores, most of it writing the three photos and loading torch."""
    paths = large_files(tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", MEASURED, tmp_path / "page.html", *paths],
        capture_output=True, text=True, timeout=900, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert [record["predicted"] for record in records] == ["happiness"] * 3, run.stderr
    (said,) = run.stderr.splitlines()
    code, megabytes = map(int, said.split())
    # 1.5 GB was measured, 0.55 of it for the models; each alone takes less.
    assert code == 0 and megabytes < MOST_MB


def test_formats_that_need_more_have_a_lower_limit(monkeypatch):
    data = encoded(face(160), "JPEG2000")
    assert load_photo(data).shape == (160, 160, 3)
    monkeypatch.setitem(load_photo.__globals__["MAX_PIXELS_OF"], "JPEG2000", 160 * 160 - 1)
    with pytest.raises(PhotoError, match="160 x 160 pixels, more than the limit of"):
        load_photo(data)
    assert load_photo(encoded(face(160), "PNG")).shape == (160, 160, 3)


def test_a_folder_that_may_not_be_entered_is_told(explained, tmp_path):
    (tmp_path / "file").touch()
    assert "cannot be opened" in refused(explained, tmp_path / "file" / "photo.jpg")


def test_a_picture_of_two_columns_is_not_read_row_by_row():
    """235 bytes of TIFF can claim 2 x 33,000,000 pixels; fuzzing found it."""
    assert rows_at_once(2) == 2**17 and rows_at_once(8000) == 256
    pixels = load_photo(Image.new("LA", (1, 4_000_000), (100, 51)))
    assert pixels.shape == (4_000_000, 1, 3) and (pixels == 224).all()


def test_pils_warnings_are_not_printed(explained, tmp_path):
    data = bytearray(encoded(face(), "TIFF"))
    data[12 + 12 * 4] ^= 0x80  # one of the tags claims more data than there is
    (tmp_path / "odd.tif").write_bytes(bytes(data))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        code, records, errors = explained(tmp_path / "odd.tif")
    assert len(records) + len(errors) == 1 and code in (0, 3)
