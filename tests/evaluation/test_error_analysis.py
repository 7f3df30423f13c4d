"""Error analysis of a face whose maps and AUs are made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from xfera_nb.evaluation.au_states import count_states, measure_disagreement
from xfera_nb.evaluation.error_analysis import analyse_error
from xfera_nb.evaluation.error_groups import ERROR_GROUPS, group_errors
from xfera_nb.evidence.rows import Row
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS, au_landmarks
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionParams, fuse_many
from xfera_nb.fusion.states import (
    ABSENT_ATTENDED,
    ABSENT_NOT_ATTENDED,
    NOT_MEASURABLE,
    PRESENT_ATTENDED,
    PRESENT_NOT_ATTENDED,
    STATES,
)

FEAR, SURPRISE, HAPPINESS, ANGER = map(EMOTIONS.index, ("fear", "surprise", "happiness", "anger"))

ALGORITHM1 = FusionParams.preset("algorithm1")


def intensities(**aus):
    """(17,) with 0 where nothing is given; au4=None is not measured."""
    values = np.zeros(17, np.float32)
    for name, value in aus.items():
        values[OPENFACE_AUS.index(int(name[2:]))] = np.nan if value is None else value
    return values


def at(*aus):
    """(68,) activation: 0.8 at the landmarks of these AUs, 0.1 elsewhere."""
    values = np.full(68, 0.1)
    for au in aus:
        values[np.array(au_landmarks(au)) - 1] = 0.8
    return values


@pytest.fixture
def row():
    """Labelled fear, predicted surprise: threshold 0.2 + k * 0.1 = 0.3 of a peak of 1.

    Fear's map is salient on the chin and mouth (AU20, AU26), surprise's on the brows (AU01, AU02,
    AU04 but for 28 and 29). Saliency: surprise 0.4, fear 0.2, the rest 0.2 / 5 each; sum 0.8.
    """
    activation = np.full((7, 68), 0.1)
    activation[FEAR] = at(20, 26)
    activation[SURPRISE] = at(1)
    mean = np.full(7, 0.04)
    mean[FEAR], mean[SURPRISE] = 0.2, 0.4
    std = np.full(7, 0.1)
    std[SURPRISE] = 0.05  # threshold 0.45
    peak = np.ones(7)
    peak[ANGER] = 0
    probabilities = np.array([0.05, 0.05, 0.2, 0.01, 0.3, 0.04, 0.35], np.float32)
    return Row(
        0,
        "made",
        emotion="fear",
        box=np.array([0, 0, 9, 9], np.int32),
        probabilities=probabilities,
        activation=activation,
        mean_crop=mean,
        std_crop=std,
        mean_hull=mean[::-1].copy(),
        std_hull=std,
        peak=peak,
        intensities=intensities(au1=2, au2=0.3, au4=1, au5=None, au20=0.29, au26=1),
    )


def test_the_classes_share_the_saliency(row):
    why = analyse_error(row, params=ALGORITHM1)
    assert why.predicted == "surprise" and why.true == "fear" and why.is_wrong
    assert why.of_class("surprise").share == pytest.approx(0.5)
    assert why.of_class("fear").share == pytest.approx(0.25)
    assert why.of_class("anger").share == pytest.approx(0.05)
    assert sum(one.share for one in why.classes) == pytest.approx(1)
    assert why.of_class("fear").probability == pytest.approx(0.2)


def test_the_region_is_the_parameters(row):
    why = analyse_error(row, params=ALGORITHM1.replace(region="hull"))
    assert why.of_class("anger").share == pytest.approx(0.5)
    assert "face hull" in why.text


def test_each_expected_au_has_its_state(row):
    why = analyse_error(row, params=ALGORITHM1)
    assert {unit.au: unit.state for unit in why.for_true} == {
        1: PRESENT_NOT_ATTENDED,
        2: PRESENT_NOT_ATTENDED,  # 0.3 is present
        4: PRESENT_NOT_ATTENDED,
        5: NOT_MEASURABLE,
        7: ABSENT_NOT_ATTENDED,
        20: ABSENT_ATTENDED,  # 0.29 is not
        26: PRESENT_ATTENDED,
    }
    assert {unit.au: unit.state for unit in why.for_predicted} == {
        1: PRESENT_ATTENDED,
        2: PRESENT_ATTENDED,
        5: NOT_MEASURABLE,
        26: PRESENT_NOT_ATTENDED,
    }
    assert why.in_state(PRESENT_NOT_ATTENDED) == (1, 2, 4)
    assert why.in_state(PRESENT_ATTENDED, "surprise") == (1, 2)
    with pytest.raises(ValueError, match="neither the label nor the prediction"):
        why.in_state(PRESENT_ATTENDED, "anger")


def test_the_other_map_is_compared_too(row):
    units = {unit.au: unit for unit in analyse_error(row, params=ALGORITHM1).for_true}
    # AU04 has the ten landmarks of the brows and two of the nose: 10 of 12 for surprise.
    assert (units[4].salient_landmarks, units[4].landmarks, units[4].attended_for_other) == (
        0,
        12,
        True,
    )
    assert (units[20].salient_landmarks, units[20].attended_for_other) == (12, False)
    stricter = analyse_error(row, params=ALGORITHM1.replace(coverage=0.9))
    assert {unit.au: unit.attended_for_other for unit in stricter.for_true}[4] is False


def test_the_paragraph_says_these_facts(row):
    text = analyse_error(row, params=ALGORITHM1).text
    assert text.startswith(
        "The model predicted surprise (35%); the label is fear (20%, rank 3 of 7). Of the seven "
        "maps' positive values over the crop, 50% is for surprise and 25% is for fear."
    )
    assert "present, attended: AU26 (jaw drop); present, not attended: AU01 (inner" in text
    assert "AU01 (inner brow raiser, 0 of 10 landmarks salient)" in text
    assert "absent, attended: AU20 (lip stretcher, intensity 0.29); absent, not" in text
    assert "absent, not attended: AU07 (lid tightener); not measurable: AU05 (upper" in text
    assert "The map for surprise does attend to AU01 (inner brow raiser), AU02" in text
    assert text.endswith("This is about the model, not about what the person felt.")
    assert "\n" not in text


def test_three_lines_say_why(row):
    why = analyse_error(row, params=ALGORITHM1)
    assert why.lines == (
        "The model predicted surprise (35%, low confidence); the label is fear (20%, rank 3 of 7).",
        "In the map for surprise, AU01 (inner brow raiser) and AU02 (outer brow raiser) are "
        "present and attended.",
        "Of the evidence for fear, by its own map, AU26 (jaw drop) is present and attended; AU01 "
        "(inner brow raiser), AU02 (outer brow raiser) and AU04 (brow lowerer) are present, but "
        "not attended; AU20 (lip stretcher) is attended, but absent; AU07 (lid tightener) is "
        "absent; AU05 (upper lid raiser) is not measurable.",
    )
    assert why.active == (1, 2) and why.group == "evidence outweighed"


def test_the_second_line_says_where_the_map_lies(row, request):
    """All of surprise's map in one cell of 7x7, over the mouth."""
    samples = request.config.rootpath / "data" / "samples"
    points = find_faces(samples / "C01HA.jpg")[0].landmarks
    maps = np.zeros((7, 7, 7), np.float32)
    maps[SURPRISE, 4, 3] = 1
    shown = replace(row, maps=maps, landmarks=points)
    (first, share), *_ = analyse_error(shown, params=ALGORITHM1).regions
    assert first == "mouth" and share > 0.3
    line = analyse_error(shown, params=ALGORITHM1).lines[1]
    assert line.startswith(f"The map for surprise lies mostly on the mouth ({share:.0%})")
    assert line.endswith("are present there.")
    nothing = replace(row, peak=np.zeros(7))
    assert analyse_error(nothing, params=ALGORITHM1).lines[1] == (
        "No part of the face speaks for surprise: its map is nowhere positive."
    )


