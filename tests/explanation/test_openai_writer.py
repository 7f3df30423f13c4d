"""The OpenAI-compatible writer against a real HTTP server on the loopback address."""

from __future__ import annotations

import json
import sys
import traceback

import pytest
from model_server import TEXT, as_json, cut, fault, raw, says, serving, slow
from waiting import patiently

from xfera_nb.errors import WriterError
from xfera_nb.explanation import (
    OfflineWriter,
    OpenAIWriter,
    Writer,
    build_prompt,
    explain,
    load_writer,
)

KEY = "sk-very-secret-0123456789"


def write(server, facts, **options):
    options = {"api_key": KEY, "timeout": 5.0} | options
    return OpenAIWriter(base_url=server.url, **options).write(facts, build_prompt(facts))


def failure(server, facts, **options):
    """The message of the failure; the key must be nowhere in it, nor in the traceback."""
    with pytest.raises(WriterError) as caught:
        write(server, facts, **options)
    shown = "".join(traceback.format_exception(caught.value))
    message = str(caught.value)
    assert KEY not in shown and "secret" not in shown
    assert message.startswith(f"The language model's server at 127.0.0.1:{server.server_port} ")
    assert message.endswith(".") and "\n" not in message
    return message


def test_a_good_answer(smile):
    with serving(says(f"  {TEXT}\n")) as server:
        draft = write(server, smile)
    assert (draft.text, draft.writer, draft.model) == (TEXT, "openai", "a-model-2026")
    assert (draft.prompt_tokens, draft.completion_tokens) == (120, 15)
    assert draft.seconds > 0


def test_the_request_holds_the_two_texts_and_no_image(smile):
    with serving(says()) as server:
        write(server, smile, model="some-model", seed=7, temperature=0.5)
    ((path, headers, body),) = server.asked
    prompt = build_prompt(smile)
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(body) == {
        "model": "some-model",
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ],
        "stream": False,
        "temperature": 0.5,
        "seed": 7,
    }
    assert all(isinstance(message["content"], str) for message in json.loads(body)["messages"])
    for sign_of_a_picture in (b"image", b"base64", b"data:", b"\xff\xd8", b"PNG"):
        assert sign_of_a_picture not in body


def test_temperature_and_seed_are_left_out_where_none(smile):
    with serving(says()) as server:
        write(server, smile, temperature=None)
    assert set(json.loads(server.asked[0][2])) == {"model", "messages", "stream"}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (fault(401, f"Incorrect API key provided: {KEY}"), "refused the API key"),
        (fault(403, f"{KEY} may not"), 'does not let this API key use the model "gpt-4o"'),
        (fault(404, "model not found"), 'knows no model "gpt-4o"; choose another'),
        (fault(400, f"bad request {KEY}"), "refused the request (HTTP 400)"),
        (raw(200, b'{"choices": [{'), "cannot be read"),
        (raw(200, b"<html>hello</html>", "text/html"), "cannot be read"),
        (as_json(200, ["a", "list"]), "cannot be read"),
        (says(choices=[]), "cannot be read"),
        (says(choices={"0": 1}), "cannot be read"),
        (says(choices=None), "cannot be read"),
        (says(choices=["text"]), "cannot be read"),
        (says([{"type": "text"}]), "cannot be read"),
        (says(None), "empty answer"),
        (says(" \n "), "empty answer"),
    ],
)
def test_a_fault_is_one_clear_sentence_and_not_tried_again(smile, reply, expected):
    with serving(reply) as server:
        assert expected in failure(server, smile)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (fault(500), "failed (HTTP 500); try again later"),
        (fault(503), "failed (HTTP 503)"),
        (fault(429), "takes no more requests for now"),
        (fault(429, "pay", "insufficient_quota"), "this account's quota is used up"),
        (cut, "broke off the connection"),
    ],
)
def test_what_may_pass_is_tried_three_times(smile, reply, expected):
    with serving(reply) as server:
        assert expected in failure(server, smile)
    assert len(server.asked) == 3


@pytest.mark.parametrize("first", [fault(429, Retry_After="0"), fault(500), cut])
def test_a_fault_that_passes(smile, first):
    with serving(first, says()) as server:
        assert write(server, smile).text == TEXT
    assert len(server.asked) == 2


