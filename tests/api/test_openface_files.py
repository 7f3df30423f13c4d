"""Action Units from earlier files in `explain`, `extract` and the Explainer, matched by folders."""

import runpy
import shutil

import numpy as np
import pytest

from xfera_nb.api import explain
from xfera_nb.errors import DetectorError
from xfera_nb.evidence import EvidenceStore, extract
from xfera_nb.faces import find_faces
from xfera_nb.facs import OPENFACE_AUS, OPENFACE_PRESENCE_AUS
from xfera_nb.facs.action_units import au_name
from xfera_nb.widgets.explainer.state import ExplainerState

PHOTOS = {"p1/happy": 1.0, "p1/neutral": 0.5, "p2/happy": 4.0}


@pytest.fixture(scope="module")
def folders(request, tmp_path_factory):
    """Photos that are all named 001.jpg, and an output of OpenFace for each, by its AU12."""
    root = tmp_path_factory.mktemp("of")
    sample = request.config.rootpath / "data" / "samples" / "C01HA.jpg"
    (face,) = find_faces(sample)
    for place, value in PHOTOS.items():
        (root / "photos" / place).mkdir(parents=True)
        (root / "of" / place).mkdir(parents=True)
        shutil.copy(sample, root / "photos" / place / "001.jpg")
        cells = {"face": 0, "confidence": 0.98}
        cells |= {f"x_{i}": x for i, x in enumerate(face.landmarks[:, 0])}
        cells |= {f"y_{i}": y for i, y in enumerate(face.landmarks[:, 1])}
        cells |= {f"{au_name(au)}_r": value if au == 12 else 0.25 for au in OPENFACE_AUS}
        cells |= {f"{au_name(au)}_c": int(au == 12) for au in OPENFACE_PRESENCE_AUS}
        lines = (", ".join(map(str, part)) for part in (cells, cells.values()))
        (root / "of" / place / "001.csv").write_text("\n".join(lines) + "\n")
    return root


def test_explain(folders, classifier):
    options = {"au_detector": "openface-files", "au_options": {"files": folders / "of"}}
    for place, value in PHOTOS.items():
        result = explain(
            folders / "photos" / place / "001.jpg", classifier=classifier, occlusion=False,
            **options,
        )  # fmt: skip
        assert result.evidence.action_units.intensity(12) == value
        assert str(folders) not in str(result.to_dict())  # the path stays here
    data = (folders / "photos" / "p1" / "happy" / "001.jpg").read_bytes()
    with pytest.raises(DetectorError, match="without a name"):
        explain(data, classifier=classifier, occlusion=False, **options)
    with pytest.raises(DetectorError, match="this one is loaded already"):
        explain(data, au_detector=object(), au_options={"files": "x"}, classifier=classifier)


def test_extract(folders, request, tmp_path):
    path = request.config.rootpath / "tests" / "evidence" / "stand_in.py"
    from xfera_nb.au_detectors import load_detector

    extract(
        folders / "photos", tmp_path / "store", classifier=runpy.run_path(path)["classifier"](),
        au_detector=load_detector("openface-files", files=folders / "of"), progress=False,
    )  # fmt: skip
    rows = EvidenceStore.open(tmp_path / "store").rows()
    at = OPENFACE_AUS.index(12)
    assert {row.id.removesuffix("/001.jpg"): float(row.intensities[at]) for row in rows} == PHOTOS


def test_the_explainer(folders, classifier):
    state = ExplainerState(
        folders / "photos" / "p2" / "happy" / "001.jpg", classifier=classifier,
        au_detector="openface-files", au_options={"files": str(folders / "of")}, occlusion=False,
    )  # fmt: skip
    assert state.fusion.evidence.action_units.intensity(12) == 4.0
    assert "openface-files" in state.au_detectors
    options = f"au_options={{'files': {str(folders / 'of')!r}}}"
    assert f"au_detector='openface-files', {options}" in state.to_code()
    assert np.isclose(state.fusion.evidence.action_units.confidence, 0.98)
