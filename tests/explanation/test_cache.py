"""Answers on disk: found again, requested again, damaged, moved, switched off."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from model_server import TEXT, fault, says, serving, streams

from xfera_nb.errors import WriterError
from xfera_nb.explanation import Draft, OpenAIWriter, TextRequest, build_prompt, explain
from xfera_nb.explanation.writers.cache import DraftCache, cache_folder

KEY = "sk-very-secret-0123456789"
SENTENCES = '{"sentences": [{"text": "A smile.", "aus": [12]}]}'


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "words"


def files(folder):
    return sorted(folder.iterdir()) if folder.exists() else []


def test_the_same_question_is_asked_once(smile, folder):
    with serving(says(), says("Another.")) as server:
        first = explain(smile, OpenAIWriter(base_url=server.url, cache=folder))
        writer = OpenAIWriter(base_url=server.url, cache=folder, prices=(1.0, 1.0))
        second = explain(smile, writer)
    assert len(server.asked) == 1
    assert (first.draft.cached, second.draft.cached) == (False, True)
    assert second.text == TEXT and second.tokens == (120, 15)
    assert second.draft.cost == 0
    assert "From the cache" in second.byline and "From the cache" not in first.byline


def test_refresh_asks_again(smile, folder):
    with serving(says(), says("Another.")) as server:
        writer = OpenAIWriter(base_url=server.url, cache=folder)
        explain(smile, writer)
        assert explain(smile, writer, refresh=True).text == "Another."
        assert explain(smile, writer).text == "Another."
    assert len(server.asked) == 2


def test_a_stream_fills_and_uses_it_too(smile, folder):
    prompt = build_prompt(smile)
    with serving(streams("A ", "smile.")) as server:
        writer = OpenAIWriter(base_url=server.url, cache=folder)
        assert list(writer.stream(smile, prompt)) == ["A ", "smile."]
        assert list(writer.stream(smile, prompt)) == ["A smile."]
        assert writer.write(smile, prompt).cached
    assert len(server.asked) == 1


def test_declared_aus_are_cached(smile, folder):
    with serving(says(SENTENCES)) as server:
        writer = OpenAIWriter(base_url=server.url, cache=folder)
        drafts = [explain(smile, writer, TextRequest("strict")).draft for _ in range(2)]
    assert drafts[0].declared_aus == drafts[1].declared_aus == (("A smile.", (12,)),)
    assert drafts[1].cached


@pytest.mark.parametrize(
    "change",
    [{"model": "another"}, {"seed": 2}, {"temperature": 0.5}, {"ask": TextRequest(language="it")},
     {"ask": TextRequest("strict")}, {"facts": "other"}],
)  # fmt: skip
def test_another_question_is_asked(smile, folder, change):
    with serving(says(SENTENCES)) as server:
        settings = {"model": "m", "seed": 1, "temperature": 0.0}
        explain(smile, OpenAIWriter(base_url=server.url, cache=folder, **settings))
        request = change.pop("ask", None)
        facts = replace(smile, probability=0.5) if change.pop("facts", None) else smile
        writer = OpenAIWriter(base_url=server.url, cache=folder, **(settings | change))
        assert not explain(facts, writer, request).draft.cached
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b'{"key": "x"}', b"\xff\xfe", None],
)
def test_a_damaged_file_is_as_good_as_none(smile, folder, damage):
    with serving(says(), says("Another.")) as server:
        writer = OpenAIWriter(base_url=server.url, cache=folder)
        explain(smile, writer)
        (file,) = files(folder)
        if damage is None:
            record = json.loads(file.read_text())
            record["draft"]["text"] = ["no", "text"]
            file.write_text(json.dumps(record))
        else:
            file.write_bytes(damage)
        assert explain(smile, writer).text == "Another."
        assert explain(smile, writer).draft.cached


def test_a_failure_is_not_kept(smile, folder):
    with serving(fault(401), says()) as server:
        writer = OpenAIWriter(base_url=server.url, cache=folder)
        with pytest.raises(WriterError):
            explain(smile, writer, fallback=False)
        assert files(folder) == []
        assert explain(smile, writer).text == TEXT


def test_neither_the_key_nor_a_picture_is_kept(smile, folder):
    with serving(says()) as server:
        explain(smile, OpenAIWriter(base_url=server.url, api_key=KEY, cache=folder))
    (file,) = files(folder)
    assert file.suffix == ".json" and len(file.stem) == 64
    outcome = file.read_text()
    assert KEY not in outcome and "secret" not in outcome
    assert set(json.loads(outcome)) == {"key", "draft"}


def test_a_folder_that_cannot_be_written_is_no_error(smile, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with serving(says()) as server:
        writer = OpenAIWriter(base_url=server.url, cache=tmp_path / "file" / "words")
        assert explain(smile, writer).text == TEXT
        assert not explain(smile, writer).draft.cached


def test_nothing_half_written_is_left(folder):
    cache = DraftCache(folder)
    key = cache.key({"a": 1})
    cache.put(key, Draft("Text.", "openai", "m", 1, 2, 0.5))
    assert [file.name for file in files(folder)] == [f"{key}.json"]
    assert cache.get(key) == Draft("Text.", "openai", "m", 1, 2, 0.5, cached=True)
    assert cache.get(cache.key({"a": 2})) is None
    cache.drop(key)
    cache.drop(key)
    assert files(folder) == []


def test_where_it_is(monkeypatch, tmp_path):
    assert cache_folder() is None  # the tests' XFERA_CACHE is off
    monkeypatch.setenv("XFERA_CACHE", str(tmp_path))
    assert cache_folder() == cache_folder(True) == tmp_path
    assert cache_folder(tmp_path / "a") == tmp_path / "a"
    assert cache_folder(False) is None and cache_folder("off") is None
    monkeypatch.delenv("XFERA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_folder() == tmp_path / "x" / "xfera-nb" / "texts"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == Path(tmp_path) / ".cache" / "xfera-nb" / "texts"
