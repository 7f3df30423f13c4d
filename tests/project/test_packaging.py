"""Exact versions, and no place named where they come from; the samples are all there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
PIN = re.compile(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.]*)")
EXPRESSIONS = ("AF", "AN", "DI", "HA", "NE", "SA", "SU")


def normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    matches = [PIN.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert all(matches), "constraints.txt: each line is name==version and nothing more"
    return {normal(match[1]): match[2] for match in matches}


def test_every_direct_dependency_has_an_exact_version():
    wanted = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
    names = {normal(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in wanted}
    assert len(names) == len(wanted) >= 30
    assert names <= pins().keys()


def test_torch_is_the_build_without_cuda():
    assert pins()["torch"] == "2.13.0"
    assert not [name for name in pins() if re.search("nvidia|cuda|triton", name)]


def test_opencv_is_not_the_headless_one():
    assert "opencv-python" in pins()
    assert "opencv-python-headless" not in pins()


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "constraints.txt", "environment.yml", "Makefile", ".ci/run"]
)
def test_no_package_index_is_named(name):
    assert not re.search(r"https?://|index-url|find-links|file:/", (ROOT / name).read_text())


def test_conda_users_get_the_same_versions_and_extras():
    text = (ROOT / "environment.yml").read_text()
    assert "python=3.11" in text
    assert "- -c constraints.txt" in text
    assert f"- -e .[{','.join(sorted(EXTRAS))}]" in text


def test_all_seventy_samples_are_there():
    folder = ROOT / "data" / "samples"
    expected = {f"C{n:02}{code}.jpg" for n in range(1, 11) for code in EXPRESSIONS}
    assert {path.name for path in folder.glob("*.jpg")} == expected
    for name in expected:
        with Image.open(folder / name) as picture:
            assert picture.size == (520, 520), name


def test_the_samples_say_where_they_come_from():
    note = (ROOT / "data" / "samples" / "README.md").read_text()
    assert "muxspace/facial_expressions (Apache-2.0)" in note