@pytest.mark.parametrize(
    ("attended", "present", "expected"),
    [
        ((20, 26), {"au26": 1}, "evidence outweighed"),
        ((20, 26), {"au26": 1, "au1": 2}, "evidence outweighed"),
        ((20, 26), {"au1": 1}, "evidence not attended"),
        ((20, 26), {"au12": 3}, "attended, but absent"),  # AU12 is not expected for fear
        ((20, 26), {"au1": None}, "not measurable"),  # it may be there
        ((20, 26), {"au1": None, "au2": 1}, "evidence not attended"),
        ((), {"au12": 3}, "no evidence"),
        ((), {"au26": 1}, "evidence not attended"),
    ],
)
def test_groups_by_hand(attended, present, expected):
    arrays = fused(at(*attended), intensities(**present), FEAR, ALGORITHM1)
    assert [list(ERROR_GROUPS)[code] for code in group_errors(arrays)] == [expected]


def test_neutral_has_a_group_of_its_own():
    arrays = fused(at(1), intensities(au1=2), EMOTIONS.index("neutral"), ALGORITHM1)
    assert [list(ERROR_GROUPS)[code] for code in group_errors(arrays)] == ["no AU expected"]
    assert all(text.endswith(".") for text in ERROR_GROUPS.values())


def test_a_right_answer_has_one_emotion_to_explain(row):
    why = analyse_error(row, "surprise", params=ALGORITHM1)
    assert why.is_wrong is False
    assert why.for_true == why.for_predicted
    assert all(unit.attended_for_other is None for unit in why.for_true)
    assert "as the label says" in why.text
    assert why.text.count("expected for surprise") == 1


def test_without_a_label(row):
    why = analyse_error(replace(row, emotion=None), params=ALGORITHM1)
    assert why.is_wrong is None and why.for_true == ()
    assert "there is no label" in why.text
    assert why.in_state(PRESENT_ATTENDED) == (1, 2)


