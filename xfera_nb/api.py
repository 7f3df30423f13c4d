"""`explain`: from a photo, a list or a folder to checked explanations, in one call.

Its steps are public too: `load_photo`, `find_faces`, `gather`, `fuse` and
`xfera_nb.explanation.explain`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack, overload

from tqdm import tqdm

from xfera_nb.au_detectors import ActionUnits, AUDetector, load_detector
from xfera_nb.classifier import Classifier, load_classifier
from xfera_nb.datasets.files import find_photos
from xfera_nb.errors import (
    DetectorError,
    NoFaceError,
    ParamsError,
    PhotoError,
    WriterError,
    name_photo,
    unknown_name,
)
from xfera_nb.evidence import Evidence, gather, measure_neutral, subtract_neutral
from xfera_nb.explanation import TextRequest, Writer, WriterWarning, load_writer
from xfera_nb.faces import Face, find_faces
from xfera_nb.faces.regions import HiddenPart, parse_hidden
from xfera_nb.facs import parse_emotion
from xfera_nb.fusion import FusionParams
from xfera_nb.paths import expand_path, expand_pattern, is_url
from xfera_nb.report import Result, Results
from xfera_nb.saliency import DEFAULT_METHOD
from xfera_nb.wording import count_of

__all__ = ["PhotoWarning", "Result", "Results", "WriterWarning", "explain"]


class PhotoWarning(UserWarning):
    """Warn that one of several photos could not be explained; the others were."""


class _Options(TypedDict, total=False):
    params: FusionParams | Mapping[str, Any] | str | None
    k: float | None
    min_intensity: float | None
    coverage: float | None
    saliency_weight: float | None
    region: str | None
    scope: str | None
    rule: str | None
    target: str | None
    label: str | None
    au_detector: str | AUDetector
    au_options: Mapping[str, Any] | None
    classifier: Classifier | str | Path | None
    layer: str | None
    method: str | None
    device: str | None
    neutral: Any
    occlusion: bool
    hidden: str | Iterable[HiddenPart]
    writer: str | Writer
    writer_options: Mapping[str, Any] | None
    language: str
    prompt: str
    contrast_with: str | None
    person: str
    refresh: bool
    progress: bool


@overload
def explain(
    source: list[Any] | tuple[Any, ...], *, all_faces: bool = False, **options: Unpack[_Options]
) -> Results: ...


@overload
def explain(source: Any, *, all_faces: Literal[True], **options: Unpack[_Options]) -> Results: ...


@overload
def explain(
    source: Any, *, all_faces: Literal[False] = False, **options: Unpack[_Options]
) -> Result: ...


def explain(
    source: Any,
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
    label: str | None = None,
    au_detector: str | AUDetector = "builtin",
    au_options: Mapping[str, Any] | None = None,
    classifier: Classifier | str | Path | None = None,
    layer: str | None = None,
    method: str | None = None,
    device: str | None = None,
    neutral: Any = None,
    occlusion: bool = True,
    hidden: str | Iterable[HiddenPart] = (),
    all_faces: bool = False,
    writer: str | Writer = "offline",
    writer_options: Mapping[str, Any] | None = None,
    language: str = "en",
    prompt: str = "paper",
    contrast_with: str | None = None,
    person: str = "first",
    refresh: bool = False,
    progress: bool = True,
    **unknown: Any,
) -> Result | Results:
    """Explain the classifier's prediction for a face, or for the faces of several photos.

    Parameters
    ----------
    source : photo, Face, folder, or list of photos and faces
        A photo is what `load_photo` takes: a path, bytes, a file object, a PIL image or an array.
        A folder stands for the photos in it and in its subfolders, by name, and a pattern such as
        "photos/*.jpg" for the files that match.
    params : FusionParams, mapping or str, optional
        Parameters of the fusion, or the name of a preset (`xfera_nb.fusion.PRESETS`), by
        default "recommended".
    k, min_intensity, coverage, saliency_weight, region, scope, rule : optional
        Single parameters (see `FusionParams`); they override those of `params`.
    target : str, optional
        The class to explain, in the words of any data set ("fear", "Happiness", "joy"); by default
        the predicted one.
    label : str, optional
        The true class, in the same words. Where the prediction differs from it, or the two highest
        probabilities are close, `Result.contrast` says what tells the two classes apart.
    au_detector : str or AUDetector
        Source of Action Units: "builtin", "openface", "openface-files", "pyfaceau", or one that is
        already loaded.
    au_options : mapping, optional
        Options for a source given by name, such as `files` of "openface-files"
        (`xfera_nb.au_detectors.load_detector`).
    classifier : Classifier or path, optional
        The included weights by default. A path names other weights of the same network;
        `xfera_nb.load_classifier` wraps any torch module.
    layer : str, optional
        The layer at which the heatmap is taken; by default the classifier's own.
    method : str, optional
        The saliency method (`xfera_nb.saliency.METHODS`); Grad-CAM by default.
    device : str, optional
        "cpu" or "cuda": where a classifier that is loaded here runs.
    neutral : photo or ActionUnits, optional
        A neutral photo of the same person, or what this AU source measured on it. Its intensities
        are subtracted from the face's, and the result shows both.
    occlusion : bool
        Measure what hiding each face region does to the prediction, which takes six more pictures.
    hidden : str or iterable of (str or (x, y, radius))
        Face regions (`xfera_nb.faces.regions.FACE_REGIONS`) and discs in crop pixels that are
        blurred before the classifier sees the face: what if it could not see them?
    all_faces : bool
        Explain every face of a photo, not only the largest.
    writer : str or Writer
        "offline", "openai", "vision" (which needs ``send_image=True`` among its options and sends
        the aligned crop), or one that is already loaded. If a language model fails, the offline
        writer takes over; a `WriterWarning` and the result's `note` say so.
    writer_options : mapping, optional
        Options for a writer given by name, such as `model`, `base_url`, `temperature`, `seed`,
        `timeout`, `cache` and `prices` of "openai" (`xfera_nb.explanation.OpenAIWriter`).
    language : str
        Language of the text: "en", "it", "es" or "de".
    prompt : str
        The prompt for a language model: "paper" (the paper's), "full" (all facts that the offline
        text says), "strict" (facts and answer as JSON) or "contrast" (one class against another).
    contrast_with : str, optional
        The class to contrast with; with ``prompt="contrast"`` the runner-up by default.
    person : str
        "first" or "third": whether the model speaks in the offline text or is spoken of.
    refresh : bool
        Ask a language model again even if its answer is cached.
    progress : bool
        Show a progress bar for several photos.

    Returns
    -------
    Result or Results
        A `Result` for one photo; `Results` with `all_faces`, for a list and for a folder. Faces of
        one photo are ordered from left to right. A photo of several that cannot be explained is
        reported by a `PhotoWarning` and left out; Ctrl+C ends a list early and keeps the results
        so far.

    Raises
    ------
    PhotoError
        If the photo cannot be read, or none of several can; `NoFaceError` if it shows no face.
    ModelError, DetectorError, ParamsError, WriterError
        If weights, the AU source, a parameter or the writer's setup is missing or not valid, an
        option does not exist, or a neutral photo is given for several faces of one photo.
    InputError
        If `target`, `label` or `contrast_with` names none of the seven classes, or `hidden` no part
        of a face.
    ValueError
        If another AU source measured the neutral face.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> result = xf.explain("data/samples/C01HA.jpg")  # doctest: +SKIP
    >>> print(result)  # doctest: +SKIP
    >>> result.with_params(k=0.5).active  # doctest: +SKIP
    >>> xf.explain(["a.jpg", "b.jpg"], k=0.5).to_frame()  # doctest: +SKIP
    """
    if unknown:
        known = [
            name for name in signature(explain).parameters if name not in ("source", "unknown")
        ]
        raise unknown_name("option", next(iter(unknown)), known, ParamsError)
    changes = {
        "k": k,
        "min_intensity": min_intensity,
        "coverage": coverage,
        "saliency_weight": saliency_weight,
        "region": region,
        "scope": scope,
        "rule": rule,
    }
    chosen = _params(params, {name: one for name, one in changes.items() if one is not None})
    if neutral is not None and all_faces:
        raise ParamsError("A neutral photo is of one person: give one, or explain all faces.")
    target = None if target is None else parse_emotion(target)
    label = None if label is None else parse_emotion(label)
    contrast_with = None if contrast_with is None else parse_emotion(contrast_with)
    hidden = parse_hidden(hidden)
    request = TextRequest(prompt, language, contrast_with, person)
    if isinstance(writer, str):
        writer = load_writer(writer, **(writer_options or {}))
    elif writer_options:
        raise WriterError("Options go with a writer's name; this writer is loaded already.")
    if not isinstance(classifier, Classifier):
        classifier = load_classifier(classifier, device=device or "auto")
    elif device is not None:
        raise ParamsError(
            "This classifier is loaded already: give the device to load_classifier instead."
        )
    if isinstance(au_detector, str):
        au_detector = load_detector(au_detector, **(au_options or {}))
    elif au_options:
        raise DetectorError("Options go with an AU source's name; this one is loaded already.")
    if neutral is not None and not isinstance(neutral, ActionUnits):
        neutral = measure_neutral(neutral, au_detector)

    def evidence(face: Face) -> Evidence:
        found = gather(
            face,
            classifier,
            au_detector,
            layer=layer,
            method=method or DEFAULT_METHOD,
            occlusion=occlusion,
            hidden=hidden,
        )
        return found if neutral is None else subtract_neutral(found, neutral)

    def explain_photo(photo: Any) -> list[Result]:
        if isinstance(photo, Face):
            faces = [photo]
        else:
            faces = find_faces(photo, which="all" if all_faces else "largest")
        return [
            Result.from_evidence(
                evidence(face),
                chosen,
                target,
                writer,
                request,
                refresh=refresh,
                index=index,
                is_one_of_several=len(faces) > 1,
                card=classifier.card,
                label=label,
            )
            for index, face in enumerate(faces)
        ]

    photos = list_photos(source)
    if photos is not None:
        return _explain_each(photos, explain_photo, progress)
    results = explain_photo(source)
    return Results(results) if all_faces else results[0]


def _params(
    params: FusionParams | Mapping[str, Any] | str | None, changes: Mapping[str, Any]
) -> FusionParams:
    if isinstance(params, str):
        params = FusionParams.preset(params)
    elif params is None:
        params = FusionParams()
    elif not isinstance(params, FusionParams):
        params = FusionParams.from_dict(params)
    return params.replace(**changes) if changes else params


def list_photos(source: Any) -> list[Any] | None:
    """Return the photos of a list, a folder with its subfolders, or a pattern; None for one photo.

    Raises
    ------
    PhotoError
        If there are none, or the folder cannot be read.
    """
    if isinstance(source, str) and (matches := expand_pattern(source, PhotoError)) is not None:
        return matches
    if isinstance(source, str | os.PathLike) and not is_url(source):
        folder = expand_path(source)
        if not os.path.isdir(folder):  # unlike Path.is_dir, it takes any name
            return None
        return find_photos(source)
    if isinstance(source, list | tuple | set | frozenset) or _is_iterator(source):
        photos = list(source)
        if not photos:
            raise PhotoError("The list holds no photos: give at least one.")
        return photos
    return None


def _is_iterator(source: Any) -> bool:
    """Return whether a source is a generator or the like; an open file is one photo."""
    return hasattr(source, "__next__") and not hasattr(source, "read")


def _explain_each(
    photos: Iterable[Any], explain_photo: Callable[[Any], list[Result]], progress: bool
) -> Results:
    results: list[Result] = []
    errors: list[PhotoError | DetectorError | WriterError] = []
    try:
        for photo in tqdm(photos, unit="photo", leave=False, disable=not progress):
            try:
                results += explain_photo(photo)
            except (PhotoError, DetectorError, WriterError) as error:
                errors.append(error)
                is_path = isinstance(photo, str | os.PathLike)
                sentence = name_photo(error, str(photo)) if is_path else str(error)
                warnings.warn(sentence, PhotoWarning, stacklevel=3)
    except KeyboardInterrupt:
        if not results:
            raise
        done = count_of(len(results), "face")
        warnings.warn(f"Interrupted after {done}.", PhotoWarning, stacklevel=3)
    if not results:
        no_face = all(isinstance(error, NoFaceError) for error in errors)
        kind = NoFaceError if no_face else PhotoError
        if len(errors) == 1:
            raise kind(str(errors[0]))
        raise kind(f"None of the {len(errors)} photos could be explained; the first: {errors[0]}")
    return Results(results)
