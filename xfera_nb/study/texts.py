"""Every text that a participant reads, with defaults that a study file may replace.

Texts are plain: they are shown literally, never as HTML. ``{emotion}``,
``{number}``, ``{count}`` and ``{id}`` stand for what is named, where the default has them; nothing
else in braces means anything. A blank line separates paragraphs.

Source
    The XFERa paper, section 2.2: in its first part people said which of the seven emotions an
    image shows, in its second they rated from 1 to 5 "how much these explanations enhanced their
    confidence in the model's decisions"; it also wanted to know whether explanations are "clear,
    coherent, and helpful in understanding the model's decision-making process". It does not print
    its questions. The wording is ours.
Departure
    Every condition gets the same four questions, about "what is shown here", so that ratings with
    and without an explanation can be compared. In the paper everybody saw explanations.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from xfera_nb.facs.emotions import EMOTIONS

QUESTIONS = ("trust", "clear", "coherent", "helpful")
"""The questions of part 2, each rated from 1 to 5."""
SCORES = (1, 2, 3, 4, 5)
AGE_BANDS = ("18-29", "30-44", "45-59", "60-74", "75 or older")
LONGEST = 5_000
"""Characters that one text may have."""

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "title": "How do you read these faces?",
        "consent": (
            "You are asked to take part in a study. In part 1 you say which emotion each of some "
            "faces shows. In part 2 you see a computer model's predictions for the same faces, "
            "some with an explanation, and rate from 1 to 5 what is shown. There are no right or "
            "wrong answers.\n\n"
            "Your answers are kept on the researcher's computer under a code, with the time at "
            "which you gave them and, if you wish, your age group. Your name is not asked for; "
            "please don't write it anywhere. No camera is used.\n\n"
            "Taking part is voluntary. You can stop at any time by closing the page, and ask the "
            "researcher to delete what was kept under your code."
        ),
        "agree": "I have read this and agree to take part.",
        "id": "Your code",
        "id_help": (
            "Leave this empty to get a new code. If you come back, type the one that you have. "
            "Don't use your name."
        ),
        "age": "Your age, if you like",
        "age_none": "rather not say",
        "begin": "Begin",
        "next": "Next",
        "section1": "Part 1: faces",
        "choose": "Which emotion does this face show? Choose the one that fits best.",
        "rank": (
            "Which emotion does this face show? Pick the one that fits best, then the next best, "
            "and so on. You may stop after the first."
        ),
        "section2": "Part 2: the model's predictions",
        "answer": "The model's prediction: {emotion}",
        "face": "The face",
        "heatmap": "The brighter a place, the more it spoke for this prediction.",
        "no_heatmap": "No part of the face spoke for this prediction: nothing is coloured.",
        "text": "What the system says of it",
        "trust": "What is shown here raises my trust in the model's prediction.",
        "clear": "What is shown here is clear.",
        "coherent": "What is shown here is coherent: its parts fit together.",
        "helpful": "What is shown here helps me understand how the model decided.",
        "low": "1 = not at all",
        "high": "5 = very much",
        "progress": "Face {number} of {count}",
        "keys": "Keys: the numbers answer, Enter goes on.",
        "saved": "Saved.",
        "unsaved": "Not saved yet. It is kept in this browser until it is.",
        "lost": "The study does not answer. Your last answers are kept in this browser.",
        "reload": "Connect again",
        "welcome_back": "Welcome back: you go on where you were.",
        "code": "Your code is {id}. With it you can come back.",
        "code_done": "Your code is {id}. Name it if you want your answers deleted.",
        "thanks": "Thank you. All your answers are saved; you can close this page.",
        "preview": "Preview: nothing that you answer here is kept.",
    }
)
"""Name -> default text."""

EMOTION_LABELS: Mapping[str, str] = MappingProxyType({emotion: emotion for emotion in EMOTIONS})
"""Emotion -> what the page calls it."""


def plain(text: str) -> str:
    """Return text with each control character replaced by "?"; line breaks stay."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") else "?"
        for c in text
    )
