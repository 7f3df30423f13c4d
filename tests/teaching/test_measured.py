"""Sample faces ranked by written-down intensities, and pages made of them."""

from __future__ import annotations

import re
import shutil

import pytest
import torch

from xfera_nb.classifier import Classifier
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.errors import SamplesError
from xfera_nb.teaching import FaceAtlas, measure_samples

pytestmark = pytest.mark.slow


def codes(faces):
    return [face.code for face in faces]


def test_the_strongest_comes_first_and_what_does_not_show_is_left_out(measured):
    assert codes(measured.showing(12)) == ["C02HA", "C01HA"]
    assert codes(measured.showing(12, 1)) == ["C02HA"]
    assert codes(measured.showing(6)) == ["C01HA"]  # 0.5 is less than a trace
    assert codes(measured.showing(25)) == ["C01HA"]  # 1 is a trace
    assert measured.showing(4) == () and measured.showing(27) == ()


def test_the_weakest_comes_first_and_of_equal_ones_a_face_at_rest(measured):
    assert codes(measured.lacking(6)) == ["C01NE", "C02HA"]  # 0 and 0.5
    assert codes(measured.lacking(4)) == ["C01NE", "C01HA", "C02HA"]
    assert codes(measured.lacking(45, 1)) == ["C01HA"]  # the neutral face blinks
    assert measured.lacking(27) == ()  # not measured


def test_shares_count_the_samples_of_one_emotion(measured):
    shares = measured.shares("happiness")
    assert shares[12] == 1.0 and shares[6] == 0.5 and shares[45] == 0.0
    assert measured.shares("happiness", least=3.5)[12] == 0.5
    assert measured.shares("neutral")[45] == 1.0


def test_a_share_of_nothing_is_none(measured):
    assert set(measured.shares("fear").values()) == {None}


def test_what_is_not_measured_has_no_share_and_no_rank(Detector, folder):
    measured = measure_samples(Detector(unmeasured=(12,)), folder)
    assert measured.shares("happiness")[12] is None
    assert measured.showing(12) == ()
    assert measured.shares("happiness")[6] == 0.5


def test_a_sample_without_a_face_is_named(measured):
    assert set(measured.skipped) == {"C03HA"}
    assert codes(measured.faces) == ["C01HA", "C01NE", "C02HA"]
    with pytest.raises(SamplesError, match="C03HA was not measured: No face"):
        measured.of("C03HA")
    with pytest.raises(SamplesError, match="C09SU was not measured"):
        measured.of("C09SU")
    assert measured.of("C01NE").emotion == "neutral"


def test_faces_are_measured_once_for_each_detector(Detector, folder):
    told = []
    first = Detector()
    one = measure_samples(first, folder, progress=lambda done, total: told.append((done, total)))
    assert measure_samples(first, folder) is one
    assert first.asked == 3 and told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert measure_samples(Detector(), folder) is not one


def test_reliability_is_the_sources_own_or_none(measured, Detector, folder):
    assert measured.reliability(12) == pytest.approx(0.8)
    assert measured.reliability(27) is None
    assert measure_samples(Detector(r=float("nan")), folder).reliability(12) is None


def test_without_samples_the_error_says_so(Detector, tmp_path):
    with pytest.raises(SamplesError, match="holds no sample faces"):
        measure_samples(Detector(), tmp_path)
    with pytest.raises(SamplesError, match="holds no sample faces"):
        FaceAtlas(Detector(), tmp_path).measure()


def test_an_action_units_page(Detector, folder):
    page = FaceAtlas(Detector(), folder).au("AU12")
    rows = dict(page.rows)
    assert rows["Movement"] == "the pulling of the lip corners"
    assert rows["Landmarks"] == "49-68 (outer lips, inner lips)"
    assert rows["Strongest on"] == "C02HA (happiness) 4.00, C01HA (happiness) 3.25"
    assert rows["Agreement with OpenFace"] == "r = 0.80 (of 1)"
    assert str(page).startswith("AU12 lip corner puller\n  Movement: the pulling")
    text = page._repr_html_()
    assert text.count("<img") == 4  # the landmarks, two faces that show it and one that does not
    assert len(re.findall('alt="[^"]+"', text)) == 4
    assert text.index("C01HA, happiness: 3.25") < text.index("C01NE, neutral: 0.00")
    assert codes(page.weakest) == ["C01NE"]
    assert "C02HA, happiness: 4.00 (D)" in text and "not what a person feels" in text


