"""The OpenAI-compatible writer against a real HTTP server on the loopback address."""

from __future__ import annotations

import json
import sys
import threading
import traceback
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from xfera_nb.errors import WriterError
from xfera_nb.explanation import (
    OfflineWriter,
    OpenAIWriter,
    Writer,
    build_prompt,
    explain,
    load_writer,
)
from xfera_nb.explanation.writers import openai_writer

KEY = "sk-very-secret-0123456789"
TEXT = "The lip corners are pulled and the left cheek is lifted."


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "XFERA_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setattr(openai_writer, "FIRST_PAUSE", 0.01)


def answer(text=TEXT, **rest):
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "a-model-2026",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {"prompt_tokens": 120, "completion_tokens": 15, "total_tokens": 135},
    } | rest


def as_json(status, body, **headers):
    return status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode()


def fault(status, message="no", code=None, **headers):
    return as_json(status, {"error": {"message": message, "code": code}}, **headers)


def pieces(*texts, ended=True):
    events = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    if ended:
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return 200, {"Content-Type": "text/event-stream"}, f"{body}data: [DONE]\n\n".encode()


class Server(ThreadingHTTPServer):
    """Gives its replies in turn, the last one again and again; keeps what it was asked."""

    daemon_threads = True

    def __init__(self, replies):
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies, self.asked, self.let_go = list(replies), [], threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request, client_address):
        """Clients hang up here on purpose; nothing to tell."""


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.asked.append((self.path, headers, body))
        reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
        if reply == "slow":
            server.let_go.wait(5)
            return
        if reply == "cut":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b'{"choices": [')
            return
        status, headers, content = reply
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Quiet."""


@contextmanager
def serving(*replies):
    server = Server(replies)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


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
    with serving(as_json(200, answer(f"  {TEXT}\n"))) as server:
        draft = write(server, smile)
    assert (draft.text, draft.writer, draft.model) == (TEXT, "openai", "a-model-2026")
    assert (draft.prompt_tokens, draft.completion_tokens) == (120, 15)
    assert 0 < draft.seconds < 5


def test_the_request_holds_the_two_texts_and_no_image(smile):
    with serving(as_json(200, answer())) as server:
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
    with serving(as_json(200, answer())) as server:
        write(server, smile, temperature=None)
    assert set(json.loads(server.asked[0][2])) == {"model", "messages", "stream"}


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (fault(401, f"Incorrect API key provided: {KEY}"), "refused the API key"),
        (fault(403, f"{KEY} may not"), 'does not let this API key use the model "gpt-4o"'),
        (fault(404, "model not found"), 'knows no model "gpt-4o"; choose another'),
        (fault(400, f"bad temperature {KEY}"), "refused the request (HTTP 400)"),
        (fault(429, "pay", "insufficient_quota"), "this account's quota is used up"),
        ((200, {"Content-Type": "application/json"}, b'{"choices": [{'), "cannot be read"),
        ((200, {"Content-Type": "text/html"}, b"<html>hello</html>"), "cannot be read"),
        (as_json(200, ["a", "list"]), "cannot be read"),
        (as_json(200, answer(choices=[])), "cannot be read"),
        (as_json(200, answer(choices={"0": 1})), "cannot be read"),
        (as_json(200, answer(choices=None)), "cannot be read"),
        (as_json(200, answer(choices=["text"])), "cannot be read"),
        (as_json(200, answer(text=[{"type": "text"}])), "cannot be read"),
        (as_json(200, answer(text=None)), "empty answer"),
        (as_json(200, answer(text=" \n ")), "empty answer"),
    ],
)
def test_a_fault_is_one_clear_sentence_and_not_tried_again(smile, reply, told):
    with serving(reply) as server:
        assert told in failure(server, smile)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (fault(500), "failed (HTTP 500); try again later"),
        (fault(503), "failed (HTTP 503)"),
        (fault(429), "takes no more requests for now"),
        ("cut", "broke off the connection"),
    ],
)
def test_what_may_pass_is_tried_three_times(smile, reply, told):
    with serving(reply) as server:
        assert told in failure(server, smile)
    assert len(server.asked) == 3


@pytest.mark.parametrize("first", [fault(429, Retry_After="0"), fault(500), "cut"])
def test_a_fault_that_passes(smile, first):
    with serving(first, as_json(200, answer())) as server:
        assert write(server, smile).text == TEXT
    assert len(server.asked) == 2


def test_the_pause_is_bounded_whatever_the_server_asks(smile, monkeypatch):
    pauses = []
    monkeypatch.setattr(openai_writer.time, "sleep", pauses.append)
    with serving(fault(429, Retry_After="3600")) as server:
        failure(server, smile)
    assert pauses == [openai_writer.LONGEST_PAUSE] * 2
    pauses.clear()
    with serving(fault(500)) as server:
        failure(server, smile)
    assert pauses == [0.01, 0.02]


def test_a_slow_server_is_given_up_once(smile):
    with serving("slow") as server:
        assert "did not answer within 0.3 s" in failure(server, smile, timeout=0.3)
        assert len(server.asked) == 1


def test_no_server(smile):
    with serving("slow") as server:
        pass
    assert "cannot be reached" in failure(server, smile)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "many"}, 3])
def test_tokens_that_a_server_does_not_count_are_unknown(smile, usage):
    with serving(as_json(200, answer(usage=usage))) as server:
        draft = write(server, smile)
    assert (draft.prompt_tokens, draft.completion_tokens) == (None, None)


def test_an_answer_that_invents_is_caught(smile):
    invented = "The wrinkled nose and the lifted cheeks <script>alert(1)</script>."
    with serving(as_json(200, answer(invented))) as server:
        told = explain(smile, OpenAIWriter(base_url=server.url, model="m"))
    assert told.text == invented
    assert told.check.unsupported == (9,)
    assert "Written by a-model-2026" in str(told)
    assert "not found on this face: AU09" in str(told)


def test_stream(smile):
    with serving(pieces("The lip ", "", "corners.")) as server:
        writer = OpenAIWriter(base_url=server.url)
        assert list(writer.stream(smile, build_prompt(smile))) == ["The lip ", "corners."]
    assert json.loads(server.asked[0][2])["stream"] is True


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (pieces("The lip ", ended=False), "broke off in mid-answer"),
        (pieces(), "empty answer"),
        ((200, {"Content-Type": "text/event-stream"}, b"data: {oh\n\n"), "cannot be read"),
        (fault(401), "refused the API key"),
        ("cut", "broke off"),
    ],
)
def test_stream_that_fails(smile, reply, told):
    with serving(reply) as server, pytest.raises(WriterError, match=told) as caught:
        list(OpenAIWriter(base_url=server.url, api_key=KEY).stream(smile, build_prompt(smile)))
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_a_local_server_needs_no_key(smile):
    with serving(as_json(200, answer())) as server:
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


def test_load_writer_that_is_not_there():
    with pytest.raises(WriterError, match="choose one of offline, openai"):
        load_writer("poet")
    with pytest.raises(WriterError, match="does not take the options model"):
        load_writer("offline", model="m")
