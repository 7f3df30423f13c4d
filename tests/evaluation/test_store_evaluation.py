"""Evaluate stores of made-up predictions: what counts, what is only reported, groups and units."""

import json

import numpy as np
import pytest

from xfera_nb.errors import InputError
from xfera_nb.evaluation import EvaluationError, Norm, evaluate_store
from xfera_nb.evaluation.published import KDEF_HIT_RATES
from xfera_nb.evidence import StoreError
from xfera_nb.facs import EMOTIONS


@pytest.fixture
def evaluate(made, tmp_path):
    """Evaluate rows of (answer, label) and what else is known of the photo."""

    def run(photos, kind="folder", problems=(), expected=None, **options):
        rows = [
            made.row(number, answer, emotion=label, **(rest[0] if rest else {}))
            for number, (answer, label, *rest) in enumerate(photos)
        ]
        folder = made.make_store(tmp_path / "store", rows, kind, problems, expected)
        return evaluate_store(folder, resamples=200, **options)

    return run


EIGHT = [
    ("anger 0.7", "anger"), ("anger 0.7", "anger"), ("fear 0.9", "anger"), ("fear 0.5", "fear"),
    (None, "fear"), (None, None), ("anger 0.8", None), ("happiness 0.9", "surprise"),
]  # fmt: skip


def test_what_counts_and_what_is_only_reported(evaluate):
    found = evaluate(EIGHT)
    assert (found.faces, found.labelled, len(found.photos)) == (5, 6, 8)
    assert found.accuracy.value == 3 / 5
    assert found.accuracy_of_all == 3 / 6
    assert [len(found.of(o)) for o in ("right", "wrong", "no face", "no label")] == [3, 2, 1, 2]
    assert [photo.id for photo in found.incomplete] == ["p4", "p5"]
    anger, _, fear, happiness, *_ = found.classes
    assert (anger.faces, anger.predicted, anger.no_face) == (3, 2, 0)
    assert (anger.precision.value, anger.recall.value) == (1, pytest.approx(2 / 3))
    assert (fear.faces, fear.no_face, fear.precision.value) == (1, 1, 0.5)
    assert happiness.recall.value is None and happiness.precision.value == 0
    assert found.confusion[0].tolist() == [2, 0, 1, 0, 0, 0, 0]
    assert found.confusion_shares[0, 2] == pytest.approx(1 / 3)
    assert np.isnan(found.confusion_shares[1]).all()
    # Gaps: 2 (1 - 0.7) in one bin, 0 - 0.9 twice in another, 1 - 0.5 in a third.
    assert found.ece.value == pytest.approx((0.6 + 1.8 + 0.5) / 5)
    assert sum(one.faces for one in found.calibration) == 5
    assert found.ties == 0 and found.notes == ()


def test_json_and_tables(evaluate):
    found = evaluate(EIGHT)
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["photos"] == {
        "expected": 8, "in_store": 8, "labelled": 6, "faces": 5,
        "right": 3, "wrong": 2, "no_face": 1, "no_label": 2,
    }  # fmt: skip
    assert data["per_class"]["happiness"]["recall"] == {
        "value": None, "low": None, "high": None, "reason": "no face has this label",
    }  # fmt: skip
    assert data["confusion_shares"][1] is None
    assert data["per_class"]["anger"]["paper"] == [0.86, 0.8, 0.83]
    frame = found.to_frame()
    assert list(frame.index) == list(EMOTIONS)
    assert frame.loc["fear", ["precision", "faces", "no_face", "paper_f1"]].tolist() == [
        0.5, 1, 1, 0.73,
    ]  # fmt: skip
    tables = found.tables()
    assert set(tables) == {
        "overall", "classes", "confusion", "confusion_shares", "calibration", "photos", "problems",
    }  # fmt: skip
    photos = tables["photos"].set_index("id")
    assert photos.loc["p4", "outcome"] == "no face" and "No face" in photos.loc["p4", "reason"]
    assert photos.loc["p6", ["outcome", "predicted"]].tolist() == ["no label", "anger"]


def test_a_face_without_action_units_counts_and_is_named(evaluate):
    found = evaluate([("fear 0.9", "fear", {"reason": "OpenFace failed."}), ("fear 0.9", "fear")])
    assert found.faces == 2 and found.accuracy.value == 1
    assert [(p.id, p.outcome) for p in found.incomplete] == [("p0", "right")]


def test_ties_take_the_first_and_are_counted(evaluate):
    even = np.full(7, 1 / 7, np.float32)
    found = evaluate([(even, "anger"), (even, "fear"), ("fear 0.6", "fear")])
    assert found.ties == 2
    assert [photo.predicted for photo in found.photos] == ["anger", "anger", "fear"]


def test_a_class_that_the_network_does_not_know(evaluate):
    values = np.array([0.6, np.nan, 0.2, 0.05, 0.05, 0.05, 0.05], np.float32)
    found = evaluate([(values, "anger"), (values, "disgust")])
    assert found.accuracy.value == 0.5
    assert any("does not know disgust" in note for note in found.notes)


def people(rows):
    return [(answer, label, {"person": f"p{number // 2}"} | (rest[0] if rest else {}))
            for number, (answer, label, *rest) in enumerate(rows)]  # fmt: skip


