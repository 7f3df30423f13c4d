"""The whole step: from a fusion to checked words, with Figure 1's summary."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from xfera_nb.explanation import LANGUAGES, Draft, Facts, TextRequest, explain
from xfera_nb.explanation.catalogue import CATALOGUES


def test_figure_1s_summary(smile):
    assert explain(smile).summary_text == (
        "Predicted emotion: Happiness\n"
        "Confidence level: High\n"
        "Matching AUs: AU06 cheek raiser, AU12 lip corner puller\n"
        "Missing AUs: none\n"
        "Not measurable AUs: none"
    )


def test_summary_of_another_emotion_than_the_answer(fusion):
    result = explain(fusion)
    assert result.summary_text == (
        "Predicted emotion: Happiness\n"
        "Confidence level: Medium\n"
        "Target class: Surprise\n"
        "Matching AUs: AU01 inner brow raiser, AU02 outer brow raiser\n"
        "Missing AUs: AU05 upper lid raiser (present, not attended)\n"
        "Not measurable AUs: AU26 jaw drop"
    )
    assert [(entry.au, entry.words) for entry in result.summary.missing] == [
        (5, "raising of the upper eyelids")
    ]


def test_summary_says_why_there_is_no_evidence(make_facts):
    facts = make_facts("fear", has_positive_evidence=False, no_evidence_reason="All is negative.")
    summary = explain(facts).summary
    assert summary.rows[-1] == ("No positive evidence", "All is negative.")
    assert summary.matching == ()
    assert summary.missing[0].text == "AU01 inner brow raiser (absent)"


@pytest.mark.parametrize(
    ("language", "summary"),
    [
        (
            "it",
            "Emozione predetta: Felicità\n"
            "Livello di confidenza: Medio\n"
            "Classe spiegata: Sorpresa\n"
            "AU corrispondenti: AU01 sollevamento dell'interno delle sopracciglia, "
            "AU02 sollevamento dell'esterno delle sopracciglia\n"
            "AU mancanti: AU05 sollevamento delle palpebre superiori "
            "(presente, non considerata)\n"
            "AU non misurabili: AU26 abbassamento della mascella",
        ),
        (
            "es",
            "Emoción predicha: Felicidad\n"
            "Nivel de confianza: Medio\n"
            "Clase explicada: Sorpresa\n"
            "AU coincidentes: AU01 elevación de la parte interna de las cejas, "
            "AU02 elevación de la parte externa de las cejas\n"
            "AU que faltan: AU05 elevación de los párpados superiores "
            "(presente, no atendida)\n"
            "AU no medibles: AU26 caída de la mandíbula",
        ),
        (
            "de",
            "Vorhergesagte Emotion: Freude\n"
            "Sicherheit: Mittel\n"
            "Erklärte Klasse: Überraschung\n"
            "Passende AUs: AU01 Heben der inneren Augenbrauen, "
            "AU02 Heben der äußeren Augenbrauen\n"
            "Fehlende AUs: AU05 Heben der oberen Augenlider "
            "(vorhanden, nicht beachtet)\n"
            "Nicht messbare AUs: AU26 Herabfallen des Unterkiefers",
        ),
    ],
)
def test_the_summary_in_other_languages(fusion, language, summary):
    assert explain(fusion, request=TextRequest(language=language)).summary_text == summary


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_around_a_text_is_left_in_english(make_facts, language):
    facts = make_facts("fear", has_positive_evidence=False, no_evidence_reason="All is negative.")
    result = explain(facts, request=TextRequest(language=language))
    draft = Draft("Text.", "openai", "a-model", 120, 15, 2.04, cost=0.5)
    asked = replace(result, draft=draft)
    kept = replace(result, draft=replace(draft, cached=True, prompt_tokens=None))
    around = [
        *(label for label, _ in result.summary.rows), *(value for _, value in result.summary.rows),
        *result.summary.notes, result.byline, asked.byline, kept.byline,
    ]  # fmt: skip
    english = explain(facts)
    if language == "en":
        assert asked.usage == "It took 120 + 15 tokens, 2.0 s, cost 0.5."
        assert kept.usage == "From the cache (when asked: 2.0 s)."
    else:
        assert not set(around) & {x for row in english.summary.rows for x in row}
        assert not {result.byline, *result.summary.notes} & {english.byline, *english.summary.notes}
    assert "a-model" in asked.byline and "120 + 15" in asked.usage and "0.5" in asked.usage
    assert "120" not in kept.usage and "2.0 s" in kept.usage
    assert not any("{" in text for text in around)
    assert result.summary.notes[0] in str(result) and result.byline in str(result)


def test_no_article_is_left_in_the_summary():
    for catalogue in CATALOGUES.values():
        for words in catalogue.movements.values():
            assert words.both.startswith(catalogue.labels.articles), words.both


def test_the_text_is_checked_against_the_fusion(fusion):
    result = explain(fusion)
    assert result.facts == Facts.from_fusion(fusion)
    assert result.check.supported == (2, 1, 5)
    assert result.check.is_grounded
    assert (result.writer, result.model, result.tokens) == ("offline", None, (None, None))
    assert "the clear lifting of the outer eyebrows" in result.text


def test_it_prints_summary_text_byline_check_and_whom_it_is_about(smile):
    result = explain(smile)
    assert str(result) == (
        f"{result.summary_text}\n\n{result.text}\n\n"
        "Composed by the offline writer from the measured facts; no language model.\n"
        "Check: 2 of 2 named movements are supported.\n"
        "This describes what the model went by, not what the person feels. "
        "Left and right are the person's."
    )


def test_sides_are_explained_only_where_one_is_named(make_facts):
    assert len(explain(make_facts("happiness", (12, 3.0, 3.0))).summary.notes) == 1


def test_a_writer_by_name_or_as_an_object(smile):
    class Liar:
        name = "liar"

        def write(self, facts, prompt):
            assert prompt.user.startswith("The expression has been classified as 'happiness'.")
            return Draft("The nose is wrinkled.", self.name, "m", 3, 4, 0.5)

    assert explain(smile, "offline").text == explain(smile).text
    result = explain(smile, Liar())
    assert (result.check.unsupported, result.check.left_out) == ((9,), (12, 6))
    assert (result.tokens, result.seconds) == ((3, 4), 0.5)


def test_the_record_is_json_and_its_facts_can_be_read_back(fusion):
    record = json.loads(json.dumps(explain(fusion).to_dict()))
    assert set(record) == {
        "text", "writer", "model", "prompt_tokens", "completion_tokens", "seconds", "cost",
        "cached", "note", "language", "prompt", "check", "summary", "facts",
        "picture_sent_to", "second_opinion",
    }  # fmt: skip
    assert record["summary"]["missing"] == ["AU05 upper lid raiser (present, not attended)"]
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
