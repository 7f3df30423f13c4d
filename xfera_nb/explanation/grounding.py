"""Check whether a text names the movements that were found, and only those.

Measures
    Counted in distinct AUs over the whole text. Precision: of the AUs that it names as present, the
    share that is supported. Recall: of the active AUs that a text is to name (the typical ones and
    two others, `Facts.main_movements`), the share that it names. Both 0 to 1, None where there is
    nothing to count. An AU that is named rightly once and wrongly another time counts as
    contradicted.
Statuses
    Supported: present. Unsupported: not present. Contradicted: present, but on another side or with
    another strength (the limits are in `xfera_nb.explanation.qualifiers`); it counts against
    precision, not against recall. Negated: named only to deny it; it counts neither for nor against
    precision, and an active one that is denied counts as left out. Ambiguous: said to be possible,
    or meant by a pronoun that may mean several parts of the face, not all of them rightly; it
    counts neither for nor against either. What the text only supposes ("if the brows were raised")
    is no finding.
Flags
    Words for another emotion than the target, the predicted or the contrasted one, claims about
    what the person feels, and AUs that the writer declares although they are not present. Then
    regions, percentages, answers after hiding a region and states of AUs that differ from the facts
    (`xfera_nb.explanation.claims`).
What it does not see
    False claims about anything else. It reads words, not grammar: a condition without a word for
    it, a pronoun that reaches back over a sentence which names another part, irony and reported
    speech are read as plain statements. README.md has the figures by kind of paragraph.
Source
    Ours. The XFERa paper (Macchiarulo et al. 2025) does not check its texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from xfera_nb.explanation.choices import check_language
from xfera_nb.explanation.claims import find_false_claims
from xfera_nb.explanation.facts import Facts, Movement
from xfera_nb.explanation.feelings import find_emotion_words, find_feelings
from xfera_nb.explanation.language import detect_language, sentence_language
from xfera_nb.explanation.mentions import POSSIBLE, SUPPOSED, Mention
from xfera_nb.explanation.readings import read_text

SUPPORTED = "supported"
UNSUPPORTED = "unsupported"
CONTRADICTED = "contradicted"
NEGATED = "negated"
AMBIGUOUS = "ambiguous"

EMOTION = "emotion"
FEELING = "feeling"
DECLARED_AU = "declared_au"
REGION = "region"
NUMBER = "number"
ANSWER = "answer"
STATE = "state"

_FALSE_CLAIMS = {
    REGION: "wrong region",
    NUMBER: "wrong percentage",
    ANSWER: "wrong answer after hiding",
    STATE: "wrong state",
}

_SENTENCE_END = re.compile(
    r"([.!?][\"'\u201d\u2019\u00bb)\]*]*)\s+(?=[\"'\u201c\u201e\u00ab\u00bf\u00a1(\[*]*[^\W_a-z])"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold a movement that a sentence names, with its status.

    Parameters
    ----------
    au : int
        FACS number. Where the words may mean several AUs: an active one of them, else the most
        usual.
    status : {"supported", "unsupported", "contradicted", "negated", "ambiguous"}
    start, end : int
        Where its words are in the sentence, as a slice.
    """

    au: int
    status: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """Hold a sentence and the movements that it names, in the order of its words."""

    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """Hold something else that a text should not say.

    Parameters
    ----------
    word : str
        As in the text: a word for an emotion in lower case, or the words of a claim.
    emotion : str or None
        The emotion that it means: one of EMOTIONS, or "contempt"; None for a claim of feeling
        that names none.
    sentence : int
        Index of its sentence, from 0.
    kind : {"emotion", "feeling", "declared_au", "region", "number", "answer", "state"}
        A word for another emotion; a claim about what the person feels; an AU that the writer
        declares for the sentence and that is not present; a region that the map or hiding does not
        bear out; a wrong percentage; a wrong answer after hiding; an AU that is said to be absent,
        elsewhere, attended or not measurable and is not.
    """

    word: str
    emotion: str | None
    sentence: int
    kind: str = EMOTION


