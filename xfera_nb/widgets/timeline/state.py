"""Follow a video's faces over time without a screen: one face, its numbers, one frame picked.

Every choice is a trait; frames are read only when one is picked. No widget library is imported
here.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from traitlets import Bool, Float, HasTraits, Instance, Int, TraitError, Unicode, observe, validate

from xfera_nb.classifier import Classifier
from xfera_nb.errors import ParamsError, PhotoError, XferaError
from xfera_nb.evaluation import FaceTimeline, read_timelines
from xfera_nb.evaluation.timeline import MOST_SMOOTHING
from xfera_nb.evidence import Evidence, EvidenceStore, Row
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams
from xfera_nb.widgets.explainer.opening import open_in_explainer
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.photos import PhotoEntry
from xfera_nb.widgets.shared.thumbnails import PhotoFinder


class TimelineState(background.RunsInBackground, HasTraits):
    """Hold the faces of a video over time, and the frame that is picked.

    Parameters
    ----------
    store : EvidenceStore or path
        Of a video.
    clips : path, optional
        The folder of the clip now; by default where it was.
    params : FusionParams, optional
        The recommended preset by default.
    classifier : Classifier or path, optional
        The one that made the store, for another layer or method in the Explainer; the shipped one
        by default.
    smooth : float
        Seconds over which probabilities are averaged, 0 to 60; 0, the default, for none.
    baseline : bool
        Subtract the face's median intensities over its neutral frames.

    Attributes
    ----------
    face : int
        The number of the face that is shown.
    smooth, baseline
        As above.
    min_intensity : float
        Minimum intensity of an active Action Unit, 0 to 5; that of the parameters at first.
    shown : FaceTimeline
        The face's numbers under these choices.
    picked : int
        The row of the store that was picked; -1 for none.
    time : float
        Its time in seconds.
    explainer : ExplainerState or None
        The picked face, explained; the same object for every pick.
    busy, error : str

    Raises
    ------
    StoreError
        If the store is not there or damaged, or holds photos.
    ParamsError
        If no face was found in the video.
    """

    face = Int(0)
    smooth = Float(0.0)
    baseline = Bool(False)
    min_intensity = Float(0.8)
    shown = Instance(FaceTimeline)
    picked = Int(-1)
    time = Float(0.0)
    explainer = Instance(ExplainerState, allow_none=True)
    busy = Unicode("")
    error = Unicode("")

    def __init__(
        self,
        store: EvidenceStore | str | PathLike[str],
        *,
        clips: str | PathLike[str] | None = None,
        params: FusionParams | None = None,
        classifier: Classifier | str | PathLike[str] | None = None,
        smooth: float = 0.0,
        baseline: bool = False,
    ) -> None:
        super().__init__()
        self.store = store if isinstance(store, EvidenceStore) else EvidenceStore.open(store)
        self.faces = read_timelines(self.store)
        if not self.faces:
            raise ParamsError(f"No face was found in the video of {self.store.shown}.")
        self.params = params or FusionParams()
        self._classifier = Path(classifier) if isinstance(classifier, PathLike) else classifier
        self._finder = PhotoFinder(self.store.source, clips)
        self._request_id = 0
        with self.hold_trait_notifications():
            self.face = max(self.faces.values(), key=len).track
            self.smooth, self.baseline = smooth, baseline
            self.min_intensity = max(self.params.min_intensity, 0.1)
        self._update()

    @property
    def clip(self) -> str:
        """Return the name of the clip."""
        return str((self.store.video or {})["clip"])

    @property
    def moments(self) -> list[tuple[str, int]]:
        """Return words and rows of the frames with the highest probability of each class."""
        face = self.shown
        found = []
        for number in face.moments():
            place = int((face.number == number).argmax())
            name = EMOTIONS[int(face.predicted[place])]
            found.append((f"highest {name}, {face.time[place]:.2f} s", number))
        return found

    def pick_time(self, seconds: float) -> None:
        """Open the frame of the shown face whose time is nearest."""
        self.pick(self.shown.nearest(seconds))

    def pick(self, number: int) -> None:
        """Open one frame of the shown face in the Explainer.

        Where the clip is not there any more, `error` says so and the Explainer keeps what it shows.

        Raises
        ------
        ParamsError
            If the shown face has no such row.
        """
        places = (self.shown.number == number).nonzero()[0]
        if not len(places):
            raise ParamsError(f"Face {self.face} has no row {number} in the store.")
        time = float(self.shown.time[places[0]])
        self._request_id += 1
        request_id = self._request_id
        self.busy = f"Opening {time:.2f} s …"
        background.run(
            lambda report: self._open(number),
            lambda outcome: self._take(request_id, number, time, outcome),
            in_background=self._in_background,
        )

    def _open(self, number: int) -> tuple[Row, Evidence | None, str]:
        row = self.store.row(number)
        try:
            return row, self._finder.evidence(row, self.store.manifest), ""
        except PhotoError as error:
            return row, None, str(error)

    def _take(
        self,
        request_id: int,
        number: int,
        time: float,
        outcome: tuple[Row, Evidence | None, str] | XferaError,
    ) -> None:
        if request_id != self._request_id:
            return
        self.busy = ""
        if isinstance(outcome, XferaError):
            self.error = str(outcome)
            return
        row, evidence, self.error = outcome
        if evidence is not None:
            photo = PhotoEntry(row.id, evidence, row.emotion)
            self.explainer = open_in_explainer(
                self.explainer, photo, self.params, self._classifier
            )
        with self.hold_trait_notifications():
            self.picked, self.time = number, time

    @validate("face")
    def _check_face(self, proposal: dict[str, Any]) -> int:
        if proposal["value"] not in self.faces:
            raise TraitError(f"The video has no face {proposal['value']}.")
        return int(proposal["value"])

    @validate("smooth")
    def _check_smooth(self, proposal: dict[str, Any]) -> float:
        if not 0 <= proposal["value"] <= MOST_SMOOTHING:
            raise TraitError(f"smooth is a time from 0 to {MOST_SMOOTHING:g} seconds.")
        return float(proposal["value"])

    @validate("min_intensity")
    def _check_intensity(self, proposal: dict[str, Any]) -> float:
        if not 0 < proposal["value"] <= 5:
            raise TraitError("min_intensity is above 0 and at most 5.")
        return float(proposal["value"])

    @observe("face", "smooth", "baseline")
    def _on_choice(self, _: dict[str, Any]) -> None:
        self._update()

    def _update(self) -> None:
        self.shown = self.faces[self.face].adjusted(smooth=self.smooth, baseline=self.baseline)
