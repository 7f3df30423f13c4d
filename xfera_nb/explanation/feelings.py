"""Find words for emotions, and claims about what a person feels.

"The expression was classified as happiness" speaks of the model; "she is happy" claims to know a
person, which no picture can show. The second is a claim of feeling: a person and a verb of being,
having or feeling shortly before an emotion's word ("the woman is delighted"), a verb of feeling
alone ("how he feels"), an emotion that belongs to someone ("her joy"), or one that describes a
person ("a happy man"). It is none where it is denied or where the clause speaks of the
classification or the expression.

Units: distances in words. Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from xfera_nb.explanation.tokens import MARKS, Token, fits, parse, tokenize
from xfera_nb.explanation.vocabulary import VOCABULARIES, EmotionWords

MAX_TO_VERB = 4
MAX_TO_EMOTION = 4
MAX_DENIAL = 6
_SUBJECTS_FIRST = ("he", "she", "they", "you", "we", "who")


@dataclass(frozen=True, slots=True)
class EmotionWord:
    """Hold a word for an emotion.

    Parameters
    ----------
    word : str
        In lower case, without accents.
    emotion : str
        One of EMOTIONS, or "contempt".
    """

    word: str
    emotion: str


@dataclass(frozen=True, slots=True)
class FeelingClaim:
    """Hold a claim about what a person feels.

    Parameters
    ----------
    text : str
        Its words in the sentence.
    emotion : str or None
        What is claimed; None for a bare "she feels".
    """

    text: str
    emotion: str | None


def find_emotion_words(sentence: str, language: str = "en") -> tuple[EmotionWord, ...]:
    """Find the emotion words of one sentence, in their order."""
    words = tokenize(sentence, VOCABULARIES[language]).words
    excused = VOCABULARIES[language].emotions.no_emotion_before
    found = []
    for number, word in enumerate(words):
        emotion = emotion_of(word.text, language)
        following = words[number + 1 : number + 2]
        if emotion is not None and not (following and _is(following[0].text, excused)):
            found.append(EmotionWord(sentence[word.start : word.end].lower(), emotion))
    return tuple(found)


def find_feelings(sentence: str, language: str = "en") -> tuple[FeelingClaim, ...]:
    """Find the claims of one sentence about what a person feels, at most one a clause."""
    words = tokenize(sentence, VOCABULARIES[language]).words
    clauses: dict[int, list[Token]] = {}
    for word in words:
        clauses.setdefault(word.clause, []).append(word)
    found = (_claim(clause, language) for clause in clauses.values())
    return tuple(
        FeelingClaim(sentence[first.start : last.end], emotion)
        for first, last, emotion in filter(None, found)
    )


def emotion_of(word: str, language: str = "en") -> str | None:
    """Return the emotion that a lower-case word without accents means, or None."""
    for emotion, patterns in VOCABULARIES[language].emotions.emotions.items():
        if _is(word, patterns):
            return emotion
    return None


@cache
def _options(patterns: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    return tuple(option for pattern in patterns for option in parse(pattern)[0])


def _is(word: str, patterns: tuple[str, ...]) -> bool:
    return fits(_options(patterns), word)


def _claim(clause: Sequence[Token], language: str) -> tuple[Token, Token, str | None] | None:
    table = VOCABULARIES[language].emotions
    texts = [word.text for word in clause]
    if any(_is(text, table.judged) for text in texts):
        return None
    for at, text in enumerate(texts):
        emotion = emotion_of(text, language)
        if emotion is None and not _is(text, table.feeling):
            continue
        begin, end = _claim_bounds(texts, at, emotion, table)
        if begin is not None and not _denied(texts, begin, at, table):
            return clause[begin], clause[end], emotion
    return None


def _claim_bounds(
    texts: Sequence[str], at: int, emotion: str | None, table: EmotionWords
) -> tuple[int | None, int]:
    """Return where the claim about the word at `at` begins (None: there is none) and ends."""
    if emotion is None:
        person = _last(texts, at, MAX_TO_VERB, table.persons, table)
        return person, at
    following = texts[at + 1 : at + 2]
    if following and _is(following[0], table.persons) and following[0] not in _SUBJECTS_FIRST:
        return at, at + 1
    if following and _is(following[0], table.not_felt):
        return None, at
    verb = _last(texts, at, MAX_TO_EMOTION, table.having, table)
    if verb is not None:
        if _is(texts[verb], table.persons):
            return verb, at
        person = _last(texts, verb, MAX_TO_VERB, table.persons, table)
        if person is not None:
            return person, at
        if table.silent_subject and verb <= 1:
            return verb, at
    owner = _last(texts, at, 2, table.owners, table)
    return owner, at


def _last(
    texts: Sequence[str], before: int, most: int, patterns: tuple[str, ...], table: EmotionWords
) -> int | None:
    """Return the nearest match before an index, unless a word about the model intervenes."""
    for index in range(before - 1, max(before - 1 - most, -1), -1):
        if _is(texts[index], patterns):
            return index
        if _is(texts[index], table.not_felt) or texts[index] in MARKS:
            return None
    return None


def _denied(texts: Sequence[str], begin: int, at: int, table: EmotionWords) -> bool:
    span = texts[max(begin - MAX_DENIAL, 0) : at]
    return any(_is(text, table.denials) or text.endswith("n't") for text in span)
