"""For whoever learns FACS: an atlas of movements and emotions, and a quiz. No widget is in here.

`FaceAtlas` measures sample faces and loads on first use (PEP 562); the tables' facts and the quiz
need neither photos nor weights.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from xfera_nb.teaching.atlas import (
    AUFacts,
    EmotionFacts,
    au_facts,
    describe_combination,
    emotion_facts,
    format_aus,
    format_ranges,
)
from xfera_nb.teaching.questions import KINDS, Choice, Question
from xfera_nb.teaching.quiz import Feedback, Quiz, make_quiz

if TYPE_CHECKING:
    from xfera_nb.teaching.grids import grids_svg
    from xfera_nb.teaching.lessons import Course
    from xfera_nb.teaching.measured import MeasuredSample, MeasuredSamples, measure_samples
    from xfera_nb.teaching.pages import AUPage, EmotionPage, FaceAtlas
    from xfera_nb.teaching.pictures import landmarks_image, pictures_row, steps_svg

_ON_USE = {
    "AUPage": "pages",
    "Course": "lessons",
    "EmotionPage": "pages",
    "FaceAtlas": "pages",
    "grids_svg": "grids",
    "MeasuredSample": "measured",
    "MeasuredSamples": "measured",
    "measure_samples": "measured",
    "landmarks_image": "pictures",
    "pictures_row": "pictures",
    "steps_svg": "pictures",
}

__all__ = [
    "KINDS",
    "AUFacts",
    "AUPage",
    "Choice",
    "Course",
    "EmotionFacts",
    "EmotionPage",
    "FaceAtlas",
    "Feedback",
    "MeasuredSample",
    "MeasuredSamples",
    "Question",
    "Quiz",
    "au_facts",
    "format_aus",
    "describe_combination",
    "emotion_facts",
    "grids_svg",
    "landmarks_image",
    "make_quiz",
    "measure_samples",
    "pictures_row",
    "format_ranges",
    "steps_svg",
]


def __getattr__(name: str) -> object:
    if name not in _ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"xfera_nb.teaching.{_ON_USE[name]}"), name)
