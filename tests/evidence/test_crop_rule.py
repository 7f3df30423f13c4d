"""A network's own crop: the photo is cut as it was in training, and everything reads that crop."""

import numpy as np
import pytest
import torch
from constant_aus import ConstantAUs
from torch import nn

import xfera_nb as xf
from xfera_nb.datasets import open_dataset
from xfera_nb.evidence import Evidence, hide_parts
from xfera_nb.evidence.crop_rule import read_crop_rule
from xfera_nb.faces import CHIN, SIDE, crop_to_image_affine, face_from_landmarks, recrop_face
from xfera_nb.facs import EMOTIONS


def load(**crop):
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3, 4, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 7)
    )
    return xf.load_classifier(network, classes=EMOTIONS, layer="1", size=64, **crop)


@pytest.fixture(scope="module")
def tilted(request):
    """A sample turned by 20 degrees, with its landmarks."""
    import cv2

    (face,) = xf.find_faces(request.config.rootpath / "data" / "samples" / "C01HA.jpg")
    height, width = face.image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 20, 1.0)
    image = cv2.warpAffine(face.image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    points = face.landmarks @ turn[:, :2].T + turn[:, 2]
    return face_from_landmarks(image, points.astype(np.float32), photo_name="tilted.jpg")


def test_the_default_margin_is_the_toolkits_crop(tilted):
    same = crop_to_image_affine(tilted.landmarks, margin=SIDE - 1)
    assert same == pytest.approx(crop_to_image_affine(tilted.landmarks))
    assert recrop_face(tilted, margin=SIDE - 1) is tilted


@pytest.mark.parametrize("margin", [0.05, 0.2, 0.6, 2.0])
def test_a_margin_by_hand(tilted, margin):
    """The box's larger side is 1 / (1 + margin) of the crop; all landmarks lie inside."""
    points = recrop_face(tilted, margin=margin).crop_landmarks
    low, high = points.min(axis=0), points.max(axis=0)
    assert (high - low).max() / 224 == pytest.approx(1 / (1 + margin), rel=1e-5)
    assert (low[0] + high[0]) / 2 == pytest.approx(111.5, abs=1e-3)
    below, above = 223.5 - high[1], low[1] + 0.5
    assert below > 0 and above > 0
    if (high - low).argmax() == 1:
        usual = (1 - CHIN) / (1 - 1 / SIDE)
        assert below / (below + above) == pytest.approx(usual, rel=1e-4)


def test_a_face_that_is_not_turned_stays_tilted(tilted):
    loose = recrop_face(tilted, align=False)
    assert loose.crop_to_photo[0, 1] == loose.crop_to_photo[1, 0] == 0
    left, right = loose.crop_landmarks[36:42].mean(axis=0), loose.crop_landmarks[42:48].mean(axis=0)
    assert np.degrees(np.arctan2(*(right - left)[::-1])) == pytest.approx(-20, abs=3)
    assert loose.to_photo(loose.crop_landmarks) == pytest.approx(tilted.landmarks, abs=1e-3)


def test_hidden_regions_stay_hidden_in_another_crop(tilted):
    hidden = hide_parts(tilted, ["mouth"])
    classifier = load(margin=0.6)
    found = xf.gather(hidden, classifier, ConstantAUs()).face
    wide = recrop_face(tilted, margin=0.6)
    assert recrop_face(hidden, margin=0.6).hidden == ()
    assert found.hidden == ("mouth",) and (found.crop == hide_parts(wide, "mouth").crop).all()
    assert not (found.crop == wide.crop).all()


def test_painted_spots_move_with_the_crop(tilted):
    hidden = hide_parts(tilted, [(112, 150, 20)])
    face = xf.gather(hidden, load(margin=0.6), ConstantAUs()).face
    ((x, y, radius),) = face.hidden
    assert face.to_photo(np.array([x, y])) == pytest.approx(
        tilted.to_photo(np.array([112, 150])), abs=0.2
    )
    sizes = [np.linalg.norm(one.crop_to_photo[:, 0]) for one in (face, tilted)]
    assert radius == pytest.approx(20 * sizes[1] / sizes[0], abs=0.1) and radius < 19


def test_evidence_store_and_controls_have_the_networks_crop(tilted, tmp_path):
    from xfera_nb.evaluation.faithfulness import make_controls

    classifier = load(margin=0.6, align=False)
    assert classifier.card["input"]["crop"] == {"margin": 0.6, "align": False}
    evidence = xf.gather(tilted, classifier, ConstantAUs())
    wide = recrop_face(tilted, margin=0.6, align=False)
    assert (evidence.face.crop == wide.crop).all()
    expected = classifier.predict(wide.crop[None])[0].probabilities
    assert evidence.prediction.probabilities == pytest.approx(expected)
    assert not np.allclose(expected, classifier.predict(tilted.crop[None])[0].probabilities)
    controls = make_controls(classifier, [tilted])
    assert controls.maps[0, 3] == pytest.approx(evidence.heatmap("happiness").values, abs=1e-6)

    from PIL import Image

    (tmp_path / "photos" / "happiness").mkdir(parents=True)
    Image.fromarray(tilted.image).save(tmp_path / "photos" / "happiness" / "tilted.png")
    dataset = open_dataset(tmp_path / "photos")
    options = {"au_detector": ConstantAUs(), "progress": False}
    xf.extract(dataset, tmp_path / "own.store", classifier=classifier, **options)
    store = xf.EvidenceStore.open(tmp_path / "own.store")
    assert store.manifest["crop"] == {
        "size": 224, "margin": 0.6, "align": False, "faces": "largest"
    }  # fmt: skip
    again = Evidence.from_row(store.row(0), tilted.image, store.manifest)
    fresh = xf.gather(tmp_path / "photos" / "happiness" / "tilted.png", classifier, ConstantAUs())
    assert again.face.crop_to_photo == pytest.approx(fresh.face.crop_to_photo)
    assert again.activation == pytest.approx(fresh.activation, abs=1e-5)
    shares = store.arrays(regions=True).region_shares[0]
    expected = np.stack([fresh.region_shares(emotion) for emotion in EMOTIONS])
    assert np.isfinite(expected).any()
    assert shares == pytest.approx(expected, abs=1e-5, nan_ok=True)


def test_the_explainer_shows_the_networks_crop(tilted):
    from xfera_nb.widgets import ExplainerState

    state = ExplainerState(tilted, classifier=load(margin=0.6), au_detector=ConstantAUs())
    wide = recrop_face(tilted, margin=0.6)
    assert state.error == "" and (state.evidence.face.crop == wide.crop).all()


def test_a_manifest_from_outside_gives_no_other_options():
    bad = ({"margin": 1e9, "align": 0, "size": 3}, {"margin": "x"}, {"margin": float("nan")}, 3)
    assert [read_crop_rule({"input": {"crop": crop}}) for crop in bad] == [{}] * 4
    assert read_crop_rule({}) == read_crop_rule({"input": 3}) == {}
