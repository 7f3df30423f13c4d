"""Photos of more than 8 bits a channel: what white is, and kinds that PIL has no mode for."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from xfera_nb.errors import PhotoError
from xfera_nb.faces import find_faces, load_photo
from xfera_nb.faces.deep_colour import decode_deep, read_tiff_size

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"


@pytest.fixture(scope="module")
def shades() -> np.ndarray:
    """All channels differ, and no turn maps the picture onto itself; 0 and 1 occur."""
    values = np.random.default_rng(5).random((20, 30, 3))
    values[0, 0], values[0, 1] = 1, 0
    return values


def as_png(values: np.ndarray) -> bytes:
    bgr = values[:, :, ::-1] if values.ndim == 3 and values.shape[2] == 3 else values
    return cv2.imencode(".png", bgr)[1].tobytes()


def as_tiff(values: np.ndarray, orientation: int = 1) -> bytes:
    """Write an uncompressed TIFF of one strip, by the specification (TIFF 6.0)."""
    height, width, channels = np.atleast_3d(values).shape
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    bits, pixels = 8 * values.dtype.itemsize, values.tobytes()
    after = 8 + len(pixels)
    lists = struct.pack(f"<{channels}H", *[bits] * channels)
    lists += struct.pack(f"<{channels}H", *[kind] * channels)

    def many(tag: int, value: int, place: int) -> bytes:
        if channels == 1:
            return struct.pack("<HHIHxx", tag, 3, 1, value)
        return struct.pack("<HHII", tag, 3, channels, place)

    def one(tag: int, value: int) -> bytes:
        return struct.pack("<HHII", tag, 4, 1, value)

    entries = [
        one(256, width), one(257, height), many(258, bits, after), one(259, 1),
        one(262, 2 if channels > 1 else 1), one(273, 8),
        struct.pack("<HHIHxx", 274, 3, 1, orientation),
        one(277, channels), one(278, height), one(279, len(pixels)), one(284, 1),
        many(339, kind, after + 2 * channels),
    ]  # fmt: skip
    table = struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", 0)
    return struct.pack("<2sHI", b"II", 42, after + len(lists)) + pixels + lists + table


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_bits_stored_in_sixteen_keep_their_brightness(shades, bits):
    full = 2**bits - 1
    stored = np.rint(shades * full).astype(np.uint16)
    expected = np.rint(stored / full * 255)
    grey = stored[:, :, 0]
    for source in (
        stored, as_png(stored), as_tiff(stored), Image.open(io.BytesIO(as_png(stored))),
        Image.open(io.BytesIO(as_tiff(stored))), as_tiff(stored.astype(np.int32)),
    ):  # fmt: skip
        assert np.array_equal(load_photo(source), expected)
    for source in (
        grey, grey.astype(">u2"), as_png(grey), as_tiff(grey), Image.fromarray(grey),
        Image.fromarray(grey.astype(np.int32)), as_tiff(grey.astype(np.float32)),
        Image.fromarray(grey.astype(np.float32)),
    ):  # fmt: skip
        assert np.array_equal(load_photo(source)[:, :, 1], expected[:, :, 0])


def test_twelve_bits_of_a_face_give_the_face_of_eight():
    eight = load_photo(SAMPLE)
    twelve = np.rint(eight * (4095 / 255)).astype(np.uint16)
    for source in (twelve, as_png(twelve), as_tiff(twelve)):
        np.testing.assert_array_equal(load_photo(source), eight)
    assert find_faces(as_png(twelve))[0].box == find_faces(eight)[0].box


def test_alpha_has_the_scale_of_the_colours_unless_it_exceeds_it():
    rgba = np.array([[[4095, 0, 2048, 4095], [4095, 0, 0, 0]]], np.uint16)
    assert load_photo(rgba).tolist() == [[[255, 0, 128], [255, 255, 255]]]
    rgba[..., 3] *= 16
    rgba[0, 0, 3] = 65535
    assert load_photo(rgba).tolist() == [[[255, 0, 128], [255, 255, 255]]]
    assert load_photo(as_png(rgba[:, :, [2, 1, 0, 3]])).tolist() == load_photo(rgba).tolist()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("white", [1, 255, 4095, 65535])
def test_colour_tiff_of_floats(shades, kind, white):
    values = (shades * white).astype(kind)
    loaded = load_photo(as_tiff(values))
    assert loaded.shape == (20, 30, 3) and loaded.dtype == np.uint8
    assert np.abs(loaded.astype(int) - np.rint(shades * 255)).max() <= (white not in (1, 255))
    assert np.abs(load_photo(as_tiff(values[:, :, 0]))[:, :, 0] - loaded[:, :, 0]).max() == 0


def test_a_tiff_of_a_face_in_floats_gives_the_face(tmp_path):
    eight = load_photo(SAMPLE)
    path = tmp_path / "linear.tif"
    path.write_bytes(as_tiff((eight / 255).astype(np.float32)))
    np.testing.assert_array_equal(load_photo(path), eight)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", [np.float32, np.uint16, np.uint8])
def test_orientation_of_every_depth_of_tiff(shades, orientation, kind):
    full = 1 if kind is np.float32 else np.iinfo(kind).max
    upright = np.rint(shades * 255).astype(np.uint8)
    values = (upright / 255 * full).round(0 if full > 1 else 8).astype(kind)
    stored = {
        1: values, 2: values[:, ::-1], 3: values[::-1, ::-1], 4: values[::-1],
        5: values.transpose(1, 0, 2), 6: np.rot90(values, 1),
        7: values[::-1, ::-1].transpose(1, 0, 2), 8: np.rot90(values, -1),
    }[orientation]  # fmt: skip
    np.testing.assert_array_equal(load_photo(as_tiff(stored, orientation)), upright)


def test_orientation_of_a_deep_png(shades):
    values = np.rint(shades * 65535).astype(np.uint16)
    plain = as_png(np.ascontiguousarray(np.rot90(values)))
    exif = Image.Exif()
    exif[0x0112] = 6
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    chunk = b"eXIf" + block
    chunk = struct.pack(">I", len(block)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data = plain[:33] + chunk + plain[33:]  # after the header
    np.testing.assert_array_equal(load_photo(data), np.rint(values / 257))


@pytest.mark.parametrize("low, high", [(0, 1.7), (-0.2, 1), (0, 70000), (0, np.nan), (0, np.inf)])
def test_floats_that_do_not_say_what_white_is_are_refused(shades, low, high):
    values = shades.astype(np.float32)
    values[3, 3, 0], values[4, 4, 0] = low, high
    for source in (as_tiff(values), as_tiff(values[:, :, 0]), Image.fromarray(values[:, :, 0])):
        with pytest.raises(PhotoError, match="do not say what white is; save it with 8 or 16 bits"):
            load_photo(source)


def test_rounding_beyond_white_is_clipped(shades):
    values = shades.astype(np.float32)
    values[2, 2] = 1.00005
    assert load_photo(as_tiff(values))[2, 2].tolist() == [255] * 3
    assert load_photo(Image.fromarray(values[:, :, 0]))[2, 2].tolist() == [255] * 3


def test_a_damaged_tiff_of_floats_is_refused_without_noise(shades, capfd):
    data = as_tiff(shades.astype(np.float32))
    for cut in (3, 8, 100, len(data) - 140, len(data) - 20):
        with pytest.raises(PhotoError):
            load_photo(data[:cut])
    assert capfd.readouterr().err == ""
    assert read_tiff_size(io.BytesIO(b"II*\0")) is None
    assert decode_deep(b"II*\0") is None


def test_a_tiff_of_floats_too_large_is_refused_from_its_header(shades):
    data = as_tiff(shades.astype(np.float32))
    tag = struct.pack("<HHI", 256, 4, 1)
    wide = data.replace(tag + struct.pack("<I", 30), tag + struct.pack("<I", 9_000_000))
    with pytest.raises(PhotoError, match="megapixels"):
        load_photo(wide)
