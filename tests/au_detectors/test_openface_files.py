"""The readers, on files made here in OpenFace's formats; every wrong file gets its sentence."""

from __future__ import annotations

import numpy as np
import pytest

from xfera_nb.au_detectors import openface_files
from xfera_nb.au_detectors.earlier_files import OpenFaceFiles
from xfera_nb.errors import DetectorError
from xfera_nb.facs.action_units import OPENFACE_AUS, OPENFACE_PRESENCE_AUS, au_name

IMAGE = np.zeros((8, 8, 3), np.uint8)


def write(folder, text, name="C01.csv"):
    path = folder / name
    path.write_text(text)
    return path


def pts(points, intensities=None) -> str:
    intensities = intensities or {au_name(au): f"{0.25 * i}" for i, au in enumerate(OPENFACE_AUS)}
    lines = ["version: 1", "npoints: 68", "{"]
    lines += [f"{x + 1:.1f} {y + 1:.1f}" for x, y in points]
    lines += ["}", "pose: eul_x, eul_y, eul_z: ", "{", "0.1 -0.2 0.3", "}"]
    lines += ["gaze: dir_x_1, dir_y_1, dir_z_1: ", "{", "0 0 -1", "}"]
    lines += [f"au intensities: {len(intensities)}", "{"]
    lines += [f"{name} {value}" for name, value in intensities.items()]
    lines += ["}", f"au occurences: {len(OPENFACE_PRESENCE_AUS)}", "{"]
    lines += [f"{au_name(au)} {int(au in (12, 28))}" for au in OPENFACE_PRESENCE_AUS]
    return "\n".join([*lines, "}", ""])


def test_photo_csv_is_read_by_name(tmp_path, table, face):
    (row,) = openface_files.read(write(tmp_path, table.photo()))
    assert row.intensities[8] == 2.0  # AU12, the ninth of 0, 0.25, 0.5 ...
    np.testing.assert_allclose(row.landmarks, face, atol=0.05)
    assert row.confidence == 0.95
    assert row.presence[28] is True and row.presence[1] is False


def test_columns_in_another_order_give_the_same(tmp_path, table):
    header, cells = table.header(), table.row()
    order = np.random.default_rng(0).permutation(len(header))
    text = table.text([header[i] for i in order], [cells[i] for i in order])
    (row,) = openface_files.read(write(tmp_path, text))
    assert list(row.intensities) == table.intensities


def test_frames_with_spaced_header_and_failed_frames(tmp_path, table):
    header = table.header(("frame", "face_id", "timestamp", "confidence", "success"))
    good, bad = table.row((1, 0, 0.0, 0.9, 1)), table.row((2, 0, 0.03, 0.1, 0))
    text = ", ".join(header) + "\n" + table.text(good, bad, good, comma=", ")
    rows = openface_files.read(write(tmp_path, text))
    assert [row.confidence for row in rows] == [0.9, 0.9]


def test_nan_stays_nan(tmp_path, table):
    table.intensities[0:4] = ["nan", "-nan", "-nan(ind)", ""]
    (row,) = openface_files.read(write(tmp_path, table.photo()))
    assert np.isnan(row.intensities).tolist() == [True] * 4 + [False] * 13


