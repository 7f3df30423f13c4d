"""KDEF's names, filters and neutrals, and each bad file named in the report."""

from __future__ import annotations

import shutil

import pytest

from xfera_nb.datasets import open_dataset, read_kdef
from xfera_nb.errors import DatasetError, InputError


@pytest.fixture(scope="module")
def kdef(kdef_tree):
    return read_kdef(kdef_tree)


def test_names_say_who_what_and_from_where(kdef):
    item = {item.id: item for item in kdef}["AF02SUS"]
    assert (item.session, item.gender, item.person) == ("A", "F", "F02")
    assert (item.label, item.emotion, item.angle) == ("SU", "surprise", "S")
    assert kdef.path_of(item) == "AF02/AF02SUS.JPG"
    assert [i.id for i in kdef] == sorted(i.id for i in kdef)


def test_counts_are_of_all_but_the_misnamed_file(kdef):
    # Two people x 7, an unreadable neutral, a wall named as happy, a duplicate happy.
    assert kdef.report.files == 18
    assert len(kdef) == kdef.report.items == 17
    assert kdef.counts == {
        "anger": 2, "disgust": 2, "fear": 2, "happiness": 4, "neutral": 3, "sadness": 2,
        "surprise": 2,
    }  # fmt: skip
    assert kdef.report.groups["person"] == {"F01": 8, "F02": 7, "F03": 1, "M04": 1}
    assert kdef.report.groups["session"] == {"A": 15, "B": 2}


def test_each_bad_file_is_named(kdef):
    (unreadable,) = kdef.report.of("unreadable")
    assert unreadable.where == "AF03NES" and "truncated" in unreadable.detail
    (duplicate,) = kdef.report.of("duplicate")
    assert (duplicate.where, duplicate.detail) == ("BF01HAS", "the same content as AF01HAS")
    (misnamed,) = kdef.report.of("misnamed")
    assert misnamed.where == "AF01/AF01XXS.JPG"
    text = kdef.report.text()
    for name in ("AF03NES", "BF01HAS", "AF01/AF01XXS.JPG", "17 of 18 photos"):
        assert name in text


def test_pictures_that_a_begun_series_lacks(kdef):
    lacking = [problem.where for problem in kdef.report.of("missing")]
    assert len(lacking) == 3 * 6  # three series of one picture
    assert "AF03HAS" in lacking and "BM04NES" in lacking and "AF01NES" not in lacking


def test_filters(kdef):
    assert len(kdef.paper490()) == 15  # session A, straight
    assert [i.id for i in kdef.select(person="F02", expression="AF")] == ["AF02AFS"]
    assert len(kdef.select(gender="M")) == 1
    some = kdef.select(person="F01", session="A").select(emotion=("fear", "anger"))
    assert [item.id for item in some] == ["AF01AFS", "AF01ANS"]
    assert some.chosen == ("person F01", "session A", "emotion fear, anger")
    assert some.report is kdef.report
    with pytest.raises(DatasetError, match="has the angle HL: choose from S"):
        kdef.select(angle="HL")
    with pytest.raises(ValueError, match=r"no field 'persn' \(did you mean 'person'\?\)"):
        kdef.select(persn="F01")
    with pytest.raises(InputError, match="no emotion 'hapiness' .did you mean 'happiness'"):
        kdef.select(emotion="hapiness")
    assert kdef.select(emotion="Joy").items == kdef.select(emotion="happiness").items


def test_each_persons_neutral(kdef):
    by_id = {item.id: item for item in kdef}
    assert kdef.neutral_of(by_id["AF02HAS"]) is by_id["AF02NES"]
    # Session B of F01 has no neutral: that of session A serves.
    assert kdef.neutral_of(by_id["BF01HAS"]) is by_id["AF01NES"]
    assert kdef.neutral_of(by_id["BM04HAS"]) is None


def test_dropping_what_was_reported(kdef):
    left = {item.id for item in kdef.without("duplicate", "unreadable")}
    assert {i.id for i in kdef} - left == {"BF01HAS", "AF03NES"}
    assert "AF01HAS" in left


def test_the_fingerprint_follows_the_data(kdef, kdef_tree, tmp_path):
    assert read_kdef(kdef_tree, check=False).fingerprint == kdef.fingerprint
    assert kdef.paper490().fingerprint != kdef.fingerprint
    copy = shutil.copytree(kdef_tree, tmp_path / "elsewhere")
    assert read_kdef(copy).fingerprint == kdef.fingerprint
    edited = copy / "AF02" / "AF02SUS.JPG"
    content = bytearray(edited.read_bytes())
    content[-3] ^= 1  # the length stays
    edited.write_bytes(content)
    changed = read_kdef(copy).fingerprint
    assert changed != kdef.fingerprint
    with open(copy / "AF01" / "AF01ANS.JPG", "ab") as file:
        file.write(b"!")
    assert read_kdef(copy).fingerprint not in (kdef.fingerprint, changed)


def test_without_the_check_the_report_says_so(kdef_tree):
    report = read_kdef(kdef_tree, check=False).report
    assert not report.of("unreadable") and not report.of("duplicate")
    assert "not decoded" in report.text()


def test_odd_files_and_names(picture, tmp_path):
    picture("a/af35hafl.jpg")
    picture("b/AF35HAFL.JPG", 50)
    picture("AF36HAS.JPG")  # KDEF has 35 of each gender
    picture("AF01HAS.png", 90)
    (tmp_path / "Thumbs.db").touch()
    (tmp_path / "._AF01HAS.JPG").touch()
    kdef = read_kdef(tmp_path)
    assert [item.id for item in kdef] == ["AF01HAS", "AF35HAFL", "b/AF35HAFL.JPG"]
    assert kdef[1].angle == "FL" and kdef[1].person == "F35"
    assert {p.where for p in kdef.report.of("misnamed")} == {"AF36HAS.JPG"}
    assert {p.where for p in kdef.report.of("other file")} == {"Thumbs.db", "._AF01HAS.JPG"}
    (twice,) = kdef.report.of("duplicate")
    assert (twice.where, twice.detail) == ("b/AF35HAFL.JPG", "named as a/af35hafl.jpg")


def test_nothing_there(tmp_path):
    with pytest.raises(DatasetError, match="There is no folder"):
        read_kdef(tmp_path / "none")
    (tmp_path / "happy.jpg").touch()
    with pytest.raises(DatasetError, match="holds no photo of KDEF .first: happy.jpg: the name"):
        read_kdef(tmp_path)


def test_the_kind_is_told_by_the_files(kdef_tree):
    assert open_dataset(kdef_tree, check=False).kind == "kdef"
