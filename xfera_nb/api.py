"""`explain`: from a photo to a checked explanation, in one call.

The steps are public as well, for whoever wants them apart: `load_photo`, `find_faces`, `gather`,
`fuse`, and `xfera_nb.explanation.explain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, overload

from xfera_nb.au_detectors import ActionUnits, AUDetector, load_detector
from xfera_nb.classifier import Classifier, load_classifier
from xfera_nb.errors import ParamsError, WriterError
from xfera_nb.evidence import Evidence, gather, measure_neutral, subtract_neutral
from xfera_nb.explanation import TextRequest, Writer, WriterWarning, load_writer
from xfera_nb.faces import Face, find_faces
from xfera_nb.fusion import FusionParams
from xfera_nb.report import Result, Results

__all__ = ["Result", "Results", "WriterWarning", "explain"]


@overload
def explain(photo: Any, *, all_faces: Literal[False] = False, **options: Any) -> Result: ...


@overload
def explain(photo: Any, *, all_faces: Literal[True], **options: Any) -> Results: ...


def explain(
    photo: Any,
    *,
    params: FusionParams | Mapping[str, Any] | str | None = None,
    target: str | None = None,
    au: str | AUDetector = "builtin",
    writer: str | Writer = "offline",
    classifier: Classifier | str | Path | None = None,
    layer: str | None = None,
    all_faces: bool = False,
    neutral: Any = None,
    language: str = "en",
    prompt: str = "paper",
    contrast_with: str | None = None,
    writer_options: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Result | Results:
    """Explain what the classifier saw in a face.

    Parameters
    ----------
    photo : path, bytes, file object, PIL image or array
        What `load_photo` takes.
    params : FusionParams, mapping or str, optional
        Parameters of the fusion, or the name of a preset ("algorithm1", the default, or
        "section2.1").
    target : str, optional
        The class to explain; by default the predicted one.
    au : str or AUDetector
        Source of Action Units: "builtin", "openface", "pyfaceau", or one that is loaded already.
    writer : str or Writer
        "offline", "openai", or one that is loaded already. If a language model fails, the offline
        writer takes its place, and a `WriterWarning` and the result's `note` say so.
    classifier : Classifier, path or None
        The shipped weights by default; a path names other weights of the same network, and
        `xfera_nb.load_classifier` makes one of any torch module.
    layer : str, optional
        The layer whose Grad-CAM is taken; by default the classifier's own.
    all_faces : bool
        Explain every face, not the largest alone.
    neutral : photo or ActionUnits, optional
        A neutral photo of the same person, or what this AU source measured on it: its intensities
        are subtracted from the face's, and the result shows both.
    language : str
        Of the words: "en", "it", "es" or "de".
    prompt : str
        What a language model is asked: "paper" (the paper's prompt), "strict" (facts and answer as
        JSON) or "contrast" (one class against another).
    contrast_with : str, optional
        Contrast with this class; with the prompt "contrast" alone it is the next best one.
    writer_options : mapping, optional
        Of a writer that is given by name, as `model`, `base_url`, `temperature`, `seed`,
        `timeout`, `cache` and `prices` of "openai" (`xfera_nb.explanation.OpenAIWriter`).
    **changes
        Single parameters, as in ``explain("photo.jpg", k=1.5, coverage=0.5)``.

    Returns
    -------
    Result or Results
        The largest face; with `all_faces` a tuple of all, from left to right.

    Raises
    ------
    PhotoError
        If the photo cannot be read; `NoFaceError` if no face is found on it.
    ModelError, DetectorError, ParamsError, WriterError
        If weights, the AU source, a parameter or the writer's setup is missing or not valid, or a
        neutral photo is given for several faces.
    ValueError
        If the target is none of the seven, or another source measured the neutral face.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> result = xf.explain("data/samples/C01HA.jpg")  # doctest: +SKIP
    >>> print(result)  # doctest: +SKIP
    >>> result.with_params(k=0.5).fusion.active  # doctest: +SKIP
    """
    chosen = _params(params, changes)
    if neutral is not None and all_faces:
        raise ParamsError("A neutral photo is of one person: give one, or explain all faces.")
    if not isinstance(classifier, Classifier):
        classifier = load_classifier(classifier)
    if isinstance(au, str):
        au = load_detector(au)
    request = TextRequest(prompt, language, contrast_with)
    if isinstance(writer, str):
        writer = load_writer(writer, **(writer_options or {}))
    elif writer_options:
        raise WriterError("Options go with a writer's name; this writer is loaded already.")
    if neutral is not None and not isinstance(neutral, ActionUnits):
        neutral = measure_neutral(neutral, au)
    faces = find_faces(photo, which="all" if all_faces else "largest")

    def evidence(face: Face) -> Evidence:
        found = gather(face, classifier, au, layer=layer)
        return found if neutral is None else subtract_neutral(found, neutral)

    results = [
        Result.from_evidence(
            evidence(face),
            chosen,
            target,
            writer,
            request,
            index=index,
            is_one_of_several=len(faces) > 1,
            card=classifier.card,
        )
        for index, face in enumerate(faces)
    ]
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
