"""A key goes to its server and nowhere else: all that is written, logged or shown is searched.

The server is on the loopback address and fails in every way it can, with the key in its own words
where it can: refusals, broken answers, broken streams, and answers that are fine.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import traceback
import warnings
from pathlib import Path

import numpy as np
import pytest
from model_server import cut, cut_stream, fault, raw, says, serving, streams
from openai import _base_client

import xfera_nb as xf
from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.cli import main
from xfera_nb.errors import WriterError
from xfera_nb.evidence import assemble
from xfera_nb.explanation import Facts, OpenAIWriter, build_prompt
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import fuse
from xfera_nb.report import Result, page_html
from xfera_nb.widgets.explainer.code import without_secrets

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"
KEY = "sk-very-secret-0123456789abcdef"
TELLS_IT = f"Incorrect API key provided: {KEY}"
REPLIES = {
    "401": fault(401, TELLS_IT),
    "403": fault(403, TELLS_IT),
    "404": fault(404, TELLS_IT),
    "400": fault(400, TELLS_IT),
    "429": fault(429, TELLS_IT, code="insufficient_quota"),
    "500": fault(500, TELLS_IT),
    "no JSON": raw(200, TELLS_IT.encode()),
    "JSON of another kind": raw(200, json.dumps([TELLS_IT]).encode()),
    "HTML": raw(502, f"<html>{TELLS_IT}</html>".encode(), mime="text/html"),
    "empty": says(""),
    "cut": cut,
    "cut stream": cut_stream,
    "endless redirect": raw(302, b"", location="/v1/elsewhere"),
    "fine": says("The lip corners are pulled."),
    "fine stream": streams("The lip ", "corners are pulled."),
}


@pytest.fixture
def evidence():
    maps = np.full((7, 7, 7), 0.01, np.float32)
    maps[EMOTIONS.index("happiness"), 4:] = 1.0
    chances = np.full(7, 0.05, np.float32)
    chances[EMOTIONS.index("happiness")] = 0.7
    units = ActionUnits(np.full(17, 2.0), source="made")
    return assemble(find_faces(SAMPLE)[0], Prediction(chances), maps, units, layer="layer4.2")


@pytest.fixture
def everything(monkeypatch, tmp_path, caplog):
    """Loads the environment with the key, quickens the retries, and turns all logging on."""
    for name in ("OPENAI_BASE_URL", "OPENAI_MODEL", "XFERA_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_LOG", "debug")
    monkeypatch.setenv("XFERA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(_base_client, "INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx", "httpcore", "xfera_nb"):
        caplog.set_level(logging.DEBUG, logger=name)
    return tmp_path


def said_by(error: BaseException) -> str:
    """All that an error can show: text, repr, arguments, and the traceback with its values."""
    chain, seen = [], error
    while seen is not None:
        chain += [str(seen), repr(seen), repr(seen.args)]
        seen = None if seen.__suppress_context__ else seen.__cause__ or seen.__context__
    return "\n".join([*chain, *traceback.format_exception(error)])


def files_below(folder: Path) -> str:
    return "\n".join(
        path.read_bytes().decode("utf-8", "replace") + str(path)
        for path in folder.rglob("*")
        if path.is_file()
    )


@pytest.mark.parametrize("kind", sorted(REPLIES))
def test_the_writers_tell_it_to_nobody(everything, evidence, kind, caplog, capfd):
    facts = Facts.from_fusion(fuse(evidence))
    prompt = build_prompt(facts)
    told = []
    with serving(REPLIES[kind]) as server:
        writer = OpenAIWriter(model="m", base_url=server.url, timeout=3.0)
        for ask in (writer.write, lambda *question: "".join(writer.stream(*question))):
            try:
                told.append(repr(ask(facts, prompt)))
            except WriterError as error:
                told.append(said_by(error))
        told += [repr(writer), str(writer), repr(writer.cache)]
        asked = [headers["authorization"] for _, headers, _ in server.asked]
        bodies = [body.decode() for _, _, body in server.asked]
    assert asked and set(asked) == {f"Bearer {KEY}"}  # the one place where it belongs
    out, err = capfd.readouterr()
    logged = "\n".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    for place in (*told, *bodies, out, err, logged, files_below(everything)):
        assert KEY not in place
    assert any("httpcore" in record.name for record in caplog.records)  # the search saw the logs


@pytest.mark.parametrize("key", ["sk-ends\nin a line", "sk-ünïcode", "sk-\x00null", " \t"])
def test_a_key_that_no_header_can_hold_is_not_quoted(everything, evidence, monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key.replace("\0", ""))
    facts = Facts.from_fusion(fuse(evidence))
    with serving(says("Fine.")) as server:
        writer = OpenAIWriter(base_url=server.url, timeout=3.0, api_key=key)
        try:
            writer.write(facts, build_prompt(facts))
        except WriterError as error:
            assert key.strip() == "" or key not in said_by(error)
    assert key.strip() == "" or key not in repr(writer)


@pytest.mark.parametrize("kind", ["401", "no JSON", "cut", "fine"])
def test_the_command_line_tells_it_to_nobody(everything, kind, capfd):
    with serving(REPLIES[kind]) as server:
        code = main(
            ["explain", str(SAMPLE), "--json", "--html", "page.html", "--writer", "openai",
             "--base-url", server.url, "--model", "m"]
        )  # fmt: skip
        assert server.asked
    out, err = capfd.readouterr()
    assert code == 0 and (everything / "page.html").stat().st_size > 10_000
    assert KEY not in out + err + files_below(everything)


def test_pages_notebooks_and_widgets_do_not_hold_it(everything, evidence):
    from ipywidgets import Widget
    from ipywidgets.embed import embed_data

    secret = "me:pass-word"
    with serving(says("The lip corners are pulled.")) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        address = server.url.replace("://", f"://{secret}@")
        writer = OpenAIWriter(base_url=server.url)
        result = Result.from_evidence(evidence, xf.FusionParams(), writer=writer)
        view = xf.widgets.Explainer(
            evidence, writer="openai",
            writer_options={"api_key": KEY, "base_url": address, "model": "m"},
        )  # fmt: skip
        view.state.explain()
        shown = [
            result._repr_html_(), page_html([result]), repr(result), str(result),
            json.dumps(result.to_dict(), default=str), repr(view), repr(view.state),
            view.state.to_code(), view.state.to_json(), json.dumps(view._repr_mimebundle_()),
        ]  # fmt: skip
        assert "model': 'm'" in view.state.to_code() and server.asked
    # What a notebook saves of its widgets.
    saved = json.dumps(embed_data(views=[view]), default=str)
    assert "lip corners" in saved
    for place in (*shown, saved, files_below(everything)):
        assert KEY not in place
    assert all(secret not in place for place in shown)
    Widget.close_all()
    gc.collect()


def test_exported_options_have_no_secrets():
    options = {"api_key": KEY, "base_url": "https://me:word@host:8000/v1@x", "seed": 3}
    assert without_secrets(options) == {"base_url": "https://host:8000/v1@x", "seed": 3}
    assert without_secrets({"base_url": "http://localhost/v1"}) == {
        "base_url": "http://localhost/v1"
    }


def test_the_search_finds_a_key(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "log.txt").write_text(f"header: {KEY}")
    assert KEY in files_below(tmp_path)
    try:
        try:
            raise ValueError(KEY)
        except ValueError:
            raise WriterError("refused")  # noqa: B904 - as it should not be done
    except WriterError as error:
        assert KEY in said_by(error)
    assert os.environ.get("OPENAI_API_KEY") != KEY
