"""Language, prompt, model settings, asking again, and taking facts away, without a browser."""

from __future__ import annotations

import json

import pytest
from model_server import fault, says, serving, streams
from traitlets import TraitError

from xfera_nb.explanation import Draft, Facts, TextRequest
from xfera_nb.widgets import Explainer, ExplainerState
from xfera_nb.widgets.explainer.ablation_state import AblationState
from xfera_nb.widgets.explainer.panels.writer import ablation_html


@pytest.fixture
def view(evidence):
    return Explainer(evidence)


@pytest.fixture
def options(view):
    return view.panels["writer"]


def test_a_choice_reaches_the_words_and_follows_the_state(view, options):
    options.choices["language"].value = "it"
    view.state.explain()
    assert "classificat" in view.state.explanation.text
    view.state.language = "de"
    assert options.choices["language"].value == "de"
    view.state.explain()
    assert "eingestuft" in view.state.explanation.text
    with pytest.raises(TraitError):
        view.state.language = "la"


def test_the_person_reaches_the_words(view, options):
    view.state.explain()
    assert " I " in f" {view.state.explanation.text}"
    options.choices["person"].value = "third"
    assert view.state.text_request == TextRequest(person="third")
    view.state.explain()
    assert " I " not in f" {view.state.explanation.text}"
    assert "person='third'" in view.state.to_code()
    view.state.writer = "openai"
    assert options.choices["person"].layout.display == "none"


def test_a_contrast_is_chosen(view, options):
    assert options.choices["contrast_with"].layout.display == "none"
    options.choices["prompt"].value = "contrast"
    assert options.choices["contrast_with"].layout.display is None
    options.choices["contrast_with"].value = "anger"
    view.state.explain()
    assert '"Anger"' in view.state.explanation.text
    assert view.state.text_request == TextRequest("contrast", "en", "anger")
    options.choices["prompt"].value = "paper"
    assert view.state.text_request == TextRequest()
    view.state.set(prompt="contrast", contrast_with="happiness")
    view.state.explain()
    assert "another emotion than happiness" in view.state.error


def test_the_models_settings_are_read_from_their_fields(view, options):
    assert options.model_row.layout.display == "none"
    view.state.writer = "openai"
    assert options.model_row.layout.display is None
    for name, typed in (
        ("model", " m "), ("base_url", "http://localhost:1/v1"), ("temperature", "0.5"),
        ("seed", "7"),
    ):  # fmt: skip
        options.texts[name].value = typed
    assert view.state.writer_options == {
        "model": "m", "base_url": "http://localhost:1/v1", "temperature": 0.5, "seed": 7,
    }  # fmt: skip
    writer = view.state.loaded_writer()
    assert (writer.model, writer.temperature, writer.seed) == ("m", 0.5, 7)
    assert view.state.loaded_writer() is writer
    options.texts["seed"].value = ""
    assert "seed" not in view.state.writer_options
    assert view.state.loaded_writer() is not writer


@pytest.mark.parametrize(
    ("name", "typed"),
    [("seed", "1.5"), ("seed", "many"), ("temperature", "3"), ("temperature", "nan")],
)
def test_what_is_no_number_is_refused(view, options, name, typed):
    view.state.writer_options = {name: 1}
    options.texts[name].value = typed
    assert view.state.writer_options == {name: 1}
    assert options.texts[name].value == "1" and typed in view.state.error


def test_no_key_is_asked_for(options):
    assert set(options.texts) == {"model", "base_url", "temperature", "seed"}


