"""Action Units: the catalogue, their names and words, and FACS letters."""

import re

import numpy as np
import pytest

from xfera_nb import facs
from xfera_nb.facs import ACTION_UNITS, au_name, intensity_letter, letter_level, parse_au


def test_emotions_are_seven_in_alphabetical_order():
    assert facs.EMOTIONS == (
        "anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"
    )
    assert list(facs.EMOTIONS) == sorted(facs.EMOTIONS)


def test_catalogue_numbers():
    assert tuple(ACTION_UNITS) == (
        1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 28, 43, 45
    )
    assert all(number == unit.number for number, unit in ACTION_UNITS.items())


def test_openface_measures_17_intensities_and_18_presences():
    assert facs.OPENFACE_AUS == (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)
    assert len(facs.OPENFACE_PRESENCE_AUS) == 18
    assert set(facs.OPENFACE_PRESENCE_AUS) - set(facs.OPENFACE_AUS) == {28}
    unmeasured = [n for n, unit in ACTION_UNITS.items() if not unit.openface_intensity]
    assert unmeasured == [11, 16, 18, 22, 24, 27, 28, 43]
    assert ACTION_UNITS[28].openface_presence and not ACTION_UNITS[16].openface_presence


@pytest.mark.parametrize(
    ("number", "name", "muscle", "region"),
    [
        (1, "inner brow raiser", "frontalis, pars medialis", "brows"),
        (6, "cheek raiser", "orbicularis oculi, pars orbitalis", "eyes, cheeks"),
        (12, "lip corner puller", "zygomaticus major", "mouth"),
        (17, "chin raiser", "mentalis", "chin"),
        (27, "mouth stretch", "pterygoids, digastric", "jaw"),
    ],
)
def test_names_muscles_and_regions(number, name, muscle, region):
    unit = ACTION_UNITS[number]
    assert (unit.name, unit.muscle, unit.region) == (name, muscle, region)


def test_words_follow_figure_1():
    assert ACTION_UNITS[6].words == "lifting of the cheeks"
    assert ACTION_UNITS[6].words_for("right") == "lifting of the right cheek"
    assert ACTION_UNITS[12].words == "pulling of the lip corners"
    assert ACTION_UNITS[12].words_for("left") == "pulling of the left lip corner"


@pytest.mark.parametrize("number", [17, 18, 22, 23, 24, 25, 26, 27, 28])
def test_midline_movements_have_no_sides(number):
    unit = ACTION_UNITS[number]
    assert unit.words_one_side is None
    assert unit.words_for("left") == unit.words


def test_words_are_movements_each_its_own():
    shape = re.compile(r"(wide )?\w+ing( \w+)?( \w+)? of the [a-z ]+")
    feelings = ("happ", "sad", "ang", "fear", "disgust", "surpris", "smil", "frown", "joy", "scar")
    words = [unit.words for unit in ACTION_UNITS.values()]
    for text in words:
        assert shape.fullmatch(text.removeprefix("wide ")), text
        assert not any(text_part.startswith(feelings) for text_part in text.split()), text
        assert [other for other in words if text in other] == [text]
    sided = [u.words_one_side for u in ACTION_UNITS.values() if u.words_one_side]
    assert len(set(sided)) == len(sided) == 16
    assert all(text.count("{side}") == 1 for text in sided)


def test_a_side_must_be_left_or_right():
    with pytest.raises(ValueError, match='"left", "right" or None, not \'both\''):
        ACTION_UNITS[6].words_for("both")


def test_au_names():
    assert au_name(6) == "AU06" and au_name(12) == "AU12"
    assert [parse_au(text) for text in ("AU06", "au6", " 06 ", "6", "AU45")] == [6, 6, 6, 6, 45]
    assert all(parse_au(au_name(number)) == number for number in ACTION_UNITS)


@pytest.mark.parametrize("text", ["", "AU", "AU03", "AU99", "AU06_r", "six", "AU-6", "6.0"])
def test_what_is_no_au(text):
    with pytest.raises(ValueError, match="is no Action Unit"):
        parse_au(text)


def test_name_of_an_unknown_au():
    with pytest.raises(ValueError, match="no Action Unit 3 here"):
        au_name(3)


@pytest.mark.parametrize(
    ("intensity", "letter"),
    [
        (0.0, None), (0.3, None), (0.99, None), (1.0, "A"), (1.99, "A"), (2.0, "B"), (2.5, "B"),
        (3.0, "C"), (3.999, "C"), (4.0, "D"), (4.99, "D"), (5.0, "E"), (5.4, "E"), (-1.0, None),
        (float("nan"), None), (None, None), (np.float32(2.0), "B"), (float("inf"), "E"),
    ],
)
def test_intensity_letter_is_rounded_down(intensity, letter):
    assert intensity_letter(intensity) == letter


def test_letters_and_levels_agree():
    assert [letter_level(letter) for letter in "ABCDE"] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert all(intensity_letter(letter_level(letter)) == letter for letter in "ABCDE")
    assert [facs.INTENSITY_WORDS[letter] for letter in "ABCDE"] == [
        "trace", "slight", "marked", "severe", "maximum"
    ]
    with pytest.raises(ValueError, match='"F" is no FACS intensity'):
        letter_level("F")
