"""The offline writer: true sentences, always the same, and no others."""

from __future__ import annotations

import itertools
import re
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_facts import any_facts

from xfera_nb.explanation import (
    LANGUAGES,
    PERSONS,
    STRENGTH_WORDS,
    Facts,
    Movement,
    OfflineWriter,
    RegionFact,
    TextRequest,
    ablate,
    build_prompt,
    check,
    find_emotion_words,
    find_mentions,
    split_sentences,
)
from xfera_nb.explanation.catalogue import CATALOGUES
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, LANDMARK_AUS


def text_for(facts, language="en", seed=0, other=None, person="first"):
    request = TextRequest("paper" if other is None else "contrast", language, person=person)
    return OfflineWriter(seed).write(facts, build_prompt(facts, request, other)).text


def texts_for(facts, **options):
    return {text_for(facts, seed=seed, **options) for seed in range(40)}


def regions(shares, drops=None, answers=None):
    """Region facts from the six shares of the map, the falls by hiding and the answers."""
    columns = shares, answers or [None] * 6, drops or [None] * 6
    return tuple(
        RegionFact(name, share, answer, None if answer is None else 0.6, drop)
        for name, share, answer, drop in zip(FACE_REGIONS, *columns, strict=True)
    )


MOUTH = regions(
    [0.05, 0.05, 0.1, 0.23, 0.41, 0.05],
    [0.0, 0.01, 0.0, 0.1, 0.56, -0.1],
    ["happiness"] * 4 + ["neutral", "happiness"],
)


def test_a_smile(smile):
    facts = replace(smile, regions=MOUTH)
    assert (
        'I classified this expression as "Happiness", with high confidence (90 %). I looked mostly '
        "at the mouth, where 41 % of the heatmap lies, and at the cheeks (23 %). There the face "
        "shows the clear pulling of the lip corners and the faint lifting of the left cheek, as is "
        'typical of "Happiness". With the mouth blurred, the prediction changes to "Neutral", so '
        "the heatmap points to the right place."
    ) in texts_for(facts)
    third = texts_for(facts, person="third")
    assert any(
        'The model classified this expression as "Happiness", with high confidence (90 %). It '
        "looked mostly at the mouth" in text
        for text in third
    )
    assert len(texts_for(facts)) > 10 and not any(" I " in text for text in third)


def test_the_wording_goes_by_the_map_and_the_seed_never_by_the_movements(smile, make_facts):
    changed = replace(smile, predicted_probability=0.3, probability=0.3, params={"k": 2.0})
    assert text_for(smile).replace("90", "30") == text_for(changed)
    units = [make_facts("happiness", (au, 3.0, 3.0)) for au in LANDMARK_AUS]
    assert len({text_for(facts).split(".")[0] for facts in units}) == 1
    maps = itertools.permutations([0.5, 0.3, 0.1, 0.05, 0.04, 0.01])
    starts = {text_for(replace(smile, regions=regions(list(one))))[:6] for one in maps}
    assert len(starts) > 1


def test_a_slider_changes_only_what_it_changes(smile):
    facts = replace(smile, regions=MOUTH)
    before, after = (
        split_sentences(text_for(one)) for one in (facts, replace(facts, movements=()))
    )
    assert before[:2] == after[:2] and before != after


def test_the_runner_up_is_named_where_the_level_is_not_high(smile):
    facts = replace(smile, runner_up="surprise", runner_up_probability=0.2)
    assert not any('"Surprise"' in text for text in texts_for(facts))
    medium = texts_for(replace(facts, confidence_level="Medium"))
    assert all('"Surprise" (20 %)' in text for text in medium)


def test_the_model_is_named_before_it_is_called_it(smile):
    facts = replace(smile, regions=MOUTH)
    for text in texts_for(facts, person="third"):
        assert text.index("he model") < (text + " it looked").index("it looked")