def test_persons_are_the_units_where_all_are_known(evaluate):
    photos = [("fear 0.9", "fear"), ("anger 0.9", "fear")] * 6
    assert (evaluate(photos).units, evaluate(photos).unit_count) == ("photo", 12)
    found = evaluate(people(photos))
    assert (found.units, found.unit_count) == ("person", 6)
    assert found.accuracy.low is None  # one right and one wrong of each: the same in any draw
    assert "Only 6 persons" in found.notes[0]
    found = evaluate(people(photos), units="photo")
    assert found.units == "photo" and found.accuracy.low < 0.5 < found.accuracy.high
    assert "as if each showed another person" in found.notes[0]
    assert evaluate(people(photos)[:-1] + photos[-1:]).units == "photo"
    with pytest.raises(EvaluationError, match="whose face each is"):
        evaluate(photos, units="person")


def test_the_samples_are_no_persons_and_no_result(evaluate):
    found = evaluate(people([("fear 0.9", "fear")] * 6), kind="samples")
    assert found.units == "photo"
    assert "made from training photographs" in found.notes[0]


def test_groups(evaluate):
    photos = [
        ("fear 0.9", "fear", {"angle": "S", "session": "A"}),
        ("anger 0.9", "fear", {"angle": "S", "session": "A"}),
        ("fear 0.9", "fear", {"angle": "HL", "session": "A"}),
        (None, "fear", {"angle": "HL", "session": "A"}),
        (None, "fear", {"angle": "FL", "session": "A"}),
        ("fear 0.9", "fear", {"session": "A"}),
    ]
    found = evaluate(photos)
    assert found.constant == {"session": "A"}
    rows = {row.value: row for row in found.groups}
    assert list(rows) == ["FL", "HL", "S", None]
    assert {row.group for row in found.groups} == {"angle"}
    assert (rows["S"].accuracy.value, rows["S"].faces, rows["S"].no_face) == (0.5, 2, 0)
    assert (rows["HL"].accuracy.value, rows["HL"].faces, rows["HL"].no_face) == (1, 1, 1)
    assert rows["FL"].accuracy.value is None and rows["FL"].accuracy.reason == "no face"
    assert found.tables()["groups"]["no_face"].tolist() == [1, 1, 0, 0]


def test_people_are_compared_only_on_the_pictures_they_judged(evaluate):
    straight, turned = {"session": "A", "angle": "S"}, {"session": "A", "angle": "HL"}
    photos = [
        ("fear 0.9", "fear", straight), ("anger 0.9", "fear", straight),
        ("anger 0.9", "fear", turned), ("anger 0.9", "anger", {"session": "B", "angle": "S"}),
    ]  # fmt: skip
    assert evaluate(photos).human == ()
    rows = {row.emotion: row for row in evaluate(photos, kind="kdef").human}
    assert (rows["fear"].faces, rows["fear"].model) == (2, 0.5)
    assert (rows["anger"].faces, rows["anger"].model) == (0, None)
    assert rows["fear"].people.hit_rate is None
    assert rows["fear"].people.reason == "no source available"
    given = dict(KDEF_HIT_RATES) | {"fear": Norm(0.4, "a table")}
    rows = {row.emotion: row for row in evaluate(photos, kind="kdef", human=given).human}
    assert rows["fear"].people == Norm(0.4, "a table")


def test_problems_and_an_unfinished_store_are_reported(evaluate):
    problem = ("duplicate", "p1", "the same content as p0")
    found = evaluate([("fear 0.9", "fear")] * 2, problems=[problem], expected=9)
    assert found.problems == (problem,)
    assert found.notes[0] == "The extraction is not finished: 2 of 9 photos are there."
    assert "twice count twice" in found.notes[1]
    assert found.to_dict()["photos"]["expected"] == 9


@pytest.mark.parametrize("photos", [[("fear 0.9", None)], [(None, "fear")]])
def test_nothing_to_evaluate(evaluate, photos):
    with pytest.raises(EvaluationError, match="no photo with both a label and a face"):
        evaluate(photos)


@pytest.mark.parametrize("report", ["[]", "{}", '{"problems": [["duplicate", "b"]]}'])
def test_a_damaged_report_of_the_data_set_is_refused(evaluate, tmp_path, report):
    evaluate([("fear 0.9", "fear")])
    (tmp_path / "store" / "dataset.json").write_text(report)
    with pytest.raises(StoreError, match="dataset.json of .* is damaged"):
        evaluate_store(tmp_path / "store")


def test_a_face_without_any_probability_is_none(evaluate):
    found = evaluate([("fear 0.9", "fear"), (np.full(7, np.nan, np.float32), "fear")])
    assert (found.faces, found.accuracy_of_all) == (1, 0.5)
    assert [photo.reason for photo in found.of("no face")] == ["no face was measured"]


def test_no_store_and_wrong_options(evaluate, tmp_path):
    with pytest.raises(StoreError, match="make one with xfera extract"):
        evaluate_store(tmp_path)
    with pytest.raises(ValueError, match="resamples must be at least 100, not 99"):
        evaluate_store(tmp_path, resamples=99)
    with pytest.raises(InputError, match="did you mean 'person'"):
        evaluate_store(tmp_path, units="persons")
    with pytest.raises(ValueError, match="There is no outcome 'lost'"):
        evaluate([("fear 0.9", "fear")]).of("lost")
