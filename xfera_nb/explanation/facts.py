"""What the words may use: the few facts of a fusion that a writer sees and a check holds it to.

Units and scales
    Intensities run from 0 to 5, probabilities from 0 to 1; a score has the fusion's own scale and
    only its order counts here. Left and right are the person's. Unknown is None.
Cut-offs
    An expected AU that is missing counts as moving from the fusion's own ``au_cutoff`` on (0.3
    unless it says otherwise).
Source
    The facts are those of Algorithm 1, lines 24-35, and of Figure 1 of the XFERa paper
    (Macchiarulo et al. 2025).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from xfera_nb.errors import XferaError
from xfera_nb.explanation.movements import (
    ABSENT,
    MATCHING,
    NOT_MEASURABLE,
    PRESENT_NOT_ATTENDED,
    STATUSES,
    ExpectedAU,
    Movement,
)
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, au_name, parse_au

if TYPE_CHECKING:
    from xfera_nb.fusion import AUResult, Fusion

CONFIDENCE_LEVELS: tuple[str, ...] = ("High", "Medium", "Low")

_DEFAULT_AU_CUTOFF = 0.3


class FactsError(XferaError):
    """Facts given as JSON cannot be read."""


@dataclass(frozen=True)
class Facts:
    """All that a text about one fusion may use.

    Parameters
    ----------
    target : str
        The class explained, one of EMOTIONS.
    predicted : str
        The classifier's answer, one of EMOTIONS; mostly the same.
    confidence_level : {"High", "Medium", "Low"}
        Of the classifier's answer.
    probability : float or None
        Of `target`, 0 to 1.
    movements : tuple of Movement
        The active AUs, highest score first (equal scores: lower AU first; no score: last).
    expected : tuple of ExpectedAU
        The emotion's AUs by Table 2, ascending; empty for neutral.
    has_positive_evidence : bool
        Whether the heatmap says anything for the emotion.
    no_evidence_reason : str or None
        Why not, in the fusion's words.
    params : mapping
        The fusion's parameters, as its ``to_dict()`` gives them.
    """

    target: str
    predicted: str
    confidence_level: str
    probability: float | None = None
    movements: tuple[Movement, ...] = ()
    expected: tuple[ExpectedAU, ...] = ()
    has_positive_evidence: bool = True
    no_evidence_reason: str | None = None
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def active(self) -> tuple[int, ...]:
        """FACS numbers of the active AUs, highest score first."""
        return tuple(movement.au for movement in self.movements)

    @property
    def explains_prediction(self) -> bool:
        """Whether the class explained is the predicted one."""
        return self.target == self.predicted

    def with_status(self, *statuses: str) -> tuple[ExpectedAU, ...]:
        """The expected AUs of some statuses, ascending."""
        return tuple(entry for entry in self.expected if entry.status in statuses)

    @classmethod
    def from_fusion(cls, fusion: Fusion) -> Facts:
        """Take the facts out of a fusion."""
        return cls._build(
            target=fusion.target,
            predicted=fusion.predicted,
            confidence_level=fusion.confidence_level,
            probability=_number(fusion.probabilities[EMOTIONS.index(fusion.target)]),
            rows=[_Row.of_result(result) for result in fusion.action_units],
            matching=fusion.matching,
            missing=fusion.missing,
            not_measurable=fusion.not_measurable,
            has_positive_evidence=bool(fusion.has_positive_evidence),
            no_evidence_reason=fusion.no_evidence_reason,
            params=fusion.params.to_dict(),
        )

    @classmethod
    def from_dict(cls, record: Mapping[str, object]) -> Facts:
        """Read facts from `to_dict`'s object, or from one that ``xfera explain --json`` prints.

        Raises
        ------
        FactsError
            If the object is neither; the sentence says what is wrong with it.
        """
        if not isinstance(record, Mapping):
            raise FactsError("Facts are one JSON object, as `xfera explain --json` prints it.")
        try:
            if "movements" in record:
                return cls._from_own(record)
            return cls._from_explain(record)
        except KeyError as error:
            raise FactsError(
                f"The facts lack {error}; give an object as `xfera explain --json` prints it."
            ) from None
        except (TypeError, ValueError, AttributeError) as error:
            raise FactsError(
                f"The facts cannot be read ({error}); "
                "give an object as `xfera explain --json` prints it."
            ) from None

    def to_dict(self) -> dict[str, object]:
        """The facts as a JSON-able object; AUs are written "AU06"."""
        return {
            "target": self.target,
            "predicted": self.predicted,
            "confidence_level": self.confidence_level,
            "probability": self.probability,
            "movements": [asdict(m) | {"au": au_name(m.au)} for m in self.movements],
            "expected": [asdict(entry) | {"au": au_name(entry.au)} for entry in self.expected],
            "has_positive_evidence": self.has_positive_evidence,
            "no_evidence_reason": self.no_evidence_reason,
            "params": dict(self.params),
        }

    @classmethod
    def _from_own(cls, record: Mapping[str, Any]) -> Facts:
        return cls(
            target=_emotion(record["target"]),
            predicted=_emotion(record["predicted"]),
            confidence_level=_level(record["confidence_level"]),
            probability=_number(record["probability"]),
            movements=tuple(
                Movement.of(
                    au,
                    intensity=_intensity(entry.get("intensity")),
                    score=_number(entry.get("score")),
                    side=entry.get("side"),
                    bilateral=_flag(entry.get("bilateral", False)),
                )
                for au, entry in _each(record["movements"])
            ),
            expected=tuple(
                _expected(au, entry["status"]) for au, entry in _each(record["expected"])
            ),
            has_positive_evidence=_flag(record["has_positive_evidence"]),
            no_evidence_reason=record.get("no_evidence_reason"),
            params=dict(record.get("params") or {}),
        )

    @classmethod
    def _from_explain(cls, record: Mapping[str, Any]) -> Facts:
        target = _emotion(record["target"])
        probabilities = record.get("probabilities")
        if probabilities is None:
            probabilities = {}
        elif not isinstance(probabilities, Mapping):
            probabilities = dict(zip(EMOTIONS, probabilities, strict=True))
        shares = {name: _number(probabilities.get(name)) for name in EMOTIONS}
        known = {name: share for name, share in shares.items() if share is not None}
        predicted = max(known, key=known.__getitem__) if known else target
        # A record without a word on its evidence has some, unless its threshold is unknown.
        evidence = record.get("has_positive_evidence", record.get("threshold", 0.0) is not None)
        return cls._build(
            target=target,
            predicted=_emotion(record.get("predicted") or predicted),
            confidence_level=_level(record["confidence_level"]),
            probability=shares[target],
            rows=[_Row.of_record(au, entry) for au, entry in _each(record["action_units"])],
            matching=map(_au, record["matching"]),
            missing=map(_au, record["missing"]),
            not_measurable=map(_au, record["not_measurable"]),
            has_positive_evidence=_flag(evidence),
            no_evidence_reason=record.get("no_evidence_reason"),
            params=dict(record.get("params") or {}),
        )

    @classmethod
    def _build(
        cls,
        *,
        rows: list[_Row],
        matching: Iterable[int],
        missing: Iterable[int],
        not_measurable: Iterable[int],
        params: Mapping[str, object],
        **rest: Any,
    ) -> Facts:
        cutoff = _number(params.get("au_cutoff"))
        cutoff = _DEFAULT_AU_CUTOFF if cutoff is None else cutoff
        moving = {
            row.au for row in rows if row.intensity is not None and row.intensity >= cutoff
        }
        status = dict.fromkeys(matching, MATCHING)
        status |= {au: PRESENT_NOT_ATTENDED if au in moving else ABSENT for au in missing}
        status |= dict.fromkeys(not_measurable, NOT_MEASURABLE)
        active = sorted((row for row in rows if row.active), key=_Row.rank)
        return cls(
            movements=tuple(
                Movement.of(
                    row.au,
                    intensity=row.intensity,
                    score=row.score,
                    side=row.side,
                    bilateral=bool(row.left and row.right),
                )
                for row in active
            ),
            expected=tuple(_expected(au, status[au]) for au in sorted(status)),
            params=params,
            **rest,
        )


def build_facts(rows: Iterable[tuple[Any, ...]], **rest: Any) -> Facts:
    """Facts from (AU, intensity, score, active, left, right) rows and the other fields of a fusion.

    NaN and None are "not known"; left and right are whether that side is active.
    """
    return Facts._build(
        rows=[
            _Row(au, _number(intensity), _number(score), active, left, right)
            for au, intensity, score, active, left, right in rows
        ],
        **rest,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """What is needed of one AU's result, whether it comes from a fusion or from JSON."""

    au: int
    intensity: float | None
    score: float | None
    active: bool
    left: bool | None
    right: bool | None

    @classmethod
    def of_result(cls, result: AUResult) -> _Row:
        sides = (None if side is None else side.active for side in (result.left, result.right))
        intensity, score = _number(result.intensity), _number(result.score)
        return cls(result.au, intensity, score, bool(result.active), *sides)

    @classmethod
    def of_record(cls, au: int, entry: Mapping[str, Any]) -> _Row:
        sides = (None if entry.get(s) is None else entry[s]["active"] for s in ("left", "right"))
        return cls(
            au,
            _intensity(entry.get("intensity")),
            _number(entry.get("score")),
            _flag(entry["active"]),
            *sides,
        )

    @property
    def side(self) -> str | None:
        # A side that is not known (None) is no reason to say that the other is alone.
        if self.left is not None and self.right is not None and self.left != self.right:
            return "left" if self.left else "right"
        return None

    def rank(self) -> tuple[bool, float, int]:
        return self.score is None, -(self.score or 0.0), self.au


