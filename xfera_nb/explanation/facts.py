"""Extract the facts of a fusion that a text may use and is checked against.

Units and scales
    Intensities run from 0 to 5, probabilities from 0 to 1; a score has the fusion's own scale and
    only its order counts here. Left and right are the person's. Unknown is None.
Source
    The facts are those of Algorithm 1, lines 24-35, and of Figure 1 of the XFERa paper
    (Macchiarulo et al. 2025).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.errors import XferaError
from xfera_nb.explanation.record_values import (
    read_each,
    read_emotion,
    read_emotion_or_none,
    read_flag,
    read_intensity,
    read_level,
    read_number,
    read_rounded,
    read_state,
)
from xfera_nb.facs import (
    ACTION_UNITS,
    EMOTIONS,
    EXPECTED_AUS,
    au_name,
    intensity_letter,
)
from xfera_nb.fusion.states import (
    ABSENT_ATTENDED,
    ABSENT_NOT_ATTENDED,
    NOT_MEASURABLE,
    PRESENT_ATTENDED,
    PRESENT_NOT_ATTENDED,
)

if TYPE_CHECKING:
    from xfera_nb.classifier import Prediction
    from xfera_nb.evidence.occlusion import RegionOcclusion
    from xfera_nb.fusion import AUResult, Fusion

ABSENT: tuple[str, ...] = (ABSENT_ATTENDED, ABSENT_NOT_ATTENDED)
"""The two states of an AU that was measured as absent."""

SMALL_DROP = 0.05
"""Fall of a probability below which hiding a region changes little, 0 to 1."""

SMALL_SHARE = 0.2
"""Share of the map below which even the largest region stands for no concentration, 0 to 1."""

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
    """Hold one AU that is present.

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
    """Hold one AU that Table 2 of the XFERa paper lists for the target, with its state.

    Parameters
    ----------
    au : int
        FACS number.
    words : str
        Plain words, both sides.
    state : str
        One of `xfera_nb.fusion.states.STATES`.
    """

    au: int
    words: str
    state: str