@dataclass(frozen=True, slots=True)
class Check:
    """Hold what the check found.

    Parameters
    ----------
    sentences : tuple of Sentence
        The text, sentence by sentence.
    supported, unsupported, contradicted, negated, ambiguous : tuple of int
        Distinct AUs of each status, as they first come.
    left_out : tuple of int
        Main active AUs that the text does not name as present, highest score first.
    precision, recall : float or None
        See the module.
    flags : tuple of Flag
        See the module.
    language : str
        The language that it was read in, except for sentences that are clearly in another.
    """

    sentences: tuple[Sentence, ...]
    supported: tuple[int, ...]
    unsupported: tuple[int, ...]
    contradicted: tuple[int, ...]
    negated: tuple[int, ...]
    ambiguous: tuple[int, ...]
    left_out: tuple[int, ...]
    precision: float | None
    recall: float | None
    flags: tuple[Flag, ...]
    language: str = "en"

    @property
    def is_grounded(self) -> bool:
        """Return whether nothing that the text names is unsupported, contradicted or flagged."""
        return not (self.unsupported or self.contradicted or self.flags)

    @property
    def summary(self) -> str:
        """Return the check in one sentence."""
        named = len(self.supported) + len(self.unsupported) + len(self.contradicted)
        if not named:
            summary = "The text names no movement"
        else:
            summary = f"{len(self.supported)} of {named} named movements are supported"
        if self.unsupported:
            summary += f"; not found on this face: {_names(self.unsupported)}"
        if self.contradicted:
            summary += f"; wrong side or strength: {_names(self.contradicted)}"
        if self.ambiguous:
            summary += f"; ambiguous: {_names(self.ambiguous)}"
        if self.left_out:
            summary += f"; left out: {_names(self.left_out)}"
        others = {flag.word for flag in self.flags if flag.kind == EMOTION}
        if others:
            summary += f"; other emotions named: {', '.join(sorted(others))}"
        if any(flag.kind == FEELING for flag in self.flags):
            summary += "; it claims to know what the person feels"
        declared = {flag.word for flag in self.flags if flag.kind == DECLARED_AU}
        if declared:
            summary += f"; declared by the writer, but not active: {', '.join(sorted(declared))}"
        for kind, words in _FALSE_CLAIMS.items():
            false = dict.fromkeys(flag.word for flag in self.flags if flag.kind == kind)
            if false:
                summary += f"; {words}: {', '.join(false)}"
        return f"{summary}."

    def to_dict(self) -> dict[str, object]:
        """Return the check as a JSON-able object; AUs are written "AU06"."""
        return {
            "sentences": [
                {
                    "text": sentence.text,
                    "aus": [{"au": _name(f.au), "status": f.status} for f in sentence.findings],
                }
                for sentence in self.sentences
            ],
            "supported": [_name(au) for au in self.supported],
            "unsupported": [_name(au) for au in self.unsupported],
            "contradicted": [_name(au) for au in self.contradicted],
            "negated": [_name(au) for au in self.negated],
            "ambiguous": [_name(au) for au in self.ambiguous],
            "left_out": [_name(au) for au in self.left_out],
            "precision": self.precision,
            "recall": self.recall,
            "flags": [asdict(flag) for flag in self.flags],
            "language": self.language,
        }


def check(
    text: str,
    facts: Facts,
    language: str | None = None,
    *,
    other: Facts | None = None,
    declared_aus: Sequence[tuple[str, Sequence[int]]] = (),
) -> Check:
    """Check a text against the facts.

    Parameters
    ----------
    text : str
    facts : Facts
        What is true.
    language : str, optional
        One of `LANGUAGES`; guessed from the text if it is not given. A sentence that is clearly in
        another of them is read in that one.
    other : Facts, optional
        Of the class that the text contrasts with: its movements and its name count as true as
        well, but need not be named.
    declared_aus : sequence of (str, sequence of int)
        The text's sentences with the AUs that the writer declares for them; one that is not active
        is flagged.

    Returns
    -------
    Check

    Raises
    ------
    WriterError
        If there is no such language.
    """
    language = detect_language(text) if language is None else check_language(language)
    movements = {m.au: m for one in (other, facts) if one is not None for m in one.present}
    parts = split_sentences(text)
    languages = tuple(sentence_language(part, language) for part in parts)
    mentions = read_text(parts, languages)
    sentences = tuple(
        Sentence(part, _findings(own, movements)) for part, own in zip(parts, mentions, strict=True)
    )
    by_status: dict[str, dict[int, None]] = {
        status: {} for status in (SUPPORTED, UNSUPPORTED, CONTRADICTED, NEGATED, AMBIGUOUS)
    }
    for finding in (f for sentence in sentences for f in sentence.findings):
        by_status[finding.status][finding.au] = None
    wrong = by_status[CONTRADICTED]
    supported = tuple(au for au in by_status[SUPPORTED] if au not in wrong)
    unsupported, contradicted = tuple(by_status[UNSUPPORTED]), tuple(wrong)
    main = tuple(movement.au for movement in facts.main_movements)
    n_named, n_active = len(supported) + len(unsupported) + len(contradicted), len(main)
    left_out = tuple(au for au in main if au not in (*supported, *contradicted))
    return Check(
        sentences,
        supported,
        unsupported,
        contradicted,
        tuple(by_status[NEGATED]),
        tuple(by_status[AMBIGUOUS]),
        left_out,
        precision=len(supported) / n_named if n_named else None,
        recall=1 - len(left_out) / n_active if n_active else None,
        flags=(
            *_flags(parts, languages, facts, other),
            *_false_claims(parts, mentions, languages, facts, other),
            *_undeclared(declared_aus, movements),
        ),
        language=language,
    )


