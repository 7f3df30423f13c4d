"""List the languages, prompts and writers to choose from; import nothing heavy.

A further language is one line of `LANGUAGES` and two files named after it, with its sentences in
``catalogue/<name>.py`` and its everyday words in ``vocabulary/<name>.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xfera_nb.errors import WriterError, unknown_name


@dataclass(frozen=True, slots=True)
class Language:
    """Name a language.

    Parameters
    ----------
    name : str
        In English; in lower case it is the name of the language's two files.
    own_name : str
        In the language itself.
    """

    name: str
    own_name: str


ENGLISH = "en"
LANGUAGES: Mapping[str, Language] = {
    "en": Language("English", "English"),
    "it": Language("Italian", "italiano"),
    "es": Language("Spanish", "español"),
    "de": Language("German", "Deutsch"),
}
"""Language code -> names."""

PAPER, FULL, STRICT, CONTRAST = "paper", "full", "strict", "contrast"
PROMPT_KINDS: Mapping[str, str] = {
    PAPER: "the paper's prompt",
    FULL: "all facts that the offline text says",
    STRICT: "facts and answer as JSON",
    CONTRAST: "one class compared with another",
}
"""Kind of prompt -> what it is."""

FIRST_PERSON, THIRD_PERSON = "first", "third"
PERSONS: Mapping[str, str] = {
    FIRST_PERSON: "the model speaks",
    THIRD_PERSON: "the model is spoken of",
}
"""Person of the offline text -> what it is."""

WRITERS: Mapping[str, str] = {
    "offline": "fixed sentences, filled from the facts",
    "openai": "a language model behind an OpenAI-compatible server",
    "vision": "a second opinion by a vision model that is sent the face crop",
}
"""Name of a writer -> what it is; `load_writer` loads it."""

MODEL_WRITERS = ("openai", "vision")
"""The writers that take a language model's options."""
PICTURE_WRITERS = ("vision",)
"""The writers that send the picture, and only where that is allowed."""


def check_language(language: str) -> str:
    """Return the language code itself.

    Raises
    ------
    WriterError
        If it is none of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise unknown_name("language", language, LANGUAGES, WriterError)
    return language
