"""Who is let in, what is refused and how, and in which order frames are answered."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from service_parts import TOKEN
from starlette.testclient import WebSocketDenialResponse
from waiting import LONG, patiently

from xfera_nb.service import RateLimit, frames

WS = "ws://127.0.0.1:8867"  # the test client has another host for these
OTHER_HOST = re.compile(r"(?:src|href|url)\s*[=(:]\s*[\"']?(?:https?:)?//", re.I)


def test_a_picture_is_explained_with_its_target_and_language(connect, stand_in):
    answer = connect().post("/explain?target=fear&language=de", content=b"a picture")
    assert answer.status_code == 200
    assert answer.json()["speech"] == "A text." and answer.json()["more"] == 1
    assert stand_in.asked == [(b"a picture", "fear", "de")]


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "ü"])
def test_without_the_token_nothing_is_explained(connect, stand_in, token):
    client = connect(token=None)
    headers = {"Authorization": f"Bearer {token}".encode()} if token else {}
    answer = client.post("/explain", content=b"a picture", headers=headers)
    assert answer.status_code == 401
    assert "xfera serve printed" in answer.json()["error"]
    assert answer.headers["www-authenticate"] == "Bearer"
    # A token in the address would stand in logs.
    assert client.post(f"/explain?token={TOKEN}", content=b"a picture").status_code == 401
    assert stand_in.asked == []


@pytest.mark.parametrize("length", [11, 40, 4000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_picture(connect, stand_in, length, chunked):
    def pieces():
        for _ in range(length):
            yield b"x"

    client = connect(size=10)
    content = pieces() if chunked else b"x" * length
    answer = client.post("/explain", content=content)
    assert answer.status_code == 413
    assert "MiB; send a smaller one." in answer.json()["error"]
    assert stand_in.asked == []
    assert client.post("/explain", content=b"x" * 10).status_code == 200


@pytest.mark.parametrize("picture", [b"broken", b"huge"])
def test_what_cannot_be_explained(connect, picture):
    answer = connect().post("/explain", content=picture)
    assert answer.status_code == 422
    assert re.fullmatch(r"[A-Z].*; (save it again|send a smaller one)\.", answer.json()["error"])


def test_a_form_is_refused_with_what_to_send(connect):
    answer = connect().post("/explain", files={"photo": b"a picture"})
    assert answer.status_code == 415
    assert "itself as the body" in answer.json()["error"]


def test_an_unknown_language(connect, stand_in):
    answer = connect().post("/explain?language=dee", content=b"a picture")
    assert answer.status_code == 422
    assert "did you mean 'de'" in answer.json()["error"]
    assert stand_in.asked == []


def test_more_than_the_rate(connect, stand_in):
    client = connect(rate=2)
    codes = [client.post("/explain", content=b"a picture").status_code for _ in range(4)]
    assert codes == [200, 200, 429, 429]
    answer = client.post("/explain", content=b"a picture")
    assert 1 <= int(answer.headers["retry-after"]) <= 30
    assert "2 requests a minute" in answer.json()["error"]
    assert client.get("/health").status_code == 200
    assert len(stand_in.asked) == 2


def test_the_rate_comes_back_with_time():
    now = [0.0]
    limit = RateLimit(60, lambda: now[0])
    assert [limit.take() for _ in range(60)] == [0.0] * 60
    assert limit.take() == 1.0
    now[0] = 2.0
    assert [limit.take(), limit.take()] == [0.0, 0.0]
    assert limit.take() == 1.0
    now[0] = 10_000.0
    assert [limit.take() for _ in range(61)] == [0.0] * 60 + [1.0]


def test_more_than_the_queue_holds(connect, stand_in):
    client = connect(queue=2)
    stand_in.go.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.post, "/explain", content=b"first")
        assert stand_in.started.wait(LONG)
        second = pool.submit(client.post, "/explain", content=b"second")
        patiently(lambda: client.get("/health").json()["waiting"] == 2)
        third = client.post("/explain", content=b"third")
        assert third.status_code == 503 and third.headers["retry-after"] == "1"
        assert "2 photos in its queue already" in third.json()["error"]
        stand_in.go.set()
        assert [first.result(LONG).status_code, second.result(LONG).status_code] == [200, 200]
    assert [asked[0] for asked in stand_in.asked] == [b"first", b"second"]
    assert client.get("/health").json()["waiting"] == 0


def test_health_tells_the_models_and_needs_no_token(connect):
    found = connect(token=None).get("/health").json()
    assert (found["status"], found["classifier"]) == ("ok", "a classifier")


def test_the_page_about_the_interface_loads_nothing_from_another_host(connect):
    client = connect(token=None)
    page = client.get("/docs")
    assert page.status_code == 200
    own = re.findall(r"(?:src|href)=\"(/[^\"]+)\"", page.text)
    assert len(own) == 3 and not OTHER_HOST.search(page.text)
    for path in own:
        assert client.get(path).status_code == 200
    assert OTHER_HOST.search('<script src="https://cdn.example/a.js">')
    paths = client.get("/openapi.json").json()["paths"]
    assert {*paths} == {"/health", "/explain"}
    assert {"401", "413", "422", "429", "503"} <= {*paths["/explain"]["post"]["responses"]}


def test_pages_of_other_hosts_cannot_use_it(connect):
    client = connect()
    # A name that another host lets point to this machine.
    assert client.get("/health", headers={"Host": "evil.example"}).status_code == 400
    answer = client.get("/health", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_other_errors_are_sentences_too(connect):
    client = connect()
    assert client.get("/nothing").json() == {"error": "Not Found"}
    assert client.get("/explain").status_code == 405


def test_the_newest_frame_is_answered_next(connect, stand_in, monkeypatch):
    arrived, put = [], frames.Newest.put
    monkeypatch.setattr(
        frames.Newest, "put", lambda self, frame: (put(self, frame), arrived.append(frame))
    )
    with connect().websocket_connect(f"{WS}/stream?language=it") as socket:
        stand_in.go.clear()
        socket.send_bytes(b"0")
        assert stand_in.started.wait(LONG)
        for number in (1, 2, 3):
            socket.send_bytes(str(number).encode())
        patiently(lambda: len(arrived) == 4)
        stand_in.go.set()
        assert socket.receive_json() == {"frame": 0, "skipped": 2, "picture": "0"}
        last = socket.receive_json()
    assert last == {"frame": 3, "skipped": 2, "picture": "3"}
    assert [asked[0] for asked in stand_in.asked] == [b"0", b"3"]
    assert {asked[2] for asked in stand_in.asked} == {"it"}


def test_a_bad_frame_is_an_answer_and_the_stream_goes_on(connect):
    with connect(size=10).websocket_connect(f"{WS}/stream") as socket:
        for frame, part in ((b"broken", "is damaged"), (b"huge", "memory"), (b"x" * 11, "MiB")):
            socket.send_bytes(frame)
            assert part in socket.receive_json()["error"]
        socket.send_text("a text")
        assert "binary message" in socket.receive_json()["error"]
        socket.send_bytes(b"good")
        assert socket.receive_json() == {"frame": 4, "skipped": 0, "picture": "good"}


def test_a_stream_needs_the_token(connect, stand_in):
    client = connect(token=None)
    for address in (f"{WS}/stream", f"{WS}/stream?token=wrong"):
        with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(address):
            pass
        assert refused.value.status_code == 401
        assert "xfera serve printed" in refused.value.json()["error"]
    with client.websocket_connect(f"{WS}/stream?token={TOKEN}") as socket:
        socket.send_bytes(b"a")
        assert socket.receive_json()["picture"] == "a"


def test_more_streams_than_allowed(connect):
    client = connect(streams=1)
    with client.websocket_connect(f"{WS}/stream") as first:
        second = client.websocket_connect(f"{WS}/stream")
        with pytest.raises(WebSocketDenialResponse) as refused, second:
            pass
        assert refused.value.status_code == 503
        first.send_bytes(b"a")
        first.receive_json()
    with client.websocket_connect(f"{WS}/stream") as again:
        again.send_bytes(b"b")
        assert again.receive_json()["picture"] == "b"
