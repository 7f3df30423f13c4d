"""Labels of data sets, and the emotions that they mean."""

from __future__ import annotations

import pytest

from xfera_nb.datasets import LABEL_SCHEMES, label_to_emotion
from xfera_nb.datasets.labels import folders_to_label, parse_labels
from xfera_nb.errors import InputError
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
    assert [label_to_emotion(f"{n}.0", scheme) for n in numbers] == order.split()
    assert label_to_emotion(float(first + 2), scheme) == order.split()[2]
    assert label_to_emotion(f"{first}.5", scheme) is None
    assert label_to_emotion("9" * 5_000, scheme) is None
    assert label_to_emotion(first + 7, scheme) is None
    assert label_to_emotion("Happy", scheme) == "happiness"


def test_a_mapping_goes_before_the_words():
    mine = {"0": "joy", "HA": "anger", "calm": "sadness"}
    assert [label_to_emotion(x, mine) for x in (0, "0.0", "ha", "Calm", "fear", 1)] == [
        "happiness", "happiness", "anger", "sadness", "fear", None,
    ]  # fmt: skip
    with pytest.raises(InputError, match="no emotion 'hapy'"):
        label_to_emotion(0, {"0": "hapy"})


@pytest.mark.parametrize(
    ("folders", "scheme", "found"),
    [
        (("happy", "AF"), "names", ("happy", "happiness")),  # AF: KDEF's folder of women
        (("SA", "neutral"), "names", ("neutral", "neutral")),
        (("HA",), "names", ("HA", None)),
        (("HA",), "kdef", ("HA", "happiness")),
        (("AF", "AN"), "names", ("AN", None)),
        (("happy", "4"), "affectnet", ("happy", "happiness")),
        (("4", "p1"), "affectnet", ("4", "fear")),
        (("sad", "posed"), {"posed": "joy"}, ("posed", "happiness")),
        ((), "names", (None, None)),
    ],
)
def test_folders_give_words_before_numbers_and_never_codes(folders, scheme, found):
    assert folders_to_label(folders, scheme) == (*found, None)


def test_two_emotions_in_one_path_are_a_conflict():
    label, emotion, said = folders_to_label(("happy", "x", "sad"))
    assert (label, emotion) == ("happy/sad", None)
    assert said == "the folder 'happy' is happiness and the folder 'sad' is sadness"
    assert folders_to_label(("1", "2"), "rafdb")[1] is None
    assert folders_to_label(("happy", "joy")) == ("joy", "happiness", None)


def test_labels_as_the_command_line_writes_them():
    assert parse_labels("rafdb") == "rafdb"
    assert parse_labels("0=neutral, a = joy") == {"0": "neutral", "a": "joy"}
    for text in ("raf", "0=", "0=bored", "=joy", "0=joy,1"):
        with pytest.raises(InputError):
            parse_labels(text)


def test_every_scheme_reaches_the_seven_and_nothing_else():
    for table in LABEL_SCHEMES.values():
        assert set(table.values()) == set(EMOTIONS)
    assert label_to_emotion(2, "ckplus") is None  # contempt
    with pytest.raises(ValueError, match="'raf' .did you mean 'rafdb'.*: choose from names, "):
        label_to_emotion(1, "raf")
