"""`explain` and its result: what goes in, what is measured once, what comes out."""

import json

import numpy as np
import pytest
from PIL import Image

import xfera_nb as xf
from xfera_nb.api import Result, Results, WriterWarning
from xfera_nb.errors import DetectorError, NoFaceError, ParamsError, PhotoError, WriterError
from xfera_nb.explanation import Draft

FIELDS = {
    "photo", "face", "predicted", "target", "probabilities", "confidence_level",
    "threshold", "salient_landmarks", "action_units", "matching", "missing", "not_measurable",
    "explanation", "check", "params", "classifier", "au_detector",
}  # fmt: skip


class Failing:
    name = "openai"

    def write(self, facts, prompt):
        raise WriterError("The server cannot be reached; check the network.")


class Saying:
    name = "openai"

    def __init__(self, text):
        self.text = text

    def write(self, facts, prompt):
        return Draft(self.text, self.name, "a model")


def test_path_array_and_pil_give_the_same(classifier, detector, sample, result):
    for photo in (str(sample), np.asarray(Image.open(sample).convert("RGB")), Image.open(sample)):
        again = xf.explain(photo, classifier=classifier, au=detector, k=-1, scope="all")
        assert isinstance(again, Result)
        assert np.array_equal(again.fusion.probabilities, result.fusion.probabilities)
        assert again.text == result.text


def test_all_faces_gives_a_tuple_from_left_to_right(classifier, detector, sample):
    picture = np.asarray(Image.open(sample).convert("RGB"))
    both = xf.explain(
        np.concatenate([picture, picture], axis=1),
        classifier=classifier,
        au=detector,
        all_faces=True,
    )
    assert isinstance(both, Results) and len(both) == 2
    assert [r.index for r in both] == [0, 1]
    assert both[0].face.box[0] < both[1].face.box[0]
    assert "face 2" in str(both) and both._repr_html_().count("<article") == 2
    assert [d["face"]["index"] for d in both.to_dicts()] == [0, 1]


def test_with_params_measures_nothing_again(classifier, detector, sample):
    first = xf.explain(sample, classifier=classifier, au=detector)
    second = first.with_params(k=-1, scope="all")
    third = second.with_params(xf.FusionParams.preset("section2.1"), target="fear")
    assert detector.calls == 1
    assert first.evidence is second.evidence is third.evidence
    assert first.params == xf.FusionParams()
    assert second.params == xf.FusionParams(k=-1, scope="all")
    assert (third.params, third.target) == (xf.FusionParams.preset("section2.1"), "fear")
    assert third.predicted == first.predicted
    assert len(second.fusion.salient_landmarks) > len(first.fusion.salient_landmarks)
    with pytest.raises(ParamsError, match="'kk' is not a parameter"):
        first.with_params(kk=1)


@pytest.mark.parametrize(
    ("params", "changes", "expected"),
    [
        (None, {}, {"coverage": 0.7, "k": 1.0}),
        ("text", {}, {"coverage": 0.5, "k": 1.0}),
        ("text", {"k": 2}, {"coverage": 0.5, "k": 2.0}),
        ({"coverage": 0.2}, {}, {"coverage": 0.2, "k": 1.0}),
        (xf.FusionParams(k=3), {"coverage": 0.1}, {"coverage": 0.1, "k": 3.0}),
    ],
)
def test_parameters(classifier, detector, sample, params, changes, expected):
    done = xf.explain(sample, classifier=classifier, au=detector, params=params, **changes)
    assert {name: getattr(done.params, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"params": "loose"}, ParamsError, "no preset"),
        ({"speed": 3}, ParamsError, "'speed' is not a parameter"),
        ({"k": float("nan")}, ParamsError, "k is nan"),
        ({"au": "eyes"}, DetectorError, "eyes"),
        ({"writer": "poet"}, WriterError, "poet"),
    ],
)
def test_wrong_setup_is_told_before_the_photo_is_read(classifier, detector, options, error, words):
    with pytest.raises(error, match=words):
        xf.explain("missing.jpg", **{"classifier": classifier, "au": detector} | options)


def test_photos_without_a_face_or_that_are_none(classifier, detector, tmp_path):
    setup = {"classifier": classifier, "au": detector}
    with pytest.raises(NoFaceError):
        xf.explain(np.full((120, 120, 3), 128, np.uint8), **setup)
    with pytest.raises(PhotoError, match=r"missing\.jpg does not exist"):
        xf.explain(tmp_path / "missing.jpg", **setup)


def test_a_failing_writer_loses_nothing_else(classifier, detector, sample):
    with pytest.warns(WriterWarning, match="cannot be reached"):
        done = xf.explain(sample, classifier=classifier, au=detector, writer=Failing())
    assert done.explanation.writer == "offline" and done.text
    assert "cannot be reached" in done.note
    assert "cannot be reached" in str(done) and "cannot be reached" in done._repr_html_()
    assert done.with_params(writer="offline").note is None


def test_the_record_has_these_fields_and_no_others(result):
    record = result.to_dict()
    assert set(record) == FIELDS
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["photo"] == "C01HA.jpg"
    assert set(record["face"]) == {"index", "box", "landmarks"}
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
        "reliability", "left", "right", "raw_intensity",
    }  # fmt: skip
    six = rows["AU06"]
    assert (six["intensity"], six["left"]["intensity"], six["right"]["intensity"]) == (2, 0, 2)
    assert set(six["left"]) == {"coverage", "saliency", "intensity", "active"}
    assert six["reliability"] == pytest.approx(0.8)


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
    text = str(result.with_params(writer=Saying("A \x1b[2J nice\u202e text.\nSecond line.")))
    assert "\x1b" not in text and "\u202e" not in text
    assert "Second line." in text
    assert max(map(len, text.splitlines())) <= 88
    assert "Confidence level" in text and "Settings: k -1" in text
    assert text.startswith("C01HA.jpg")


def test_repr_is_one_line(result):
    assert repr(result).startswith("<Result C01HA.jpg: ")
    assert "\n" not in repr(result)
