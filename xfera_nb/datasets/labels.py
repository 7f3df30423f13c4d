"""Labels of data sets and the emotions that they mean, in one table.

A label is a word, a code or a number. Words and codes mean the same everywhere; a number means
something only in its own scheme, so it is read by the scheme that the caller names.

Sources: KDEF's codes (Lundqvist, Flykt and Öhman 1998); RAF-DB's order (Li, Deng and Du 2017);
FER2013's (Goodfellow et al. 2013); AffectNet's (Mollahosseini, Hasani and Mahoor 2017); CK+'s
(Lucey et al. 2010). Contempt and compound emotions are not among the seven: unknown here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xfera_nb.datasets.choices import SCHEMES
from xfera_nb.errors import unknown_name
from xfera_nb.facs.emotions import EMOTION_WORDS, EMOTIONS, fold_label

_ORDERS = {
    "rafdb": (1, "surprise fear disgust happiness sadness anger neutral"),
    "fer2013": (0, "anger disgust fear happiness sadness surprise neutral"),
    "affectnet": (0, "neutral happiness sadness surprise fear disgust anger"),
    "ckplus": (0, "neutral anger - disgust fear happiness sadness surprise"),
}


def _numbers(first: int, order: str) -> dict[str, str]:
    pairs = enumerate(order.split(), start=first)
    return {str(number): emotion for number, emotion in pairs if emotion in EMOTIONS}


LABEL_SCHEMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        scheme: MappingProxyType(_numbers(*_ORDERS[scheme])) if scheme in _ORDERS else EMOTION_WORDS
        for scheme in SCHEMES
    }
)
"""Scheme -> label in lower case -> emotion. "names" are words and codes, valid in each scheme."""


def label_to_emotion(label: object, scheme: str = "names") -> str | None:
    """Return the emotion that a data set's label means.

    Parameters
    ----------
    label : str or int
        As the data set writes it, in any case, such as "Happy", "AN" or 5.
    scheme : str
        A key of `LABEL_SCHEMES`: how numbers are read ("names": not at all).

    Returns
    -------
    str or None
        One of `EMOTIONS`; None for a label that is not in the table.

    Raises
    ------
    InputError
        If there is no such scheme.
    """
    if scheme not in LABEL_SCHEMES:
        raise unknown_name("scheme of labels", scheme, LABEL_SCHEMES)
    text = fold_label(label)
    if text.isdecimal():
        text = str(int(text))
    return LABEL_SCHEMES[scheme].get(text) or EMOTION_WORDS.get(text)