def test_another_class_with_more_saliency_is_named(row):
    assert (
        "most, 50%, is for surprise"
        in analyse_error(replace(row, probabilities=np.eye(7, dtype=np.float32)[FEAR])).text
    )


def test_neutral_expects_nothing_and_a_map_may_say_nothing(row):
    text = analyse_error(row, "neutral", params=ALGORITHM1).text
    assert "Table 2 expects no AU for neutral." in text
    text = analyse_error(row, "anger", params=ALGORITHM1).text
    assert "Of the AUs expected for anger (nothing on the face supports anger)," in text


def test_a_class_that_the_model_lacks_has_no_probability(row):
    probabilities = row.probabilities.copy()
    probabilities[FEAR] = np.nan
    why = analyse_error(replace(row, probabilities=probabilities), params=ALGORITHM1)
    assert why.predicted == "surprise" and why.of_class("fear").probability is None
    assert "the label is fear, which the model cannot predict." in why.text


def test_maps_without_positive_values_have_no_shares(row):
    why = analyse_error(replace(row, mean_crop=np.zeros(7), peak=np.zeros(7)))
    assert all(one.share is None for one in why.classes)
    assert "None of the seven maps has a positive value" in why.text


def test_without_intensities_nothing_is_measurable(row):
    why = analyse_error(replace(row, intensities=None), params=ALGORITHM1)
    assert {unit.state for unit in why.for_true} == {NOT_MEASURABLE}
    assert {unit.intensity for unit in why.for_true} == {None}


def test_a_row_without_a_face_and_unknown_emotions_are_refused(row):
    with pytest.raises(ValueError, match="made has no face: dark"):
        analyse_error(Row(0, "made", reason="dark"), params=ALGORITHM1)
    with pytest.raises(ValueError, match="envy"):
        analyse_error(row, "envy", params=ALGORITHM1)


def fused(activation, aus, emotion, params, peak=1.0):
    one = np.ones(1)
    return fuse_many(
        activation[None], 0.2 * one, 0.1 * one, peak * one, aus[None], np.array([emotion]), params
    )


@pytest.mark.parametrize(
    ("attended", "present", "expected"),
    [
        ((20, 26), {"au20": 1, "au26": 1}, 0.0),
        ((20, 26), {"au1": 1, "au2": 1}, 1.0),
        # P = {1, 26}, A = {20, 26}: 1 - 2 * 1 / 4
        ((20, 26), {"au1": 1, "au26": 1}, 0.5),
        # P = {26}, A = {20, 26}: 1 - 2 / 3
        ((20, 26), {"au26": 1}, 1 / 3),
        # AU20 was not measured: P = A = {26}
        ((20, 26), {"au26": 1, "au20": None}, 0.0),
        # AU12 is not expected for fear
        ((20, 26), {"au20": 1, "au26": 1, "au12": 3}, 0.0),
        ((), {"au1": 1}, 1.0),
        ((), {}, np.nan),
    ],
)
def test_disagreement_by_hand(attended, present, expected):
    params = ALGORITHM1
    arrays = fused(at(*attended), intensities(**present), FEAR, params)
    assert measure_disagreement(arrays) == pytest.approx([expected], nan_ok=True)


def test_disagreement_is_undefined_for_neutral_and_without_evidence():
    params = ALGORITHM1.replace(scope="all")
    everything = np.full(17, 3.0, np.float32)
    neutral = fused(at(20, 26), everything, EMOTIONS.index("neutral"), params)
    assert np.isnan(measure_disagreement(neutral)[0])
    nothing = fused(np.zeros(68), everything, FEAR, params, peak=0.0)
    assert np.isnan(measure_disagreement(nothing)[0])


def test_active_states_are_what_the_fusion_calls_active():
    rng = np.random.default_rng(3)
    params = ALGORITHM1.replace(k=0.5, coverage=0.6, scope="all")
    n = 40
    arrays = fuse_many(
        rng.random((n, 68)), np.full(n, 0.3), np.full(n, 0.2), np.ones(n),
        rng.uniform(0, 1, (n, 17)).astype(np.float32), rng.integers(0, 7, n), params,
    )  # fmt: skip
    found = np.array(STATES)[arrays.states]
    assert np.array_equal(found == PRESENT_ATTENDED, arrays.active[:, 0])
    assert set(np.unique(found)) == set(STATES)
    unmeasured = [au not in OPENFACE_AUS for au in LANDMARK_AUS]
    assert np.array_equal((found == NOT_MEASURABLE).all(axis=0), unmeasured)


def test_states_count_each_face_once():
    params = ALGORITHM1
    rows = [fused(at(20, 26), intensities(**aus), FEAR, params)
            for aus in ({"au26": 1}, {"au26": 0}, {"au1": 2, "au26": None})]  # fmt: skip
    counts = [count_states(one, "fear") for one in rows]
    assert [one[26] for one in counts] == [(1, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 1)]
    assert counts[2][1] == (0, 1, 0, 0, 0)
    assert count_states(rows[0], "neutral") == {}
