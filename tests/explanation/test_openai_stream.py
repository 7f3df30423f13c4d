"""Streaming, the strict prompt and structured outputs, against a real HTTP server."""

from __future__ import annotations

import json
import traceback
from threading import Event

import pytest
from model_server import (
    MODEL,
    USAGE,
    answer,
    as_json,
    cut,
    cut_stream,
    drain,
    fault,
    raw,
    says,
    serving,
    slow,
    slow_middle,
    streams,
)

from xfera_nb.errors import WriterError
from xfera_nb.explanation import OpenAIWriter, TextRequest, build_prompt, explain
from xfera_nb.explanation.writers import openai_writer
from xfera_nb.explanation.writers.openai_writer import read_sentences, sentences_so_far

KEY = "sk-very-secret-0123456789"
SENTENCES = {
    "sentences": [
        {"text": "The lip corners are clearly pulled.", "aus": [12]},
        {"text": "The left cheek is faintly lifted.", "aus": [6]},
    ]
}
TEXT = "The lip corners are clearly pulled. The left cheek is faintly lifted."


def test_pieces_come_as_they_are_sent(smile):
    with serving(streams("The lip ", "", "corners.", usage=USAGE)) as server:
        writer = OpenAIWriter(base_url=server.url, prices=(2.0, 10.0))
        pieces, draft = drain(writer.stream(smile, build_prompt(smile)))
    assert pieces == ["The lip ", "corners."]
    assert (draft.text, draft.model) == ("The lip corners.", "tiny")
    assert (draft.prompt_tokens, draft.completion_tokens) == (120, 15)
    assert draft.cost == pytest.approx((2 * 120 + 10 * 15) / 1e6)
    (body,) = server.bodies
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("mime", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_server_that_does_not_stream_gives_one_piece(smile, mime, tmp_path):
    whole = raw(200, json.dumps(answer("The lip corners.")).encode(), mime)
    with serving(whole, fault(500)) as server:
        writer = OpenAIWriter(base_url=server.url, prices=(2.0, 10.0), cache=tmp_path)
        pieces, draft = drain(writer.stream(smile, build_prompt(smile)))
        assert drain(writer.stream(smile, build_prompt(smile)))[1].cached
    assert pieces == ["The lip corners."]
    assert (draft.text, draft.model) == ("The lip corners.", MODEL)
    assert (draft.prompt_tokens, draft.completion_tokens) == (120, 15)
    assert [body["stream"] for body in server.bodies] == [True]


def test_strict_sentences_of_a_server_that_does_not_stream(smile):
    with serving(says(json.dumps(SENTENCES))) as server:
        prompt = build_prompt(smile, TextRequest("strict"))
        stream = OpenAIWriter(base_url=server.url).stream(smile, prompt)
        pieces, draft = drain(stream)
    assert "".join(pieces) == draft.text == TEXT and len(pieces) == 2


def test_a_stream_that_is_called_json_is_a_stream(smile):
    event = {"choices": [{"index": 0, "delta": {"content": "A smile."}, "finish_reason": "stop"}]}
    body = f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n".encode()
    with serving(raw(200, body)) as server:
        stream = OpenAIWriter(base_url=server.url).stream(smile, build_prompt(smile))
        assert drain(stream)[0] == ["A smile."]


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize(
    "body", [b"{oh", b"", b"[]", b"null", b'{"error": "no"}', b'{"choices": [{}]}',
             b'{"choices": [{"message": "hi"}]}', b"\xff\xfe", b"[" * 50_000],
)  # fmt: skip
def test_a_whole_answer_that_cannot_be_read(smile, body, streaming):
    said = "reported an error" if b"error" in body else "cannot be read"
    with serving(raw(200, body)) as server, pytest.raises(WriterError, match=said):
        writer, prompt = OpenAIWriter(base_url=server.url), build_prompt(smile)
        list(writer.stream(smile, prompt)) if streaming else writer.write(smile, prompt)


def test_a_whole_answer_without_words_is_empty(smile):
    with serving(says("  ")) as server, pytest.raises(WriterError, match="empty answer"):
        list(OpenAIWriter(base_url=server.url).stream(smile, build_prompt(smile)))


def test_the_first_piece_does_not_wait_for_the_last(smile):
    more = Event()
    with serving(streams("The lip ", "corners.", after_first=more)) as server:
        stream = OpenAIWriter(base_url=server.url).stream(smile, build_prompt(smile))
        assert next(stream) == "The lip "  # the server has not gone on yet
        more.set()
        assert drain(stream)[0] == ["corners."]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (streams("The lip ", ended=False), "broke off in mid-answer"),
        (cut_stream, "broke off in mid-answer"),
        (streams(), "empty answer"),
        (raw(200, b"data: {oh\n\n", "text/event-stream"), "cannot be read"),
        (fault(401), "refused the API key"),
        (fault(404), "knows no model"),
        (fault(500), "failed (HTTP 500)"),
        (cut, "broke off"),
    ],
)
def test_a_stream_that_fails(smile, reply, expected):
    with serving(reply) as server, pytest.raises(WriterError) as caught:
        list(OpenAIWriter(base_url=server.url, api_key=KEY).stream(smile, build_prompt(smile)))
    assert expected in str(caught.value) and "\n" not in str(caught.value)
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("reply", [slow, slow_middle])
def test_a_stream_that_stops_is_given_up(smile, reply):
    with serving(reply) as server, pytest.raises(WriterError, match="did not answer within 0.3 s"):
        writer = OpenAIWriter(base_url=server.url, timeout=0.3)
        list(writer.stream(smile, build_prompt(smile)))


