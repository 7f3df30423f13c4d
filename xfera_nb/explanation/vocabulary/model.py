"""Define the vocabulary of a language, and the notation of its patterns.

Notation
    A pattern is a sequence of words. In a word, "/" separates alternatives and a final "*" means
    any ending: "lip/mouth corner*" is "lip corner", "mouth corners" ... A lone "~" means up to
    `MAX_GAP` words, in which other matches may be found: "pull* ~ together". Matching is on
    lower-case words without accents and hyphens. The language's `dropped` words and words of side
    and strength may stand between those of a pattern.
Source
    Ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_GAP = 5

Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meanings:
    """Hold what words for a movement may mean.

    Parameters
    ----------
    groups : tuple of tuple of int
        AUs, the most usual group first; those of one group are meant equally. The words name the
        active AUs of the first group that has any.
    default : tuple of int
        What they name where none of all these is active.
    """

    groups: tuple[tuple[int, ...], ...]
    default: tuple[int, ...]

    @property
    def aus(self) -> tuple[int, ...]:
        """Return all AUs that the words may mean, the most usual first."""
        return tuple(au for group in self.groups for au in group)


def first(*aus: int) -> Meanings:
    """Mean the first AU that is active, in this order."""
    return Meanings(tuple((au,) for au in aus), aus[:1])


def either(*aus: int) -> Meanings:
    """Mean any of the AUs, one as much as the other; the first where none is active."""
    return Meanings((aus,), aus[:1])


def both(*aus: int) -> Meanings:
    """Mean all of the AUs together."""
    return Meanings((aus,), aus)


@dataclass(frozen=True, eq=False)
class EmotionWords:
    """Hold one language's words for emotions, and for saying that a person has them.

    All patterns are single words. Contempt is none of the seven classes, so always another emotion.

    Parameters
    ----------
    emotions : mapping of str to patterns
        One of EMOTIONS, or "contempt" -> its words.
    persons : patterns
        Who may feel.
    having : patterns
        What comes between a person and the emotion that it is said to have.
    feeling : patterns
        Verbs of feeling, which are a claim without an emotion's name.
    owners : patterns
        Possessives: "her joy".
    judged : patterns
        What makes a clause one about the prediction: "classified".
    not_felt : patterns
        What parts a person from a feeling, or follows its name: "expression", "face".
    denials : patterns
    no_emotion_before : patterns
        "A neutral position" is no emotion.
    silent_subject : bool
        Whether a clause may leave the person out: "è felice".
    """

    emotions: Mapping[str, Patterns]
    persons: Patterns
    having: Patterns
    feeling: Patterns
    owners: Patterns
    judged: Patterns
    not_felt: Patterns
    denials: Patterns
    no_emotion_before: Patterns
    silent_subject: bool = False


@dataclass(frozen=True, eq=False)
class Discourse:
    """Hold one language's words by which sentences refer, suppose, doubt and contrast.

    Parameters
    ----------
    one, many : patterns
        Pronouns that take up a part of the face, in the singular and in the plural.
    owners : patterns
        Possessives that take one up: "its corners".
    singular : patterns
        Words for parts of the face in the singular.
    verbs_of_one, verbs_of_many : patterns
        Verbs that begin a sentence without a subject, where the language allows it.
    relative : patterns
        What begins a relative clause behind its comma, with its preposition.
    whose : patterns
        Those of them that own what follows.
    resuming : patterns
        Verbs that may follow the comma at the end of a relative clause.
    conditions : patterns
        What makes a stretch of a sentence a supposition.
    inverted : patterns
        What does so as its first word: "had", "were".
    condition_endings : tuple of str
        Endings of words that do so.
    no_conditions : patterns
        What looks like one of these and is none: "as if", "would say".
    doubts : patterns
        What makes all that follows in its stretch uncertain: "perhaps", "it is unclear whether".
    modals : patterns
        What makes one movement uncertain: "might".
    no_doubts : patterns
    contrasts : patterns
        What denies the words up to the comma at the start of a sentence: "instead of".
    contrast_ends : patterns
        Where there is no comma, what ends those words.
    missing : patterns
        What makes a heading one of what is missing.
    reaching : patterns
        Verbs of a smile that reaches the eyes.
    denials : patterns
        What denies these.
    """

    one: Patterns
    many: Patterns
    owners: Patterns
    singular: Patterns
    relative: Patterns
    whose: Patterns
    resuming: Patterns
    conditions: Patterns
    doubts: Patterns
    modals: Patterns
    contrasts: Patterns
    contrast_ends: Patterns
    missing: Patterns
    reaching: Patterns
    denials: Patterns
    inverted: Patterns = ()
    condition_endings: tuple[str, ...] = ()
    no_conditions: Patterns = ()
    no_doubts: Patterns = ()
    verbs_of_one: Patterns = ()
    verbs_of_many: Patterns = ()


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Hold the everyday words of one language for movements of the face.

    Parameters
    ----------
    language : str
        Its code: "en".
    parts, actions : mapping of str to patterns
        Words for the names that `xfera_nb.explanation.vocabulary.rules` links.
    phrases : mapping of str to Meanings
        Pattern of a whole phrase -> what it means, without an action beside a part.
    emotions : EmotionWords
    small_words : frozenset of str
        Frequent words by which a text is recognized to be in this language.
    codes : mapping of str to bool
        What stands before an AU's number, and whether it may stand before several.
    negated_after, negated_around : patterns
        What denies a movement that follows, and what denies one on either side of it.
    idioms : patterns
        What looks like one of these and is none: "no doubt", "not only".
    breaks : frozenset of str
        Words at which a clause ends: nothing is linked or denied across them.
    joining : frozenset of str
        Words that join movements in a row.
    linking_words : frozenset of str
        Words that may stand between two parts or actions of a row.
    sides : mapping of {"left", "right", "both", "one", "only"} to patterns
    strengths : mapping of {"weak", "moderate", "clear", "strong"} to patterns
    regions : mapping of str to patterns
        Region of the face -> its words.
    claims : mapping of str to patterns
        Keys: "looked", "hidden", "changes", "little", "inside", "outside", "measured".
        What makes a claim about a region, the answer, or where a movement is.
    discourse : Discourse
    dropped : frozenset of str
        Words that may stand anywhere in a pattern and count no distance.
    drop_of : bool
        English: "of" is dropped with the article after it.
    elided : bool
        Whether an apostrophe parts words ("l'angolo"); else it is a part of them ("crow's").
    negative_ending : str
        What a word that denies ends on ("n't"); empty if there is none.
    aliases : mapping of str to str
        Words that an accent alone parts from another -> how they are read: "è" is not "e".
    compounds : tuple of str
        German: beginnings of words behind which the word is cut.
    """

    language: str
    parts: Mapping[str, Patterns]
    actions: Mapping[str, Patterns]
    phrases: Mapping[str, Meanings]
    emotions: EmotionWords
    small_words: frozenset[str]
    codes: Mapping[str, bool]
    negated_after: Patterns
    negated_around: Patterns
    idioms: Patterns
    breaks: frozenset[str]
    joining: frozenset[str]
    linking_words: frozenset[str]
    sides: Mapping[str, Patterns]
    strengths: Mapping[str, Patterns]
    regions: Mapping[str, Patterns]
    claims: Mapping[str, Patterns]
    discourse: Discourse
    dropped: frozenset[str] = frozenset()
    drop_of: bool = False
    elided: bool = False
    negative_ending: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    compounds: tuple[str, ...] = ()
