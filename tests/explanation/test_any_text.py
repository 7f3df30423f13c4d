"""Whatever a text holds, the check reads it, in bounded time, and points into it."""

from __future__ import annotations

import pytest
from growth import count_calls
from hypothesis import given, settings
from hypothesis import strategies as st

from xfera_nb.explanation import LANGUAGES, Facts, Movement, check, detect_language
from xfera_nb.explanation.tokens import fold
from xfera_nb.explanation.vocabulary import VOCABULARIES

pytestmark = pytest.mark.slow

FACTS = Facts(
    "happiness", "happiness", "High",
    movements=(
        Movement.of(12, intensity=4.0, bilateral=True), Movement.of(6, intensity=1.0, side="left"),
    ),
)  # fmt: skip


def words(language):
    """All words of a vocabulary, and marks: texts that are nothing but trouble."""
    vocabulary = VOCABULARIES[language]
    patterns = [*vocabulary.phrases, *vocabulary.negated_after, *vocabulary.negated_around]
    for table in (vocabulary.parts, vocabulary.actions, vocabulary.sides, vocabulary.strengths):
        patterns += [text for texts in table.values() for text in texts]
    single = {w.rstrip("*") for text in patterns for part in text.split() for w in part.split("/")}
    return sorted(single | {",", ".", "(", ")", "AU", "12", "'", "-", "and", "\u2019s", "\n"})


@pytest.mark.parametrize("language", [None, *LANGUAGES])
@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read(language, text):
    found = check(text, FACTS, language)
    assert found.language in LANGUAGES
    for sentence in found.sentences:
        for finding in sentence.findings:
            assert 0 <= finding.start < finding.end <= len(sentence.text)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_row_of_its_own_words_is_read(language, data):
    row = data.draw(st.lists(st.sampled_from(words(language)), max_size=40))
    found = check(" ".join(row), FACTS, language)
    named = {*found.supported, *found.unsupported, *found.contradicted, *found.left_out}
    assert {12, 6} <= named
    assert not set(found.supported) & (set(found.contradicted) | set(found.left_out))
    assert found.precision is None or 0 <= found.precision <= 1
    assert 0 <= found.recall <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_hostile_text_takes_a_bounded_time(language):
    once = " ".join(words(language)[::3])
    small, large = (
        count_calls(lambda text=text: check(text, FACTS, language))
        for text in (" ".join([once] * 2), " ".join([once] * 4))
    )
    # Twice the text: 2 if it is read once, 4 if each word is compared with each.
    assert large < 3 * small


@given(st.text())
def test_folding_keeps_the_length(text):
    assert len(fold(text)) == len(text)


@given(st.text())
def test_a_language_is_always_guessed(text):
    assert detect_language(text) in LANGUAGES
