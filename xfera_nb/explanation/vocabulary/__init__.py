"""Everyday words for facial movements in four languages, as data for the grounding check."""

from __future__ import annotations

from collections.abc import Mapping

from xfera_nb.explanation.vocabulary import english, german, italian, spanish
from xfera_nb.explanation.vocabulary.model import LONGEST_TWIST, Meanings, Vocabulary, first
from xfera_nb.explanation.vocabulary.rules import RULES, VAGUE_ACTIONS

__all__ = [
    "LONGEST_TWIST",
    "RULES",
    "VAGUE_ACTIONS",
    "VOCABULARIES",
    "Meanings",
    "Vocabulary",
    "first",
]

VOCABULARIES: Mapping[str, Vocabulary] = {
    module.VOCABULARY.language: module.VOCABULARY
    for module in (english, italian, spanish, german)
}
"""Language code -> vocabulary."""
