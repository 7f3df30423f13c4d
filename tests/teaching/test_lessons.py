"""The course: solutions are right, wrong answers meet their reason, and none meets a crash."""

import json
import math
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
import torch

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.errors import SamplesError
from xfera_nb.evidence import Evidence
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS, TABLE2
from xfera_nb.fusion import fuse
from xfera_nb.teaching import Course, FaceAtlas
from xfera_nb.teaching.lessons import UNITS, NotReadable, fusion, gradcam, reading
from xfera_nb.widgets.shared.controls import SLIDERS

pytestmark = pytest.mark.slow


def hand_made(*, std=1.0, six=1.0, twelve=2.0):
    """AU12's landmarks are at 3.0, 2.9 … 1.1: the 14th is 1.7 above the mean; the peak is 4."""
    row = EMOTIONS.index("happiness")
    at = np.zeros((7, 68))
    at[row] = -1.0
    for i, number in enumerate(TABLE2["happiness"][12]):
        at[row, number - 1] = 3.0 - 0.1 * i
    numbers = {"mean": np.zeros(7), "std": np.full(7, std)}
    values = [{6: six, 12: twelve}.get(au, 0.0) for au in OPENFACE_AUS]
    probabilities = np.full(7, 0.05, np.float32)
    probabilities[row] = 0.7
    return Evidence(
        face=SimpleNamespace(photo_name="made"),
        prediction=Prediction(probabilities),
        heatmaps=(),
        action_units=ActionUnits(values, source="a test"),
        activation=at,
        **{name: MappingProxyType({"crop": v, "hull": v}) for name, v in numbers.items()},
        peak=np.full(7, 4.0),
        classifier=MappingProxyType({}),
        au_detector=MappingProxyType({}),
    )


@pytest.fixture
def course(Detector, folder, monkeypatch):  # noqa: N803
    """A course over three samples whose face of unit 4 is made by hand."""
    made = Course(FaceAtlas(Detector(), folder))
    monkeypatch.setattr(Course, "evidence", hand_made())
    return made


def said(course, key, answer):
    return course.check(key, answer).text


def test_it_has_five_units_of_a_few_exercises(course):
    counts = [sum(one.unit == unit for one in course.exercises.values()) for unit in UNITS]
    assert list(UNITS) == [1, 2, 3, 4, 5] and min(counts) >= 3 and sum(counts) == 21
    assert list(course.exercises) == sorted(course.exercises)


def test_every_solution_is_accepted(course):
    for key, exercise in course.exercises.items():
        answer, way = exercise.solution()
        verdict = course.check(key, answer)
        assert verdict.correct is True, (key, verdict)
        assert way.endswith(".") and len(exercise.hints) >= 1
        json.dumps(answer)
    assert str(course.progress()).startswith("21 of 21 exercises solved")


ODD = [
    object(), [1], [], {}, "", "zzz", float("nan"), float("inf"), b"ac", True, print, 10**400, -3,
    [[1, 2], [3]], np.array("x"), np.ones((4, 4)), torch.ones(2), {"x": 1}, 1j,
    ["a", 1], "AU99", range(3), type, "½", 1e300, "1e400", [None], lambda: 0,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ODD)))
def test_no_answer_of_another_kind_crashes_or_counts(course, number):
    for key in course.exercises:
        verdict = course.check(key, ODD[number])
        assert verdict.correct is not True, (key, ODD[number])
        assert "Traceback" not in verdict.text and len(verdict.text) < 300
    assert str(course.progress()).startswith("0 of 21")


def test_dots_are_no_answer_yet(course):
    for empty in (..., None):
        verdict = course.check("1.1", empty)
        assert verdict.correct is None and "in place of the dots" in repr(verdict)


def test_a_grid_with_dots_left_is_no_answer_yet(course):
    rows = [[0, 0, 0, 0]] * 3
    assert "in place of each of the dots" in said(course, "3.3", [*rows, [0, ..., ..., 0]])
    assert course.check("3.3", [[...] * 4] * 4).correct is None


