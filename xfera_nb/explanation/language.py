"""The four languages, and a guess which of them a text is in.

The guess counts small words that are frequent in one language and rare in the others. It needs a
sentence or two; where nothing speaks for another language it is English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from xfera_nb.errors import WriterError

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {"en": "English", "it": "Italian", "es": "Spanish", "de": "German"}
"""Language code -> its English name."""

CLEARLY = 2
"""Small words more than the text's own language has, for a sentence to be in another."""

_WORD = re.compile(r"[^\W\d_]+")
_SMALL_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and is are was were with his her this that which not at on it there from "
        "by as no face mouth corners lips eyes eyebrows raised both",
        "it": "il gli le della delle degli dei nel sono è e non che con di bocca labbra occhi "
        "sopracciglia verso una più anche alla questo volto si guance naso sorriso",
        "es": "el los las del una y está están es no que con de boca labios ojos cejas hacia más "
        "también al este rostro se mejillas nariz sonrisa sin",
        "de": "der die das den dem des und ist sind nicht ein eine mit auf zu von im mund lippen "
        "augen augenbrauen nach auch kein keine sich wird werden nase lächeln",
    }.items()
}


def detect_language(text: str) -> str:
    """The code of the language that a text is most likely in.

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
    """The language of one sentence of a text: the text's, unless another is clearly meant.

    Parameters
    ----------
    sentence : str
    usual : str
        The text's, one of `LANGUAGES`.

    Returns
    -------
    str
        Another one of `LANGUAGES` where at least `CLEARLY` more small words speak for it.
    """
    counts = _counts(sentence)
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] >= counts[usual] + CLEARLY else usual


def _counts(text: str) -> dict[str, int]:
    words = [word.lower() for word in _WORD.findall(text)]
    return {
        language: sum(word in small for word in words) for language, small in _SMALL_WORDS.items()
    }


def check_language(language: str) -> str:
    """The language itself.

    Raises
    ------
    WriterError
        If it is none of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise WriterError(
            f'There is no language "{language}" here; choose one of {", ".join(LANGUAGES)}.'
        )
    return language
