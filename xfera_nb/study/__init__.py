"""A study with people: which photos, who sees what, what they answered, and what follows from it.

The room knows no screen and draws nothing. What the participants' page needs (plan, answers, run)
loads without torch or pandas, so that each page is light; building and analysing load on first use
(PEP 562).
"""

from __future__ import annotations

from importlib import import_module

_NAMES = {
    "AGE_BANDS": "texts",
    "ARMS": "items",
    "Analysis": "analysis",
    "Answers": "answers",
    "Collected": "collected",
    "KINDS": "items",
    "LABELS": "texts",
    "Page": "run",
    "Participant": "participant",
    "QUESTIONS": "texts",
    "Study": "plan",
    "StudyError": "errors",
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

__all__ = sorted(_NAMES)


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
    globals()[name] = value
    return value
