"""RAF-DB, FER+, folders of classes and tables: what is read, and what is said of the rest."""

from __future__ import annotations

import numpy as np
import pytest

from xfera_nb.datasets import guess_kind, open_dataset
from xfera_nb.errors import DatasetError, PhotoError

HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)


def where(dataset, kind):
    return [problem.where for problem in dataset.report.of(kind)]


def test_rafdb(picture, tmp_path):
    lines = [
        "train_00001.jpg 5", "train_00002.jpg 1", "test_0001.jpg 7", "test_0002.jpg 8",
        "test_0003.jpg 4", "train_00003.jpg", "train_00001.jpg 2",
    ]  # fmt: skip
    listed = tmp_path / "basic" / "EmoLabel" / "list_patition_label.txt"
    listed.parent.mkdir(parents=True)
    listed.write_text("\n".join(lines) + "\n")
    for grey, name in enumerate(("train_00001", "train_00002", "test_0001", "test_0002", "odd")):
        picture(f"basic/Image/aligned/{name}_aligned.jpg", 20 * grey)
    for root in (tmp_path, tmp_path / "basic"):
        faces = open_dataset(root)
        assert faces.kind == "rafdb"
        assert [(i.id, i.emotion, i.split) for i in faces] == [
            ("train_00001.jpg", "sadness", "train"), ("train_00002.jpg", "surprise", "train"),
            ("test_0001.jpg", "neutral", "test"), ("test_0002.jpg", None, "test"),
            ("test_0003.jpg", "happiness", "test"),
        ]  # fmt: skip
    assert faces.path_of(faces[0]) == "Image/aligned/train_00001_aligned.jpg"
    assert where(faces, "unknown label") == ["test_0002.jpg"]
    assert where(faces, "missing") == ["test_0003.jpg"]
    assert where(faces, "unlisted") == ["odd_aligned.jpg"]
    name = "list_patition_label.txt"
    assert where(faces, "bad line") == [f"{name}, line 6", f"{name}, line 7"]
    assert faces.report.counts["without label"] == 1
    listed.unlink()
    with pytest.raises(DatasetError, match="holds no list_patition_label.txt, nor folders 1 to 7"):
        open_dataset(tmp_path, "rafdb")


def test_ferplus_csv(picture, tmp_path):
    rows = [
        "Training,fer0000000.png,4,1,0,0,3,0,0,2,0,0",
        "PublicTest,fer0000001.png,0,5,0,0,0,5,0,0,0,0",
        "PrivateTest,fer0000002.png,1,0,0,0,0,0,0,9,0,0",
        "Training,,0,0,0,0,0,0,0,0,0,10",
        "Training,fer0000003.png,0,0,0,0,0,0,10,0,0,0",
        "Training,fer0000004.png,x,0,0,0,0,0,10,0,0,0",
    ]
    for number in range(3):
        picture(f"FER2013Train/fer{number:07d}.png", 50 * number)
    table = tmp_path / "fer2013new.csv"
    table.write_text("\n".join([HEADER, *rows]))
    faces = open_dataset(table)
    assert faces.kind == "ferplus"
    assert [(i.id, i.emotion, i.split) for i in faces] == [
        ("fer0000000.png", "neutral", "Training"),
        ("fer0000001.png", "disgust", "PublicTest"),  # a tie: the first in EMOTIONS
        ("fer0000002.png", None, "PrivateTest"),
        ("fer0000003.png", "fear", "Training"),
    ]
    assert where(faces, "tied votes") == ["fer0000001.png"]
    (unknown,) = faces.report.of("unknown label")
    assert (unknown.where, unknown.detail) == ("fer0000002.png", "the label 'contempt'")
    assert where(faces, "bad line") == ["fer2013new.csv, line 5", "fer2013new.csv, line 7"]
    assert where(faces, "missing") == ["fer0000003.png"]
    elsewhere = open_dataset(table, images=tmp_path / "FER2013Train")
    assert elsewhere.path_of(elsewhere[0]) == "fer0000000.png"
    table.write_text("Image name,neutral\n")
    with pytest.raises(DatasetError, match="is not FER..s list"):
        open_dataset(table)


