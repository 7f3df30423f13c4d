"""Facts of single Action Units and emotions, as the tables have them."""

from __future__ import annotations

import pytest

from xfera_nb.facs import ACTION_UNITS, EMOTIONS
from xfera_nb.teaching import (
    au_facts,
    describe_combination,
    emotion_facts,
    format_aus,
    format_ranges,
)
from xfera_nb.teaching.atlas import EXTENSION_SOURCE, TABLE2_SOURCE


@pytest.mark.parametrize("spelling", [12, "12", "AU12", "au12"])
def test_an_action_unit_of_the_paper(spelling):
    facts = au_facts(spelling)
    assert facts.unit.name == "lip corner puller" and facts.unit.muscle == "zygomaticus major"
    assert facts.landmarks == tuple(range(49, 69))
    assert facts.landmark_source == TABLE2_SOURCE
    assert facts.expected_for == ("happiness",)
    assert [one.notation for one in facts.combinations] == ["6+12*"]
    assert facts.regions == ("outer lips", "inner lips")
    assert facts.measured_as == "OpenFace gives it an intensity from 0 to 5."


def test_an_action_unit_of_the_extension():
    facts = au_facts(16)
    assert facts.landmarks == (7, 8, 9, 10, 11, 56, 57, 58, 59, 60)
    assert facts.landmark_source == EXTENSION_SOURCE
    assert facts.expected_for == ()
    assert {one.emotion for one in facts.combinations} == {"disgust"}
    assert facts.measured_as == "OpenFace does not measure it."


def test_an_action_unit_without_landmarks():
    facts = au_facts(28)
    assert facts.landmarks == () and facts.landmark_source is None and facts.regions == ()
    assert facts.combinations == ()
    assert facts.measured_as == "OpenFace gives its presence, but no intensity."


def test_an_action_unit_of_several_emotions():
    facts = au_facts(4)
    assert facts.expected_for == ("anger", "fear", "sadness")
    # Seven prototypes of anger, two of fear, and of sadness the two that begin with 1+4.
    assert [one.emotion for one in facts.combinations] == ["anger"] * 7 + ["fear"] * 2 + [
        "sadness"
    ] * 2


def test_an_unknown_action_unit_is_refused():
    with pytest.raises(ValueError, match="no Action Unit"):
        au_facts("AU99")


def test_fear_and_where_sources_disagree():
    facts = emotion_facts("fear")
    assert facts.expected == (1, 2, 4, 5, 7, 20, 26)
    assert [one.notation for one in facts.prototypes] == [
        "1+2+4+5*+20*+25/26/27", "1+2+4+5*+25/26/27"
    ]  # fmt: skip
    assert len(facts.variants) == 4
    assert len(facts.disagreements) == 2
    assert all("AU 7" in one.remark for one in facts.disagreements)
    assert facts.named == (1, 2, 4, 5, 7, 20, 25, 26, 27)


def test_restrained_anger_stands_with_the_prototypes():
    facts = emotion_facts("anger")
    assert [one.notation for one in facts.prototypes][-1] == "17+24"
    assert len(facts.prototypes) == 8


def test_neutral_has_nothing():
    facts = emotion_facts("neutral")
    assert facts.expected == facts.prototypes == facts.variants == facts.named == ()


def test_an_unknown_emotion_is_refused():
    with pytest.raises(ValueError, match="no emotion here.*anger"):
        emotion_facts("contempt")


def test_every_entry_of_the_catalogue_has_a_page():
    assert all(au_facts(au).unit.number == au for au in ACTION_UNITS)
    assert all(emotion_facts(emotion).emotion == emotion for emotion in EMOTIONS)


def test_combinations_in_words():
    assert describe_combination("5B+26") == "upper lid raiser (slight or more) + jaw drop"
    assert describe_combination("9+(25/26)") == "nose wrinkler + perhaps lips part or jaw drop"
    assert describe_combination("U20*") == "lip stretcher (on one side only)"


def test_numbers_as_runs():
    assert format_ranges((28, 29, 30, 33)) == "28-30, 33"
    assert format_ranges((2, 1)) == "1-2"
    assert format_ranges((5,)) == "5" and format_ranges(()) == "none"
    assert format_aus((1, 12)) == "AU01, AU12" and format_aus(()) == "none"
