"""`explain` and its result: what goes in, what is measured once, what comes out."""

import json

import numpy as np
import pytest
from PIL import Image

import xfera_nb as xf
from xfera_nb.api import PhotoWarning, Result, Results, WriterWarning
from xfera_nb.errors import (
    DetectorError,
    InputError,
    NoFaceError,
    ParamsError,
    PhotoError,
    WriterError,
    XferaError,
)
from xfera_nb.explanation import Draft

pytestmark = pytest.mark.slow

FIELDS = {
    "photo", "face", "predicted", "target", "probabilities", "confidence_level",
    "threshold", "salient_landmarks", "action_units", "matching", "missing", "not_measurable",
    "explanation", "check", "params", "classifier", "au_detector", "preset", "regions",
    "heatmap", "label", "contrast", "picture_sent_to", "second_opinion",
}  # fmt: skip


class Failing:
    name = "openai"

    def write(self, facts, prompt):
        raise WriterError("The server cannot be reached; check the network.")


class FixedWriter:
    name = "openai"

    def __init__(self, text):
        self.text = text

    def write(self, facts, prompt):
        return Draft(self.text, self.name, "a model")


def test_path_array_and_pil_give_the_same(classifier, detector, sample, result):
    for photo in (str(sample), np.asarray(Image.open(sample).convert("RGB")), Image.open(sample)):
        again = xf.explain(photo, classifier=classifier, au_detector=detector, k=-1, scope="all")
        assert isinstance(again, Result)
        assert np.array_equal(again.fusion.probabilities, result.fusion.probabilities)
        assert again.text == result.text


def test_all_faces_gives_a_tuple_from_left_to_right(classifier, detector, sample):
    picture = np.asarray(Image.open(sample).convert("RGB"))
    both = xf.explain(
        np.concatenate([picture, picture], axis=1),
        classifier=classifier,
        au_detector=detector,
        all_faces=True,
    )
    assert isinstance(both, Results) and len(both) == 2
    assert [r.index for r in both] == [0, 1]
    assert both[0].face.box[0] < both[1].face.box[0]
    assert "face 2" in str(both) and both._repr_html_().count("<article") == 2
    assert [d["face"]["index"] for d in both.to_dicts()] == [0, 1]


def test_with_params_measures_nothing_again(classifier, detector, sample):
    first = xf.explain(sample, classifier=classifier, au_detector=detector)
    second = first.with_params(k=-1, scope="all")
    third = second.with_params(xf.FusionParams.preset("section2.1"), target="fear")
    assert detector.calls == 1
    assert first.evidence is second.evidence is third.evidence
    assert first.params == xf.FusionParams()
    assert second.params == xf.FusionParams(k=-1, scope="all")
    assert (third.params, third.target) == (xf.FusionParams.preset("section2.1"), "fear")
    assert third.predicted == first.predicted
    assert len(second.fusion.salient_landmarks) > len(first.fusion.salient_landmarks)
    with pytest.raises(ParamsError, match="no parameter 'kk'"):
        first.with_params(kk=1)


@pytest.mark.parametrize(
    ("params", "changes", "expected"),
    [
        (None, {}, {"coverage": 0.7, "k": 1.3}),
        ("section2.1", {}, {"coverage": 0.5, "k": 1.0}),
        ("section2.1", {"k": 2}, {"coverage": 0.5, "k": 2.0}),
        ({"coverage": 0.2}, {}, {"coverage": 0.2, "k": 1.3}),
        (xf.FusionParams(k=3), {"coverage": 0.1}, {"coverage": 0.1, "k": 3.0}),
    ],
)
def test_parameters(classifier, detector, sample, params, changes, expected):
    done = xf.explain(sample, classifier=classifier, au_detector=detector, params=params, **changes)
    assert {name: getattr(done.params, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"params": "algoritm1"}, ParamsError, "did you mean 'algorithm1'"),
        ({"speed": 3}, ParamsError, "no option 'speed'"),
        ({"targt": "fear"}, ParamsError, "did you mean 'target'"),
        ({"target": "fearsome"}, InputError, "no emotion 'fearsome'"),
        ({"device": "cpu"}, ParamsError, "load_classifier"),
        ({"k": float("nan")}, ParamsError, "k is nan"),
        ({"au_detector": "eyes"}, DetectorError, "eyes"),
        ({"writer": "poet"}, WriterError, "poet"),
    ],
)
def test_wrong_setup_is_told_before_the_photo_is_read(classifier, detector, options, error, words):
    with pytest.raises(error, match=words):
        xf.explain("missing.jpg", **{"classifier": classifier, "au_detector": detector} | options)


