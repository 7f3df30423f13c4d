"""``xfera explain --writer vision``: nothing is sent unless allowed, and who saw the picture."""

from __future__ import annotations

import json

import pytest
from model_server import MODEL, fault, says, serving

pytestmark = pytest.mark.slow
SCRIPT = "<script>alert(1)</script>"
OPINION = {
    "emotion": "fear", "confidence": 0.7,
    "sentences": [{"text": f"The brows are raised \x1b[31m{SCRIPT}.", "aus": [1, 2]}],
}  # fmt: skip
ANSWER = says(json.dumps(OPINION))
SIGNS = (b"data:image", b"base64", b"/9j/", b"image_url")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    from openai import _base_client

    monkeypatch.setattr(_base_client, "INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--writer", "vision"), "add --send-image to allow that"),
        (("--writer", "openai", "--send-image"), "--send-image needs --writer vision"),
        (("--send-image",), "--send-image needs --writer vision"),
        (("--writer", "vision", "--send-image", "--prompt", "full"), "a question of its own"),
    ],
)
def test_without_permission_no_byte_is_sent(xfera, sample, options, sentence):
    with serving(ANSWER) as server:
        server_options = ("--base-url", server.url) if "--writer" in options else ()
        code, _, err = xfera("explain", sample, *options, *server_options)
        assert code == 2 and sentence in err and "Traceback" not in err
        assert server.asked == []


def test_another_writer_sends_no_picture(xfera, sample):
    with serving(says()) as server:
        assert xfera("explain", sample, "--writer", "openai", "--base-url", server.url)[0] == 0
        assert len(server.asked) == 1
        assert not any(sign in body for _, _, body in server.asked for sign in SIGNS)


def test_the_outputs_say_who_saw_the_picture(xfera, sample, tmp_path):
    page, handout = tmp_path / "page.html", tmp_path / "handout.html"
    with serving(ANSWER) as server:
        given = ("--writer", "vision", "--send-image", "--base-url", server.url)
        code, out, err = xfera(
            "explain", sample, *given, "--html", page, "--handout", handout
        )
        assert (code, err) == (0, "") and len(server.asked) == 1
        assert all(sign in server.asked[0][2] for sign in SIGNS)
        host = server.url[7:-3]
        code, record, _ = xfera("explain", sample, *given, "--json")
    said = f"the picture was sent to {MODEL} at {host}"
    flat = " ".join(out.split())
    assert said in flat and "Second opinion: fear, 70%" in flat and "Agreement: " in flat
    assert "\x1b" not in out
    found = json.loads(record)
    assert found["picture_sent_to"] == host
    assert found["second_opinion"]["emotion"] == "fear"
    assert {one["au"] for one in found["second_opinion"]["movements"]} == {"AU01", "AU02"}
    html = page.read_text()
    assert said in html and "Second opinion of" in html and SCRIPT not in html
    assert f"The picture was sent to {MODEL} at {host}." in handout.read_text()
    assert SCRIPT not in handout.read_text()


def test_a_failure_says_that_the_picture_may_have_been_sent(xfera, sample):
    with serving(fault(500)) as server:
        given = ("--writer", "vision", "--send-image", "--base-url", server.url)
        code, out, err = xfera("explain", sample, *given)
    assert code == 0 and "The picture may have been sent to 127.0.0.1" in err
    assert "the offline writer's" in err
