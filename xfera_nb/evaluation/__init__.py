"""Figures: how good the classifier is on labelled faces; and why it was wrong about one."""

from xfera_nb.evaluation.classification import (
    classification_figures,
    expected_calibration_error,
    fit_temperature,
)
from xfera_nb.evaluation.mistakes import WhyWrong, why_wrong
from xfera_nb.evaluation.weights import finish, measure

__all__ = [
    "WhyWrong",
    "classification_figures",
    "expected_calibration_error",
    "finish",
    "fit_temperature",
    "measure",
    "why_wrong",
]
