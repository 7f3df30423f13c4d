"""Two results set side by side: what differs, by hand; pages that are whole, safe and honest."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from made_results import evidence, face, result

import xfera_nb as xf
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier, ResNet50BAM
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.datasets import samples_folder
from xfera_nb.errors import InputError, PhotoError
from xfera_nb.facs import EMOTIONS, LANDMARK_GROUPS
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.report import compare
from xfera_nb.report.comparison import BOTH, NEITHER, ONLY_A, ONLY_B


@pytest.fixture
def pair():
    """The same picture; A is salient on the right, B on the left and twice as strong."""
    a = result(0.0, 1.0, aus={12: 3.0, 6: 1.0, 10: math.nan})
    b = result(2.0, 0.0, aus={12: 0.0, 6: 1.25, 10: 2.0}, answer="fear")
    return compare(a, b)


def test_probabilities_are_b_minus_a(pair):
    by_hand = {"happiness": 0.05 - 0.7, "fear": 0.7 - 0.05}
    expected = [by_hand.get(emotion, 0.0) for emotion in EMOTIONS]
    assert pair.probabilities == pytest.approx(expected, abs=1e-6)
    assert not pair.is_same_prediction


def test_intensities_differ_only_where_both_are_measured(pair):
    units = {unit.au: unit for unit in pair.action_units}
    assert units[12].intensity == pytest.approx(-3.0)
    assert units[6].intensity == pytest.approx(0.25)
    assert units[10].intensity is None and units[16].intensity is None
    assert units[12].is_clear
    assert units[12].coverage == units[12].b.coverage - units[12].a.coverage


def test_landmarks_and_movements_fall_into_four_places(pair):
    salient = {where: set(pair.salient(where)) for where in (BOTH, ONLY_A, ONLY_B, NEITHER)}
    assert set().union(*salient.values()) == set(range(1, 69))
    assert sum(map(len, salient.values())) == 68
    points = face().landmarks
    # The map rises from the middle of the left cell to that of the right: its mean is at 111.5.
    assert salient[ONLY_A] == {i + 1 for i in range(68) if points[i, 0] > 111.5}
    assert salient[ONLY_B] == {i + 1 for i in range(68) if points[i, 0] < 111.5}
    assert salient[BOTH] == set()
    places = {where: pair.active(where) for where in (BOTH, ONLY_A, ONLY_B, NEITHER)}
    for unit in pair.action_units:
        where = [name for name, aus in places.items() if unit.au in aus]
        by_hand = {(1, 1): BOTH, (1, 0): ONLY_A, (0, 1): ONLY_B, (0, 0): NEITHER}
        assert where == [by_hand[unit.a.active, unit.b.active]]


def test_maps_of_one_network_share_a_scale(pair):
    one, other = pair.maps
    assert (one.max(), other.max()) == (0.5, 1.0)
    assert pair.shared_scale and pair.same_picture
    difference = pair.map_difference
    # Row 0: A is 0 and B 1 at the left end, A 0.5 and B 0 at the right.
    assert (difference[0, 0], difference[0, -1]) == (1.0, -0.5)


def test_maps_of_two_networks_have_each_their_own_scale():
    pair = compare(result(0, 1), result(0, 4, sha="other"))
    assert not pair.shared_scale
    assert [values.max() for values in pair.maps] == [1.0, 1.0]
    assert np.allclose(pair.map_difference, 0)
    assert pair.regions["jaw"][0] == pytest.approx(pair.regions["jaw"][1])


def test_regions_are_means_at_landmarks_on_the_shared_scale():
    pair = compare(result(1.0, 1.0), result(4.0, 4.0))
    assert set(pair.regions) == set(LANDMARK_GROUPS)
    assert all(values == pytest.approx((0.25, 1.0)) for values in pair.regions.values())


def test_two_pictures_have_no_difference_of_pixels():
    other = result(0, 1, shown=face(1, "other.png"))
    pair = compare(result(0, 1), other)
    assert not pair.same_picture and pair.map_difference is None
    assert "two pictures" in pair.no_map_difference_reason
    assert pair.names == ("made.png", "other.png")
    assert pair._repr_html_().count("<img") == 2
    assert compare(other, other)._repr_html_().count("<img") == 3


def test_what_differs_is_named():
    a = result(0, 1)
    assert compare(a, a).differ_in == {}
    changed = compare(a, result(0, 1, k=0.5, sha="0123456789abcdef", scope="typical")).differ_in
    assert changed == {
        "classifier": ("net 5eed", "net 0123456789ab"),
        "k": ("0", "0.5"),
        "scope": ("all", "typical"),
    }
    assert compare(a, result(0, 1, emotion="fear")).differ_in == {
        "target class": ("happiness", "fear")
    }
    twin = compare(a, result(0, 1, shown=face(3)))
    assert twin.differ_in == {"photo": ("one face", "another face")}


def test_a_class_that_one_network_lacks_has_no_difference():
    pair = compare(result(0, 1), result(0, 1, missing=("fear",), sha="other"))
    index = EMOTIONS.index("fear")
    assert math.isnan(pair.probabilities[index])
    record = json.loads(json.dumps(pair.to_dict(), allow_nan=False))
    assert record["probabilities"]["fear"] == {"a": pytest.approx(0.05), "b": None,
                                               "difference": None}  # fmt: skip
    assert "no such class" in pair._repr_html_() and "no class" in str(pair)
    assert not re.search(r"\bnan\b", pair._repr_html_() + str(pair))


def test_without_evidence_the_reason_stands_there():
    pair = compare(result(0, 1), result(0, 1, emotion="fear"))
    assert "B: No part of the face speaks for fear" in str(pair)
    assert all(math.isnan(b) for _, b in pair.regions.values())
    assert "no positive evidence" in pair._repr_html_()
    assert set(pair.region_reasons.values()) == {(None, "no positive evidence")}


def test_a_landmark_outside_the_crop_is_said_to_be_outside():
    """Of the jaw's 17 landmarks two lie beyond the crop: not measurable, which is not absent."""
    shown = face()
    landmarks = shown.landmarks.copy()
    landmarks[:2] = (-40, 20), (300, 20)
    pair = compare(result(1, 1, shown=replace(shown, landmarks=landmarks)), result(1, 1))
    assert math.isnan(pair.regions["jaw"][0]) and pair.regions["jaw"][1] == 1.0
    reason = "not measurable: 2 of 17 landmarks outside the crop"
    assert pair.region_reasons["jaw"] == (reason, None)
    assert pair.to_dict()["regions"]["jaw"] == {"a": None, "b": 1.0, "reasons": [reason, None]}
    page = pair._repr_html_()
    assert page.count(reason) == 1 and "no evidence" not in page and "no positive" not in page


