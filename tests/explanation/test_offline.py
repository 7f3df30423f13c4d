"""The offline writer: true sentences, always the same, and no others."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xfera_nb.explanation import (
    ABSENT,
    LANGUAGES,
    MATCHING,
    NOT_MEASURABLE,
    STRENGTH_WORDS,
    ExpectedAU,
    Facts,
    Movement,
    OfflineWriter,
    TextRequest,
    ablate,
    build_prompt,
    check,
    find_emotion_words,
    find_mentions,
)
from xfera_nb.explanation.catalogue import CATALOGUES
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, EXPECTED_AUS, LANDMARK_AUS


def text_for(facts, language="en", seed=0, other=None):
    request = TextRequest("paper" if other is None else "contrast", language)
    return OfflineWriter(seed).write(facts, build_prompt(facts, request, other)).text


def one_of(text, field, **values):
    """Whether a text holds one of the catalogue's English sentences for a field."""
    variants = getattr(CATALOGUES["en"], field)
    return any(variant.format(**values) in text for variant in variants)


def test_a_smile(smile):
    texts = {text_for(smile, seed=seed) for seed in range(40)}
    assert (
        'I analyzed the facial expression and classified it as "Happiness", with high confidence. '
        "In the areas that I focused on, the clear pulling of the lip corners stood out most, "
        "followed by the faint lifting of the left cheek. The combination of these two movements "
        "is typically associated with this emotion."
    ) in texts
    assert len(texts) > 10


def test_the_wording_goes_by_the_movements_and_the_seed(smile, make_facts):
    assert text_for(smile) == text_for(replace(smile, probability=0.3, params={"k": 2.0}))
    kinds = [
        {text_for(make_facts("happiness", (au, 3.0, 3.0))).split('"')[0] for au in LANDMARK_AUS}
    ]
    assert all(len(kind) > 1 for kind in kinds)


def test_one_of_the_expected_movements(make_facts):
    text = text_for(make_facts("happiness", (12, 5.0, 5.0), level="Medium"))
    assert "medium" in text
    assert "the very strong pulling of the lip corners" in text
    assert one_of(text, "typical_one_of_them", emotion="this emotion")


def test_three_movements_of_which_one_is_typical(make_facts):
    text = text_for(make_facts("happiness", (12, 2.0, 3.0), (25, 1.0, 2.0), (26, 0.5, 1.0)))
    first = "the slight pulling of the lip corners"
    rest = "the faint parting of the lips and the barely visible dropping of the jaw"
    assert text.index(first) < text.index(rest)
    named = "the pulling of the lip corners"
    assert one_of(text, "typical_some_one", named=named, emotion="this emotion")


def test_of_many_typical_ones_the_others_are_named(make_facts):
    facts = make_facts("happiness", (12, 2.0, 3.0), (6, 1.0, 2.0), (26, 0.5, 1.0))
    text = text_for(facts)
    named = "the dropping of the jaw"
    assert (
        "Except for the dropping" in text
        or one_of(text, "typical_but", named=named, emotion="this emotion")
    )  # fmt: skip


def test_movements_of_which_none_is_typical(make_facts):
    text = text_for(make_facts("happiness", (4, 2.0, 3.0), (15, 1.0, 2.0)))
    assert one_of(text, "typical_none", count="two", emotion="this emotion") or (
        "Two do not" in text or "These two do not" in text
    )


def test_nothing_active_names_no_expected_movement(make_facts):
    text = text_for(make_facts("surprise", level="Low"))
    assert 'classified it as "Surprise"' in text and "low" in text
    assert one_of(text, "nothing_active")


def test_no_positive_evidence_is_said(make_facts):
    text = text_for(make_facts("fear", has_positive_evidence=False, no_evidence_reason="flat"))
    assert one_of(text, "no_evidence", emotion="this emotion")
    assert "flat" not in text


def test_neutral(make_facts):
    text = text_for(make_facts("neutral"))
    assert 'classified it as "Neutral"' in text
    assert one_of(text, "nothing_neutral")


def test_neutral_with_a_movement(make_facts):
    text = text_for(make_facts("neutral", (4, 1.0, 1.0)))
    assert "the faint lowering of the eyebrows" in text
    assert text.endswith("No facial movement is typical of this class.")


def test_another_emotion_than_the_answer(make_facts):
    facts = make_facts("fear", (4, 2.0, 2.0), predicted="surprise", probability=0.124)
    text = text_for(facts)
    assert 'classified it as "Surprise", with high confidence; ' in text
    assert '"Fear"' in text and ", to which I gave 12 %." in text
    assert 'In the areas that speak for "Fear"' in text
    assert one_of(text, "typical_one_of_them", emotion='"Fear"')


def test_a_tiny_probability_is_not_rounded_to_nothing(make_facts):
    facts = make_facts("fear", predicted="surprise", probability=0.004)
    assert "less than 1 %" in text_for(facts)


