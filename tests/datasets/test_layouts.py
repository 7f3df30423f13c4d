"""Data sets as people keep them: Kaggle's copies, other formats, tables of all sorts."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from xfera_nb.datasets import open_dataset
from xfera_nb.errors import DatasetError, InputError

RAFDB = ["surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"]


def where(dataset, kind):
    return [problem.where for problem in dataset.report.of(kind)]


def emotions(dataset):
    return {item.id: item.emotion for item in dataset}


def test_kdefs_folders_of_gender_are_no_labels(picture, tmp_path):
    for grey, name in enumerate(("happy/AF/AF-001", "happy/SA/SA-001", "neutral/AN/AN-001")):
        picture(f"{name}.jpg", 30 * grey)
    faces = open_dataset(tmp_path)
    assert faces.kind == "folder" and not faces.report.problems
    assert [item.emotion for item in faces] == ["happiness", "happiness", "neutral"]


def test_folders_that_disagree_give_no_label(picture, tmp_path):
    picture("happy/sad/a.jpg")
    picture("happy/x/b.jpg", 50)
    faces = open_dataset(tmp_path)
    assert emotions(faces) == {"happy/sad/a.jpg": None, "happy/x/b.jpg": "happiness"}
    (problem,) = faces.report.of("conflicting label")
    assert problem.where == "happy/sad/a.jpg" and "'sad' is sadness" in problem.detail
    assert "given two emotions" in faces.report.text()


@pytest.mark.parametrize("ending", ["png", "jpeg", "bmp", "tif", "jfif"])
def test_kdef_in_any_format(picture, tmp_path, ending):
    for grey, code in enumerate(("AN", "HA")):
        image = Image.new("L", (48, 48), 40 * grey)
        image.save(tmp_path / f"AF01{code}S.{ending}", "JPEG" if ending == "jfif" else None)
    faces = open_dataset(tmp_path)
    assert faces.kind == "kdef" and not faces.report.of("misnamed")
    assert emotions(faces) == {"AF01ANS": "anger", "AF01HAS": "happiness"}


def test_one_name_like_kdefs_does_not_make_a_folder_kdefs(picture, tmp_path):
    picture("happy/AF01HAS.jpg")
    for number in range(3):
        picture(f"sad/{number}.jpg", 40 * number)
    assert open_dataset(tmp_path).kind == "folder"


def test_a_folder_against_kdefs_code_is_a_conflict(picture, tmp_path):
    picture("sad/AF01HAS.jpg")
    picture("happy/AF02HAS.jpg", 50)
    faces = open_dataset(tmp_path)
    assert emotions(faces) == {"AF01HAS": None, "AF02HAS": "happiness"}
    assert where(faces, "conflicting label") == ["AF01HAS"]


def test_akdef_and_jaffe(picture, tmp_path):
    picture("akdef/FAFFL.JPG")
    picture("akdef/MANS.JPG", 50)
    akdef = open_dataset(tmp_path / "akdef")
    assert [(i.emotion, i.gender, i.angle) for i in akdef] == [
        ("fear", "F", "FL"), ("anger", "M", "S"),
    ]  # fmt: skip
    picture("jaffe/KA.FE2.46.tiff")
    picture("jaffe/KA.NE1.26.tiff", 50)
    picture("jaffe/YM.HA1.52.tiff", 90)
    jaffe = open_dataset(tmp_path / "jaffe")
    assert jaffe.kind == "jaffe"
    assert [(i.emotion, i.person) for i in jaffe] == [
        ("fear", "KA"), ("neutral", "KA"), ("happiness", "YM"),
    ]  # fmt: skip
    assert jaffe.neutral_of(jaffe[0]) is jaffe[1]


def kaggle_raf(picture, tmp_path):
    for number, _ in enumerate(RAFDB, start=1):
        picture(f"DATASET/train/{number}/train_{number:05d}_aligned.jpg", 10 * number)
    picture("DATASET/test/4/test_0001_aligned.jpg", 99)
    lines = [f"train_{n:05d}_aligned.jpg,{n}\n" for n in range(1, 8)]
    (tmp_path / "train_labels.csv").write_text("image,label\n" + "".join(lines))
    (tmp_path / "test_labels.csv").write_text("image,label\ntest_0001_aligned.jpg,4\n")
    return tmp_path


def test_kaggles_rafdb(picture, tmp_path):
    root = kaggle_raf(picture, tmp_path)
    for place in (root, root / "DATASET"):
        faces = open_dataset(place)
        assert faces.kind == "rafdb" and not faces.report.problems
        assert [item.emotion for item in faces] == ["happiness", *RAFDB]
        assert faces.report.groups["split"] == {"test": 1, "train": 7}
    table = open_dataset(root / "train_labels.csv")
    assert [item.emotion for item in table] == RAFDB and not table.report.problems
    (root / "test_labels.csv").write_text("image,label\ntest_0001_aligned.jpg,5\n")
    faces = open_dataset(root)
    assert where(faces, "conflicting label") == ["DATASET/test/4/test_0001_aligned.jpg"]
    assert faces[0].emotion is None


def test_ferplus_by_its_folder(picture, tmp_path):
    picture("FER2013Train/fer0000000.png")
    picture("FER2013Valid/fer0028638.png", 50)
    (tmp_path / "FER2013Train" / "label.csv").write_text(
        'fer0000000.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0\n'
    )
    (tmp_path / "FER2013Valid" / "label.csv").write_text(
        'fer0028638.png,"(0, 0, 48, 48)",0,9,0,1,0,0,0,0,0,0\nfer9.png,"(0, 0, 48, 48)",1\n'
    )
    parts = open_dataset(tmp_path)
    assert [(i.id, i.emotion, i.split) for i in parts] == [
        ("fer0000000.png", "neutral", "Training"), ("fer0028638.png", "happiness", "PublicTest"),
    ]  # fmt: skip
    assert len(parts.report.of("bad line")) == 1 and not parts.report.of("other file")
    (tmp_path / "fer2013new.csv").write_text(
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"
        "unknown,NF\nTraining,fer0000000.png,0,0,0,0,8,2,0,0,0,0\n"
    )
    faces = open_dataset(tmp_path)
    assert faces.kind == "ferplus" and emotions(faces) == {"fer0000000.png": "anger"}


@pytest.mark.parametrize("header", ["emotion,pixels,Usage", "emotion, Usage, pixels"])
def test_fer2013_with_pixels(tmp_path, header):
    def row(label, grey):
        values = {"emotion": label, "pixels": " ".join([str(grey)] * 2304), "Usage": "Training"}
        return ",".join(values[name.strip()] for name in header.split(","))

    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join([header, row("3", 7), row("6", 9), row("0", 256)]) + "\n")
    faces = open_dataset(path)
    assert faces.kind == "fer2013"
    assert [(i.id, i.emotion, i.split) for i in faces] == [
        ("00000", "happiness", "Training"), ("00001", "neutral", "Training"),
    ]  # fmt: skip
    assert faces[1].pixels.shape == (48, 48) and (faces[1].pixels == 9).all()
    assert where(faces, "bad line") == ["fer2013.csv, line 4"]


def test_affectnets_folders(picture, tmp_path):
    for number, label in enumerate(("1", "7", None, "3")):
        picture(f"val_set/images/{number}.jpg", 20 * number)
        place = tmp_path / "val_set" / "annotations"
        place.mkdir(exist_ok=True)
        if label is not None:
            np.save(place / f"{number}_exp.npy", np.array(label))
        np.save(place / f"{number}_val.npy", np.array("0.1"))
    np.save(tmp_path / "val_set" / "annotations" / "3_exp.npy", np.array(6))
    for root in (tmp_path, tmp_path / "val_set"):
        faces = open_dataset(root)
        assert faces.kind == "affectnet"
        assert [item.emotion for item in faces] == ["happiness", None, None, "anger"]
    assert len(faces.report.of("unknown label")) == 2


def test_an_array_of_objects_is_not_unpickled(picture, tmp_path):
    picture("images/0.jpg")
    (tmp_path / "annotations").mkdir()
    np.save(tmp_path / "annotations" / "0_exp.npy", np.array([{}], object), allow_pickle=True)
    (item,) = open_dataset(tmp_path)
    assert item.emotion is None and item.label is None


AFFECTNET = "subDirectory_filePath,face_x,expression,valence\nimages/0.jpg,1,3,0\n"


@pytest.mark.parametrize(
    ("text", "options", "found"),
    [
        ("image,expression\nimages/0.jpg,3.0\n", {"labels": "affectnet"}, "surprise"),
        ("image,expression\nimages\\0.jpg,happy\n", {}, "happiness"),
        ("image,expression\nC:\\data\\images\\0.jpg,happy\n", {}, "happiness"),
        ("image,expression\n0.jpg,happy\n", {}, "happiness"),  # in some folder below
        ("image;expression\nimages/0.jpg;sad\n", {}, "sadness"),
        ("image\texpression\nimages/0.jpg\tfear\n", {}, "fear"),
        (",pth,label,relFCs\n0,images/0.jpg,neutral,0.8\n", {}, "neutral"),
        (AFFECTNET, {}, "surprise"),
        ("a,b\nimages/0.jpg,happy\n", {"columns": {"path": "A", "label": "b"}}, "happiness"),
        ("file,e\nimages/0.jpg,x\n", {"columns": {"label": "e"}, "labels": {"x": "joy"}},
         "happiness"),
    ],
)  # fmt: skip
def test_tables_of_all_sorts(picture, tmp_path, text, options, found):
    picture("images/0.jpg")
    for encoding in ("utf-8", "utf-16", "utf-8-sig"):
        (tmp_path / "list.csv").write_text(text, encoding)
        (item,) = (faces := open_dataset(tmp_path / "list.csv", **options))
        assert item.emotion == found and not faces.report.problems


def test_a_table_of_windows_in_its_own_code_page(picture, tmp_path):
    picture("é.jpg")
    (tmp_path / "list.csv").write_text("image,expression\né.jpg,happy\n", "cp1252")
    (item,) = (faces := open_dataset(tmp_path / "list.csv"))
    assert item.id == "é.jpg" and not faces.report.problems


def test_a_name_that_is_there_twice_is_not_guessed(picture, tmp_path):
    picture("a/0.jpg")
    picture("b/0.jpg", 50)
    (tmp_path / "list.csv").write_text("image,expression\n0.jpg,happy\n")
    assert where(open_dataset(tmp_path / "list.csv"), "missing") == ["0.jpg"]


def test_columns_that_are_not_there(tmp_path):
    (tmp_path / "list.csv").write_text("a,b\n1.jpg,happy\n")
    with pytest.raises(DatasetError, match="no column of list.csv named 'c'"):
        open_dataset(tmp_path / "list.csv", columns={"path": "c"})
    with pytest.raises(DatasetError, match="no meaning of a column 'pth'"):
        open_dataset(tmp_path / "list.csv", columns={"pth": "a"})
    with pytest.raises(InputError, match="no emotion 'hapy'"):
        open_dataset(tmp_path / "list.csv", columns={"path": "a"}, labels={"0": "hapy"})


def test_labels_that_nobody_explained_are_asked_for(picture, tmp_path):
    for name in ("0/a.jpg", "1/b.jpg"):
        picture(name, 40 if name[0] == "0" else 80)
    faces = open_dataset(tmp_path)
    assert faces.asks_for_labels
    assert "theirs are the numbers 0, 1: say what they mean by labels" in faces.advise_labels()
    mapped = open_dataset(tmp_path, labels={"0": "fear", "1": "joy"})
    assert mapped.advise_labels() is None
    assert [item.emotion for item in mapped] == ["fear", "happiness"]


def test_codes_as_folders_are_asked_for(picture, tmp_path):
    picture("AN/a.jpg")
    picture("AF/b.jpg", 50)
    assert "by labels kdef" in open_dataset(tmp_path).advise_labels()
    assert [i.emotion for i in open_dataset(tmp_path, labels="kdef")] == ["fear", "anger"]


def test_photos_without_any_label_are_said_but_not_asked_for(picture, tmp_path):
    picture("a.jpg")
    faces = open_dataset(tmp_path)
    assert not faces.asks_for_labels
    assert faces.advise_labels().startswith("The photo has no label: nothing can")
