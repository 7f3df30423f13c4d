"""For whoever learns FACS: an atlas of movements and emotions, and a quiz. No widget is in here.

`FaceAtlas` measures sample faces and loads on first use (PEP 562); the tables' facts and the quiz
need neither photos nor weights.
"""

from __future__ import annotations

from importlib import import_module

from xfera_nb.teaching.atlas import (
    AUFacts,
    EmotionFacts,
    au_facts,
    au_list,
    combination_words,
    emotion_facts,
    runs,
)
from xfera_nb.teaching.questions import KINDS, Choice, Question
from xfera_nb.teaching.quiz import Feedback, Quiz, make_quiz

_ON_USE = {
    "AUPage": "pages",
    "EmotionPage": "pages",
    "FaceAtlas": "pages",
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
    "Choice",
    "EmotionFacts",
    "Feedback",
    "Question",
    "Quiz",
    "au_facts",
    "au_list",
    "combination_words",
    "emotion_facts",
    "make_quiz",
    "runs",
    *_ON_USE,
]


def __getattr__(name: str) -> object:
    if name not in _ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"xfera_nb.teaching.{_ON_USE[name]}"), name)
