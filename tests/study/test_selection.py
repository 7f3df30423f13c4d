"""Which photos come into a study."""

from collections import Counter

import pytest

from xfera_nb.facs import EMOTIONS
from xfera_nb.study import select_photos
from xfera_nb.study.selection import Candidate


def pool():
    """Ten photos of each emotion: two are wrong, two narrow, of five people twice each."""
    return [
        Candidate(
            10 * row + n,
            emotion,
            EMOTIONS[(row + 1) % 7] if n < 2 else emotion,
            0.1 if n < 4 else 0.9,
            f"person {n % 5}",
        )
        for row, emotion in enumerate(EMOTIONS)
        for n in range(10)
    ]


def kinds(chosen, kind):
    return [one for one, drawn in chosen.picked if drawn == kind]


def test_kinds_are_what_they_say_and_no_photo_comes_twice():
    chosen = select_photos(pool(), {"misclassified": 7, "ambiguous": 7, "random": 14}, seed=1)
    assert all(one.misclassified for one in kinds(chosen, "misclassified"))
    narrow = kinds(chosen, "ambiguous")
    assert all(one.margin < 0.5 and not one.misclassified for one in narrow)
    numbers = [one.number for one, _ in chosen.picked]
    assert len(numbers) == len(set(numbers)) == 28
    assert chosen.found == {"misclassified": 14, "ambiguous": 14, "random": 56}


@pytest.mark.parametrize("seed", range(5))
def test_each_kind_and_the_whole_are_balanced_over_emotions(seed):
    chosen = select_photos(pool(), {"misclassified": 7, "ambiguous": 14, "random": 10}, seed=seed)
    assert set(Counter(c.emotion for c in kinds(chosen, "misclassified")).values()) == {1}
    assert set(Counter(c.emotion for c in kinds(chosen, "ambiguous")).values()) == {2}
    whole = Counter(one.emotion for one, _ in chosen.picked)
    assert max(whole.values()) - min(whole.values()) == 1
    people = Counter(one.person for one, _ in chosen.picked)
    assert len(people) == 5


def test_a_scarce_emotion_leaves_its_places_to_the_others():
    some = [one for one in pool() if one.emotion in ("anger", "fear")][:13]  # ten and three
    chosen = select_photos(some, {"random": 10}, seed=2)
    assert Counter(one.emotion for one, _ in chosen.picked) == {"anger": 7, "fear": 3}


def test_too_few_of_a_kind_are_all_taken_and_said():
    chosen = select_photos(pool(), {"misclassified": 20})
    assert len(chosen.picked) == 14
    assert chosen.asked["misclassified"] == 20 and chosen.found["misclassified"] == 14


def test_without_a_label_nothing_is_misclassified_and_the_answer_counts():
    some = [Candidate(n, None, EMOTIONS[n % 2], 0.1) for n in range(8)]
    chosen = select_photos(some, {"misclassified": 2, "ambiguous": 4})
    assert [kind for _, kind in chosen.picked] == ["ambiguous"] * 4
    assert Counter(one.shows for one, _ in chosen.picked) == {"anger": 2, "disgust": 2}


def test_the_seed_decides():
    counts = {"random": 5}
    assert (
        select_photos(pool(), counts, seed=3).picked == select_photos(pool(), counts, seed=3).picked
    )
    assert (
        select_photos(pool(), counts, seed=3).picked != select_photos(pool(), counts, seed=4).picked
    )


@pytest.mark.parametrize(
    ("counts", "margin"), [({"odd": 1}, 0.5), ({"random": -1}, 0.5), ({"random": 1}, 1.5)]
)
def test_what_cannot_be_meant_is_refused(counts, margin):
    with pytest.raises(ValueError, match="counts|margin"):
        select_photos(pool(), counts, margin=margin)
