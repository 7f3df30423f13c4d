"""Say a prediction aloud: one sentence without numbers, and a question where it is not certain.

The sentence speaks of the expression as the model classified it, never of a feeling. At the level
High it names one class; at Medium it hedges and names the runner-up; at Low it says that it is not
certain. Below High a question asks the person back. Units: none. Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xfera_nb.classifier import Prediction
from xfera_nb.explanation.choices import check_language
from xfera_nb.facs import EMOTIONS


@dataclass(frozen=True, slots=True)
class Speech:
    """Hold what a voice may say about a prediction.

    Parameters
    ----------
    say : str
        One sentence without digits.
    ask : str or None
        A question for the person; None at the confidence level High.
    """

    say: str
    ask: str | None


@dataclass(frozen=True, slots=True)
class _Sentences:
    """Hold the sentences of a language; `classes` in the order of EMOTIONS."""

    classes: tuple[str, ...]
    high: str
    medium: str
    low: str
    only: str
    ask: str


_SENTENCES: Mapping[str, _Sentences] = {
    "en": _Sentences(
        ("anger", "disgust", "fear", "happiness", "a neutral face", "sadness", "surprise"),
        "This expression looks to me like {first}, though I cannot know what you feel.",
        "This expression looks to me rather like {first}, but it could also be {second}.",
        "I am not sure about this expression: it may be {first} or {second}.",
        "I am not sure about this expression: it may be {first}.",
        "What would you call it?",
    ),
    "it": _Sentences(
        ("rabbia", "disgusto", "paura", "felicità", "un viso neutro", "tristezza", "sorpresa"),
        "Questa espressione mi sembra {first}, anche se non posso sapere che cosa provi.",
        "Questa espressione mi sembra piuttosto {first}, ma potrebbe anche essere {second}.",
        "Non sono sicuro di questa espressione: mi ricorda {first} o {second}.",
        "Non sono sicuro di questa espressione: mi ricorda {first}.",
        "Tu come la chiameresti?",
    ),
    "es": _Sentences(
        ("ira", "asco", "miedo", "felicidad", "una cara neutral", "tristeza", "sorpresa"),
        "Esta expresión me parece {first}, aunque no puedo saber lo que sientes.",
        "Esta expresión me parece más bien {first}, pero también podría ser {second}.",
        "No estoy seguro de esta expresión: me recuerda a {first} o {second}.",
        "No estoy seguro de esta expresión: me recuerda a {first}.",
        "¿Cómo la llamarías tú?",
    ),
    "de": _Sentences(
        ("Ärger", "Ekel", "Angst", "Freude", "ein neutrales Gesicht", "Trauer", "Überraschung"),
        "Dieser Ausdruck ist für mich {first}, auch wenn ich nicht wissen kann, was du fühlst.",
        "Dieser Ausdruck ist für mich eher {first}, es könnte aber auch {second} sein.",
        "Bei diesem Ausdruck bin ich nicht sicher: Es kann {first} oder {second} sein.",
        "Bei diesem Ausdruck bin ich nicht sicher: Es kann {first} sein.",
        "Wie würdest du ihn nennen?",
    ),
}


def make_speech(prediction: Prediction, language: str = "en") -> Speech:
    """Return what to say about a prediction, and what to ask back.

    Parameters
    ----------
    prediction : Prediction
    language : str
        One of `xfera_nb.explanation.LANGUAGES`.

    Returns
    -------
    Speech

    Raises
    ------
    WriterError
        If there is no such language.

    Examples
    --------
    >>> import numpy as np
    >>> make_speech(Prediction(np.array([0, 0, 0, 0.3, 0.3, 0, 0.4], "float32"))).ask
    'What would you call it?'
    """
    sentences = _SENTENCES[check_language(language)]
    names = dict(zip(EMOTIONS, sentences.classes, strict=True))
    level = prediction.confidence_level
    first = names[prediction.predicted]
    if level == "High":
        return Speech(sentences.high.format(first=first), None)
    if len(prediction.classes) < 2:
        return Speech(sentences.only.format(first=first), sentences.ask)
    form = sentences.medium if level == "Medium" else sentences.low
    return Speech(form.format(first=first, second=names[prediction.runner_up]), sentences.ask)
