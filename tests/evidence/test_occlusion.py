"""What hiding a region does, on a network whose answer depends on one place alone."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from torch import nn

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction, load_classifier
from xfera_nb.datasets.samples import sample
from xfera_nb.evidence import Evidence, EvidenceStore, StoreError, assemble, extract, gather
from xfera_nb.evidence.occlusion import RegionOcclusion, hide_regions, occlude_regions
from xfera_nb.evidence.rows import from_bytes, to_bytes, to_rows
from xfera_nb.faces import find_faces, load_photo
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


def test_gather_measures_the_hidden_faces_beside_the_photo(face, network, stand_in):
    detector = stand_in.StandInDetector()
    batches = []
    assert gather(face, network, detector).occlusion is None
    last = network.module.layer4
    forward = last.register_forward_hook(lambda *given: batches.append(len(given[2])))
    found = gather(face, network, detector, occlusion=True)
    forward.remove()
    assert batches == [7]
    alone = gather(face, network, detector)
    assert found.prediction.probabilities == pytest.approx(alone.prediction.probabilities, abs=1e-5)
    assert found.occlusion.probabilities == pytest.approx(
        occlude_regions(face, network).probabilities, abs=1e-5
    )


def test_gather_hides_regions_for_any_network_and_method(face, classifier, stand_in):
    found = gather(face, classifier, stand_in.StandInDetector(), occlusion=True)
    expected = occlude_regions(face, classifier).probabilities
    np.testing.assert_array_equal(found.occlusion.probabilities, expected)


def test_the_shares_of_a_map_are_those_of_its_pixels(face):
    maps = np.full((7, 7, 7), -1.0, np.float32)
    maps[0] = 1  # the same everywhere
    maps[3, 4:, 2:5] = 2  # low and in the middle
    evidence = assemble(
        face, Prediction(np.full(7, 1 / 7, np.float32)), maps, ActionUnits(np.ones(17))
    )
    masks = face_region_masks(face.crop_landmarks)
    assert evidence.region_shares("anger") == pytest.approx(masks.mean(axis=(1, 2)))
    shares = evidence.region_shares("Happiness")
    picture = evidence.heatmap("happiness").upsampled()
    assert shares == pytest.approx([picture[mask].sum() / picture.sum() for mask in masks])
    assert FACE_REGIONS[int(shares.argmax())] == "chin" and shares.sum() < 1
    assert np.isnan(evidence.region_shares("fear")).all()


def test_a_store_keeps_the_hidden_faces(face, network, stand_in, kdef, tmp_path):
    setup = {"classifier": network, "au_detector": stand_in.StandInDetector(), "progress": False}
    extract(kdef, tmp_path / "store", occlusion=True, **setup)
    store = EvidenceStore.open(tmp_path / "store")
    rows = list(store.rows())
    for row in rows:
        assert (row.hidden_probabilities is None) == (not row.has_face)
    row = next(row for row in rows if row.has_face)
    photo = load_photo(f"{store.source}/{row.photo_path}")
    evidence = Evidence.from_row(row, photo, store.manifest)
    expected = occlude_regions(evidence.face, network).probabilities
    assert evidence.occlusion.probabilities == pytest.approx(expected, abs=1e-5)
    with pytest.raises(StoreError, match="hiding regions or not"):
        extract(kdef, tmp_path / "store", **setup)


def test_a_store_without_them_says_so(unbroken):
    row = next(row for row in EvidenceStore.open(unbroken[0]).rows() if row.has_face)
    assert row.hidden_probabilities is None


def test_a_shard_from_before_the_column_is_read(unbroken):
    rows = list(EvidenceStore.open(unbroken[0]).rows())[:3]
    data = to_bytes(rows, (2, 2))
    table = pq.read_table(pa.BufferReader(data)).drop_columns(["hidden_probabilities"])
    sink = io.BytesIO()
    pq.write_table(table, sink)
    old = to_rows(from_bytes(sink.getvalue(), (2, 2)), (2, 2))
    assert to_bytes(list(old), (2, 2)) == data
    assert from_bytes(sink.getvalue(), (2, 2), ["id", "peak"]).column_names == ["id", "peak"]
