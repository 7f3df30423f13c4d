"""Define the catalogue of a language, the same for all of them.

In a movement's words ``{s}`` is where the strength goes, with its own space. In a sentence the
words in braces are filled by `xfera_nb.explanation.writers.offline`; where a field has several
sentences, any of them fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Variants = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MovementWords:
    """Hold a movement as the subject of a sentence, with its article.

    Parameters
    ----------
    both : str
        Without a side.
    left, right : str or None
        On the person's left or right; None for a movement without sides.
    feminine : bool
        Whether the strength takes the feminine form.
    """

    both: str
    left: str | None = None
    right: str | None = None
    feminine: bool = False

    def on(self, side: str | None) -> str:
        """Return the words for a side, or for both."""
        sided = {"left": self.left, "right": self.right}.get(side or "")
        return sided or self.both


def sided(both: str, one: str, sides: tuple[str, str], feminine: bool = False) -> MovementWords:
    """Build a movement whose one-sided words differ in ``{side}`` alone."""
    left, right = (one.replace("{side}", side) for side in sides)
    return MovementWords(both, left, right, feminine)


@dataclass(frozen=True, slots=True)
class Labels:
    """Hold the words around a text in one language: the summary, the byline and the notes.

    FACS names of Action Units are English; other languages show the movement's plain words. The
    check's summary, the settings and the tool's own pages stay English.

    Parameters
    ----------
    predicted, level, target, matching, missing, not_measurable, no_evidence : str
        Labels of the summary's rows.
    levels : mapping of str to str
        Level of confidence -> its name, alone.
    none : str
        In place of an empty list.
    absent, present_not_attended : str
        Why an AU is missing.
    nothing_speaks : str or None
        Why there is no evidence, of ``{emotion}``; None for the reason that the facts give.
    articles : tuple of str
        That a movement's words may begin with; they are left out in the summary.
    offline : str
        The offline writer's byline.
    model : str
        A language model's, of ``{model}``.
    tokens, seconds, cost : str
        ``{asked} {written}``, ``{seconds}``, ``{cost}``.
    took, cached : str
        Of ``{parts}``, a list of these.
    note, note_sides : str
    """

    predicted: str
    level: str
    target: str
    matching: str
    missing: str
    not_measurable: str
    no_evidence: str
    levels: Mapping[str, str]
    none: str
    absent: str
    present_not_attended: str
    nothing_speaks: str | None
    articles: tuple[str, ...]
    offline: str
    model: str
    tokens: str
    seconds: str
    cost: str
    took: str
    cached: str
    note: str
    note_sides: str


@dataclass(frozen=True)
class Catalogue:
    """Hold the sentences of one language.

    Parameters
    ----------
    language : str
    labels : Labels
    emotions : mapping of str to str
        One of EMOTIONS -> its name.
    levels : mapping of str to str
        Level of confidence -> its adjective, as the sentences need it.
    strengths : mapping of str to (str, str)
        One of `STRENGTH_WORDS` -> the adjective, masculine and feminine, with its space.
    movements : mapping of int to MovementWords
        For every AU of the catalogue in `xfera_nb.facs`.
    counts : tuple of str
        "no", "one" ... "nine".
    last_and : str
        What stands before the last of a list, with its spaces.
    this_emotion, less_than_one : str
        "this emotion", "less than 1 %".
    where, where_other : str
        Where the network looked; where it speaks for ``{emotion}``.
    share : str
        What is said of ``{percent}`` behind a name.
    answer, answer_other, answer_contrast : tuple of str
        ``{predicted} {level} {emotion} {other} {share}``.
    one, two, many, rest : tuple of str
        ``{where} {first} {second} {rest}``.
    typical_one, typical_one_of_them, typical_all, typical_all_of_them, typical_some_one,
    typical_some, typical_but, typical_none_one, typical_none, typical_neutral : tuple of str
        ``{emotion} {count} {named}``.
    nothing_neutral, nothing_active, no_evidence : tuple of str
        ``{emotion}``.
    contrast_none, contrast_some, contrast_no_evidence, contrast_neutral : tuple of str
        ``{other} {named}``.
    """

    language: str
    labels: Labels
    emotions: Mapping[str, str]
    levels: Mapping[str, str]
    strengths: Mapping[str, tuple[str, str]]
    movements: Mapping[int, MovementWords]
    counts: tuple[str, ...]
    last_and: str
    this_emotion: str
    less_than_one: str
    where: str
    where_other: str
    share: str
    answer: Variants
    answer_other: Variants
    answer_contrast: Variants
    one: Variants
    two: Variants
    many: Variants
    rest: Variants
    typical_one: Variants
    typical_one_of_them: Variants
    typical_all: Variants
    typical_all_of_them: Variants
    typical_some_one: Variants
    typical_some: Variants
    typical_but: Variants
    typical_none_one: Variants
    typical_none: Variants
    typical_neutral: Variants
    nothing_neutral: Variants
    nothing_active: Variants
    no_evidence: Variants
    contrast_none: Variants
    contrast_some: Variants
    contrast_no_evidence: Variants
    contrast_neutral: Variants
