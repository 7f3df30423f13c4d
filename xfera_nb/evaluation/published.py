"""Published figures that an evaluation is shown beside: the XFERa paper's, and people's on KDEF.

XFERa paper
    Macchiarulo et al. (2025), section 2 (Table 1 and the text below it, on RAF-DB's 3,068
    validation images) and section 2.2 (KDEF): another model, trained on other faces. The paper
    gives two digits, no intervals and no counts.
People
    A hit rate is the share of answers, 0-1, that are the intended emotion: a classifier's recall.
    Goeleven, De Raedt, Leyman and Verschuere (2008), The Karolinska Directed Emotional Faces: A
    validation study, Cognition and Emotion 22(6), 1094-1118, judged the 490 photos of session A
    in straight view. Its table of hit rates by emotion is not included: each is None with a reason,
    and `read_norms` takes them from your copy of the paper. Its mean hit rate is second-hand
    and rounded here, and says so.
    Calvo and Lundqvist (2008), Facial expressions of emotion (KDEF), Behavior Research Methods
    40(1), 109-115, judged 280 pictures: their abstract says which expression was named best and
    which worst, without numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from xfera_nb.datasets import label_to_emotion
from xfera_nb.datasets.files import read_table
from xfera_nb.errors import XferaError
from xfera_nb.facs.emotions import EMOTIONS

PAPER_TABLE_1: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "anger": (0.86, 0.80, 0.83),
        "disgust": (0.66, 0.59, 0.62),
        "fear": (0.77, 0.69, 0.73),
        "happiness": (0.95, 0.95, 0.95),
        "neutral": (0.83, 0.88, 0.85),
        "sadness": (0.83, 0.87, 0.85),
        "surprise": (0.90, 0.80, 0.85),
    }
)
"""Emotion -> precision, recall and F1 of Table 1, on RAF-DB."""

PAPER_RAFDB_ACCURACY = 0.8745
PAPER_KDEF_ACCURACY = 0.6585
"""On KDEF's 490 photos of "the first part": session A, straight view."""

GOELEVEN = "Goeleven et al. (2008), Cognition and Emotion 22(6), doi 10.1080/02699930701626582"
CALVO = "Calvo and Lundqvist (2008), Behavior Research Methods 40(1), abstract"
NO_SOURCE = "no source available"


class NormsError(XferaError):
    """A table of hit rates cannot be read."""


@dataclass(frozen=True, slots=True)
class Norm:
    """Hold a hit rate of people.

    Attributes
    ----------
    hit_rate : float or None
        0-1; None without a source.
    source : str
        Where the number is from, or where it would be.
    reason : str or None
        Why there is no number, or what to know of it.
    """

    hit_rate: float | None
    source: str
    reason: str | None = None


KDEF_HIT_RATES: Mapping[str, Norm] = MappingProxyType(
    {emotion: Norm(None, GOELEVEN, NO_SOURCE) for emotion in EMOTIONS}
)
"""Emotion -> hit rate of Goeleven et al.; none is filled in, see above."""

KDEF_MEAN = Norm(
    0.72,
    GOELEVEN,
    "second-hand and rounded, as quoted in the README of github.com/FatmaBuseBorlu/KDEF, "
    "not checked against the paper",
)
"""Mean hit rate of Goeleven et al."""

KDEF_BEST = "happiness"
KDEF_WORST = "fear"
"""The expressions that people named best and worst in `CALVO`."""


def read_norms(path: str | Path) -> dict[str, Norm]:
    """Read hit rates from a table of your own.

    Parameters
    ----------
    path : path
        A CSV with the columns `emotion` (any name that the data sets' labels know), `hit_rate`
        (0-1; empty for unknown) and, optionally, `source`.

    Returns
    -------
    dict
        Each of `EMOTIONS` -> its Norm; those that the table leaves out keep their reason.

    Raises
    ------
    NormsError
        If the table cannot be read, or a line of it is invalid.
    """
    try:
        columns, rows = read_table(path)
    except (OSError, ValueError, csv.Error) as error:
        raise NormsError(f"{path} cannot be read ({error}): give a CSV file.") from error
    if not {"emotion", "hit_rate"} <= set(columns):
        raise NormsError(f"{path} lacks the columns emotion and hit_rate: name them in line 1.")
    norms = dict(KDEF_HIT_RATES)
    for number, row in enumerate(rows, start=2):
        emotion, text = label_to_emotion(row["emotion"] or ""), (row["hit_rate"] or "").strip()
        if emotion is None:
            raise NormsError(
                f"{path}, line {number}: {(row['emotion'] or '')[:40]!r} is none of "
                f"{', '.join(EMOTIONS)}."
            )
        if not text:
            continue
        rate = _parse_rate(text)
        if rate is None:
            raise NormsError(f"{path}, line {number}: write {text[:40]!r} as a share from 0 to 1.")
        source = (row.get("source") or "").strip()
        norms[emotion] = Norm(rate, source or f"your table {path}")
    return norms


def _parse_rate(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
