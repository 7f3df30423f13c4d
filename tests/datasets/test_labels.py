"""Labels of data sets, and the emotions that they mean."""

from __future__ import annotations

import pytest

from xfera_nb.datasets import LABEL_SCHEMES, label_to_emotion
from xfera_nb.facs import EMOTIONS


@pytest.mark.parametrize(
    ("label", "emotion"),
    [
        ("angry", "anger"), ("AN", "anger"), ("Disgusted", "disgust"), ("AF", "fear"),
        ("joy", "happiness"), (" Happy ", "happiness"), ("NE", "neutral"), ("sad", "sadness"),
        ("surprised", "surprise"), ("no_expression", "neutral"),
        ("contempt", None), ("", None), ("5", None), ("happily surprised", None),
    ],
)  # fmt: skip
def test_words_and_codes(label, emotion):
    assert label_to_emotion(label) == emotion


@pytest.mark.parametrize(
    ("scheme", "first", "order"),
    [
        ("rafdb", 1, "surprise fear disgust happiness sadness anger neutral"),
        ("fer2013", 0, "anger disgust fear happiness sadness surprise neutral"),
        ("affectnet", 0, "neutral happiness sadness surprise fear disgust anger"),
    ],
)
def test_numbers_mean_what_their_scheme_says(scheme, first, order):
    numbers = range(first, first + 7)
    assert [label_to_emotion(number, scheme) for number in numbers] == order.split()
    assert label_to_emotion("05", scheme) == label_to_emotion(5, scheme)
    assert label_to_emotion(first + 7, scheme) is None
    assert label_to_emotion("Happy", scheme) == "happiness"


def test_every_scheme_reaches_the_seven_and_nothing_else():
    for table in LABEL_SCHEMES.values():
        assert set(table.values()) == set(EMOTIONS)
    assert label_to_emotion(2, "ckplus") is None  # contempt
    with pytest.raises(ValueError, match="'raf' .did you mean 'rafdb'.*: choose from names, "):
        label_to_emotion(1, "raf")
