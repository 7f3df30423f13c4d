"""Servers that cut, withhold, think aloud, refuse parts of a request, or stand behind a proxy."""

from __future__ import annotations

import json
import socket
import sys
from threading import Thread

import pytest
from model_server import (
    MODEL,
    TEXT,
    answer,
    as_json,
    drain,
    fault,
    raw,
    says,
    serving,
    streams,
)

from xfera_nb.errors import WriterError
from xfera_nb.explanation import OpenAIWriter, TextRequest, build_prompt, explain, load_writer
from xfera_nb.explanation.writers.answers import strip_reasoning, visible_so_far

KEY = "sk-very-secret-0123456789"


def choice(text, reason="stop", **message):
    message = {"role": "assistant", "content": text, **message}
    return as_json(200, answer(choices=[{"index": 0, "finish_reason": reason, "message": message}]))


def stream_of(*deltas, reason="stop"):
    """A stream of pieces as they are given, with a reason to finish."""

    def play(handler):
        handler.start(200, {"Content-Type": "text/event-stream"})
        ends = [] if reason is None else [({}, reason)]
        for delta, end in [*((delta, None) for delta in deltas), *ends]:
            head = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": MODEL}
            body = head | {"choices": [{"index": 0, "delta": delta, "finish_reason": end}]}
            handler.wfile.write(f"data: {json.dumps(body)}\n\n".encode())
        handler.wfile.write(b"data: [DONE]\n\n")

    return play


def ask(server, facts, *, streaming=False, kind="paper", **options):
    writer = OpenAIWriter(base_url=server.url, api_key=KEY, timeout=5.0, **options)
    prompt = build_prompt(facts, TextRequest(kind))
    if not streaming:
        return [], writer.write(facts, prompt)
    return drain(writer.stream(facts, prompt))


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("length", "stopped the answer at its limit of tokens"),
        ("MAX_TOKENS", "stopped the answer at its limit of tokens"),
        ("content_filter", "withheld the answer or a part of it by its content filter"),
        ("SAFETY", "withheld the answer"),
    ],
)
def test_an_answer_that_is_not_whole_is_said_and_not_cached(
    smile, tmp_path, streaming, reason, said
):
    cut = "The lip corners are pulled and the"
    first = stream_of({"content": cut}, reason=reason) if streaming else choice(cut, reason)
    with serving(first, stream_of({"content": TEXT}) if streaming else says()) as server:
        with pytest.raises(WriterError, match=said):
            ask(server, smile, streaming=streaming, cache=tmp_path)
        assert not list(tmp_path.glob("*"))
        assert ask(server, smile, streaming=streaming, cache=tmp_path)[1].text == TEXT


def test_reasoning_that_uses_all_tokens_up(smile):
    spent = stream_of({"reasoning_content": "hmm"}, reason="length")
    with serving(spent) as server, pytest.raises(WriterError, match="allow more by max_tokens"):
        ask(server, smile, streaming=True)


@pytest.mark.parametrize("streaming", [False, True])
def test_a_refusal_is_called_one(smile, streaming):
    declined = choice(None, refusal=f"No {KEY}")
    if streaming:
        declined = stream_of({"content": None, "refusal": "I can't."})
    with serving(declined) as server, pytest.raises(WriterError, match="declined to ans") as told:
        ask(server, smile, streaming=streaming)
    assert KEY not in str(told.value)


THOUGHTS = [
    (f"<think>\nThe nose wrinkles.\n</think>\n\n{TEXT}", TEXT),
    (f"<think></think>{TEXT}", TEXT),
    (f"<Thinking time='3'>a</Thinking>{TEXT}<reasoning>b</reasoning>", TEXT),
    (f"Okay, the brows.\n</think>\n\n{TEXT}", TEXT),
    (f"<think>a<think>b</think>c</think>{TEXT}", TEXT),
    (f"{TEXT}\n<think>and so on", TEXT),
    ("<think>never closed", ""),
    (f"<|channel|>analysis<|message|>hm<|end|><|start|>a<|channel|>final<|message|>{TEXT}", TEXT),
    ("The mouth (x < 3) is open, I think.", "The mouth (x < 3) is open, I think."),
]