def test_progress_counts_once_and_stays(course):
    assert course.check("3.1", 2).progress == "Progress: 1 of 21 · unit 3: ●○○○○"
    course.check("3.1", 2)
    assert course.check("3.1", 5).progress == "Progress: 1 of 21 · unit 3: ●○○○○"
    assert course.check("1.2", 12).progress == "Progress: 2 of 21 · unit 1: ○●○"
    assert repr(course.check("1.2", 4)).startswith("✗ Not yet. AU04 is the lowering")


def test_hints_come_one_by_one_and_solutions_count_nothing(course):
    hints = [str(course.hint("3.3")) for _ in range(4)]
    assert [hint[:12] for hint in hints] == ["Hint 1 of 3:", "Hint 2 of 3:", "Hint 3 of 3:",
                                             "Hint 3 of 3:"]  # fmt: skip
    solution = course.solution("1.1")
    assert repr(solution).startswith("Worked solution of 1.1\nace\n")
    assert solution._repr_html_().startswith("<details><summary>Worked solution of 1.1</summary>")
    assert str(course.progress()).startswith("0 of 21")
    assert "a) The lip corners" in course.ask("1.1") and repr(course.ask("1.2")).startswith("1.2")
    with pytest.raises(KeyError, match=r"from 1\.1 to 5\.5"):
        course.check("9.9", 1)


def test_grad_cam_by_hand_is_captums():
    assert gradcam.weights().tolist() == [2.0, -1.0]
    by_hand = [[0] * 4, [0] * 4, [2, 6, 6, 2], [0, 8, 8, 0]]
    assert gradcam.positive_map().tolist() == by_hand
    assert gradcam.by_captum() == pytest.approx(np.array(by_hand, float), abs=1e-5)
    flat = np.array(by_hand).ravel()
    assert (flat.mean(), flat.std()) == (2.0, 3.0)


MAP = gradcam.positive_map()


@pytest.mark.parametrize(
    ("key", "answer", "words"),
    [
        ("1.1", "abc", "b) “She is happy.”"),
        ("1.1", "ac", "there is one more"),
        ("1.2", "AU 6", "AU06 is the lifting of the cheeks"),
        ("1.2", 3, "no AU03"),
        ("1.3", "B", "Right"),
        ("1.3", 5, "5 is the number of the Action Unit"),
        ("2.1", "Left", "faces you"),
        ("2.1", "up", "one of 'left', 'right'"),
        ("2.2", 4, "6 or 12"),
        ("2.3", ["a", "b"], "a) 1+2+5B+26 needs AU05 at 2 or more"),
        ("2.4", "9, 16 and 26", "AU16 is the one"),
        ("2.4", [9], "One more member"),
        ("2.4", "AU 9, AU 26", "Right"),
        ("2.4", [9, 12], "AU12 is not in"),
        ("3.1", 32, "sum of the gradients"),
        ("3.1", -1, "other channel"),
        ("3.2", "−1,0", "Right"),
        ("3.2", 1, "check the sign"),
        ("3.3", gradcam.signed_map(), "cut off"),
        ("3.3", gradcam.CHANNELS.sum(axis=0), "plain sum"),
        ("3.3", 2 * gradcam.CHANNELS[0] + gradcam.CHANNELS[1], "weight −1"),
        ("3.3", MAP[::-1], "upside down"),
        ("3.3", MAP.T, "swapped"),
        ("3.3", MAP + np.eye(4)[::-1] * 5, "row 1, column 4"),
        ("3.3", torch.tensor(MAP), "Right"),
        ("3.3", MAP[:2], r"shape (2, 4)"),
        ("3.4", 2 + math.sqrt(144 / 15), "divided by 15"),
        ("3.4", 3, "add the mean"),
        ("3.4", 2, "mean alone"),
        ("3.4", 11, "root of the variance"),
        ("3.4", 16 / 3 + math.sqrt(208 / 6 - (16 / 3) ** 2), "of all 16"),
        ("3.5", 0, "they reach it"),
        ("3.5", 4, "for k = 1"),
        ("4.2", "70 %", "which number of the 20"),
        ("4.2", 15, "14 of 20 is 0.7 already"),
        ("5.1", "abce", "about the person"),
        ("5.2", "abcd", "does not use k"),
        ("5.4", 0.37, "Right"),
        ("5.4", "63", "absent ones"),
        ("5.5", "bc", "Fluent words"),
    ],
)
def test_feedback_meets_the_mistake(course, key, answer, words):
    assert words in said(course, key, answer)


