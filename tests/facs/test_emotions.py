"""Names of the seven classes, as people write them."""

from __future__ import annotations

import pytest

from xfera_nb.errors import InputError
from xfera_nb.facs import EMOTION_WORDS, EMOTIONS, parse_emotion


@pytest.mark.parametrize(
    ("name", "emotion"),
    [
        ("anger", "anger"), ("Happiness", "happiness"), ("joy", "happiness"), ("HA", "happiness"),
        (" sad ", "sadness"), ("No_Expression", "neutral"),
    ],
)  # fmt: skip
def test_synonyms_and_codes_in_any_case(name, emotion):
    assert parse_emotion(name) == emotion


def test_every_word_means_one_of_the_seven():
    assert set(EMOTION_WORDS.values()) == set(EMOTIONS)
    assert all(word == word.casefold() for word in EMOTION_WORDS)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hapiness", r"'hapiness' \(did you mean 'happiness'\?\): choose from anger, disgust, "),
        ("contempt", r"There is no emotion 'contempt': choose from anger, .*, surprise\.$"),
        ("", r"There is no emotion ''"),
        (3, r"There is no emotion 3"),
    ],
)
def test_an_unknown_name_is_one_sentence_that_suggests_the_nearest(name, said):
    with pytest.raises(InputError, match=said):
        parse_emotion(name)
    with pytest.raises(ValueError):
        parse_emotion(name)
