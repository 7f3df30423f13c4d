"""Fuse one face: which AUs the classifier's map supports, and why or why not.

The arithmetic is in `xfera_nb.fusion.fusion_arrays`; this module applies it to one face's evidence
and puts the result into words. `fuse` is fast enough for every move of a slider: descriptions are
built only when they are asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from xfera_nb.evidence import Evidence
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name
from xfera_nb.facs.emotions import EMOTIONS, parse_emotion
from xfera_nb.facs.matching import PrototypeMatch, match_prototypes
from xfera_nb.facs.prototypes import PROTOTYPES
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS, au_landmarks, is_extension
from xfera_nb.fusion.choices import COVERAGE
from xfera_nb.fusion.fusion_arrays import SIDES, FusionArrays, fuse_many
from xfera_nb.fusion.params import FusionParams
from xfera_nb.fusion.states import (
    ABSENT_ATTENDED,
    ABSENT_NOT_ATTENDED,
    PRESENT_NOT_ATTENDED,
    name_state,
)
from xfera_nb.saliency import missing_class_message


@dataclass(frozen=True)
class SideResult:
    """Hold the result of one side of an AU.

    Attributes
    ----------
    side : str
        The subject's "left" or "right".
    relevant, salient : tuple of int
        Landmark numbers, 1-68: all of the side, and those of them in the salient region.
    coverage : float
        0-1.
    saliency : float or None
        0-1 of the map's peak; None where no landmark is in the salient region.
    intensity : float or None
        0-5; None where the source does not measure sides.
    active : bool or None
        None where the intensity is None.
    """

    side: str
    relevant: tuple[int, ...]
    salient: tuple[int, ...]
    coverage: float
    saliency: float | None
    intensity: float | None
    active: bool | None


@dataclass(frozen=True)
class AUResult:
    """Hold the result of one AU of one face.

    Attributes
    ----------
    au : int
    expected : bool
        Table 2 lists it for the target class.
    extension : bool
        Its landmarks are ours, not the paper's.
    relevant, salient : tuple of int
        Landmark numbers, 1-68: all of the AU, and those of them in the salient region.
    coverage : float
        0-1.
    saliency : float or None
        Mean value of the salient landmarks, 0-1 of the map's peak; None where there is none.
    intensity : float or None
        0-5; None where not measurable.
    score : float or None
        Combined score; None below the minimum intensity or where not measurable.
    present : bool or None
        The intensity reaches the minimum; None where not measurable.
    attended : bool or None
        The coverage reaches the minimum; None where the map has no positive value.
    active : bool
        Reported by the parameters' rule, within their scope.
    reason : str
        Why it is active or not.
    left, right : SideResult
        The subject's sides.
    reliability : float or None
        Pearson r of the AU source against OpenFace, -1 to 1; None where unknown.
    raw_intensity : float or None
        0-5, as measured, where the person's neutral face is subtracted from `intensity`;
        otherwise None.
    """

    au: int
    expected: bool
    extension: bool
    relevant: tuple[int, ...]
    salient: tuple[int, ...]
    coverage: float
    saliency: float | None
    intensity: float | None
    score: float | None
    present: bool | None
    attended: bool | None
    active: bool
    reason: str
    left: SideResult
    right: SideResult
    reliability: float | None
    raw_intensity: float | None = None

    @property
    def name(self) -> str:
        """Return the name, such as "AU06"."""
        return au_name(self.au)

    @property
    def state(self) -> str:
        """Return one of `xfera_nb.fusion.states.STATES`."""
        return name_state(self.present, self.attended)


@dataclass(frozen=True, eq=False)
class Fusion:
    """Represent the fusion of one face's evidence with one set of parameters.

    Attributes
    ----------
    evidence : Evidence
    params : FusionParams
    target : str
        The class being explained.
    arrays : FusionArrays
        The numbers, with N = 1.
    """

    evidence: Evidence = field(repr=False)
    params: FusionParams
    target: str
    arrays: FusionArrays = field(repr=False)

    @property
    def predicted(self) -> str:
        """Return the predicted emotion."""
        return self.evidence.prediction.predicted

    @property
    def probabilities(self) -> np.ndarray:
        """Return the probabilities, (7,) float32 in the order of `EMOTIONS`."""
        return self.evidence.prediction.probabilities

    @property
    def confidence(self) -> float:
        """Return the target class's probability, 0-1; NaN for one that the network lacks."""
        return float(self.probabilities[EMOTIONS.index(self.target)])

    @property
    def confidence_level(self) -> str:
        """ "High", "Medium" or "Low", of the prediction."""
        return self.evidence.prediction.confidence_level

    @property
    def threshold(self) -> float | None:
        """Return the threshold in units of the map's peak; None without positive evidence."""
        return _known(self.arrays.threshold[0])

    @property
    def has_positive_evidence(self) -> bool:
        """Return whether the map has a positive value."""
        return self.threshold is not None

    @property
    def no_evidence_reason(self) -> str | None:
        """Return a sentence where there is no positive evidence, otherwise None."""
        if self.has_positive_evidence:
            return None
        classes = self.evidence.prediction.classes
        if self.target not in classes:
            return missing_class_message(self.target, classes)
        return (
            f"No part of the face speaks for {self.target}: the map has no positive value, so "
            "there is no salient region to compare AUs with."
        )

    @property
    def salient(self) -> np.ndarray:
        """Return the landmarks in the salient region, (68,) bool."""
        salient: np.ndarray = self.arrays.salient[0]
        return salient

    @property
    def salient_landmarks(self) -> tuple[int, ...]:
        """Return the numbers of the landmarks in the salient region, 1-68."""
        return tuple(int(i) + 1 for i in np.flatnonzero(self.salient))

    @property
    def activation(self) -> np.ndarray:
        """Return the map at the landmarks, (68,) float64, 0-1 of its peak; NaN where unknown."""
        activation: np.ndarray = self.arrays.activation[0]
        return activation

    @cached_property
    def active(self) -> tuple[int, ...]:
        """Return the active AUs, the highest combined score first."""
        return self._ranked(self.arrays.active[0, 0])

    @cached_property
    def matching(self) -> tuple[int, ...]:
        """Return the AUs expected for the target class (Table 2) that are active."""
        return tuple(au for au in EXPECTED_AUS[self.target] if au in self.active)

    @cached_property
    def not_measurable(self) -> tuple[int, ...]:
        """Return the expected AUs that the AU source did not measure."""
        intensity = self.arrays.intensity[0, 0]
        return tuple(
            au for au in EXPECTED_AUS[self.target] if math.isnan(intensity[LANDMARK_AUS.index(au)])
        )

    @cached_property
    def missing(self) -> tuple[int, ...]:
        """Return the expected AUs that were measured and are not active."""
        found = {*self.matching, *self.not_measurable}
        return tuple(au for au in EXPECTED_AUS[self.target] if au not in found)

    @cached_property
    def action_units(self) -> tuple[AUResult, ...]:
        """Return the result of every AU that has landmarks, ascending."""
        return tuple(self._result(column) for column in range(len(LANDMARK_AUS)))

    @cached_property
    def prototypes(self) -> tuple[PrototypeMatch, ...]:
        """Match each AU combination of the target class, by intensity alone."""
        units = self.evidence.action_units
        measured = dict(zip(OPENFACE_AUS, units.intensities.tolist(), strict=True))
        sides = [
            None if side is None else dict(zip(OPENFACE_AUS, side.tolist(), strict=True))
            for side in (units.left, units.right)
        ]
        return match_prototypes(
            measured,
            PROTOTYPES[self.target],
            min_intensity=self.params.min_intensity,
            left=sides[0],
            right=sides[1],
        )

    def result(self, au: int) -> AUResult:
        """Return the result of one AU.

        Raises
        ------
        ValueError
            If the AU has no landmarks.
        """
        if au not in LANDMARK_AUS:
            raise ValueError(f"{au_name(au)} has no landmarks.")
        return self.action_units[LANDMARK_AUS.index(au)]

    def _ranked(self, chosen: np.ndarray) -> tuple[int, ...]:
        columns = np.flatnonzero(chosen)
        order = np.argsort(-self.arrays.score[0, 0, columns], kind="stable")
        return tuple(LANDMARK_AUS[column] for column in columns[order])

    def _result(self, column: int) -> AUResult:
        au, a, raw = LANDMARK_AUS[column], self.arrays, self.evidence.raw_action_units
        intensity, attended = _known(a.intensity[0, 0, column]), bool(a.attended[0, 0, column])
        return AUResult(
            au=au,
            expected=bool(a.expected[0, column]),
            extension=is_extension(au),
            relevant=au_landmarks(au),
            salient=self._salient_of(au, None),
            coverage=float(a.coverage[0, 0, column]),
            saliency=_known(a.saliency[0, 0, column]),
            intensity=intensity,
            score=_known(a.score[0, 0, column]),
            present=None if intensity is None else bool(a.present[0, 0, column]),
            attended=attended if self.has_positive_evidence else None,
            active=bool(a.active[0, 0, column]),
            reason=self._reason(au, column),
            left=self._side(au, column, "left"),
            right=self._side(au, column, "right"),
            reliability=_known(self.evidence.action_units.reliability_of(au)),
            raw_intensity=None if raw is None else _known(raw.intensity(au)),
        )

    def _side(self, au: int, column: int, side: str) -> SideResult:
        row, a = SIDES.index(side), self.arrays
        intensity = _known(a.intensity[0, row, column])
        return SideResult(
            side=side,
            relevant=au_landmarks(au, side),
            salient=self._salient_of(au, side),
            coverage=float(a.coverage[0, row, column]),
            saliency=_known(a.saliency[0, row, column]),
            intensity=intensity,
            active=None if intensity is None else bool(a.active[0, row, column]),
        )

    def _salient_of(self, au: int, side: str | None) -> tuple[int, ...]:
        salient = self.salient
        return tuple(number for number in au_landmarks(au, side) if salient[number - 1])

    def _reason(self, au: int, column: int) -> str:
        a, params = self.arrays, self.params
        intensity, coverage = a.intensity[0, 0, column], a.coverage[0, 0, column]
        if params.scope == "typical" and not a.expected[0, column]:
            return f"not among the AUs of {self.target} in the paper's Table 2"
        if math.isnan(intensity):
            return f"not measurable by {self.evidence.action_units.source}"
        total = len(au_landmarks(au))
        salient = f"{round(coverage * total)} of its {total} landmarks in the salient region"
        share = f"({coverage:.0%}, needed {params.coverage:.0%})"
        measured = f"intensity {intensity:.2f}"
        if a.active[0, 0, column]:
            if params.rule == COVERAGE:
                return f"{salient} {share}, at any intensity ({intensity:.2f})"
            return f"{measured} (minimum {params.min_intensity:g}) and {salient} {share}"
        if not self.has_positive_evidence:
            return f"{measured}, but no part of the face speaks for {self.target}"
        weak = f"{measured} is below the minimum {params.min_intensity:g}"
        if a.attended[0, 0, column]:
            return f"{ABSENT_ATTENDED}: {weak}"
        if a.present[0, 0, column]:
            return f"{PRESENT_NOT_ATTENDED}: {measured}, but only {salient} {share}"
        return f"{ABSENT_NOT_ATTENDED}: {weak}; only {salient} {share}"


