"""Pixels of the drawn pictures, at places whose content is known."""

import io

import numpy as np
import pytest
from PIL import Image, ImageColor

from xfera_nb.figures import (
    NOT_SALIENT,
    SALIENT,
    data_uri,
    overlay_image,
    photo_image,
    to_jpeg,
    to_png,
)


def near(pixel, colour, tolerance=6):
    return np.abs(np.asarray(pixel, int) - ImageColor.getrgb(colour)).max() <= tolerance


def at(picture, point, scale):
    """The pixel of a crop point: the centre of crop pixel x is drawn at scale * (x + 0.5) - 0.5."""
    x, y = np.round(scale * (np.asarray(point) + 0.5) - 0.5).astype(int)
    return picture.getpixel((int(x), int(y)))


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_size(make_fusion, scale):
    fusion = make_fusion()
    assert overlay_image(fusion, scale=scale, legend=False).size == (224 * scale, 224 * scale)
    width, height = overlay_image(fusion, scale=scale).size
    assert width == 224 * scale and height > 224 * scale


def test_scale_must_be_positive(make_fusion):
    with pytest.raises(ValueError, match="scale"):
        overlay_image(make_fusion(), scale=0)


def test_salient_marks_are_filled_and_red_others_hollow_and_blue(make_fusion):
    fusion = make_fusion(k=0.0)
    picture = overlay_image(fusion, scale=3, legend=False)
    points = fusion.evidence.face.crop_landmarks
    assert 0 < fusion.salient.sum() < 68
    for point, salient in zip(points, fusion.salient, strict=True):
        centre = at(picture, point, 3)
        assert near(centre, SALIENT) == bool(salient)
        if not salient:
            assert not near(centre, NOT_SALIENT)  # hollow
            edge = [at(picture, point + (dx, 0), 3) for dx in np.arange(1, 2.5, 0.25)]
            assert any(near(pixel, NOT_SALIENT, 20) for pixel in edge)


def test_without_evidence_no_heat_and_no_red(make_fusion):
    fusion = make_fusion(emotion="fear")
    picture = np.asarray(overlay_image(fusion, scale=2, legend=False), int)
    points = 2 * (fusion.evidence.face.crop_landmarks + 0.5) - 0.5
    y, x = np.mgrid[:448, :448]
    far = np.ones((448, 448), bool)
    for px, py in points:
        far &= (np.abs(x - px) > 12) | (np.abs(y - py) > 12)
    assert far.sum() > 10_000
    assert (np.ptp(picture[far], axis=1) == 0).all()  # grey everywhere
    assert not (np.abs(picture - ImageColor.getrgb(SALIENT)).max(axis=-1) < 10).any()


def test_the_crop_is_framed_on_the_photo(face):
    picture = photo_image(face, longest=300)
    assert picture.size == (300, 260)
    assert near(picture.getpixel((29, 120)), "#ffb000", 40)
    assert near(picture.getpixel((253, 120)), "#ffb000", 40)
    assert picture.getpixel((140, 120)) == tuple(face.image[120, 140])


def test_large_photos_are_reduced_and_small_ones_kept(face):
    assert photo_image(face, longest=150).size == (150, 130)
    assert photo_image(face, longest=5000).size == (300, 260)


def test_the_overlay_lies_on_the_photo_where_the_face_is(make_fusion):
    fusion = make_fusion(k=0.0)
    face = fusion.evidence.face
    picture = photo_image(face, longest=300, fusion=fusion)
    for point in face.landmarks[fusion.salient]:
        assert near(picture.getpixel(tuple(np.round(point).astype(int).tolist())), SALIENT, 40)


def test_files_and_data_uris(make_fusion):
    picture = overlay_image(make_fusion(), scale=1)
    png, jpeg = to_png(picture), to_jpeg(picture)
    assert Image.open(io.BytesIO(png)).format == "PNG"
    assert Image.open(io.BytesIO(jpeg)).format == "JPEG"
    assert data_uri(png).startswith("data:image/png;base64,iVBOR")
    assert data_uri(jpeg).startswith("data:image/jpeg;base64,/9j/")


def test_a_quick_png_has_the_same_pixels():
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 4), dtype=np.uint8)
    ramp = np.repeat(np.arange(60, dtype=np.uint8)[None, :, None], 40, axis=0).repeat(4, axis=2)
    for pixels in (noise, ramp):
        files = [to_png(Image.fromarray(pixels), small=small) for small in (True, False)]
        for file in files:
            np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(file))), pixels)
        assert len(files[0]) <= len(files[1])
