"""All results of a study at one moment, as tables that say whether the answers are simulated.

The statistics and their sources are described in `xfera_nb.study.agreement` (part 1),
`xfera_nb.study.ratings` and `xfera_nb.study.conditions` (part 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from statistics import fmean
from typing import Any

from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.study.agreement import (
    ItemAnswers,
    Kappa,
    ModelComparison,
    compare_with_model,
    count_answers,
    entropy_correlation,
    kappa,
)
from xfera_nb.study.answers import Answers, answer_kind
from xfera_nb.study.collected import Collected
from xfera_nb.study.conditions import (
    ConditionComparison,
    ConditionEffect,
    OverallComparison,
    compare_conditions,
    compare_overall,
    mixed_model,
)
from xfera_nb.study.items import KINDS
from xfera_nb.study.rank_tests import LEVEL
from xfera_nb.study.ratings import (
    PAPER_CONDITION,
    PAPER_PEOPLE,
    PEOPLE,
    RATINGS,
    PaperComparison,
    Scores,
    collect_all_scores,
    compare_with_paper,
)
from xfera_nb.study.tables import MARK, Table
from xfera_nb.study.texts import SCORES
from xfera_nb.wording import count_of


@dataclass(frozen=True, eq=False)
class Analysis:
    """Hold all results of a study.

    Attributes
    ----------
    collected : Collected
    items : tuple of ItemAnswers
    kappas : mapping of str to Kappa
        For each kind that is there, and for "all".
    against : tuple of ModelComparison
    correlation : float or None
        Spearman's, of people's and the model's entropy over the photos.
    ratings, people : tuple of Scores
        Every question under every condition, of all ratings and of one score a person.
    paper : tuple of PaperComparison
    overall : tuple of OverallComparison
        Of each question, where there are more than two conditions.
    comparisons : tuple of ConditionComparison
    effects : tuple of ConditionEffect
        Of the mixed model; empty if it was not requested.
    """

    collected: Collected
    items: tuple[ItemAnswers, ...] = field(repr=False)
    kappas: Mapping[str, Kappa] = field(repr=False)
    against: tuple[ModelComparison, ...] = field(repr=False)
    correlation: float | None
    ratings: tuple[Scores, ...] = field(repr=False)
    people: tuple[Scores, ...] = field(repr=False)
    paper: tuple[PaperComparison, ...] = field(repr=False)
    overall: tuple[OverallComparison, ...] = field(repr=False)
    comparisons: tuple[ConditionComparison, ...] = field(repr=False)
    effects: tuple[ConditionEffect, ...] = field(repr=False)

    @property
    def simulated(self) -> bool:
        """Whether the answers are simulated."""
        return self.collected.simulated

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Every table with rows, by name."""
        made = {
            "photos": self._photos(),
            "distribution": self._distribution(),
            "model": self._model(),
            "agreement": self._agreement(),
            "scores": self._scores(),
            "shares": self._shares(),
            "right": self._right(),
            "paper": self._paper(),
            "overall": self._overall(),
            "conditions": self._conditions(),
            "mixed": self._mixed(),
        }
        return {name: table for name, table in made.items() if table.rows}

    def text(self) -> str:
        """Return the summary and all tables except the longest, "shares", as text."""
        shown = [str(table) for name, table in self.tables.items() if name != "shares"]
        return "\n\n".join([self.summary, *shown])

    @property
    def summary(self) -> str:
        """Number of participants and answers, in one line."""
        c = self.collected
        mark = f"{MARK}: " if self.simulated else ""
        return (
            f"{mark}{count_of(c.people, 'person', 'people')} took part, "
            f"{c.finished} finished; {count_of(len(c.emotions), 'answer')} in part 1, "
            f"{count_of(len(c.ratings), 'rating')} in part 2."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the results as JSON-able values; ``answers`` is "real" or "simulated"."""
        c = self.collected
        return {
            "answers": answer_kind(self.simulated),
            "participants": c.people,
            "finished": c.finished,
            "entropy_correlation": self.correlation,
            "kappa": {name: asdict(value) for name, value in self.kappas.items()},
            "tables": {
                name: [
                    {"answers": answer_kind(table.simulated)}
                    | dict(zip(table.columns, row, strict=True))
                    for row in table.rows
                ]
                for name, table in self.tables.items()
            },
        }

    def __str__(self) -> str:
        return self.text()

    def _table(self, title: str, columns: str, rows: Any, **rest: Any) -> Table:
        return Table(title, tuple(columns.split(", ")), tuple(rows), self.simulated, **rest)

    def _photos(self) -> Table:
        rows = (
            (
                a.item.id, a.item.kind, a.item.emotion, a.item.predicted, a.majority, a.people,
                a.share_of(a.item.predicted), a.share_of(a.item.emotion), a.entropy,
                a.model_entropy, a.agreement,
            )
            for a in self.items
        )  # fmt: skip
        return self._table(
            "what people saw on each photo",
            "photo, kind, label, model, people, n, as model, as label, entropy, of model, agree",
            rows,
            percent=("as model", "as label"),
            note=(
                "People: what most say. As model, as label: share who say the same. Entropy in "
                "bits, 0 to 2.81, of people\nand of the model. Agree: share of pairs of people who "
                "say the same."
            ),
        )

    def _distribution(self) -> Table:
        rows = ((a.item.id, *a.counts) for a in self.items)
        return self._table("answers on each photo", ", ".join(("photo", *EMOTIONS)), rows)

    def _model(self) -> Table:
        names = "kind, photos, clear, model's, label's, as model, as label, entropy"
        rows = (tuple(vars(row).values()) for row in self.against)
        known = self.correlation is not None
        said = f"{self.correlation:.2f}" if known else "not defined"
        return self._table(
            "model against people",
            names,
            rows,
            percent=("as model", "as label"),
            note=(
                "Clear: one emotion is named most; on so many of them it is the model's, the "
                "label's. Rank correlation of\npeople's and the model's entropy over the photos: "
                f"{said}."
            ),
        )

    def _agreement(self) -> Table:
        rows = (
            (name, k.value, k.items, k.people, k.left_out, k.reason)
            for name, k in self.kappas.items()
        )
        return self._table(
            "agreement of people (Fleiss' kappa)",
            "photos, kappa, count, people, left out, why not",
            rows,
            remarks=("why not",),
            note="Left out are people who did not answer for every photo.",
        )

    def _scores(self) -> Table:
        rows = (
            (
                one.question, name_condition(one.condition), len(two.values), two.mean, two.median,
                len(one.values), *(one.values.count(score) for score in SCORES), one.mean,
            )
            for one, two in zip(self.ratings, self.people, strict=True)
        )  # fmt: skip
        return self._table(
            "scores from 1 to 5",
            "question, condition, people, mean, median, ratings, 1, 2, 3, 4, 5, mean of all",
            rows,
            note="Of people: one score each, the lower median of the person's.",
        )

    def _shares(self) -> Table:
        rows = []
        for one in (*self.people, *self.ratings):
            for score in SCORES:
                share = one.share(score)
                rows.append(
                    (
                        one.question, name_condition(one.condition), one.counting, score,
                        share.count, share.of, share.value, share.low, share.high,
                    )
                )  # fmt: skip
        return self._table(
            "shares of the scores, with 95 % Wilson intervals",
            "question, condition, of, score, count, all, share, low, high",
            rows,
            percent=("share", "low", "high"),
            note="Intervals of ratings are too narrow: one person's are not independent.",
        )

    def _right(self) -> Table:
        labels = {item.id: (item.emotion, item.predicted) for item in self.collected.study.items}
        rows = []
        for condition in self.collected.study.conditions:
            some = [
                r
                for r in self.collected.ratings
                if r.question == "trust" and r.condition == condition
            ]
            known = [(r.score, labels[r.item]) for r in some if labels[r.item][0] is not None]
            right = [score for score, (label, answer) in known if label == answer]
            wrong = [score for score, (label, answer) in known if label != answer]
            both = (len(right), mean(right), len(wrong), mean(wrong))
            rows.append((name_condition(condition), *both))
        return self._table(
            "trust in right and in wrong predictions of the model (mean of ratings)",
            "condition, right, mean, wrong, mean of wrong",
            rows,
            note="An explanation should raise trust in right predictions more than in wrong ones.",
        )

    def _paper(self) -> Table:
        rows = []
        for one in self.paper:
            rows.append((one.score, "the paper", *_share(one.paper)))
            rows.append((one.score, f"here, {PEOPLE}", *_share(one.people)))
            rows.append((one.score, f"here, {RATINGS}", *_share(one.ratings)))
        return self._table(
            f'trust under "{name_condition(PAPER_CONDITION)}" beside the XFERa paper',
            "score, who, count, all, share, low, high",
            rows,
            percent=("share", "low", "high"),
            note=(
                "The paper prints 77% and 13.6%; the counts are worked out from its "
                f"{PAPER_PEOPLE} people. 95 % Wilson intervals."
            ),
        )

    def _overall(self) -> Table:
        rows = (
            (o.question, o.people, o.result.statistic, o.result.p, o.result.reason)
            for o in self.overall
        )
        return self._table(
            "all conditions compared (Friedman, one mean a person)",
            "question, people, chi2, p, why not",
            rows,
            chances=("p",),
            remarks=("why not",),
            note=f"Only where p is below {LEVEL} do the pairs of conditions count.",
        )

    def _conditions(self) -> Table:
        rows = (
            (
                c.question, name_condition(c.first), name_condition(c.second), *c.people, *c.means,
                c.result.test, c.result.statistic, c.result.effect, c.result.p, c.p_holm,
                c.result.reason,
            )
            for c in self.comparisons
        )  # fmt: skip
        return self._table(
            "conditions compared (one mean a person)",
            "question, first, second, n1, n2, mean1, mean2, test, W or U, effect, p, Holm, why not",
            rows,
            chances=("p", "Holm"),
            remarks=("why not",),
            note=(
                "Wilcoxon: of pairs, the same people under both. Mann-Whitney: different people.\n"
                "Effect: rank-biserial, from -1 (first always higher) to 1 (second always)."
            ),
        )

    def _mixed(self) -> Table:
        rows = (
            (
                e.question, name_condition(e.condition), name_condition(e.against), e.points,
                e.low, e.high, e.p, e.reason,
            )
            for e in self.effects
        )  # fmt: skip
        return self._table(
            "conditions compared (mixed model, persons and photos as random intercepts)",
            "question, condition, against, points, low, high, p, note",
            rows,
            chances=("p",),
            remarks=("note",),
            note="Points of the scale from 1 to 5, with 95 % intervals.",
        )


def analyse(answers: Answers, *, mixed: bool = False) -> Analysis:
    """Analyse a study's answers.

    Parameters
    ----------
    answers : Answers
        Of one kind, real or simulated; it may still be written to.
    mixed : bool
        Fit the mixed models as well.

    Returns
    -------
    Analysis

    Raises
    ------
    StudyError
        If the file of answers is damaged.
    """
    collected = Collected.of(answers)
    answered = count_answers(collected)
    kinds = [kind for kind in KINDS if any(item.kind == kind for item in collected.study.items)]
    questions = collected.study.questions
    return Analysis(
        collected,
        answered,
        {kind: kappa(collected, kind) for kind in kinds} | {"all": kappa(collected)},
        compare_with_model(answered),
        entropy_correlation(answered),
        collect_all_scores(collected, RATINGS),
        collect_all_scores(collected, PEOPLE),
        compare_with_paper(collected),
        tuple(o for q in questions if (o := compare_overall(collected, q)) is not None),
        tuple(c for question in questions for c in compare_conditions(collected, question)),
        tuple(e for q in questions for e in mixed_model(collected, q)) if mixed else (),
    )


def name_condition(condition: str) -> str:
    """Return a condition's name for people."""
    return {"none": "answer alone", "heatmap": "heatmap", "text": "heatmap and text"}[condition]


def _share(share: Any) -> tuple[Any, ...]:
    return share.count, share.of, share.value, share.low, share.high


def mean(scores: Sequence[int]) -> float | None:
    """Return the mean, or None of no values."""
    return fmean(scores) if scores else None