def test_a_map_without_a_centre(smile):
    spread = replace(smile, regions=regions([0.1, 0.15, 0.19, 0.1, 0.1, 0.1]))
    assert "I looked all over the face; the largest share of the heatmap, 19 %" in text_for(spread)
    assert "Where I looked, " in text_for(spread)
    alone = replace(smile, regions=regions([0.1, 0.1, 0.1, 0.1, 0.41, 0.2]))
    assert "41 %" in text_for(alone) and "20 %" not in text_for(alone)


def test_typical_movements_come_first_and_two_others_follow(make_facts):
    facts = make_facts("happiness", (26, 4.0, 4.0), (25, 2.0, 3.0), (12, 2.0, 2.0), (4, 1.0, 1.0))
    text = text_for(facts)
    order = ["pulling of the lip corners", "dropping of the jaw", "parting of the lips"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert "eyebrows" not in text
    assert "it shows no sign of the lifting of the cheeks." in text
    assert check(text, facts).recall == 1


def test_typical_movements_elsewhere_absent_and_not_measurable(fusion):
    fusion.predicted = "surprise"
    text = text_for(Facts.from_fusion(fusion))
    assert (
        'Of the other movements that often go with "Surprise", the face shows the barely visible '
        "raising of the upper eyelids, mostly outside that area, but the measurement does not "
        "cover the dropping of the jaw."
    ) in text


def test_nothing_there_is_said_with_what_is_elsewhere(make_facts):
    facts = make_facts("surprise", elsewhere=(Movement.of(4, intensity=3.0),), regions=MOUTH)
    assert (
        "There the face shows no movement above a trace; outside that area it shows the clear "
        "lowering of the eyebrows."
    ) in text_for(facts)
    beyond = make_facts("surprise", unreported=(Movement.of(4, intensity=3.0),), regions=MOUTH)
    text = text_for(beyond)
    assert "no movement" not in text and "clear lowering of the eyebrows" in text


def test_no_positive_evidence_is_said(make_facts):
    facts = make_facts("fear", has_positive_evidence=False, no_evidence_reason="flat")
    text = text_for(facts)
    assert 'spoke for "Fear"' in text and "flat" not in text


def test_neutral(make_facts):
    calm = texts_for(make_facts("neutral"))
    assert all("above a trace" in text and "typical" in text for text in calm)
    moving = text_for(make_facts("neutral", (4, 1.0, 1.0)))
    assert "the faint lowering of the eyebrows; no movement is typical of" in moving


@pytest.mark.parametrize(
    ("hidden", "sentence"),
    [
        (MOUTH, '"Happiness" goes from 90 % to 34 %, so the heatmap points to the right place.'),
        (
            regions([0.1, 0.1, 0.5, 0.1, 0.1, 0.1], [0.56, 0, 0, 0, 0, 0], ["happiness"] * 6),
            'strongest at the nose, but another place matters more: with the brows blurred, '
            '"Happiness" goes from 90 % to 34 %.',
        ),
        (
            regions([0.1, 0.1, 0.5, 0.1, 0.1, 0.1], [0.049, 0, 0, 0, 0, 0], ["happiness"] * 6),
            'changes little: "Happiness" loses less than 5 points.',
        ),
        (
            regions([None] * 6, [0.895, 0, 0, 0, 0, 0], ["happiness"] * 6),
            'With the brows blurred, "Happiness" goes from 90 % to less than 1 %.',
        ),
    ],
)
def test_what_hiding_does(smile, hidden, sentence):
    hidden = tuple(replace(one, hidden_prediction="happiness") for one in hidden)
    facts = replace(smile, regions=hidden)
    assert any(text.endswith(sentence) for text in texts_for(facts))


def test_another_emotion_than_the_answer(make_facts):
    facts = make_facts("fear", (4, 2.0, 2.0), predicted="surprise", probability=0.124)
    text = text_for(replace(facts, regions=MOUTH[:5]))
    assert 'as "Surprise", with high confidence; the question here is "Fear" (12 %).' in text
    assert 'The heatmap for "Fear" lies mostly at the mouth (41 %) and at the cheeks' in text


def test_a_tiny_probability_is_not_rounded_to_nothing(make_facts):
    facts = make_facts("fear", predicted="surprise", probability=0.004)
    assert "less than 1 %" in text_for(facts)


def test_a_contrast(smile, make_facts):
    def contrast(*rows, **rest):
        other = make_facts("surprise", *rows, predicted="happiness", probability=0.05, **rest)
        text = text_for(smile, other=other)
        assert '"Happiness" is compared with "Surprise" (5 %)' in text
        found = check(text, smile, "en", other=other)
        assert found.is_grounded and found.recall == 1
        return text

    assert '"Surprise"' in contrast().split(". ")[-1]
    assert "the slight dropping of the jaw" in contrast((26, 2.0, 1.0))
    assert 'spoke for "Surprise"' in contrast(has_positive_evidence=False)
    neutral = make_facts("neutral", predicted="happiness")
    assert 'for "Neutral" alone, it shows nothing' in text_for(smile, other=neutral)


def test_a_contrast_names_the_regions_that_differ(smile, make_facts):
    ours = replace(smile, regions=regions([0.0, 0.1, 0.1, 0.1, 0.5, 0.1]))
    theirs = make_facts(
        "surprise", predicted="happiness", regions=regions([0.4, 0.1, 0.1, 0.1, 0.1, 0.1])
    )
    text = text_for(ours, other=theirs)
    assert '"Happiness" has more of its heatmap at the mouth, and "Surprise" at the brows' in text
    assert check(text, ours, other=theirs).is_grounded
    same = replace(theirs, regions=ours.regions)
    assert "has more of" not in text_for(ours, other=same)


def test_stream_gives_the_same_text(smile):
    prompt = build_prompt(smile)
    pieces = list(OfflineWriter().stream(smile, prompt))
    assert len(pieces) == 2
    assert "".join(pieces) == OfflineWriter().write(smile, prompt).text


def test_draft_says_who_wrote(smile):
    draft = OfflineWriter().write(smile, build_prompt(smile))
    assert (draft.writer, draft.model, draft.prompt_tokens) == ("offline", None, None)
    assert draft.seconds >= 0


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None)
@given(any_facts(), st.integers(0, 5), st.sampled_from(list(PERSONS)))
def test_each_text_is_grounded_and_names_the_main_movements(language, facts, seed, person):
    text = text_for(facts, language, seed, person=person)
    found = check(text, facts, language)
    assert found.is_grounded, found.summary
    assert found.left_out == () and found.recall in (None, 1.0) and found.precision in (None, 1.0)
    assert text == text_for(facts, language, seed, person=person)
    assert "  " not in text and "{" not in text and text[-1] == "."
    assert 1 <= len(split_sentences(text)) <= 5
    for sentence in split_sentences(text):
        assert sentence.count("%") <= 2
    if facts.present:
        assert found.supported


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=25, deadline=None)
@given(any_facts())
def test_each_movement_that_is_taken_out_of_the_facts_leaves_the_text(language, facts):
    outcome = ablate(facts, OfflineWriter(), TextRequest(language=language))
    assert set(outcome.named) >= {movement.au for movement in facts.main_movements}
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
        if isinstance(value, tuple):
            assert value and {names(v) for v in value} <= allowed(english), field.name


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


def allowed(sentences):
    """The names that each sentence may have; a region is named or given as a place."""
    known = {names(sentence) for sentence in sentences}
    places = [{"region", "at"}, {"region2", "at2"}]
    return {
        frozenset(base - place | kept)
        for base in known
        for place in [set().union(*places) & base]
        for kept in _subsets(set().union(*places) if place else set())
    }


def _subsets(items):
    return [set(c) for n in range(len(items) + 1) for c in itertools.combinations(items, n)]


def names(sentence):
    """The names in braces."""
    return frozenset(re.findall(r"{(\w+)}", sentence))
