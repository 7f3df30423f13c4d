"""Follow a face of a camera without a screen: what a frame shows, practice, a frozen moment.

Frames are measured one at a time and newest first: while one is measured the next waits, and a
newer one takes its place. Only the last frame is kept, and none is written to disk.

Nothing is smoothed unless `smooth` is given. Then each probability is the mean over the frames of
the same face within the last `smooth` seconds, and the moment says over how many; Action Units and
maps are those of the one frame. A neutral face is subtracted as `xfera_nb.evidence.neutral` does:
max(measured - neutral, 0).

No widget library is imported here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from traitlets import Bool, Float, HasTraits, Instance, Int, TraitError, Unicode, observe, validate

from xfera_nb.au_detectors import DEFAULT_SOURCE, ActionUnits, AUDetector
from xfera_nb.classifier import Classifier, Prediction
from xfera_nb.errors import InputError, XferaError
from xfera_nb.evidence import assemble
from xfera_nb.evidence.neutral import subtract_intensities, subtract_neutral
from xfera_nb.evidence.occlusion import occlude_regions
from xfera_nb.faces import Face
from xfera_nb.facs import EMOTIONS, MAX_INTENSITY, OPENFACE_AUS
from xfera_nb.fusion import FusionParams
from xfera_nb.saliency import Heatmap
from xfera_nb.widgets.camera.measuring import FrameMeasurer, Measurement, read_frame
from xfera_nb.widgets.camera.practice import ROUNDING, Practice
from xfera_nb.widgets.explainer.opening import open_in_explainer
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.explainer.text_state import EmotionTrait
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.photos import PhotoEntry

MOST_SMOOTHING = 5.0
"""Seconds."""
Answer = Callable[["Moment | XferaError | None"], None]
"""Takes a frame's moment, the error that ended it, or None where a newer one took its place."""


@dataclass(frozen=True, eq=False)
class Moment:
    """Hold what is shown of one frame.

    Attributes
    ----------
    measured : Measurement
        As measured, with the face.
    intensities : ndarray
        (17,) float32, 0 to 5, less the neutral face's where one was taken; NaN where an Action
        Unit is not measured, or there is no face.
    probabilities : ndarray
        (7,) float32, the mean over `frames` frames; NaN without a face.
    frames : int
        1 where nothing is smoothed; 0 without a face.
    smooth : float
        Seconds over which the mean was taken; 0 for none.
    neutral : bool
        Whether a neutral face was subtracted.
    """

    measured: Measurement
    intensities: np.ndarray = field(repr=False)
    probabilities: np.ndarray = field(repr=False)
    frames: int
    smooth: float
    neutral: bool

    @property
    def face(self) -> Face | None:
        """Return the face; None where none is seen."""
        return self.measured.face

    @property
    def reason(self) -> str:
        """Return why something is missing; empty where nothing is."""
        return self.measured.reason

    @property
    def predicted(self) -> str | None:
        """Return the class with the highest shown probability; None without a face."""
        return None if self.face is None else Prediction(self.probabilities).predicted

    def heatmap(self, target: str | None = None) -> Heatmap | None:
        """Return the frame's map of a class, by default the predicted one; None without a face."""
        emotion = target or self.predicted
        if emotion is None or self.measured.maps is None:
            return None
        return Heatmap(self.measured.maps[EMOTIONS.index(emotion)], emotion, None, "gradcam")


