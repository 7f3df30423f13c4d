"""The ablation of an Explainer's text, without a screen: does a removed fact leave the text?

The view is in `panels.writer`.
"""

from __future__ import annotations

from traitlets import Bool, HasTraits, Instance, Unicode

from xfera_nb.errors import XferaError
from xfera_nb.explanation import Ablation, ablate
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.explainer.text_state import Subject
from xfera_nb.widgets.shared import background


class AblationState(HasTraits):
    """Hold the ablation result of the text of one face.

    Attributes
    ----------
    ablation : Ablation or None
    stale : bool
        Whether it is about another face, class or parameters than those shown.
    busy : bool
    error : str
        One sentence; empty when nothing failed.
    """

    ablation = Instance(Ablation, allow_none=True)
    stale = Bool(False)
    busy = Bool(False)
    error = Unicode("")

    def __init__(self, state: ExplainerState) -> None:
        super().__init__()
        self.state = state
        self._about: Subject | None = None
        state.observe(lambda _: self._follow(), "fusion")

    def run(self, *, in_background: bool = False) -> None:
        """Write the text of what is shown once more without each Action Unit that it names.

        Parameters
        ----------
        in_background : bool
            In a thread, where a loop runs, so that the sliders stay live.
        """
        if self.busy:
            return
        fusion, request = self.state.fusion, self.state.text_request
        subject = self.state.subject
        try:
            writer = self.state.loaded_writer()
        except XferaError as error:
            self.error = str(error)
            return
        self.error, self.busy = "", True
        background.run(
            lambda report: ablate(fusion, writer, request),
            lambda outcome: self._take(subject, outcome),
            in_background=in_background,
        )

    def _take(self, subject: Subject, outcome: Ablation | XferaError) -> None:
        self.busy = False
        if isinstance(outcome, XferaError):
            self.error = str(outcome)
            return
        self._about, self.ablation = subject, outcome
        self._follow()

    def _follow(self) -> None:
        self.stale = self._about is not None and self._about != self.state.subject
