"""Facts and words of a real fusion, from evidence made by hand."""

from __future__ import annotations

import json
from types import MappingProxyType, SimpleNamespace

import numpy as np

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import Evidence
from xfera_nb.explanation import Facts, explain
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS, au_landmarks
from xfera_nb.fusion import FusionParams, fuse

HAPPINESS = EMOTIONS.index("happiness")
ALGORITHM1 = FusionParams.preset("algorithm1")


def evidence(hot, intensities, left=None, right=None):
    """Evidence for happiness: a map of 1 at salient landmarks, threshold 0.5; AU -> intensity."""

    def row(values):
        return None if values is None else [values.get(au, np.nan) for au in OPENFACE_AUS]

    activation = np.zeros((7, 68))
    activation[HAPPINESS, [number - 1 for number in hot]] = 1.0
    probabilities = np.full(7, 0.05, np.float32)
    probabilities[HAPPINESS] = 0.7
    class_row = np.eye(7)[HAPPINESS]
    return Evidence(
        face=SimpleNamespace(photo_name="made"),
        prediction=Prediction(probabilities),
        heatmaps=(),
        action_units=ActionUnits(
            row(intensities), left=row(left), right=row(right), source="a test"
        ),
        activation=activation,
        mean=MappingProxyType({"crop": 0.25 * class_row, "hull": 0.25 * class_row}),
        std=MappingProxyType({"crop": 0.25 * class_row, "hull": 0.25 * class_row}),
        peak=class_row,
        classifier=MappingProxyType({}),
        au_detector=MappingProxyType({}),
    )


def test_a_smile_on_one_side():
    values = {6: 1.2, 12: 3.4}
    fusion = fuse(
        evidence(
            {*au_landmarks(6), *au_landmarks(12)}, values, left=values, right={6: 0.1, 12: 3.4}
        )
    )
    outcome = explain(fusion)
    assert outcome.facts.active == fusion.active == (12, 6)
    assert "the clear pulling of the lip corners" in outcome.text
    assert "the faint lifting of the left cheek" in outcome.text
    assert outcome.check.supported == (12, 6) and outcome.check.is_grounded
    json.dumps(outcome.to_dict())


def test_missing_because_not_looked_at_not_moving_or_not_measured():
    def statuses(fusion):
        return {entry.au: entry.state for entry in Facts.from_fusion(fusion).expected}

    cold = fuse(evidence(au_landmarks(12), {6: 1.3, 12: 3.0}), ALGORITHM1)
    assert statuses(cold) == {6: "present, not attended", 12: "present, attended"}
    still = fuse(evidence({*au_landmarks(6), *au_landmarks(12)}, {6: 0.1, 12: 3.0}), ALGORITHM1)
    assert statuses(still) == {6: "absent, attended", 12: "present, attended"}
    unknown = fuse(evidence(au_landmarks(12), {12: 3.0}))
    assert statuses(unknown) == {6: "not measurable", 12: "present, attended"}


def test_another_emotion_without_evidence():
    outcome = explain(fuse(evidence(au_landmarks(12), {12: 3.0}), target="fear"))
    assert not outcome.facts.has_positive_evidence
    assert 'classified this expression as "Happiness"' in outcome.text
    assert '"Fear"' in outcome.text.split(". ", 1)[1]
    assert outcome.summary.reason == outcome.facts.no_evidence_reason is not None
    assert outcome.facts.probability == np.float32(0.05)
