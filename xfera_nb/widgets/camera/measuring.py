"""Measure one frame after another: the followed face, its landmarks, Action Units, probabilities.

A frame is read and measured in memory; nothing is written. On one core of 2026 a frame of 480x360
takes 20 ms to follow the face, 7 for its Action Units and 40 for the probabilities and the seven
maps; a search of the whole frame takes 80 (``python benchmarks/camera.py``).
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from xfera_nb.au_detectors import ActionUnits, AUDetector, load_detector
from xfera_nb.classifier import Classifier, Prediction, load_classifier
from xfera_nb.errors import DetectorError, PhotoError
from xfera_nb.evidence.crop_rule import fit_crop
from xfera_nb.faces import Face, face_from_landmarks
from xfera_nb.faces.detector import box_area
from xfera_nb.faces.tracking import FaceTracker
from xfera_nb.saliency import attribute_all_classes

MAX_BYTES = 2 * 2**20
"""A frame has at most this many bytes."""
MAX_SIDE = 1920
"""Pixels of a frame's longer side at most."""
SEARCH_EVERY = 30
"""Frames between two searches of the whole frame while a face is followed: one face is shown, and
where it is lost the whole frame is searched at once."""
NO_FACE = "No face is seen: look at the camera, with even light on the face."


@dataclass(frozen=True, eq=False)
class Measurement:
    """Hold what was measured on one frame.

    Attributes
    ----------
    time : float
        Seconds, as given.
    face : Face or None
        None where no face is seen.
    track : int
        The face's number, from 1, as long as it is followed; 0 without a face.
    units : ActionUnits or None
        As measured; None without a face, or where the source failed.
    prediction : Prediction or None
    maps : ndarray or None
        (7, h, w) float32, the class maps in the order of `EMOTIONS`.
    reason : str
        Why something is None, one sentence; empty where nothing is.
    """

    time: float
    face: Face | None = None
    track: int = 0
    units: ActionUnits | None = field(default=None, repr=False)
    prediction: Prediction | None = None
    maps: np.ndarray | None = field(default=None, repr=False)
    reason: str = ""


class FrameMeasurer:
    """Measure frames in their order; it holds the followed face and no picture.

    Parameters
    ----------
    classifier : Classifier, path or None
        The shipped weights by default; loaded with the first frame.
    au_detector : str or AUDetector
        A source that is quick on single frames, such as "builtin".
    """

    def __init__(
        self, classifier: Classifier | str | Path | None, au_detector: str | AUDetector
    ) -> None:
        self._classifier, self._detector = classifier, au_detector
        self._tracker, self._track = FaceTracker(SEARCH_EVERY), 0

    @property
    def classifier(self) -> Classifier:
        """Return the network; load it if it was not yet.

        Raises
        ------
        ModelError
            If its weights are missing or damaged.
        """
        if not isinstance(self._classifier, Classifier):
            self._classifier = load_classifier(self._classifier)
        return self._classifier

    @property
    def detector(self) -> AUDetector:
        """Return the AU source; load it if it was not yet.

        Raises
        ------
        DetectorError
            If it is missing.
        """
        if isinstance(self._detector, str):
            self._detector = load_detector(self._detector)
        return self._detector

    def measure(self, image: np.ndarray, time: float) -> Measurement:
        """Measure the next frame.

        The largest face is followed until it is lost.

        Parameters
        ----------
        image : (H, W, 3) uint8 array
            RGB.
        time : float
            Seconds, later than that of the last frame.

        Raises
        ------
        ModelError, DetectorError
            If a model or the AU source is missing.
        """
        found = {one.track: one for one in self._tracker.update(image, time)}
        if not found:
            return Measurement(time, reason=NO_FACE)
        if self._track not in found:
            self._track = max(found.values(), key=lambda one: box_area(one.box)).track
        one, classifier, detector = found[self._track], self.classifier, self.detector
        face = fit_crop(
            face_from_landmarks(image, one.landmarks, one.box, "frame"), classifier.card
        )
        units, reason = None, ""
        try:
            units = detector.detect(face.image, face.landmarks)
        except DetectorError as error:
            reason = str(error)
        predictions, maps = attribute_all_classes(classifier.fused(), face.crop)
        return Measurement(time, face, self._track, units, predictions[0], maps[0], reason)


def read_frame(data: bytes) -> np.ndarray:
    """Read a frame of the page, a JPEG, as (H, W, 3) uint8 RGB.

    Raises
    ------
    PhotoError
        If it is no JPEG, damaged, or larger than `MAX_BYTES` or `MAX_SIDE`.
    """
    if len(data) > MAX_BYTES:
        raise PhotoError(f"A frame has at most {MAX_BYTES // 2**20} MB; make it smaller.")
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            if max(picture.size) > MAX_SIDE:
                raise PhotoError(f"A frame has at most {MAX_SIDE} pixels a side; make it smaller.")
            return np.array(picture.convert("RGB"))
    except (OSError, ValueError, SyntaxError) as error:
        raise PhotoError("This frame cannot be read as a JPEG; the next one will do.") from error
