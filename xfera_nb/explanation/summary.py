"""Summarize a fusion as Figure 1 does: prediction, confidence, matching and missing Action Units.

Source
    The XFERa paper (Macchiarulo et al. 2025), Figure 1.
Departures
    - Its first label is "Expected emotion"; here it is "Predicted emotion", as it shows the model's
      prediction. Where another class is explained, a line names that one.
    - It prints AUs by number; here their FACS names or, as FACS has English ones only, plain words
      of the language stand beside them.
    - It has no line for what could not be measured, and does not say why an AU is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xfera_nb.explanation.catalogue import CATALOGUES, Labels
from xfera_nb.explanation.facts import ABSENT, ExpectedAU, Facts
from xfera_nb.facs import ACTION_UNITS
from xfera_nb.fusion.states import NOT_MEASURABLE, PRESENT_ATTENDED, PRESENT_NOT_ATTENDED

NOTE = CATALOGUES["en"].labels.note
NOTE_SIDES = CATALOGUES["en"].labels.note_sides


@dataclass(frozen=True, slots=True)
class SummaryEntry:
    """Hold an expected AU of the summary.

    Parameters
    ----------
    au : int
        FACS number.
    name : str
        "AU06 cheek raiser"; in other languages than English with plain words, as FACS has none.
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
        """Return the entry as printed: "AU06 cheek raiser (absent)"."""
        return self.name if self.why is None else f"{self.name} ({self.why})"


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold the lines of Figure 1.

    Parameters
    ----------
    target : str
        The class explained: "Happiness".
    predicted : str
        The predicted class, mostly the same.
    confidence_level : str
        Of the prediction: "High", "Medium" or "Low".
    matching, missing, not_measurable : tuple of SummaryEntry
        The target's AUs by the paper's Table 2.
    reason : str or None
        Why the map says nothing for the emotion, where it does not.
    notes : tuple of str
        What to keep in mind when reading it.
    labels : Labels
        The words of its language.
    """

    target: str
    predicted: str
    confidence_level: str
    matching: tuple[SummaryEntry, ...]
    missing: tuple[SummaryEntry, ...]
    not_measurable: tuple[SummaryEntry, ...]
    reason: str | None
    notes: tuple[str, ...]
    labels: Labels = field(default=CATALOGUES["en"].labels, repr=False)

    @classmethod
    def from_facts(cls, facts: Facts, language: str = "en") -> Summary:
        """Summarize some facts.

        Parameters
        ----------
        facts : Facts
        language : str
            One of `LANGUAGES`.
        """
        labels, names = CATALOGUES[language].labels, CATALOGUES[language].emotions
        sided = any(movement.side for movement in facts.movements)
        emotion = names[facts.target].strip('"')
        reason = facts.no_evidence_reason
        if reason is not None and labels.nothing_speaks is not None:
            reason = labels.nothing_speaks.format(emotion=emotion)
        return cls(
            target=emotion,
            predicted=names[facts.predicted].strip('"'),
            confidence_level=labels.levels[facts.confidence_level],
            matching=_entries(facts, language, PRESENT_ATTENDED),
            missing=_entries(facts, language, *ABSENT, PRESENT_NOT_ATTENDED),
            not_measurable=_entries(facts, language, NOT_MEASURABLE),
            reason=None if facts.has_positive_evidence else reason,
            notes=(labels.note, labels.note_sides) if sided else (labels.note,),
            labels=labels,
        )

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return (label, value) pairs in the order of the figure."""
        labels = self.labels
        rows = [(labels.predicted, self.predicted), (labels.level, self.confidence_level)]
        if self.target != self.predicted:
            rows.append((labels.target, self.target))
        rows += [
            (labels.matching, self._listed(self.matching)),
            (labels.missing, self._listed(self.missing)),
            (labels.not_measurable, self._listed(self.not_measurable)),
        ]
        if self.reason is not None:
            rows.append((labels.no_evidence, self.reason))
        return tuple(rows)

    def _listed(self, entries: tuple[SummaryEntry, ...]) -> str:
        return ", ".join(entry.text for entry in entries) or self.labels.none

    @property
    def text(self) -> str:
        """Return the lines to print, without the notes."""
        return "\n".join(f"{label}: {value}" for label, value in self.rows)

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-able object."""
        return {
            "target": self.target,
            "predicted": self.predicted,
            "confidence_level": self.confidence_level,
            "matching": [entry.text for entry in self.matching],
            "missing": [entry.text for entry in self.missing],
            "not_measurable": [entry.text for entry in self.not_measurable],
            "reason": self.reason,
            "notes": list(self.notes),
        }


def _entries(facts: Facts, language: str, *states: str) -> tuple[SummaryEntry, ...]:
    return tuple(_entry(expected, language) for expected in facts.with_state(*states))


def _entry(expected: ExpectedAU, language: str) -> SummaryEntry:
    unit, labels = ACTION_UNITS[expected.au], CATALOGUES[language].labels
    whys = dict.fromkeys(ABSENT, labels.absent)
    whys[PRESENT_NOT_ATTENDED] = labels.present_not_attended
    name, words = unit.name, expected.words
    if language != "en":
        words = CATALOGUES[language].movements[expected.au].both.format(s="")
        article = next(filter(words.startswith, labels.articles), "")
        name = words = words.removeprefix(article)
    return SummaryEntry(expected.au, f"{unit.code} {name}", words, whys.get(expected.state))