def test_explain_again_asks_anew_and_another_language_does_not(evidence, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(streams("One."), streams("Two."), streams("Three.")) as server:
        settings = {"base_url": server.url, "cache": str(tmp_path)}
        state = ExplainerState(evidence, writer="openai", writer_options=settings)
        texts = []
        for change in ({}, {}, {"k": 2.5}, {"k": 1.3}, {}):
            state.set(**change)
            state.explain()
            assert state.note == ""
            texts.append(state.explanation.text)
    # Asked, asked again, asked for another k, found in the cache, asked again.
    assert texts == ["One.", "Two.", "Three.", "Two.", "Three."]
    assert len(server.asked) == 4


def test_facts_are_taken_away_at_a_click(view, options):
    view.state.set(scope="all", coverage=0.1)
    options.remove_facts.click()
    told = options.ablation.ablation
    named = {one.au for one in Facts.from_fusion(view.state.fusion).main_movements}
    assert set(told.named) == named and told.share == 1.0
    assert told.summary in options.outcome.value and "Stale" not in options.outcome.value
    view.state.k = 2.0
    assert "Stale" in options.outcome.value


def test_a_writer_that_fails_is_told(evidence, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(fault(401)) as server:
        settings = {"base_url": server.url, "cache": False}
        state = ExplainerState(evidence, writer="openai", writer_options=settings)
        ablation = AblationState(state)
        ablation.run()
    assert "refused the API key" in ablation.error and not ablation.busy
    assert "refused the API key" in ablation_html(ablation)
    state.writer_options = {"base_url": "nowhere"}
    ablation.run()
    assert "is no address" in ablation.error


def test_untrusted_text_is_escaped(evidence):
    class Stranger:
        name = "untrusted"

        def write(self, facts, prompt):
            return Draft("<script>alert(1)</script> A smile.", self.name)

    state = ExplainerState(evidence, writer=Stranger())
    state.set(scope="all", k=0.3, coverage=0.1)
    ablation = AblationState(state)
    ablation.run()
    html = ablation_html(ablation)
    assert "<script>" not in html and "&lt;script&gt;" in html and "still named" in html


def test_the_options_are_in_the_code(evidence):
    state = ExplainerState(evidence, language="it", contrast_with="fear")
    assert "language='it', prompt='contrast', contrast_with='fear'" in state.to_code()


def test_the_picture_is_sent_only_where_the_checkbox_allows_it(view, options):
    opinion = {"emotion": "fear", "confidence": 0.5, "sentences": [{"text": "Seen.", "aus": [1]}]}
    assert options.picture_row.layout.display == "none"
    with serving(says(json.dumps(opinion))) as server:
        view.state.set(writer="vision", writer_options={"base_url": server.url})
        assert options.picture_row.layout.display is None
        assert options.choices["prompt"].layout.display == "none"
        assert options.remove_facts.layout.display == "none"
        assert options.send_image.value is False
        assert "is sent to the model's server" in options.picture_row.children[1].value
        view.state.explain()
        assert "--send-image" in view.state.error and server.asked == []
        options.send_image.value = True
        view.state.explain()
        assert view.state.error == "" and len(server.asked) == 1
        assert view.state.explanation.second_opinion.opinion.emotion == "fear"
        html = view.panels["text"].value
        assert "the picture was sent to" in html and "Second opinion of" in html
        # Another server is not allowed yet.
        options.texts["base_url"].value = server.url.replace("127.0.0.1", "localhost")
        assert options.send_image.value is False
        assert "send_image" not in view.state.writer_options
        # Nor does another writer take what was allowed for this one.
        options.send_image.value = True
        view.state.writer = "openai"
        assert options.picture_row.layout.display == "none"
        view.state.explain()
        assert b"image" not in server.asked[-1][2]


def test_what_a_vision_model_says_is_escaped(view):
    script = "<img src=x onerror=alert(1)>"
    opinion = {"emotion": "fear", "confidence": 0.5, "sentences": [{"text": script, "aus": []}]}
    with serving(says(json.dumps(opinion), model=script)) as server:
        options = {"base_url": server.url, "send_image": True}
        view.state.set(writer="vision", writer_options=options)
        view.state.explain()
    html = view.panels["text"].value
    # The text, twice in the byline, and above the table; nothing is escaped twice.
    assert script not in html and html.count("&lt;img src=x") == 4 and "&amp;lt;" not in html
    assert '<p class="xf-q">Written by &lt;img' in html
