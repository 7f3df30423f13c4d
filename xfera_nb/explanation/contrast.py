"""Say what tells a prediction from another class: "Why surprise and not fear?".

It is told from the measurements by the offline writer, whoever wrote the explanation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xfera_nb.explanation.choices import ENGLISH
from xfera_nb.explanation.facts import Facts
from xfera_nb.explanation.grounding import Check, check
from xfera_nb.explanation.writers.offline import compose_contrast
from xfera_nb.facs import EMOTIONS

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion

SMALL_MARGIN = 0.2
"""Difference of the two highest probabilities below which the second class is contrasted."""


@dataclass(frozen=True)
class Contrast:
    """Hold what tells a face's target class from another one.

    Parameters
    ----------
    other : str
        The class that the target is contrasted with.
    text : str
        A question and one or two sentences.
    check : Check
        The text checked against the facts of both classes.
    """

    other: str
    text: str
    check: Check

    def to_dict(self) -> dict[str, object]:
        """Return the contrast as a JSON-able object."""
        return {"other": self.other, "text": self.text, "check": self.check.to_dict()}


def choose_contrast(probabilities: Mapping[str, float | None], label: str | None) -> str | None:
    """Return the class that a prediction is worth contrasting with; None if there is none.

    Parameters
    ----------
    probabilities : mapping of str to float or None
        Of each class; None where the network does not have it.
    label : str or None
        The true class, where it is known.

    Returns
    -------
    str or None
        The label where it is not the predicted class; otherwise the second class where it comes
        within `SMALL_MARGIN` of the first.
    """
    known = {name: share for name, share in probabilities.items() if share is not None}
    if len(known) < 2:
        return None
    first, second = sorted(known, key=known.__getitem__, reverse=True)[:2]
    if label is not None and label != first:
        return label if label in known else None
    return second if known[first] - known[second] < SMALL_MARGIN else None


def write_contrast(
    fusion: Fusion, label: str | None = None, language: str = ENGLISH
) -> Contrast | None:
    """Contrast a fusion's prediction with its label or its runner-up, where that is worth telling.

    Parameters
    ----------
    fusion : Fusion
    label : str, optional
        The true class, one of EMOTIONS, where it is known.
    language : str
        One of `LANGUAGES`.

    Returns
    -------
    Contrast or None
        None where `choose_contrast` finds no class, or where the fusion explains another class
        than the predicted one.
    """
    from xfera_nb.fusion import fuse

    if fusion.target != fusion.predicted:
        return None
    shares = [None if share != share else float(share) for share in fusion.probabilities]
    other = choose_contrast(dict(zip(EMOTIONS, shares, strict=True)), label)
    if other is None:
        return None
    ours, theirs = (
        Facts.from_fusion(one) for one in (fusion, fuse(fusion.evidence, fusion.params, other))
    )
    text = " ".join(compose_contrast(ours, theirs, language))
    return Contrast(other, text, check(text, ours, language, other=theirs))
