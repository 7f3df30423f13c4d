"""Build the prompt: the XFERa paper's, in its two parts, filled from the facts.

Source
    The XFERa paper (Macchiarulo et al. 2025), section 2.1 and Algorithm 1, lines 30-34. `SYSTEM`
    and the two sentences of `USER` are the paper's, word for word.
Departures
    - The paper says that its prompt "includes a description of the AUs considered typical of the
      recognized emotion", but does not print it: `TYPICAL` is ours.
    - Its neutral prompt is "formulated in a simple and direct way" and not printed: ours as well.
    - It has no branch for a face where no movement is active, where the map has no positive
      evidence, or where the target is not the predicted class. The paper's words would invite a
      model to invent there, so these branches ask it not to.
    - Movements carry side and strength ("strong lifting of the left cheek").
    - For another language than English one sentence asks for it.
    - `full` (all facts of the offline text), `strict` (facts as JSON, an answer as JSON that
      declares its AUs) and `contrast` (one emotion against another) are ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xfera_nb.errors import WriterError, unknown_name
from xfera_nb.explanation.choices import (
    CONTRAST,
    ENGLISH,
    FIRST_PERSON,
    FULL,
    LANGUAGES,
    PAPER,
    PERSONS,
    PROMPT_KINDS,
    STRICT,
    check_language,
)
from xfera_nb.explanation.facts import ABSENT, Facts, Movement, expected_aus
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, au_name
from xfera_nb.fusion.states import NOT_MEASURABLE, PRESENT_ATTENDED

SYSTEM = (
    "You are a facial expression analysis system that detected this '{emotion}', do not explain "
    "the emotion. You are speaking to an audience completely unaware of the topic and they need a "
    "brief explanation of why the emotion occurred.\n\n"
    "Perform this task through the Action Units detected in the salient areas."
)
"""The paper's system part."""

CLASSIFIED = "The expression has been classified as '{emotion}'."
FOCUSED = (
    "It is important to note that the neural network focused on areas of the face where the "
    "following facial movements were detected: {movements}."
)
USER = f"{CLASSIFIED}\n\n{FOCUSED}"
"""The paper's user part; ``{movements}`` is its ``{', '.join(hot_descriptions)}``."""

TYPICAL = (
    "For reference, the Action Units considered typical of '{emotion}', whether or not they were "
    "detected here: {typical}."
)

SYSTEM_NEUTRAL = (
    "You are a facial expression analysis system. You are speaking to an audience completely "
    "unaware of the topic. Answer in one or two simple and direct sentences."
)
NEUTRAL = "No facial movement is typical of this class; do not name any that is not given here."

SYSTEM_OTHER = (
    "You are a facial expression analysis system that detected '{predicted}' and is asked about "
    "'{emotion}' instead, do not explain the emotion. You are speaking to an audience completely "
    "unaware of the topic and they need a brief explanation of what on the face speaks for "
    "'{emotion}'.\n\n"
    "Perform this task through the Action Units detected in the salient areas."
)
FOCUSED_OTHER = (
    "In the areas of the face that speak for '{emotion}', the following facial movements were "
    "detected: {movements}."
)

NOTHING_ACTIVE = (
    "No facial movement was detected in the areas of the face where the neural network focused. "
    "Say so in one or two sentences; do not name or guess any facial movement."
)
NO_EVIDENCE = (
    "No area of the face spoke for '{emotion}', so it is not known which facial movements matter. "
    "Say so in one or two sentences; do not name or guess any facial movement."
)


IN_LANGUAGE = "Write the answer in {language}."

