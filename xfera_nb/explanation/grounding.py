"""The grounding check: does a text name the movements that were found, and only those?

Measures
    Counted in distinct AUs over the whole text. Precision: of the AUs that it names as there, the
    share that is active. Recall: of the active AUs, the share that it names. Both 0 to 1, None
    where there is nothing to count.
What it does not see
    Wrong sides or strengths, false claims about anything but movements and the emotion's name, and
    languages other than English. A movement that is named only to deny it is "negated": it counts
    neither for nor against precision, and an active one that is denied counts as left out.
Source
    Ours. The XFERa paper (Macchiarulo et al. 2025) does not check its texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.mentions import Mention, find_emotion_words, find_mentions

SUPPORTED = "supported"
UNSUPPORTED = "unsupported"
NEGATED = "negated"

_SENTENCE_END = re.compile(r"([.!?][\"'\u201d\u2019)\]*]*)\s+(?=[\"'\u201c(\[*]*[A-Z0-9-])")


@dataclass(frozen=True, slots=True)
class Finding:
    """A movement in a sentence, held against the facts.

    Parameters
    ----------
    au : int
        FACS number. Where the words may mean several AUs: an active one of them, else the most
        usual.
    status : {"supported", "unsupported", "negated"}
    start, end : int
        Where its words are in the sentence, as a slice.
    """

    au: int
    status: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the movements that it names, in the order of its words."""

    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A word for another emotion than the one explained or predicted.

    Parameters
    ----------
    word : str
        As in the text, in lower case.
    emotion : str
        The emotion that it stands for: one of EMOTIONS, or "contempt".
    sentence : int
        Index of its sentence, from 0.
    """

    word: str
    emotion: str
    sentence: int


@dataclass(frozen=True, slots=True)
class Check:
    """What the check found.

    Parameters
    ----------
    sentences : tuple of Sentence
        The text, sentence by sentence.
    supported, unsupported, negated : tuple of int
        Distinct AUs of each status, as they first come.
    left_out : tuple of int
        Active AUs that the text does not name as there, highest score first.
    precision, recall : float or None
        See the module.
    flags : tuple of Flag
        Other emotions that it names.
    """

    sentences: tuple[Sentence, ...]
    supported: tuple[int, ...]
    unsupported: tuple[int, ...]
    negated: tuple[int, ...]
    left_out: tuple[int, ...]
    precision: float | None
    recall: float | None
    flags: tuple[Flag, ...]

    @property
    def is_grounded(self) -> bool:
        """Whether the text names no movement that was not found, and no other emotion."""
        return not self.unsupported and not self.flags

    @property
    def summary(self) -> str:
        """The check in one sentence."""
        if not (self.supported or self.unsupported):
            said = "The text names no movement"
        else:
            named = len(self.supported) + len(self.unsupported)
            said = f"{len(self.supported)} of {named} named movements are supported"
        if self.unsupported:
            said += f"; not found on this face: {_names(self.unsupported)}"
        if self.left_out:
            said += f"; left out: {_names(self.left_out)}"
        if self.flags:
            said += f"; other emotions named: {', '.join(sorted({f.word for f in self.flags}))}"
        return f"{said}."

    def to_dict(self) -> dict[str, object]:
        """The check as a JSON-able object; AUs are written "AU06"."""
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
            "negated": [_name(au) for au in self.negated],
            "left_out": [_name(au) for au in self.left_out],
            "precision": self.precision,
            "recall": self.recall,
            "flags": [
                {"word": f.word, "emotion": f.emotion, "sentence": f.sentence} for f in self.flags
            ],
        }


def check(text: str, facts: Facts) -> Check:
    """Hold a text against the facts.

    Parameters
    ----------
    text : str
        English.
    facts : Facts
        What is true.

    Returns
    -------
    Check
    """
    sentences = tuple(
        Sentence(part, _findings(find_mentions(part), facts)) for part in split_sentences(text)
    )
    by_status: dict[str, dict[int, None]] = {SUPPORTED: {}, UNSUPPORTED: {}, NEGATED: {}}
    for finding in (f for sentence in sentences for f in sentence.findings):
        by_status[finding.status][finding.au] = None
    supported, unsupported, negated = map(tuple, by_status.values())
    n_named, n_active = len(supported) + len(unsupported), len(facts.active)
    named_emotions = {facts.emotion, facts.predicted}
    return Check(
        sentences,
        supported,
        unsupported,
        negated,
        left_out=tuple(au for au in facts.active if au not in supported),
        precision=len(supported) / n_named if n_named else None,
        recall=len(supported) / n_active if n_active else None,
        flags=tuple(
            Flag(word, emotion, number)
            for number, sentence in enumerate(sentences)
            for word, emotion in find_emotion_words(sentence.text)
            if emotion not in named_emotions
        ),
    )


def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text: cut after ".", "!" or "?" before a capital, and at line ends."""
    lines = _SENTENCE_END.sub(r"\1\n", text).splitlines()
    return tuple(line.strip() for line in lines if line.strip())


def _findings(mentions: tuple[Mention, ...], facts: Facts) -> tuple[Finding, ...]:
    found: dict[tuple[int, str], Finding] = {}
    for mention in mentions:
        active = mention.named(facts.active)
        status = NEGATED if mention.negated else SUPPORTED if active else UNSUPPORTED
        for au in active or mention.aus[:1]:
            found.setdefault((au, status), Finding(au, status, mention.start, mention.end))
    return tuple(found.values())


def _name(au: int) -> str:
    # A text may name any number; the catalogue's own function refuses those it lacks.
    return f"AU{au:02d}"


def _names(aus: tuple[int, ...]) -> str:
    return ", ".join(map(_name, aus))