@pytest.mark.parametrize(("given", "left"), THOUGHTS)
def test_thoughts_are_left_out(given, left):
    assert strip_reasoning(given).strip() == left


@pytest.mark.parametrize(("given", "left"), THOUGHTS)
def test_thoughts_are_left_out_of_a_whole_answer(smile, given, left):
    with serving(says(given)) as server:
        if not left:
            with pytest.raises(WriterError, match="empty answer"):
                ask(server, smile)
        else:
            assert ask(server, smile)[1].text == left


@pytest.mark.parametrize(("given", "left"), [THOUGHTS[0], THOUGHTS[2], THOUGHTS[8]])
def test_no_thought_is_shown_while_it_streams(smile, given, left):
    letters = [{"content": letter} for letter in given]
    with serving(stream_of(*letters)) as server:
        pieces, draft = ask(server, smile, streaming=True)
    assert draft.text == left and "".join(pieces).strip() == left
    assert visible_so_far("Good. <thi") == "Good. "


def test_thoughts_before_json(smile):
    body = json.dumps({"sentences": [{"text": TEXT, "aus": [12]}]})
    thought = '<think>{"sentences": [{"text": "No.", "aus": []}]}</think>'
    for streaming in (False, True):
        reply = streams(thought, body) if streaming else says(thought + body)
        with serving(reply) as server:
            pieces, draft = ask(server, smile, streaming=streaming, kind="strict")
        assert draft.text == TEXT and draft.declared_aus == ((TEXT, (12,)),)
        assert "No." not in "".join(pieces)


@pytest.mark.parametrize("streaming", [False, True])
def test_fields_of_reasoning_are_not_read(smile, streaming):
    extra = {"reasoning_content": "The brows.", "reasoning": "The nose."}
    reply = choice(TEXT, **extra)
    if streaming:
        reply = stream_of({"content": None, **extra}, {"content": TEXT}, {"content": ""})
    with serving(reply) as server:
        assert ask(server, smile, streaming=streaming)[1].text == TEXT


@pytest.mark.parametrize("streaming", [False, True])
def test_content_in_parts(smile, streaming):
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]
    parts += [{"type": "text", "text": TEXT[:9]}, {"type": "output_text", "text": TEXT[9:]}]
    reply = stream_of({"content": parts}) if streaming else choice(parts)
    with serving(reply) as server:
        assert ask(server, smile, streaming=streaming)[1].text == TEXT


def refusing(**refusals):
    """A server that refuses what it is told to, in the words given."""

    def reply(handler):
        body = json.loads(handler.server.asked[-1][2])
        roles = [message["role"] for message in body["messages"]]
        for name, (words, param) in refusals.items():
            if name in body or name in roles:
                error = {"message": f"{words} {KEY}", "param": param, "code": None}
                return as_json(400, {"error": error})(handler)
        return says()(handler)

    return reply


@pytest.mark.parametrize(
    ("refusals", "options", "note"),
    [
        (
            {"temperature": ("Unsupported value: does not support 0", "temperature")},
            {},
            "refused temperature; it was asked without temperature.",
        ),
        (
            {"temperature": ("'temperature' is not supported with this model", None)},
            {},
            "refused temperature; it was asked without temperature.",
        ),
        (
            {"seed": ("Unrecognized request argument supplied: seed", None)},
            {"seed": 3},
            "refused seed; it was asked without seed.",
        ),
        (
            {"system": ("System role not supported", None)},
            {},
            "refused the system role; it was asked with that text in front of the question.",
        ),
        (
            {"max_tokens": ("'max_tokens' is not supported; use 'max_completion_tokens'", "x")},
            {"model_options": {"max_tokens": 800}},
            "refused max_tokens; it was asked again with max_completion_tokens.",
        ),
        (
            {"top_k": ("extra inputs are not permitted: top_k", None)},
            {"model_options": {"top_k": 4}},
            "refused top_k; it was asked without top_k.",
        ),
        (
            {"temperature": ("no", "temperature"), "seed": ("no", "seed")},
            {"seed": 3},
            "refused temperature and seed; it was asked without temperature and without seed.",
        ),
    ],
)
def test_what_is_refused_is_left_out_and_named(smile, tmp_path, refusals, options, note):
    with serving(refusing(**refusals)) as server:
        writer = OpenAIWriter(base_url=server.url, api_key=KEY, cache=tmp_path, **options)
        with pytest.warns(UserWarning, match="refused"):
            first = explain(smile, writer)
        count = len(server.asked)
        assert count == len(refusals) + 1
        with pytest.warns(UserWarning, match="refused"):
            cached = explain(smile, writer)
        assert writer.write(smile, build_prompt(smile, TextRequest("full"))).text == TEXT
    assert len(server.asked) == count + 1  # what was refused once is not sent again
    last = server.bodies[-1]
    assert not refusals.keys() & {*last, *(message["role"] for message in last["messages"])}
    assert first.writer == "openai" and first.text == TEXT and cached.draft.cached
    for one in (first, cached):
        assert one.note.startswith("The language model's server at 127.0.0.1:")
        assert one.note.endswith(note) and KEY not in one.note


