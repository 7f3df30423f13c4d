"""A study with people: which photos, who sees what, what they answered, and what follows from it.

The room knows no screen and draws nothing. What the participants' page needs (plan, answers, run)
loads without torch or pandas, so that each page is light; building and analysing load on first use
(PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xfera_nb.study.analysis import Analysis, analyse
    from xfera_nb.study.answers import Answers
    from xfera_nb.study.build import build_study
    from xfera_nb.study.collected import Collected, csv_text, export_csv
    from xfera_nb.study.items import ARMS, KINDS, StudyItem
    from xfera_nb.study.order import order_for, williams
    from xfera_nb.study.participant import Participant
    from xfera_nb.study.plan import Study
    from xfera_nb.study.run import Page, StudyRun
    from xfera_nb.study.selection import choose
    from xfera_nb.study.simulation import simulate
    from xfera_nb.study.tables import Table
    from xfera_nb.study.texts import AGE_BANDS, EMOTION_LABELS, QUESTIONS, TEXTS

_NAMES = {
    "AGE_BANDS": "texts",
    "ARMS": "items",
    "Analysis": "analysis",
    "Answers": "answers",
    "Collected": "collected",
    "KINDS": "items",
    "EMOTION_LABELS": "texts",
    "Page": "run",
    "Participant": "participant",
    "QUESTIONS": "texts",
    "Study": "plan",
    "StudyItem": "items",
    "StudyRun": "run",
    "TEXTS": "texts",
    "Table": "tables",
    "analyse": "analysis",
    "build_study": "build",
    "choose": "selection",
    "csv_text": "collected",
    "export_csv": "collected",
    "order_for": "order",
    "simulate": "simulation",
    "williams": "order",
}

__all__ = [
    "AGE_BANDS",
    "ARMS",
    "KINDS",
    "EMOTION_LABELS",
    "QUESTIONS",
    "TEXTS",
    "Analysis",
    "Answers",
    "Collected",
    "Page",
    "Participant",
    "Study",
    "StudyItem",
    "StudyRun",
    "Table",
    "analyse",
    "build_study",
    "choose",
    "csv_text",
    "export_csv",
    "order_for",
    "simulate",
    "williams",
]


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
    globals()[name] = value
    return value
