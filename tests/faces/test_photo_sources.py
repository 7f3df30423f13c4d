"""Reading photos: every kind of source, every way to fail, and large photos."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xfera_nb.errors import PhotoError
from xfera_nb.faces import MAX_PIXELS, get_photo_name, load_photo, photo

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def letter() -> np.ndarray:
    """A picture 20 high and 30 wide that no turn or mirror maps onto itself."""
    image = np.zeros((20, 30, 3), np.uint8)
    image[2:18, 3:7] = (250, 20, 20)
    image[2:6, 3:20] = (20, 250, 20)
    image[15:18, 22:28] = (20, 20, 250)
    return image


def test_every_kind_of_source_gives_the_same(tmp_path):
    expected = np.array(Image.open(SAMPLE).convert("RGB"))
    data = SAMPLE.read_bytes()
    with SAMPLE.open("rb") as file:
        file.read(100)  # as left by an earlier reader
        sources = [SAMPLE, str(SAMPLE), data, bytearray(data), memoryview(data), io.BytesIO(data)]
        for source in [*sources, file, Image.open(SAMPLE), expected]:
            np.testing.assert_array_equal(load_photo(source), expected)
        file.seek(0)  # still open
    emoji = tmp_path / "Föto 😀 of\nme.jpg"
    emoji.write_bytes(data)
    np.testing.assert_array_equal(load_photo(emoji), expected)
    assert get_photo_name(emoji) == "Föto 😀 of?me.jpg"


def test_a_pipe_is_read_without_seeking():
    reader, writer = socket.socketpair()
    with reader, writer:
        small = encoded(Image.fromarray(letter()), "PNG")
        writer.sendall(small)
        writer.shutdown(socket.SHUT_WR)
        with reader.makefile("rb") as file:
            np.testing.assert_array_equal(load_photo(file), letter())


def test_home_is_expanded(monkeypatch):
    monkeypatch.setenv("HOME", str(SAMPLE.parent))
    expected = load_photo(SAMPLE)
    np.testing.assert_array_equal(load_photo("~/C01HA.jpg"), expected)
    np.testing.assert_array_equal(load_photo(Path("~") / "C01HA.jpg"), expected)


@pytest.mark.parametrize("url", ["https://example.org/a/face.jpg", "s3://bucket/face.jpg"])
def test_a_url_is_called_a_url(url):
    refused(url, "face.jpg is a URL", "download it")


def test_names():
    assert get_photo_name(SAMPLE) == get_photo_name(str(SAMPLE)) == "C01HA.jpg"
    assert get_photo_name(Image.open(SAMPLE)) == "C01HA.jpg"
    with SAMPLE.open("rb") as file:
        assert get_photo_name(file) == "C01HA.jpg"
    assert get_photo_name(b"data") is None
    assert get_photo_name(io.BytesIO()) is None
    assert get_photo_name(letter()) is None
    assert get_photo_name("folder/bad\udcff.jpg") == "bad?.jpg"


def refused(source, *words: str) -> str:
    with pytest.raises(PhotoError) as caught:
        load_photo(source)
    message = str(caught.value)
    assert message.endswith(".") and "\n" not in message and ". " not in message
    for word in words:
        assert word in message
    return message


def test_paths_that_are_no_photo(tmp_path):
    refused(tmp_path / "none.jpg", "none.jpg does not exist", "check the path")
    refused(str(tmp_path / "none.jpg"), "none.jpg does not exist")
    refused(tmp_path, f"{tmp_path.name} is a folder")
    os.mkfifo(tmp_path / "pipe.jpg")
    refused(tmp_path / "pipe.jpg", "pipe.jpg is not a regular file")
    refused("/dev/zero", "zero is not a regular file")
    (tmp_path / "empty.jpg").touch()
    refused(tmp_path / "empty.jpg", "empty.jpg is empty")
    (tmp_path / "text.jpg").write_text("This is no photo.")
    refused(tmp_path / "text.jpg", "text.jpg is not an image", "JPEG, PNG")
    refused("a\0b.jpg", "cannot be opened")
    refused("x" * 5000 + ".jpg", "cannot be opened", "File name too long")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    refused(tmp_path / "loop.jpg", "loop.jpg cannot be opened")


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "secret.jpg"
    path.write_bytes(SAMPLE.read_bytes())

    def forbid(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbid)  # file modes don't bind the superuser
    refused(path, "secret.jpg may not be read", "permissions")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP"])
def test_cut_off_and_corrupt_files(tmp_path, kind):
    random = np.random.default_rng(0)
    noise = Image.fromarray(random.integers(0, 256, (80, 90, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    path = tmp_path / "cut.img"
    for part in (0.02, 0.3, 0.9):
        path.write_bytes(data[: int(len(data) * part)])
        assert refused(path, "cut.img").startswith("cut.img is ")
    for _ in range(30):  # whatever the damage: a picture or our error, never another one
        broken = bytearray(data)
        for place in random.integers(0, min(len(data), 400), 4):
            broken[place] = random.integers(256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                assert load_photo(bytes(broken)).dtype == np.uint8
            except PhotoError as error:
                assert str(error).startswith("The photo ")


def test_cut_off_is_said_to_be_so():
    refused(SAMPLE.read_bytes()[:9000], "The photo is damaged or cut off", "save the photo again")


def test_heic_is_named(tmp_path):
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
    refused(heic, "The photo is a HEIC photo", "save it as JPEG or PNG")
    (tmp_path / "IMG_1.HEIC").write_bytes(b"something else")
    refused(tmp_path / "IMG_1.HEIC", "IMG_1.HEIC is a HEIC photo")


def test_postscript_is_not_run():
    refused(encoded(Image.fromarray(letter()), "EPS"), "is not an image that can be read")


def test_other_objects_and_files():
    refused(42, "a int", "give a path")
    refused([1, 2], "a list")
    refused(None, "a NoneType")
    refused(b"", "The photo is empty")
    refused(io.StringIO("text"), "open as text", "'rb'")
    closed = io.BytesIO(b"data")
    closed.close()
    refused(closed, "open it again")


def test_an_endless_file_is_left(monkeypatch):
    monkeypatch.setattr(photo, "MAX_FILE_BYTES", 2**22)
    with open("/dev/zero", "rb") as file:
        refused(file, "zero is longer than 4 MB")


def header_of(width: int, height: int) -> bytes:
    """A bitmap that claims a size and holds no pixels."""
    data = bytearray(encoded(Image.new("L", (1, 1)), "BMP"))
    data[18:22], data[22:26] = width.to_bytes(4, "little"), height.to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize("size", [(10_001, 10_000), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_over_the_limit_is_refused_from_the_header(size):
    assert MAX_PIXELS == 100_000_000
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # PIL's own warning about large images included
        refused(header_of(*size), "more than the limit of 100 megapixels", "scale it down")


def test_just_within_the_limit_is_decoded():
    refused(header_of(10_000, 10_000), "damaged or cut off")


LARGE_PHOTO = """
import re, sys
from pathlib import Path
import cv2, dlib
from xfera_nb.faces import find_faces, load_photo
def peak():  # in kB; not getrusage's, which is at least that of the process that started this one
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
before = peak()
image = load_photo(sys.argv[1])
face = find_faces(image)[0]
after = peak()
print(*image.shape, (after - before) // 1024, *face.landmarks[30])
"""


@pytest.mark.slow
def test_fifty_megapixels_in_bounded_memory(tmp_path):
    canvas = Image.new("RGB", (8660, 5774), (128, 128, 128))
    canvas.paste(Image.open(SAMPLE).resize((1560, 1560)), (4000, 3000))
    path = tmp_path / "large.jpg"
    canvas.save(path, quality=85)
    run = subprocess.run(
        [sys.executable, "-c", LARGE_PHOTO, path],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    height, width, channels, megabytes, x, y = map(float, run.stdout.split())
    assert (height, width, channels) == (5774, 8660, 3)
    # PIL's 4 bytes a pixel and our 3: 350 MB; a further copy would add 150 or more.
    assert megabytes < 460
    nose = (4000 + 3 * 265, 3000 + 3 * 290)
    assert abs(x - nose[0]) < 40 and abs(y - nose[1]) < 60
