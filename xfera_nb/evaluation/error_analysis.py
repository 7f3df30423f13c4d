"""Analyse why a face was classified as another emotion, from its maps and Action Units.

Units and scales
    Saliency is the mean of a class's positive map over the region that the parameters name, in the
    map's own units, which the seven maps of one face share; a class's `share` is its part of the
    seven classes' saliency, 0 to 1. Intensities run from 0 to 5, coverages and probabilities from 0
    to 1. Unknown is None, or NaN in arrays.
Limits
    Those of the fusion's parameters, see `xfera_nb.fusion.states`. Each emotion's AUs are
    compared with that emotion's own map.
Source
    The expected AUs are those of Table 2 of the XFERa paper (Macchiarulo et al. 2025). States and
    shares are ours.

All of it describes the model and the AU source, not the person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from xfera_nb.classifier import Prediction
from xfera_nb.errors import InputError
from xfera_nb.evaluation.error_groups import ERROR_GROUPS, group_errors
from xfera_nb.evidence import Evidence
from xfera_nb.evidence.regions import share_stored_regions
from xfera_nb.evidence.rows import Row
from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, EXPECTED_AUS, au_landmarks
from xfera_nb.facs.emotions import parse_emotion
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionArrays, FusionParams, fuse_many
from xfera_nb.fusion.states import (
    ABSENT_ATTENDED,
    ABSENT_NOT_ATTENDED,
    NOT_MEASURABLE,
    PRESENT_ATTENDED,
    PRESENT_NOT_ATTENDED,
    STATES,
)

_IN_WORDS = {
    PRESENT_ATTENDED: "present and attended",
    PRESENT_NOT_ATTENDED: "present, but not attended",
    ABSENT_ATTENDED: "attended, but absent",
    ABSENT_NOT_ATTENDED: "absent",
    NOT_MEASURABLE: "not measurable",
}
_NAMED = 3  # regions and AUs that a line names


@dataclass(frozen=True, slots=True)
class ClassSaliency:
    """Hold the probability and saliency of one class.

    Attributes
    ----------
    emotion : str
    probability : float or None
        None where the model has no such class.
    saliency : float
        Mean of its positive map over the region, in the map's units.
    share : float or None
        Of the seven classes' saliency, 0-1; None where none of them has any.
    """

    emotion: str
    probability: float | None
    saliency: float
    share: float | None


@dataclass(frozen=True, slots=True)
class ExpectedAU:
    """Compare one AU that Table 2 expects for an emotion with that emotion's map.

    Attributes
    ----------
    au : int
    state : str
        One of `STATES`.
    intensity : float or None
        0-5; None where not measurable.
    salient_landmarks, landmarks : int
        How many of its landmarks are in the salient region, and how many it has.
    attended_for_other : bool or None
        Whether the map of the other of the two emotions, predicted and true, attends to it; None
        where they are the same, or there is no label.
    """

    au: int
    state: str
    intensity: float | None
    salient_landmarks: int
    landmarks: int
    attended_for_other: bool | None

    @property
    def name(self) -> str:
        """Return code and name, as "AU04 (brow lowerer)"."""
        return _au_name(self.au)

    @property
    def description(self) -> str:
        """Return the name with what is lacking, as "AU04 (brow lowerer, intensity 0.29)"."""
        lacking = ""
        if self.state == PRESENT_NOT_ATTENDED:
            lacking = f", {self.salient_landmarks} of {self.landmarks} landmarks salient"
        elif self.state == ABSENT_ATTENDED:
            lacking = f", intensity {self.intensity:.2f}"
        return f"{self.name[:-1]}{lacking})"


@dataclass(frozen=True)
class ErrorAnalysis:
    """Hold the facts about one face's prediction and its label, and state them as a paragraph.

    Attributes
    ----------
    predicted : str
    true : str or None
        The label; None without one.
    params : FusionParams
    classes : tuple of ClassSaliency
        Seven, in the order of `EMOTIONS`.
    for_true, for_predicted : tuple of ExpectedAU
        Each emotion's expected AUs, ascending; empty for neutral, and without a label.
    positive_maps : tuple of str
        The emotions whose map has any positive value.
    active : tuple of int
        AUs that are active for the predicted class, those that Table 2 expects for it first, and
        of these the highest score first.
    regions : tuple of (str, float)
        Of the predicted class's map, the share in each face region, 0-1, the greatest first; empty
        where it is not known.
    group : str or None
        One of `xfera_nb.evaluation.error_groups.ERROR_GROUPS`; None if the prediction is right or
        there is no label.
    """

    predicted: str
    true: str | None
    params: FusionParams
    classes: tuple[ClassSaliency, ...] = field(repr=False)
    for_true: tuple[ExpectedAU, ...] = field(repr=False)
    for_predicted: tuple[ExpectedAU, ...] = field(repr=False)
    positive_maps: tuple[str, ...] = field(repr=False)
    active: tuple[int, ...] = field(default=(), repr=False)
    regions: tuple[tuple[str, float], ...] = field(default=(), repr=False)
    group: str | None = None

    @property
    def is_wrong(self) -> bool | None:
        """Whether the prediction is not the label; None without a label."""
        return None if self.true is None else self.true != self.predicted

    def of_class(self, emotion: str) -> ClassSaliency:
        """Return the probability and saliency of one class.

        Raises
        ------
        InputError
            If the emotion is unknown.
        """
        return self.classes[EMOTIONS.index(parse_emotion(emotion))]

    def in_state(self, state: str, emotion: str | None = None) -> tuple[int, ...]:
        """Return the AUs in one of `STATES`, of the true or the predicted emotion.

        Raises
        ------
        InputError
            If the emotion is neither the true nor the predicted one.
        """
        emotion = emotion or self.true or self.predicted
        if emotion not in (self.true, self.predicted):
            raise InputError(f"{emotion!r} is neither the label nor the prediction.")
        rows = self.for_predicted if emotion == self.predicted else self.for_true
        return tuple(row.au for row in rows if row.state == state)

    @property
    def lines(self) -> tuple[str, str, str]:
        """Return why, in three lines.

        They are the prediction and its confidence against the label; where its map lies and which
        AUs are present there; what of the evidence for the label was present, attended, absent or
        not measurable.
        """
        return self._against_label(), self._where_it_looked(), self._evidence_of_label()

    @property
    def text(self) -> str:
        """Return the facts as one paragraph."""
        parts = [self._prediction(), self._saliency()]
        if self.true is not None and self.is_wrong:
            parts += [self._action_units(self.true, self.for_true), self._attended_for_other()]
        parts += [self._action_units(self.predicted, self.for_predicted), self._settings()]
        return " ".join(part for part in parts if part)

    def _prediction(self) -> str:
        probability = self.of_class(self.predicted).probability
        start = f"The model predicted {self.predicted} ({probability:.0%})"
        if self.true is None:
            return f"{start}; there is no label."
        if not self.is_wrong:
            return f"{start}, as the label says."
        other = self.of_class(self.true).probability
        if other is None:
            return f"{start}; the label is {self.true}, which the model cannot predict."
        rank = 1 + sum((one.probability or 0) > other for one in self.classes)
        return f"{start}; the label is {self.true} ({other:.0%}, rank {rank} of {len(EMOTIONS)})."

    def _against_label(self) -> str:
        given = [np.nan if one.probability is None else one.probability for one in self.classes]
        level = Prediction(np.array(given)).confidence_level.lower()
        return self._prediction().replace("%)", f"%, {level} confidence)", 1)

    def _where_it_looked(self) -> str:
        if self.predicted not in self.positive_maps:
            return f"No part of the face speaks for {self.predicted}: its map is nowhere positive."
        where = [f"{name} ({share:.0%})" for name, share in self.regions[:_NAMED] if share >= 0.1]
        if not self.active:
            end = "no Action Unit is both present and attended"
        else:
            more = len(self.active) - _NAMED
            rest = f" and {more} more" if more > 0 else ""
            names = [_au_name(au) for au in self.active[:_NAMED]]
            named = f"{', '.join(names)}{rest}" if rest else _join(names)
            there = "there" if self.regions else "and attended"
            end = f"{named} {'is' if len(self.active) == 1 else 'are'} present {there}"
        if not self.regions:
            return f"In the map for {self.predicted}, {end}."
        place = f"lies mostly on the {_join(where)}" if where else "is spread over the face"
        return f"The map for {self.predicted} {place}; {end}."

    def _evidence_of_label(self) -> str:
        if self.true is None:
            return "Without a label there is nothing to compare it with."
        if not self.for_true:
            return f"Table 2 expects no Action Unit for {self.true}, so none can be missing."
        parts = []
        for state, words in _IN_WORDS.items():
            names = [_au_name(row.au) for row in self.for_true if row.state == state]
            if names:
                parts.append(f"{_join(names)} {'is' if len(names) == 1 else 'are'} {words}")
        return f"Of the evidence for {self.true}, by its own map, {'; '.join(parts)}."

    def _saliency(self) -> str:
        if self.of_class(self.predicted).share is None:
            return "None of the seven maps has a positive value."
        where = "crop" if self.params.region == "crop" else "face hull"
        named = dict.fromkeys(e for e in (self.predicted, self.true) if e)
        shares = " and ".join(f"{self.of_class(e).share:.0%} is for {e}" for e in named)
        most = max(self.classes, key=lambda one: one.saliency)
        rest = "" if most.emotion in named else f"; most, {most.share:.0%}, is for {most.emotion}"
        return f"Of the seven maps' positive values over the {where}, {shares}{rest}."

    def _action_units(self, emotion: str, rows: Sequence[ExpectedAU]) -> str:
        if not rows:
            return f"Table 2 expects no AU for {emotion}."
        groups = [
            f"{state}: {_join([row.description for row in rows if row.state == state])}"
            for state in STATES
            if any(row.state == state for row in rows)
        ]
        nothing = (
            "" if emotion in self.positive_maps else f" (nothing on the face supports {emotion})"
        )
        return f"Of the AUs expected for {emotion}{nothing}, {'; '.join(groups)}."

    def _attended_for_other(self) -> str:
        names = [
            row.name
            for row in self.for_true
            if row.state == PRESENT_NOT_ATTENDED and row.attended_for_other
        ]
        if not names:
            return ""
        return f"The map for {self.predicted} does attend to {_join(names)}."

    def _settings(self) -> str:
        p = self.params
        return (
            f"Present is from intensity {p.min_intensity:g}, attended from {p.coverage:.0%} of the "
            f"landmarks above mean + {p.k:g} SD. This is about the model, not about what the "
            "person felt."
        )


def analyse_error(
    measured: Evidence | Row,
    true_emotion: str | None = None,
    params: FusionParams | None = None,
    *,
    crop_rule: Mapping[str, Any] = MappingProxyType({}),
) -> ErrorAnalysis:
    """Compare the maps and AUs of one face with its prediction and its label.

    Parameters
    ----------
    measured : Evidence or Row
        The evidence of a face, or a row of a store.
    true_emotion : str, optional
        The label, by any name of the label table ("Happiness", "joy"); by default the row's.
    params : FusionParams, optional
        The recommended preset by default.
    crop_rule : mapping, optional
        Of the classifier that made a row, as `xfera_nb.evidence.crop_rule.read_crop_rule` returns
        it; the toolkit's own crop by default.

    Returns
    -------
    ErrorAnalysis

    Raises
    ------
    InputError
        If the emotion is unknown, or the row has no face.
    """
    params = params or FusionParams()
    true = None if true_emotion is None else parse_emotion(true_emotion)
    if isinstance(measured, Row):
        if not measured.has_face:
            raise InputError(f"{measured.id} has no face: {measured.reason}")
        true = true or measured.emotion
    probabilities, mean, peak, fused = _fused(measured, params)
    predicted = Prediction(probabilities).predicted
    whole = float(mean.sum())
    classes = tuple(
        ClassSaliency(
            emotion,
            None if np.isnan(probability) else float(probability),
            float(saliency),
            float(saliency) / whole if whole else None,
        )
        for emotion, probability, saliency in zip(EMOTIONS, probabilities, mean, strict=True)
    )
    other = true if true != predicted else None
    return ErrorAnalysis(
        predicted=predicted,
        true=true,
        params=params,
        classes=classes,
        for_true=() if true is None else _expected(fused, true, other and predicted),
        for_predicted=_expected(fused, predicted, other),
        positive_maps=tuple(e for e, value in zip(EMOTIONS, peak, strict=True) if value > 0),
        active=_active(fused, predicted),
        regions=_regions(measured, predicted, crop_rule),
        group=None if other is None else _group(fused, other),
    )


def _fused(
    measured: Evidence | Row, params: FusionParams
) -> tuple[np.ndarray, np.ndarray, np.ndarray, FusionArrays]:
    """Return probabilities, mean saliency, peak and fusion of the seven classes (N = 7)."""
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


def _active(fused: FusionArrays, emotion: str) -> tuple[int, ...]:
    row = EMOTIONS.index(emotion)
    columns = np.flatnonzero(fused.active[row, 0])
    order = np.lexsort((-fused.score[row, 0, columns], ~fused.expected[row, columns]))
    return tuple(LANDMARK_AUS[column] for column in columns[order])


def _regions(
    measured: Evidence | Row, emotion: str, crop_rule: Mapping[str, Any]
) -> tuple[tuple[str, float], ...]:
    """Return the regions with their share of a class's map, the greatest first."""
    if isinstance(measured, Evidence):
        shares = measured.region_shares(emotion) if measured.heatmaps else np.full(6, np.nan)
    elif measured.maps is None or measured.landmarks is None:
        return ()
    else:
        maps, points = measured.maps[None], measured.landmarks[None]
        shares = share_stored_regions(maps, points, crop_rule)[0, EMOTIONS.index(emotion)]
    if np.isnan(shares).any():
        return ()
    pairs = zip(FACE_REGIONS, shares.tolist(), strict=True)
    return tuple(sorted(pairs, key=lambda pair: -pair[1]))


def _group(fused: FusionArrays, true: str) -> str:
    """Return the group of the error; the fusion has the seven classes as its faces."""
    return list(ERROR_GROUPS)[int(group_errors(fused)[EMOTIONS.index(true)])]


def _au_name(au: int) -> str:
    unit = ACTION_UNITS[au]
    return f"{unit.code} ({unit.name})"


def _expected(fused: FusionArrays, emotion: str, other: str | None) -> tuple[ExpectedAU, ...]:
    row = EMOTIONS.index(emotion)
    found, attended = fused.states, fused.attended[:, 0]
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
                int(fused.salient[row, np.array(landmarks) - 1].sum()),
                len(landmarks),
                bool(attended[EMOTIONS.index(other), column]) if other else None,
            )
        )
    return tuple(rows)


def _join(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
