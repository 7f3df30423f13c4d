"""The offline writer: true sentences, always the same, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xfera_nb.explanation import (
    MATCHING,
    NOT_MEASURABLE,
    NOT_MOVING,
    Expected,
    Facts,
    Movement,
    OfflineWriter,
    build_prompt,
    check,
)
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, EXPECTED_AUS, LANDMARK_AUS


def text_for(facts):
    return OfflineWriter().write(facts, build_prompt(facts)).text


def test_a_smile(smile):
    assert text_for(smile) == (
        'I analyzed the facial expression and classified it as "Happiness", with high confidence. '
        "In the areas that I focused on, the clear pulling of the lip corners stood out most, "
        "followed by the faint lifting of the left cheek. The combination of these two movements "
        "is typically associated with this emotion."
    )


def test_one_of_the_expected_movements(make_facts):
    text = text_for(make_facts("happiness", (12, 5.0, 5.0), level="Medium"))
    assert "with medium confidence." in text
    assert "one movement stood out: the very strong pulling of the lip corners." in text
    assert text.endswith("This movement is one of those typically associated with this emotion.")


def test_three_movements_of_which_one_is_typical(make_facts):
    text = text_for(make_facts("happiness", (12, 2.0, 3.0), (25, 1.0, 2.0), (26, 0.5, 1.0)))
    assert "the slight pulling of the lip corners stood out most." in text
    assert "After that came the faint parting of the lips and the barely visible dropping" in text
    assert text.endswith(
        "Of these, the pulling of the lip corners is typically associated with this emotion."
    )


def test_movements_of_which_none_is_typical(make_facts):
    text = text_for(make_facts("happiness", (4, 2.0, 3.0), (15, 1.0, 2.0)))
    assert text.endswith("None of these two is among those usually associated with this emotion.")


def test_nothing_active_names_no_expected_movement(make_facts):
    text = text_for(make_facts("surprise", level="Low"))
    assert 'classified it as "Surprise", with low confidence.' in text
    assert "found no movement strong enough to count" in text


def test_no_positive_evidence_is_said(make_facts):
    text = text_for(make_facts("fear", has_positive_evidence=False, no_evidence_reason="flat"))
    assert 'No part of the face spoke for "Fear"' in text
    assert "flat" not in text


def test_neutral(make_facts):
    text = text_for(make_facts("neutral"))
    assert text == (
        'I analyzed the facial expression and classified it as "Neutral", with high confidence. '
        "No facial movement is typical of this class, so there is none to point out."
    )


def test_neutral_with_a_movement(make_facts):
    text = text_for(make_facts("neutral", (4, 1.0, 1.0)))
    assert "one movement stood out: the faint lowering of the eyebrows." in text
    assert text.endswith("No facial movement is typical of this class.")


def test_another_emotion_than_the_answer(make_facts):
    facts = make_facts("fear", (4, 2.0, 2.0), predicted="surprise", probability=0.124)
    text = text_for(facts)
    assert 'classified it as "Surprise", with high confidence; this is about "Fear" instead' in text
    assert "to which I gave 12 %." in text
    assert 'In the areas that speak for "Fear", one movement' in text
    assert text.endswith('one of those typically associated with "Fear".')


def test_a_tiny_probability_is_not_rounded_to_nothing(make_facts):
    facts = make_facts("fear", predicted="surprise", probability=0.004)
    assert "less than 1 %" in text_for(facts)


def test_stream_gives_the_same_text(smile):
    prompt = build_prompt(smile)
    pieces = list(OfflineWriter().stream(smile, prompt))
    assert len(pieces) == 3
    assert "".join(pieces) == OfflineWriter().write(smile, prompt).text


def test_draft_says_who_wrote(smile):
    draft = OfflineWriter().write(smile, build_prompt(smile))
    assert (draft.writer, draft.model, draft.prompt_tokens) == ("offline", None, None)
    assert 0 <= draft.seconds < 1


sides = st.sampled_from([None, "left", "right"])
movements = st.lists(
    st.builds(
        lambda au, intensity, side: Movement.of(au, intensity=intensity, score=1.0, side=side),
        st.sampled_from(LANDMARK_AUS),
        st.none() | st.floats(0.0, 5.0),
        sides,
    ),
    unique_by=lambda movement: movement.au,
    max_size=len(LANDMARK_AUS),
)


@st.composite
def any_facts(draw):
    emotion = draw(st.sampled_from(EMOTIONS))
    active = tuple(draw(movements))
    numbers = {movement.au for movement in active}
    rest = st.sampled_from([NOT_MOVING, NOT_MEASURABLE])
    expected = tuple(
        Expected(au, ACTION_UNITS[au].words, MATCHING if au in numbers else draw(rest))
        for au in EXPECTED_AUS[emotion]
    )
    return Facts(
        emotion=emotion,
        predicted=draw(st.sampled_from([emotion, "sadness"])),
        confidence_level=draw(st.sampled_from(["High", "Medium", "Low"])),
        probability=draw(st.none() | st.floats(0.0, 1.0)),
        movements=active,
        expected=expected,
        has_positive_evidence=bool(active) or draw(st.booleans()),
    )


@settings(max_examples=150, deadline=None)
@given(any_facts())
def test_it_names_every_active_movement_and_no_other(facts):
    text = text_for(facts)
    found = check(text, facts)
    assert found.unsupported == found.negated == found.left_out == found.flags == ()
    assert found.supported == facts.active
    active = {movement.au for movement in facts.movements}
    for au in set(ACTION_UNITS) - active:
        unit = ACTION_UNITS[au]
        for words in (unit.words, unit.words_for("left"), unit.words_for("right"), unit.name):
            assert words not in text
    for movement in facts.movements:
        assert movement.description in text
    assert text == text_for(facts)
    assert "  " not in text and "None " not in text.replace("None of these", "")


@pytest.mark.parametrize("au", LANDMARK_AUS)
def test_taking_a_movement_out_of_the_facts_takes_it_out_of_the_text(make_facts, au):
    others = [n for n in LANDMARK_AUS if n != au][:4]
    without = make_facts("fear", *((n, 2.0, 1.0) for n in others))
    facts = make_facts("fear", *((n, 2.0, 1.0) for n in (*others, au)))
    assert au in check(text_for(facts), facts).supported
    assert ACTION_UNITS[au].words not in text_for(without)
