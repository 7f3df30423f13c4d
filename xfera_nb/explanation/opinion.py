"""Compare what a vision model says about a picture of a face with what was measured on it.

Verdicts
    A movement that the model names is *supported* where the AU source measured it as present,
    *contradicted* where it was measured as absent, and *not measurable* where the source has no
    value for it. Whether the map attends to it plays no part: the model did not see the map.
Agreement
    Of the measurable AUs that the model names or the source measured as present, the share that
    both have (Jaccard's index), 0 to 1; None where there is none. Jaccard, P. (1912), New
    Phytologist 11, 37-50.
Source
    Ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xfera_nb.facs import EMOTIONS

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion

SUPPORTED, CONTRADICTED, NOT_MEASURABLE = "supported", "contradicted", "not measurable"


@dataclass(frozen=True, slots=True)
class Opinion:
    """Hold a vision model's answer.

    Parameters
    ----------
    emotion : str
        One of EMOTIONS.
    confidence : float
        0 to 1, as the model says it; it is not calibrated.
    sentences : tuple of (str, tuple of int)
        Each sentence with the AUs that the model ties to it. Untrusted: escape where shown.

    Raises
    ------
    ValueError
        If the emotion is none of the seven, or the confidence is no number from 0 to 1.
    """

    emotion: str
    confidence: float
    sentences: tuple[tuple[str, tuple[int, ...]], ...]

    def __post_init__(self) -> None:
        if self.emotion not in EMOTIONS:
            raise ValueError("the emotion is none of the seven")
        if not (math.isfinite(self.confidence) and 0 <= self.confidence <= 1):
            raise ValueError("the confidence is not from 0 to 1")

    @property
    def aus(self) -> tuple[int, ...]:
        """Return the AUs of all sentences, ascending."""
        return tuple(sorted({au for _, aus in self.sentences for au in aus}))

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-able object."""
        return {
            "emotion": self.emotion,
            "confidence": self.confidence,
            "sentences": [{"text": text, "aus": list(aus)} for text, aus in self.sentences],
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Opinion:
        """Return the opinion of `to_dict`.

        Raises
        ------
        ValueError, TypeError, KeyError
            If it is not one.
        """
        sentences = tuple(
            (str(one["text"]), tuple(int(au) for au in one["aus"])) for one in record["sentences"]
        )
        return cls(str(record["emotion"]), float(record["confidence"]), sentences)


@dataclass(frozen=True, slots=True)
class NamedMovement:
    """Hold a movement that the vision model names.

    Parameters
    ----------
    au : int
        FACS number; any from 1 to 99, known here or not.
    verdict : {"supported", "contradicted", "not measurable"}
    """

    au: int
    verdict: str


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Hold a vision model's answer beside the classifier's and the measured AUs.

    Parameters
    ----------
    opinion : Opinion
    model, host : str
        Who saw the picture, and where.
    predicted : str
        The classifier's class.
    probability : float or None
        That class's, 0 to 1, from the classifier.
    probability_of_opinion : float or None
        The classifier's probability of the class that the vision model names, 0 to 1.
    movements : tuple of NamedMovement
        By AU.
    unnamed : tuple of int
        AUs that were measured as present and that the vision model does not name.
    """

    opinion: Opinion
    model: str
    host: str
    predicted: str
    probability: float | None
    probability_of_opinion: float | None
    movements: tuple[NamedMovement, ...]
    unnamed: tuple[int, ...]

    @property
    def is_same_class(self) -> bool:
        """Return whether both name the same class."""
        return self.opinion.emotion == self.predicted

    @property
    def agreement(self) -> float | None:
        """Return the share of AUs that both have, 0 to 1 (see the module); None without any."""
        both = len(self.with_verdict(SUPPORTED))
        either = both + len(self.with_verdict(CONTRADICTED)) + len(self.unnamed)
        return both / either if either else None

    def with_verdict(self, verdict: str) -> tuple[int, ...]:
        """Return the AUs of a verdict."""
        return tuple(one.au for one in self.movements if one.verdict == verdict)

    @property
    def disagreements(self) -> tuple[str, ...]:
        """Return a line for each point in which the two disagree; none where they agree."""
        lines = []
        if not self.is_same_class:
            lines.append(f"class: {self.opinion.emotion} instead of {self.predicted}")
        if contradicted := self.with_verdict(CONTRADICTED):
            lines.append(f"named, but measured as absent: {_listed(contradicted)}")
        if self.unnamed:
            lines.append(f"measured as present, but not named: {_listed(self.unnamed)}")
        return tuple(lines)

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Return label and value of each line that a result shows of it."""
        agreement = "none of them names a movement"
        if self.agreement is not None:
            agreement = f"{self.agreement:.0%} of the Action Units that either has"
        verdicts = (SUPPORTED, CONTRADICTED, NOT_MEASURABLE)
        return (
            ("Second opinion", f"{self.opinion.emotion}{_percent(self.opinion.confidence)}"),
            ("Classifier", f"{self.predicted}{_percent(self.probability)}"),
            *(
                (f"Movements {verdict}", _listed(self.with_verdict(verdict)) or "none")
                for verdict in verdicts
            ),
            ("Agreement", agreement),
            ("Disagreement", "; ".join(self.disagreements) or "none"),
        )

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-able object; AUs are written "AU06"."""
        return {
            **self.opinion.to_dict(),
            "model": self.model,
            "host": self.host,
            "predicted": self.predicted,
            "probability": self.probability,
            "probability_of_opinion": self.probability_of_opinion,
            "is_same_class": self.is_same_class,
            "movements": [{"au": _name(one.au), "verdict": one.verdict} for one in self.movements],
            "unnamed": [_name(au) for au in self.unnamed],
            "agreement": self.agreement,
            "disagreements": list(self.disagreements),
        }


def compare_opinion(opinion: Opinion, fusion: Fusion, *, model: str, host: str) -> SecondOpinion:
    """Put an opinion beside the prediction and the AUs of a face.

    Parameters
    ----------
    opinion : Opinion
    fusion : Fusion
        Its minimum intensity says which AUs are present.
    model, host : str

    Returns
    -------
    SecondOpinion
    """
    presence = {row.au: row.present for row in fusion.action_units}
    verdicts = {True: SUPPORTED, False: CONTRADICTED, None: NOT_MEASURABLE}
    named = opinion.aus
    shares = dict(zip(EMOTIONS, fusion.probabilities.tolist(), strict=True))
    return SecondOpinion(
        opinion,
        model,
        host,
        fusion.predicted,
        _known(shares[fusion.predicted]),
        _known(shares[opinion.emotion]),
        tuple(NamedMovement(au, verdicts[presence.get(au)]) for au in named),
        tuple(au for au, present in presence.items() if present and au not in named),
    )


def _known(share: float) -> float | None:
    return share if math.isfinite(share) else None


def _percent(share: float | None) -> str:
    return "" if share is None else f", {share:.0%}"


def _name(au: int) -> str:
    return f"AU{au:02d}"


def _listed(aus: tuple[int, ...]) -> str:
    return ", ".join(map(_name, aus))