def test_photos_without_a_face_or_that_are_none(classifier, detector, tmp_path):
    setup = {"classifier": classifier, "au_detector": detector}
    with pytest.raises(NoFaceError):
        xf.explain(np.full((120, 120, 3), 128, np.uint8), **setup)
    with pytest.raises(PhotoError, match=r"missing\.jpg does not exist"):
        xf.explain(tmp_path / "missing.jpg", **setup)


def test_a_failing_writer_loses_nothing_else(classifier, detector, sample):
    with pytest.warns(WriterWarning, match="cannot be reached") as caught:
        done = xf.explain(sample, classifier=classifier, au_detector=detector, writer=Failing())
    assert caught[0].filename == __file__
    assert done.explanation.writer == "offline" and done.text
    assert "cannot be reached" in done.note
    assert "cannot be reached" in str(done) and "cannot be reached" in done._repr_html_()
    assert done.with_params(writer="offline").note is None


def test_the_record_has_these_fields_and_no_others(result):
    record = result.to_dict()
    assert set(record) == FIELDS
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["photo"] == "C01HA.jpg"
    assert set(record["face"]) == {"index", "box", "landmarks", "tilt", "note"}
    assert np.allclose(record["face"]["landmarks"], result.face.landmarks)
    assert list(record["probabilities"]) == list(xf.EMOTIONS)
    assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert record["predicted"] == max(record["probabilities"], key=record["probabilities"].get)
    assert record["salient_landmarks"] == list(result.fusion.salient_landmarks)
    assert all(1 <= n <= 68 for n in record["salient_landmarks"])
    assert record["explanation"] == result.text


def test_action_units_of_the_record(result):
    rows = {row["au"]: row for row in result.to_dict()["action_units"]}
    assert set(rows["AU06"]) == {
        "au", "intensity", "coverage", "saliency", "score", "active", "reason", "expected",
        "reliability", "left", "right", "raw_intensity", "present", "attended", "state",
    }  # fmt: skip
    six = rows["AU06"]
    assert (six["intensity"], six["left"]["intensity"], six["right"]["intensity"]) == (2, 0, 2)
    assert set(six["left"]) == {"coverage", "saliency", "intensity", "active"}
    assert six["reliability"] == pytest.approx(0.8)
    for row in result.fusion.action_units:
        given = rows[row.name]
        assert given["state"] == row.state
        assert (given["present"], given["attended"]) == (row.present, row.attended)


def test_hidden_regions_are_named_in_every_output(classifier, detector, sample):
    result = xf.explain(
        sample, classifier=classifier, au_detector=detector, occlusion=False, hidden=["mouth"]
    )
    note = "Hidden from the classifier by blur: mouth."
    assert note in result.to_dict()["face"]["note"]
    assert note in " ".join(str(result).split()) and note in result._repr_html_()
    whole = xf.explain(sample, classifier=classifier, au_detector=detector, occlusion=False)
    assert whole.to_dict()["face"]["note"] is None
    assert not np.array_equal(result.fusion.probabilities, whole.fusion.probabilities)
    with pytest.raises(InputError, match="mouth"):
        xf.explain(sample, classifier=classifier, au_detector=detector, hidden=["mout"])
    several = xf.explain(
        [sample, sample], classifier=classifier, au_detector=detector, occlusion=False,
        hidden=(name for name in ("mouth", "eyes")), progress=False,
    )  # fmt: skip
    assert [one.face.hidden for one in several] == 2 * [("eyes", "mouth")]


