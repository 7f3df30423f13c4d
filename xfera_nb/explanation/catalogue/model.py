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
class RegionWords:
    """Hold a region of the face with its article.

    Parameters
    ----------
    name : str
        As an object: "the mouth".
    at : str
        As a place: "at the mouth".
    """

    name: str
    at: str


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
    model_picture : str
        A model's that was sent the picture, of ``{model} {host}``.
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
    model_picture: str
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
    regions : mapping of str to RegionWords
        For every region of the face.
    persons : mapping of {"first", "third"} to (str, str)
        Who looked and classified, as the sentences need it for ``{i}``: at first and then again:
        "the model", "it".
    last_and, last_or : str
        What stands before the last of a list, with its spaces.
    but, besides : str
        What joins two and further parts of a sentence, with its marks and spaces.
    less_than_one : str
        "less than 1 %".
    to_percent, to_less_than_one : str
        "to {percent}", "to less than 1 %".
    share : str
        How ``{percent}`` follows a name.
    there, where_looked : str
        Where the network looked, for ``{there}``.
    prediction, prediction_runner_up, prediction_other, prediction_contrast : tuple of str
        ``{i} {predicted} {level} {share} {second} {emotion} {other}``.
    looked_one, looked_two, looked_spread : tuple of str
        Where the map is: ``{i} {region} {at} {percent} {region2} {at2} {percent2}``.
    evidence_one, evidence_two, evidence_spread, no_evidence : tuple of str
        The same of ``{emotion}``, where another class is explained, and that it is nowhere.
    present_typical, present_other, present_both, present_neutral : tuple of str
        ``{there} {named} {others} {emotion}``.
    nothing_there, nothing_but_elsewhere, nothing_typical, nothing_neutral : tuple of str
        ``{there} {named} {emotion}``.
    on_face : tuple of str
        ``{named}``, where no area stands out.
    rest_lead, all_lead : str
        What begins the sentence on typical movements, of ``{emotion}``.
    elsewhere : str
        Its first part, of ``{named}``.
    absent, not_measurable : (str, str)
        Its other parts, of one movement and of several.
    hiding_flips, hiding_falls : tuple of str
        What hiding a region does: ``{region} {answer} {emotion} {before} {after}``.
    hiding_agrees, hiding_disagrees, hiding_alone : tuple of str
        Of that ``{effect}``, and whether the map, strongest ``{at}``, agrees.
    hiding_little : tuple of str
        ``{emotion}``.
    contrast_regions, contrast_region : tuple of str
        ``{emotion} {other} {region} {region2}``.
    contrast_question : str
        ``{emotion} {other}``.
    contrast_both, contrast_ours, contrast_theirs, contrast_neither : tuple of str
        Which present movements are typical of one class alone: ``{emotion} {named}`` and
        ``{other} {others}``.
    contrast_no_evidence : tuple of str
        ``{other}``.
    """

    language: str
    labels: Labels
    emotions: Mapping[str, str]
    levels: Mapping[str, str]
    strengths: Mapping[str, tuple[str, str]]
    movements: Mapping[int, MovementWords]
    regions: Mapping[str, RegionWords]
    persons: Mapping[str, tuple[str, str]]
    last_and: str
    last_or: str
    but: str
    besides: str
    less_than_one: str
    to_percent: str
    to_less_than_one: str
    share: str
    there: str
    where_looked: str
    prediction: Variants
    prediction_runner_up: Variants
    prediction_other: Variants
    prediction_contrast: Variants
    looked_one: Variants
    looked_two: Variants
    looked_spread: Variants
    evidence_one: Variants
    evidence_two: Variants
    evidence_spread: Variants
    no_evidence: Variants
    present_typical: Variants
    present_other: Variants
    present_both: Variants
    present_neutral: Variants
    nothing_there: Variants
    nothing_but_elsewhere: Variants
    nothing_typical: Variants
    nothing_neutral: Variants
    on_face: Variants
    rest_lead: str
    all_lead: str
    elsewhere: str
    absent: Variants
    not_measurable: Variants
    hiding_flips: Variants
    hiding_falls: Variants
    hiding_agrees: Variants
    hiding_disagrees: Variants
    hiding_alone: Variants
    hiding_little: Variants
    contrast_regions: Variants
    contrast_region: Variants
    contrast_question: str
    contrast_both: Variants
    contrast_ours: Variants
    contrast_theirs: Variants
    contrast_neither: Variants
    contrast_no_evidence: Variants