class HasEvidence(Protocol):
    """Describe anything with an `evidence`, such as a `Result` or a `Fusion`."""

    @property
    def evidence(self) -> Evidence:
        """Return the measurements of one face."""


def fuse(
    evidence: Evidence | HasEvidence,
    params: FusionParams | None = None,
    target: str | None = None,
) -> Fusion:
    """Decide which AUs the map supports (Algorithm 1 of the XFERa paper, lines 9-29).

    Parameters
    ----------
    evidence : Evidence, Result or Fusion
    params : FusionParams, optional
        The recommended preset by default.
    target : str, optional
        The class to explain; the predicted one by default. Any name that `parse_emotion` knows,
        such as "Happiness" or "joy".

    Returns
    -------
    Fusion

    Raises
    ------
    InputError
        If the target is none of the seven emotions.

    Examples
    --------
    >>> fuse(result, FusionParams(k=0.5), target="fear").active  # doctest: +SKIP
    """
    if not isinstance(evidence, Evidence):
        evidence = evidence.evidence
    params = params or FusionParams()
    target = evidence.prediction.predicted if target is None else parse_emotion(target)
    row = EMOTIONS.index(target)
    one = slice(row, row + 1)
    units = evidence.action_units
    arrays = fuse_many(
        evidence.activation[one],
        evidence.mean[params.region][one],
        evidence.std[params.region][one],
        evidence.peak[one],
        units.intensities[None],
        np.array([row]),
        params,
        left=None if units.left is None else units.left[None],
        right=None if units.right is None else units.right[None],
    )
    return Fusion(evidence, params, target, arrays)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
