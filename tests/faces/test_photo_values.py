"""Reading photos: every orientation, colour mode and kind of array."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from xfera_nb.errors import PhotoError
from xfera_nb.faces import load_photo

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"
ORIENTATION = 0x0112


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


STORED = {
    # What a camera stores, so that the tag's reading gives the upright picture (EXIF 2.3, 4.6.4).
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_give_the_same_upright_picture(orientation, kind):
    image = Image.fromarray(np.ascontiguousarray(STORED[orientation](letter())))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(image, kind, exif=exif, **options)
    np.testing.assert_array_equal(load_photo(data), letter())
    np.testing.assert_array_equal(load_photo(Image.open(io.BytesIO(data))), letter())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_a_jpeg(orientation):
    upright = np.array(Image.open(SAMPLE).convert("RGB"))[:400]
    image = Image.fromarray(np.ascontiguousarray(STORED[orientation](upright)))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    loaded = load_photo(encoded(image, "JPEG", exif=exif, quality=97, subsampling=0))
    assert loaded.shape == (400, 520, 3)
    assert np.abs(loaded.astype(int) - upright).mean() < 1


@pytest.mark.parametrize("value", [0, 9, 77])
def test_an_unknown_orientation_is_left_alone(value):
    exif = Image.Exif()
    exif[ORIENTATION] = value
    data = encoded(Image.fromarray(letter()), "PNG", exif=exif)
    np.testing.assert_array_equal(load_photo(data), letter())


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_damaged_exif_block_does_not_cost_the_photo():
    data = encoded(Image.fromarray(letter()), "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    np.testing.assert_array_equal(load_photo(data), letter())


def one_pixel(mode: str, value, kind: str | None = None, **options) -> list[int]:
    """Load a picture of one value, from memory and through a file format; both must agree."""
    image = Image.new(mode, (3, 2), value)
    loaded = [load_photo(image)]
    if kind:
        loaded.append(load_photo(encoded(image, kind, **options)))
    for pixels in loaded:
        assert pixels.shape == (2, 3, 3) and pixels.dtype == np.uint8
        assert pixels.flags.c_contiguous and pixels.flags.writeable
        assert (pixels == loaded[0][0, 0]).all()
    return loaded[0][0, 0].tolist()


def test_colour_modes_of_eight_bits():
    assert one_pixel("RGB", (10, 20, 30), "PNG") == [10, 20, 30]
    assert one_pixel("L", 77, "PNG") == [77] * 3
    assert one_pixel("1", 1, "PNG") == [255] * 3
    assert one_pixel("CMYK", (0, 0, 0, 0), "TIFF") == [255] * 3
    assert one_pixel("CMYK", (0, 255, 255, 0), "TIFF") == [255, 0, 0]
    assert one_pixel("CMYK", (255, 255, 0, 0), "JPEG", quality=100) == [0, 0, 255]
    assert one_pixel("YCbCr", (128, 128, 128)) == [128] * 3
    assert one_pixel("HSV", (0, 0, 200)) == [200] * 3


def test_transparency_is_laid_on_white():
    # 51 / 255 is a fifth: 0.2 * 100 + 0.8 * 255 = 224; 0.2 * 0 + 204 = 204.
    assert one_pixel("RGBA", (100, 0, 255, 51), "PNG") == [224, 204, 255]
    assert one_pixel("RGBA", (100, 0, 255, 0), "PNG") == [255] * 3
    assert one_pixel("RGBA", (100, 0, 255, 255), "PNG") == [100, 0, 255]
    assert one_pixel("LA", (100, 51), "PNG") == [224] * 3
    assert load_photo(Image.new("RGBA", (2, 2), (100, 0, 255, 51)).convert("RGBa"))[0, 0] == (
        pytest.approx([224, 204, 255], abs=2)
    )


def test_palettes():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putdata([0, 1])
    for data in (encoded(image, "PNG"), encoded(image, "GIF")):
        assert load_photo(data).tolist() == [[[10, 20, 30], [200, 100, 50]]]
    for data in (encoded(image, "PNG", transparency=1), encoded(image, "GIF", transparency=1)):
        assert load_photo(data).tolist() == [[[10, 20, 30], [255, 255, 255]]]
    fifth = encoded(image, "PNG", transparency=bytes([255, 51]))
    assert load_photo(fifth).tolist() == [[[10, 20, 30], [244, 224, 214]]]


def test_a_transparent_colour_of_an_rgb_file():
    image = Image.fromarray(np.array([[[1, 2, 3], [9, 9, 9]]], np.uint8))
    data = encoded(image, "PNG", transparency=(9, 9, 9))
    assert load_photo(data).tolist() == [[[1, 2, 3], [255, 255, 255]]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind):
    # 65535 / 257 = 255; 25700 / 257 = 100; 300 / 257 = 1.17.
    values = np.array([[0, 300, 25700, 65535]], np.uint16)
    for image in (Image.fromarray(values), load_from(encoded(Image.fromarray(values), kind))):
        assert image.mode.startswith("I;16")
        assert load_photo(image)[0, :, 0].tolist() == [0, 1, 100, 255]


def load_from(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_wide_modes_follow_their_values():
    whole = Image.fromarray(np.array([[0, 25700, 65535]], np.int32))
    assert whole.mode == "I"
    assert load_photo(whole)[0, :, 1].tolist() == [0, 100, 255]
    assert load_photo(Image.new("L", (1, 1), 77).convert("I"))[0, 0].tolist() == [77] * 3
    assert load_photo(Image.new("L", (1, 1), 77).convert("F"))[0, 0].tolist() == [77] * 3
    parts = Image.fromarray(np.array([[0, 0.2, 1]], np.float32))
    assert load_photo(encoded(parts, "TIFF"))[0, :, 0].tolist() == [0, 51, 255]
    for values in ([[-1, 5]], [[0, 65536]], [[0, np.nan]]):
        with pytest.raises(PhotoError, match="8 or 16 bits"):
            load_photo(Image.fromarray(np.array(values, np.float32)))


def test_colour_of_sixteen_bits_keeps_its_high_bytes():
    rgb = np.array([[[65535, 25700, 0]]], np.uint16)
    data = cv2.imencode(".png", rgb[:, :, ::-1])[1].tobytes()
    assert load_photo(data).tolist() == [[[255, 100, 0]]]


def test_of_an_animation_the_first_picture_counts():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ((255, 0, 0), (0, 0, 255))]
    for kind in ("GIF", "PNG", "TIFF", "WEBP"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert load_photo(data)[0, 0].tolist() == [255, 0, 0], kind


def test_a_mode_that_cannot_be_converted_is_named(monkeypatch):
    def refuse(*_):
        raise ValueError("conversion not supported")

    image = Image.new("LAB", (2, 2))
    monkeypatch.setattr(Image.Image, "convert", refuse)
    with pytest.raises(PhotoError, match="colour mode LAB.*save it as RGB or grey"):
        load_photo(image)


def test_arrays():
    rgb = letter()
    loaded = load_photo(rgb)
    np.testing.assert_array_equal(loaded, rgb)
    assert not np.shares_memory(loaded, rgb)
    np.testing.assert_array_equal(load_photo(rgb[:, :, 0])[:, :, 2], rgb[:, :, 0])
    np.testing.assert_array_equal(load_photo(rgb[:, :, :1])[:, :, 1], rgb[:, :, 0])
    assert load_photo(np.array([[[100, 0, 255, 51]]], np.uint8)).tolist() == [[[224, 204, 255]]]
    assert load_photo(np.array([[True, False]]))[0, :, 0].tolist() == [255, 0]
    assert load_photo(np.array([[0, 25700, 65535]], np.uint16))[0, :, 0].tolist() == [0, 100, 255]
    assert load_photo(np.array([[0, 25700]], ">u2"))[0, :, 0].tolist() == [0, 100]
    for kind in (np.float16, np.float32, np.float64):
        assert load_photo(np.array([[0, 0.2, 1.00001]], kind))[0, :, 0].tolist() == [0, 51, 255]
    mirrored = load_photo(rgb[:, ::-1])
    assert mirrored.flags.c_contiguous


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((3, 20, 20), np.uint8), "shape"),
        (np.zeros(20, np.uint8), "shape"),
        (np.zeros((2, 20, 20, 3), np.uint8), "shape"),
        (np.zeros((0, 20, 3), np.uint8), "no pixels"),
        (np.zeros((5, 5), np.int64), "int64"),
        (np.zeros((5, 5), np.complex64), "complex64"),
        (np.full((5, 5), 255.0), "from 255 to 255"),
        (np.full((5, 5), -0.1), "scale them to 0-1"),
        (np.full((5, 5), np.nan), "scale them to 0-1"),
        (np.array([["a"]], object), "object"),
        (np.broadcast_to(np.uint8(0), (20000, 20000, 3)), "100 megapixels"),
    ],
)
def test_arrays_that_are_no_photo(array, sentence):
    with pytest.raises(PhotoError, match=sentence):
        load_photo(array)
