"""Check the faithfulness of what an `ExplainerState` shows, without a screen.

`check` checks the map of the face and the target class that are shown. When either changes, the
checks stay and are `stale`. Parameters of the fusion change only the overlap, which follows at
once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets import Bool, HasTraits, Instance, Int, List, Tuple, Unicode

from xfera_nb.classifier import Classifier
from xfera_nb.errors import XferaError
from xfera_nb.evaluation.faithfulness import (
    ExpectedRegion,
    Faithfulness,
    check_faithfulness,
    compute_overlap,
    expected_region,
)
from xfera_nb.evaluation.faithfulness.calibration import FAIL, PASS
from xfera_nb.evaluation.faithfulness.interpretation import (
    Interpretation,
    interpret,
    interpret_overlap,
)
from xfera_nb.explanation import Explanation, OfflineWriter, TextRequest, write_explanation
from xfera_nb.facs import ACTION_UNITS
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared import background

NOT_CHECKED = "Not checked yet."


class FaithfulnessState(HasTraits):
    """Hold the checks of one explanation: of its text and of its map.

    Parameters
    ----------
    state : ExplainerState
    classifier : callable, optional
        Returns the classifier that measured; the state's own by default.

    Attributes
    ----------
    checks : Faithfulness or None
    interpretations : list of Interpretation
        Empty before the first check.
    text_check : Interpretation
        The check of the text that is shown: the last explanation, or the offline writer's live
        sentences. Texts are checked once the map was.
    drops : list of dict
        One for each different region, the greatest excess first, as `drop_rows` gives them.
    stale : bool
        Whether the checks are of another face or class than those shown.
    busy : bool
    progress : tuple of int
        How many pictures of a check that runs are done, and of how many; (0, 0) before the first.
    error : str
        One sentence; empty when nothing failed.
    """

    checks = Instance(Faithfulness, allow_none=True)
    interpretations: List[Any] = List()
    text_check = Instance(Interpretation)
    drops: List[Any] = List()
    stale = Bool(False)
    busy = Bool(False)
    progress: Any = Tuple(Int(), Int(), default_value=(0, 0))
    error = Unicode("")

    def __init__(
        self, state: ExplainerState, classifier: Callable[[], Classifier] | None = None
    ) -> None:
        super().__init__(text_check=check_text(None))
        self.state = state
        self._classifier = classifier or (lambda: state.classifier)
        self._request_id = 0
        self._about: tuple[object, ...] | None = None
        self._region: ExpectedRegion | None = None
        state.observe(lambda _: self._update(), "fusion")
        state.observe(lambda _: self._update_text(), ["explanation", "language", "person", "stale"])

    def check(self, *, in_background: bool = False) -> None:
        """Check the map that is shown; a failure goes to `error`.

        Parameters
        ----------
        in_background : bool
            In a thread, where a loop runs, so that the sliders stay live.
        """
        fusion = self.state.fusion
        evidence, target, params = fusion.evidence, fusion.target, fusion.params
        self._request_id += 1
        request_id, about = self._request_id, self._map_now()
        self.error, self.progress, self.busy = "", (0, 0), True

        def show_progress(done: int, count: int) -> None:
            if request_id == self._request_id:
                self.progress = (done, count)

        background.run(
            lambda report: (
                check_faithfulness(
                    evidence,
                    self._classifier(),
                    params,
                    target,
                    progress=lambda done, count: report(show_progress, done, count),
                ),
                expected_region(evidence, target),
            ),
            lambda outcome: self._take(request_id, about, outcome),
            in_background=in_background,
        )

    def _take(
        self,
        request_id: int,
        about: tuple[object, ...],
        outcome: tuple[Faithfulness, ExpectedRegion] | XferaError,
    ) -> None:
        if request_id != self._request_id:
            return
        self.busy = False
        if isinstance(outcome, XferaError):
            self.error = str(outcome)
            return
        self._about = about
        checks, self._region = outcome
        self.checks = checks
        self.drops = drop_rows(checks)
        self.interpretations = list(interpret(checks))
        self._update()

    def _update(self) -> None:
        """Update the overlap, or mark all as stale."""
        if self._about is None:
            return
        fusion = self.state.fusion
        self.stale = self._map_now() != self._about
        if not self.stale:
            updated = interpret_overlap(compute_overlap(fusion, self._region))
            by_title = {check.title: check for check in updated}
            self.interpretations = [by_title.get(old.title, old) for old in self.interpretations]
        self._update_text()

    def _map_now(self) -> tuple[object, ...]:
        """Return what tells the map that is shown from others; the same again after a way back."""
        shown = self.state.subject
        return shown.face, shown.hidden, shown.layer, shown.method, shown.target

    def _update_text(self) -> None:
        if self._about is not None:
            shown = shown_explanation(self.state)
            self.text_check = check_text(shown, self.state.stale and shown.model is not None)


def shown_explanation(state: ExplainerState) -> Explanation:
    """Return the last explanation, or the offline writer's live one that is shown in its place."""
    if state.explanation is not None and not state.shows_live_text:
        return state.explanation
    request = TextRequest(language=state.language, person=state.person)
    return write_explanation(state.fusion, OfflineWriter(), request)


def check_text(explanation: Explanation | None, stale: bool = False) -> Interpretation:
    """Interpret the check of a text."""
    verdict = None
    figure = NOT_CHECKED
    if explanation is not None:
        check = explanation.check
        figure = f"{check.summary}{' Stale: for another text than now.' if stale else ''}"
        if check.precision is not None and not stale:
            verdict = PASS if check.is_grounded else FAIL
    return Interpretation(
        "Text supported",
        figure,
        "Each Action Unit that the text names is active: present, and in the salient region.",
        "That the measurement or the map is right; those are other checks.",
        verdict,
    )


def drop_rows(checks: Faithfulness) -> list[dict[str, Any]]:
    """Return the drops as a front end draws them.

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
