"""Questions have one answer by the tables; a run counts its points."""

from __future__ import annotations

import pytest

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.facs import (
    ACTION_UNITS,
    EMOTIONS,
    EXPECTED_AUS,
    OPENFACE_AUS,
    PROTOTYPES,
    parse_combination,
)
from xfera_nb.facs.prototypes import Prototype
from xfera_nb.teaching import KINDS, MeasuredSamples, Quiz, make_quiz
from xfera_nb.teaching.measured import MeasuredSample
from xfera_nb.teaching.questions import allowed_sets, near, shares_a_set

# How many different questions the tables give: AUs, AUs with landmarks, emotions with a row,
# and 8 + 6 + 2 + 1 + 3 + 2 prototypes (with restrained anger).
SIZES = {"movement": 25, "landmarks": 22, "expected": 6, "combination": 22}
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
    kinds = [q.kind for q in make_quiz(3, 8)]
    assert kinds == ["movement", "landmarks", "expected", "combination"] * 2


def test_leaving_a_kind_out_does_not_change_the_others():
    alone = make_quiz(3, 2, kinds=["combination"])
    assert [q for q in make_quiz(3, 8) if q.kind == "combination"] == list(alone)


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


def test_landmarks_of_au12_are_never_offered_twice_under_other_names():
    for seed in SEEDS:
        q = by_subject("landmarks", "AU12", seed)
        assert sum(c.text.startswith("49-68 ") for c in q.choices) == 1
        assert q.right.text == "49-68 (outer lips, inner lips)"


def test_landmark_sources_tell_the_paper_from_the_extension():
    assert "Table 2" in by_subject("landmarks", "AU12", 0).source
    assert "extension" in by_subject("landmarks", "AU10", 0).source


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


def test_spotting_takes_what_is_clear_named_and_trusted():
    # AU 6 is stronger, but the source is not to be trusted on it; AU 4 is no movement of happiness.
    measured = MeasuredSamples((face("C01HA", au6=4.0, au12=2.0, au4=3.0),))
    for seed in SEEDS:
        (q,) = make_quiz(seed, 1, kinds=["spot"], measured=measured)
        assert q.right.text == "AU12 lip corner puller" and q.sample == "C01HA"
        assert "2.00 of 5" in q.explanation and "r = 0.90" in q.explanation
        others = {c.text[:4] for c in q.choices} - {"AU12"}
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
        make_quiz(0, 1, kinds=["spot"], measured=MeasuredSamples(faces))


def test_all_kinds_with_measured_faces():
    measured = MeasuredSamples((face("C01HA", au12=3.0),))
    assert [q.kind for q in make_quiz(0, 5, measured=measured)] == list(KINDS)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kinds": ["spot"]}, "need measured"),
        ({"kinds": ["riddle"]}, "riddle"),
        ({"kinds": []}, "not none"),
        ({"count": 0}, "1 to 75"),
        ({"count": 76}, "1 to 75"),
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
    assert bad.text == (
        f"No. {taken.remark} The answer is {second.right.text}. {second.explanation}"
    )
    assert quiz.score == 1 and quiz.current is third and not quiz.finished
    quiz.answer(third.answer)
    assert quiz.finished and quiz.current is None and quiz.score == 2
    assert quiz.by_kind() == {"movement": (1, 1), "landmarks": (0, 1), "expected": (1, 1)}
    assert quiz.summary() == "2 of 3 right. Worth repeating: landmarks (0 of 1)."


def test_a_run_without_faults_says_no_more_than_that():
    quiz = Quiz(make_quiz(5, 1))
    quiz.answer(quiz.questions[0].answer)
    assert quiz.summary() == "1 of 1 right."


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
