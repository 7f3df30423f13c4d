"""Fusion of one face: which movements the classifier's map supports, and why or why not.

The arithmetic is in `xfera_nb.fusion.arrays`; this module puts one face's evidence into it and
reads the answer in words. `fuse` is meant for every move of a slider: it does the arithmetic, and
builds the descriptions only when they are asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from xfera_nb.evidence import Evidence
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.facs.matching import PrototypeMatch, match
from xfera_nb.facs.prototypes import PROTOTYPES
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS, au_landmarks, is_extension
from xfera_nb.fusion.arrays import SIDES, TOLERANCE, FusionArrays, fuse_many
from xfera_nb.fusion.params import FusionParams
from xfera_nb.saliency import missing_class_message


@dataclass(frozen=True)
class SideResult:
    """One side of an AU.

    Attributes
    ----------
    side : str
        The person's "left" or "right".
    relevant, salient : tuple of int
        Landmark numbers, 1-68: all of the side, and the hot ones.
    coverage : float
        0-1.
    saliency : float or None
        0-1 of the map's peak; None where no landmark is hot.
    intensity : float or None
        0-5; None where the source does not tell sides.
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
    """One AU of one face.

    Attributes
    ----------
    au : int
    expected : bool
        Table 2 lists it for the explained emotion.
    extension : bool
        Its landmarks are ours, not the paper's.
    relevant, salient : tuple of int
        Landmark numbers, 1-68.
    coverage : float
        0-1.
    saliency : float or None
        Mean value of the hot landmarks, 0-1 of the map's peak; None where none is hot.
    intensity : float or None
        0-5; None where not measurable.
    score : float or None
        Combined score; None below the cut-off or where not measurable.
    active : bool
    reason : str
        Why it is active or not.
    left, right : SideResult
        The person's sides.
    reliability : float or None
        Pearson r of the AU source against OpenFace, -1 to 1; None where unknown.
    raw_intensity : float or None
        0-5, as it was measured, where the person's neutral face is subtracted from the others;
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
    active: bool
    reason: str
    left: SideResult
    right: SideResult
    reliability: float | None
    raw_intensity: float | None = None

    @property
    def name(self) -> str:
        """As "AU06"."""
        return au_name(self.au)


@dataclass(frozen=True, eq=False)
class Fusion:
    """The fusion of one face's evidence under some parameters.

    Attributes
    ----------
    evidence : Evidence
    params : FusionParams
    target : str
        The explained class.
    arrays : FusionArrays
        The numbers, with N = 1.
    """

    evidence: Evidence = field(repr=False)
    params: FusionParams
    target: str
    arrays: FusionArrays = field(repr=False)

    @property
    def predicted(self) -> str:
        """The emotion that the classifier names."""
        return self.evidence.prediction.predicted

    @property
    def probabilities(self) -> np.ndarray:
        """(7,) float32, in the order of `EMOTIONS`."""
        return self.evidence.prediction.probabilities

    @property
    def confidence(self) -> float:
        """Probability of the explained class, 0-1; NaN for one that the network does not have."""
        return float(self.probabilities[EMOTIONS.index(self.target)])

    @property
    def confidence_level(self) -> str:
        """ "High", "Medium" or "Low", of the prediction."""
        return self.evidence.prediction.confidence_level

    @property
    def threshold(self) -> float | None:
        """In units of the map's peak; None without positive evidence."""
        return _known(self.arrays.threshold[0])

    @property
    def has_positive_evidence(self) -> bool:
        """Whether any place of the map speaks for the class."""
        return self.threshold is not None

    @property
    def no_evidence_reason(self) -> str | None:
        """A sentence where there is no positive evidence, otherwise None."""
        if self.has_positive_evidence:
            return None
        classes = self.evidence.prediction.classes
        if self.target not in classes:
            return missing_class_message(self.target, classes)
        return (
            f"No part of the face speaks for {self.target}: the map has no positive value, so "
            "there is no hot region to compare movements with."
        )

    @property
    def salient(self) -> np.ndarray:
        """(68,) bool."""
        salient: np.ndarray = self.arrays.salient[0]
        return salient

    @property
    def salient_landmarks(self) -> tuple[int, ...]:
        """Numbers of the hot landmarks, 1-68."""
        return tuple(int(i) + 1 for i in np.flatnonzero(self.salient))

    @property
    def activation(self) -> np.ndarray:
        """(68,) float64, 0-1 of the map's peak; NaN where unknown."""
        activation: np.ndarray = self.arrays.activation[0]
        return activation

    @cached_property
    def active(self) -> tuple[int, ...]:
        """Active AUs, the highest combined score first."""
        return self._ranked(self.arrays.active[0, 0])

    @cached_property
    def matching(self) -> tuple[int, ...]:
        """AUs expected for the emotion (Table 2) that are active."""
        return tuple(au for au in EXPECTED_AUS[self.target] if au in self.active)

    @cached_property
    def not_measurable(self) -> tuple[int, ...]:
        """AUs expected for the emotion that the AU source did not measure."""
        intensity = self.arrays.intensity[0, 0]
        return tuple(
            au for au in EXPECTED_AUS[self.target] if math.isnan(intensity[LANDMARK_AUS.index(au)])
        )

    @cached_property
    def missing(self) -> tuple[int, ...]:
        """AUs expected for the emotion that were measured and are not active."""
        found = {*self.matching, *self.not_measurable}
        return tuple(au for au in EXPECTED_AUS[self.target] if au not in found)

    @cached_property
    def action_units(self) -> tuple[AUResult, ...]:
        """Every AU that has landmarks, ascending."""
        return tuple(self._result(column) for column in range(len(LANDMARK_AUS)))

    @cached_property
    def prototypes(self) -> tuple[PrototypeMatch, ...]:
        """Each of the emotion's AU combinations with its match, by intensity alone."""
        units = self.evidence.action_units
        measured = dict(zip(OPENFACE_AUS, units.intensities.tolist(), strict=True))
        sides = [
            None if side is None else dict(zip(OPENFACE_AUS, side.tolist(), strict=True))
            for side in (units.left, units.right)
        ]
        return match(
            measured,
            PROTOTYPES[self.target],
            cutoff=self.params.min_intensity,
            left=sides[0],
            right=sides[1],
        )

    def result(self, au: int) -> AUResult:
        """One AU.

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
        return AUResult(
            au=au,
            expected=bool(a.expected[0, column]),
            extension=is_extension(au),
            relevant=au_landmarks(au),
            salient=self._salient_of(au, None),
            coverage=float(a.coverage[0, 0, column]),
            saliency=_known(a.saliency[0, 0, column]),
            intensity=_known(a.intensity[0, 0, column]),
            score=_known(a.score[0, 0, column]),
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
        if params.scope == "emotion" and not a.expected[0, column]:
            return f"not among the movements of {self.target} in the paper's Table 2"
        if math.isnan(intensity):
            return f"not measurable by {self.evidence.action_units.source}"
        total = len(au_landmarks(au))
        looked = f"{round(coverage * total)} of its {total} landmarks hot ({coverage:.0%}"
        moves = f"intensity {intensity:.2f}"
        if a.active[0, 0, column]:
            return (
                f"{moves} (cut-off {params.min_intensity:g}) and {looked}, needed "
                f"{params.coverage:.0%})"
            )
        if not self.has_positive_evidence:
            return f"{moves}, but nothing on the face speaks for {self.target}"
        faults = []
        if not intensity >= params.min_intensity:
            faults.append(f"{moves} is below the cut-off {params.min_intensity:g}")
        if coverage < params.coverage - TOLERANCE or math.isnan(a.saliency[0, 0, column]):
            faults.append(f"only {looked}, needed {params.coverage:.0%})")
        return "; ".join(faults)


def fuse(
    evidence: Evidence, params: FusionParams | None = None, target: str | None = None
) -> Fusion:
    """Decide which movements the map supports (Algorithm 1 of the XFERa paper, lines 9-29).

    Parameters
    ----------
    evidence : Evidence
    params : FusionParams, optional
        Algorithm 1's by default.
    target : str, optional
        The class to explain; the predicted one by default.

    Returns
    -------
    Fusion

    Raises
    ------
    ValueError
        If the emotion is none of the seven.
    """
    params = params or FusionParams()
    target = target or evidence.prediction.predicted
    if target not in EMOTIONS:
        raise ValueError(f"{target!r} is not one of {', '.join(EMOTIONS)}.")
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