def test_a_slow_server_is_tried_three_times(smile):
    with serving(slow) as server:
        assert "did not answer within 0.3 s" in failure(server, smile, timeout=0.3)
        patiently(lambda: len(server.asked) == 3, "the third question")


def test_no_server(smile):
    with serving(slow) as server:
        pass
    assert "cannot be reached" in failure(server, smile)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "many"}, 3])
def test_tokens_that_a_server_does_not_count_are_unknown(smile, usage):
    with serving(says(usage=usage)) as server:
        draft = write(server, smile)
    assert (draft.prompt_tokens, draft.completion_tokens) == (None, None)


def test_an_answer_that_invents_is_caught(smile):
    invented = "The wrinkled nose and the lifted cheeks <script>alert(1)</script>."
    with serving(says(invented)) as server:
        outcome = explain(smile, OpenAIWriter(base_url=server.url, model="m"))
    assert outcome.text == invented
    assert outcome.check.unsupported == (9,)
    assert "Written by a-model-2026" in str(outcome)
    assert "not found on this face: AU09" in str(outcome)


def test_a_local_server_needs_no_key(smile):
    with serving(says()) as server:
        write(server, smile, api_key=None)
    assert server.asked[0][1]["authorization"] == "Bearer not-needed"


@pytest.mark.parametrize("url", [None, "https://api.example.org/v1", "http://127.example.org/v1"])
def test_any_other_server_needs_one(url):
    with pytest.raises(WriterError, match="set OPENAI_API_KEY, or use the offline writer"):
        OpenAIWriter(base_url=url)


@pytest.mark.parametrize("url", ["http://localhost:1/v1", "http://[::1]:1/v1", "http://127.8.8.8"])
def test_local_addresses(url):
    assert OpenAIWriter(base_url=url).base_url == url


@pytest.mark.parametrize("url", ["localhost:1/v1", "ftp://localhost", "http://", "http://a:b:c"])
def test_what_is_no_address(url):
    with pytest.raises(WriterError, match="base URL is no address"):
        OpenAIWriter(base_url=url, api_key=KEY)


def test_settings_from_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert OpenAIWriter().model == "gpt-4o"
    assert OpenAIWriter().base_url == "https://api.openai.com/v1"
    monkeypatch.setenv("OPENAI_MODEL", "one")
    assert OpenAIWriter().model == "one"
    monkeypatch.setenv("XFERA_MODEL", "two")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://example.org/v1")
    assert (OpenAIWriter().model, OpenAIWriter().base_url) == ("two", "https://example.org/v1")
    assert OpenAIWriter(model="three", base_url="http://localhost:1").model == "three"


def test_the_key_and_a_password_in_the_address_are_not_shown():
    writer = OpenAIWriter(base_url="https://me:word@example.org/v1", api_key=KEY)
    assert repr(writer) == "OpenAIWriter(model='gpt-4o', host='example.org')"
    assert KEY not in str(writer)


def test_without_the_package(smile, monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    writer = OpenAIWriter(base_url="http://localhost:1/v1")
    with pytest.raises(WriterError, match="`pip install openai`, or use the offline writer"):
        writer.write(smile, build_prompt(smile))


def test_load_writer():
    assert isinstance(load_writer("offline"), OfflineWriter)
    writer = load_writer("openai", model="m", base_url="http://localhost:9/v1")
    assert isinstance(writer, OpenAIWriter) and writer.model == "m"
    assert isinstance(writer, Writer) and isinstance(OfflineWriter(), Writer)


def test_load_writer_names_the_nearest_writer_and_option():
    with pytest.raises(WriterError, match="no writer 'opnai' .did you mean 'openai'"):
        load_writer("opnai")
    with pytest.raises(WriterError, match="no writer option 'modle' .did you mean 'model'"):
        load_writer("openai", modle="m")
    with pytest.raises(WriterError, match="offline writer has no option model, timeout"):
        load_writer("offline", model="m", timeout=3.0)
    assert load_writer("offline", seed=3).seed == 3


def test_load_writer_hides_no_fault_of_the_writer(monkeypatch):
    def broken(**options):
        raise TypeError("a fault inside")

    monkeypatch.setattr("xfera_nb.explanation.writers.OpenAIWriter", broken)
    with pytest.raises(TypeError, match="a fault inside"):
        load_writer("openai", model="m")
