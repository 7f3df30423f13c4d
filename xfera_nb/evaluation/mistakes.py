"""Why a face was taken for another emotion: what the maps and the movements say, and no more.

Units and scales
    Heat is the mean of a class's positive map over the region that the parameters name, in the
    map's own units, which the seven maps of one face share; a class's `share` is its part of the
    seven classes' heat, 0 to 1. Intensities run from 0 to 5, coverages and probabilities from 0
    to 1. Unknown is None, or NaN in arrays.
Cut-offs
    Those of the fusion's parameters, see `xfera_nb.evaluation.states`. Each emotion's AUs are held
    against that emotion's own map.
Source
    The expected AUs are those of Table 2 of the XFERa paper (Macchiarulo et al. 2025). States and
    shares are ours.

All of it describes the model and the source of AUs. Nothing is said about the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from xfera_nb.classifier import Prediction
from xfera_nb.evaluation.states import COLD, STATES, STILL, covered, states
from xfera_nb.evidence import Evidence
from xfera_nb.evidence.rows import Row
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, EXPECTED_AUS, au_landmarks
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionArrays, FusionParams, fuse_many


@dataclass(frozen=True, slots=True)
class ClassHeat:
    """What one class got.

    Attributes
    ----------
    emotion : str
    probability : float or None
        None where the model has no such class.
    heat : float
        Mean of its positive map over the region, in the map's units.
    share : float or None
        Of the seven classes' heat, 0-1; None where none of them has any.
    """

    emotion: str
    probability: float | None
    heat: float
    share: float | None


@dataclass(frozen=True, slots=True)
class ExpectedAU:
    """One AU that Table 2 expects for an emotion, held against that emotion's map.

    Attributes
    ----------
    au : int
    state : str
        One of `STATES`.
    intensity : float or None
        0-5; None where not measurable.
    hot, landmarks : int
        How many of its landmarks are hot, and how many it has.
    hot_for_other : bool or None
        Whether it is hot in the map of the other of the two emotions, predicted and true; None
        where they are the same, or there is no label.
    """

    au: int
    state: str
    intensity: float | None
    hot: int
    landmarks: int
    hot_for_other: bool | None

    @property
    def name(self) -> str:
        """As "AU04 (brow lowerer)"."""
        unit = ACTION_UNITS[self.au]
        return f"{unit.code} ({unit.name})"

    @property
    def said(self) -> str:
        """The name with what falls short, as "AU04 (brow lowerer, 3 of 12 landmarks hot)"."""
        short = ""
        if self.state == STATES[COLD]:
            short = f", {self.hot} of {self.landmarks} landmarks hot"
        elif self.state == STATES[STILL]:
            short = f", intensity {self.intensity:.2f}"
        return f"{self.name[:-1]}{short})"


@dataclass(frozen=True)
class WhyWrong:
    """The facts of one face, and a paragraph of them.

    Attributes
    ----------
    predicted : str
    true : str or None
        The label; None without one.
    params : FusionParams
    classes : tuple of ClassHeat
        Seven, in the order of `EMOTIONS`.
    for_true, for_predicted : tuple of ExpectedAU
        Each emotion's expected AUs, ascending; empty for neutral, and without a label.
    evidence : tuple of str
        The emotions whose map has any positive value.
    """

    predicted: str
    true: str | None
    params: FusionParams
    classes: tuple[ClassHeat, ...] = field(repr=False)
    for_true: tuple[ExpectedAU, ...] = field(repr=False)
    for_predicted: tuple[ExpectedAU, ...] = field(repr=False)
    evidence: tuple[str, ...] = field(repr=False)

    @property
    def wrong(self) -> bool | None:
        """Whether the answer is not the label; None without a label."""
        return None if self.true is None else self.true != self.predicted

    def of_class(self, emotion: str) -> ClassHeat:
        """What one class got.

        Raises
        ------
        ValueError
            If it is none of the seven.
        """
        return self.classes[EMOTIONS.index(emotion)]

    def in_state(self, state: int, emotion: str | None = None) -> tuple[int, ...]:
        """AUs in the state `STATES[state]`, of the true emotion, or of another that was judged.

        Raises
        ------
        ValueError
            If the emotion is neither the true nor the predicted one.
        """
        emotion = emotion or self.true or self.predicted
        if emotion not in (self.true, self.predicted):
            raise ValueError(f"{emotion!r} is neither the label nor the answer.")
        rows = self.for_predicted if emotion == self.predicted else self.for_true
        return tuple(row.au for row in rows if row.state == STATES[state])

    @property
    def text(self) -> str:
        """The facts as one paragraph."""
        parts = [self._answer(), self._heat()]
        if self.true is not None and self.wrong:
            parts += [self._movements(self.true, self.for_true), self._looked_at_for_other()]
        parts += [self._movements(self.predicted, self.for_predicted), self._settings()]
        return " ".join(part for part in parts if part)

    def _answer(self) -> str:
        got = self.of_class(self.predicted).probability
        said = f"The model answered {self.predicted} ({got:.0%})"
        if self.true is None:
            return f"{said}; there is no label."
        if not self.wrong:
            return f"{said}, as the label says."
        other = self.of_class(self.true).probability
        if other is None:
            return f"{said}; the label is {self.true}, which the model cannot answer."
        place = 1 + sum((one.probability or 0) > other for one in self.classes)
        return f"{said}; the label is {self.true} ({other:.0%}, place {place} of {len(EMOTIONS)})."

    def _heat(self) -> str:
        if self.of_class(self.predicted).share is None:
            return "None of the seven maps has positive heat, so no class got any."
        where = "crop" if self.params.region == "crop" else "hull of the face"
        named = dict.fromkeys(e for e in (self.predicted, self.true) if e)
        shares = " and ".join(f"{self.of_class(e).share:.0%} is for {e}" for e in named)
        most = max(self.classes, key=lambda one: one.heat)
        rest = "" if most.emotion in named else f"; most, {most.share:.0%}, is for {most.emotion}"
        return f"Of the seven maps' positive heat over the {where}, {shares}{rest}."

    def _movements(self, emotion: str, rows: Sequence[ExpectedAU]) -> str:
        if not rows:
            return f"Table 2 expects no movement for {emotion}."
        endings = (
            "moved in hot places",
            f"moved, but too little of the map for {emotion} is hot there",
            f"lay in hot places of the map for {emotion}, but did not move",
            "neither moved nor lay in hot places",
            "could not be measured",
        )
        said = [
            f"{_listed([row.said for row in rows if row.state == state])} {ending}"
            for state, ending in zip(STATES, endings, strict=True)
            if any(row.state == state for row in rows)
        ]
        nothing = "" if emotion in self.evidence else f" (nothing on the face speaks for {emotion})"
        return f"Of the movements expected for {emotion}{nothing}, {'; '.join(said)}."

    def _looked_at_for_other(self) -> str:
        there = [
            row.name for row in self.for_true if row.state == STATES[COLD] and row.hot_for_other
        ]
        if not there:
            return ""
        return f"In the map for {self.predicted}, {_listed(there)} lay in hot places."

    def _settings(self) -> str:
        p = self.params
        return (
            f"Moving is from intensity {p.au_cutoff:g}, hot from {p.coverage:.0%} of the landmarks "
            f"above mean + {p.k:g} std. This is about the model, not about what the person felt."
        )


def why_wrong(
    measured: Evidence | Row,
    true_emotion: str | None = None,
    params: FusionParams | None = None,
) -> WhyWrong:
    """What the maps and movements of one face say about its answer and its label.

    Parameters
    ----------
    measured : Evidence or Row
        A face as it was measured, or a row of a store.
    true_emotion : str, optional
        The label; by default the row's.
    params : FusionParams, optional
        Algorithm 1's by default.

    Returns
    -------
    WhyWrong

    Raises
    ------
    ValueError
        If the emotion is none of the seven, or the row has no face.
    """
    params = params or FusionParams()
    true = true_emotion
    if isinstance(measured, Row):
        if not measured.has_face:
            raise ValueError(f"{measured.id} has no face: {measured.reason}")
        true = true or measured.emotion
    if true is not None and true not in EMOTIONS:
        raise ValueError(f"{true!r} is not one of {', '.join(EMOTIONS)}.")
    probabilities, mean, peak, fused = _fused(measured, params)
    predicted = Prediction(probabilities).predicted
    whole = float(mean.sum())
    classes = tuple(
        ClassHeat(
            emotion,
            None if np.isnan(probability) else float(probability),
            float(heat),
            float(heat) / whole if whole else None,
        )
        for emotion, probability, heat in zip(EMOTIONS, probabilities, mean, strict=True)
    )
    other = true if true != predicted else None
    return WhyWrong(
        predicted=predicted,
        true=true,
        params=params,
        classes=classes,
        for_true=() if true is None else _expected(fused, params, true, other and predicted),
        for_predicted=_expected(fused, params, predicted, other),
        evidence=tuple(e for e, value in zip(EMOTIONS, peak, strict=True) if value > 0),
    )


def _fused(
    measured: Evidence | Row, params: FusionParams
) -> tuple[np.ndarray, np.ndarray, np.ndarray, FusionArrays]:
    """Probabilities, mean heat and peak of the seven classes, and the fusion of each (N = 7)."""
    if isinstance(measured, Row):
        probabilities, activation = measured.array("probabilities"), measured.array("activation")
        mean, std = (measured.array(f"{name}_{params.region}") for name in ("mean", "std"))
        peak, intensities = measured.array("peak"), measured.intensities
        if intensities is None:
            intensities = np.full(17, np.nan)
    else:
        activation, peak = measured.activation, measured.peak
        probabilities = measured.prediction.probabilities
        intensities = measured.action_units.intensities
        mean, std = measured.mean[params.region], measured.std[params.region]
    seven = np.arange(len(EMOTIONS))
    fused = fuse_many(activation, mean, std, peak, np.tile(intensities, (7, 1)), seven, params)
    return probabilities, mean, peak, fused


def _expected(
    fused: FusionArrays, params: FusionParams, emotion: str, other: str | None
) -> tuple[ExpectedAU, ...]:
    row = EMOTIONS.index(emotion)
    found, hot = states(fused, params), covered(fused, params)
    rows = []
    for au in EXPECTED_AUS[emotion]:
        column = LANDMARK_AUS.index(au)
        intensity = fused.intensity[row, 0, column]
        landmarks = au_landmarks(au)
        rows.append(
            ExpectedAU(
                au,
                STATES[found[row, column]],
                None if np.isnan(intensity) else float(intensity),
                int(fused.hot[row, np.array(landmarks) - 1].sum()),
                len(landmarks),
                bool(hot[EMOTIONS.index(other), column]) if other else None,
            )
        )
    return tuple(rows)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
