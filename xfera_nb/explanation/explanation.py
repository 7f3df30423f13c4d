"""From a fusion to words that are checked: the last step of the line.

Source
    The XFERa paper (Macchiarulo et al. 2025): Algorithm 1, lines 30-35, and Figure 1 for the block
    of expected emotion, confidence level, matching and missing AUs.
Departures
    - Figure 1 prints AUs by number; here their FACS names stand beside them.
    - It has no line for what could not be measured, and does not say why an AU is missing.
    - Each text is held against the fusion, and the block says whom it is about: the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.grounding import Check, check
from xfera_nb.explanation.movements import (
    MATCHING,
    NOT_LOOKED_AT,
    NOT_MEASURABLE,
    NOT_MOVING,
    Expected,
)
from xfera_nb.explanation.prompts import Prompt, build_prompt
from xfera_nb.explanation.writers import Draft, OfflineWriter, Writer, load_writer
from xfera_nb.facs import ACTION_UNITS

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion

NOTE = "This describes what the model went by, not what the person feels."
NOTE_SIDES = "Left and right are the person's."

_WHY_MISSING = {NOT_MOVING: "not moving", NOT_LOOKED_AT: "moving, but not looked at"}


@dataclass(frozen=True, slots=True)
class BlockEntry:
    """An expected AU in the block.

    Parameters
    ----------
    au : int
        FACS number.
    name : str
        "AU06 cheek raiser".
    words : str
        Plain words: "lifting of the cheeks".
    why : str or None
        Why it is missing; None for the others.
    """

    au: int
    name: str
    words: str
    why: str | None = None

    @property
    def text(self) -> str:
        """The entry as printed: "AU06 cheek raiser (not moving)"."""
        return self.name if self.why is None else f"{self.name} ({self.why})"


@dataclass(frozen=True, slots=True)
class Block:
    """Figure 1's block.

    Parameters
    ----------
    emotion : str
        "Happiness": what is explained; the figure's "expected emotion".
    predicted : str
        The classifier's answer, mostly the same.
    confidence_level : str
        Of the answer: "High", "Medium" or "Low".
    matching, missing, not_measurable : tuple of BlockEntry
        The emotion's AUs by the paper's Table 2.
    reason : str or None
        Why the map says nothing for the emotion, where it does not.
    notes : tuple of str
        What to keep in mind when reading it.
    """

    emotion: str
    predicted: str
    confidence_level: str
    matching: tuple[BlockEntry, ...]
    missing: tuple[BlockEntry, ...]
    not_measurable: tuple[BlockEntry, ...]
    reason: str | None
    notes: tuple[str, ...]

    @classmethod
    def of(cls, facts: Facts) -> Block:
        """The block for some facts."""
        sided = any(movement.side for movement in facts.movements)
        return cls(
            facts.emotion.capitalize(),
            facts.predicted.capitalize(),
            facts.confidence_level,
            *(
                tuple(map(_entry, facts.with_status(*statuses)))
                for statuses in ((MATCHING,), (NOT_MOVING, NOT_LOOKED_AT), (NOT_MEASURABLE,))
            ),
            None if facts.has_positive_evidence else facts.no_evidence_reason,
            (NOTE, NOTE_SIDES) if sided else (NOTE,),
        )

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The block as (label, value), in the order of the figure."""
        emotion = self.emotion
        if self.predicted != self.emotion:
            emotion += f" (the model's answer is {self.predicted})"
        rows = [
            ("Expected emotion", emotion),
            ("Confidence level", self.confidence_level),
            ("Matching AUs", _listed(self.matching)),
            ("Missing AUs", _listed(self.missing)),
            ("Not measurable AUs", _listed(self.not_measurable)),
        ]
        if self.reason is not None:
            rows.append(("No positive evidence", self.reason))
        return tuple(rows)

    @property
    def text(self) -> str:
        """The block as lines to print, without the notes."""
        return "\n".join(f"{label}: {value}" for label, value in self.rows)

    def to_dict(self) -> dict[str, object]:
        """The block as a JSON-able object."""
        return {
            "emotion": self.emotion,
            "predicted": self.predicted,
            "confidence_level": self.confidence_level,
            "matching": [entry.text for entry in self.matching],
            "missing": [entry.text for entry in self.missing],
            "not_measurable": [entry.text for entry in self.not_measurable],
            "reason": self.reason,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Explanation:
    """A text about a fusion, with all that it rests on.

    Parameters
    ----------
    facts : Facts
        What the text could use.
    prompt : Prompt
        What a language model was asked, or would have been.
    draft : Draft
        The text with its writer, model, tokens and seconds.
    check : Check
        The text held against the facts.
    block : Block
        Figure 1's block.
    """

    facts: Facts
    prompt: Prompt
    draft: Draft
    check: Check
    block: Block

    @property
    def text(self) -> str:
        """The sentences. From a language model they are a stranger's: escape them where shown."""
        return self.draft.text

    @property
    def writer(self) -> str:
        """The writer's name."""
        return self.draft.writer

    @property
    def model(self) -> str | None:
        """The language model that wrote the text; None for the offline writer."""
        return self.draft.model

    @property
    def tokens(self) -> tuple[int | None, int | None]:
        """Tokens of the prompt and of the answer, as the server counted them."""
        return self.draft.prompt_tokens, self.draft.completion_tokens

    @property
    def seconds(self) -> float:
        """Wall-clock seconds that the writing took."""
        return self.draft.seconds

    @property
    def block_text(self) -> str:
        """Figure 1's block as lines to print."""
        return self.block.text

    @property
    def byline(self) -> str:
        """Who wrote the text."""
        if self.model is None:
            return "Composed by the offline writer from the measured facts; no language model."
        return f"Written by {self.model} from the measured facts; no image was sent."

    def to_dict(self) -> dict[str, object]:
        """The explanation as a JSON-able object."""
        return {
            "text": self.text,
            "writer": self.writer,
            "model": self.model,
            "prompt_tokens": self.draft.prompt_tokens,
            "completion_tokens": self.draft.completion_tokens,
            "seconds": self.seconds,
            "prompt": {"system": self.prompt.system, "user": self.prompt.user},
            "check": self.check.to_dict(),
            "block": self.block.to_dict(),
            "facts": self.facts.to_dict(),
        }

    def __str__(self) -> str:
        last = "\n".join((self.byline, f"Check: {self.check.summary}", " ".join(self.block.notes)))
        return f"{self.block_text}\n\n{self.text}\n\n{last}"


def explain(fusion: Fusion | Facts, writer: Writer | str | None = None) -> Explanation:
    """Explain a fusion in words, and check them.

    Parameters
    ----------
    fusion : Fusion or Facts
    writer : Writer or str, optional
        A writer or the name of one; the offline writer if none is given.

    Returns
    -------
    Explanation

    Raises
    ------
    WriterError
        If the writer gave no text.
    """
    facts = fusion if isinstance(fusion, Facts) else Facts.from_fusion(fusion)
    if writer is None:
        writer = OfflineWriter()
    elif isinstance(writer, str):
        writer = load_writer(writer)
    prompt = build_prompt(facts)
    draft = writer.write(facts, prompt)
    return Explanation(facts, prompt, draft, check(draft.text, facts), Block.of(facts))


def _entry(expected: Expected) -> BlockEntry:
    unit = ACTION_UNITS[expected.au]
    why = _WHY_MISSING.get(expected.status)
    return BlockEntry(expected.au, f"{unit.code} {unit.name}", expected.words, why)


def _listed(entries: tuple[BlockEntry, ...]) -> str:
    return ", ".join(entry.text for entry in entries) or "none"
