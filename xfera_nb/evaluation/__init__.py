"""Figures: how good the classifier is on labelled faces, and how true its maps are.

Everything loads on first use (PEP 562): the parts need SciPy, scikit-learn or the trainer, and
none of them all.
"""

from __future__ import annotations

from importlib import import_module

_ON_USE = {
    "NO_FACE": "result",
    "NO_LABEL": "result",
    "PAPER_KDEF_ACCURACY": "paper",
    "PAPER_RAFDB_ACCURACY": "paper",
    "PAPER_TABLE_1": "paper",
    "RIGHT": "result",
    "WRONG": "result",
    "CalibrationBin": "calibration",
    "ClassRow": "result",
    "Estimate": "bootstrap",
    "Evaluation": "result",
    "EvaluationError": "from_store",
    "GroupRow": "result",
    "HumanRow": "result",
    "MapChecks": "map_checks",
    "Norm": "norms",
    "NormsError": "norms",
    "Photo": "result",
    "WhyWrong": "mistakes",
    "check_map": "map_checks",
    "classification_figures": "classification",
    "evaluate_store": "from_store",
    "expected_calibration_error": "classification",
    "finish": "weights",
    "fit_temperature": "classification",
    "measure": "weights",
    "read_norms": "norms",
    "why_wrong": "mistakes",
}

__all__ = [*_ON_USE]


def __getattr__(name: str) -> object:
    if name not in _ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"xfera_nb.evaluation.{_ON_USE[name]}"), name)