def test_the_k_of_unit_4_is_that_of_the_real_fusion(course):
    evidence = course.evidence
    assert fusion.appears_at(evidence) == pytest.approx(1.7)
    for k, active in ((1.69, True), (1.71, False)):
        assert (12 in fuse(evidence, fusion.PARAMS.replace(k=k), "happiness").active) is active
    assert course.check("4.3", 1.7).correct and course.check("4.3", "1,71").correct
    assert SLIDERS["k"][3] == fusion.SLIDER_STEP


@pytest.mark.parametrize("true", [1.4214, 1.425, 1.4, 1.449])
def test_exercise_43_is_solved_by_the_sliders_it_names(course, monkeypatch, true):
    """Whoever moves the slider down stops at the first of its values where AU12 is active."""
    monkeypatch.setattr(fusion, "appears_at", lambda evidence: true)
    step = SLIDERS["k"][3]
    first_active = step * int(true / step + 1e-9)
    last_inactive = first_active + step
    assert course.check("4.3", round(first_active, 2)).correct
    assert course.check("4.3", round(last_inactive, 2)).correct
    assert not course.check("4.3", round(first_active - 2 * step, 2)).correct


def test_feedback_on_the_k_of_unit_4(course):
    assert "is not active yet (10 of its 20 landmarks are in the salient region): go lower" in said(
        course, "4.3", 2.05
    )
    active = "is active (20 of its 20 landmarks are in the salient region)"
    assert active in said(course, "4.3", 1.0)
    assert "k lies between" in said(course, "4.3", 99)


def test_the_threshold_of_unit_4_is_that_of_the_real_fusion(course):
    # mean 0, std 1 and peak 4: 1.5 / 4.
    assert course.check("4.1", 0.375).correct and course.check("4.1", "37,5 %").correct
    assert "at k = 1" in said(course, "4.1", 0.25)
    assert "mean alone" in said(course, "4.1", 0.0)


@pytest.mark.parametrize(("six", "letter"), [(1.0, "b"), (0.1, "a")])
def test_the_reason_of_unit_4_is_the_fusions(six, letter):
    exercise = fusion.exercises(lambda: hand_made(six=six))[-1]
    assert exercise.solution()[0] == letter
    assert exercise.check(letter).correct and exercise.check("c").correct is False


def test_a_face_is_chosen_on_which_it_appears():
    asked = []

    def gathered(code):
        asked.append(code)
        return hand_made(std=0.1 if len(asked) < 3 else 1.0)  # at 0.1 it appears far above 2.8

    code, evidence = fusion.choose(gathered)
    assert asked == ["C01HA", "C02HA", "C03HA"] and code == "C03HA"
    assert fusion.appears_at(evidence) == pytest.approx(1.7)
    with pytest.raises(SamplesError, match="take the shipped ones"):
        fusion.choose(lambda code: hand_made(twelve=0.0))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,5", 1.5), (" −2 ", -2.0), ("25 %", 0.25), (np.float32(3), 3.0), (torch.tensor(2.0), 2.0)],
)
def test_numbers_are_read_in_many_forms(text, value):
    assert reading.number(text) == value


def test_what_is_no_number_is_said(course):
    with pytest.raises(NotReadable, match="'much' is none"):
        reading.number("much")
    assert reading.au_numbers("1+4") == reading.au_numbers([1, "AU04"]) == {1, 4}
    assert reading.letters({"A", "c"}, "abc") == {"a", "c"}


def test_the_tables_the_course_relies_on_are_these():
    assert len(TABLE2["happiness"][12]) == 20
    assert 16 not in OPENFACE_AUS and "happiness" in EMOTIONS
