"""Figures: how good the classifier is on labelled faces."""

from xfera_nb.evaluation.bootstrap import Estimate
from xfera_nb.evaluation.calibration import CalibrationBin
from xfera_nb.evaluation.classification import (
    classification_figures,
    expected_calibration_error,
    fit_temperature,
)
from xfera_nb.evaluation.from_store import EvaluationError, evaluate_store
from xfera_nb.evaluation.mistakes import WhyWrong, why_wrong
from xfera_nb.evaluation.norms import Norm, NormsError, read_norms
from xfera_nb.evaluation.paper import (
    PAPER_KDEF_ACCURACY,
    PAPER_RAFDB_ACCURACY,
    PAPER_TABLE_1,
)
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
    "Norm",
    "NormsError",
    "Photo",
    "WhyWrong",
    "classification_figures",
    "evaluate_store",
    "expected_calibration_error",
    "finish",
    "fit_temperature",
    "measure",
    "read_norms",
    "why_wrong",
]
