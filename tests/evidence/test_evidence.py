"""The numbers that fusion needs, by hand on a 4x4 map and against plain pixels."""

import numpy as np
import pytest

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import assemble, hull_mask
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


def test_unknown_emotion(face):
    with pytest.raises(ValueError, match="joy"):
        evidence_of(face, np.zeros((7, 7, 7))).heatmap("joy")
