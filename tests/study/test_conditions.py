"""Conditions compared, on numbers worked out by hand."""

import pytest
from scipy.stats import friedmanchisquare

from xfera_nb.study import Answers, Collected, simulate
from xfera_nb.study.conditions import (
    compare_conditions,
    compare_overall,
    mixed_model,
    person_means,
)


def collected(study, *people):
    """Each person's trust: condition -> one score for all of the condition's items."""
    with Answers(study) as answers:
        for by_condition in people:
            who = answers.enter()
            for item, condition in who.order.second:
                if condition in by_condition:
                    answers.put(who, item, "trust", str(by_condition[condition]))
        return Collected.of(answers)


def test_pairs_by_hand(make_study):
    study = make_study(conditions=("none", "text"))
    people = [{"none": 3, "text": 5}, {"none": 2, "text": 3}, {"none": 4, "text": 1}, {"none": 2}]
    (row,) = compare_conditions(collected(study, *people), "trust")
    # Of the three with both: differences 2, 1, -3, so ranks 2, 1, -3.
    assert (row.first, row.second, row.people) == ("none", "text", (3, 3))
    assert row.means == (3, 3)
    assert (row.result.test, row.result.statistic, row.result.effect) == ("Wilcoxon", 3, 0)
    assert row.result.p == row.p_holm == 1


def test_people_with_one_condition_each_are_compared_as_groups(make_study):
    study = make_study(conditions=("none", "text"))
    people = [{"none": 1}, {"none": 2}, {"none": 3}, {"text": 3}, {"text": 4}, {"text": 5}]
    (row,) = compare_conditions(collected(study, *people), "trust")
    assert (row.result.test, row.people, row.means) == ("Mann-Whitney", (3, 3), (2, 4))
    assert row.result.statistic == 8.5  # of nine pairs eight are higher under text, one is a tie
    assert row.result.effect == pytest.approx(2 * 8.5 / 9 - 1)


def test_more_than_two_conditions_are_compared_together_first(study, make_study):
    people = [{"none": 1, "heatmap": n % 2 + 1, "text": 5 - n % 2} for n in range(8)]
    data = collected(study, *people, {"none": 1})
    overall = compare_overall(data, "trust")
    columns = [[person[c] for person in people] for c in ("none", "heatmap", "text")]
    assert overall.people == 8
    assert overall.result.p == pytest.approx(friedmanchisquare(*columns).pvalue)
    assert "fewer than 3 people" in compare_overall(data, "clear").result.reason
    two = make_study(name="two", conditions=("none", "text"))
    assert compare_overall(collected(two, {"none": 1, "text": 2}), "trust") is None


def test_the_conditions_stand_in_their_own_order(make_study):
    study = make_study(conditions=("text", "none"))
    data = collected(study, *[{"none": 5, "text": 1}] * 3)
    (row,) = compare_conditions(data, "trust")
    assert (row.first, row.second, row.result.effect) == ("none", "text", -1.0)


def test_holm_by_hand(study):
    people = [{"none": 1, "heatmap": n % 2 + 1, "text": 5 - n % 2} for n in range(8)]
    rows = compare_conditions(collected(study, *people), "trust")
    ps = sorted(row.result.p for row in rows)
    holm = [3 * ps[0], max(3 * ps[0], 2 * ps[1]), max(3 * ps[0], 2 * ps[1], ps[2])]
    assert sorted(row.p_holm for row in rows) == pytest.approx(holm)
    assert [(row.first, row.second) for row in rows] == [
        ("none", "heatmap"), ("none", "text"), ("heatmap", "text"),
    ]  # fmt: skip


def test_one_value_a_person(study):
    with Answers(study) as answers:
        who = answers.enter()
        items = [item for item, condition in who.order.second if condition == "text"]
        for item, score in zip(items, "135", strict=True):
            answers.put(who, item, "trust", score)
        assert person_means(Collected.of(answers), "trust", "text") == {who.id: 3.0}


@pytest.mark.parametrize(
    ("people", "reason", "effect"),
    [
        ([{"none": 1, "text": 5}] * 2, "fewer than 3 people", None),
        ([{"none": 4, "text": 4}] * 4, "no person's values differ", 0.0),
        ([], "fewer than 3 people", None),
    ],
)
def test_what_cannot_be_tested_has_a_reason(make_study, people, reason, effect):
    (row,) = compare_conditions(
        collected(make_study(conditions=("none", "text")), *people), "trust"
    )
    assert reason in row.result.reason
    assert (row.result.statistic, row.result.p, row.p_holm) == (None, None, None)
    assert row.result.effect == effect


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
    heatmap, text = mixed_model(data, "clear")
    assert (heatmap.condition, text.condition, text.against) == ("heatmap", "text", "none")
    assert heatmap.points == pytest.approx(means["heatmap"] - means["none"], abs=1e-4)
    assert text.points == pytest.approx(means["text"] - means["none"], abs=1e-4)
    assert text.low < text.points < text.high and text.p < 0.001
    assert 0.8 < text.points < 1.4  # the simulation adds 1.2, before it rounds and cuts off


@pytest.mark.parametrize(
    ("conditions", "people", "reason"),
    [
        (("none", "text"), [{"none": 1, "text": 5}] * 2, "fewer than 3 people"),
        (("none", "text"), [{"none": 4, "text": 4}] * 4, "all scores are the same"),
        (("none", "text"), [{"none": 4}] * 4, "no scores yet"),
        (("none", "text"), [], "no scores yet"),
    ],
)
def test_a_model_that_cannot_be_fitted_has_a_reason(make_study, conditions, people, reason):
    (row,) = mixed_model(collected(make_study(conditions=conditions), *people), "trust")
    assert row.points is None and reason in row.reason


def test_with_one_condition_there_is_nothing_to_compare(make_study):
    data = collected(make_study(conditions=("text",)), *[{"text": 5}] * 3)
    assert compare_conditions(data, "trust") == () and mixed_model(data, "trust") == ()