def test_a_contrast(smile, make_facts):
    def contrast(*rows, **rest):
        other = make_facts("surprise", *rows, predicted="happiness", probability=0.05, **rest)
        text = text_for(smile, other=other)
        assert 'classified it as "Happiness"' in text and "to which I gave 5 %" in text
        found = check(text, smile, "en", other=other)
        assert found.is_grounded and found.recall == 1
        return text

    assert one_of(contrast(), "contrast_none", other='"Surprise"')
    assert one_of(
        contrast((26, 2.0, 1.0)), "contrast_some", other='"Surprise"',
        named="the slight dropping of the jaw",
    )  # fmt: skip
    assert 'spoke for "Surprise"' in contrast(has_positive_evidence=False)
    neutral = make_facts("neutral", predicted="happiness")
    assert 'For "Neutral" no movement is typical' in text_for(smile, other=neutral)


def test_stream_gives_the_same_text(smile):
    prompt = build_prompt(smile)
    pieces = list(OfflineWriter().stream(smile, prompt))
    assert len(pieces) == 3
    assert "".join(pieces) == OfflineWriter().write(smile, prompt).text


def test_draft_says_who_wrote(smile):
    draft = OfflineWriter().write(smile, build_prompt(smile))
    assert (draft.writer, draft.model, draft.prompt_tokens) == ("offline", None, None)
    assert draft.seconds >= 0


sides = st.sampled_from([None, "left", "right"])
movement = st.builds(
    lambda au, intensity, side: Movement.of(au, intensity=intensity, score=1.0, side=side),
    st.sampled_from(LANDMARK_AUS),
    st.none() | st.floats(0.0, 5.0),
    sides,
)


EVERY = len(LANDMARK_AUS)


@st.composite
def any_facts(draw, most=EVERY):
    emotion = draw(st.sampled_from(EMOTIONS))
    lists = st.lists(movement, unique_by=lambda movement: movement.au, max_size=most)
    active = tuple(draw(lists))
    numbers = {movement.au for movement in active}
    rest = st.sampled_from([ABSENT, NOT_MEASURABLE])
    expected = tuple(
        ExpectedAU(au, ACTION_UNITS[au].words, MATCHING if au in numbers else draw(rest))
        for au in EXPECTED_AUS[emotion]
    )
    return Facts(
        target=emotion,
        predicted=draw(st.sampled_from([emotion, "sadness"])),
        confidence_level=draw(st.sampled_from(["High", "Medium", "Low"])),
        probability=draw(st.none() | st.floats(0.0, 1.0)),
        movements=active,
        expected=expected,
        has_positive_evidence=bool(active) or draw(st.booleans()),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None)
@given(any_facts(), st.integers(0, 5))
def test_it_names_every_active_movement_and_no_other(language, facts, seed):
    text = text_for(facts, language, seed)
    found = check(text, facts, language)
    assert found.unsupported == found.contradicted == found.negated == found.left_out == ()
    assert found.flags == ()
    assert found.supported == facts.active
    assert text == text_for(facts, language, seed)
    assert "  " not in text and "{" not in text and text[-1] == "."
    if language == "en":
        active = {movement.au for movement in facts.movements}
        for au in set(ACTION_UNITS) - active:
            unit = ACTION_UNITS[au]
            for words in (unit.words, unit.words_for("left"), unit.words_for("right"), unit.name):
                assert words not in text
        for movement in facts.movements:
            assert movement.description in text


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=40, deadline=None)
@given(any_facts(most=6))
def test_each_movement_that_is_taken_out_of_the_facts_leaves_the_text(language, facts):
    outcome = ablate(facts, OfflineWriter(), TextRequest(language=language))
    assert outcome.named == facts.active
    assert outcome.share == (1.0 if facts.movements else None)
    assert outcome.remaining == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_catalogue_says_what_its_language_says(language):
    words = CATALOGUES[language]
    assert set(words.emotions) == set(EMOTIONS)
    assert set(words.strengths) == set(STRENGTH_WORDS.values())
    assert set(words.movements) == set(ACTION_UNITS)
    for emotion, name in words.emotions.items():
        assert [word.emotion for word in find_emotion_words(name, language)] == [emotion]
    for field in fields(words):
        value = getattr(words, field.name)
        english = getattr(CATALOGUES["en"], field.name)
        if isinstance(value, tuple) and field.name != "counts":
            assert value and {names(v) for v in value} == {names(v) for v in english}, field.name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unit", ACTION_UNITS.values(), ids=lambda unit: unit.code)
def test_a_movements_words_are_read_as_that_movement(language, unit):
    words = CATALOGUES[language].movements[unit.number]
    sidable = unit.words_one_side is not None
    assert (words.left is not None) == (words.right is not None) == sidable
    for side in (None, "left", "right") if sidable else (None,):
        (found,) = find_mentions(words.on(side).format(s=""), language)
        assert found.aus[0] == unit.number
        assert found.qualifiers.sides == (frozenset() if side is None else {side})


def names(sentence):
    """The names in braces."""
    return frozenset(re.findall(r"{(\w+)}", sentence))
