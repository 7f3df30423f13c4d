"""Evidence made by hand: no photo, no network."""

from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import Evidence
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS


@pytest.fixture(scope="session")
def make_evidence():
    def make(
        activation, *, mean=0.0, std=1.0, peak=1.0, aus=None, left=None, right=None,
        emotion="happiness", default=0.0,
    ):
        """Evidence in which one class's map has the given numbers at the landmarks."""

        def array(values):
            return [(values or {}).get(au, default) for au in OPENFACE_AUS]

        row = EMOTIONS.index(emotion)
        probabilities = np.full(7, 0.05, np.float32)
        probabilities[row] = 0.7
        at = np.zeros((7, 68))
        at[row] = activation
        numbers = {name: np.zeros(7) for name in ("mean", "std", "peak")}
        for name, value in (("mean", mean), ("std", std), ("peak", peak)):
            numbers[name][row] = value
        units = ActionUnits(
            array(aus),
            left=None if left is None else array(left),
            right=None if right is None else array(right),
            source="a test",
        )
        return Evidence(
            face=SimpleNamespace(photo_name="made"),
            prediction=Prediction(probabilities),
            heatmaps=(),
            action_units=units,
            activation=at,
            mean=MappingProxyType({"crop": numbers["mean"], "hull": numbers["mean"] * 2}),
            std=MappingProxyType({"crop": numbers["std"], "hull": numbers["std"]}),
            peak=numbers["peak"],
            classifier=MappingProxyType({}),
            au_detector=MappingProxyType({}),
        )

    return make


@pytest.fixture(scope="session")
def at():
    def activation(values, default=0.0):
        """(68,) activation from {landmark number or numbers: value}."""
        array = np.full(68, default)
        for numbers, value in values.items():
            for number in np.atleast_1d(np.array(numbers)):
                array[number - 1] = value
        return array

    return activation
