"""Show the atlas of FACS as a widget: point at a face or pick from a menu, and read the page.

All that it shows comes from `xfera_nb.teaching.FaceAtlas`; the choice is held by the two menus,
which the face follows. The tables' facts are there at once, sample faces follow when they are
measured.
"""

from __future__ import annotations

from collections.abc import Callable

from ipywidgets import HTML, Dropdown, HBox, ToggleButtons, VBox

from xfera_nb.au_detectors import AUDetector
from xfera_nb.errors import XferaError
from xfera_nb.facs import ACTION_UNITS, EMOTIONS
from xfera_nb.report.markup import escape
from xfera_nb.teaching.measured import MeasuredSamples
from xfera_nb.teaching.pages import FaceAtlas
from xfera_nb.widgets.face_areas import FaceAreas
from xfera_nb.widgets.shared.background import run
from xfera_nb.widgets.shared.fallback import TextFallback
from xfera_nb.widgets.shared.front import read_style

BY_AU, BY_EMOTION = "Action Unit", "Emotion"
_MENU = {"layout": {"width": "340px", "max_width": "100%"}, "style": {"description_width": "90px"}}


class Atlas(TextFallback, VBox):
    """Show pages on Action Units and emotions, one at a time.

    Parameters
    ----------
    atlas : FaceAtlas, str or AUDetector, optional
        An atlas, or the source of Action Units for a new one.
    au : int
        The Action Unit that is shown first.

    Attributes
    ----------
    face : FaceAreas or None
        The face to point at; None where there is no sample face.
    what : ToggleButtons
        Whether an Action Unit or an emotion is shown.
    au, emotion : Dropdown
        Which one.
    page : HTML
    status : HTML
        How far the samples are measured, or why they are not.
    """

    def __init__(self, atlas: FaceAtlas | str | AUDetector = "builtin", *, au: int = 12) -> None:
        self.atlas = atlas if isinstance(atlas, FaceAtlas) else FaceAtlas(atlas)
        self.what = ToggleButtons(
            options=[BY_AU, BY_EMOTION], description="Look up", style={"description_width": "90px"}
        )
        names = [(f"{unit.code} {unit.name}", n) for n, unit in ACTION_UNITS.items()]
        self.au = Dropdown(options=names, value=au, description=BY_AU, **_MENU)
        self.emotion = Dropdown(options=EMOTIONS, description=BY_EMOTION, **_MENU)
        self.page, self.status = HTML(), HTML()
        style = HTML(f"<style>{read_style('atlas')}</style>", layout={"display": "none"})
        self.face = self._find_face()
        face = [] if self.face is None else [self.face]
        menus = HBox([self.what, self.au, self.emotion])
        menus.add_class("xf-atlas-menus")
        choice, shown = VBox([*face, menus]), VBox([self.status, self.page])
        choice.add_class("xf-atlas-choice")
        columns = VBox([choice, shown])
        columns.add_class("xf-atlas-columns")
        super().__init__([columns, style])
        self.add_class("xf-live")
        self.add_class("xf-atlas")
        for control in (self.what, self.au, self.emotion):
            control.observe(self._show, "value")
        if self.face is not None:
            self.face.observe(self._point, "au")
        self._show()
        if not self.atlas.is_measured:
            self._show_status("Measuring the sample faces …")
            run(self._measure, self._measured, in_background=True)

    def __repr__(self) -> str:
        au = self.au.label if self.what.value == BY_AU else self.emotion.value
        return f"Atlas: {au}."

    def _find_face(self) -> FaceAreas | None:
        try:
            return FaceAreas(self.atlas.resting_face(), au=self.au.value)
        except XferaError:
            return None  # what is missing is said where the samples are measured

    def _point(self, change: dict) -> None:
        if change["new"]:
            self.au.value, self.what.value = change["new"], BY_AU

    def _show(self, change: object = None) -> None:
        by_au = self.what.value == BY_AU
        self.au.layout.display = "" if by_au else "none"
        self.emotion.layout.display = "none" if by_au else ""
        shown = self.atlas.au if by_au else self.atlas.emotion
        page = shown((self.au if by_au else self.emotion).value, measure=False)
        self.page.value = page._repr_html_()
        if self.face is not None:
            if by_au:
                self.face.pick(self.au.value)
            else:
                self.face.au = 0  # no Action Unit of its own is shown

    def _measure(self, report: Callable[..., None]) -> MeasuredSamples:
        return self.atlas.measure(lambda done, total: report(self._progress, done, total))

    def _progress(self, done: int, total: int) -> None:
        if done % 5 == 0 or done == total:
            self._show_status(f"Measuring the sample faces: {done} of {total}")

    def _measured(self, outcome: MeasuredSamples | XferaError) -> None:
        if isinstance(outcome, XferaError):
            self._show_status(f"No sample faces: {outcome}")
            return
        skipped = len(outcome.skipped)
        self._show_status(f"No face was found on {skipped} of the samples." if skipped else "")
        self._show()

    def _show_status(self, text: str) -> None:
        self.status.value = f'<div role="status">{escape(text)}</div>'