def test_pts_points_are_put_one_pixel_back(tmp_path, face):
    (row,) = openface_files.read(write(tmp_path, pts(face), "C01.pts"))
    np.testing.assert_allclose(row.landmarks, face, atol=0.05)
    assert row.intensities[8] == 2.0
    assert row.presence[28] is True and row.presence[4] is False
    assert row.confidence is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h, r: (h[:-20], r[:-20]), "lacks the columns? .*AU45_r"),
        (lambda h, r: (["a"], ["1"]), "lacks all columns of intensities"),
        (lambda h, r: ([*h, "AU12_r"], [*r, "1"]), "column AU12_r twice"),
        (lambda h, r: (h, r[:-3]), "cut short or damaged at line 2"),
        (lambda h, r: (h, []), "no row with a face"),
        (lambda h, r: (h, [*r[:2], "left", *r[3:]]), "x_0 in line 2 .*'left' and not a number"),
        (lambda h, r: (h, [c.replace("3.75", "37.5") for c in r]), "outside 0 to 5"),
        (lambda h, r: (h, [c.replace("3.75", "inf") for c in r]), "outside 0 to 5"),
    ],
)
def test_each_damage_has_its_sentence(tmp_path, table, change, message):
    header, row = change(table.header(), table.row())
    with pytest.raises(DetectorError, match=message) as caught:
        openface_files.read(write(tmp_path, table.text(header, row)))
    assert "C01.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (lambda text: text[: text.index("AU10")], "cut short in its block 'au intensities'"),
        (lambda text: text[: text.index("au int")], "lacks the intensities of AU01"),
        (lambda text: text.replace("AU10 ", "AU09 ", 1), "AU09 twice"),
        (lambda text: text.replace("AU10 ", "AU10 of ", 1), "damaged in its block"),
        (lambda text: text.replace("{\n", "{\n0 0\n", 1), "not 68 landmarks"),
        (lambda text: text + text, "the block 'npoints' twice"),
        (lambda text: "", "lacks the intensities"),
    ],
)
def test_each_damage_of_a_pts_has_its_sentence(tmp_path, face, cut, message):
    with pytest.raises(DetectorError, match=message) as caught:
        openface_files.read(write(tmp_path, cut(pts(face)), "C01.pts"))
    assert "C01.pts" in str(caught.value)


@pytest.mark.parametrize("name", ["C01.csv", "C01.pts"])
@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00\xff\xfe", b"\xff\xd8\xff\xe0"])
def test_a_picture_is_not_text(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DetectorError, match="not a text file"):
        openface_files.read(tmp_path / name)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "C01.csv"
    with open(path, "wb") as file:
        file.truncate(openface_files.MAX_BYTES + 1)  # sparse: takes no space
    with pytest.raises(DetectorError, match="too big.*256 MB"):
        openface_files.read(path)


def test_a_missing_file_has_its_sentence(tmp_path):
    with pytest.raises(DetectorError, match="C01.csv cannot be read"):
        openface_files.read(tmp_path / "C01.csv")


def test_misfit_is_in_eye_distances(face):
    # All points 30 to the right, eye corners 100 apart.
    assert openface_files.misfit(face + (30, 0), face) == pytest.approx(0.3)
    assert np.isnan(openface_files.misfit(face, np.zeros((68, 2))))


def test_the_nearest_face_is_picked(tmp_path, table, face):
    rows = [table.row((i, 0.9), points=face + (200 * i, 0)) for i in range(3)]
    path = write(tmp_path, table.text(table.header(), *rows))
    picked = openface_files.pick(openface_files.read(path), face + (403, 2), path.name)
    np.testing.assert_allclose(picked.landmarks, face + (400, 0), atol=0.06)
    with pytest.raises(DetectorError, match="No face of C01.csv lies where"):
        openface_files.pick(openface_files.read(path), face + (300, 0), path.name)


def test_without_landmarks_the_surest_face_is_picked(tmp_path, table, face):
    header = table.header(points=False)
    rows = [table.row((i, c), with_points=False) for i, c in enumerate((0.4, 0.8, 0.6))]
    found = openface_files.read(write(tmp_path, table.text(header, *rows)))
    assert openface_files.pick(found, face, "C01.csv").confidence == 0.8


def test_without_landmarks_and_confidence_only_one_face_will_do(tmp_path, table, face):
    header, row = table.header(("face",), False), table.row((0,), with_points=False)
    one = openface_files.read(write(tmp_path, table.text(header, row)))
    assert openface_files.pick(one, face, "C01.csv") is one[0]
    two = openface_files.read(write(tmp_path, table.text(header, row, row)))
    with pytest.raises(DetectorError, match="2 faces but neither landmarks"):
        openface_files.pick(two, face, "C01.csv")


