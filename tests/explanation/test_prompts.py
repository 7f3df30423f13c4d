"""The prompt against the paper's wording, typed here from its section 2.1."""

from __future__ import annotations

import json

import pytest

from xfera_nb.errors import WriterError
from xfera_nb.explanation import TextRequest, build_prompt, find_mentions
from xfera_nb.facs import EMOTIONS

PAPER_SYSTEM = (
    "You are a facial expression analysis system that detected this 'happiness', "
    "do not explain the emotion. "
    "You are speaking to an audience completely unaware of the topic and they need "
    "a brief explanation of why the emotion occurred.\n\n"
    "Perform this task through the Action Units detected in the salient areas."
)
PAPER_USER = (
    "The expression has been classified as 'happiness'.\n\n"
    "It is important to note that the neural network focused on areas of the face where the "
    "following facial movements were detected: "
    "clear pulling of the lip corners, faint lifting of the left cheek."
)


def test_the_papers_prompt_word_for_word(smile):
    prompt = build_prompt(smile)
    assert prompt.system == PAPER_SYSTEM
    assert prompt.user.startswith(PAPER_USER)


def test_the_typical_action_units_are_described_after_it(smile):
    assert build_prompt(smile).user.removeprefix(PAPER_USER) == (
        "\n\nFor reference, the Action Units considered typical of 'happiness', whether or not "
        "they were detected here: AU06 cheek raiser (lifting of the cheeks), "
        "AU12 lip corner puller (pulling of the lip corners)."
    )


def test_messages_are_two_texts(smile):
    prompt = build_prompt(smile)
    assert prompt.messages == [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": prompt.user},
    ]


def test_neutral_is_simple_and_direct(make_facts):
    prompt = build_prompt(make_facts("neutral"))
    assert "simple and direct" in prompt.system
    assert prompt.user == (
        "The expression has been classified as 'neutral'.\n\nNo facial movement is typical of "
        "this class; do not name any that is not given here."
    )


def test_neutral_with_movements_gives_them(make_facts):
    prompt = build_prompt(make_facts("neutral", (4, 1.0, 1.0)))
    assert "detected: faint lowering of the eyebrows." in prompt.user


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("evidence", [True, False])
def test_with_nothing_active_no_movement_is_offered_and_none_invited(
    make_facts, emotion, evidence
):
    prompt = build_prompt(make_facts(emotion, has_positive_evidence=evidence))
    assert find_mentions(prompt.user) == ()
    assert "do not name" in prompt.user
    assert "{" not in prompt.system + prompt.user


def test_no_evidence_and_nothing_active_are_told_apart(make_facts):
    nothing = build_prompt(make_facts("fear")).user
    no_evidence = build_prompt(make_facts("fear", has_positive_evidence=False)).user
    assert "No facial movement was detected" in nothing
    assert "No area of the face spoke for 'fear'" in no_evidence


def test_another_emotion_than_the_answer_is_not_called_detected(make_facts):
    facts = make_facts("fear", (4, 2.0, 2.0), predicted="surprise")
    prompt = build_prompt(facts)
    assert "detected 'surprise' and is asked about 'fear' instead" in prompt.system
    assert "classified as" not in prompt.user
    assert "speak for 'fear', the following facial movements were detected: slight" in prompt.user


def test_another_language_is_one_sentence_more(smile):
    english, italian = build_prompt(smile), build_prompt(smile, TextRequest(language="it"))
    assert italian.system == english.system
    assert italian.user == f"{english.user}\n\nWrite the answer in Italian."
    assert italian.language == "it" and italian.kind == "paper"


def test_the_strict_prompt_gives_the_facts_as_json(smile):
    prompt = build_prompt(smile, TextRequest("strict", "de"))
    assert "in German, the movements in the order given" in prompt.system
    assert '{"sentences": [{"text": "...", "aus": [12]}]}' in prompt.system
    assert json.loads(prompt.user) == {
        "classified_as": "happiness",
        "confidence": "high",
        "explained": "happiness",
        "movements": [
            {"au": 12, "name": "lip corner puller", "movement": "pulling of the lip corners",
             "strength": "clear", "side": None, "typical": True},
            {"au": 6, "name": "cheek raiser", "movement": "lifting of the left cheek",
             "strength": "faint", "side": "left", "typical": True},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("evidence", [True, False])
def test_the_strict_prompt_says_where_there_is_nothing(make_facts, evidence):
    facts = make_facts("fear", has_positive_evidence=evidence)
    record = json.loads(build_prompt(facts, TextRequest("strict")).user)
    assert record["movements"] == []
    assert ("No area of the face spoke" in record["no_evidence"]) == (not evidence)
    assert "do not name or guess" in record["no_evidence"]


def test_a_contrast_sets_the_movements_of_two_emotions_side_by_side(smile, make_facts):
    other = make_facts("surprise", (26, 2.0, 1.0), predicted="happiness")
    prompt = build_prompt(smile, TextRequest("contrast"), other)
    assert "why it is 'happiness' rather than 'surprise'" in prompt.system
    assert prompt.user == (
        "The expression has been classified as 'happiness'.\n\n"
        "In the areas of the face that speak for 'happiness', the following facial movements were "
        "detected: clear pulling of the lip corners, faint lifting of the left cheek.\n\n"
        "In the areas of the face that speak for 'surprise', the following facial movements were "
        "detected: slight dropping of the jaw."
    )
    nothing = make_facts("fear", predicted="happiness", has_positive_evidence=False)
    assert build_prompt(smile, TextRequest("contrast"), nothing).user.endswith(
        "No area of the face spoke for 'fear'."
    )
    still = make_facts("fear", predicted="happiness")
    user = build_prompt(smile, TextRequest("contrast"), still).user
    assert user.endswith("no facial movement was detected.")


@pytest.mark.parametrize("same", [True, False])
def test_a_contrast_needs_another_emotion(smile, same):
    with pytest.raises(WriterError, match="another emotion than happiness"):
        build_prompt(smile, TextRequest("contrast"), smile if same else None)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"kind": "poem"}, "no prompt 'poem'"),
        ({"language": "la"}, "no language 'la'"),
        ({"contrast_with": "envy"}, "no emotion 'envy'"),
        ({"kind": "strict", "contrast_with": "fear"}, "choose the contrast one"),
    ],
)
def test_what_cannot_be_asked(wrong, expected):
    with pytest.raises(WriterError, match=expected):
        TextRequest(**wrong)


def test_contrast_with_makes_a_contrast():
    assert TextRequest(contrast_with="fear").kind == "contrast"
