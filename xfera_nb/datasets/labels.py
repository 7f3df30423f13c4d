"""Other people's names of the emotions, in one table.

A label is a word, a code or a number. Words and codes mean the same everywhere; a number means
something only in its own scheme, so it is read by the scheme that the caller names.

Sources: KDEF's codes (Lundqvist, Flykt and Öhman 1998); RAF-DB's order (Li, Deng and Du 2017);
FER2013's (Goodfellow et al. 2013); AffectNet's (Mollahosseini, Hasani and Mahoor 2017); CK+'s
(Lucey et al. 2010). Contempt and compound emotions have no place among the seven: unknown here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xfera_nb.datasets.samples import EXPRESSIONS
from xfera_nb.facs.emotions import EMOTIONS

_WORDS = {
    "anger": ("angry", "ang", "mad", "rage"),
    "disgust": ("disgusted", "dis", "disg"),
    "fear": ("afraid", "fearful", "fea", "fe", "scared", "anxious"),
    "happiness": ("happy", "joy", "joyful", "hap", "smile", "smiling"),
    "neutral": ("neutrality", "neu", "calm", "no expression"),
    "sadness": ("sad", "sorrow"),
    "surprise": ("surprised", "sur", "surp", "astonished"),
}
_ORDERS = {
    "rafdb": (1, "surprise fear disgust happiness sadness anger neutral"),
    "fer2013": (0, "anger disgust fear happiness sadness surprise neutral"),
    "affectnet": (0, "neutral happiness sadness surprise fear disgust anger"),
    "ckplus": (0, "neutral anger - disgust fear happiness sadness surprise"),
}


def _names() -> dict[str, str]:
    table = {word: emotion for emotion, words in _WORDS.items() for word in (emotion, *words)}
    return table | {code.casefold(): emotion for code, emotion in EXPRESSIONS.items()}


def _numbers(first: int, order: str) -> dict[str, str]:
    pairs = enumerate(order.split(), start=first)
    return {str(number): emotion for number, emotion in pairs if emotion in EMOTIONS}


LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"names": MappingProxyType(_names())}
    | {scheme: MappingProxyType(_numbers(*order)) for scheme, order in _ORDERS.items()}
)
"""Scheme -> label in lower case -> emotion. "names" are words and codes, valid in each scheme."""


def emotion_of(label: object, scheme: str = "names") -> str | None:
    """The emotion that a label means.

    Parameters
    ----------
    label : str or int
        As its data set writes it, in any case, such as "Happy", "AN" or 5.
    scheme : str
        A key of `LABELS`: how numbers are read ("names": not at all).

    Returns
    -------
    str or None
        One of `EMOTIONS`; None for a label that is not in the table.

    Raises
    ------
    ValueError
        If there is no such scheme.
    """
    if scheme not in LABELS:
        raise ValueError(f"{scheme!r} is not one of {', '.join(LABELS)}.")
    text = " ".join(str(label).replace("_", " ").split()).casefold()
    if text.isdecimal():
        text = str(int(text))
    return LABELS[scheme].get(text) or LABELS["names"].get(text)