def test_a_stream_without_end_is_given_up(smile, monkeypatch):
    monkeypatch.setattr(openai_writer, "MAX_LETTERS", 50)
    with serving(streams(*["again and again "] * 9)) as server:
        stream = OpenAIWriter(base_url=server.url).stream(smile, build_prompt(smile))
        with pytest.raises(WriterError, match="without end"):
            list(stream)


def test_busy_at_first_and_fine_then(smile):
    with serving(fault(429, Retry_After="0"), streams("The smile.")) as server:
        stream = OpenAIWriter(base_url=server.url).stream(smile, build_prompt(smile))
        assert drain(stream)[0] == ["The smile."]
    assert len(server.asked) == 2


def test_a_server_without_stream_options_is_asked_without(smile):
    with serving(fault(400), streams("The smile.")) as server:
        writer = OpenAIWriter(base_url=server.url)
        assert drain(writer.stream(smile, build_prompt(smile)))[1].prompt_tokens is None
        list(writer.stream(smile, build_prompt(smile)))
    assert ["stream_options" in body for body in server.bodies] == [True, False, False]


def test_the_strict_prompt_asks_for_its_schema_and_for_declared_aus(smile):
    request = TextRequest("strict")
    with serving(says(json.dumps(SENTENCES))) as server:
        result = explain(smile, OpenAIWriter(base_url=server.url), request)
    (body,) = server.bodies
    form = body["response_format"]
    assert (form["type"], form["json_schema"]["strict"]) == ("json_schema", True)
    assert json.loads(body["messages"][1]["content"])["movements"][0]["au"] == 12
    assert result.text == TEXT
    assert result.draft.declared_aus == (
        ("The lip corners are clearly pulled.", (12,)),
        ("The left cheek is faintly lifted.", (6,)),
    )
    assert result.check.is_grounded and result.check.recall == 1


def test_a_declared_au_that_is_not_active_is_flagged(smile):
    wrong = {"sentences": [{"text": "It is clear.", "aus": [12, "AU09"]}]}
    with serving(says(json.dumps(wrong))) as server:
        result = explain(smile, OpenAIWriter(base_url=server.url), TextRequest("strict"))
    (flag,) = result.check.flags
    assert (flag.kind, flag.word, flag.sentence) == ("declared_au", "AU09", 0)
    assert not result.check.is_grounded
    assert "declared by the writer, but not active: AU09" in result.check.summary


@pytest.mark.parametrize("status", [400, 422])
def test_without_structured_outputs_less_is_asked(smile, status):
    fine = says(f"Here it is:\n```json\n{json.dumps(SENTENCES)}\n```")
    with serving(fault(status), fault(status), fine) as server:
        writer = OpenAIWriter(base_url=server.url)
        assert explain(smile, writer, TextRequest("strict")).text == TEXT
        assert explain(smile, writer, TextRequest("strict")).text == TEXT
    forms = [body.get("response_format", {}).get("type") for body in server.bodies]
    assert forms == ["json_schema", "json_object", None, None]


def test_a_refusal_that_has_other_reasons_is_told(smile):
    with serving(fault(400)) as server, pytest.raises(WriterError, match="HTTP 400"):
        writer = OpenAIWriter(base_url=server.url)
        explain(smile, writer, TextRequest("strict"), fallback=False)
    assert len(server.asked) == 3


def test_strict_sentences_stream_without_their_json(smile):
    text = json.dumps(SENTENCES)
    with serving(streams(text[:40], text[40:70], text[70:])) as server:
        prompt = build_prompt(smile, TextRequest("strict"))
        stream = OpenAIWriter(base_url=server.url).stream(smile, prompt)
        pieces, draft = drain(stream)
    assert pieces == ["The lip corners are clearly pulled.", " The left cheek is faintly lifted."]
    assert "".join(pieces) == draft.text == TEXT


@pytest.mark.parametrize(
    "text", ["Just words.", "{}", '{"sentences": []}', '{"sentences": [{"text": 3, "aus": []}]}',
             '{"sentences": [{"text": "a"}]}', '{"sentences": [{"text": "a", "aus": [1.5]}]}',
             '{"sentences": [{"text": "a", "aus": [true]}]}', '{"sentences": ["a"]}', "{", "[1]"],
)  # fmt: skip
def test_an_answer_that_is_not_the_json_asked_for(smile, text):
    assert read_sentences(text) is None
    with serving(says(text)) as server, pytest.raises(WriterError, match="strict prompt asks for"):
        writer = OpenAIWriter(base_url=server.url)
        explain(smile, writer, TextRequest("strict"), fallback=False)


def test_sentences_of_an_answer_that_is_still_coming():
    text = r'{"sentences": [{"text": "He said \"up\".", "aus": [1]}, {"text": "And th'
    assert sentences_so_far(text) == ['He said "up".']
    assert sentences_so_far('{"text": "\\q"}') == []


def test_html_and_script_in_an_answer_are_text(smile):
    evil = "<img src=x onerror=alert(1)> A smile.<script>alert(2)</script>"
    with serving(as_json(200, {"choices": []}), says(evil)) as server:
        writer = OpenAIWriter(base_url=server.url)
        with pytest.raises(WriterError):
            explain(smile, writer, fallback=False)
        result = explain(smile, writer)
    assert result.text == evil
    assert result.check.supported == (12,)
