"""Show a face of a photo as it was measured: the part of an Explainer that needs a forward pass.

`evidence` is measured again where photo, face, layer, method, AU source or the hidden parts change.
What hiding each face region does is measured after the map is shown. How the evidence is fused
comes from the class that builds on this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from traitlets import Bool, Instance, Int, Tuple, Unicode, observe, validate

from xfera_nb.au_detectors import AU_SOURCES, DEFAULT_SOURCE, AUDetector, load_detector
from xfera_nb.classifier import LAST_BLOCK, Classifier, Prediction
from xfera_nb.errors import NoFaceError, ParamsError, PhotoError, XferaError, name_photo
from xfera_nb.evidence import Evidence
from xfera_nb.faces.regions import HiddenPart, parse_hidden
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import Fusion, fuse
from xfera_nb.saliency import DEFAULT_METHOD, get_method
from xfera_nb.widgets.explainer.evidence_cache import (
    GRADCAM,
    EvidenceCache,
    EvidenceRequest,
    FaceEvidence,
    source_name,
)
from xfera_nb.widgets.explainer.text_state import EmotionTrait, Subject, TextState
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.batched_choices import BatchedChoices
from xfera_nb.widgets.shared.photos import PhotoEntry, uploaded_photo
from xfera_nb.wording import count_of

MOST_TRIED = 20
"""So many photos are tried for one that can be explained before the view opens."""
PAINTED_AFTER = 0.2
"""Seconds after which a browser has painted a change; only then are the regions hidden."""
UNCHANGED = object()
_MEASURED_BY = ("face_index", "layer", "method", "au_detector", "hidden")
_STEPS = ("", "fusion", "evidence", "photo")  # how far the consequences of a choice reach


class MeasuredState(BatchedChoices, TextState):
    """Hold a face and how it is measured; see `ExplainerState`.

    Attributes
    ----------
    photos : tuple of PhotoEntry
    photo_index : int
    faces : tuple of Face
        Those of the photo that is shown.
    face_index : int
        Index from left to right.
    target, true_emotion : str or None
    layer, method, au_detector : str
    hidden : tuple of (str or (x, y, radius))
        Parts of the face that are blurred before the classifier sees it.
    occlusion : bool
        Whether to measure what hiding each face region does.
    evidence : Evidence
    fusion : Fusion
    busy : str
        What is being measured; empty when nothing is.
    """

    photos = Tuple()
    photo_index = Int(0, min=0)
    faces = Tuple()
    face_index = Int(0, min=0)

    target = EmotionTrait(EMOTIONS, None, allow_none=True)
    true_emotion = EmotionTrait(EMOTIONS, None, allow_none=True)
    layer = Unicode(LAST_BLOCK)
    method = Unicode(DEFAULT_METHOD)
    au_detector = Unicode(DEFAULT_SOURCE)
    hidden = Tuple()
    occlusion = Bool(True)

    evidence = Instance(Evidence)
    fusion = Instance(Fusion)
    busy = Unicode("")

    def __init__(self) -> None:
        super().__init__()
        self._paused, self._pending = 1, ""
        self._request_id = 0
        self._tried: int | None = None  # the photo that failed last, where `next` goes on
        self._found: FaceEvidence | None = None

    def _start(
        self,
        photos: tuple[PhotoEntry, ...],
        photo_index: int,
        face_index: int | None,
        *,
        classifier: Classifier | str | Path | None,
        au_detector: str | AUDetector,
        au_options: Mapping[str, Any] | None,
        layer: str | None,
        method: str,
        hidden: str | Iterable[HiddenPart],
        occlusion: bool,
        target: str | None,
        true_emotion: str | None,
    ) -> None:
        """Measure the first face and follow each choice from now on; see `ExplainerState`."""
        if not 0 <= photo_index < len(photos):
            raise ParamsError(
                f"There is no photo {photo_index}; count from 0 to {len(photos) - 1}."
            )
        given = photos[photo_index].source
        if isinstance(given, Evidence):
            layer, method = given.heatmaps[0].layer or layer, given.heatmaps[0].method
            au_detector = source_name(given) if au_detector == DEFAULT_SOURCE else au_detector
        self._au_options = dict(au_options or {})
        if isinstance(au_detector, str) and au_options:
            au_detector = load_detector(au_detector, **self._au_options)
        detectors = () if isinstance(au_detector, str) else (au_detector,)
        self._cache = EvidenceCache(classifier, detectors)
        self.photos, self.photo_index = photos, photo_index
        self.au_detector = au_detector if isinstance(au_detector, str) else au_detector.name
        self.hidden, self.occlusion = parse_hidden(hidden), occlusion
        self.layer, self.method = layer or self._cache.layers[0], method
        self.target = target
        self._photo: PhotoEntry = photos[photo_index]
        request, found = self._open_first(face_index)
        self._take_evidence(request, found)
        chosen = true_emotion if self.photo_index == photo_index else None
        self.true_emotion = chosen or self._photo.true_emotion
        self._paused, self._pending = 0, ""

    # What may be chosen

    @property
    def au_options(self) -> dict[str, Any]:
        """Return the options with which the present AU source was loaded by its name."""
        return self._au_options if self.au_detector in self._cache.given else {}

    @property
    def au_detectors(self) -> tuple[str, ...]:
        """Return the AU sources to choose from: installed ones that need no further option."""
        missing = self.missing_au_detectors
        offered = (
            name
            for name, source in AU_SOURCES.items()
            if source.needs is None and name not in missing
        )
        return tuple(dict.fromkeys((*self._cache.given, *offered, self.au_detector)))

    @property
    def missing_au_detectors(self) -> dict[str, str]:
        """Return the AU sources that are not installed here, each with the reason."""
        reasons = {
            name: source.why_missing()
            for name, source in AU_SOURCES.items()
            if source.needs is None and name not in self._cache.given
        }
        return {name: reason for name, reason in reasons.items() if reason}

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the layers to choose from, the default one first."""
        return tuple(dict.fromkeys((*self._cache.layers, self.layer)))

    # What is shown

    @property
    def photo_name(self) -> str:
        """Return the name of the photo that is shown."""
        return self._photo.name

    @property
    def photo_source(self) -> Any:
        """Return what the photo that is shown was given as."""
        return self._photo.source

    @property
    def subject(self) -> Subject:
        """Return what is shown; it is the same again after a choice is taken back."""
        layer, method, au_detector = self._last_good
        face_index = 0 if self._found is None else self._found.face_index
        face, fusion = (self._photo, face_index), self.fusion
        hidden = fusion.evidence.face.hidden
        return Subject(face, hidden, layer, method, au_detector, fusion.target, fusion.params)

    @property
    def unhidden(self) -> Prediction | None:
        """Return the prediction for the whole face, where parts are hidden; else None."""
        return None if self._found is None else self._found.unhidden

    @property
    def card(self) -> dict[str, Any]:
        """Return the classifier's card; empty before it was loaded."""
        return self._cache.card

    @property
    def classifier(self) -> Classifier:
        """Return the network that measures; load it if it was not yet.

        Raises
        ------
        ModelError
            If its weights are missing or damaged.
        """
        return self._cache.classifier

    # What can be done

    def next(self) -> None:
        """Show the next photo; after the last the first."""
        self._step(1)

    def previous(self) -> None:
        """Show the photo before; before the first the last."""
        self._step(-1)

    def choose_face(self, index: int) -> None:
        """Show another face of the photo, counted from 0, left to right.

        Raises
        ------
        ParamsError
            If the photo has no such face.
        """
        if not 0 <= index < len(self.faces):
            faces = count_of(len(self.faces), "face")
            raise ParamsError(f"This photo has {faces}; there is no face {index}.")
        self.face_index = index

    def load_upload(self, name: str, data: bytes) -> None:
        """Add a photo from an upload and show it; what is wrong with it goes to `error`."""
        try:
            photo = uploaded_photo(name, data)
        except XferaError as error:
            self.error = str(error)
            return
        self._measure(self._request(photo, None), new=photo)

    def load_uploads(self, uploads: Sequence[tuple[str, bytes]]) -> None:
        """Add photos from an upload and show the first; what is wrong with it goes to `error`."""
        if len(uploads) == 1:
            self.load_upload(*uploads[0])
            return
        try:
            photos = [uploaded_photo(name, data) for name, data in uploads]
        except XferaError as error:
            self.error = str(error)
            return
        first = len(self.photos)
        self.photos = (*self.photos, *photos)
        self.photo_index = first

    def measure_occlusion(self) -> None:
        """Measure now what hiding each face region does, unless it was or `occlusion` is off.

        Raises
        ------
        ModelError
            If the weights are missing.
        """
        if self._found is not None:
            self._take_occlusion(self._found, self._whole_evidence(self._found))

    # What follows from a choice

    @validate("hidden")
    def _check_hidden(self, proposal: dict[str, Any]) -> tuple[HiddenPart, ...]:
        return parse_hidden(proposal["value"])

    @validate("method")
    def _check_method(self, proposal: dict[str, Any]) -> str:
        return get_method(proposal["value"]).name

    @observe(*_MEASURED_BY)
    def _on_measured_by(self, change: dict[str, Any]) -> None:
        self._update("evidence")

    @observe("occlusion")
    def _on_occlusion(self, change: dict[str, Any]) -> None:
        if self._found is not None:
            self._hide_regions(self._found)

    @observe("photo_index")
    def _on_photo(self, change: dict[str, Any]) -> None:
        self._update("photo")

    @observe("true_emotion")
    def _on_true_emotion(self, change: dict[str, Any]) -> None:
        if self.method != GRADCAM:
            self._update("evidence")

    def _update(self, step: str = "") -> None:
        self._pending = max(self._pending, step, key=_STEPS.index)
        if self._paused or not self._pending:
            return
        step, self._pending = self._pending, ""
        if step == "fusion":
            self._fuse()
            return
        self._tried = None
        if self.photo_index >= len(self.photos):
            self.error = f"There is no photo {self.photo_index}; there are {len(self.photos)}."
            self._show_place(self._photo)
            return
        wanted = self.photos[self.photo_index]
        is_same = step == "evidence" and wanted is self._photo
        self._measure(self._request(wanted, self.face_index if is_same else None))

    def _step(self, by: int) -> None:
        """Move on by so many photos from the shown one, or from the one that failed last."""
        start = self.photo_index if self._tried is None else self._tried
        index = (start + by) % len(self.photos)
        if index == self.photo_index:
            self._tried, self.error = None, ""
        self.photo_index = index

    def _show_place(self, photo: PhotoEntry) -> None:
        """Set the index to that of a photo, without showing it."""
        places = [index for index, one in enumerate(self.photos) if one is photo]
        if places and self.photo_index not in places:
            self._paused += 1
            pending = self._pending
            self.photo_index = places[0]
            self._pending = pending
            self._paused -= 1

    def _open_first(self, face_index: int | None) -> tuple[EvidenceRequest, FaceEvidence]:
        """Measure the first photo, from the chosen one on, that can be explained.

        Raises
        ------
        PhotoError
            If none of the first `MOST_TRIED` can be.
        """
        failed: list[PhotoError] = []
        names: list[str] = []
        count = min(len(self.photos), MOST_TRIED)
        for _ in range(count):
            request = self._request(self._photo, None if failed else face_index)
            try:
                found = self._cache.get(request)
            except PhotoError as error:
                if len(self.photos) == 1:
                    raise
                failed.append(error)
                names.append(name_photo(error, self._photo.name))
                self.photo_index = (self.photo_index + 1) % len(self.photos)
                self._photo = self.photos[self.photo_index]
                continue
            if names:
                more = f" {len(names) - 1} more could not be shown." if len(names) > 1 else ""
                self.error = f"{names[0]}{more} Shown is {self.photo_name}."
            return request, found
        kind = NoFaceError if all(isinstance(one, NoFaceError) for one in failed) else PhotoError
        which = "None" if count == len(self.photos) else f"None of the first {count}"
        raise kind(
            f"{which} of the {len(self.photos)} photos could be explained; the first: {names[0]}"
        )

    def _request(self, photo: PhotoEntry, face_index: int | None) -> EvidenceRequest:
        is_new = photo is not self._photo
        targets = (None, photo.true_emotion) if is_new else (self.target, None, self.true_emotion)
        wanted = tuple(dict.fromkeys(name for name in targets if name)) + (None,)
        found = self._found
        is_other_face = is_new or (found is not None and face_index != found.face_index)
        hidden = tuple(
            part for part in self.hidden if isinstance(part, str) or not is_other_face
        )  # what was painted on a face belongs to that face
        return EvidenceRequest(
            photo, face_index, self.layer, self.method, self.au_detector, wanted, hidden
        )

    def _measure(
        self,
        request: EvidenceRequest,
        new: PhotoEntry | None = None,
        target: str | None | object = UNCHANGED,
    ) -> None:
        self._request_id += 1
        request_id = self._request_id
        self.busy = f"Measuring {request.photo.name} …"
        background.run(
            lambda report: self._cache.get(request),
            lambda outcome: self._take_measured(request_id, request, outcome, new, target),
            in_background=self._in_background,
        )

    def _take_measured(
        self,
        request_id: int,
        request: EvidenceRequest,
        outcome: FaceEvidence | XferaError,
        new: PhotoEntry | None,
        target: str | None | object,
    ) -> None:
        if request_id != self._request_id:
            return
        self._paused += 1
        try:
            self.busy = ""
            if isinstance(outcome, XferaError):
                self._refuse(request, outcome)
                return
            if new is not None:
                self.photos = (*self.photos, new)
            is_other, self._photo = request.photo is not self._photo, request.photo
            self.error = ""
            if is_other:
                self._forget_face(request.photo)
            if target is not UNCHANGED:
                self.target = target
            self._show_place(request.photo)
            self._take_evidence(request, outcome)
        finally:
            self._paused -= 1
            self._pending = ""

    def _refuse(self, request: EvidenceRequest, error: XferaError) -> None:
        """Return the choices to what is shown; `next` goes on from the photo that failed."""
        is_same = request.photo is self._photo
        about_photo = isinstance(error, PhotoError)
        said = name_photo(error, request.photo.name) if about_photo else str(error)
        self.error = said if is_same else f"{said} Shown is still {self.photo_name}."
        layer, method, au_detector = self._last_good
        wanted = self.photos[self.photo_index] if self.photo_index < len(self.photos) else None
        self._tried = self.photo_index if wanted is request.photo and not is_same else None
        self._show_place(self._photo)
        self.set(layer=layer, method=method, au_detector=au_detector)
        if is_same and self.face_index >= len(self.faces):
            self.face_index = 0

    def _take_evidence(self, request: EvidenceRequest, found: FaceEvidence) -> None:
        self.faces, self.face_index, self.hidden = found.faces, found.face_index, request.hidden
        self._found = found
        self.evidence = found.evidence
        self._last_good = (request.layer, request.method, request.au_detector)
        self._fuse()
        self._hide_regions(found)

    def _hide_regions(self, found: FaceEvidence) -> None:
        """Measure what hiding the face regions does, beside what is going on."""
        if self.occlusion and found.lacks_occlusion:
            background.run(
                lambda report: (
                    self._whole_evidence(found) if self._found is found else found.evidence
                ),
                lambda outcome: self._take_occlusion(found, outcome),
                in_background=True,
                after=PAINTED_AFTER,
            )

    def _whole_evidence(self, found: FaceEvidence) -> Evidence:
        return self._cache.add_occlusion(found) if self.occlusion else found.evidence

    def _fusion_to_explain(self) -> Callable[[Callable[..., None]], Fusion]:
        fusion, found = self.fusion, self._found

        def complete(report: Callable[..., None]) -> Fusion:
            evidence = fusion.evidence if found is None else self._whole_evidence(found)
            if evidence is fusion.evidence:
                return fusion
            report(self._take_occlusion, found, evidence)
            return fuse(evidence, fusion.params, fusion.target)

        return complete

    def _take_occlusion(self, found: FaceEvidence, outcome: Evidence | XferaError) -> None:
        if self._found is not found or outcome is found.evidence:
            return
        if isinstance(outcome, XferaError):
            self.error = str(outcome)
            return
        self._found = replace(found, evidence=outcome)
        self.evidence = outcome
        self._fuse()

    def _forget_face(self, photo: PhotoEntry) -> None:
        """Drop the choices that were about the face before."""
        self.set(target=None, true_emotion=photo.true_emotion)

    def _fuse(self) -> None:
        """Fuse the evidence under the present choices."""
        raise NotImplementedError