def test_regions_of_the_record(result, classifier, detector, sample):
    rows = result.to_dict()["regions"]
    assert [row["region"] for row in rows] == ["brows", "eyes", "nose", "cheeks", "mouth", "chin"]
    occlusion, target = result.evidence.occlusion, result.target
    drops = occlusion.prob_drops(result.evidence.prediction, target)
    shares = result.evidence.region_shares(target)
    for row, drop, share in zip(rows, drops, shares, strict=True):
        hidden = occlusion.prediction(row["region"])
        assert row["share"] == pytest.approx(share) and row["prob_drop"] == pytest.approx(drop)
        assert row["hidden_predicted"] == hidden.predicted
        assert row["hidden_probability"] == pytest.approx(hidden.confidence)
    plain = xf.explain(sample, classifier=classifier, au_detector=detector, occlusion=False)
    assert plain.evidence.occlusion is None
    for row in plain.to_dict()["regions"]:
        assert row["prob_drop"] is row["hidden_predicted"] is row["hidden_probability"] is None


def test_the_record_names_its_preset(result):
    assert result.to_dict()["preset"] == "custom"
    for name in xf.fusion.PRESETS:
        again = result.with_params(xf.FusionParams.preset(name)).to_dict()
        assert again["preset"] == name


def test_unknown_is_null_never_zero(result):
    record = result.to_dict()
    rows = {row["au"]: row for row in record["action_units"]}
    ten = rows["AU10"]
    assert ten["intensity"] is None and ten["score"] is None
    assert ten["left"]["intensity"] is None and ten["left"]["active"] is None
    assert rows["AU45"]["reliability"] is None
    assert rows["AU16"]["intensity"] is None  # no source of ours measures it
    assert record["au_detector"]["score"] is None
    nothing_hot = result.with_params(k=10).to_dict()
    assert nothing_hot["salient_landmarks"] == []
    assert all(row["saliency"] is None for row in nothing_hot["action_units"])


def test_no_positive_evidence_is_null_and_said(classifier, detector, sample, result):
    from xfera_nb.evidence import assemble

    old = result.evidence
    silent = assemble(
        old.face, old.prediction, np.full((7, 7, 7), -1, np.float32), old.action_units
    )
    quiet = Result.from_evidence(silent)
    assert quiet.to_dict()["threshold"] is None
    assert "No positive evidence" in str(quiet)
    assert "speaks for" in quiet._repr_html_()


def test_it_prints_in_short_lines_without_control_characters(result):
    text = str(result.with_params(writer=FixedWriter("A \x1b[2J nice\u202e text.\nSecond line.")))
    assert "\x1b" not in text and "\u202e" not in text
    assert "Second line." in text
    assert max(map(len, text.splitlines())) <= 88
    assert "Confidence level" in text and "Settings: preset custom, k -1" in text
    assert text.startswith("C01HA.jpg")


def test_repr_is_one_line(result):
    assert repr(result).startswith("<Result C01HA.jpg: ")
    assert "\n" not in repr(result)


def test_a_list_and_a_folder_give_results(classifier, detector, samples, tmp_path, recwarn):
    setup = {"classifier": classifier, "au_detector": detector, "progress": False}
    photos = [samples / "C01HA.jpg", str(samples / "C02SU.jpg")]
    listed = xf.explain(photos, k=-1, **setup)
    assert isinstance(listed, Results)
    assert [one.name for one in listed] == ["C01HA.jpg", "C02SU.jpg"]
    assert {one.params for one in listed} == {xf.FusionParams(k=-1)}
    for name in ("C02SU.jpg", "C01HA.jpg"):
        (tmp_path / name).write_bytes((samples / name).read_bytes())
    (tmp_path / "notes.txt").write_text("no photo")
    folder = xf.explain(tmp_path, **setup)
    assert [one.name for one in folder] == ["C01HA.jpg", "C02SU.jpg"]
    assert [one.name for one in xf.explain(iter(photos[:1]), **setup)] == ["C01HA.jpg"]
    assert [one.name for one in xf.explain([folder[0].face], **setup)] == ["C01HA.jpg"]
    assert not recwarn.list
    frame = listed.to_frame()
    assert len(frame) == 2 and frame["AU12"].tolist() == [2.0, 2.0]


