"""What is said aloud: one sentence, no digits, hedged and with a question where it is uncertain."""

from __future__ import annotations

import re

import numpy as np
import pytest

from xfera_nb.classifier import Prediction
from xfera_nb.errors import WriterError
from xfera_nb.explanation import LANGUAGES, find_feelings
from xfera_nb.facs import EMOTIONS
from xfera_nb.service import make_speech


def prediction(first, probability, second="fear"):
    probabilities = np.zeros(7, np.float32)
    probabilities[EMOTIONS.index(second)] = 1 - probability
    probabilities[EMOTIONS.index(first)] = probability
    if probability < 0.5:
        rest = [name for name in EMOTIONS if name not in (first, second)]
        probabilities[EMOTIONS.index(second)] = probability - 0.01
        left = (1.01 - 2 * probability) / len(rest)
        probabilities[[EMOTIONS.index(name) for name in rest]] = left
    return Prediction(probabilities)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("emotion", [name for name in EMOTIONS if name != "fear"])
@pytest.mark.parametrize(("probability", "level"), [(0.9, "High"), (0.6, "Medium"), (0.4, "Low")])
def test_one_sentence_without_digits(language, emotion, probability, level):
    given = prediction(emotion, probability)
    assert given.confidence_level == level
    speech = make_speech(given, language)
    assert not re.search(r"\d", speech.say)
    assert re.fullmatch(r"[^.!?]+\.", speech.say)
    assert (speech.ask is None) == (level == "High")
    if speech.ask:
        assert speech.ask.endswith("?")
    assert not find_feelings(speech.say, language)


def test_it_hedges_by_the_level_and_names_the_runner_up():
    high, medium, low = (make_speech(prediction("anger", p)).say for p in (0.9, 0.6, 0.4))
    assert "anger" in high and "fear" not in high and "cannot know what you feel" in high
    assert medium.endswith("rather like anger, but it could also be fear.")
    assert low == "I am not sure about this expression: it may be anger or fear."


def test_a_network_of_one_class_has_no_runner_up():
    probabilities = np.full(7, np.nan, np.float32)
    probabilities[3] = 0.4
    assert make_speech(Prediction(probabilities)).say.endswith("it may be happiness.")


def test_another_language_is_refused():
    with pytest.raises(WriterError, match="There is no language 'fr'"):
        make_speech(prediction("anger", 0.9), "fr")
