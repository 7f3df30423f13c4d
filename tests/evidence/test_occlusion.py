"""What hiding a region does, on a network whose answer depends on one place alone."""

import numpy as np
import pytest
import torch
from torch import nn

from xfera_nb.classifier import load_classifier
from xfera_nb.datasets.samples import sample
from xfera_nb.evidence.occlusion import RegionOcclusion, hide_regions, occlude_regions
from xfera_nb.faces import find_faces
from xfera_nb.faces.regions import FACE_REGIONS, face_region_masks


class MouthDetail(nn.Module):
    """Answers "happiness" by the detail (vertical differences) in the mouth's rows alone."""

    def __init__(self, rows):
        super().__init__()
        self.rows, self.last = rows, nn.Conv2d(3, 3, 1, bias=False)
        self.last.weight.data = torch.eye(3)[..., None, None]

    def forward(self, x):
        detail = self.last(x).diff(dim=2).abs()[:, :, self.rows].mean((1, 2, 3))
        return torch.stack([40 * detail, torch.full_like(detail, 2.0)], 1)


@pytest.fixture(scope="module")
def face():
    return find_faces(sample("C01HA"))[0]


@pytest.fixture(scope="module")
def classifier(face):
    mouth = face_region_masks(face.crop_landmarks)[FACE_REGIONS.index("mouth")]
    rows = np.flatnonzero(mouth.any(axis=1))
    network = MouthDetail(slice(int(rows[0]), int(rows[-1])))
    return load_classifier(network, classes=["happiness", "neutral"], layer="last")


def test_the_region_that_the_network_uses_costs_most(face, classifier):
    whole = classifier.predict(face.crop[None])[0]
    drops = occlude_regions(face, classifier).prob_drops(whole, "happiness")
    assert FACE_REGIONS[int(np.argmax(drops))] == "mouth"
    assert drops[FACE_REGIONS.index("brows")] == pytest.approx(0, abs=1e-4)
    hidden = occlude_regions(face, classifier).prediction("mouth")
    expected = float(whole.probabilities[3]) - float(hidden.probabilities[3])
    assert drops[FACE_REGIONS.index("mouth")] == pytest.approx(expected, abs=1e-6)


def test_only_the_hidden_region_changes(face, classifier):
    pictures, inside = hide_regions(face, classifier)
    masks = face_region_masks(face.crop_landmarks)
    assert inside.all()
    for picture, mask in zip(pictures, masks, strict=True):
        changed = (picture != face.crop).any(axis=2)
        assert changed[mask].mean() > 0.5
        rim = np.pad(mask, 12)
        near = np.zeros(mask.shape, bool)
        for y in range(25):
            for x in range(25):
                near |= rim[y : y + 224, x : x + 224]
        assert not changed[~near].any()


def test_a_region_outside_the_crop_has_no_effect_to_tell(face, classifier, monkeypatch):
    low = face.crop_landmarks + (0, 110)
    monkeypatch.setattr(type(face), "crop_landmarks", property(lambda self: low))
    effect = occlude_regions(face, classifier)
    assert np.isnan(effect.probabilities[FACE_REGIONS.index("chin")]).all()
    assert effect.prediction("chin") is None
    assert effect.prediction("brows") is not None


def test_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\(6, 7\)"):
        RegionOcclusion(np.zeros((5, 7)))