def test_a_bad_photo_of_a_list_is_reported_and_the_rest_goes_on(
    classifier, detector, sample, tmp_path, capsys
):
    setup = {"classifier": classifier, "au_detector": detector}
    grey = np.full((90, 90, 3), 128, np.uint8)
    with pytest.warns(PhotoWarning) as warned:
        results = xf.explain([tmp_path / "gone.jpg", sample, grey], **setup)
    assert [one.name for one in results] == ["C01HA.jpg"]
    assert "gone.jpg" in str(warned[0].message) and "No face" in str(warned[1].message)
    assert warned[0].filename == __file__
    assert "/3 [" in capsys.readouterr().err  # the progress bar
    with pytest.warns(PhotoWarning), pytest.raises(NoFaceError, match="None of the 2 photos"):
        xf.explain([grey, grey], progress=False, **setup)
    with pytest.warns(PhotoWarning), pytest.raises(NoFaceError, match="^No face"):
        xf.explain([grey], progress=False, **setup)
    for empty in ([], tmp_path):
        with pytest.raises(PhotoError, match="holds no photos"):
            xf.explain(empty, **setup)


def test_an_interrupted_list_keeps_what_it_has(classifier, detector, sample, monkeypatch):
    def detect(image, landmarks, photo_name=None):
        if detector.calls:
            raise KeyboardInterrupt
        return StandIn.detect(detector, image, landmarks, photo_name)

    StandIn = type(detector)
    monkeypatch.setattr(detector, "detect", detect)
    setup = {"classifier": classifier, "au_detector": detector, "progress": False}
    with pytest.warns(PhotoWarning, match="Interrupted after 1 face[.]"):
        assert len(xf.explain([sample, sample, sample], **setup)) == 1
    with pytest.raises(KeyboardInterrupt):
        xf.explain([sample], **setup)


def test_home_urls_and_emotion_names(classifier, detector, sample, monkeypatch, tmp_path):
    setup = {"classifier": classifier, "au_detector": detector}
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "face.jpg").write_bytes(sample.read_bytes())
    assert xf.explain("~/face.jpg", **setup).name == "face.jpg"
    assert [one.name for one in xf.explain("~", progress=False, **setup)] == ["face.jpg"]
    with pytest.raises(PhotoError, match="URL"):
        xf.explain("https://example.org/face.jpg", **setup)
    assert xf.explain(sample, target="Joy", **setup).target == "happiness"
    with pytest.raises(WriterError, match="another emotion than fear"):
        xf.explain(sample, target="FE", contrast_with="Scared", **setup)


def test_the_method_and_the_layer_are_those_of_the_map(classifier, detector, sample):
    setup = {"classifier": classifier, "au_detector": detector}
    done = xf.explain(sample, method="hirescam", layer="layer3", **setup)
    assert (done.heatmap.method, done.heatmap.layer) == ("hirescam", "layer3")
    assert xf.explain(sample, **setup).heatmap.method == "gradcam"
    with pytest.raises(XferaError, match="did you mean 'hirescam'"):
        xf.explain(sample, method="hirecam", **setup)


def test_each_step_takes_what_the_step_before_gives(classifier, detector, sample, result):
    assert xf.fuse(result).active == xf.fuse(result.evidence).active
    evidence = xf.gather(str(sample), classifier, detector)
    assert np.allclose(evidence.activation, result.evidence.activation, atol=1e-4)
    again = xf.explain(evidence.face, classifier=classifier, au_detector=detector)
    assert again.face is evidence.face
