"""A result as people and programs read it: HTML, plain text, JSON, and the object in a notebook.

`EvaluationReport` and its parts, which need SciPy, load on first use (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING

from xfera_nb.report.comparison import Comparison, compare
from xfera_nb.report.plain import clean, plain_text
from xfera_nb.report.record import record
from xfera_nb.report.result import Result, Results
from xfera_nb.report.result_html import assemble_page, explanation_html, page_html
from xfera_nb.report.save import SaveError, check_writable, save_file

if TYPE_CHECKING:
    from xfera_nb.report.evaluation import EvaluationReport, evaluate
    from xfera_nb.report.evaluation_report import evaluation_html, evaluation_page_html

_EVALUATION = {
    "EvaluationReport": "evaluation",
    "evaluate": "evaluation",
    "evaluation_html": "evaluation_report",
    "evaluation_page_html": "evaluation_report",
}

__all__ = [
    "Comparison",
    "EvaluationReport",
    "Result",
    "Results",
    "SaveError",
    "assemble_page",
    "check_writable",
    "clean",
    "compare",
    "evaluate",
    "evaluation_html",
    "evaluation_page_html",
    "explanation_html",
    "page_html",
    "plain_text",
    "record",
    "save_file",
]


def __getattr__(name: str) -> object:
    if name not in _EVALUATION:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"xfera_nb.report.{_EVALUATION[name]}"), name)
