"""The prediction for a face: a probability for each emotion.

The confidence level that the XFERa paper's Figure 1 shows ("High") is not defined there; here it
is `LEVELS` on the highest probability. A class that the network does not have has no
probability: NaN, which no sum, no maximum and no order here counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from xfera_nb.facs.emotions import EMOTIONS

LEVELS: Mapping[str, float] = MappingProxyType({"High": 0.75, "Medium": 0.45, "Low": 0.0})
"""Confidence level -> its least probability, the highest level first."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Hold the probabilities of the emotions of one face.

    Attributes
    ----------
    probabilities : ndarray
        (7,) float32, 0-1, in the order of `EMOTIONS`; NaN for a class that the network does not
        have. The others sum to 1.
    """

    probabilities: np.ndarray

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the emotions that have a probability, in the order of `EMOTIONS`."""
        known = ~np.isnan(self.probabilities)
        return tuple(e for e, there in zip(EMOTIONS, known, strict=True) if there)

    @property
    def predicted(self) -> str:
        """Return the emotion with the highest probability."""
        return EMOTIONS[int(top_class(self.probabilities))]

    @property
    def confidence(self) -> float:
        """Return the highest probability, 0-1."""
        return float(self.probabilities[top_class(self.probabilities)])

    @property
    def confidence_level(self) -> str:
        """Return the level of the highest probability, one of `LEVELS`."""
        return next(name for name, least in LEVELS.items() if self.confidence >= least)

    @property
    def runner_up(self) -> str:
        """Return the emotion with the second highest probability."""
        return EMOTIONS[int(_counted(self.probabilities).argsort()[-2])]

    @property
    def margin(self) -> float:
        """Return the highest minus the second highest probability, 0-1."""
        return self.confidence - float(self.probabilities[EMOTIONS.index(self.runner_up)])


def top_class(probabilities: np.ndarray) -> np.ndarray:
    """Return the index of the highest probability along the last axis; NaN is never the highest.

    Parameters
    ----------
    probabilities : ndarray
        (..., 7).
    """
    highest: np.ndarray = _counted(probabilities).argmax(axis=-1)
    return highest


def _counted(probabilities: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(probabilities), -1.0, probabilities)
