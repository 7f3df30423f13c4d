"""Who sees what when: Williams' design, blocks, and their balance."""

from collections import Counter
from itertools import pairwise

import pytest

from xfera_nb.facs import EMOTIONS
from xfera_nb.study import williams


def test_designs_worked_out_by_hand():
    assert williams(1) == ((0,),)
    assert williams(2) == ((0, 1), (1, 0))
    assert williams(3) == ((0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (0, 2, 1), (1, 0, 2))
    assert williams(4) == ((0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1))


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_each_follows_each_equally_often_and_stands_everywhere_equally_often(count):
    rows = williams(count)
    follows = Counter(pair for row in rows for pair in pairwise(row))
    places = Counter((place, condition) for row in rows for place, condition in enumerate(row))
    assert len(follows) == count * (count - 1) and len(set(follows.values())) == 1
    assert len(places) == count * count and len(set(places.values())) == 1


def test_there_is_no_design_for_nothing():
    with pytest.raises(ValueError, match="at least one"):
        williams(0)


def test_everybody_sees_each_item_once_in_each_part(study):
    names = sorted(item.id for item in study.items)
    for number in range(20):
        order = study.design.order_for(number)
        assert sorted(order.first) == names
        assert sorted(item for item, _ in order.second) == names
        assert sorted(order.options) == sorted(EMOTIONS)
        assert Counter(condition for _, condition in order.second) == dict.fromkeys(
            study.conditions, 3
        )


def test_three_people_see_each_item_under_each_condition(study):
    for first in (0, 3, 6, 9):
        seen = Counter(
            pair for n in range(first, first + 3) for pair in study.design.order_for(n).second
        )
        assert len(seen) == 9 * 3 and set(seen.values()) == {1}


def test_eighteen_people_see_each_block_at_each_place_under_each_condition(study):
    block_of = {item: n for n, block in enumerate(study.design.blocks) for item in block}
    seen = Counter()
    for number in range(18):
        second = study.design.order_for(number).second
        for place in range(3):
            some = second[3 * place : 3 * place + 3]
            assert len({block_of[item] for item, _ in some}) == 1
            seen[block_of[some[0][0]], place, some[0][1]] += 1
    assert len(seen) == 27 and set(seen.values()) == {2}


def test_blocks_are_alike_in_kind(study):
    kinds = {item.id: item.kind for item in study.items}
    for block in study.design.blocks:
        assert Counter(kinds[item] for item in block) == {
            "misclassified": 1, "ambiguous": 1, "random": 1,
        }  # fmt: skip


def test_the_seed_decides(make_study):
    one, same, other = make_study(), make_study(name="b"), make_study(name="c", seed=5)
    assert [one.design.order_for(n) for n in range(6)] == [
        same.design.order_for(n) for n in range(6)
    ]
    assert [one.design.order_for(n) for n in range(6)] != [
        other.design.order_for(n) for n in range(6)
    ]


def test_items_that_do_not_divide_evenly_are_all_shown(make_study):
    study = make_study(7)
    assert [len(block) for block in study.design.blocks] == [3, 2, 2]
    assert len(set(study.design.order_for(4).second)) == 7