class CameraState(HasTraits):
    """Hold the choices of the camera's view, and what its last frame shows.

    Parameters
    ----------
    classifier : Classifier or path, optional
        The shipped weights by default. Maps are Grad-CAM's at its own layer.
    au_detector : str or AUDetector
        A source that is quick on single frames, such as "builtin".
    params : FusionParams, optional
        Of the Explainer; its minimum intensity is the camera's too.
    smooth : float
        Seconds over which probabilities are averaged, 0 to 5; 0, the default, for none.
    open_frozen : callable, optional
        Takes the `PhotoEntry` of a frozen moment instead of `explainer`.

    Attributes
    ----------
    smooth
        As above.
    min_intensity : float
        From which an Action Unit is shown, 0 to 5, above 0.
    target : str or None
        The class whose map is drawn; None for the predicted one.
    neutral : ActionUnits or None
        Of the person's neutral face, which is subtracted.
    practice : Practice
        The Action Unit that is practised, how long it is held, whether it passed.
    moment : Moment or None
        What the last frame shows.
    explainer : ExplainerState or None
        The moments that were frozen.
    dropped : int
        Frames that gave way to newer ones.
    error : str

    Raises
    ------
    TraitError
        If a choice is out of its range.
    """

    smooth = Float(0.0)
    min_intensity = Float(0.8)
    target = EmotionTrait(EMOTIONS, None, allow_none=True)
    neutral = Instance(ActionUnits, allow_none=True)
    practice = Instance(Practice, ())
    moment = Instance(Moment, allow_none=True)
    explainer = Instance(ExplainerState, allow_none=True)
    dropped = Int(0)
    busy = Bool(False)
    error = Unicode("")

    def __init__(
        self,
        *,
        classifier: Classifier | str | Path | None = None,
        au_detector: str | AUDetector = DEFAULT_SOURCE,
        params: FusionParams | None = None,
        smooth: float = 0.0,
        open_frozen: Callable[[PhotoEntry], None] | None = None,
    ) -> None:
        super().__init__()
        self.params = params or FusionParams()
        self.min_intensity = max(self.params.min_intensity, 0.1)
        self.smooth = smooth
        self._measurer = FrameMeasurer(classifier, au_detector)
        self._open_frozen = open_frozen
        self._waiting: tuple[bytes | np.ndarray, float, Answer] | None = None
        self._recent: deque[tuple[float, int, np.ndarray]] = deque()

    # What can be done

    def offer(self, frame: bytes | np.ndarray, answer: Answer) -> None:
        """Measure a frame, in a thread where a loop runs; the newest one first.

        Parameters
        ----------
        frame : bytes or (H, W, 3) uint8 array
            A JPEG, or RGB.
        answer : callable
            Called once for every frame.
        """
        if self._waiting is not None:
            self.dropped += 1
            self._waiting[2](None)
        self._waiting = (frame, time.monotonic(), answer)
        if not self.busy:
            self._next()

    def look(self, frame: bytes | np.ndarray, at: float | None = None) -> Moment:
        """Measure a frame now and return what it shows.

        Parameters
        ----------
        frame : bytes or (H, W, 3) uint8 array
            A JPEG, or RGB.
        at : float, optional
            Its time in seconds, later than that of the last frame; by default now.

        Raises
        ------
        PhotoError
            If it cannot be read as a JPEG.
        ModelError, DetectorError
            If a model or the AU source is missing.
        """
        return self._take(self._measure(frame, time.monotonic() if at is None else at))

    def practise(self, au: int) -> None:
        """Begin to practise an Action Unit, also once more; 0 ends it.

        Raises
        ------
        InputError
            If the source does not measure it.
        """
        if au and au not in self.measurable:
            raise InputError(f"AU{au} is not measured here: choose one of the list.")
        self.practice = Practice(au)

    @property
    def measurable(self) -> tuple[int, ...]:
        """Return the Action Units that the source measures: of the last face, else all 17."""
        units = None if self.moment is None else self.moment.measured.units
        if units is None:
            return OPENFACE_AUS
        return tuple(au for au in OPENFACE_AUS if not np.isnan(units.intensity(au)))

    def take_neutral(self, moment: Moment | None = None) -> None:
        """Subtract the Action Units of a moment, by default the last one, from now on.

        Raises
        ------
        InputError
            If it shows no face, or its Action Units were not measured.
        """
        moment = moment or self.moment
        if moment is None or moment.measured.units is None:
            raise InputError("No face is measured yet: look at the camera, then take the neutral.")
        self.neutral = moment.measured.units

    def forget_neutral(self) -> None:
        """Show Action Units as measured."""
        self.neutral = None

    def freeze(self, moment: Moment | None = None) -> None:
        """Open a moment, by default the last one, in the Explainer.

        With a neutral face the Explainer's Action Units are less it too.

        Raises
        ------
        InputError
            If it shows no face.
        XferaError
            If it cannot be explained.
        """
        moment = moment or self.moment
        if moment is None or moment.face is None:
            raise InputError("No face is seen in this moment: there is nothing to explain.")
        photo = PhotoEntry(f"camera {time.strftime('%H:%M:%S')}", self._evidence_of(moment))
        if self._open_frozen is not None:
            self._open_frozen(photo)
        elif self.explainer is None:
            explainer = ExplainerState(
                photo.source,
                params=self.params,
                classifier=self._measurer.classifier,
                au_detector=self._measurer.detector,
            )
            explainer.set(photos=(*explainer.photos, photo), photo_index=1)
            explainer.set(photos=(photo,), photo_index=0)
            self.explainer = explainer
        else:
            open_in_explainer(self.explainer, photo, self.explainer.params, None)

    # What follows

    def _evidence_of(self, moment: Moment) -> Any:
        """Return the face of a moment, or where a neutral one is subtracted its evidence."""
        found, classifier = moment.measured, self._measurer.classifier
        face, prediction, maps, units = found.face, found.prediction, found.maps, found.units
        if self.neutral is None or face is None or prediction is None:
            return face
        if maps is None or units is None:
            return face
        evidence = assemble(
            face,
            prediction,
            maps,
            units,
            layer=classifier.default_layer,
            classifier=classifier.describe(),
            au_detector=self._measurer.detector.describe(),
            occlusion=occlude_regions(face, classifier),
        )
        return subtract_neutral(evidence, self.neutral)

    def _next(self) -> None:
        if self._waiting is None:
            return
        (frame, at, answer), self._waiting = self._waiting, None
        self.busy = True
        background.run(
            lambda report: self._measure(frame, at),
            lambda outcome: self._end(outcome, answer),
            in_background=True,
        )

    def _measure(self, frame: bytes | np.ndarray, at: float) -> Measurement:
        image = frame if isinstance(frame, np.ndarray) else read_frame(frame)
        return self._measurer.measure(image, at)

    def _end(self, outcome: Measurement | XferaError, answer: Answer) -> None:
        self.busy = False
        answer(outcome if isinstance(outcome, XferaError) else self._take(outcome))
        self._next()

    def _take(self, measured: Measurement) -> Moment:
        intensities = np.full(len(OPENFACE_AUS), np.nan, np.float32)
        if measured.units is not None:
            intensities = measured.units.intensities
            if self.neutral is not None:
                intensities = subtract_intensities(intensities, self.neutral.intensities)
        mean, frames = self._average(measured)
        made = Moment(
            measured, intensities, mean, frames, self.smooth, self.neutral is not None
        )
        if self.practice.au:
            shown = float(intensities[OPENFACE_AUS.index(self.practice.au)])
            self.practice = self.practice.after(measured.time, shown, self.min_intensity)
        self.error, self.moment = "", made
        return made

    def _average(self, measured: Measurement) -> tuple[np.ndarray, int]:
        """Return the mean of the same face's probabilities over `smooth` seconds, and its count."""
        if measured.prediction is None:
            return np.full(len(EMOTIONS), np.nan, np.float32), 0
        self._recent.append((measured.time, measured.track, measured.prediction.probabilities))
        self._recent = deque(
            one
            for one in self._recent
            if one[1] == measured.track and one[0] > measured.time - self.smooth + ROUNDING
        ) or deque([self._recent[-1]])
        rows = np.stack([row for _, _, row in self._recent])
        return rows.mean(axis=0, dtype=np.float64).astype(np.float32), len(rows)

    @validate("smooth")
    def _check_smooth(self, proposal: dict[str, Any]) -> float:
        if not 0 <= proposal["value"] <= MOST_SMOOTHING:
            raise TraitError(f"smooth is a time from 0 to {MOST_SMOOTHING:g} seconds.")
        return float(proposal["value"])

    @validate("min_intensity")
    def _check_intensity(self, proposal: dict[str, Any]) -> float:
        if not 0 < proposal["value"] <= MAX_INTENSITY:
            raise TraitError(f"min_intensity is above 0 and at most {MAX_INTENSITY:g}.")
        return float(proposal["value"])

    @observe("neutral", "min_intensity")
    def _on_other_rule(self, _: dict[str, Any]) -> None:
        """Begin a practice again: what was held was held under another rule."""
        self.practice = replace(Practice(), au=self.practice.au)
