"""The family of errors, paths as users write them, and small pieces of text."""

from __future__ import annotations

import ast
import stat
from pathlib import Path

import pytest

from xfera_nb import errors
from xfera_nb.errors import ParamsError, nearest_name, unknown_name
from xfera_nb.paths import expand_path, is_url, write_atomic
from xfera_nb.wording import count_of, start_sentence


def test_every_error_of_the_package_belongs_to_the_family():
    package = Path(errors.__file__).parent
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }
    family = {"XferaError"}
    for _ in bases:
        family |= {name for name, given in bases.items() if given & family}
    assert len(family) > 10 and set(bases) <= family, set(bases) - family


def test_the_nearest_name():
    known = ("gradcam", "HiResCAM", "occlusion")
    assert nearest_name("grad-cam", known) == "gradcam"
    assert nearest_name("hirescam", known) == "HiResCAM"
    assert nearest_name("xyz", known) is None
    error = unknown_name("method", "oclusion", known, ParamsError)
    assert isinstance(error, ParamsError)
    assert str(error) == (
        "There is no method 'oclusion' (did you mean 'occlusion'?): "
        "choose from gradcam, HiResCAM, occlusion."
    )


def test_home_is_expanded(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expand_path("~/a.jpg") == tmp_path / "a.jpg"
    assert expand_path(Path("~") / "a.jpg") == tmp_path / "a.jpg"
    assert expand_path("a~b.jpg") == Path("a~b.jpg")
    assert expand_path("~nobody-of-this-name/a.jpg") == Path("~nobody-of-this-name/a.jpg")


def test_urls():
    assert is_url("https://example.org/a.jpg") and is_url("s3://bucket/a.jpg")
    assert not any(map(is_url, ("C:\\a.jpg", "c://a.jpg", "photos/a.jpg", Path("a"), b"http://x")))


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_atomic(path, "é\r\n")
    assert path.read_bytes() == b"\xc3\xa9\r\n"
    path.chmod(0o640)
    write_atomic(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"newer")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_a_noun_follows_its_number():
    assert [count_of(n, "face") for n in (0, 1, 2)] == ["0 faces", "1 face", "2 faces"]
    assert count_of(15339, "photo") == "15,339 photos"
    assert [count_of(n, "person", "people") for n in (1, 22)] == ["1 person", "22 people"]


def test_a_sentence_starts_with_a_capital_and_keeps_the_others():
    assert start_sentence("share of the AU source's AUs") == "Share of the AU source's AUs"
    assert start_sentence("") == ""
