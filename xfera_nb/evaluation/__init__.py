"""Figures: how good the classifier is on labelled faces, and how true its maps are.

Everything loads on first use (PEP 562): the parts need SciPy, scikit-learn or the trainer, and
none of them all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xfera_nb.evaluation.bootstrap import Estimate
    from xfera_nb.evaluation.calibration import CalibrationBin
    from xfera_nb.evaluation.classification import (
        classification_figures,
        expected_calibration_error,
        fit_temperature,
    )
    from xfera_nb.evaluation.faithfulness import Faithfulness, check_faithfulness
    from xfera_nb.evaluation.from_store import EvaluationError, evaluate_store
    from xfera_nb.evaluation.mistakes import WhyWrong, why_wrong
    from xfera_nb.evaluation.norms import Norm, NormsError, read_norms
    from xfera_nb.evaluation.paper import PAPER_KDEF_ACCURACY, PAPER_RAFDB_ACCURACY, PAPER_TABLE_1
    from xfera_nb.evaluation.result import (
        NO_FACE,
        NO_LABEL,
        RIGHT,
        WRONG,
        ClassRow,
        Evaluation,
        GroupRow,
        HumanRow,
        Photo,
    )
    from xfera_nb.evaluation.weights import finish, measure

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
    "Faithfulness": "faithfulness",
    "Norm": "norms",
    "NormsError": "norms",
    "Photo": "result",
    "WhyWrong": "mistakes",
    "check_faithfulness": "faithfulness",
    "classification_figures": "classification",
    "evaluate_store": "from_store",
    "expected_calibration_error": "classification",
    "finish": "weights",
    "fit_temperature": "classification",
    "measure": "weights",
    "read_norms": "norms",
    "why_wrong": "mistakes",
}

__all__ = [
    "NO_FACE",
    "NO_LABEL",
    "PAPER_KDEF_ACCURACY",
    "PAPER_RAFDB_ACCURACY",
    "PAPER_TABLE_1",
    "RIGHT",
    "WRONG",
    "CalibrationBin",
    "ClassRow",
    "Estimate",
    "Evaluation",
    "EvaluationError",
    "GroupRow",
    "HumanRow",
    "Faithfulness",
    "Norm",
    "NormsError",
    "Photo",
    "WhyWrong",
    "check_faithfulness",
    "classification_figures",
    "evaluate_store",
    "expected_calibration_error",
    "finish",
    "fit_temperature",
    "measure",
    "read_norms",
    "why_wrong",
]


def __getattr__(name: str) -> object:
    if name not in _ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"xfera_nb.evaluation.{_ON_USE[name]}"), name)
