"""Part 1: which emotions people name, how far they agree, and whether the model agrees.

Units and scales
    Shares are 0-1, of the people who answered for a photo; of a ranking the first emotion counts.
    Entropy is Shannon's, in bits: 0 where all name one emotion, log2(7) = 2.81 where all seven are
    named equally often. Agreement on a photo is Fleiss's P_i: the share of pairs of people who
    name the same. Fleiss' kappa is 0 for agreement as by chance and 1 for full agreement; it needs
    the same people for all photos, so only those count who answered for every photo.
    Undefined is None, with a reason where it is not plain.
Source
    Fleiss, J. L. (1971), "Measuring nominal scale agreement among many raters", Psychological
    Bulletin 76, 378-382, computed by statsmodels. The XFERa paper (section 2.2) says that "a
    significant portion of responses for each image was distributed across different emotions",
    without numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import entropy, spearmanr
from statsmodels.stats.inter_rater import fleiss_kappa

from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.study.collected import Collected
from xfera_nb.study.items import KINDS, StudyItem


@dataclass(frozen=True)
class ItemAnswers:
    """Hold the answers for one photo.

    Attributes
    ----------
    item : StudyItem
    counts : tuple of int
        Seven, in the order of `EMOTIONS`.
    """

    item: StudyItem
    counts: tuple[int, ...]

    @property
    def people(self) -> int:
        """Number of participants who answered."""
        return sum(self.counts)

    @property
    def shares(self) -> tuple[float, ...] | None:
        """Seven shares, 0-1, in the order of `EMOTIONS`; None if nobody answered."""
        return tuple(count / self.people for count in self.counts) if self.people else None

    @property
    def entropy(self) -> float | None:
        """Entropy of the answers in bits; None if nobody answered."""
        return None if self.shares is None else float(entropy(self.shares, base=2))

    @property
    def agreement(self) -> float | None:
        """Share of pairs who agree; None with fewer than two people."""
        n = self.people
        return sum(c * (c - 1) for c in self.counts) / (n * (n - 1)) if n > 1 else None

    @property
    def majority(self) -> str | None:
        """The emotion named most; None if several are, or nobody answered."""
        top = max(self.counts)
        named = [e for e, c in zip(EMOTIONS, self.counts, strict=True) if c == top and top]
        return named[0] if len(named) == 1 else None

    @property
    def model_entropy(self) -> float:
        """Entropy of the model's probabilities in bits."""
        known = [p for p in self.item.probabilities if p is not None]
        return float(entropy(known, base=2))

    def share_of(self, emotion: str | None) -> float | None:
        """Return the share who named an emotion; None if it is None or nobody answered."""
        if emotion is None or self.shares is None:
            return None
        return self.shares[EMOTIONS.index(emotion)]


@dataclass(frozen=True)
class Kappa:
    """Hold Fleiss' kappa of some photos.

    Attributes
    ----------
    value : float or None
    items, people : int
        Photos, and people who answered for every photo of the study.
    left_out : int
        People who did not.
    reason : str or None
        Why there is no value.
    """

    value: float | None
    items: int
    people: int
    left_out: int
    reason: str | None = None


@dataclass(frozen=True)
class ModelComparison:
    """Compare participants and model on the photos of one kind.

    Attributes
    ----------
    kind : str
        One of `KINDS`, or "all".
    items : int
        Photos that somebody answered for.
    clear : int
        Those of them with one emotion that was named most.
    majority_is_model, majority_is_label : int
        Of the clear ones.
    share_model, share_label : float or None
        Mean share of people who name the model's prediction, and the label (photos with one).
    entropy : float or None
        Mean of the photos', bits.
    """

    kind: str
    items: int
    clear: int
    majority_is_model: int
    majority_is_label: int
    share_model: float | None
    share_label: float | None
    entropy: float | None


def count_answers(collected: Collected) -> tuple[ItemAnswers, ...]:
    """Count the answers for each photo, in the order of the study."""
    counts = {item.id: [0] * len(EMOTIONS) for item in collected.study.items}
    for answer in collected.emotions:
        counts[answer.item][EMOTIONS.index(answer.ranking[0])] += 1
    return tuple(ItemAnswers(item, tuple(counts[item.id])) for item in collected.study.items)


def kappa(collected: Collected, kind: str | None = None) -> Kappa:
    """Compute Fleiss' kappa over all photos, or over those of one kind."""
    named: dict[str, dict[str, str]] = {}
    for answer in collected.emotions:
        named.setdefault(answer.participant, {})[answer.item] = answer.ranking[0]
    everything = {item.id for item in collected.study.items}
    complete = [given for given in named.values() if given.keys() == everything]
    left_out = len(named) - len(complete)
    items = [item.id for item in collected.study.items if kind in (None, item.kind)]

    def none(reason: str) -> Kappa:
        return Kappa(None, len(items), len(complete), left_out, reason)

    if len(items) < 2:
        return none("fewer than two photos")
    if len(complete) < 2:
        return none("fewer than two people answered for every photo")
    table = np.array([[[s[i] for s in complete].count(e) for e in EMOTIONS] for i in items])
    if (table.sum(axis=0) > 0).sum() == 1:
        return none("everybody named the same emotion on every photo")
    value = float(fleiss_kappa(table, method="fleiss"))
    return Kappa(value, len(items), len(complete), left_out)


def compare_with_model(answered: Sequence[ItemAnswers]) -> tuple[ModelComparison, ...]:
    """Compare participants and model for each kind of photo and for all photos."""
    rows = []
    for kind in (*KINDS, "all"):
        some = [a for a in answered if a.people and kind in (a.item.kind, "all")]
        if not some:
            continue
        clear = [a for a in some if a.majority is not None]
        rows.append(
            ModelComparison(
                kind,
                len(some),
                len(clear),
                sum(a.majority == a.item.predicted for a in clear),
                sum(a.majority == a.item.emotion for a in clear),
                _mean([a.share_of(a.item.predicted) for a in some]),
                _mean([a.share_of(a.item.emotion) for a in some]),
                _mean([a.entropy for a in some]),
            )
        )
    return tuple(rows)


def entropy_correlation(answered: Sequence[ItemAnswers]) -> float | None:
    """Compute Spearman's correlation of participants' and the model's entropy over photos.

    None with fewer than three photos, or where one of the two is the same on all.
    """
    some = [a for a in answered if a.people]
    people, model = [a.entropy for a in some], [a.model_entropy for a in some]
    if len(some) < 3 or len(set(people)) == 1 or len(set(model)) == 1:
        return None
    return float(spearmanr(people, model).statistic)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
