"""Other people's names of the emotions."""

from __future__ import annotations

import pytest

from xfera_nb.datasets import LABELS, emotion_of
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
    assert emotion_of(label) == emotion


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
    assert [emotion_of(number, scheme) for number in numbers] == order.split()
    assert emotion_of("05", scheme) == emotion_of(5, scheme)
    assert emotion_of(first + 7, scheme) is None
    assert emotion_of("Happy", scheme) == "happiness"


def test_every_scheme_reaches_the_seven_and_nothing_else():
    for table in LABELS.values():
        assert set(table.values()) == set(EMOTIONS)
    assert emotion_of(2, "ckplus") is None  # contempt
    with pytest.raises(ValueError, match="'raf' is not one of names"):
        emotion_of(1, "raf")
