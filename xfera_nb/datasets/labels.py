"""Labels of data sets and the emotions that they mean, in one table.

A label is a word, a code or a number. Words mean the same everywhere; a number means something only
in its own scheme, so it is read by the scheme that the caller names, or by a mapping of the
caller's own. KDEF's codes of two letters ("AF") are read where a label is expected, but never in
the name of a folder, unless the scheme "kdef" says so: folders are called AF, SA or AN for many
reasons.

Sources: KDEF's codes (Lundqvist, Flykt and Öhman 1998); RAF-DB's order (Li, Deng and Du 2017);
FER2013's (Goodfellow et al. 2013); AffectNet's (Mollahosseini, Hasani and Mahoor 2017); CK+'s
(Lucey et al. 2010). Contempt and compound emotions are not among the seven: unknown here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from xfera_nb.datasets.choices import SCHEMES
from xfera_nb.datasets.samples import EXPRESSIONS
from xfera_nb.errors import InputError, unknown_name
from xfera_nb.facs.emotions import EMOTION_WORDS, EMOTIONS, fold_label, parse_emotion

_ORDERS = {
    "rafdb": (1, "surprise fear disgust happiness sadness anger neutral"),
    "fer2013": (0, "anger disgust fear happiness sadness surprise neutral"),
    "affectnet": (0, "neutral happiness sadness surprise fear disgust anger"),
    "ckplus": (0, "neutral anger - disgust fear happiness sadness surprise"),
}
_NUMBER = re.compile(r"([0-9]{1,9})(\.0*)?")
_CODE_LENGTH = 2


def _numbers(first: int, order: str) -> dict[str, str]:
    pairs = enumerate(order.split(), start=first)
    return {str(number): emotion for number, emotion in pairs if emotion in EMOTIONS}


_SPECIAL = {
    "names": EMOTION_WORDS,
    "kdef": {code.casefold(): emotion for code, emotion in EXPRESSIONS.items()},
}
LABEL_SCHEMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        scheme: MappingProxyType(_numbers(*_ORDERS[scheme]))
        if scheme in _ORDERS
        else MappingProxyType(dict(_SPECIAL[scheme]))
        for scheme in SCHEMES
    }
)
"""Scheme -> label in lower case -> emotion. "names" are words and codes, valid in each scheme."""

Labels = str | Mapping[str, str]
"""A key of `LABEL_SCHEMES`, or a mapping of label to emotion."""


def label_to_emotion(label: object, scheme: Labels = "names") -> str | None:
    """Return the emotion that a data set's label means.

    Parameters
    ----------
    label : str, int or float
        As the data set writes it, in any case, such as "Happy", "AN", 5 or "5.0".
    scheme : str or mapping of str to str
        A key of `LABEL_SCHEMES`: how numbers are read ("names": not at all). Or a mapping of
        labels to emotions, which goes before the words.

    Returns
    -------
    str or None
        One of `EMOTIONS`; None for a label that is not in the table.

    Raises
    ------
    InputError
        If there is no such scheme, or a mapping names an emotion that does not exist.
    """
    text = _key(label)
    return label_table(scheme).get(text) or EMOTION_WORDS.get(text)


def folder_to_emotion(name: str, scheme: Labels = "names") -> str | None:
    """Return the emotion that a folder's name means, which is never a code of two letters.

    Parameters and errors are those of `label_to_emotion`; the scheme "kdef" and a mapping may give
    such codes a meaning.
    """
    text = _key(name)
    if scheme != "names" and (emotion := label_table(scheme).get(text)):
        return emotion
    return EMOTION_WORDS.get(text) if len(text) > _CODE_LENGTH else None


def folders_to_label(
    folders: Sequence[str], scheme: Labels = "names"
) -> tuple[str | None, str | None, str | None]:
    """Return the label that the folders above a photo give it.

    Parameters
    ----------
    folders : sequence of str
        Their names, the nearest one last.
    scheme : str or mapping
        As in `label_to_emotion`.

    Returns
    -------
    label, emotion : str or None
        The nearest folder that names an emotion: a mapping's labels before words, words before
        a scheme's numbers and codes. Without any, the nearest folder's name and None.
    conflict : str or None
        What is wrong where folders name different emotions; the emotion is None then.

    Raises
    ------
    InputError
        As `label_to_emotion`.
    """
    table = label_table(scheme)
    words = [name for name in folders if folder_to_emotion(name)]
    listed = [name for name in folders if scheme != "names" and _key(name) in table]
    found = (listed or words) if isinstance(scheme, Mapping) else (words or listed)
    if not found:
        return (folders[-1] if folders else None), None, None
    emotions = {name: folder_to_emotion(name, scheme) for name in found}
    if len({*emotions.values()}) > 1:
        told = " and ".join(f"the folder {name!r} is {emotions[name]}" for name in emotions)
        return "/".join(found), None, told
    return found[-1], emotions[found[-1]], None


def label_table(scheme: Labels) -> Mapping[str, str]:
    """Return the table of a scheme, or a mapping with its labels in lower case.

    Raises
    ------
    InputError
        If there is no such scheme or emotion.
    """
    if isinstance(scheme, Mapping):
        return {_key(label): parse_emotion(emotion) for label, emotion in scheme.items()}
    if scheme not in LABEL_SCHEMES:
        raise unknown_name("scheme of labels", scheme, LABEL_SCHEMES)
    return LABEL_SCHEMES[scheme]


def parse_labels(text: str) -> Labels:
    """Return the scheme or the mapping that a text such as "0=neutral,1=happy" means.

    Raises
    ------
    InputError
        If it is neither, or names an emotion that does not exist.
    """
    if "=" not in text:
        label_table(text)
        return text
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(label.strip() and equals for label, equals, _ in pairs):
        raise InputError(
            f"{text[:80]!r} is no mapping of labels: write 0=neutral,1=fear or the like."
        )
    labels = {label.strip(): emotion.strip() for label, _, emotion in pairs}
    label_table(labels)
    return labels


def is_number(label: str) -> bool:
    """Return whether a label is a number such as "3" or "3.0"."""
    return _NUMBER.fullmatch(label.strip()) is not None


def is_code(label: str) -> bool:
    """Return whether a label is one of KDEF's codes, such as "AF"."""
    return label.strip().casefold() in LABEL_SCHEMES["kdef"]


def _key(label: object) -> str:
    text = fold_label(label)
    number = _NUMBER.fullmatch(text)
    return str(int(number[1])) if number else text