def test_the_system_text_stays_in_the_question(smile):
    prompt = build_prompt(smile)
    with serving(says()) as server:
        ask(server, smile, system=False)
    (message,) = server.bodies[0]["messages"]
    assert message == {"role": "user", "content": f"{prompt.system}\n\n{prompt.user}"}


def test_model_options_are_sent_and_stand_before_the_writers_own(smile):
    with serving(says()) as server:
        given = {"max_tokens": 800, "reasoning": {"effort": "low"}, "temperature": 1}
        ask(server, smile, model_options=given)
    body = server.bodies[0]
    assert {name: body[name] for name in given} == given


@pytest.mark.parametrize("given", [{"messages": []}, {"model": "x"}, {"stream": True}, {"n": 2}])
def test_model_options_do_not_replace_the_question(given):
    with pytest.raises(WriterError, match="is filled in by the writer"):
        load_writer("openai", base_url="http://localhost:1", model_options=given)


def test_model_options_are_json_and_not_the_offline_writers():
    for given in ({"x": object()}, {"x": float("nan")}, 3):
        with pytest.raises(WriterError, match="no JSON object"):
            load_writer("openai", base_url="http://localhost:1", model_options=given)
    with pytest.raises(WriterError, match="no option system, model_options"):
        load_writer("offline", system=False, model_options={"x": 1})


def test_another_option_is_another_question(smile, tmp_path):
    with serving(says()) as server:
        for options in ({}, {"system": False}, {"model_options": {"max_tokens": 9}}, {}):
            ask(server, smile, cache=tmp_path, **options)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "words", "code", "said"),
    [
        (400, "This model's maximum context length is 8192 tokens.", None, "context window"),
        (400, "no", "context_length_exceeded", "context window"),
        (413, "prompt is too long: 9000 tokens", None, "context window"),
        (400, "Invalid model: tiny", None, 'knows no model "gpt-4o"'),
        (422, "The model `tiny` does not exist", None, 'knows no model "gpt-4o"'),
        (400, "no", "model_not_found", 'knows no model "gpt-4o"'),
    ],
)
@pytest.mark.parametrize("kind", ["paper", "strict"])
def test_errors_with_a_sentence_of_their_own(smile, status, words, code, said, kind):
    """They are no refusal of a part: the strict prompt's form stays, and nothing is asked again."""
    reply = fault(status, f"{words} {KEY}", code)
    with serving(reply) as server, pytest.raises(WriterError, match=said) as caught:
        ask(server, smile, kind=kind)
    assert len(server.asked) == 1 and KEY not in str(caught.value)


def test_an_error_in_mid_stream(smile):
    def play(handler):
        handler.start(200, {"Content-Type": "text/event-stream"})
        handler.wfile.write(b'data: {"choices": [{"index": 0, "delta": {"content": "I "}}]}\n\n')
        handler.wfile.write(b'data: {"error": {"message": "overloaded", "code": 503}}\n\n')

    with serving(play) as server, pytest.raises(WriterError, match="error in mid-answer"):
        ask(server, smile, streaming=True)


