"""Figures: how good the classifier is on labelled faces."""

from xfera_nb.evaluation.classification import (
    classification_figures,
    expected_calibration_error,
    fit_temperature,
)
from xfera_nb.evaluation.weights import finish, measure

__all__ = [
    "classification_figures",
    "expected_calibration_error",
    "finish",
    "fit_temperature",
    "measure",
]
