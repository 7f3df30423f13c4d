"""What can be chosen: a language is two files and one line; the list itself imports nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from types import SimpleNamespace

import pytest

from xfera_nb.explanation import LANGUAGES, PROMPT_KINDS, WRITERS, TextRequest, load_writer
from xfera_nb.explanation.catalogue import CATALOGUES, Catalogue
from xfera_nb.explanation.choices import PICTURE_WRITERS, Language, check_language
from xfera_nb.explanation.vocabulary import VOCABULARIES, Vocabulary


def test_every_language_has_both_files_and_every_entry():
    assert list(CATALOGUES) == list(VOCABULARIES) == list(LANGUAGES)
    english = CATALOGUES["en"], VOCABULARIES["en"]
    for code, language in LANGUAGES.items():
        assert check_language(code) == code and language.own_name
        catalogue, vocabulary = CATALOGUES[code], VOCABULARIES[code]
        assert (catalogue.language, vocabulary.language) == (code, code)
        assert isinstance(catalogue, Catalogue) and isinstance(vocabulary, Vocabulary)
        for field in fields(Catalogue):
            value, known = getattr(catalogue, field.name), getattr(english[0], field.name)
            assert value, (code, field.name)
            if isinstance(known, dict):
                assert value.keys() == known.keys(), (code, field.name)
        for name in ("parts", "actions", "phrases", "sides", "strengths", "small_words"):
            assert getattr(vocabulary, name), (code, name)
        assert vocabulary.emotions.emotions.keys() == english[1].emotions.emotions.keys()
        assert vocabulary.sides.keys() == english[1].sides.keys()
        assert vocabulary.strengths.keys() == english[1].strengths.keys()


def test_a_language_is_one_line_and_two_files(monkeypatch):
    """Load both packages again with a language of our own beside the four."""
    from dataclasses import replace
    from importlib import reload

    from xfera_nb.explanation import catalogue, vocabulary

    ours = {
        "catalogue": SimpleNamespace(CATALOGUE=replace(CATALOGUES["en"], language="xx")),
        "vocabulary": SimpleNamespace(VOCABULARY=replace(VOCABULARIES["en"], language="xx")),
    }
    with monkeypatch.context() as patch:
        patch.setitem(LANGUAGES, "xx", Language("Xish", "xish"))
        for package in (catalogue, vocabulary):
            short = package.__name__.rpartition(".")[2]
            patch.setitem(sys.modules, f"{package.__name__}.xish", ours[short])
        try:
            assert reload(catalogue).CATALOGUES["xx"].language == "xx"
            assert reload(vocabulary).VOCABULARIES["xx"].language == "xx"
            assert TextRequest(language="xx").language == "xx"
        finally:
            patch.undo()
            catalogue.CATALOGUES, vocabulary.VOCABULARIES = CATALOGUES, VOCABULARIES
    with pytest.raises(Exception, match="no language 'xx'"):
        TextRequest(language="xx")


def test_every_prompt_and_writer_of_the_lists_exists():
    for kind in PROMPT_KINDS:
        assert TextRequest(kind).kind == kind
    for name in WRITERS:
        options = {} if name == "offline" else {"base_url": "http://localhost:9/v1"}
        options |= {"send_image": True} if name in PICTURE_WRITERS else {}
        assert load_writer(name, **options).name == name


def test_the_choices_load_nothing_heavy():
    code = (
        "import sys, json, xfera_nb.explanation.choices as c; c.LANGUAGES;"
        "print(json.dumps(sorted({n.partition('.')[0] for n in sys.modules})))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "pandas", "numpy", "cv2", "openai"} & set(json.loads(run.stdout))
