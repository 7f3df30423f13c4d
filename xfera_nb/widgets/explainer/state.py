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
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xfera_nb.au_detectors import AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.errors import ParamsError, XferaError
from xfera_nb.evidence import Evidence
from xfera_nb.explanation import CONTRAST, WRITERS, TextRequest, Writer, load_writer
from xfera_nb.fusion import PRESETS, FusionParams
from xfera_nb.widgets.explainer.code import code_for
from xfera_nb.widgets.explainer.evidence_cache import (
    ALL_AT_ONCE,
    Measurer,
    source_name,
)
from xfera_nb.widgets.explainer.following import Following
from xfera_nb.widgets.explainer.writing import write
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.photos import as_photos, uploaded

_OFFERED = ("builtin", "openface", "pyfaceau")


class ExplainerState(Following):
    """One face under some parameters, and its explanation.

    Parameters
    ----------
    source : optional
        A photo (what `load_photo` takes), a folder, an `Evidence`, a `Face`, or a list of these;
        the samples by default.
    params : FusionParams or mapping, optional
    emotion : str, optional
        The class to explain; the predicted one by default.
    true_emotion : str, optional
        What the face is meant to show; else read from a file name of KDEF's pattern.
    au : str or AUDetector
        Source of Action Units.
    writer : str or Writer
    writer_options : mapping, optional
        Of a writer chosen by name: `model`, `base_url`, `temperature`, `seed` ...
    language, prompt, contrast_with : str
        How the words are asked for, as in `xfera_nb.explanation.TextRequest`.
    classifier : Classifier or path, optional
        The shipped weights by default.
    layer, method : str
        Where and how the map is made; by default at the classifier's own layer.
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

    def __init__(
        self,
        source: Any = None,
        *,
        params: FusionParams | Mapping[str, Any] | None = None,
        emotion: str | None = None,
        true_emotion: str | None = None,
        au: str | AUDetector = "builtin",
        writer: str | Writer = "offline",
        writer_options: Mapping[str, Any] | None = None,
        language: str = "en",
        prompt: str = "paper",
        contrast_with: str | None = None,
        classifier: Classifier | str | Path | None = None,
        layer: str | None = None,
        method: str = ALL_AT_ONCE,
        face: int | None = None,
        photo: int = 0,
    ) -> None:
        super().__init__()
        photos = as_photos(source)
        if not 0 <= photo < len(photos):
            raise ParamsError(f"There is no photo {photo}; count from 0 to {len(photos) - 1}.")
        given = photos[photo].source
        if isinstance(given, Evidence):
            layer, method = given.heatmaps[0].layer or layer, given.heatmaps[0].method
            au = source_name(given) if au == "builtin" else au
        self._begin(Measurer(classifier, () if isinstance(au, str) else (au,)))
        layer = layer or self._measurer.layers[0]
        self._writers: dict[str, Writer] = {} if isinstance(writer, str) else {writer.name: writer}
        self._loaded: tuple[object, Writer] | None = None
        self._question: tuple[Writer, TextRequest] | None = None
        if not isinstance(params, FusionParams):
            params = FusionParams.from_dict(params or {})
        self.params = params
        self.photos, self.photo_index = photos, photo
        self.au_source = au if isinstance(au, str) else au.name
        self.writer = writer if isinstance(writer, str) else writer.name
        self.writer_options = dict(writer_options or {})
        request = TextRequest(prompt, language, contrast_with)
        self.language, self.prompt = request.language, request.kind
        self.contrast_with = request.contrast_with
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
        return tuple(dict.fromkeys((*self._measurer.layers, self.layer)))

    @property
    def card(self) -> dict[str, Any]:
        """The classifier's card, as far as it was loaded."""
        return self._measurer.card

    # What can be done

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

    @property
    def takes_options(self) -> bool:
        """Whether `writer_options` are for the chosen writer: one by name, with a model."""
        return self.writer != "offline" and self.writer not in self._writers

    @property
    def request(self) -> TextRequest:
        """How the words are asked for now."""
        contrast_with = self.contrast_with if self.prompt == CONTRAST else None
        return TextRequest(self.prompt, self.language, contrast_with)

    def explain(self, *, refresh: bool | None = None) -> None:
        """Write the explanation of what is shown now; a failure goes to `note` or `error`.

        Parameters
        ----------
        refresh : bool, optional
            Ask a language model anew even where its answer is cached; by default where the last
            explanation answers the same question already.
        """
        try:
            writer = self.loaded_writer()
        except XferaError as error:
            self.error = str(error)
            return
        self._asked += 1
        asked, fusion, request = self._asked, self.fusion, self.request
        question = (writer, request)
        if refresh is None:
            same = self.explanation is not None and not self.stale
            refresh = same and question == self._question
        self._question = question
        self.set(writing=True, draft="", note="", error="")
        background.run(
            lambda tell: write(
                fusion,
                writer,
                lambda text: tell(self._take_draft, asked, text),
                request,
                refresh=refresh,
            ),
            lambda outcome: self._take_words(asked, outcome),
            aside=self._aside,
        )

    def to_code(self) -> str:
        """Lines of Python that give the same result."""
        return code_for(self)

    def to_json(self) -> str:
        """The parameters as a file that `FusionParams.load` and ``xfera --params`` read."""
        return json.dumps(self.params.to_dict(), indent=2) + "\n"

    def loaded_writer(self) -> Writer:
        """The chosen writer, with its options.

        Raises
        ------
        WriterError
            If it lacks a key, or does not know an option.
        """
        if self.writer in self._writers:
            return self._writers[self.writer]
        options = self.writer_options if self.takes_options else {}
        asked = (self.writer, json.dumps(options, sort_keys=True, default=str))
        if self._loaded is None or self._loaded[0] != asked:
            self._loaded = (asked, load_writer(self.writer, **options))
        return self._loaded[1]
