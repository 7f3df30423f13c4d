"""Explain a face without a screen: what is chosen, what follows from it, what can be done.

Every choice is a trait. `fusion` follows from the choices at once (microseconds); `evidence` is
measured again only where photo, face, layer, method or AU source change; the text is written on
demand. What hiding each face region does is measured after the map is shown. Views observe the
traits and hold nothing themselves. No widget library is imported here.

Units and limits are those of `FusionParams` (`LIMITS`). A failure leaves the last good evidence in
place and goes to `error`, one sentence.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from traitlets import Bool, Enum, Float, Int, TraitError, observe, validate

from xfera_nb.au_detectors import DEFAULT_SOURCE, AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.errors import InputError
from xfera_nb.evidence import REGIONS
from xfera_nb.explanation import PAPER, Writer
from xfera_nb.explanation.choices import ENGLISH, FIRST_PERSON
from xfera_nb.faces.regions import HiddenPart, parse_hidden
from xfera_nb.fusion import LIMITS, FusionParams, fuse
from xfera_nb.fusion.choices import RULES, SCOPES
from xfera_nb.saliency import DEFAULT_METHOD
from xfera_nb.widgets.explainer.code import code_for
from xfera_nb.widgets.explainer.evidence_cache import GRADCAM
from xfera_nb.widgets.explainer.measured_state import MeasuredState
from xfera_nb.widgets.shared.fusion_numbers import FusionNumbers
from xfera_nb.widgets.shared.photos import PhotoEntry, list_photos

_DEFAULTS = FusionParams()
NUMBERS = tuple(LIMITS)
PARAMS = tuple(field.name for field in fields(FusionParams))
BRUSH_RADIUS = 11.0
"""Of what a brush paints, in pixels of the 224 px crop."""
MOST_PAINTED = 400
"""Discs that can be painted on a face."""


class ExplainerState(MeasuredState, FusionNumbers):
    """Hold one face under some parameters, and its explanation.

    A change made in Python is done when the line returns. A view that must not block the kernel
    makes it within `in_background`, which measures and writes in a thread; the outcome of a request
    that a newer one has overtaken is dropped. Where a loop runs, the effect of hiding the face
    regions always comes later, from a thread; a text waits for it, and so does `measure_occlusion`.

    Parameters
    ----------
    source : optional
        A photo (what `load_photo` takes), a folder, an `Evidence`, a `Face`, or a list of these;
        the samples by default.
    params : FusionParams, mapping or str, optional
        Parameters of the fusion, or the name of a preset.
    k, min_intensity, coverage, saliency_weight, region, scope, rule : optional
        Single parameters; they override those of `params`.
    target : str, optional
        The class to explain; the predicted one by default.
    true_emotion : str, optional
        What the face is meant to show; by default read from a file name of KDEF's pattern.
    au_detector : str or AUDetector
        Source of Action Units.
    au_options : mapping, optional
        Of a source chosen by name, such as `files` of "openface-files".
    writer : str or Writer
    writer_options : mapping, optional
        Of a writer chosen by name: `model`, `base_url`, `temperature`, `seed` ...
    language, prompt, contrast_with, person : str
        How the text is asked for, as in `xfera_nb.explanation.TextRequest`.
    classifier : Classifier or path, optional
        The shipped weights by default.
    layer, method : str
        Where and how the map is made; by default Grad-CAM at the classifier's own layer.
    face_index : int, optional
        Index from left to right; the largest face by default.
    photo_index : int
        Index in a folder or list.
    hidden : str or iterable of (str or (x, y, radius))
        Face regions (`FACE_REGIONS`) and discs in crop pixels that are blurred before the
        classifier sees the face.
    occlusion : bool
        Measure what hiding each face region does, for the text; not for a given `Evidence`, which
        keeps what it has.
    settings_open : bool
        Whether the drawer with the settings is open.

    Attributes
    ----------
    photos : tuple of PhotoEntry
    faces : tuple of Face
        Those of the photo that is shown.
    evidence : Evidence
    fusion : Fusion
    explanation, draft, note, stale, writing
        What is written, as `TextState` has it.
    busy : str
        What is being measured; empty when nothing is.
    error : str
        A sentence or two; empty when nothing failed.
    opacity : float
        Of the map on the face, 0-1.
    brush : bool
        Whether dragging over the face paints what is hidden.
    grid : bool
        Whether the cells of the map are drawn.
    selected_au : int
        The AU whose landmarks are ringed; 0 for none.

    Raises
    ------
    ParamsError
        If there is no such preset or photo.
    XferaError
        If none of the first photos can be explained; those before the one that is shown are named
        in `error`.
    """

    region = Enum(REGIONS, _DEFAULTS.region)
    scope = Enum(SCOPES, _DEFAULTS.scope)
    rule = Enum(RULES, _DEFAULTS.rule)

    opacity = Float(1.0, min=0.0, max=1.0)
    grid = Bool(False)
    brush = Bool(False)
    selected_au = Int(0, min=0)
    settings_open = Bool(False)

    def __init__(
        self,
        source: Any = None,
        *,
        params: FusionParams | Mapping[str, Any] | str | None = None,
        k: float | None = None,
        min_intensity: float | None = None,
        coverage: float | None = None,
        saliency_weight: float | None = None,
        region: str | None = None,
        scope: str | None = None,
        rule: str | None = None,
        target: str | None = None,
        true_emotion: str | None = None,
        au_detector: str | AUDetector = DEFAULT_SOURCE,
        au_options: Mapping[str, Any] | None = None,
        writer: str | Writer = "offline",
        writer_options: Mapping[str, Any] | None = None,
        language: str = ENGLISH,
        prompt: str = PAPER,
        contrast_with: str | None = None,
        person: str = FIRST_PERSON,
        classifier: Classifier | str | Path | None = None,
        layer: str | None = None,
        method: str = DEFAULT_METHOD,
        face_index: int | None = None,
        photo_index: int = 0,
        hidden: str | Iterable[HiddenPart] = (),
        occlusion: bool = True,
        settings_open: bool = False,
    ) -> None:
        super().__init__()
        self.settings_open = settings_open
        self.params = _as_params(params).replace(
            k=k,
            min_intensity=min_intensity,
            coverage=coverage,
            saliency_weight=saliency_weight,
            region=region,
            scope=scope,
            rule=rule,
        )
        self._choose_text(writer, writer_options, language, prompt, contrast_with, person)
        self._start(
            list_photos(source),
            photo_index,
            face_index,
            classifier=classifier,
            au_detector=au_detector,
            au_options=au_options,
            layer=layer,
            method=method,
            hidden=hidden,
            occlusion=occlusion,
            target=target,
            true_emotion=true_emotion,
        )

    # What is shown

    @property
    def params(self) -> FusionParams:
        """Return the parameters as one value; setting it sets them all at once."""
        return FusionParams(**{name: getattr(self, name) for name in PARAMS})

    @params.setter
    def params(self, params: FusionParams) -> None:
        self.set(**params.to_dict())

    # What can be done

    def preset(self, name: str) -> None:
        """Set all parameters to those of one of `PRESETS`.

        Raises
        ------
        ParamsError
            If there is no such preset.
        """
        self.params = FusionParams.preset(name)

    def reset(self) -> None:
        """Restore default parameters and the predicted class; hide, mark and select nothing."""
        choices: dict[str, Any] = {"target": None, "opacity": 1.0, "grid": False, "selected_au": 0}
        choices |= {"hidden": (), "brush": False}
        self.set(**FusionParams().to_dict(), **choices)

    def toggle_region(self, region: str) -> None:
        """Hide a face region from the classifier, or show it again.

        Raises
        ------
        InputError
            If there is no such region.
        """
        spots = [part for part in self.hidden if not isinstance(part, str)]
        names = {part for part in self.hidden if isinstance(part, str)}
        self.hidden = (*(names ^ {region}), *spots)

    def paint(self, points: Iterable[tuple[float, float]]) -> None:
        """Hide discs of `BRUSH_RADIUS` around some points of the face from the classifier.

        Parameters
        ----------
        points : iterable of (x, y)
            Crop pixels.

        Raises
        ------
        InputError
            If they are not finite numbers, or more than `MOST_PAINTED` with those painted before.
        """
        hidden = parse_hidden((*self.hidden, *((*point, BRUSH_RADIUS) for point in points)))
        if sum(not isinstance(part, str) for part in hidden) > MOST_PAINTED:
            raise InputError(
                f"More than {MOST_PAINTED} spots cannot be painted: press “Whole face” "
                "and start again."
            )
        self.hidden = hidden

    def open(
        self,
        photo_index: int,
        face_index: int | None = None,
        target: str | None = None,
        hidden: Iterable[HiddenPart] = (),
        params: FusionParams | None = None,
    ) -> None:
        """Show a face of a photo under some settings, measured once for all of them.

        Parameters
        ----------
        photo_index : int
        face_index : int, optional
            Index from left to right; the largest face by default.
        target : str, optional
            The class to explain; the predicted one by default.
        hidden : iterable of (str or (x, y, radius))
            Parts that the classifier does not see.
        params : FusionParams, optional
            The present ones by default.
        """
        photo = self.photos[photo_index]
        if params is not None:
            self.params = params
        self._tried = None
        request = self._request(photo, face_index)
        parts = parse_hidden(hidden)
        wanted = tuple(dict.fromkeys((*request.targets, *([target] if target else ()))))
        self._measure(replace(request, hidden=parts, targets=wanted), target=target)

    def to_code(self) -> str:
        """Return lines of Python that give the same result."""
        return code_for(self)

    def to_json(self) -> str:
        """Return the parameters as a file that `FusionParams.load` and ``--params`` read."""
        return json.dumps(self.params.to_dict(), indent=2) + "\n"

    # What follows from a choice

    @validate(*NUMBERS)
    def _check_number(self, proposal: dict[str, Any]) -> float:
        if not math.isfinite(proposal["value"]):
            raise TraitError(f"{proposal['trait'].name} must be a finite number.")
        return proposal["value"]

    @observe(*PARAMS, "target")
    def _on_choice(self, change: dict[str, Any]) -> None:
        is_new_map = change["name"] == "target" and self.method != GRADCAM
        self._update("evidence" if is_new_map else "fusion")

    def _forget_face(self, photo: PhotoEntry) -> None:
        self.selected_au = 0
        super()._forget_face(photo)

    def _fuse(self) -> None:
        self.fusion = fuse(self.evidence, self.params, self.target)
        self._mark_stale()


def _as_params(params: FusionParams | Mapping[str, Any] | str | None) -> FusionParams:
    if isinstance(params, FusionParams):
        return params
    if isinstance(params, str):
        return FusionParams.preset(params)
    return FusionParams.from_dict(params or {})
