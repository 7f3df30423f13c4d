"""Part 1's figures, worked out by hand."""

import pytest

from xfera_nb.study import Answers, Collected
from xfera_nb.study.agreement import (
    compare_with_model,
    count_answers,
    entropy_correlation,
    kappa,
)


@pytest.fixture
def two_photos(make_study):
    """Photo i00 (anger, model: disgust) and i01 (disgust, model: disgust), one condition."""
    return make_study(2, conditions=("none",))


def say(answers, *people):
    """Each person's emotions for i00, i01 and so on; None for no answer."""
    for emotions in people:
        who = answers.enter()
        for number, emotion in enumerate(emotions):
            if emotion is not None:
                answers.put(who, f"i{number:02d}", "emotion", emotion)


def collected(study, *people):
    with Answers(study) as answers:
        say(answers, *people)
        return Collected.of(answers)


def test_what_people_said_of_a_photo(two_photos):
    data = collected(
        two_photos, ("fear", "fear"), ("fear", None), ("anger", "fear"), ("sadness", "anger")
    )
    first, second = count_answers(data)
    assert first.counts == (1, 0, 2, 0, 0, 1, 0)
    assert first.shares == (0.25, 0, 0.5, 0, 0, 0.25, 0)
    assert first.entropy == pytest.approx(1.5)
    assert first.agreement == pytest.approx(1 / 6)  # one pair of six
    assert (first.majority, first.people) == ("fear", 4)
    assert first.share_of("anger") == 0.25 and first.share_of(None) is None
    assert second.agreement == pytest.approx(1 / 3)


def test_a_photo_without_answers_is_undefined_and_not_nought(two_photos):
    first, _ = count_answers(collected(two_photos))
    assert first.people == 0
    assert (first.shares, first.entropy, first.agreement, first.majority) == (None,) * 4
    assert first.share_of("fear") is None
    assert compare_with_model([first]) == ()


def test_kappa_by_hand(two_photos):
    data = collected(two_photos, ("fear", "anger"), ("fear", "anger"), ("anger", "anger"))
    found = kappa(data)
    # P is (1/3 + 1) / 2, expected agreement (1/3)^2 + (2/3)^2.
    assert found.value == pytest.approx((2 / 3 - 5 / 9) / (1 - 5 / 9))
    assert (found.items, found.people, found.left_out, found.reason) == (2, 3, 0, None)


def test_kappa_leaves_out_who_did_not_answer_everything(two_photos):
    data = collected(
        two_photos, ("fear", "anger"), ("fear", "anger"), ("anger", "anger"), ("fear", None)
    )
    found = kappa(data)
    assert found.value == pytest.approx(0.25) and found.left_out == 1


@pytest.mark.parametrize(
    ("people", "kind", "reason"),
    [
        ([("fear", "anger")], None, "fewer than two people"),
        ([("fear", "fear"), ("fear", "fear")], None, "the same emotion"),
        ([("fear", "anger"), ("fear", "anger")], "misclassified", "fewer than two photos"),
        ([], None, "fewer than two people"),
    ],
)
def test_kappa_is_undefined_with_a_reason(two_photos, people, kind, reason):
    found = kappa(collected(two_photos, *people), kind)
    assert found.value is None and reason in found.reason


def test_of_a_ranking_the_first_counts(make_study):
    study = make_study(2, conditions=("none",), choice="rank")
    data = collected(study, ("fear>anger", "anger>fear>neutral"))
    assert [one.majority for one in count_answers(data)] == ["fear", "anger"]
    assert data.emotions[0].ranking in (("fear", "anger"), ("anger", "fear", "neutral"))


def test_model_against_people(two_photos):
    data = collected(
        two_photos,
        ("anger", "disgust"),
        ("anger", "disgust"),
        ("disgust", "fear"),
        ("fear", "fear"),
    )
    rows = {row.kind: row for row in compare_with_model(count_answers(data))}
    wrong, every = rows["misclassified"], rows["all"]
    assert (wrong.items, wrong.clear, wrong.majority_is_model, wrong.majority_is_label) == (
        1, 1, 0, 1,
    )  # fmt: skip
    assert (wrong.share_model, wrong.share_label) == (0.25, 0.5)
    assert (every.items, every.clear) == (2, 1)  # the second photo is a tie
    assert every.share_model == pytest.approx((0.25 + 0.5) / 2)
    assert every.entropy == pytest.approx((1.5 + 1) / 2)


def test_entropies_are_correlated_over_photos(make_study, make_item):
    torn = (0.25, 0.25, 0.25, 0.25, 0, 0, 0)
    unsure = (0.5, 0.5, 0, 0, 0, 0, 0)
    sure = (1.0, 0, 0, 0, 0, 0, 0)
    items = [make_item(n, probabilities=p) for n, p in enumerate((torn, unsure, sure))]
    study = make_study(items=items, conditions=("none",))
    data = collected(
        study, ("anger", "anger", "fear"), ("fear", "fear", "fear"), ("sadness", "fear", "fear")
    )
    assert entropy_correlation(count_answers(data)) == pytest.approx(1.0)


def test_a_correlation_of_what_does_not_vary_is_undefined(study):
    assert entropy_correlation(count_answers(collected(study, ("fear",) * 9))) is None
