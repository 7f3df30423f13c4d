"""The numbers that fusion needs, by hand on a 4x4 map and against plain pixels."""

from pathlib import Path

import numpy as np
import pytest

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.errors import InputError, ModelError
from xfera_nb.evidence import assemble, gather, hull_mask
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS


@pytest.fixture(scope="module")
def face(request):
    return find_faces(request.config.rootpath / "data" / "samples" / "C01HA.jpg")[0]


def evidence_of(face, maps):
    return assemble(
        face,
        Prediction(np.full(7, 1 / 7, np.float32)),
        np.asarray(maps, np.float32),
        ActionUnits(np.ones(len(OPENFACE_AUS)), source="test"),
    )


def test_numbers_are_those_of_the_resized_positive_map(face):
    maps = np.random.default_rng(1).normal(size=(7, 7, 7))
    evidence = evidence_of(face, maps)
    hull = hull_mask(face.crop_landmarks)
    pixels = np.rint(face.crop_landmarks).astype(int)
    for row, emotion in enumerate(EMOTIONS):
        picture = evidence.heatmap(emotion).upsampled()
        assert evidence.mean["crop"][row] == pytest.approx(picture.mean(), rel=1e-6)
        assert evidence.std["crop"][row] == pytest.approx(picture.std(), rel=1e-6)
        assert evidence.mean["hull"][row] == pytest.approx(picture[hull].mean(), rel=1e-6)
        assert evidence.std["hull"][row] == pytest.approx(picture[hull].std(), rel=1e-6)
        assert evidence.peak[row] == pytest.approx(picture.max(), rel=1e-6)
        at = picture[pixels[:, 1], pixels[:, 0]]
        assert evidence.activation[row] == pytest.approx(at, rel=1e-5, abs=1e-9)


def test_hull_holds_the_face_and_leaves_out_the_corners(face):
    mask = hull_mask(face.crop_landmarks)
    x, y = np.rint(face.crop_landmarks[30]).astype(int)
    assert mask[y, x]
    assert not mask[0, 0] and not mask[-1, -1]
    assert 0.2 < mask.mean() < 0.8


def test_a_map_of_not_a_number_has_no_evidence(face):
    maps = np.full((7, 7, 7), np.nan)
    evidence = evidence_of(face, maps)
    assert not any(heatmap.has_positive_evidence for heatmap in evidence.heatmaps)
    assert (evidence.peak == 0).all()


def test_a_class_goes_by_any_known_name(face):
    evidence = evidence_of(face, np.zeros((7, 7, 7)))
    assert evidence.heatmap("Joy") is evidence.heatmap("happiness")
    with pytest.raises(InputError, match="did you mean 'sadness'"):
        evidence.heatmap("sadnes")


def test_gather_takes_a_path_and_names(request, network, stand_in, monkeypatch):
    """The shipped classifier and a source by its name are loaded; a method and a layer hold."""
    loaded = []

    def load(path=None, *, device="auto"):
        loaded.append((path, device))
        return network

    monkeypatch.setattr("xfera_nb.evidence.evidence.load_classifier", load)
    photo = request.config.rootpath / "data" / "samples" / "C01HA.jpg"
    evidence = gather(str(photo), au_detector="builtin", method="hirescam", device="cpu")
    assert loaded == [(None, "cpu")] and evidence.face.photo_name == "C01HA.jpg"
    assert evidence.action_units.source == "builtin" or evidence.au_detector["name"] == "builtin"
    assert {one.method for one in evidence.heatmaps} == {"hirescam"}
    gather(evidence.face, "~/mine.safetensors", stand_in.StandInDetector())
    assert loaded[1] == (Path.home() / "mine.safetensors", "auto")
    with pytest.raises(InputError, match="did you mean 'gradcam'"):
        gather(evidence.face, network, stand_in.StandInDetector(), method="gradcm")
    with pytest.raises(ModelError, match="CUDA"):
        gather(evidence.face, network, stand_in.StandInDetector(), device="cuda:99")
