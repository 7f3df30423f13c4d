"""Which copies of a photo are searched: small faces beside large ones, and turned photos."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from xfera_nb.errors import NoFaceError
from xfera_nb.faces import Face, find_faces, load_photo, search

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
FAR = ("C02NE", "C05HA", "C06SU", "C08NE", "C09SA")


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return load_photo(SAMPLES / "C01HA.jpg")


def scaled(image: np.ndarray, side: int) -> np.ndarray:
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def group(photo) -> np.ndarray:
    """Five faces of about 48 pixels in a row above one of 145 pixels."""
    image = np.full((600, 900, 3), 128, np.uint8)
    for place, code in enumerate(FAR):
        image[100:200, 280 + 120 * place : 380 + 120 * place] = scaled(
            load_photo(SAMPLES / f"{code}.jpg"), 100
        )
    image[310:590, 10:290] = scaled(photo, 280)
    return image


@pytest.fixture
def attempts(monkeypatch) -> list[tuple[float, int]]:
    """The area of each copy the detector is given, as a share of the photo's, and its turns."""
    made: list[tuple[float, int]] = []
    detect = search.detect_scaled

    def note(image, scale, border=0.0, turns=0):
        made.append((scale**2 * (1 + 2 * border) ** 2, turns))
        return detect(image, scale, border, turns)

    monkeypatch.setattr(search, "detect_scaled", note)
    return made


def place(face: Face) -> tuple[float, float]:
    x, y = face.landmarks[30]
    return float(x), float(y)


def test_small_far_faces_beside_a_near_one_are_found(group):
    faces = find_faces(group, which="all")
    expected = [(150, 470), *((330 + 120 * number, 157) for number in range(5))]
    np.testing.assert_allclose([place(face) for face in faces], expected, atol=25)
    sizes = [face.box[2] - face.box[0] for face in faces]
    assert sizes[0] > 2 * max(sizes[1:])
    # Each face's own landmarks, not those of a box beside it.
    for face, (x, _) in zip(faces, expected, strict=True):
        assert abs(face.landmarks[36:48, 0].mean() - x) < 8


def test_the_near_face_is_the_same_alone_and_among_all(group):
    (alone,) = find_faces(group)
    among = max(find_faces(group, which="all"), key=lambda face: face.box[2] - face.box[0])
    assert alone.box == among.box
    np.testing.assert_array_equal(alone.landmarks, among.landmarks)


def test_a_group_at_three_distances_is_found_on_a_large_photo(photo):
    image = np.full((1500, 2600, 3), 120, np.uint8)
    for left, side in ((100, 1200), (1400, 500), (2000, 190), (2300, 170)):
        image[200 : 200 + side, left : left + side] = cv2.resize(photo, (side, side))
    found = find_faces(image, which="all")
    assert len(found) == 4
    middles = [700, 1650, 2095, 2385]
    np.testing.assert_allclose([place(face)[0] for face in found], middles, atol=20)


def test_one_face_takes_one_attempt_and_all_faces_a_bounded_number(group, attempts):
    find_faces(group)
    assert attempts == [(1.0, 0)]
    attempts.clear()
    find_faces(group, which="all")
    assert attempts == [(1.0, 0), (4.0, 0)]  # 3600 pixels would be more than MAX_SIDE


@pytest.mark.parametrize("longer", [50, 520, 640, 1280, 3000, 6000])
def test_no_copy_is_larger_than_the_limit(longer, attempts):
    with pytest.raises(NoFaceError):
        find_faces(np.full((longer // 50, longer, 3), 90, np.uint8), which="all")
    upright = [area for area, turns in attempts if turns == 0]
    assert max(upright) ** 0.5 * longer <= search.MAX_SIDE + 1
    scales = upright[:-1]  # the last is the tight one
    assert sum(scales) <= 21.001 * scales[0]
    assert len(attempts) == 4 * len(upright)
    assert sum(area for area, _ in attempts) == pytest.approx(4 * sum(upright))


@pytest.mark.parametrize("degrees", [60, 90, 120, 130, 150, 180, -60, -90, -140])
def test_a_turned_photo_gives_nearly_the_upright_crop(photo, degrees):
    (upright,) = find_faces(photo)
    matrix = cv2.getRotationMatrix2D((259.5, 259.5), degrees, 1.0)
    turned = cv2.warpAffine(photo, matrix, (520, 520), borderMode=cv2.BORDER_REPLICATE)
    (found,) = find_faces(turned)
    difference = (found.tilt + degrees + 180) % 360 - 180
    assert abs(difference - upright.tilt) < 3
    expected = upright.landmarks @ matrix[:, :2].T + matrix[:, 2]
    distance = np.linalg.norm(found.landmarks - expected, axis=1).mean()
    assert distance < 0.02 * (upright.box[2] - upright.box[0])
    assert np.abs(found.crop_landmarks - upright.crop_landmarks).mean() < 3.5
    left, top, right, bottom = found.box
    assert (found.landmarks > (left - 60, top - 60)).all()
    assert (found.landmarks < (right + 60, bottom + 60)).all()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_quarter_turn_loses_nothing(photo, turns):
    """Not square, so that width and height cannot be mixed up."""
    wide = photo[:480]
    (upright,) = find_faces(wide)
    (found,) = find_faces(np.ascontiguousarray(np.rot90(wide, turns)))
    np.testing.assert_allclose(found.crop_landmarks, upright.crop_landmarks, atol=1e-3)
    assert np.abs(found.crop.astype(int) - upright.crop).mean() < 2
    expected = {1: -90, 2: 180, 3: 90}[turns] + upright.tilt
    assert (found.tilt - expected + 180) % 360 - 180 == pytest.approx(0, abs=1)


@pytest.mark.slow
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_every_sample_is_found_turned(turns):
    """The detector sees a face in some as they are; for the ones upside down that is tested."""
    fooled = 0
    for path in sorted(SAMPLES.glob("*.jpg")):
        turned = np.ascontiguousarray(np.rot90(load_photo(path), turns))
        fooled += bool(search.detect_scaled(turned, 1.0))
        (face,) = find_faces(turned, which="all")
        expected = {1: -90, 2: 180, 3: 90}[turns]
        assert abs((face.tilt - expected + 180) % 360 - 180) < 8, path.name
    assert fooled or turns != 2


def test_all_faces_of_a_turned_group_are_found(group):
    found = find_faces(np.ascontiguousarray(np.rot90(group)), which="all")
    assert len(found) == 6
    assert all(abs(face.tilt + 90) < 8 for face in found)


def test_a_turned_face_is_said_to_be_turned(photo):
    assert find_faces(photo)[0].turn_note is None
    notes = [find_faces(np.rot90(photo, turns))[0].turn_note for turns in (1, 2, 3)]
    assert notes[0].startswith("The face is turned by 9") and " counter-clockwise on" in notes[0]
    assert notes[1].startswith("The face is turned by 1")
    assert " clockwise on the photo; it was turned upright" in notes[2]


def test_a_face_found_upright_is_not_searched_turned(photo, attempts):
    find_faces(photo)
    find_faces(scaled(photo, 200), which="all")
    assert {turns for _, turns in attempts} == {0}
