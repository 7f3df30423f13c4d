"""Part 2's shares, by hand, and the paper's figures."""

import re
from pathlib import Path

import pytest

from xfera_nb.study import Answers, Collected
from xfera_nb.study import ratings as module
from xfera_nb.study.ratings import PEOPLE, RATINGS, compare_with_paper, scores, wilson_share


def collected(study, *people):
    """Each person's trust: condition -> scores of the condition's items, in their order."""
    with Answers(study) as answers:
        for by_condition in people:
            who = answers.enter()
            left = {condition: list(given) for condition, given in by_condition.items()}
            for item, condition in who.order.second:
                if left.get(condition):
                    answers.put(who, item, "trust", str(left[condition].pop(0)))
        return Collected.of(answers)


def test_wilson_worked_out_by_hand():
    # z^2 = 3.8415; centre (17/22 + z^2/44) / (1 + z^2/22), half width as in the formula.
    share = wilson_share(17, 22)
    assert share.value == pytest.approx(0.77273, abs=1e-5)
    assert (share.low, share.high) == pytest.approx((0.56560, 0.89877), abs=1e-5)
    assert wilson_share(0, 10).low == 0 and wilson_share(0, 10).high == pytest.approx(
        0.27753, abs=1e-5
    )
    assert (wilson_share(0, 0).value, wilson_share(0, 0).low) == (None, None)


def test_the_papers_figures_are_the_papers():
    assert module.PAPER == {5: (17, 0.77), 3: (3, 0.136)}
    assert round(17 / 22, 2) == 0.77 and round(3 / 22, 3) == 0.136
    for count in (16, 18):
        assert round(count / 22, 2) != 0.77
    for count in (2, 4):
        assert round(count / 22, 3) != 0.136


def test_scores_of_all_ratings_and_of_people(study):
    data = collected(study, {"text": (5, 5, 1), "none": (2, 2, 3)}, {"text": (3, 4)})
    some = scores(data, "trust", "text", RATINGS)
    assert sorted(some.values) == [1, 3, 4, 5, 5]
    assert some.mean == pytest.approx(3.6) and some.median == 4
    assert some.share(5).count == 2 and some.share(5).of == 5
    assert [some.share(score).count for score in (1, 2, 3, 4, 5)] == [1, 0, 1, 1, 2]
    people = scores(data, "trust", "text", PEOPLE)
    assert people.values == (5, 3)  # the lower of the two middle scores 3 and 4
    assert scores(data, "trust", "none", PEOPLE).values == (2,)
    empty = scores(data, "clear", "text")
    assert (empty.values, empty.mean, empty.median, empty.share(5).value) == ((), None, None, None)


def test_beside_the_paper(study):
    data = collected(study, {"text": (5, 5, 5)}, {"text": (5, 5, 3)}, {"text": (3, 3, 3)})
    five, three = compare_with_paper(data)
    assert (five.score, five.printed, five.paper.count, five.paper.of) == (5, 0.77, 17, 22)
    assert (five.people.count, five.people.of) == (2, 3)
    assert (five.ratings.count, five.ratings.of) == (5, 9)
    assert (three.score, three.paper.count, three.people.count) == (3, 3, 1)


def test_without_words_nothing_stands_beside_the_paper(make_study):
    study = make_study(conditions=("none", "heatmap"))
    assert compare_with_paper(collected(study, {"heatmap": (5,)})) == ()


def test_the_module_quotes_what_the_paper_says():
    text = " ".join(re.sub(r"\s+", " ", Path(module.__file__).read_text()).split())
    assert "77% of the participants in a context with explanations" in text
    assert "around 13.6%" in text