def test_fusions_can_be_compared():
    fusion = fuse(evidence(0, 1), FusionParams(k=0.0))
    pair = xf.compare(fusion, fusion, names=("one", "two"))
    assert pair.names == ("one", "two") and pair.a is fusion


def test_photos_are_explained_and_compared(monkeypatch):
    loaded = []

    class Detector:
        def detect(self, image, landmarks, **_):
            return ActionUnits(np.full(17, 2.0), source="made")

        def describe(self):
            return {"name": "made"}

    classifier = Classifier(
        ResNet50BAM(), {"input": default_input_rule() | {"size": 64, "detail": 64}}
    )
    monkeypatch.setattr(
        "xfera_nb.report.comparison.load_detector", lambda name: loaded.append(name) or Detector()
    )
    path = samples_folder() / "C01HA.jpg"
    pixels = xf.load_photo(samples_folder() / "C02SU.jpg")
    pair = compare(str(path), pixels, classifier=classifier, params=FusionParams(k=0.5))
    assert loaded == ["builtin"]
    assert pair.names == ("A", "B")  # an array has no name
    assert pair.a.evidence.face.photo_name == "C01HA.jpg" and pair.a.params.k == 0.5
    assert not pair.same_picture and "A" in str(pair)
    other = compare(path, pair.a, classifier=classifier, au_detector=Detector(),
                    layer="layer3.5", method="hirescam", device="cpu")  # fmt: skip
    assert other.to_dict()["heatmap"] == [
        {"method": "hirescam", "layer": "layer3.5"}, {"method": "gradcam", "layer": "layer4.2"},
    ]  # fmt: skip
    assert other.differ_in["method"] == ("hirescam", "gradcam")
    with pytest.raises(InputError, match="did you mean 'hirescam'"):
        compare(path, path, classifier=classifier, au_detector=Detector(), method="hirecam")
    with pytest.raises(PhotoError, match=r"missing\.jpg"):
        compare(path, "missing.jpg", classifier=classifier, au_detector=Detector())


def test_text_and_page_say_the_same(pair, tmp_path):
    text = str(pair)
    assert "A is predicted to be happiness (70%), B fear (70%)." in text
    assert "Active in A alone:" in text and max(map(len, text.splitlines())) <= 88
    pair.save_html(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.startswith("<!doctype html>") and "default-src 'none'" in page
    assert "A is predicted to be happiness (70%), B fear (70%)." in page
    assert page.count("<img") == 3 and len(page.encode()) < 500_000
    without_pictures = re.sub(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+", "", page)
    assert not re.search(r"https?://|@import|url\(|<script", without_pictures)
    assert repr(pair).startswith("<Comparison: happiness fear; AU")


def test_names_are_text_not_markup():
    evil = "<img src=x onerror=alert(1)>.jpg"
    page = compare(result(0, 1, shown=face(1, evil)), result(0, 1))._repr_html_()
    assert "<img src=x" not in page and "&lt;img src=x onerror" in page
    assert "a <test>" not in page


def test_nothing_is_said_to_differ_with_a_sign():
    a = result(0, 1, aus={1: 1.0})
    page = compare(a, result(0, 1, aus={1: 0.9999}))._repr_html_()
    assert "-0.00" not in page and "+0.00" in page