def test_a_folder_is_matched_by_the_photos_stem(tmp_path, table, face):
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", table.photo(), "C01HA.csv")
    write(tmp_path, pts(face, {au_name(au): "5" for au in OPENFACE_AUS}), "C01HA.pts")
    detector = OpenFaceFiles(tmp_path)
    units = detector.detect(IMAGE, face, "faces/C01HA.jpg")
    assert units.intensity(12) == 2.0  # the CSV goes before the .pts
    assert units.source == "OpenFace's file C01HA.csv"
    assert units.side(12, "left") == pytest.approx(2.0)  # a symmetric face
    assert units.sides_source == "landmark asymmetry (estimate)"
    with pytest.raises(DetectorError, match="no OpenFace output for the photo C02"):
        detector.detect(IMAGE, face, "C02.jpg")
    with pytest.raises(DetectorError, match="without a name"):
        detector.detect(IMAGE, face)
    (tmp_path / "other").mkdir()
    write(tmp_path / "other", table.photo(), "C01HA.csv")
    with pytest.raises(DetectorError, match="2 outputs named C01HA, and the photo's folders"):
        OpenFaceFiles(tmp_path).detect(IMAGE, face, "faces/C01HA.jpg")


def test_one_csv_for_a_whole_data_set(tmp_path, table, face):
    header = table.header(("file", "confidence"))
    table.intensities[8] = 4.5
    second = table.row(("b/two.jpg", 0.5))
    table.intensities[8] = 1.0
    first = table.row(("a/one.jpg", 0.99))
    detector = OpenFaceFiles(write(tmp_path, table.text(header, second, first), "all.csv"))
    assert detector.detect(IMAGE, face, "one.png").intensity(12) == 1.0
    units = detector.detect(IMAGE, face, "two.png")
    assert units.intensity(12) == 4.5
    assert units.notes == ("OpenFace's confidence in its fit is low (0.50, doubtful below 0.7).",)
    with pytest.raises(DetectorError, match="for the photo three"):
        detector.detect(IMAGE, face, "three.png")


def test_one_file_of_one_photo(tmp_path, table, face):
    detector = OpenFaceFiles(write(tmp_path, table.photo(), "me.csv"))
    assert detector.detect(IMAGE, face, "me.jpg").confidence == 0.95


def test_nothing_to_read_is_said_at_once(tmp_path):
    with pytest.raises(DetectorError, match="holds no .csv or .pts"):
        OpenFaceFiles(tmp_path)
    with pytest.raises(DetectorError, match="There is no"):
        OpenFaceFiles(tmp_path / "none")


def mirrored(tmp_path, table, *names):
    """Write an output for each name, its AU12 the number of the name."""
    for number, name in enumerate(names):
        (tmp_path / "of" / name).parent.mkdir(parents=True, exist_ok=True)
        table.intensities[8] = float(number)
        write(tmp_path / "of", table.photo(), name)
    return OpenFaceFiles(tmp_path / "of")


def test_names_that_repeat_are_told_apart_by_their_folders(tmp_path, table, face):
    detector = mirrored(
        tmp_path, table, "p1/happy/001.csv", "p1/neutral/001.csv", "p2/happy/001.csv",
        "p2/neutral/001.csv",
    )  # fmt: skip
    for number, photo in enumerate(("p1/happy", "p1/neutral", "p2/happy", "p2/neutral")):
        windows = f"C:/data/{photo}/001.png".replace("/", "\\")
        for path in (f"/data/photos/{photo}/001.jpg", windows):
            assert detector.detect(IMAGE, face, path).intensity(12) == number
    for unknown in ("001.jpg", "happy/001.jpg", "p3/happy/001.jpg"):
        with pytest.raises(DetectorError, match="4 outputs named 001"):
            detector.detect(IMAGE, face, unknown)


