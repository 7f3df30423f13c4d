"""Is this true? The checks of the words and of the map on an `ExplainerState`, without a screen.

Checked is what the state shows when `check` is called: its face and its explained class. When
either changes, the checks stay and are `stale`. Parameters of the fusion change none of them but
the overlap, which follows at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets import Bool, HasTraits, Instance, List, Unicode

from xfera_nb.classifier import Classifier
from xfera_nb.errors import XferaError
from xfera_nb.evaluation.faithfulness import (
    ExpectedRegion,
    Faithfulness,
    check_faithfulness,
    compute_overlap,
    expected_region,
)
from xfera_nb.evaluation.faithfulness.interpretation import (
    FAIL,
    PASS,
    Interpretation,
    interpret,
    interpret_overlap,
)
from xfera_nb.explanation import Explanation
from xfera_nb.facs import ACTION_UNITS
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared import background

NO_WORDS = "No words yet: press Explain."


class TruthState(HasTraits):
    """What is known of the truth of one explanation.

    Parameters
    ----------
    state : ExplainerState
    classifier : callable, optional
        Gives the classifier that measured; the state's own by default.

    Attributes
    ----------
    checks : Faithfulness or None
    map_sayings : list of Interpretation
        The checks of the map in words; empty before the first.
    words_saying : Interpretation
        The check of the text.
    weights : list of dict
        One for each different region, the greatest weight first, as `weight_rows` gives them.
    stale : bool
        Whether the checks are of another face or class than the one shown.
    busy : bool
    error : str
        One sentence; empty when nothing failed.
    """

    checks = Instance(Faithfulness, allow_none=True)
    map_sayings: List[Any] = List()
    words_saying = Instance(Interpretation)
    weights: List[Any] = List()
    stale = Bool(False)
    busy = Bool(False)
    error = Unicode("")

    def __init__(
        self, state: ExplainerState, classifier: Callable[[], Classifier] | None = None
    ) -> None:
        super().__init__(words_saying=words_said(state.explanation, state.stale))
        self.state = state
        self._classifier = classifier or (lambda: state.classifier)
        self._asked = 0
        self._about: tuple[Any, str] | None = None
        self._target: ExpectedRegion | None = None
        state.observe(lambda _: self._follow(), "fusion")
        state.observe(lambda _: self._read(), ["explanation", "stale"])

    def check(self, *, in_background: bool = False) -> None:
        """Check the map that is shown; a failure goes to `error`.

        Parameters
        ----------
        in_background : bool
            In a thread, where a loop runs, so that the sliders stay live.
        """
        fusion = self.state.fusion
        evidence, emotion, params = fusion.evidence, fusion.target, fusion.params
        self._asked += 1
        asked = self._asked
        self.error, self.busy = "", True
        background.run(
            lambda tell: (
                check_faithfulness(evidence, self._classifier(), params, emotion),
                expected_region(evidence, emotion),
            ),
            lambda outcome: self._take(asked, (evidence, emotion), outcome),
            in_background=in_background,
        )

    def _take(
        self,
        asked: int,
        about: tuple[Any, str],
        outcome: tuple[Faithfulness, ExpectedRegion] | XferaError,
    ) -> None:
        if asked != self._asked:
            return
        self.busy = False
        if isinstance(outcome, XferaError):
            self.error = str(outcome)
            return
        self._about = about
        checks, self._target = outcome
        self.checks = checks
        self.weights = weight_rows(checks)
        self.map_sayings = list(interpret(checks))
        self._follow()

    def _follow(self) -> None:
        """The overlap under the parameters of now, or the mark that all is of something else."""
        if self._about is None:
            return
        fusion = self.state.fusion
        self.stale = (fusion.evidence, fusion.target) != self._about
        if not self.stale:
            told = interpret_overlap(compute_overlap(fusion, self._target))
            by_title = {saying.title: saying for saying in told}
            self.map_sayings = [by_title.get(old.title, old) for old in self.map_sayings]

    def _read(self) -> None:
        self.words_saying = words_said(self.state.explanation, self.state.stale)


def words_said(explanation: Explanation | None, stale: bool) -> Interpretation:
    """The check of a text in words."""
    verdict = None
    figure = NO_WORDS
    if explanation is not None:
        check = explanation.check
        figure = f"{check.summary}{' Stale: of other words than now.' if stale else ''}"
        if check.precision is not None and not stale:
            verdict = PASS if check.is_grounded else FAIL
    return Interpretation(
        "Words supported",
        figure,
        "Each movement that the text names is active: it was measured, and the map is hot there.",
        "That the measurement or the map is right; those are other checks.",
        verdict,
    )


def weight_rows(checks: Faithfulness) -> list[dict[str, Any]]:
    """The weights as a front end draws them.

    Returns
    -------
    list of dict
        `name`, `title`, `expected` (any of the AUs is), `prob_drop`, `random`, `least`, `most`,
        `excess_drop`, `saliency` (None without positive evidence), and `same_region`, names of AUs
        with the same region.
    """
    rows = []
    for row in checks.au_drops.ranked:
        others = [checks.au_drops.of(au) for au in row.same_region]
        least, most = row.random_range or (None, None)
        rows.append(
            {
                "name": row.name,
                "title": ACTION_UNITS[row.au].name,
                "expected": row.expected or any(other.expected for other in others),
                "prob_drop": row.prob_drop,
                "random": row.random_drop,
                "least": least,
                "most": most,
                "excess_drop": row.excess_drop,
                "saliency": row.saliency,
                "same_region": [other.name for other in others],
            }
        )
    return rows