def _expected(au: int, status: str) -> ExpectedAU:
    if status not in STATUSES:
        raise ValueError(f'"{status}" is no status of an expected AU')
    return ExpectedAU(au, ACTION_UNITS[au].words, status)


def _each(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each entry with its AU."""
    seen: set[int] = set()
    for entry in entries:
        au = _au(entry["au"])
        if au in seen:
            raise ValueError(f"{entry['au']} stands there twice")
        seen.add(au)
        yield au, entry


def _au(value: object) -> int:
    if not isinstance(value, str):
        raise TypeError(f'{value!r} stands where an AU like "AU06" should')
    return parse_au(value)


def _emotion(value: object) -> str:
    name = str(value).lower()
    if name not in EMOTIONS:
        raise ValueError(f'"{value}" is none of the seven emotions')
    return name


def _level(value: object) -> str:
    if value not in CONFIDENCE_LEVELS:
        raise ValueError(f'"{value}" is no confidence level')
    return str(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} stands where true or false should")
    return value


def _intensity(value: Any) -> float | None:
    number = _number(value)
    if number is not None and not 0 <= number <= 5:
        raise ValueError(f"an intensity lies between 0 and 5, not at {number:g}")
    return number


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, (bool, str)):
        raise TypeError(f"{value!r} stands where a number should")
    number = float(value)
    return None if math.isnan(number) else number
