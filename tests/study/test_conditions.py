"""Conditions compared, on numbers worked out by hand."""

import pytest

from xfera_nb.study import Answers, Collected, simulate
from xfera_nb.study.conditions import compare_conditions, mixed_model, person_means


def collected(study, *people):
    """Each person's trust: condition -> one score for all of the condition's items."""
    with Answers(study) as answers:
        for by_condition in people:
            who = answers.enter()
            for item, condition in who.order.second:
                if condition in by_condition:
                    answers.put(who, item, "trust", str(by_condition[condition]))
        return Collected.of(answers)


def test_mann_whitney_by_hand(make_study):
    study = make_study(conditions=("none", "words"))
    data = collected(
        study, {"none": 1, "words": 3}, {"none": 2, "words": 4}, {"none": 3, "words": 5}
    )
    (row,) = compare_conditions(data, "trust")
    assert (row.first, row.second, row.people) == ("none", "words", (3, 3))
    assert row.means == (2, 4)
    assert row.u == 8.5  # of nine pairs eight are higher under words and one is a tie
    assert row.effect == pytest.approx(2 * 8.5 / 9 - 1)
    assert 0 < row.p < 0.2 and row.p_holm == row.p


def test_the_conditions_stand_in_their_own_order(make_study):
    study = make_study(conditions=("words", "none"))
    data = collected(study, *[{"none": 5, "words": 1}] * 3)
    (row,) = compare_conditions(data, "trust")
    assert (row.first, row.second, row.effect) == ("none", "words", -1.0)


def test_holm_by_hand(study):
    people = [{"none": 1, "heatmap": n % 2 + 1, "words": 5 - n % 2} for n in range(8)]
    rows = compare_conditions(collected(study, *people), "trust")
    ps = sorted(row.p for row in rows)
    holm = [3 * ps[0], max(3 * ps[0], 2 * ps[1]), max(3 * ps[0], 2 * ps[1], ps[2])]
    assert sorted(row.p_holm for row in rows) == pytest.approx(holm)
    assert [(row.first, row.second) for row in rows] == [
        ("none", "heatmap"), ("none", "words"), ("heatmap", "words"),
    ]  # fmt: skip


def test_one_value_a_person(study):
    with Answers(study) as answers:
        who = answers.enter()
        items = [item for item, condition in who.order.second if condition == "words"]
        for item, score in zip(items, "135", strict=True):
            answers.put(who, item, "trust", score)
        assert person_means(Collected.of(answers), "trust", "words") == (3.0,)


@pytest.mark.parametrize(
    ("people", "reason", "effect"),
    [
        ([{"none": 1, "words": 5}] * 2, "fewer than 3 people", None),
        ([{"none": 4, "words": 4}] * 4, "all values are the same", 0.0),
        ([], "fewer than 3 people", None),
    ],
)
def test_what_cannot_be_tested_has_a_reason(make_study, people, reason, effect):
    (row,) = compare_conditions(
        collected(make_study(conditions=("none", "words")), *people), "trust"
    )
    assert reason in row.reason
    assert (row.u, row.p, row.p_holm, row.effect) == (None, None, None, effect)


def test_in_a_balanced_study_the_mixed_model_gives_the_difference_of_means(study):
    with simulate(study, 21, seed=2) as answers:
        data = Collected.of(answers)
    scores = {
        condition: [
            r.score for r in data.ratings if r.question == "clear" and r.condition == condition
        ]
        for condition in study.conditions
    }
    means = {condition: sum(some) / len(some) for condition, some in scores.items()}
    heatmap, words = mixed_model(data, "clear")
    assert (heatmap.condition, words.condition, words.against) == ("heatmap", "words", "none")
    assert heatmap.points == pytest.approx(means["heatmap"] - means["none"], abs=1e-4)
    assert words.points == pytest.approx(means["words"] - means["none"], abs=1e-4)
    assert words.low < words.points < words.high and words.p < 0.001
    assert 0.8 < words.points < 1.4  # the simulation adds 1.2, before it rounds and cuts off


@pytest.mark.parametrize(
    ("conditions", "people", "reason"),
    [
        (("none", "words"), [{"none": 1, "words": 5}] * 2, "fewer than 3 people"),
        (("none", "words"), [{"none": 4, "words": 4}] * 4, "all scores are the same"),
        (("none", "words"), [{"none": 4}] * 4, "no scores yet"),
        (("none", "words"), [], "no scores yet"),
    ],
)
def test_a_model_that_cannot_be_fitted_has_a_reason(make_study, conditions, people, reason):
    (row,) = mixed_model(collected(make_study(conditions=conditions), *people), "trust")
    assert row.points is None and reason in row.reason


def test_with_one_condition_there_is_nothing_to_compare(make_study):
    data = collected(make_study(conditions=("words",)), *[{"words": 5}] * 3)
    assert compare_conditions(data, "trust") == () and mixed_model(data, "trust") == ()