@pytest.mark.parametrize("streaming", [False, True])
def test_a_page_to_sign_in_is_no_answer(smile, streaming):
    page = raw(200, b"<html>sign in</html>", "text/html; charset=utf-8")
    with serving(page) as server, pytest.raises(WriterError, match="cannot be read; check that it"):
        ask(server, smile, streaming=streaming)


@pytest.mark.parametrize("end", ["", "/", "/chat/completions"])
def test_an_azure_address(smile, end):
    with serving(says()) as server:
        root = server.url.removesuffix("/v1")
        url = f"{root}/openai/deployments/mine{end}?api-version=2024-10-21"
        writer = OpenAIWriter(base_url=url, api_key=KEY)
        assert writer.write(smile, build_prompt(smile)).text == TEXT
    ((path, headers, _),) = server.asked
    assert path == "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
    assert headers["api-key"] == KEY
    assert KEY not in repr(writer)


def test_the_key_goes_into_no_other_header_of_other_servers(smile):
    with serving(says()) as server:
        ask(server, smile)
    assert "api-key" not in server.asked[0][1]


def test_azures_key_is_not_carried_to_where_it_redirects(smile):
    with serving(says()) as other:
        away = raw(307, b"", Location=f"{other.url}/chat/completions".replace("127.0.0.1", "[::1]"))
        with serving(away) as server:
            url = f"{server.url}?api-version=1"
            with pytest.raises(WriterError):
                OpenAIWriter(base_url=url, api_key=KEY).write(smile, build_prompt(smile))
    assert not other.asked


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h", "nonsense"])
@pytest.mark.parametrize("name", ["ALL_PROXY", "http_proxy", "HTTPS_PROXY"])
def test_an_address_on_this_machine_goes_through_no_proxy(smile, monkeypatch, name, scheme):
    for other in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, f"{scheme}://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere.pem")
    with serving(says()) as server:
        assert ask(server, smile)[1].text == TEXT


def test_another_address_goes_through_the_proxy(smile, monkeypatch):
    """A proxy of plain HTTP is asked for the whole address."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []

    def serve_once():
        connection, _ = listener.accept()
        with connection:
            seen.append(connection.recv(65536))
            body = json.dumps(answer()).encode()
            head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    thread = Thread(target=serve_once, daemon=True)
    thread.start()
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    writer = OpenAIWriter(base_url="http://model.example.org/v1", api_key=KEY, timeout=5.0)
    assert writer.write(smile, build_prompt(smile)).text == TEXT
    thread.join(5)
    listener.close()
    assert seen[0].startswith(b"POST http://model.example.org/v1/chat/completions")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALL_PROXY", "socks5://me:word@127.0.0.1:9", "names in ALL_PROXY has the scheme socks5"),
        ("https_proxy", "socks4://127.0.0.1:9", "names in https_proxy has the scheme socks4"),
        ("HTTPS_PROXY", "ftp://127.0.0.1:9", "names in HTTPS_PROXY has the scheme ftp"),
        ("SSL_CERT_FILE", "nowhere/ca.pem", "names in SSL_CERT_FILE cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_are_one_sentence_and_the_offline_text(
    smile, monkeypatch, name, value, said
):
    monkeypatch.setitem(sys.modules, "socksio", None)  # with it the scheme socks5 could be used
    for other in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(other, raising=False)
        monkeypatch.delenv(other.lower(), raising=False)
    monkeypatch.setenv(name, value)
    writer = OpenAIWriter(base_url="https://model.example.org/v1", api_key=KEY)
    with pytest.warns(UserWarning, match=said):
        told = explain(smile, writer)
    assert told.writer == "offline" and told.text
    assert "word" not in told.note and value not in told.note and "\n" not in told.note


def test_a_certificate_file_that_is_none(smile, monkeypatch, tmp_path):
    (tmp_path / "ca.pem").write_text("not a certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    writer = OpenAIWriter(base_url="https://model.example.org/v1", api_key=KEY)
    with pytest.raises(WriterError, match="SSL_CERT_FILE cannot be read"):
        writer.write(smile, build_prompt(smile))