@dataclass(frozen=True, slots=True)
class RegionFact:
    """Hold what was measured of one region of the face; None where it was not measured.

    Parameters
    ----------
    region : str
        One of `xfera_nb.faces.regions.FACE_REGIONS`.
    share : float or None
        Of the target's positive map, 0 to 1.
    hidden_prediction : str or None
        The predicted class with the region hidden.
    hidden_probability : float or None
        That class's probability with the region hidden, 0 to 1.
    prob_drop : float or None
        How far hiding the region lowers the target's probability, -1 to 1.
    """

    region: str
    share: float | None = None
    hidden_prediction: str | None = None
    hidden_probability: float | None = None
    prob_drop: float | None = None

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-able object."""
        return {
            "region": self.region,
            "share": self.share,
            "prob_drop": self.prob_drop,
            "hidden_predicted": self.hidden_prediction,
            "hidden_probability": self.hidden_probability,
        }


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
    predicted_probability : float or None
        Of `predicted`, 0 to 1.
    runner_up : str or None
        The class with the second highest probability.
    runner_up_probability : float or None
        0 to 1.
    movements : tuple of Movement
        The active AUs, highest score first (equal scores: lower AU first; no score: last).
    elsewhere : tuple of Movement
        Present AUs that are not attended: typical ones first, then the strongest.
    unreported : tuple of Movement
        AUs that are present and attended and that the preset does not consider, the strongest
        first.
    expected : tuple of ExpectedAU
        The target's AUs by Table 2, ascending; empty for neutral.
    regions : tuple of RegionFact
        In the order of `FACE_REGIONS`; empty where no region was measured.
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
    predicted_probability: float | None = None
    runner_up: str | None = None
    runner_up_probability: float | None = None
    elsewhere: tuple[Movement, ...] = ()
    unreported: tuple[Movement, ...] = ()
    regions: tuple[RegionFact, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def active(self) -> tuple[int, ...]:
        """Return the FACS numbers of the active AUs, highest score first."""
        return tuple(movement.au for movement in self.movements)

    @property
    def explains_prediction(self) -> bool:
        """Return whether the target is the predicted class."""
        return self.target == self.predicted

    def with_state(self, *states: str) -> tuple[ExpectedAU, ...]:
        """Return the expected AUs in some states, ascending."""
        return tuple(entry for entry in self.expected if entry.state in states)

    @property
    def typical(self) -> tuple[Movement, ...]:
        """Return the active movements that Table 2 lists for the target, highest score first."""
        expected = {entry.au for entry in self.expected}
        return tuple(movement for movement in self.movements if movement.au in expected)

    @property
    def main_movements(self) -> tuple[Movement, ...]:
        """Return the movements that a text names: the typical ones, then at most two others."""
        typical = self.typical
        return (*typical, *[one for one in self.movements if one not in typical][:2])

    @property
    def present(self) -> tuple[Movement, ...]:
        """Return all movements that may be said to be on the face."""
        return (*self.movements, *self.elsewhere, *self.unreported)

    @property
    def map_regions(self) -> tuple[RegionFact, ...]:
        """Return the region with most of the map, and the next if it has at least half as much."""
        known = [one for one in self.regions if one.share is not None]
        known.sort(key=lambda one: -(one.share or 0.0))
        if not known or not known[0].share:
            return ()
        return tuple(one for one in known[:2] if 2 * (one.share or 0.0) >= known[0].share)

    @property
    def decisive_region(self) -> RegionFact | None:
        """Return the region whose hiding matters most; None where hiding any changes little.

        That is the largest fall of the target's probability, if it is at least `SMALL_DROP`;
        otherwise the largest among the regions whose hiding changes the prediction.
        """
        known = [one for one in self.regions if one.prob_drop is not None]
        if not known:
            return None
        largest = max(known, key=_drop)
        if _drop(largest) >= SMALL_DROP:
            return largest
        return max((one for one in known if self.is_changed_by(one)), key=_drop, default=None)

    @property
    def knows_hiding(self) -> bool:
        """Return whether the effect of hiding a region was measured."""
        return any(one.prob_drop is not None for one in self.regions)

    def is_changed_by(self, region: RegionFact) -> bool:
        """Return whether hiding a region changes the predicted class."""
        return region.hidden_prediction not in (None, self.predicted)

    def hidden_target_probability(self, region: RegionFact) -> float | None:
        """Return the target's probability with a region hidden, 0 to 1."""
        if self.probability is None or region.prob_drop is None:
            return None
        return min(max(self.probability - region.prob_drop, 0.0), 1.0)

    @classmethod
    def from_fusion(cls, fusion: Fusion) -> Facts:
        """Take the facts out of a fusion."""
        return cls._build(
            target=fusion.target,
            predicted=fusion.predicted,
            confidence_level=fusion.confidence_level,
            shares=dict(zip(EMOTIONS, map(read_number, fusion.probabilities), strict=True)),
            rows=[_Row.of_result(result) for result in fusion.action_units],
            regions=_regions_of(fusion),
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
            "predicted_probability": self.predicted_probability,
            "runner_up": self.runner_up,
            "runner_up_probability": self.runner_up_probability,
            "movements": [asdict(m) | {"au": au_name(m.au)} for m in self.movements],
            "elsewhere": [asdict(m) | {"au": au_name(m.au)} for m in self.elsewhere],
            "unreported": [asdict(m) | {"au": au_name(m.au)} for m in self.unreported],
            "expected": [asdict(entry) | {"au": au_name(entry.au)} for entry in self.expected],
            "regions": [one.to_dict() for one in self.regions],
            "has_positive_evidence": self.has_positive_evidence,
            "no_evidence_reason": self.no_evidence_reason,
            "params": dict(self.params),
        }

    @classmethod
    def _from_own(cls, record: Mapping[str, Any]) -> Facts:
        return cls(
            target=read_emotion(record["target"]),
            predicted=read_emotion(record["predicted"]),
            confidence_level=read_level(record["confidence_level"]),
            probability=read_number(record["probability"]),
            predicted_probability=read_number(record.get("predicted_probability")),
            runner_up=read_emotion_or_none(record.get("runner_up")),
            runner_up_probability=read_number(record.get("runner_up_probability")),
            movements=_movements_of(record["movements"]),
            elsewhere=_movements_of(record.get("elsewhere") or ()),
            unreported=_movements_of(record.get("unreported") or ()),
            expected=tuple(
                _expected(au, entry["state"]) for au, entry in read_each(record["expected"])
            ),
            regions=tuple(map(_region, record.get("regions") or ())),
            has_positive_evidence=read_flag(record["has_positive_evidence"]),
            no_evidence_reason=record.get("no_evidence_reason"),
            params=dict(record.get("params") or {}),
        )

    @classmethod
    def _from_explain(cls, record: Mapping[str, Any]) -> Facts:
        target = read_emotion(record["target"])
        probabilities = record.get("probabilities")
        if probabilities is None:
            probabilities = {}
        elif not isinstance(probabilities, Mapping):
            probabilities = dict(zip(EMOTIONS, probabilities, strict=True))
        shares = {name: read_number(probabilities.get(name)) for name in EMOTIONS}
        known = {name: share for name, share in shares.items() if share is not None}
        predicted = max(known, key=known.__getitem__) if known else target
        # A record without a word on its evidence has some, unless its threshold is unknown.
        evidence = record.get("has_positive_evidence", record.get("threshold", 0.0) is not None)
        return cls._build(
            target=target,
            predicted=read_emotion(record.get("predicted") or predicted),
            confidence_level=read_level(record["confidence_level"]),
            shares=shares,
            rows=[_Row.of_record(au, entry) for au, entry in read_each(record["action_units"])],
            regions=tuple(map(_region, record.get("regions") or ())),
            has_positive_evidence=read_flag(evidence),
            no_evidence_reason=record.get("no_evidence_reason"),
            params=dict(record.get("params") or {}),
        )

    @classmethod
    def _build(
        cls,
        *,
        rows: list[_Row],
        target: str,
        predicted: str,
        shares: Mapping[str, float | None],
        **rest: Any,
    ) -> Facts:
        others = [name for name in EMOTIONS if name != predicted and shares.get(name) is not None]
        second = max(others, key=lambda name: shares[name] or 0.0, default=None)
        states = {row.au: row.state for row in rows}
        expected = EXPECTED_AUS[target]
        present = [row for row in rows if row.state in (PRESENT_ATTENDED, PRESENT_NOT_ATTENDED)]
        elsewhere = [
            row for row in present if row.state == PRESENT_NOT_ATTENDED and not row.active
        ]
        unreported = [row for row in present if row.state == PRESENT_ATTENDED and not row.active]
        elsewhere.sort(key=lambda row: (row.au not in expected, -(row.intensity or 0.0), row.au))
        unreported.sort(key=lambda row: (-(row.intensity or 0.0), row.au))
        active = sorted((row for row in rows if row.active), key=_Row.rank)
        return cls(
            target=target,
            predicted=predicted,
            probability=shares.get(target),
            predicted_probability=shares.get(predicted),
            runner_up=second,
            runner_up_probability=None if second is None else shares[second],
            movements=tuple(row.movement for row in active),
            elsewhere=tuple(row.movement for row in elsewhere),
            unreported=tuple(row.movement for row in unreported),
            expected=tuple(_expected(au, states.get(au, NOT_MEASURABLE)) for au in expected),
            **rest,
        )