def test_ferplus_pack(tmp_path):
    images = np.zeros((3, 48, 48), np.uint8)
    images[1] = 9
    votes = np.zeros((3, 10), np.uint8)
    votes[0, 1] = votes[1, 4] = votes[2, 4] = 10
    pack = {
        "images": images, "votes": votes, "classes": np.array(HEADER.split(",")[2:]),
        "split": np.array(["Training", "Training", "PublicTest"]),
    }  # fmt: skip
    path = tmp_path / "pack.npz"
    np.savez(path, **pack, names=np.array(["a.png", "b.png", "b.png"]))
    faces = open_dataset(path)
    assert [(i.id, i.emotion) for i in faces] == [
        ("a.png", "happiness"), ("b.png", "anger"), ("b.png#2", "anger"),
    ]  # fmt: skip
    assert (faces[1].source == 9).all() and faces.path_of(faces[1]) is None
    assert where(faces, "duplicate") == ["b.png#2"]  # all zero, as a.png
    np.savez(path, **pack)
    assert [item.id for item in open_dataset(path)] == ["00000", "00001", "00002"]
    path.write_bytes(b"PK")
    with pytest.raises(PhotoError, match="cannot be read"):
        open_dataset(path)


def test_a_folder_of_classes(picture, tmp_path):
    for grey, name in enumerate(
        ("train/Happy/p1/a.jpg", "val/angry/b.png", "odd/c.jpg", "d.jpg", "train/sad/e.jpg")
    ):
        picture(name, 30 * grey)
    (tmp_path / "train" / "sad" / "e.jpg").write_bytes(b"")
    (tmp_path / "notes.txt").touch()
    faces = open_dataset(tmp_path)
    assert faces.kind == "folder"
    assert [(i.id, i.emotion, i.label, i.split) for i in faces] == [
        ("d.jpg", None, None, None), ("odd/c.jpg", None, "odd", None),
        ("train/Happy/p1/a.jpg", "happiness", "Happy", "train"),
        ("train/sad/e.jpg", "sadness", "sad", "train"),
        ("val/angry/b.png", "anger", "angry", "val"),
    ]  # fmt: skip
    assert where(faces, "unknown label") == ["d.jpg", "odd/c.jpg"]
    assert where(faces, "other file") == ["notes.txt"]
    (empty,) = faces.report.of("unreadable")
    assert (empty.where, empty.detail) == ("train/sad/e.jpg", "the file is empty")


def test_numbered_class_folders_need_their_scheme(picture, tmp_path):
    picture("1/a.jpg")
    assert open_dataset(tmp_path, "folder")[0].emotion is None
    assert open_dataset(tmp_path, "folder", labels="rafdb")[0].emotion == "surprise"
    with pytest.raises(DatasetError, match="kdef has no option 'labels'"):
        open_dataset(tmp_path, "kdef", labels="rafdb")


def test_a_table(picture, tmp_path):
    for grey, name in enumerate(("x/a.jpg", "x/b.jpg", "x/c.jpg")):
        picture(name, 30 * grey)
    table = tmp_path / "faces.csv"
    table.write_text(
        "File,Emotion,identity,Gender\nx/a.jpg,joy,p1,F\nx/b.jpg,bored,p2,\nx/c.jpg,,p1,M\n"
        "x/d.jpg,fear,p1,M\n,fear,p1,M\nx/a.jpg,fear,p1,F\n"
    )
    faces = open_dataset(table)
    assert [(i.id, i.emotion, i.person, i.gender) for i in faces] == [
        ("x/a.jpg", "happiness", "p1", "F"), ("x/b.jpg", None, "p2", None),
        ("x/c.jpg", None, "p1", "M"), ("x/d.jpg", "fear", "p1", "M"),
    ]  # fmt: skip
    assert where(faces, "unknown label") == ["x/b.jpg"]
    assert where(faces, "missing") == ["x/d.jpg"]
    assert where(faces, "bad line") == ["faces.csv, line 6", "faces.csv, line 7"]
    assert open_dataset(table, root=tmp_path / "x").report.of("missing")[0].where == "x/a.jpg"
    table.write_text("a,b\n1,2\n")
    with pytest.raises(DatasetError, match="has no column of paths"):
        open_dataset(table)


def test_the_samples(request):
    root = request.config.rootpath / "data" / "samples"
    faces = open_dataset(root, check=False)
    assert faces.kind == "samples" and len(faces) == 70
    assert set(faces.counts.values()) == {10}
    assert faces.neutral_of(faces[0]).id == "C01NE"


def test_what_is_no_data_set(tmp_path):
    with pytest.raises(DatasetError, match="no folder or file"):
        guess_kind(tmp_path / "none")
    (tmp_path / "a.txt").touch()
    with pytest.raises(DatasetError, match="no data set that is known"):
        guess_kind(tmp_path / "a.txt")
    with pytest.raises(DatasetError, match="no kind of data set 'casia'"):
        open_dataset(tmp_path, "casia")


def test_a_url_is_called_a_url():
    with pytest.raises(DatasetError, match="is a URL, .*: download it"):
        open_dataset("https://example.org/photos/")
