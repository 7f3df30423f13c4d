"""Facts and a stand-in for a fusion, both made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from openai import _base_client

from xfera_nb.classifier import Prediction
from xfera_nb.evidence.occlusion import RegionOcclusion
from xfera_nb.explanation import ExpectedAU, Facts, Movement
from xfera_nb.facs import ACTION_UNITS, EMOTIONS, EXPECTED_AUS
from xfera_nb.fusion.states import (
    ABSENT_ATTENDED,
    ABSENT_NOT_ATTENDED,
    NOT_MEASURABLE,
    PRESENT_ATTENDED,
    PRESENT_NOT_ATTENDED,
)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    """No settings of the user who runs the tests, no cache, short pauses."""
    names = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "XFERA_MODEL")
    for name in (*names, "XFERA_PRICE_IN", "XFERA_PRICE_OUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("XFERA_CACHE", "off")
    monkeypatch.setattr(_base_client, "INITIAL_RETRY_DELAY", 0.01)


@pytest.fixture
def make_facts():
    """Facts from (au, intensity, score[, side]) rows; other expected AUs do not move."""

    def make(emotion, *rows, predicted=None, level="High", probability=0.9, **rest):
        movements = tuple(
            Movement.of(au, intensity=intensity, score=score, side=side[0] if side else None)
            for au, intensity, score, *side in rows
        )
        active = {movement.au for movement in movements}
        expected = tuple(
            ExpectedAU(
                au,
                ACTION_UNITS[au].words,
                PRESENT_ATTENDED if au in active else ABSENT_NOT_ATTENDED,
            )
            for au in EXPECTED_AUS[emotion]
        )
        if predicted in (None, emotion):
            rest.setdefault("predicted_probability", probability)
        return Facts(
            emotion, predicted or emotion, level, probability, movements, expected, **rest
        )

    return make


@pytest.fixture
def smile(make_facts):
    """Happiness with AU 12 clear and AU 6 faint on the left side only."""
    return make_facts("happiness", (12, 3.4, 4.0), (6, 1.2, 2.0, "left"))


def side(active):
    return SimpleNamespace(active=active, coverage=1.0, saliency=0.5, intensity=1.0)


def result(au, intensity, score, state, left=None, right=None):
    return SimpleNamespace(
        au=au, intensity=intensity, score=score, active=state == PRESENT_ATTENDED, state=state,
        reason="stated", left=left, right=right,
    )  # fmt: skip


@pytest.fixture
def fusion():
    """Surprise explained where happiness was the answer.

    AU 2 and 1 are active (2 has the higher score, 1 on the right side only), AU 5 moves (0.9) where
    the network did not look, AU 26 is not measurable, AU 4 is still and not expected.
    """
    probabilities = np.array([0.05, 0.05, 0.05, 0.5, 0.05, 0.05, 0.25], np.float32)
    hidden = np.tile(probabilities, (6, 1))
    hidden[4] = [0.05, 0.05, 0.05, 0.25, 0.5, 0.05, 0.05]
    hidden[5] = np.nan
    return SimpleNamespace(
        evidence=SimpleNamespace(
            heatmaps=("made",),
            prediction=Prediction(probabilities),
            occlusion=RegionOcclusion(hidden),
            region_shares=lambda target: np.array([0.5, 0.125, 0.0, 0.0, 0.25, 0.0]),
        ),
        target="surprise",
        predicted="happiness",
        probabilities=probabilities,
        confidence_level="Medium",
        confidence=0.5,
        has_positive_evidence=True,
        no_evidence_reason=None,
        params=SimpleNamespace(to_dict=lambda: {"k": 1.0, "min_intensity": 0.3, "coverage": 0.7}),
        action_units=(
            result(1, 2.5, 2.75, PRESENT_ATTENDED, side(False), side(True)),
            result(2, 3.0, 3.5, PRESENT_ATTENDED, side(True), side(True)),
            result(4, 0.1, None, ABSENT_ATTENDED, side(False), side(None)),
            result(5, 0.9, None, PRESENT_NOT_ATTENDED),
            result(26, None, None, NOT_MEASURABLE),
        ),
        active=(2, 1),
        matching=(1, 2),
        missing=(5,),
        not_measurable=(26,),
        prototypes=(),
    )


@pytest.fixture
def explain_record():
    """The same as `fusion`, as one line of ``xfera explain --json`` would give it."""

    def sided(active):
        return {"coverage": 1.0, "saliency": 0.5, "intensity": 1.0, "active": active}

    def entry(au, intensity, score, state, left=None, right=None):
        return {
            "au": au, "intensity": intensity, "coverage": 1.0, "saliency": None, "score": score,
            "active": state == PRESENT_ATTENDED, "state": state, "reason": "stated", "left": left,
            "right": right,
        }  # fmt: skip

    probabilities = dict.fromkeys(EMOTIONS, 0.05) | {"happiness": 0.5, "surprise": 0.25}
    def region(name, share, drop=0.0, answer="happiness", certainty=0.5):
        return {
            "region": name, "share": share, "prob_drop": drop, "hidden_predicted": answer,
            "hidden_probability": certainty,
        }  # fmt: skip

    return {
        "photo": "a.jpg",
        "target": "surprise",
        "predicted": "happiness",
        "probabilities": probabilities,
        "confidence_level": "Medium",
        "threshold": 0.4,
        "action_units": [
            entry("AU01", 2.5, 2.75, PRESENT_ATTENDED, sided(False), sided(True)),
            entry("AU02", 3.0, 3.5, PRESENT_ATTENDED, sided(True), sided(True)),
            entry("AU04", 0.1, None, ABSENT_ATTENDED, sided(False), sided(None)),
            entry("AU05", 0.9, None, PRESENT_NOT_ATTENDED),
            entry("AU26", None, None, NOT_MEASURABLE),
        ],
        "regions": [
            region("brows", 0.5), region("eyes", 0.125), region("nose", 0.0),
            region("cheeks", 0.0), region("mouth", 0.25, 0.2, "neutral"),
            region("chin", 0.0, None, None, None),
        ],
        "params": {"k": 1.0, "min_intensity": 0.3, "coverage": 0.7},
    }
