"""Part 2: shares of the scores 1 to 5, with Wilson intervals, and beside the XFERa paper's.

Units and scales
    Shares are 0-1. An interval is Wilson's score interval at 95 % (Wilson 1927; statsmodels).
    It takes answers to be independent. One person's answers to several photos are not, so there
    are two readings: "people", one score a person (the lower median of the person's scores), for
    which the interval holds, and "ratings", all scores, for which it is too narrow.
The paper's figures
    Section 2.2, 22 people: "confidence in the model's decisions reached the maximum score of 5 for
    77% of the participants in a context with explanations. Only a small percentage (around 13.6%)
    gave a score of 3". Of 22 people these are 17 (77.27 %) and 3 (13.64 %): no other whole number
    rounds to them. The paper does not say what the other two gave, or how one person's ratings
    of several examples became one score. It compared no other condition, and gives the result of
    this question only.
Departure
    The paper's people saw heatmaps and AU-based explanations: the condition "text" is what stands
    beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, median_low

from statsmodels.stats.proportion import proportion_confint

from xfera_nb.study.collected import Collected

PAPER_PEOPLE = 22
PAPER = {5: (17, 0.77), 3: (3, 0.136)}
"""Score -> people who gave it (worked out from the share), and the share as the paper prints it."""
PAPER_CONDITION = "text"
PEOPLE, RATINGS = "people", "ratings"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """Hold a share with its confidence interval.

    Attributes
    ----------
    count, of : int
    low, high : float or None
        Ends of the Wilson interval; None where there is nothing.
    """

    count: int
    of: int
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        """The share, 0-1; None if `of` is 0."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True)
class Scores:
    """Hold the scores of one question under one condition.

    Attributes
    ----------
    question, condition : str
    counting : str
        "people" or "ratings".
    values : tuple of int
        The scores.
    """

    question: str
    condition: str
    counting: str
    values: tuple[int, ...]

    def share(self, score: int) -> Share:
        """Return the share of one score."""
        return wilson_share(self.values.count(score), len(self.values))

    @property
    def mean(self) -> float | None:
        """Mean score; None without any."""
        return fmean(self.values) if self.values else None

    @property
    def median(self) -> float | None:
        """Median score; None without any."""
        return median(self.values) if self.values else None


@dataclass(frozen=True)
class PaperComparison:
    """Compare one of the paper's two figures with this study's.

    Attributes
    ----------
    score : int
    printed : float
        The share as the paper prints it.
    paper, people, ratings : Share
        The paper's people; this study's people; all ratings.
    """

    score: int
    printed: float
    paper: Share
    people: Share
    ratings: Share


def wilson_share(count: int, of: int) -> Share:
    """Return a share with its Wilson interval."""
    if not of:
        return Share(count, of, None, None)
    low, high = proportion_confint(count, of, alpha=1 - CONFIDENCE, method="wilson")
    return Share(count, of, float(low), float(high))


def scores(collected: Collected, question: str, condition: str, counting: str = RATINGS) -> Scores:
    """Collect the scores of a question under a condition: all, or one per participant."""
    by_person: dict[str, list[int]] = {}
    for rating in collected.ratings:
        if rating.question == question and rating.condition == condition:
            by_person.setdefault(rating.participant, []).append(rating.score)
    if counting == PEOPLE:
        return Scores(question, condition, counting, tuple(map(median_low, by_person.values())))
    return Scores(
        question, condition, counting, tuple(s for some in by_person.values() for s in some)
    )


def collect_all_scores(collected: Collected, counting: str = RATINGS) -> tuple[Scores, ...]:
    """Collect the scores of every question under every condition."""
    study = collected.study
    pairs: Sequence[tuple[str, str]] = [
        (q, condition) for q in study.questions for condition in study.conditions
    ]
    return tuple(scores(collected, question, condition, counting) for question, condition in pairs)


def compare_with_paper(collected: Collected) -> tuple[PaperComparison, ...]:
    """Compare trust under heatmap and text with the paper's; empty without that condition."""
    if PAPER_CONDITION not in collected.study.conditions:
        return ()
    people = scores(collected, "trust", PAPER_CONDITION, PEOPLE)
    ratings = scores(collected, "trust", PAPER_CONDITION, RATINGS)
    return tuple(
        PaperComparison(
            score,
            printed,
            wilson_share(count, PAPER_PEOPLE),
            people.share(score),
            ratings.share(score),
        )
        for score, (count, printed) in PAPER.items()
    )
