"""``xfera faithfulness``: text, JSON, a photo that is gone, command lines that are refused."""

from __future__ import annotations

import json
import runpy
import shutil

import pytest

from xfera_nb.datasets import open_dataset
from xfera_nb.evaluation.faithfulness import controls
from xfera_nb.evidence import extract
from xfera_nb.faces import find_faces

pytestmark = pytest.mark.slow


@pytest.fixture
def measured(request, tmp_path, monkeypatch):
    """A store of three photos by the network at 64 pixels, which is also the one loaded."""
    stand_in = runpy.run_path(str(request.config.rootpath / "tests" / "evidence" / "stand_in.py"))
    network = stand_in["classifier"]()
    photos = tmp_path / "photos" / "happiness"
    photos.mkdir(parents=True)
    for code in ("C01HA", "C02HA", "C03HA"):
        shutil.copy(request.config.rootpath / "data" / "samples" / f"{code}.jpg", photos)
    data = open_dataset(tmp_path / "photos", "folder", labels="names")
    detector = stand_in["StandInDetector"]()
    extract(data, tmp_path / "store", classifier=network, au_detector=detector, progress=False)
    monkeypatch.setattr("xfera_nb.classifier.load_classifier", lambda path=None: network)
    # The controls are three samples, not seventy.
    folder = request.config.rootpath / "data" / "samples"
    faces = tuple(find_faces(folder / f"C0{n}AN.jpg")[0] for n in (1, 2, 3))
    monkeypatch.setattr(controls, "_find_samples", lambda: faces)
    return tmp_path


def test_it_prints_means_and_goes_on(xfera, measured):
    gone = measured / "photos" / "happiness" / "C02HA.jpg"
    moved = gone.rename(measured / "moved.jpg")
    code, said, err = xfera("faithfulness", measured / "store")
    assert code == 0 and "2 faces checked, 1 skipped" in said
    assert "C02HA.jpg is not there any more" in err and "face/s" in err
    assert "mean IoU 0.27, best 0.33" in said and "AU12 lip corner puller" in said
    assert "Additivity (Sensitivity-n)" in said and "corrected for 6 checks (Holm)" in said
    moved.rename(gone)
    code, said, err = xfera("faithfulness", measured / "store", "--quiet", "--json")
    told = json.loads(said)
    assert (code, err, told["faces"], told["kept"]) == (0, "", 3, 2)


def test_photos_elsewhere(xfera, measured):
    (measured / "photos").rename(measured / "moved")
    code, _, err = xfera("faithfulness", measured / "store", "--quiet", "--limit", 1)
    assert code == 3 and "No face of this store could be checked" in err
    code, said, _ = xfera(
        "faithfulness", measured / "store", "--quiet", "--limit", 1, "--photos", measured / "moved"
    )
    assert code == 0 and "1 face checked" in said


@pytest.mark.parametrize("bad", [["--limit", "0"], ["--limit", "x"], ["--nonsense"]])
def test_command_lines_that_are_refused(xfera, measured, bad):
    code, said, err = xfera("faithfulness", measured / "store", *bad)
    assert code == 2 and said == "" and len(err.splitlines()) == 1


def test_no_store(xfera, measured):
    code, _, err = xfera("faithfulness", measured / "photos")
    assert code == 2 and "holds no store of evidence" in err
