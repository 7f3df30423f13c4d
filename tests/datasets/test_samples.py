"""Where the samples lie, what their names say, and what is said when they are not there."""

from __future__ import annotations

import pytest

from xfera_nb.datasets import (
    EXPRESSIONS,
    SAMPLES,
    found_samples,
    open_dataset,
    sample,
    samples,
    samples_folder,
)
from xfera_nb.errors import SamplesError, XferaError
from xfera_nb.facs import EMOTIONS


@pytest.fixture
def no_variable(monkeypatch):
    monkeypatch.delenv("XFERA_SAMPLES", raising=False)


@pytest.fixture
def far_away(monkeypatch, tmp_path, no_variable):
    """A package that is installed elsewhere, and an empty working folder below `tmp_path`."""
    monkeypatch.setattr(samples, "__file__", str(tmp_path / "site" / "xfera_nb" / "d" / "s.py"))
    here = tmp_path / "clone" / "notebooks"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    return here


def put(folder, *names):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_codes_name_the_seven_emotions_in_order():
    assert tuple(EXPRESSIONS.values()) == EMOTIONS
    assert len(SAMPLES) == 70
    assert SAMPLES["C03AF"].emotion == "fear" and SAMPLES["C03AF"].number == 3
    assert SAMPLES["C10AN"].emotion == "anger" and SAMPLES["C10AN"].file_name == "C10AN.jpg"
    assert "C11AN" not in SAMPLES


def test_the_repository_has_every_sample(request, no_variable):
    folder = request.config.rootpath / "data" / "samples"
    assert samples_folder() == folder
    assert set(found_samples()) == set(SAMPLES)
    assert sample("C01HA") == sample("c01ha.jpg") == folder / "C01HA.jpg"


def test_the_variable_names_another_folder(monkeypatch, tmp_path):
    folder = put(tmp_path / "mine", "C02SU.jpg", "C99SU.jpg", "notes.txt")
    monkeypatch.setenv("XFERA_SAMPLES", str(folder))
    assert samples_folder() == folder
    assert found_samples() == {"C02SU": folder / "C02SU.jpg"}
    with pytest.raises(SamplesError, match="C01HA is missing from"):
        sample("C01HA")


def test_a_variable_that_leads_nowhere_is_not_passed_over(monkeypatch, tmp_path):
    monkeypatch.setenv("XFERA_SAMPLES", str(tmp_path))
    with pytest.raises(SamplesError, match="XFERA_SAMPLES names the folder"):
        samples_folder()


def test_a_notebook_finds_the_samples_beside_its_folder(far_away):
    folder = put(far_away.parent / "data" / "samples", "C01HA.jpg")
    assert samples_folder() == folder


def test_the_working_folder_comes_before_the_one_above(far_away):
    put(far_away.parent / "data" / "samples", "C01HA.jpg")
    folder = put(far_away / "data" / "samples", "C01HA.jpg")
    assert samples_folder() == folder


def test_without_samples_the_error_says_what_to_do(far_away):
    (far_away / "data" / "samples").mkdir(parents=True)
    with pytest.raises(XferaError, match="clone of the repository.*XFERA_SAMPLES"):
        sample("C01HA")
    with pytest.raises(SamplesError, match="holds no sample faces"):
        found_samples(far_away)


@pytest.mark.parametrize("code", ["C00HA", "C11HA", "C01XX", "HA", ""])
def test_an_unknown_code_is_refused(code):
    with pytest.raises(SamplesError, match="There is no sample"):
        sample(code)


def test_home_is_expanded(monkeypatch, request):
    folder = request.config.rootpath / "data" / "samples"
    monkeypatch.setenv("HOME", str(folder.parent))
    assert found_samples("~/samples") == found_samples(folder)
    assert len(open_dataset("~/samples", check=False)) == 70
