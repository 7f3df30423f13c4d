"""The whole step: from a fusion to checked words, with Figure 1's block."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from xfera_nb.explanation import Draft, Facts, explain


def test_figure_1s_block(smile):
    assert explain(smile).block_text == (
        "Expected emotion: Happiness\n"
        "Confidence level: High\n"
        "Matching AUs: AU06 cheek raiser, AU12 lip corner puller\n"
        "Missing AUs: none\n"
        "Not measurable AUs: none"
    )


def test_block_of_another_emotion_than_the_answer(fusion):
    told = explain(fusion)
    assert told.block_text == (
        "Expected emotion: Surprise (the model's answer is Happiness)\n"
        "Confidence level: Medium\n"
        "Matching AUs: AU01 inner brow raiser, AU02 outer brow raiser\n"
        "Missing AUs: AU05 upper lid raiser (moving, but not looked at)\n"
        "Not measurable AUs: AU26 jaw drop"
    )
    assert [(entry.au, entry.words) for entry in told.block.missing] == [
        (5, "raising of the upper eyelids")
    ]


def test_block_says_why_there_is_no_evidence(make_facts):
    facts = make_facts("fear", has_positive_evidence=False, no_evidence_reason="All is negative.")
    block = explain(facts).block
    assert block.rows[-1] == ("No positive evidence", "All is negative.")
    assert block.matching == ()
    assert block.missing[0].text == "AU01 inner brow raiser (not moving)"


def test_the_text_is_checked_against_the_fusion(fusion):
    told = explain(fusion)
    assert told.facts == Facts.from_fusion(fusion)
    assert told.check.supported == (2, 1)
    assert told.check.is_grounded
    assert (told.writer, told.model, told.tokens) == ("offline", None, (None, None))
    assert "the clear lifting of the outer eyebrows" in told.text


def test_it_prints_block_text_byline_check_and_whom_it_is_about(smile):
    told = explain(smile)
    assert str(told) == (
        f"{told.block_text}\n\n{told.text}\n\n"
        "Composed by the offline writer from the measured facts; no language model.\n"
        "Check: 2 of 2 named movements are supported.\n"
        "This describes what the model went by, not what the person feels. "
        "Left and right are the person's."
    )


def test_sides_are_explained_only_where_one_is_named(make_facts):
    assert len(explain(make_facts("happiness", (12, 3.0, 3.0))).block.notes) == 1


def test_a_writer_by_name_or_as_an_object(smile):
    class Liar:
        name = "liar"

        def write(self, facts, prompt):
            assert prompt.user.startswith("The expression has been classified as 'happiness'.")
            return Draft("The nose is wrinkled.", self.name, "m", 3, 4, 0.5)

    assert explain(smile, "offline").text == explain(smile).text
    told = explain(smile, Liar())
    assert (told.check.unsupported, told.check.left_out) == ((9,), (12, 6))
    assert (told.tokens, told.seconds) == ((3, 4), 0.5)


def test_the_record_is_json_and_its_facts_can_be_read_back(fusion):
    record = json.loads(json.dumps(explain(fusion).to_dict()))
    assert set(record) == {
        "text", "writer", "model", "prompt_tokens", "completion_tokens", "seconds", "cost",
        "cached", "language", "prompt", "check", "block", "facts",
    }  # fmt: skip
    assert record["block"]["missing"] == ["AU05 upper lid raiser (moving, but not looked at)"]
    assert Facts.from_dict(record["facts"]) == Facts.from_fusion(fusion)


def test_it_is_frozen(smile):
    with pytest.raises(AttributeError):
        explain(smile).draft = None


def test_the_offline_line_loads_nothing_heavy():
    code = (
        "import sys; from xfera_nb.explanation import Facts, explain;"
        "explain(Facts('happiness', 'happiness', 'High'));"
        "print(*{'openai', 'torch', 'pandas', 'cv2', 'plotly'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
