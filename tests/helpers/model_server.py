"""A language model's server on the loopback address that plays what a test tells it to.

A reply is one of the functions below, or what they return: a callable that takes the handler and
answers on it. `serving` gives them in turn, the last one again and again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from waiting import LONG

TEXT = "The lip corners are pulled and the left cheek is lifted."
USAGE = {"prompt_tokens": 120, "completion_tokens": 15, "total_tokens": 135}
MODEL = "a-model-2026"


class ModelServer(ThreadingHTTPServer):
    """Plays its replies; keeps what it was asked as (path, headers, JSON body, raw body)."""

    daemon_threads = True

    def __init__(self, replies):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies, self.asked, self.let_go = list(replies), [], threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def bodies(self):
        """What was asked, as JSON."""
        return [json.loads(body) for _, _, body in self.asked]

    def handle_error(self, request, client_address):
        """Clients hang up here on purpose; nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        server = self.server
        server.asked.append((self.path, headers, body))
        reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
        self.close_connection = True
        reply(self)

    def send(self, status, headers, content):
        self.start(status, headers, {"Content-Length": str(len(content))})
        self.wfile.write(content)

    def start(self, status, headers, more=None):
        self.send_response(status)
        for name, value in {**headers, **(more or {}), "Connection": "close"}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, *_):
        """Quiet."""


@contextmanager
def serving(*replies: Callable) -> Iterator[ModelServer]:
    """A running server."""
    server = ModelServer(replies)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def answer(text=TEXT, **rest):
    """The body of a whole answer."""
    message = {"role": "assistant", "content": text}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": USAGE,
    } | rest


def raw(status, content, mime="application/json", **headers):
    """Any bytes."""
    return lambda handler: handler.send(status, {"Content-Type": mime, **headers}, content)


def as_json(status, body, **headers):
    """A JSON body."""
    return raw(status, json.dumps(body).encode(), **headers)


def says(text=TEXT, **rest):
    """An answer of the model."""
    return as_json(200, answer(text, **rest))


def fault(status, message="no", code=None, **headers):
    """An error as OpenAI's server words it."""
    return as_json(status, {"error": {"message": message, "code": code}}, **headers)


def streams(*texts, ended=True, after_first=None, usage=None, model="tiny"):
    """An answer in pieces; after the first one it waits until the event `after_first` is set."""

    def event(**rest):
        head = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": model}
        return f"data: {json.dumps(head | rest)}\n\n".encode()

    def play(handler):
        handler.start(200, {"Content-Type": "text/event-stream"})
        for number, text in enumerate(texts):
            if number == 1 and after_first is not None:
                after_first.wait(LONG)
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
            handler.wfile.write(event(choices=[choice]))
            handler.wfile.flush()
        if ended:
            last = {"index": 0, "delta": {}, "finish_reason": "stop"}
            handler.wfile.write(event(choices=[last]))
            if usage is not None:
                handler.wfile.write(event(choices=[], usage=usage))
            handler.wfile.write(b"data: [DONE]\n\n")

    return play


def slow(handler):
    """Nothing, until the test is over."""
    handler.server.let_go.wait(LONG)


def slow_middle(handler):
    """The beginning of a stream, and then nothing."""
    streams("The lip ", ended=False)(handler)
    handler.server.let_go.wait(LONG)


def cut(handler):
    """The beginning of an answer, and then the connection ends."""
    handler.start(200, {"Content-Type": "application/json"}, {"Content-Length": "5000"})
    handler.wfile.write(b'{"choices": [')


def cut_stream(handler):
    """The beginning of a stream, and then the connection ends in mid-chunk."""
    head = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
    handler.start(200, head)
    event = {"choices": [{"index": 0, "delta": {"content": "The lip "}}]}
    data = f"data: {json.dumps(event)}\n\n".encode()
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n5000\r\ndata")
    handler.wfile.flush()


def drain(stream):
    """The pieces of a stream and what it returns."""
    pieces = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as stop:
            return pieces, stop.value
