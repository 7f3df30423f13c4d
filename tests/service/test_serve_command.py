"""``xfera serve`` as a process: its token, its answers, the documented client, load and its end."""

from __future__ import annotations

import json
import os
import re
import runpy
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from doc_pages import FENCE
from PIL import Image
from processes import end_family, free_port, wait_until_served
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

import xfera_nb as xf
from xfera_nb.cli import main, serve

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "samples" / "C01HA.jpg"


def start(folder, *options, **variables):
    port, log = free_port(), folder / "serve.log"
    command = [sys.executable, "-m", "xfera_nb.cli", "serve", "--port", str(port), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    with log.open("w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, env=environment,
            # Where these tests run in the background of a script, SIGINT would be ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
    wait_until_served(process, f"http://127.0.0.1:{port}/health", log)
    return process, port, log


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Address, token and log of a running service."""
    process, port, log = start(tmp_path_factory.mktemp("serve"))
    token = re.search(r"with the token ([0-9a-f]{48}) \(", log.read_text())[1]
    assert token not in " ".join(process.args)
    yield f"http://127.0.0.1:{port}", token, log
    end_family(process)


@pytest.fixture(scope="module")
def documented():
    """The names that the code of the page defines."""
    scope = {}
    page = (ROOT / "docs" / "howto" / "serve.md").read_text("utf-8")
    for language, code in FENCE.findall(page):
        assert language == "python"
        exec(compile(code, "serve.md", "exec"), scope)
        scope.setdefault("client_lines", len(code.strip().splitlines()))
    return scope


@pytest.fixture
def client(documented, service):
    return documented["Client"](service[1], service[0])


def picture(folder, pixels, name="a.png"):
    Image.fromarray(pixels).save(folder / name)
    return (folder / name).read_bytes()


def test_the_client_has_thirty_lines_and_gets_what_the_command_prints(client, documented, capsys):
    assert documented["client_lines"] <= 30
    found = client.explain(SAMPLE.read_bytes())
    assert main(["explain", str(SAMPLE), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    said = {name: found.pop(name) for name in ("speech", "ask", "about")}
    assert found.keys() == printed.keys()
    for name in ("predicted", "matching", "missing", "explanation", "face", "params"):
        assert found[name] == printed[name], name
    assert found["probabilities"] == pytest.approx(printed["probabilities"], abs=1e-4)
    assert said["speech"].startswith("This expression looks to me like happiness")
    assert said["ask"] is None and "not what the person feels" in said["about"]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: SAMPLE.read_bytes()[:3000], "damaged|cannot be read|truncated"),
        (lambda folder: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "read|damaged"),
        (lambda folder: b"", "is empty"),
        (lambda folder: picture(folder, np.zeros((300, 300, 3), np.uint8)), "[Nn]o face"),
    ],
)
def test_what_is_no_face_is_a_sentence(client, tmp_path, make, sentence):
    with pytest.raises(RuntimeError, match=sentence) as error:
        client.explain(make(tmp_path))
    assert "Traceback" not in str(error.value)


def test_a_picture_of_more_than_the_limit(client):
    with pytest.raises(RuntimeError, match="more than 20 MiB; send a smaller one"):
        client.explain(bytes(21 * 2**20))
    assert client.explain(SAMPLE.read_bytes())["predicted"] == "happiness"


def test_the_wrong_token(documented, service):
    with pytest.raises(RuntimeError, match="The token is missing or wrong"):
        documented["Client"]("f" * 48, service[0]).explain(SAMPLE.read_bytes())


def test_a_robot_asks_back_where_the_model_is_not_certain(documented):
    class Unsure:
        def __init__(self, ask):
            self.found = {"speech": "It may be fear.", "ask": ask, "predicted": "fear"}

        def explain(self, *_):
            return self.found

    class Blind:
        def explain(self, *_):
            raise RuntimeError("No face was found.")

    said, greet = [], documented["greet"]
    assert greet(Unsure("What would you call it?"), b"", said.append, lambda: "joy") == "joy"
    assert said == ["It may be fear.", "What would you call it?"]
    assert greet(Unsure("What?"), b"", said.append, lambda: "") is None
    assert greet(Unsure(None), b"", said.append, None) == "fear"
    said.clear()
    assert greet(Blind(), b"", said.append, None) is None and said == []


def test_the_documented_stream(documented, service):
    said = []
    frames = [SAMPLE.read_bytes(), b"noise", SAMPLE.read_bytes()]
    documented["watch"](service[1], frames, said.append, service[0].replace("http", "ws"))
    assert len(said) == 1 and "happiness" in said[0]


def test_a_frame_tells_units_and_texts_in_short(service):
    address = f"{service[0].replace('http', 'ws')}/stream?token={service[1]}&language=de"
    with connect(address) as socket:
        socket.send(SAMPLE.read_bytes())
        found = json.loads(socket.recv(timeout=60))
        with pytest.raises(ConnectionClosed):
            socket.send(bytes(21 * 2**20))
            socket.recv(timeout=60)
    result = xf.explain(SAMPLE, language="de", occlusion=False)
    assert found["predicted"] == result.predicted and "Freude" in found["speech"]
    assert found["attended"] == [unit.name for unit in result.action_units if unit.active]
    for unit in result.action_units:
        assert found["action_units"][unit.name] == pytest.approx(unit.intensity, abs=1e-3)
    assert found["seconds"] > 0 and found["frame"] == found["skipped"] == 0


def test_the_log_holds_no_address_and_no_traceback(service):
    log = service[2].read_text()
    assert "stream" not in log and "Traceback" not in log
    assert log.count(service[1]) == 1


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_it_ends_at_once_also_with_an_open_stream(tmp_path, number, code):
    token = "a-token-of-one's-own"
    process, port, log = start(tmp_path, XFERA_TOKEN=token)
    try:
        assert token not in log.read_text()
        with connect(f"ws://127.0.0.1:{port}/stream?token={token}") as socket:
            socket.send(SAMPLE.read_bytes())
            assert "predicted" in json.loads(socket.recv(timeout=60))
            process.send_signal(number)
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=60)
        assert process.wait(60) == code
        assert "Traceback" not in log.read_text()
        with pytest.raises(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
    finally:
        end_family(process)


def test_a_port_in_use_and_a_short_token(monkeypatch, service, capsys):
    port = service[0].rpartition(":")[2]
    assert main(["serve", "--port", port]) == 2
    assert "choose another with --port" in capsys.readouterr().err
    monkeypatch.setenv(serve.VARIABLE, "short")
    assert main(["serve"]) == 2
    assert "at least 16 ASCII characters" in capsys.readouterr().err


def test_without_the_extra(monkeypatch, capsys):
    from xfera_nb.service import server

    monkeypatch.setattr(server.importlib.util, "find_spec", lambda name: None)
    assert main(["serve"]) == 2
    assert "pip install 'xfera-nb[serve]'" in capsys.readouterr().err


def test_eight_clients_lose_no_answer_and_memory_is_flat():
    load = runpy.run_path(str(ROOT / "benchmarks" / "service.py"))["run"](12, 8)
    assert load.lost == []
    assert len(load.seconds) >= 8
    assert load.memory_end < load.memory_early + 60
    assert load.exit_code == 128 + signal.SIGTERM
