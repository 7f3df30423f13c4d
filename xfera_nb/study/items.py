"""One photo of a study, and the names of conditions, kinds of photos and ways to answer."""

from __future__ import annotations

from dataclasses import dataclass

CONDITIONS = ("none", "heatmap", "text")
"""The model's prediction alone; with its heatmap; with heatmap and text."""
KINDS = ("misclassified", "ambiguous", "random")
"""Why an item is in the study; see `xfera_nb.study.selection`."""
CHOICES = ("choose", "rank")
"""Part 1: one emotion, or several in order."""


@dataclass(frozen=True)
class StudyItem:
    """Describe one photo of a study.

    Attributes
    ----------
    id : str
        Letters, digits, ``-`` and ``_``.
    photo_name : str
        The photo's name in its data set; participants don't see it.
    kind : str
        One of `KINDS`.
    emotion : str or None
        Its label.
    predicted : str
        The model's prediction.
    probabilities : tuple of float or None
        Seven, 0-1, in the order of `EMOTIONS`; None for a class that the model does not have.
    has_positive_evidence : bool
        Whether any part of the face speaks for the answer.
    text : str
        The explanation's sentences.
    unsupported : int
        Movements that the sentences name and that were not measured as active.
    face, heatmap : str
        Files in `PICTURES`.
    """

    id: str
    photo_name: str
    kind: str
    emotion: str | None
    predicted: str
    probabilities: tuple[float | None, ...]
    has_positive_evidence: bool
    text: str
    face: str
    heatmap: str
    unsupported: int = 0

    @property
    def margin(self) -> float:
        """Highest minus second highest probability, 0-1."""
        first, second = sorted((p for p in self.probabilities if p is not None), reverse=True)[:2]
        return first - second
