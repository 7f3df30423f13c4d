"""Detect which of the known languages a text is in.

Small words are counted that are frequent in one language and rare in the others. This needs a
sentence or two; where nothing speaks for another language, the result is English.
"""

from __future__ import annotations

import re

from xfera_nb.explanation.choices import ENGLISH
from xfera_nb.explanation.vocabulary import VOCABULARIES

CLEAR_MARGIN = 2
"""How many more small words of another language a sentence needs to be read in that one."""

_WORD = re.compile(r"[^\W\d_]+")


def detect_language(text: str) -> str:
    """Return the code of the language that a text is most likely in.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        One of `LANGUAGES`; "en" where nothing speaks for another.
    """
    counts = _counts(text)
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] > counts[ENGLISH] else ENGLISH


def sentence_language(sentence: str, usual: str) -> str:
    """Return the language of one sentence: the text's, unless it is clearly in another.

    Parameters
    ----------
    sentence : str
    usual : str
        The text's language, one of `LANGUAGES`.

    Returns
    -------
    str
        Another one of `LANGUAGES` where it has at least `CLEAR_MARGIN` more small words.
    """
    counts = _counts(sentence)
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] >= counts[usual] + CLEAR_MARGIN else usual


def _counts(text: str) -> dict[str, int]:
    words = [word.lower() for word in _WORD.findall(text)]
    return {
        language: sum(word in vocabulary.small_words for word in words)
        for language, vocabulary in VOCABULARIES.items()
    }
