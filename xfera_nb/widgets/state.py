"""The Explainer without a screen: what is chosen, what follows from it, what can be done.

Every choice is a trait; `fusion` follows from them at once (microseconds), `evidence` is measured
anew only where photo, face, layer, method or AU source change, and the words are written on
demand. Views observe the traits and hold nothing themselves. No widget library is imported here.

Units and limits are those of `FusionParams` (`LIMITS`). What fails leaves the last good evidence in
place and says so in `error`, one sentence.

A change made in Python is done when the line returns. A view that must not hold up the kernel
makes it by `aside`, which measures and writes in a thread; what is overtaken by a newer wish is
dropped.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from traitlets import (
    Bool,
    Enum,
    Float,
    HasTraits,
    Instance,
    Int,
    TraitError,
    Tuple,
    Unicode,
    observe,
    validate,
)

from xfera_nb.au_detectors import AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.errors import ParamsError, XferaError
from xfera_nb.evidence import REGIONS, Evidence
from xfera_nb.explanation import WRITERS, Explanation, Writer, load_writer
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import LIMITS, PRESETS, Fusion, FusionParams, fuse
from xfera_nb.fusion.params import SCOPES
from xfera_nb.saliency import LAST_BLOCK, METHODS
from xfera_nb.widgets import background
from xfera_nb.widgets.measure import (
    ALL_AT_ONCE,
    LAYERS,
    Measured,
    Measurer,
    Request,
    source_name,
)
from xfera_nb.widgets.photos import Photo, as_photos, uploaded
from xfera_nb.widgets.writing import Written, write

NUMBERS = tuple(LIMITS)
PARAMS = tuple(field.name for field in fields(FusionParams))
_MEASURED_BY = ("face_index", "layer", "method", "au_source")
_DIRTY = ("", "fusion", "evidence", "photo")
_OFFERED = ("builtin", "openface", "pyfaceau")


class ExplainerState(HasTraits):
    """One face under some parameters, and its explanation.

    Parameters
    ----------
    source : optional
        A photo (what `load_photo` takes), a folder, an `Evidence`, a `Face`, or a list of these;
        the samples by default.
    params : FusionParams, optional
    emotion : str, optional
        The class to explain; the predicted one by default.
    true_emotion : str, optional
        What the face is meant to show; else read from a file name of KDEF's pattern.
    au : str or AUDetector
        Source of Action Units.
    writer : str or Writer
    classifier : Classifier or path, optional
        The shipped weights by default.
    layer, method : str
        Where and how the map is made.
    face : int, optional
        Index from left to right; the largest face by default.
    photo : int
        Index in a folder or list.

    Attributes
    ----------
    photos : tuple of Photo
    faces : tuple of Face
        Those of the photo that is shown.
    evidence : Evidence
    fusion : Fusion
    explanation : Explanation or None
    draft : str
        Its text so far, while it is written.
    note : str
        Why the offline writer stood in, where it did.
    stale : bool
        Whether the explanation is about other parameters, another class or another face.
    writing : bool
    busy : str
        What is being measured; empty when nothing is.
    error : str
        One sentence; empty when nothing failed.
    opacity : float
        Of the map on the face, 0-1.
    grid : bool
        Whether the map's cells are drawn.
    picked_au : int
        The AU whose landmarks are marked; 0 for none.

    Raises
    ------
    XferaError
        If the first photo cannot be explained.
    """

    photos = Tuple()
    photo_index = Int(0, min=0)
    faces = Tuple()
    face_index = Int(0, min=0)

    k = Float(1.0, min=LIMITS["k"][0], max=LIMITS["k"][1])
    au_cutoff = Float(0.3, min=LIMITS["au_cutoff"][0], max=LIMITS["au_cutoff"][1])
    coverage = Float(0.7, min=LIMITS["coverage"][0], max=LIMITS["coverage"][1])
    heat_weight = Float(1.0, min=LIMITS["heat_weight"][0], max=LIMITS["heat_weight"][1])
    region = Enum(REGIONS, "crop")
    scope = Enum(SCOPES, "emotion")

    emotion = Enum(EMOTIONS, None, allow_none=True)
    true_emotion = Enum(EMOTIONS, None, allow_none=True)
    layer = Unicode(LAST_BLOCK)
    method = Enum(tuple(METHODS), ALL_AT_ONCE)
    au_source = Unicode("builtin")
    writer = Unicode("offline")

    opacity = Float(1.0, min=0.0, max=1.0)
    grid = Bool(False)
    picked_au = Int(0, min=0)

    evidence = Instance(Evidence)
    fusion = Instance(Fusion)
    explanation = Instance(Explanation, allow_none=True)
    draft = Unicode("")
    note = Unicode("")
    stale = Bool(False)
    writing = Bool(False)
    busy = Unicode("")
    error = Unicode("")

    def __init__(
        self,
        source: Any = None,
        *,
        params: FusionParams | None = None,
        emotion: str | None = None,
        true_emotion: str | None = None,
        au: str | AUDetector = "builtin",
        writer: str | Writer = "offline",
        classifier: Classifier | str | Path | None = None,
        layer: str = LAST_BLOCK,
        method: str = ALL_AT_ONCE,
        face: int | None = None,
        photo: int = 0,
    ) -> None:
        super().__init__()
        self._held, self._dirty, self._aside = 1, "", False
        self._wish = self._asked = 0
        self._written: Written | None = None
        photos = as_photos(source)
        if not 0 <= photo < len(photos):
            raise ParamsError(f"There is no photo {photo}; count from 0 to {len(photos) - 1}.")
        given = photos[photo].source
        if isinstance(given, Evidence):
            layer, method = given.heatmaps[0].layer or layer, given.heatmaps[0].method
            au = source_name(given) if au == "builtin" else au
        self._measurer = Measurer(classifier, () if isinstance(au, str) else (au,))
        self._writers: dict[str, Writer] = {} if isinstance(writer, str) else {writer.name: writer}
        self.params = params or FusionParams()
        self.photos, self.photo_index = photos, photo
        self.au_source = au if isinstance(au, str) else au.name
        self.writer = writer if isinstance(writer, str) else writer.name
        self.layer, self.method, self.emotion = layer, method, emotion
        outcome = self._measurer.measure(self._request(photos[photo], face))
        self._shown = photos[photo]
        self._take(outcome)
        self.true_emotion = true_emotion or self._shown.true_emotion
        self._held, self._dirty = 0, ""

    # What may be chosen

    @property
    def au_sources(self) -> tuple[str, ...]:
        """AU sources to choose from."""
        return tuple(dict.fromkeys((*self._measurer.given, *_OFFERED, self.au_source)))

    @property
    def writers(self) -> tuple[str, ...]:
        """Writers to choose from."""
        return tuple(dict.fromkeys((self.writer, *self._writers, *WRITERS)))

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers to choose from."""
        return tuple(dict.fromkeys((*LAYERS, self.layer)))

    @property
    def photo_name(self) -> str:
        """Name of the photo that is shown."""
        return self._shown.name

    @property
    def card(self) -> dict[str, Any]:
        """The classifier's card, as far as it was loaded."""
        return self._measurer.card

    @property
    def params(self) -> FusionParams:
        """The parameters as one value; setting it sets them all at once."""
        return FusionParams(**{name: getattr(self, name) for name in PARAMS})

    @params.setter
    def params(self, params: FusionParams) -> None:
        self.set(**params.to_dict())

    # What can be done

    def set(self, **choices: Any) -> None:
        """Change several choices at once; what follows from them is worked out once.

        Raises
        ------
        ParamsError
            If there is no such choice.
        """
        unknown = [name for name in choices if not self.has_trait(name)]
        if unknown:
            raise ParamsError(f"{unknown[0]!r} is nothing that can be chosen.")
        self._held += 1
        try:
            for name, value in choices.items():
                setattr(self, name, value)
        finally:
            self._held -= 1
            self._follow()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Within it, measuring and writing go to a thread where a loop runs."""
        before, self._aside = self._aside, True
        try:
            yield
        finally:
            self._aside = before

    def preset(self, name: str) -> None:
        """Take the coverage, k and so on of one of `PRESETS`; region and scope with them.

        Raises
        ------
        ParamsError
            If there is no such preset.
        """
        if name not in PRESETS:
            raise ParamsError(f"{name!r} is no preset; there are {' and '.join(PRESETS)}.")
        self.params = PRESETS[name]

    def reset(self) -> None:
        """Default parameters, the predicted class, the whole map, no grid, nothing picked."""
        self.set(**FusionParams().to_dict(), emotion=None, opacity=1.0, grid=False, picked_au=0)

    def next(self) -> None:
        """The next photo; after the last the first."""
        self.photo_index = (self.photo_index + 1) % len(self.photos)

    def previous(self) -> None:
        """The photo before; before the first the last."""
        self.photo_index = (self.photo_index - 1) % len(self.photos)

    def choose_face(self, index: int) -> None:
        """Another face of the photo, counted from 0, left to right.

        Raises
        ------
        ParamsError
            If the photo has no such face.
        """
        if not 0 <= index < len(self.faces):
            raise ParamsError(f"This photo has {len(self.faces)} faces; there is no face {index}.")
        self.face_index = index

    def load_upload(self, name: str, data: bytes) -> None:
        """Add a photo from an upload and show it; what is wrong with it goes to `error`."""
        try:
            photo = uploaded(name, data)
        except XferaError as error:
            self.error = str(error)
            return
        self._measure(self._request(photo, None), new=photo)

    def explain(self) -> None:
        """Write the explanation of what is shown now; a failure goes to `note` or `error`."""
        try:
            writer = self._loaded_writer()
        except XferaError as error:
            self.error = str(error)
            return
        self._asked += 1
        asked, fusion = self._asked, self.fusion
        self.set(writing=True, draft="", note="", error="")
        background.run(
            lambda tell: write(fusion, writer, lambda text: tell(self._take_draft, asked, text)),
            lambda outcome: self._take_words(asked, outcome),
            aside=self._aside,
        )

    def to_code(self) -> str:
        """Lines of Python that give the same result."""
        changed = {
            name: value
            for name, value in self.params.to_dict().items()
            if value != getattr(FusionParams(), name)
        }
        options = [f"params=xf.FusionParams({_arguments(changed)})"]
        for name, value, usual in (
            ("emotion", self.emotion, None),
            ("au", self.au_source, "builtin"),
            ("layer", self.layer, LAST_BLOCK),
            ("writer", self.writer, "offline"),
        ):
            if value != usual:
                options.append(f"{name}={value!r}")
        source = self._shown.source
        path = _short_path(source) if isinstance(source, str | Path) else self.photo_name
        lines = ["import xfera_nb as xf", ""]
        if len(self.faces) > 1:
            options.append("all_faces=True")
        call = f"result = xf.explain({path!r}, {', '.join(options)})"
        lines.append(call + (f"[{self.face_index}]" if len(self.faces) > 1 else ""))
        if self.method != ALL_AT_ONCE:
            lines.insert(0, f"# Shown with the method {self.method}; explain takes Grad-CAM.")
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """The parameters as a file that `FusionParams.load` and ``xfera --params`` read."""
        return json.dumps(self.params.to_dict(), indent=2) + "\n"

    # What follows

    @observe(*PARAMS, "emotion")
    def _on_choice(self, change: dict[str, Any]) -> None:
        slow = change["name"] == "emotion" and self.method != ALL_AT_ONCE
        self._follow("evidence" if slow else "fusion")

    @validate(*NUMBERS)
    def _is_number(self, proposal: dict[str, Any]) -> float:
        if not math.isfinite(proposal["value"]):
            raise TraitError(f"{proposal['trait'].name} must be a finite number.")
        return proposal["value"]

    @observe(*_MEASURED_BY)
    def _on_measured(self, change: dict[str, Any]) -> None:
        self._follow("evidence")

    @observe("photo_index")
    def _on_photo(self, change: dict[str, Any]) -> None:
        self._follow("photo")

    @observe("true_emotion")
    def _on_truth(self, change: dict[str, Any]) -> None:
        if self.method != ALL_AT_ONCE:
            self._follow("evidence")

    def _follow(self, dirty: str = "") -> None:
        self._dirty = max(self._dirty, dirty, key=_DIRTY.index)
        if self._held or not self._dirty:
            return
        dirty, self._dirty = self._dirty, ""
        if dirty == "fusion":
            self._fuse_again()
        elif dirty == "evidence":
            self._measure(self._request(self._shown, self.face_index))
        elif self.photo_index < len(self.photos):
            self._measure(self._request(self.photos[self.photo_index], None))
        else:
            self.error = f"There is no photo {self.photo_index}; there are {len(self.photos)}."

    def _request(self, photo: Photo, face: int | None) -> Request:
        new = photo is not getattr(self, "_shown", photo)
        emotions = (None, photo.true_emotion) if new else (self.emotion, None, self.true_emotion)
        wanted = tuple(dict.fromkeys(e for e in emotions if e)) + (None,)
        return Request(photo, face, self.layer, self.method, self.au_source, wanted)

    def _measure(self, request: Request, new: Photo | None = None) -> None:
        self._wish += 1
        wish = self._wish
        self.busy = f"Measuring {request.photo.name} …"
        background.run(
            lambda tell: self._measurer.measure(request),
            lambda outcome: self._measured(wish, request, outcome, new),
            aside=self._aside,
        )

    def _measured(
        self, wish: int, request: Request, outcome: Measured | XferaError, new: Photo | None
    ) -> None:
        if wish != self._wish:
            return
        self._held += 1
        try:
            self.busy = ""
            if isinstance(outcome, XferaError):
                self._refused(request, outcome)
                return
            if new is not None:
                self.photos = (*self.photos, new)
                self.photo_index = len(self.photos) - 1
            other, self._shown = request.photo is not self._shown, request.photo
            self.error = ""
            if other:
                self.set(emotion=None, picked_au=0, true_emotion=request.photo.true_emotion)
            self._take(outcome)
        finally:
            self._held -= 1
            self._dirty = ""

    def _refused(self, request: Request, error: XferaError) -> None:
        """Keep what is shown; the choices go back to it, but for the photo, so that next works."""
        same = request.photo is self._shown
        self.error = str(error) if same else f"{error} Shown is still {self.photo_name}."
        layer, method, source = self._good
        self.set(layer=layer, method=method, au_source=source)
        if same and self.face_index >= len(self.faces):
            self.face_index = 0

    def _take(self, measured: Measured) -> None:
        self.faces, self.face_index = measured.faces, measured.face
        self.evidence = measured.evidence
        self._good = (self.layer, self.method, self.au_source)
        self._fuse_again()

    def _fuse_again(self) -> None:
        self.fusion = fuse(self.evidence, self.params, self.emotion)
        self.stale = self._written is not None and not _same(self._written.fusion, self.fusion)

    def _take_draft(self, asked: int, text: str) -> None:
        if asked == self._asked:
            self.draft = text

    def _take_words(self, asked: int, outcome: Written | XferaError) -> None:
        if asked != self._asked:
            return
        self.writing = False
        if isinstance(outcome, XferaError):
            self.error = str(outcome)
            return
        self._written = outcome
        self.set(
            draft=outcome.explanation.text,
            note=outcome.note,
            explanation=outcome.explanation,
            stale=not _same(outcome.fusion, self.fusion),
        )

    def _loaded_writer(self) -> Writer:
        if self.writer not in self._writers:
            self._writers[self.writer] = load_writer(self.writer)
        return self._writers[self.writer]


def _same(one: Fusion, other: Fusion) -> bool:
    return (
        one.evidence is other.evidence
        and one.params == other.params
        and one.emotion == other.emotion
    )


def _short_path(path: str | Path) -> str:
    """From the working folder, where the file lies in it."""
    whole, here = Path(path).absolute(), Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else path)


def _arguments(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())