def build_facts(rows: Iterable[tuple[Any, ...]], **rest: Any) -> Facts:
    """Build facts from rows (AU, intensity, score, active, left, right, state) and other fields.

    NaN and None are "not known"; left and right are whether that side is active.
    """
    return Facts._build(
        rows=[
            _Row(au, read_number(intensity), read_number(score), active, left, right, state)
            for au, intensity, score, active, left, right, state in rows
        ],
        **rest,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """Hold what is needed of one AU's result, from a fusion or from JSON."""

    au: int
    intensity: float | None
    score: float | None
    active: bool
    left: bool | None
    right: bool | None
    state: str

    @classmethod
    def of_result(cls, result: AUResult) -> _Row:
        left, right = (
            None if side is None else side.active for side in (result.left, result.right)
        )
        intensity, score = read_number(result.intensity), read_number(result.score)
        return cls(
            result.au, intensity, score, bool(result.active), left, right, read_state(result.state)
        )

    @classmethod
    def of_record(cls, au: int, entry: Mapping[str, Any]) -> _Row:
        left, right = (
            None if entry.get(side) is None else entry[side]["active"] for side in ("left", "right")
        )
        return cls(
            au,
            read_intensity(entry.get("intensity")),
            read_number(entry.get("score")),
            read_flag(entry["active"]),
            left,
            right,
            read_state(entry["state"]),
        )

    @property
    def movement(self) -> Movement:
        return Movement.of(
            self.au,
            intensity=self.intensity,
            score=self.score,
            side=self.side if self.active else None,
            bilateral=bool(self.left and self.right),
        )

    @property
    def side(self) -> str | None:
        # A side that is not known (None) is no reason to say that the other is alone.
        if self.left is not None and self.right is not None and self.left != self.right:
            return "left" if self.left else "right"
        return None

    def rank(self) -> tuple[bool, float, int]:
        return self.score is None, -(self.score or 0.0), self.au


def _expected(au: int, state: object) -> ExpectedAU:
    return ExpectedAU(au, ACTION_UNITS[au].words, read_state(state))


def _drop(region: RegionFact) -> float:
    return region.prob_drop or 0.0


def _movements_of(entries: Iterable[Mapping[str, Any]]) -> tuple[Movement, ...]:
    return tuple(
        Movement.of(
            au,
            intensity=read_intensity(entry.get("intensity")),
            score=read_number(entry.get("score")),
            side=entry.get("side"),
            bilateral=read_flag(entry.get("bilateral", False)),
        )
        for au, entry in read_each(entries)
    )


def _region(entry: Mapping[str, Any]) -> RegionFact:
    from xfera_nb.faces.regions import FACE_REGIONS

    if entry["region"] not in FACE_REGIONS:
        raise ValueError(f'"{entry["region"]}" is no region of the face')
    return RegionFact(
        str(entry["region"]),
        share=read_rounded(entry.get("share")),
        hidden_prediction=read_emotion_or_none(entry.get("hidden_predicted")),
        hidden_probability=read_rounded(entry.get("hidden_probability")),
        prob_drop=read_rounded(entry.get("prob_drop")),
    )


def _regions_of(fusion: Fusion) -> tuple[RegionFact, ...]:
    evidence, target = fusion.evidence, fusion.target
    shares = evidence.region_shares(target) if evidence.heatmaps else None
    return region_facts(shares, evidence.occlusion, evidence.prediction, target)


def region_facts(
    shares: np.ndarray | None,
    hidden: RegionOcclusion | None,
    whole: Prediction,
    target: str,
) -> tuple[RegionFact, ...]:
    """Return what is known of each face region.

    Parameters
    ----------
    shares : np.ndarray or None
        (6,) float, 0-1, of the target's positive map, NaN where undefined.
    hidden : RegionOcclusion or None
        What the classifier answers with a region hidden.
    whole : Prediction
        Of the whole face.
    target : str
    """
    from xfera_nb.faces.regions import FACE_REGIONS

    unknown = [None] * len(FACE_REGIONS)
    parts: Any = unknown if shares is None else shares
    drops: Any = unknown if hidden is None else hidden.prob_drops(whole, target)
    facts = []
    for region, share, drop in zip(FACE_REGIONS, parts, drops, strict=True):
        prediction = None if hidden is None else hidden.prediction(region)
        answer = None if prediction is None else prediction.predicted
        certainty = None if prediction is None else prediction.confidence
        facts.append(
            RegionFact(
                region,
                share=read_rounded(share),
                hidden_prediction=answer,
                hidden_probability=read_rounded(certainty),
                prob_drop=read_rounded(drop),
            )
        )
    return tuple(facts)
