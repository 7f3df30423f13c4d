"""``xfera app``: what it starts, without starting it."""

import json

import nbformat
import pytest

from xfera_nb.cli import app, main


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
    return calls


def test_it_listens_on_this_machine_alone_and_ends_idle_kernels(started, capsys):
    assert main(["app", "--port", "9001", "--no-browser"]) == 0
    command, env = started[0]
    assert "--Voila.ip=127.0.0.1" in command and "--port=9001" in command
    assert "--Voila.open_browser=False" in command
    assert "--MappingKernelManager.cull_idle_timeout=300" in command
    assert json.loads(env["XFERA_APP"]) == {}
    assert "http://127.0.0.1:9001/" in capsys.readouterr().out


def test_its_options_reach_the_page(started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    main(["app", "photos", "--au", "openface"])
    assert json.loads(started[0][1]["XFERA_APP"]) == {
        "source": str(tmp_path / "photos"),
        "au": "openface",
    }


def test_a_params_file_reaches_the_page(started, tmp_path, capsys):
    file = tmp_path / "best.json"
    file.write_text('{"k": 2, "coverage": 0.5}')
    assert main(["app", "--params", str(file)]) == 0
    told = json.loads(started[0][1]["XFERA_APP"])["params"]
    assert (told["k"], told["coverage"], told["region"]) == (2.0, 0.5, "crop")
    file.write_text("{")
    assert main(["app", "--params", str(file)]) == 2 and len(started) == 1
    assert "cannot be read as JSON" in capsys.readouterr().err


def test_the_page_shows_the_explainer():
    page = nbformat.read(app.PAGE, as_version=4)
    nbformat.validate(page)
    code = "".join(cell["source"] for cell in page["cells"] if cell["cell_type"] == "code")
    assert "xf.widgets.Explainer(**json.loads(os.environ.get(" in code and app.VARIABLE in code


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port, capsys):
    assert main(["app", "--port", port]) == 2
    assert "is no port" in capsys.readouterr().err


def test_without_voila_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(app.importlib.util, "find_spec", lambda name: None)
    assert main(["app"]) == 2
    assert "xfera-nb[app]" in capsys.readouterr().err