def test_another_persons_output_is_not_taken(tmp_path, table, face):
    detector = mirrored(tmp_path, table, "p1/happy/001.csv", "p2/sad/002.csv")
    assert detector.detect(IMAGE, face, "flat/001.jpg").intensity(12) == 0
    with pytest.raises(DetectorError, match="p1/happy, not in the photo's .*p3/happy"):
        detector.detect(IMAGE, face, "photos/p3/happy/001.jpg")


def test_paths_of_windows_in_a_column(tmp_path, table, face):
    header = table.header(("file", "face", "confidence"))
    rows = [table.row((rf"C:\data\{person}\C01HA.jpg", 0, 0.9)) for person in ("p1", "p2")]
    rows[1][header.index("AU12_r")] = "4.5"
    detector = OpenFaceFiles(write(tmp_path, table.text(header, *rows), "all.csv"))
    assert detector.detect(IMAGE, face, "/home/me/p2/C01HA.jpg").intensity(12) == 4.5
    one = write(tmp_path, table.text(header, rows[1]), "one.csv")
    assert OpenFaceFiles(one).detect(IMAGE, face, "C01HA.jpg").intensity(12) == 4.5


def video(table, numbers=(1, 2, 3, 4), with_points=True):
    header = table.header(("frame", "face_id", "timestamp", "confidence", "success"), with_points)
    rows = []
    for number in numbers:
        table.intensities[8] = float(number)
        first = (number, 0, 0.04 * number, 0.91 if number == 3 else 0.9, 1)
        rows.append(table.row(first, with_points=with_points))
    return table.text(header, *rows)


@pytest.mark.parametrize("with_points", [True, False])
def test_a_videos_frames_are_matched_or_refused(tmp_path, table, face, with_points):
    write(tmp_path, video(table, with_points=with_points), "C01HA.csv")
    detector = OpenFaceFiles(tmp_path)
    for photo in (
        "C01HA_2.jpg", "x/C01HA-0002.png", "C01HA/frame_02.png", "C01HA/2.png",
        "C01HA_aligned/frame_det_00_000002.bmp",
    ):  # fmt: skip
        assert detector.detect(IMAGE, face, photo).intensity(12) == 2.0
    with pytest.raises(DetectorError, match="holds 4 frames of a video, and the name C01HA.jpg"):
        detector.detect(IMAGE, face, "C01HA.jpg")
    with pytest.raises(DetectorError, match="no face in frame 9 .its frames: 1 to 4"):
        detector.detect(IMAGE, face, "C01HA_9.jpg")
    with pytest.raises(DetectorError, match="no OpenFace output for the photo C02HA_2"):
        detector.detect(IMAGE, face, "C02HA_2.jpg")


def test_one_frame_is_a_photo(tmp_path, table, face):
    write(tmp_path, video(table, (1,)), "C01HA.csv")
    assert OpenFaceFiles(tmp_path).detect(IMAGE, face, "C01HA.jpg").intensity(12) == 1.0


def test_a_photos_number_is_no_frame_of_another_photo(tmp_path, table, face):
    write(tmp_path, table.photo(), "C01HA.csv")
    with pytest.raises(DetectorError, match="no OpenFace output for the photo C01HA_2"):
        OpenFaceFiles(tmp_path).detect(IMAGE, face, "C01HA_2.jpg")


def test_several_faces_without_landmarks_are_said(tmp_path, table, face):
    header = table.header(points=False)
    rows = [table.row((i, c), with_points=False) for i, c in enumerate((0.8, 0.9))]
    write(tmp_path, table.text(header, *rows), "C01HA.csv")
    (note,) = OpenFaceFiles(tmp_path).detect(IMAGE, face, "C01HA.jpg").notes
    assert note == (
        "C01HA.csv has 2 faces without landmarks; the one with the highest confidence was taken."
    )


