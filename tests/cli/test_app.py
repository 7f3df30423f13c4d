"""``xfera app``: what it starts, without starting it."""

import json
import socket
import stat
import time
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from processes import free_port
from stores import sample_store
from waiting import patiently

from xfera_nb.cli import app, main

pytestmark = pytest.mark.slow


@pytest.fixture
def started(monkeypatch):
    """Commands and environments that would have been run."""
    calls = []

    class Done:
        returncode = 0

    def run(command, env, check):
        calls.append((command, env))
        return Done()

    monkeypatch.setattr(app.subprocess, "run", run)
    monkeypatch.setattr(app.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(app, "PORT", free_port())
    return calls


def test_it_listens_on_this_machine_alone_and_ends_idle_kernels(started, capsys):
    port = free_port()
    assert main(["app", "--port", str(port), "--no-browser"]) == 0
    command, env = started[0]
    assert "--Voila.ip=127.0.0.1" in command and f"--port={port}" in command
    assert "--Voila.open_browser=False" in command
    assert "--MappingKernelManager.cull_idle_timeout=300" in command
    assert json.loads(env["XFERA_APP"]) == {}
    out = capsys.readouterr().out
    token = env["JUPYTER_TOKEN"]
    assert f"http://127.0.0.1:{port}/?token={token} " in out and len(token) == 48
    assert "Only for this machine" in out
    assert "anyone who has this address can see your photos" in out
    # The arguments of a command can be read by everyone on the machine.
    assert "--Voila.auto_token=True" in command and token not in " ".join(command)


def test_files_of_openface(started, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "of").mkdir()
    files = ["--au", "openface-files", "--openface-files", "of"]
    assert main(["app", "--no-browser", *files]) == 0
    assert json.loads(started[0][1]["XFERA_APP"]) == {
        "au_detector": "openface-files", "au_options": {"files": str(tmp_path / "of")},
    }  # fmt: skip
    assert main(["app", "--no-browser", "--au", "openface-files"]) == 2
    assert "need each other" in capsys.readouterr().err


def test_each_start_has_a_token_of_its_own(started, capsys):
    main(["app", "--no-browser"])
    main(["app", "--no-browser"])
    one, other = (env["JUPYTER_TOKEN"] for _, env in started)
    assert one != other


def test_help_says_what_opening_it_to_others_would_mean(capsys):
    assert main(["app", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Anyone who can open the page can see your photos" in said and "ssh -L" in said


def test_a_taken_port_and_a_missing_folder_are_told(started, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["app", "--port", str(port), "--no-browser"]) == 2
    assert f"Port {port} cannot be used" in capsys.readouterr().err
    assert main(["app", "nowhere", "--no-browser"]) == 2 and started == []
    assert "There is no photo or folder nowhere" in capsys.readouterr().err


def test_an_empty_folder_is_told_before_anything_is_served(started, tmp_path, capsys):
    (tmp_path / "empty" / "below").mkdir(parents=True)
    (tmp_path / "empty" / "below" / "notes.txt").touch()
    assert main(["app", str(tmp_path / "empty"), "--no-browser"]) == 2 and started == []
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and "holds no photos, nor do its subfolders" in err
    (tmp_path / "empty" / "below" / "AF01HAS.JPG").touch()
    assert main(["app", str(tmp_path / "empty"), "--no-browser"]) == 0 and len(started) == 1


def test_the_browser_gets_the_address_by_a_file_that_others_cannot_read(monkeypatch):
    opened = []

    def look(uri):
        path = Path(urlsplit(uri).path)
        opened.append((path.read_text(), stat.S_IMODE(path.parent.stat().st_mode)))

    monkeypatch.setattr(app.webbrowser, "open", look)
    with socket.socket() as served:
        served.bind(("127.0.0.1", 0))
        port = served.getsockname()[1]
        address = f"http://127.0.0.1:{port}/?token=abc"
        with app.open_when_ready(address, port):
            time.sleep(0.5)
            assert opened == []  # nobody answers yet
            served.listen()
            patiently(lambda: opened, "the browser's call")
    ((text, mode),) = opened
    assert f"url={address}" in text and mode == 0o700


def test_its_options_reach_the_page(started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    main(["app", "photos", "--au", "openface", "--no-browser"])
    assert json.loads(started[0][1]["XFERA_APP"]) == {
        "source": str(tmp_path / "photos"),
        "au_detector": "openface",
    }


def test_a_params_file_reaches_the_page(started, tmp_path, capsys):
    file = tmp_path / "best.json"
    file.write_text('{"k": 2, "coverage": 0.5}')
    assert main(["app", "--params", str(file), "--no-browser"]) == 0
    told = json.loads(started[0][1]["XFERA_APP"])["params"]
    assert (told["k"], told["coverage"], told["region"]) == (2.0, 0.5, "crop")
    file.write_text("{")
    assert main(["app", "--params", str(file)]) == 2 and len(started) == 1
    assert "cannot be read as JSON" in capsys.readouterr().err


def test_the_page_shows_the_application():
    page = nbformat.read(app.PAGE, as_version=4)
    nbformat.validate(page)
    code = "".join(cell["source"] for cell in page["cells"] if cell["cell_type"] == "code")
    assert code.endswith("xf.widgets.App.served()")


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port, capsys):
    assert main(["app", "--port", port]) == 2
    assert "not a whole number from 1 to 65535" in capsys.readouterr().err


def test_without_voila_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(app.importlib.util, "find_spec", lambda name: None)
    assert main(["app"]) == 2
    assert "xfera-nb[app]" in capsys.readouterr().err


@pytest.fixture
def store(tmp_path):
    return sample_store(tmp_path / "kept", (("C01HA", "happiness"),))


def test_a_store_is_passed_on_and_what_is_none_is_told(store, started, capsys, tmp_path):
    assert main(["app", "--no-browser", "--store", str(store)]) == 0
    assert json.loads(started[0][1]["XFERA_APP"]) == {"store": str(store)}
    assert main(["app", "--no-browser", "--store", str(tmp_path)]) == 2
    assert main(["app", "--no-browser", str(store)]) == 2
    assert f"give it as --store {store}" in capsys.readouterr().err
    assert len(started) == 1
