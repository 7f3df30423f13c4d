"""The seven classes: their names, their order, and the words by which others call them.

The order is alphabetical and is that of every array with an axis of emotions: probabilities,
heatmaps, weights of the last layer, confusion matrices.

Source: the seven classes of the XFERa paper (Macchiarulo et al. 2025, section 2). Departure: the
paper's Table 2 prints "Angry", "Happy", "Sad"; here the emotion is named by its noun throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xfera_nb.errors import unknown_name

EMOTIONS: tuple[str, ...] = (
    "anger",
    "disgust",
    "fear",
    "happiness",
    "neutral",
    "sadness",
    "surprise",
)
"""Names of the classes, in the order of every array with an axis of emotions."""

_SYNONYMS = {
    "anger": ("an", "ang", "angry", "mad", "rage"),
    "disgust": ("di", "dis", "disg", "disgusted"),
    "fear": ("af", "afraid", "anxious", "fe", "fea", "fearful", "scared"),
    "happiness": ("ha", "hap", "happy", "joy", "joyful", "smile", "smiling"),
    "neutral": ("ne", "neu", "neutrality", "calm", "no expression"),
    "sadness": ("sa", "sad", "sorrow"),
    "surprise": ("su", "sur", "surp", "surprised", "astonished"),
}

EMOTION_WORDS: Mapping[str, str] = MappingProxyType(
    {word: emotion for emotion in EMOTIONS for word in (emotion, *_SYNONYMS[emotion])}
)
"""Word or code in lower case -> one of `EMOTIONS`; KDEF's codes ("HA") are among them."""


def parse_emotion(name: str) -> str:
    """Return the class that a name means.

    Parameters
    ----------
    name : str
        A class or a synonym of `EMOTION_WORDS` in any case, such as "Happiness", "joy" or "HA".

    Returns
    -------
    str
        One of `EMOTIONS`.

    Raises
    ------
    InputError
        If the name means none of the seven; the message suggests the nearest class.

    Examples
    --------
    >>> parse_emotion("Joy")
    'happiness'
    """
    emotion = EMOTION_WORDS.get(fold_label(name))
    if emotion is None:
        raise unknown_name("emotion", name, EMOTIONS)
    return emotion


def fold_label(label: object) -> str:
    """Return a label in lower case, with single spaces for underscores and runs of spaces."""
    return " ".join(str(label).replace("_", " ").split()).casefold()
