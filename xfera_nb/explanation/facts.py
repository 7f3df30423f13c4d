"""Extract the facts of a fusion that a text may use and is checked against.

Units and scales
    Intensities run from 0 to 5, probabilities from 0 to 1; a score has the fusion's own scale and
    only its order counts here. Left and right are the person's. Unknown is None.
Limits
    An expected AU that is missing counts as present from the fusion's own ``min_intensity`` on (0.3
    unless it says otherwise).
Source
    The facts are those of Algorithm 1, lines 24-35, and of Figure 1 of the XFERa paper
    (Macchiarulo et al. 2025).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.errors import XferaError
from xfera_nb.facs import (
    ACTION_UNITS,
    EMOTIONS,
    EXPECTED_AUS,
    LANDMARK_AUS,
    au_name,
    intensity_letter,
    parse_au,
)

if TYPE_CHECKING:
    from xfera_nb.evidence import StoreArrays
    from xfera_nb.fusion import AUResult, Fusion, FusionArrays, FusionParams

CONFIDENCE_LEVELS: tuple[str, ...] = ("High", "Medium", "Low")

_DEFAULT_MIN_INTENSITY = 0.3


MATCHING = "matching"
ABSENT = "absent"
PRESENT_NOT_ATTENDED = "present, not attended"
NOT_MEASURABLE = "not measurable"

STATUSES: tuple[str, ...] = (MATCHING, ABSENT, PRESENT_NOT_ATTENDED, NOT_MEASURABLE)
"""Status of an expected AU. The second and third are Figure 1's "missing"."""

STRENGTH_WORDS: Mapping[str | None, str] = MappingProxyType(
    {
        None: "barely visible",
        "A": "faint",
        "B": "slight",
        "C": "clear",
        "D": "strong",
        "E": "very strong",
    }
)
"""FACS intensity letter (None: below a trace) -> adjective for a movement."""


def strength_word(intensity: float | None) -> str | None:
    """Return the adjective for an intensity (0 to 5); None where nothing was measured."""
    return None if intensity is None else STRENGTH_WORDS[intensity_letter(intensity)]


@dataclass(frozen=True, slots=True)
class Movement:
    """Hold one active AU: present, and attended by the network.

    Parameters
    ----------
    au : int
        FACS number.
    words : str
        Plain words with the side: "lifting of the left cheek".
    side : {None, "left", "right"}
        The person's side where only that one is active; None for both, or not known.
    strength : str or None
        One of `STRENGTH_WORDS`; None if the intensity is not known.
    intensity : float or None
        0 to 5.
    score : float or None
        The fusion's combined score.
    bilateral : bool
        Whether it is known that both sides are active.
    """

    au: int
    words: str
    side: str | None = None
    strength: str | None = None
    intensity: float | None = None
    score: float | None = None
    bilateral: bool = False

    @classmethod
    def of(
        cls,
        au: int,
        *,
        intensity: float | None = None,
        score: float | None = None,
        side: str | None = None,
        bilateral: bool = False,
    ) -> Movement:
        """Build the movement of an AU, with its plain words and its strength.

        Raises
        ------
        ValueError
            If `side` is none of "left", "right" and None.
        """
        unit = ACTION_UNITS[au]
        words = unit.words_for(side)
        sidable = unit.words_one_side is not None
        sided = side if sidable else None
        both = bilateral and sidable and side is None
        return cls(au, words, sided, strength_word(intensity), intensity, score, both)

    @property
    def description(self) -> str:
        """Return strength and words: "strong lifting of the left cheek"."""
        return self.words if self.strength is None else f"{self.strength} {self.words}"


@dataclass(frozen=True, slots=True)
class ExpectedAU:
    """Hold one AU that Table 2 of the XFERa paper lists for the target, with its status.

    Parameters
    ----------
    au : int
        FACS number.
    words : str
        Plain words, both sides.
    status : str
        One of `STATUSES`.
    """

    au: int
    words: str
    status: str


def expected_aus(emotion: str) -> tuple[tuple[int, str], ...]:
    """Return the AUs that Table 2 lists for an emotion, ascending, with their plain words."""
    return tuple((au, ACTION_UNITS[au].words) for au in EXPECTED_AUS[emotion])


class FactsError(XferaError):
    """Report facts given as JSON that cannot be read."""


