"""Show how to learn FACS: the atlas and the quiz as two tabs that share their sample faces."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets as w
import traitlets

from xfera_nb.au_detectors import AUDetector
from xfera_nb.teaching.pages import FaceAtlas
from xfera_nb.widgets.atlas import Atlas
from xfera_nb.widgets.quiz import Quiz
from xfera_nb.widgets.shared.fallback import TextFallback
from xfera_nb.widgets.shared.front import read_script, read_style

ATLAS, QUIZ = "Atlas", "Quiz"


class Tabs(anywidget.AnyWidget):
    """Show the tabs; the panels are the boxes of class "xf-panel" beside it, in their order.

    Attributes
    ----------
    names : list of str
    chosen : str
        One of the names.
    """

    _esm = read_script("tabs")
    _css = read_style("learn")
    names: traitlets.List[str] = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)

    @traitlets.validate("chosen")
    def _check(self, proposal: Any) -> str:
        if proposal["value"] not in self.names:
            raise traitlets.TraitError(f"There is no tab {proposal['value']!r}.")
        return str(proposal["value"])


class Learn(TextFallback, w.VBox):
    """Show the atlas of faces and the quiz, one at a time.

    Parameters
    ----------
    atlas : FaceAtlas, str or AUDetector, optional
        An atlas, or the source of Action Units for a new one.
    au : int
        The Action Unit that the atlas shows first.
    seed : int, optional
        Of the quiz; by default one is drawn.

    Attributes
    ----------
    tabs : Tabs
    atlas : Atlas
    quiz : Quiz or None
        None until its tab is opened: it needs the classifier.
    """

    def __init__(
        self,
        atlas: FaceAtlas | str | AUDetector = "builtin",
        *,
        au: int = 12,
        seed: int | None = None,
    ) -> None:
        self.atlas = Atlas(atlas, au=au)
        self.quiz: Quiz | None = None
        self._seed = seed
        self.tabs = Tabs(names=[ATLAS, QUIZ], chosen=ATLAS)
        self._panels = {ATLAS: w.VBox([self.atlas]), QUIZ: w.VBox()}
        for panel in self._panels.values():
            panel.add_class("xf-panel")
        super().__init__([self.tabs, *self._panels.values()])
        self.add_class("xf-live")
        self.add_class("xf-learn")
        self.tabs.observe(self._show, "chosen")
        self._show()

    def __repr__(self) -> str:
        return f"Learn: {self.tabs.chosen} of {ATLAS} and {QUIZ}."

    def _show(self, change: object = None) -> None:
        chosen = self.tabs.chosen
        if chosen == QUIZ and self.quiz is None:
            self.quiz = Quiz(self._seed, atlas=self.atlas.atlas)
            self._panels[QUIZ].children = [self.quiz]
        for name, panel in self._panels.items():
            panel.layout.display = "" if name == chosen else "none"
