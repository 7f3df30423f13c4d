"""Hold each language's everyday words for facial movements, as data for the grounding check."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from xfera_nb.explanation.choices import LANGUAGES
from xfera_nb.explanation.vocabulary.model import (
    MAX_GAP,
    EmotionWords,
    Meanings,
    Vocabulary,
    first,
)
from xfera_nb.explanation.vocabulary.rules import RULES, VAGUE_ACTIONS

__all__ = [
    "MAX_GAP",
    "RULES",
    "VAGUE_ACTIONS",
    "VOCABULARIES",
    "EmotionWords",
    "Meanings",
    "Vocabulary",
    "first",
]

VOCABULARIES: Mapping[str, Vocabulary] = {
    code: import_module(f"{__name__}.{language.name.lower()}").VOCABULARY
    for code, language in LANGUAGES.items()
}
"""Language code -> vocabulary."""