SYSTEM_STRICT = (
    "You put measured facts about a facial expression classifier into words, for readers who know "
    "nothing of the subject. Use nothing but the facts, which are one JSON object. Name no facial "
    "movement that is not in its list of movements, and none on another side or with another "
    "strength. Say what the model classified and what it went by, never what the person feels.\n\n"
    "Answer with one JSON object and nothing else: "
    '{"sentences": [{"text": "...", "aus": [12]}]}. Write two to four short sentences in '
    '{language}, the movements in the order given; "aus" has the numbers of the Action Units that '
    "the sentence names, and is empty where it names none."
)
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "aus": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["text", "aus"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
"""JSON schema of the answer to the strict prompt."""

SYSTEM_FULL = (
    "You put measured facts about a facial expression classifier into words, for an audience "
    "completely unaware of the topic. Use nothing but the facts below; a movement is absent only "
    "where it is listed as absent. Say what the model classified and what it went by, never what "
    "the person feels. Answer in three to five short sentences, in the order of the facts, with at "
    "most two numbers in each."
)

SYSTEM_CONTRAST = (
    "You are a facial expression analysis system that detected '{predicted}'. You are speaking to "
    "an audience completely unaware of the topic and they need a brief explanation of why it is "
    "'{emotion}' rather than '{other}'; do not explain the emotions.\n\n"
    "Perform this task through the Action Units detected in the salient areas; do not name any "
    "facial movement that is not given here."
)
FOR_EMOTION = "In the areas of the face that speak for '{name}', {found}."
FOUND = "the following facial movements were detected: {movements}"
FOUND_NONE = "no facial movement was detected"
NO_AREA = "No area of the face spoke for '{name}'."


@dataclass(frozen=True, slots=True)
class TextRequest:
    """Say how a text is asked for.

    Parameters
    ----------
    kind : {"paper", "full", "strict", "contrast"}
        "contrast" follows from `contrast_with` if that is given.
    language : {"en", "it", "es", "de"}
    contrast_with : str or None
        The class to contrast with; for the kind "contrast" the next most probable one by default.
    person : {"first", "third"}
        Of the offline text: whether the model speaks or is spoken of.

    Raises
    ------
    WriterError
        If one of them is not known, or `contrast_with` does not go with the kind.
    """

    kind: str = PAPER
    language: str = ENGLISH
    contrast_with: str | None = None
    person: str = FIRST_PERSON

    def __post_init__(self) -> None:
        check_language(self.language)
        if self.kind not in PROMPT_KINDS:
            raise unknown_name("prompt", self.kind, PROMPT_KINDS, WriterError)
        if self.person not in PERSONS:
            raise unknown_name("person", self.person, PERSONS, WriterError)
        if self.contrast_with is None:
            return
        if self.contrast_with not in EMOTIONS:
            raise unknown_name("emotion", self.contrast_with, EMOTIONS, WriterError)
        if self.kind in (STRICT, FULL):
            raise WriterError(
                f"The {self.kind} prompt contrasts with nothing; choose the contrast one."
            )
        object.__setattr__(self, "kind", CONTRAST)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Hold what a language model is asked.

    Parameters
    ----------
    system, user : str
        The two parts.
    request : TextRequest
        What was requested.
    other : Facts or None
        For a contrast: those of the class to contrast with.
    """

    system: str
    user: str
    request: TextRequest = TextRequest()
    other: Facts | None = None

    @property
    def kind(self) -> str:
        """Return the kind of prompt, one of `PROMPT_KINDS`."""
        return self.request.kind

    @property
    def language(self) -> str:
        """Return the language of the answer, one of `LANGUAGES`."""
        return self.request.language

    @property
    def messages(self) -> list[dict[str, str]]:
        """Return the two parts as chat messages: text only, never an image."""
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.user},
        ]


def build_prompt(
    facts: Facts, request: TextRequest | None = None, other: Facts | None = None
) -> Prompt:
    """Build the prompt for some facts.

    Parameters
    ----------
    facts : Facts
    request : TextRequest, optional
        Kind and language; the paper's prompt in English by default.
    other : Facts, optional
        For a contrast: those of the same face about the class to contrast with.

    Returns
    -------
    Prompt
        The paper's, or the branch for neutral, for a target that is not predicted, for nothing
        active, or for no positive evidence; or the strict or the contrasting one.

    Raises
    ------
    WriterError
        If a contrast is requested without `other`, or with the same class.
    """
    request = request or TextRequest()
    if request.kind == STRICT:
        language = LANGUAGES[request.language].name
        system = SYSTEM_STRICT.replace("{language}", language)
        return Prompt(system, json.dumps(strict_facts(facts), ensure_ascii=False), request)
    if request.kind == FULL:
        system, parts = SYSTEM_FULL, ["\n".join(full_facts(facts))]
    elif request.kind == CONTRAST:
        if other is None or other.target == facts.target:
            raise WriterError(
                f"A contrast needs another emotion than {facts.target}; name one."
            )
        system, parts = _contrast(facts, other)
    else:
        system, parts = _paper(facts)
    if request.language != ENGLISH:
        parts.append(IN_LANGUAGE.format(language=LANGUAGES[request.language].name))
    return Prompt(system, "\n\n".join(parts), request, other if request.kind == CONTRAST else None)


def _paper(facts: Facts) -> tuple[str, list[str]]:
    values = {
        "emotion": facts.target,
        "predicted": facts.predicted,
        "movements": _movements(facts),
        "typical": describe_typical(facts.target),
    }
    if facts.target == "neutral":
        system, parts = SYSTEM_NEUTRAL, [NEUTRAL]
        if facts.movements:
            parts = [FOCUSED if facts.explains_prediction else FOCUSED_OTHER, NEUTRAL]
    else:
        system = SYSTEM
        if facts.movements:
            parts = [FOCUSED if facts.explains_prediction else FOCUSED_OTHER, TYPICAL]
        else:
            # What is typical is left out here: a list of movements invites a model to use it.
            parts = [NOTHING_ACTIVE if facts.has_positive_evidence else NO_EVIDENCE]
    if facts.explains_prediction:
        parts = [CLASSIFIED, *parts]
    else:
        system = SYSTEM_OTHER
    return system.format(**values), [part.format(**values) for part in parts]


def _contrast(facts: Facts, other: Facts) -> tuple[str, list[str]]:
    system = SYSTEM_CONTRAST.format(
        predicted=facts.predicted, emotion=facts.target, other=other.target
    )
    parts = [CLASSIFIED.format(emotion=facts.predicted)]
    for one in (facts, other):
        if not one.has_positive_evidence:
            parts.append(NO_AREA.format(name=one.target))
            continue
        found = FOUND.format(movements=_movements(one)) if one.movements else FOUND_NONE
        parts.append(FOR_EMOTION.format(name=one.target, found=found))
    return system, parts


def strict_facts(facts: Facts) -> dict[str, object]:
    """Return the facts for the strict prompt: JSON-able, without numbers that invite more."""
    matching = {entry.au for entry in facts.with_state(PRESENT_ATTENDED)}
    record: dict[str, object] = {
        "classified_as": facts.predicted,
        "confidence": facts.confidence_level.lower(),
        "explained": facts.target,
        "movements": [
            {
                "au": movement.au,
                "name": ACTION_UNITS[movement.au].name,
                "movement": movement.words,
                "strength": movement.strength,
                "side": movement.side,
                "typical": movement.au in matching,
            }
            for movement in facts.movements
        ],
    }
    if not facts.has_positive_evidence:
        record["no_evidence"] = NO_EVIDENCE.format(emotion=facts.target)
    elif not facts.movements:
        record["no_evidence"] = NOTHING_ACTIVE
    return record


def full_facts(facts: Facts) -> list[str]:
    """Return the facts of the offline text as lines, for the full prompt."""
    lines = [
        f"Classified as: {facts.predicted}{_share(facts.predicted_probability)}, "
        f"{facts.confidence_level.lower()} confidence"
    ]
    if facts.confidence_level != "High" and facts.runner_up is not None:
        lines.append(f"Second: {facts.runner_up}{_share(facts.runner_up_probability)}")
    if not facts.explains_prediction:
        lines.append(f"Explained here: {facts.target}{_share(facts.probability)}")
    if not facts.has_positive_evidence:
        lines.append(NO_AREA.format(name=facts.target))
    regions = ", ".join(f"{one.region}{_share(one.share)}" for one in facts.map_regions)
    if regions:
        lines.append(f"Where the heatmap of {facts.target} is strongest: {regions}")
    expected = {entry.au for entry in facts.expected}
    others = [one for one in facts.main_movements if one not in facts.typical]
    others += facts.unreported[:1] if not facts.movements else ()
    elsewhere = [one for one in facts.elsewhere if one.au in expected]
    if not (facts.movements or facts.unreported or elsewhere):
        elsewhere = list(facts.elsewhere[:1])
    absent = [entry.words for entry in facts.with_state(*ABSENT)]
    unknown = [entry.words for entry in facts.with_state(NOT_MEASURABLE)]
    lines += [
        f"Present there, typical of {facts.target}: {_listed(facts.typical)}",
        f"Present there, not typical: {_listed(others)}",
        f"Present elsewhere: {_listed(elsewhere)}",
        f"Typical, but absent: {', '.join(absent) or 'none'}",
        f"Typical, but not measurable: {', '.join(unknown) or 'none'}",
    ]
    if facts.target == "neutral":
        lines.append("No facial movement is typical of this class.")
    if facts.knows_hiding and facts.probability is not None:
        lines.append(_hiding(facts))
    return lines


def _hiding(facts: Facts) -> str:
    region = facts.decisive_region
    if region is None:
        return f"Blurring any single region lowers {facts.target} by less than 5 points."
    after = facts.hidden_target_probability(region)
    effect = f"{facts.target} falls from{_share(facts.probability)} to{_share(after)}"
    if facts.is_changed_by(region):
        effect = f"the prediction changes to {region.hidden_prediction}"
    looked = {one.region for one in facts.map_regions}
    agreement = "agrees" if region.region in looked else "points elsewhere"
    return f"Blurring the {region.region}: {effect}" + (
        f"; the heatmap {agreement}" if looked else ""
    )


def _share(share: float | None) -> str:
    return "" if share is None else f" {100 * share:.0f} %"


def _listed(movements: Sequence[Movement]) -> str:
    return ", ".join(movement.description for movement in movements) or "none"


def _movements(facts: Facts) -> str:
    return ", ".join(movement.description for movement in facts.movements)


def describe_typical(emotion: str) -> str:
    """Describe the emotion's AUs by Table 2: "AU06 cheek raiser (lifting of the cheeks), ..."."""
    return ", ".join(
        f"{au_name(au)} {ACTION_UNITS[au].name} ({words})" for au, words in expected_aus(emotion)
    )
