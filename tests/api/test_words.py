"""The text of a result: another language, prompt or writer, refreshed, without a fact."""

from __future__ import annotations

import pytest
from model_server import says, serving

import xfera_nb as xf
from xfera_nb.errors import WriterError
from xfera_nb.explanation import OpenAIWriter, check
from xfera_nb.facs import EMOTIONS

pytestmark = pytest.mark.slow


@pytest.fixture
def make(classifier, detector, sample):
    """Explain the sample; all movements count, so that there is something to name."""

    def explain(**options):
        setup = {"classifier": classifier, "au_detector": detector, "scope": "all", "coverage": 0.2}
        return xf.explain(sample, **(setup | options))

    return explain


@pytest.mark.parametrize("language", ["en", "it", "es", "de"])
def test_a_language(make, language):
    done = make(language=language)
    assert done.explanation.prompt.language == done.explanation.check.language == language
    assert done.fusion.active
    assert done.explanation.check.is_grounded and done.explanation.check.recall == 1
    again = done.with_params(k=0.8)
    assert again.explanation.prompt.language == language


def test_other_words_for_the_same_fusion(make):
    done = make()
    other = next(emotion for emotion in EMOTIONS if emotion != done.predicted)
    told = done.with_text(language="it", contrast_with=other)
    assert told.request.kind == "contrast" and told.request.language == "it"
    assert told.fusion.active == done.fusion.active and told.text != done.text
    assert told.explanation.check.is_grounded
    assert told.with_text(language="de").request.contrast_with == other
    assert told.with_text(prompt="paper").request.contrast_with is None


def test_a_contrast_with_the_next_best(make):
    done = make(prompt="contrast")
    other = done.explanation.prompt.other
    assert other.target == done.evidence.prediction.runner_up
    assert f'"{other.target.capitalize()}"' in done.text
    with pytest.raises(WriterError, match="another emotion than"):
        make(contrast_with=done.predicted)


def test_a_model_by_name_with_options(make, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(says("A smile."), says("Another.")) as server:
        options = {"model": "m", "base_url": server.url, "seed": 3, "cache": False}
        done = make(writer="openai", writer_options=options)
        again = done.with_text(refresh=True)
    assert (done.text, again.text) == ("A smile.", "Another.")
    assert [body["seed"] for body in server.bodies] == [3, 3]
    assert "120 + 15 tokens" in done._repr_html_()


def test_options_need_a_name(make):
    writer = OpenAIWriter(base_url="http://localhost:1/v1")
    with pytest.raises(WriterError, match="loaded already"):
        make(writer=writer, writer_options={"model": "m"})
    with pytest.raises(WriterError, match="offline writer has no option model"):
        make(writer_options={"model": "m"})


def test_facts_taken_away_leave_the_text(make):
    done = make()
    told = done.ablate()
    main = {movement.au for movement in done.explanation.facts.main_movements}
    assert main and set(told.named) == main and told.share == 1.0


def test_the_record_is_facts_for_the_check(make):
    from xfera_nb.explanation import Facts

    done = make()
    facts = Facts.from_dict(done.to_dict())
    assert facts == done.explanation.facts
    supported = set(check(done.text, facts).supported)
    assert supported >= {movement.au for movement in facts.main_movements} != set()