def split_sentences(text: str) -> tuple[str, ...]:
    """Split a text into sentences: after ".", "!" or "?" before a capital, and at line ends."""
    lines = _SENTENCE_END.sub(r"\1\n", text).splitlines()
    return tuple(line.strip() for line in lines if line.strip())


def _findings(
    mentions: tuple[Mention, ...], movements: Mapping[int, Movement]
) -> tuple[Finding, ...]:
    found: dict[tuple[int, str], Finding] = {}
    told = [
        (mention, au, status)
        for mention in mentions
        if mention.mood != SUPPOSED
        for au, status in _statuses(mention, movements)
    ]
    # Readings that are all true, or all false, leave nothing open.
    is_open = len({status for mention, _, status in told if mention.reading is not None}) > 1
    for mention, au, status in told:
        is_ambiguous = mention.mood == POSSIBLE or (is_open and mention.reading is not None)
        status = AMBIGUOUS if is_ambiguous else status
        found.setdefault((au, status), Finding(au, status, mention.start, mention.end))
    return tuple(found.values())


def _statuses(mention: Mention, movements: Mapping[int, Movement]) -> Iterator[tuple[int, str]]:
    if mention.negated:
        for au in mention.resolve_negated(movements):
            yield au, NEGATED
        return
    active = mention.resolve(movements)
    for au in active or mention.usual:
        if not active:
            yield au, UNSUPPORTED
        elif mention.qualifiers.contradicts(movements[au]):
            yield au, CONTRADICTED
        else:
            yield au, SUPPORTED


def _flags(
    parts: Sequence[str], languages: Sequence[str], facts: Facts, other: Facts | None
) -> Iterator[Flag]:
    named = {facts.target, facts.predicted, facts.runner_up}
    named |= {one.hidden_prediction for one in facts.regions}
    named |= {other.target} if other else set()
    for number, (part, language) in enumerate(zip(parts, languages, strict=True)):
        for word in find_emotion_words(part, language):
            if word.emotion not in named:
                yield Flag(word.word, word.emotion, number)
        for claim in find_feelings(part, language):
            yield Flag(claim.text, claim.emotion, number, FEELING)


def _false_claims(
    parts: Sequence[str],
    mentions: Sequence[tuple[Mention, ...]],
    languages: Sequence[str],
    facts: Facts,
    other: Facts | None,
) -> Iterator[Flag]:
    for number, (part, own, language) in enumerate(zip(parts, mentions, languages, strict=True)):
        for words, emotion, kind in find_false_claims(part, own, language, facts, other):
            yield Flag(words, emotion, number, kind)


def _undeclared(
    declared_aus: Sequence[tuple[str, Sequence[int]]], movements: Mapping[int, Movement]
) -> Iterator[Flag]:
    at = 0
    for text, aus in declared_aus:
        for au in dict.fromkeys(aus):
            if au not in movements:
                yield Flag(_name(au), None, at, DECLARED_AU)
        at += len(split_sentences(text))


def _name(au: int) -> str:
    # A text may name any number; the catalogue's own function refuses those it lacks.
    return f"AU{au:02d}"


def _names(aus: tuple[int, ...]) -> str:
    return ", ".join(map(_name, aus))
