"""Cache evidence, so that each face is measured once.

Faces, Action Units, maps and the effect of hiding regions are cached apart: another layer measures
no Action Units again, another AU source no map. The last few of each are kept. One measurement runs
at a time, for all threads; hiding regions, which nothing waits for, runs beside it.

Grad-CAM gives all seven maps at once. The other methods take seconds for one, so only the requested
classes are measured; the maps of the others are NaN and must not be shown.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from xfera_nb.au_detectors import AUDetector, load_detector
from xfera_nb.classifier import LAST_BLOCK, STAGE_ENDS, Classifier, Prediction, load_classifier
from xfera_nb.errors import ModelError
from xfera_nb.evidence import Evidence, assemble
from xfera_nb.evidence.crop_rule import fit_crop
from xfera_nb.evidence.occlusion import hide_parts, occlude_regions
from xfera_nb.faces import Face, find_faces
from xfera_nb.faces.regions import HiddenPart
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import METHODS, attribute, gradcam_all_classes
from xfera_nb.widgets.shared.photos import PhotoEntry

GRADCAM = "gradcam"
"""The method that gives all seven maps at once."""
_SIZE = 24


@dataclass(frozen=True)
class EvidenceRequest:
    """Describe what to measure.

    Attributes
    ----------
    photo : PhotoEntry
    face_index : int or None
        Index from left to right; None for the largest.
    layer, method, au_detector : str
    targets : tuple of (str or None)
        Classes whose maps are needed; None is the predicted one.
    hidden : tuple of (str or (x, y, radius))
        Parts of the face that are blurred before the classifier sees it.
    """

    photo: PhotoEntry
    face_index: int | None = None
    layer: str = LAST_BLOCK
    method: str = GRADCAM
    au_detector: str = "builtin"
    targets: tuple[str | None, ...] = (None,)
    hidden: tuple[HiddenPart, ...] = ()


@dataclass(frozen=True, eq=False)
class FaceEvidence:
    """Hold a photo, its faces, the index of the measured one, and its evidence.

    `unhidden` is the prediction for the whole face, where parts are hidden.
    """

    photo: PhotoEntry
    faces: tuple[Face, ...]
    face_index: int
    evidence: Evidence
    unhidden: Prediction | None = None

    @property
    def lacks_occlusion(self) -> bool:
        """Return whether the effect of hiding regions was not measured and can be."""
        return self.evidence.occlusion is None and not isinstance(self.photo.source, Evidence)


class EvidenceCache:
    """Measure faces on request and keep what was measured.

    Parameters
    ----------
    classifier : Classifier, path or None
        The shipped weights by default; loaded when first needed.
    detectors : iterable of AUDetector
        Sources that are loaded already; others are loaded by name when asked for.
    """

    def __init__(
        self,
        classifier: Classifier | str | Path | None = None,
        detectors: Iterable[AUDetector] = (),
    ) -> None:
        self._classifier = classifier
        self._detectors = {detector.name: detector for detector in detectors}
        self.given = tuple(self._detectors)
        self._lock, self._hiding = threading.RLock(), threading.Lock()
        self._entries: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

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
    def layers(self) -> tuple[str, ...]:
        """Return the layers that are offered, the default one first."""
        given = self._classifier
        return given.layers if isinstance(given, Classifier) else STAGE_ENDS

    @property
    def card(self) -> dict[str, Any]:
        """Return the classifier's card; empty before it was needed."""
        return self._classifier.card if isinstance(self._classifier, Classifier) else {}

    def get(self, request: EvidenceRequest) -> FaceEvidence:
        """Return the requested evidence, from the cache where it is there.

        Raises
        ------
        PhotoError
            If the photo cannot be read or shows no face.
        ModelError, DetectorError
            If weights, a layer or the AU source are missing.
        """
        with self._lock:
            faces = self._cached(("faces", request.photo), lambda: self._faces(request.photo))
            index = request.face_index
            if index is None or index >= len(faces):
                index = largest(faces)
            given = request.photo.source
            if isinstance(given, Evidence) and _is_as_given(request, given):
                return FaceEvidence(request.photo, faces, index, given)
            evidence = self._evidence(request, faces[index], index)
            evidence = self._entries.get(("whole", evidence), evidence)
            unhidden = self._predict_whole(request, faces[index], index) if request.hidden else None
            return FaceEvidence(request.photo, faces, index, evidence, unhidden)

    def add_occlusion(self, found: FaceEvidence) -> Evidence:
        """Return evidence with the effect of hiding each region, measured unless it was.

        A photo that was given as `Evidence` keeps what it has.

        Raises
        ------
        ModelError
            If the weights are missing.
        """
        evidence = found.evidence
        if not found.lacks_occlusion:
            return evidence
        key = ("hidden", found.photo, found.face_index, evidence.face.hidden)
        with self._hiding:
            hidden = self._entries.get(key)
            if hidden is None:
                hidden = occlude_regions(evidence.face, self.classifier)
            with self._lock:
                self._cached(key, lambda: hidden)
                whole: Evidence = self._cached(
                    ("whole", evidence), lambda: replace(evidence, occlusion=hidden)
                )
                return whole

    def _predict_whole(self, request: EvidenceRequest, face: Face, index: int) -> Prediction:
        """Return the prediction for a face of which nothing is hidden."""
        key = (request.photo, index, ())
        if request.method == GRADCAM:
            return self._maps(request, face, key)[0]
        return self._prediction(face, key)

    def _prediction(self, face: Face, key: tuple[Any, ...]) -> Prediction:
        found: Prediction = self._cached(
            ("prediction", *key), lambda: self.classifier.predict(face.crop[None])[0]
        )
        return found

    def _faces(self, photo: PhotoEntry) -> tuple[Face, ...]:
        """Return the faces of a photo, with the crop that the network takes."""
        faces = _faces(photo)
        return faces if isinstance(photo.source, Evidence) else tuple(
            fit_crop(face, self.card) for face in faces
        )  # fmt: skip

    def _evidence(self, request: EvidenceRequest, face: Face, index: int) -> Evidence:
        targets = None if request.method == GRADCAM else request.targets
        key = (request.photo, index, request.hidden)
        return self._cached(
            ("evidence", *key, request.au_detector, request.layer, request.method, targets),
            lambda: self._assembled(request, hide_parts(face, request.hidden), key),
        )

    def _assembled(self, request: EvidenceRequest, face: Face, key: tuple[Any, ...]) -> Evidence:
        given = request.photo.source
        if isinstance(given, Evidence) and request.au_detector == source_name(given):
            units, described = given.action_units, given.au_detector
        else:
            detector = self._detector(request.au_detector)
            units = self._cached(
                ("units", *key[:2], request.au_detector),
                lambda: detector.detect(face.image, face.landmarks, photo_name=face.look_up_name),
            )
            described = detector.describe()
        if isinstance(given, Evidence):
            self._check_same_weights(given)
        prediction, maps = self._maps(request, face, key)
        return assemble(
            face,
            prediction,
            maps,
            units,
            layer=request.layer if METHODS[request.method].uses_layer else None,
            method=request.method,
            classifier=self.classifier.describe(),
            au_detector=described,
            occlusion=None if request.hidden else getattr(given, "occlusion", None),
        )

    def _maps(
        self, request: EvidenceRequest, face: Face, key: tuple[Any, ...]
    ) -> tuple[Prediction, np.ndarray]:
        network, layer, method = self.classifier, request.layer, request.method
        if method == GRADCAM:
            predictions, maps = self._cached(
                ("maps", *key, layer), lambda: gradcam_all_classes(network, face.crop, layer=layer)
            )
            return predictions[0], maps[0]
        prediction = self._prediction(face, key)
        wanted = {target or prediction.predicted for target in request.targets}
        wanted = wanted & {*network.classes} or {prediction.predicted}
        found = {
            emotion: self._cached(
                ("map", *key, layer, method, emotion),
                partial(attribute, network, face.crop, emotion, method=method, layer=layer),
            ).values
            for emotion in EMOTIONS
            if emotion in wanted
        }
        unknown = np.full_like(next(iter(found.values())), np.nan)
        return prediction, np.stack([found.get(emotion, unknown) for emotion in EMOTIONS])

    def _check_same_weights(self, given: Evidence) -> None:
        if given.classifier.get("sha256") != self.classifier.describe().get("sha256"):
            raise ModelError(
                "This evidence was measured with other weights than those loaded here: give the "
                "same classifier to the Explainer to measure it again."
            )

    def _detector(self, name: str) -> AUDetector:
        if name not in self._detectors:
            self._detectors[name] = load_detector(name)
        return self._detectors[name]

    def _cached(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        if key not in self._entries:
            self._entries[key] = make()
        self._entries.move_to_end(key)
        while len(self._entries) > _SIZE:
            self._entries.popitem(last=False)
        return self._entries[key]


def largest(faces: tuple[Face, ...]) -> int:
    """Return the index of the face with the largest box."""
    areas = [(f.box[2] - f.box[0]) * (f.box[3] - f.box[1]) for f in faces]
    return int(np.argmax(areas))


def source_name(evidence: Evidence) -> str:
    """Return the name of the AU source that measured some evidence."""
    return str(evidence.au_detector.get("name") or evidence.action_units.source)


def _faces(photo: PhotoEntry) -> tuple[Face, ...]:
    source = photo.source
    if isinstance(source, Evidence):
        return (source.face,)
    if isinstance(source, Face):
        return (source,)
    return tuple(find_faces(source, which="all", photo_name=photo.name))


def _is_as_given(request: EvidenceRequest, given: Evidence) -> bool:
    first = given.heatmaps[0]
    layer_counts = first.method in METHODS and METHODS[first.method].uses_layer
    return (
        not request.hidden
        and request.method == first.method
        and (not layer_counts or request.layer == (first.layer or LAST_BLOCK))
        and request.au_detector == source_name(given)
    )