@dataclass(frozen=True)
class Facts:
    """Hold all that a text about one fusion may use.

    Parameters
    ----------
    target : str
        The class explained, one of EMOTIONS.
    predicted : str
        The class with the highest probability, one of EMOTIONS; mostly the same.
    confidence_level : {"High", "Medium", "Low"}
        Of the prediction.
    probability : float or None
        Of `target`, 0 to 1.
    movements : tuple of Movement
        The active AUs, highest score first (equal scores: lower AU first; no score: last).
    expected : tuple of ExpectedAU
        The target's AUs by Table 2, ascending; empty for neutral.
    has_positive_evidence : bool
        Whether the heatmap has positive evidence for the target.
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
        """Return the FACS numbers of the active AUs, highest score first."""
        return tuple(movement.au for movement in self.movements)

    @property
    def explains_prediction(self) -> bool:
        """Return whether the target is the predicted class."""
        return self.target == self.predicted

    def with_status(self, *statuses: str) -> tuple[ExpectedAU, ...]:
        """Return the expected AUs of some statuses, ascending."""
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
        """Return the facts as a JSON-able object; AUs are written "AU06"."""
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
        minimum = _number(params.get("min_intensity"))
        minimum = _DEFAULT_MIN_INTENSITY if minimum is None else minimum
        present = {
            row.au for row in rows if row.intensity is not None and row.intensity >= minimum
        }
        status = dict.fromkeys(matching, MATCHING)
        status |= {au: PRESENT_NOT_ATTENDED if au in present else ABSENT for au in missing}
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
    """Build facts from rows (AU, intensity, score, active, left, right) and the other fields.

    NaN and None are "not known"; left and right are whether that side is active.
    """
    return Facts._build(
        rows=[
            _Row(au, _number(intensity), _number(score), active, left, right)
            for au, intensity, score, active, left, right in rows
        ],
        **rest,
    )


def read_store_facts(arrays: StoreArrays, params: FusionParams) -> Iterator[tuple[str, Facts]]:
    """Yield id and facts of each face of a store, about its predicted class.

    Parameters
    ----------
    arrays : StoreArrays
    params : FusionParams

    Yields
    ------
    (str, Facts)
        In the store's order.
    """
    from xfera_nb.fusion import fuse_many

    fused = fuse_many(**arrays.inputs(region=params.region), params=params)
    for number in range(len(arrays)):
        yield str(arrays.ids[number]), _facts_of_row(arrays, fused, number, params)


def _facts_of_row(
    arrays: StoreArrays, fused: FusionArrays, number: int, params: FusionParams
) -> Facts:
    from xfera_nb.classifier import Prediction

    prediction = Prediction(arrays.probabilities[number])
    emotion = prediction.predicted
    expected = EXPECTED_AUS[emotion]
    intensity = dict(zip(LANDMARK_AUS, fused.intensity[number, 0].tolist(), strict=True))
    active = {au for au, is_on in zip(LANDMARK_AUS, fused.active[number, 0], strict=True) if is_on}
    unknown = {au for au in expected if np.isnan(intensity[au])}
    rows = [
        (
            au,
            intensity[au],
            float(fused.score[number, 0, column]),
            au in active,
            *(_side(fused, number, row, column) for row in (1, 2)),
        )
        for column, au in enumerate(LANDMARK_AUS)
    ]
    has_evidence = not np.isnan(fused.threshold[number])
    return build_facts(
        rows,
        target=emotion,
        predicted=emotion,
        confidence_level=prediction.confidence_level,
        probability=float(arrays.probabilities[number, EMOTIONS.index(emotion)]),
        matching=[au for au in expected if au in active],
        missing=[au for au in expected if au not in active and au not in unknown],
        not_measurable=[au for au in expected if au in unknown],
        has_positive_evidence=has_evidence,
        no_evidence_reason=None if has_evidence else f"No part of the face speaks for {emotion}.",
        params=params.to_dict(),
    )


def _side(fused: FusionArrays, number: int, row: int, column: int) -> bool | None:
    known = not np.isnan(fused.intensity[number, row, column])
    return bool(fused.active[number, row, column]) if known else None


@dataclass(frozen=True, slots=True)
class _Row:
    """Hold what is needed of one AU's result, from a fusion or from JSON."""

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
    """Yield each entry with its AU."""
    known: set[int] = set()
    for entry in entries:
        au = _au(entry["au"])
        if au in known:
            raise ValueError(f"{entry['au']} is given twice")
        known.add(au)
        yield au, entry


def _au(value: object) -> int:
    if not isinstance(value, str):
        raise TypeError(f'{value!r} is given where an AU such as "AU06" is needed')
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
        raise TypeError(f"{value!r} is given where true or false is needed")
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
        raise TypeError(f"{value!r} is given where a number is needed")
    number = float(value)
    return None if math.isnan(number) else number