def test_an_action_unit_that_nothing_measures_is_drawn_on_a_neutral_face(Detector, folder):
    page = FaceAtlas(Detector(), folder).au(27)
    assert page.faces == () and page.backdrop.code == "C01NE"
    assert "not measured" in page.faces_reason
    assert page._repr_html_().count("<img") == 1
    assert "Agreement with OpenFace" not in dict(page.rows)


def test_a_movement_that_no_sample_shows(Detector, folder):
    page = FaceAtlas(Detector(), folder).au(4)
    assert page.faces == () and dict(page.rows)["Strongest on"] == (
        "no sample: it reaches 1 of 5 on none"
    )


def test_an_action_unit_without_landmarks_has_no_picture(Detector, folder):
    page = FaceAtlas(Detector(), folder).au(28)
    assert dict(page.rows)["Landmarks"] == "none in any table"
    assert "<img" not in page._repr_html_()


def test_an_emotions_page(Detector, folder):
    text = FaceAtlas(Detector(), folder).emotion("happiness")._repr_html_()
    assert "6+12*" in text and "12C" in text and "cheek raiser + lip corner puller" in text
    assert "6+12+25" in text and "does not name AU 25" in text  # FACS 1978
    assert "50%" in text and "measured by the stand-in" in text


def test_an_emotions_page_names_what_cannot_be_measured(Detector, folder):
    text = FaceAtlas(Detector(), folder).emotion("sadness")._repr_html_()
    assert "<td>AU11</td>" in text
    assert "not measurable" in text


def test_neutral_says_that_it_has_no_combination(Detector, folder):
    text = FaceAtlas(Detector(), folder).emotion("neutral")._repr_html_()
    assert "No combination is given" in text


def test_without_samples_the_facts_are_there_and_the_reason_too(Detector, tmp_path):
    atlas = FaceAtlas(Detector(), tmp_path)
    page = atlas.au(12)
    assert "zygomaticus major" in page._repr_html_()
    assert "holds no sample faces" in dict(page.rows)["Strongest on"]
    assert page.reliability is None and "<img" not in page._repr_html_()
    assert "holds no sample faces" in atlas.emotion("fear")._repr_html_()


def test_a_page_can_be_had_before_the_samples_are_measured(Detector, folder):
    detector = Detector()
    atlas = FaceAtlas(detector, folder)
    assert dict(atlas.au(12, measure=False).rows)["Strongest on"] == (
        "the samples are not measured yet"
    )
    assert "not measured yet" in atlas.emotion("fear", measure=False)._repr_html_()
    assert detector.asked == 0 and not atlas.is_measured
    atlas.measure()
    assert detector.asked == 3 and atlas.is_measured
    assert atlas.au(12, measure=False).faces[0].code == "C02HA"


def test_a_face_to_point_at_is_at_rest_or_the_first(Detector, folder, tmp_path):
    assert FaceAtlas(Detector(), folder).resting_face().photo_name == "C01NE.jpg"
    shutil.copy(folder / "C02HA.jpg", tmp_path)
    assert FaceAtlas(Detector(), tmp_path).resting_face().photo_name == "C02HA.jpg"
    with pytest.raises(SamplesError, match="holds no sample faces"):
        FaceAtlas(Detector(), tmp_path / "none").resting_face()


def test_evidence_is_gathered_once_and_without_faces_that_are_not_there(Detector, folder):
    torch.manual_seed(0)
    network = Classifier(ResNet50BAM(), {"input": default_input_rule(), "name": "test net"})
    detector, told = Detector(), []
    atlas = FaceAtlas(detector, folder, network)
    found = atlas.gather(
        ["C01HA", "C03HA", "C09SU"], lambda done, total: told.append((done, total))
    )
    assert list(found) == ["C01HA"] and told == [(1, 3), (2, 3), (3, 3)]
    assert found["C01HA"].classifier["name"] == "test net"
    assert detector.asked == 4  # three to measure, one to gather
    assert atlas.gather(["C01HA"])["C01HA"] is found["C01HA"] and detector.asked == 4
