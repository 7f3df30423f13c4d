"""The prompt against the paper's wording, typed here from its section 2.1."""

from __future__ import annotations

import pytest

from xfera_nb.explanation import build_prompt, find_mentions
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
