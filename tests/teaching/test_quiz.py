"""Questions have one answer by the tables; a run counts its points."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from made_results import evidence

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.faces import find_faces
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import (
    ACTION_UNITS,
    EMOTIONS,
    EXPECTED_AUS,
    OPENFACE_AUS,
    PROTOTYPES,
    parse_combination,
)
from xfera_nb.facs.prototypes import Prototype
from xfera_nb.teaching import FACE_KINDS, MeasuredSamples, Quiz, draw_faces, make_quiz
from xfera_nb.teaching.face_questions import attended_questions, predicted_questions
from xfera_nb.teaching.measured import MeasuredSample
from xfera_nb.teaching.questions import (
    KIND_WORDS,
    KINDS,
    TABLE_KINDS,
    allowed_sets,
    near,
    shares_a_set,
)

# How many different questions the tables give: AUs, emotions with a row, and 8 + 6 + 2 + 1 + 3 + 2
# prototypes (with restrained anger).
SIZES = {"movement": 25, "expected": 6, "combination": 22}
SEEDS = range(40)


def whole(kind, seed=0):
    return make_quiz(seed, SIZES[kind], kinds=[kind])


def by_subject(kind, subject, seed):
    return next(q for q in whole(kind, seed) if q.subject == subject)


@pytest.mark.parametrize("kind", SIZES)
def test_every_subject_is_asked_once_with_four_different_choices(kind):
    for seed in SEEDS:
        questions = whole(kind, seed)
        assert len({q.subject for q in questions}) == SIZES[kind]
        for q in questions:
            assert len({c.text for c in q.choices}) == 4
            assert q.source and q.explanation and 0 <= q.answer < 4
            assert all(c.remark for c in q.choices)


def test_the_right_choice_stands_everywhere():
    assert {q.answer for q in whole("movement")} == {0, 1, 2, 3}


def test_a_seed_gives_the_same_questions_again_and_another_others():
    assert make_quiz(7, 10) == make_quiz(7, 10)
    assert make_quiz(7, 10) != make_quiz(8, 10)


def test_kinds_come_in_turn():
    kinds = [q.kind for q in make_quiz(3, 6)]
    assert kinds == ["movement", "expected", "combination"] * 2


def test_leaving_a_kind_out_does_not_change_the_others():
    alone = make_quiz(3, 2, kinds=["combination"])
    assert [q for q in make_quiz(3, 6) if q.kind == "combination"] == list(alone)


def test_movements_are_told_apart():
    for seed in SEEDS:
        for q in whole("movement", seed):
            numbers = [int(c.text.removeprefix("AU")) for c in q.choices]
            right = numbers[q.answer]
            assert ACTION_UNITS[right].words in q.text
            for other in numbers:
                assert other == right or not near(other, right)
                assert (ACTION_UNITS[other].words in q.text) == (other == right)


def test_near_movements_by_hand():
    assert near(25, 26) and near(27, 25) and near(43, 45)
    assert not near(1, 2) and not near(12, 15)


def test_no_question_asks_for_numbers_of_landmarks():
    assert not any("landmark" in q.text for kind in SIZES for q in whole(kind))
    assert set(KIND_WORDS) == set(KINDS) == {*FACE_KINDS, *TABLE_KINDS}


def test_expected_rows():
    q = by_subject("expected", "fear", 1)
    assert q.right.text == "AU01, AU02, AU04, AU05, AU07, AU20, AU26"
    assert "AU26 jaw drop" in q.explanation and "Sources differ" in q.explanation
    wrong = {c.text for c in q.choices} - {q.right.text}
    rows = {", ".join(f"AU{au:02d}" for au in EXPECTED_AUS[e]) for e in EMOTIONS if e != "fear"}
    assert wrong <= rows


def test_sets_that_a_combination_allows():
    members = parse_combination("5*+20*+(25/26)")
    assert allowed_sets(members) == {
        frozenset({5, 20}), frozenset({5, 20, 25}), frozenset({5, 20, 26})
    }  # fmt: skip
    assert allowed_sets(parse_combination("9+16+15/26")) == {
        frozenset({9, 15, 16}), frozenset({9, 16, 26})
    }  # fmt: skip


def test_combinations_that_two_emotions_share():
    surprise = Prototype.parse("1+2+5B+26", "surprise")
    assert shares_a_set(surprise, "fear")  # fear has 1+2+5E with or without 26
    assert not shares_a_set(surprise, "happiness")
    # EMFACS gives disgust 9+15+16, the set of the Guide's 9+16+15/26 with 15.
    assert shares_a_set(Prototype.parse("9+16+15/26", "anger"), "disgust")
    # Table 2's row counts as well.
    assert shares_a_set(Prototype.parse("9+15+17", "anger"), "disgust")


def test_no_emotion_is_offered_that_also_has_the_combination():
    for seed in SEEDS:
        surprise = by_subject("combination", "surprise 1+2+5B+26", seed)
        assert "fear" not in [c.text for c in surprise.choices]
        for q in whole("combination", seed):
            owner, notation = q.subject.split(" ")
            assert q.right.text == owner
            for c in q.choices:
                listed = [p.notation for p in PROTOTYPES[c.text]]
                assert (notation in listed) == (c.text == owner)


def face(code, **aus):
    values = [aus.get(f"au{au}", 0.0) for au in OPENFACE_AUS]
    units = ActionUnits(values, reliability=[0.3 if au == 6 else 0.9 for au in OPENFACE_AUS])
    return MeasuredSample(code, None, None, units)


def test_a_movement_on_a_face_is_clear_named_and_trusted():
    # AU 6 is stronger, but the source is not to be trusted on it; AU 4 is no movement of happiness.
    measured = MeasuredSamples((face("C01HA", au6=4.0, au12=2.0, au4=3.0),))
    for seed in SEEDS:
        (q,) = make_quiz(seed, 1, kinds=["present"], measured=measured)
        assert q.right.text == "pulling of the lip corners (AU12)" and q.sample == "C01HA"
        assert "2.00 of 5" in q.explanation and "r with OpenFace 0.90" in q.source
        others = {c.text[-5:-1] for c in q.choices} - {"AU12"}
        # AU 4 is measured, so it is not wrong; AU 6 belongs to happiness.
        assert not others & {"AU04", "AU06"}


@pytest.mark.parametrize(
    "faces",
    [
        (face("C01HA", au12=1.9),),  # not clear
        (face("C01NE", au12=4.0),),  # neutral names no movement
        (face("C01HA", au12=4.0, **{f"au{au}": 1.0 for au in OPENFACE_AUS if au != 12}),),
    ],
)
def test_no_question_is_made_of_a_face_that_has_no_clear_answer(faces):
    with pytest.raises(ValueError, match="1 to 0 different"):
        make_quiz(0, 1, kinds=["present"], measured=MeasuredSamples(faces))


FACES = MeasuredSamples(
    (
        face("C01HA", au12=3.0),
        face("C02HA", au12=1.0),  # neither clear nor absent: never offered
        face("C01NE", au12=0.4),
        face("C01SA"),
        face("C01AN", au4=2.0),
        face("C01SU", au6=3.0),  # AU 6 is not to be trusted
    )
)


def test_one_of_four_faces_shows_a_movement():
    for seed in SEEDS:
        questions = make_quiz(seed, 2, kinds=["shows"], measured=FACES)
        by_au = {q.subject: q for q in questions}
        assert set(by_au) == {"AU04", "AU12"}
        smile = by_au["AU12"]
        assert smile.text == "Which of these faces shows AU12, the pulling of the lip corners?"
        assert smile.right.sample == "C01HA" and smile.sample is None
        assert {c.sample for c in smile.choices} <= {"C01HA", "C01NE", "C01SA", "C01AN", "C01SU"}
        assert [c.text for c in smile.choices] == [f"Face {letter}" for letter in "ABCD"]
        assert smile.explanation == (
            f"{smile.right.text} shows the pulling of the lip corners, measured at 3.00 of 5."
        )
        wrong = next(c for c in smile.choices if c is not smile.right)
        assert wrong.remark.endswith("measured at 0.00 of 5, less than a trace.") or (
            wrong.sample == "C01NE" and "0.40 of 5" in wrong.remark
        )
    with pytest.raises(ValueError, match="1 to 2 different"):
        make_quiz(0, 3, kinds=["shows"], measured=FACES)


def test_the_region_that_holds_most_of_a_map(request):
    photo = request.config.rootpath / "data" / "samples" / "C01HA.jpg"
    one = evidence(1.0, 1.0, shown=find_faces(photo)[0])
    shares = one.region_shares("happiness")
    assert shares.argmax() == 3 and shares[3] > 1.25 * sorted(shares)[-2]  # a flat map: the cheeks
    for seed in SEEDS:
        (q,) = attended_questions(Random(seed), {"C01HA": one})
        assert (q.right.text, q.sample, q.target) == ("cheeks", "C01HA", "happiness")
        assert f"The cheeks hold {shares[3]:.0%} of the map" in q.explanation
        for choice in q.choices:
            share = shares[FACE_REGIONS.index(choice.text)]
            assert choice.remark.endswith(f" {share:.0%} of the map.")
    assert attended_questions(Random(0), {"C01HA": evidence(-1.0, -1.0)}) == []  # no map


def test_the_class_that_the_model_predicts():
    unsure = evidence(1.0, 0.0, aus={6: 0.5, 12: 3.0})  # 0.7: medium confidence
    assert predicted_questions(Random(0), {"C01HA": unsure}) == []
    high = replace(unsure, prediction=Prediction(np.array([0.0, 0.02, 0, 0.97, 0.01, 0, 0], "f4")))
    for seed in SEEDS:
        (q,) = predicted_questions(Random(seed), {"C01HA": high})
        assert q.right.text == "happiness" and q.target is None
        assert {"disgust", "neutral"} < {c.text for c in q.choices}  # the likeliest others
        assert q.explanation == (
            'The model gives "happiness" 97%. Typical of happiness, and measured on the face: '
            "AU12 lip corner puller (3.0 of 5)."
        )
        remarks = {c.text: c.remark for c in q.choices}
        assert remarks["disgust"] == 'The model gives "disgust" 2%.'
        assert all("less than 1%" in remarks[e] for e in set(remarks) & {"anger", "fear"})


def test_faces_are_asked_about_where_there_are_any():
    kinds = [q.kind for q in make_quiz(0, 3, measured=FACES)]
    assert kinds == ["shows", "present", "shows"]
    named = {"C01HA": evidence(1.0, 0.0)}
    with pytest.raises(ValueError, match="1 to 0"):
        make_quiz(0, 1, kinds=["predicted"], gathered=named)


def test_the_faces_of_a_quiz_are_drawn_by_its_seed():
    codes = draw_faces(5)
    assert codes == draw_faces(5) != draw_faces(6)
    assert len(set(codes)) == 14
    assert [code[3:] for code in codes[::2]] == ["AN", "DI", "AF", "HA", "NE", "SA", "SU"]
    assert [code[3:] for code in codes[1::2]] == ["AN", "DI", "AF", "HA", "NE", "SA", "SU"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kinds": ["present"]}, '"present" questions need measured'),
        ({"kinds": ["attended"]}, "the classifier's evidence"),
        ({"kinds": ["riddle"]}, "riddle"),
        ({"kinds": []}, "not none"),
        ({"count": 0}, "1 to 53"),
        ({"count": 54}, "1 to 53"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        make_quiz(0, **options)


def wrong_choice(question):
    return (question.answer + 1) % 4


def test_a_run_counts_its_points_and_explains():
    quiz = Quiz(make_quiz(5, 3))
    first, second, third = quiz.questions
    assert quiz.current is first and quiz.score == 0
    good = quiz.answer(first.answer)
    assert good.correct and good.text == f"Right. {first.explanation}"
    bad = quiz.answer(wrong_choice(second))
    assert not bad.correct and bad.source == second.source
    taken = second.choices[wrong_choice(second)]
    assert bad.text == f"No. {taken.remark} {second.explanation}"
    assert quiz.score == 1 and quiz.current is third and not quiz.finished
    quiz.answer(third.answer)
    assert quiz.finished and quiz.current is None and quiz.score == 2
    assert quiz.by_kind() == {"movement": (1, 1), "expected": (0, 1), "combination": (1, 1)}
    assert quiz.summary() == (
        "2 of 3 right. Worth repeating: the movements expected for an emotion (0 of 1 right)."
    )


def test_a_run_without_faults_says_no_more_than_that():
    quiz = Quiz(make_quiz(5, 1))
    quiz.answer(quiz.questions[0].answer)
    assert quiz.summary() == "1 of 1 right." and quiz.advise() == ""


def test_an_answer_that_does_not_exist_changes_nothing():
    quiz = Quiz(make_quiz(5, 1))
    for choice in (-1, 4):
        with pytest.raises(ValueError, match="choices are 0 to 3"):
            quiz.answer(choice)
    assert quiz.answers == []
    quiz.answer(0)
    with pytest.raises(ValueError, match="All questions are answered"):
        quiz.answer(0)


def test_an_empty_quiz_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Quiz([])