def test_what_a_spreadsheet_made_of_it_is_named(tmp_path, table):
    semicolons = table.photo().replace(",", ";").replace(".", ",")
    with pytest.raises(DetectorError, match="C01.csv has semicolons between its columns"):
        openface_files.read(write(tmp_path, semicolons))
    with pytest.raises(DetectorError, match="has tabs between its columns"):
        openface_files.read(write(tmp_path, table.photo().replace(",", "\t")))
    header, row = table.header(), table.row()
    row = [f'"{cell.replace(".", ",")}"' for cell in row]
    with pytest.raises(DetectorError, match="'85,0', with a comma as decimal mark"):
        openface_files.read(write(tmp_path, table.text(header, row)))


PYFEAT_AUS = (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 17, 20, 23, 24, 25, 26, 28, 43)


def pyfeat(points, *photos):
    """A table as py-feat's Fex.to_csv writes it, AU12 at 0.8 and the others at 0.1."""
    header = ["", "frame", "FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore"]
    header += [f"{axis}_{i}" for axis in "xy" for i in range(68)] + ["Pitch", "Roll", "Yaw"]
    header += [au_name(au) for au in PYFEAT_AUS] + ["anger", "happiness", "input"]
    lines = [",".join(header)]
    for number, photo in enumerate(photos):
        cells = [number, number, 10, 10, 99, 99, 0.99, *np.round(points.T.ravel(), 1), 0, 0, 0]
        cells += [0.8 if au == 12 else 0.1 for au in PYFEAT_AUS] + [0.1, 0.9, photo]
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def test_pyfeats_probabilities_are_marked(tmp_path, face):
    path = write(tmp_path, pyfeat(face, "p1/a.jpg", "p2/a.jpg"), "fex.csv")
    detector = OpenFaceFiles(path)
    units = detector.detect(IMAGE, face, "/photos/p2/a.jpg")
    assert units.intensity(12) == pytest.approx(4.0) and units.intensity(1) == pytest.approx(0.5)
    assert np.isnan(units.intensity(45))  # its AU43 is another
    assert units.presence[12] is True and units.presence[28] is False and 45 not in units.presence
    assert units.source == "py-feat's file fex.csv (probabilities, not intensities)"
    assert any("the probability that an AU is present, not its intensity" in n for n in units.notes)
    assert detector.describe()["version"] == "py-feat, 5 times the probability of presence"
    write(tmp_path, pyfeat(face, "a.jpg").replace("0.8", "1.8"), "fex.csv")
    with pytest.raises(DetectorError, match="outside 0 to 5, so it is not py-feat's"):
        OpenFaceFiles(path)


def test_pyfeats_empty_row_is_no_face(tmp_path, face):
    lines = pyfeat(face, "a.jpg").splitlines()
    cells = lines[1].split(",")
    empty = [*cells[:2], *[""] * (len(cells) - 3), "a.jpg"]
    with pytest.raises(DetectorError, match="no row with a face"):
        openface_files.read(write(tmp_path, "\n".join([lines[0], ",".join(empty)])))


def test_libreface(tmp_path, face):
    aus = (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
    header = ["", "input_image_path", "aligned_image_path", "facial_expression"]
    header += [f"au_{au}" for au in (1, 2, 4, 6, 7, 10, 12)] + [f"au_{au}_intensity" for au in aus]
    cells = ["0", "photos/a.jpg", "tmp/a.png", "Happiness", *"0000011"]
    cells += ["3.5" if au == 12 else "0.25" for au in aus]
    path = write(tmp_path, "\n".join([",".join(header), ",".join(cells)]), "image_results.csv")
    detector = OpenFaceFiles(path)
    units = detector.detect(IMAGE, face, "a.jpg")
    assert units.intensity(12) == 3.5 and units.intensity(1) == 0.25
    assert np.isnan(units.intensity(7)) and np.isnan(units.intensity(45))
    assert units.presence == {1: False, 2: False, 4: False, 6: False, 7: False, 10: True, 12: True}
    assert units.source == "LibreFace's file image_results.csv"
    assert detector.describe()["version"] == "LibreFace"
    assert units.notes == ()
