"""What `xfera_nb.explain` returns: one face's evidence, fusion and text, and how they are shown.

The evidence holds everything expensive. Another setting, another class or another writer makes a
new result from the same evidence (`Result.with_params`, `Result.with_text`); for a sweep over many
settings use `xfera_nb.fuse` or `fuse_many`, which write no text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from xfera_nb.errors import ParamsError, unknown_name
from xfera_nb.evidence import Evidence
from xfera_nb.explanation import (
    CONTRAST,
    Ablation,
    Check,
    Contrast,
    Explanation,
    OfflineWriter,
    TextRequest,
    Writer,
    ablate,
    explain,
    load_writer,
    write_contrast,
)
from xfera_nb.faces import Face
from xfera_nb.facs import LANDMARK_AUS, au_name
from xfera_nb.figures import overlay_image, to_png
from xfera_nb.figures.overlay import SCALE as OVERLAY_SCALE
from xfera_nb.fusion import Fusion, FusionParams, fuse
from xfera_nb.report.handout import HandoutFace, save_handout
from xfera_nb.report.pdf import print_pdf
from xfera_nb.report.plain import clean, plain_text
from xfera_nb.report.record import build_record
from xfera_nb.report.result_html import explanation_html, page_html
from xfera_nb.report.save import check_writable, save_file
from xfera_nb.wording import count_of

if TYPE_CHECKING:
    from pandas import DataFrame
    from PIL.Image import Image
    from plotly.graph_objects import Figure

    from xfera_nb.fusion import AUResult
    from xfera_nb.saliency import Heatmap

FIGURES = ("overlay", "probabilities", "action_units")
"""Kinds of `Result.figure`."""


@dataclass(frozen=True, eq=False)
class Result:
    """Hold one explained face; it displays in a notebook, prints, and saves itself.

    Attributes
    ----------
    fusion : Fusion
    explanation : Explanation
    writer : Writer
        The writer that was asked for the text.
    note : str or None
        A sentence where that writer failed and the offline writer wrote instead.
    index : int
        Number of the face on its photo, from 0, left to right; 0 if only the largest was taken.
    is_one_of_several : bool
        Whether the photo's other faces were explained too.
    card : mapping
        The classifier's card, with its measured figures.
    request : TextRequest
        Kind of prompt and language of the text.
    label : str or None
        The true class, where it is known.
    """

    fusion: Fusion
    explanation: Explanation
    writer: Writer = field(default_factory=OfflineWriter, repr=False)
    note: str | None = None
    index: int = 0
    is_one_of_several: bool = False
    card: Mapping[str, Any] = field(default_factory=dict, repr=False)
    request: TextRequest = field(default_factory=TextRequest, repr=False)
    label: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "card", MappingProxyType(dict(self.card)))

    @classmethod
    def from_evidence(
        cls,
        evidence: Evidence,
        params: FusionParams | None = None,
        target: str | None = None,
        writer: Writer | None = None,
        request: TextRequest | None = None,
        *,
        refresh: bool = False,
        index: int = 0,
        is_one_of_several: bool = False,
        card: Mapping[str, Any] | None = None,
        label: str | None = None,
    ) -> Result:
        """Fuse and explain evidence.

        Parameters
        ----------
        evidence : Evidence
        params : FusionParams, optional
        target : str, optional
            The class to explain; the predicted one by default.
        writer : Writer, optional
            The offline writer by default. If it fails, the offline writer takes its place: `note`
            and a `WriterWarning` say so.
        request : TextRequest, optional
            Kind of prompt and language; the paper's prompt in English by default.
        refresh : bool
            Ask a language model again even if its answer is cached.
        index, is_one_of_several, card, label
            As the attributes of these names.

        Raises
        ------
        WriterError
            If there is nothing to contrast with.
        ValueError
            If the target is none of the seven.
        """
        writer, request = writer or OfflineWriter(), request or TextRequest()
        fusion = fuse(evidence, params, target)
        explanation = explain(fusion, writer, request, refresh=refresh)
        note = explanation.note
        return cls(
            fusion,
            explanation,
            writer,
            note,
            index,
            is_one_of_several,
            card or {},
            request,
            label,
        )

    @property
    def evidence(self) -> Evidence:
        """Return what was measured once; it does not depend on any parameter."""
        return self.fusion.evidence

    @property
    def face(self) -> Face:
        """Return the face with its photo."""
        return self.evidence.face

    @property
    def name(self) -> str:
        """Return the photo's file name, or "photo" where there is none."""
        return self.face.photo_name or "photo"

    @property
    def predicted(self) -> str:
        """Return the class with the highest probability."""
        return self.fusion.predicted

    @property
    def target(self) -> str:
        """Return the class being explained; by default the predicted one."""
        return self.fusion.target

    @property
    def predicted_probability(self) -> float:
        """Return the probability of the predicted class, 0-1."""
        return self.evidence.prediction.confidence

    @property
    def params(self) -> FusionParams:
        """Return the parameters of the fusion."""
        return self.fusion.params

    @property
    def heatmap(self) -> Heatmap:
        """Return the target class's map, signed, at the layer's resolution."""
        return self.evidence.heatmap(self.target)

    @property
    def action_units(self) -> tuple[AUResult, ...]:
        """Return every AU that has landmarks, ascending, each with its state and the reason."""
        return self.fusion.action_units

    @property
    def active(self) -> tuple[int, ...]:
        """Return the active AUs in the fusion's order, the highest score first."""
        return self.fusion.active

    @property
    def text(self) -> str:
        """Return the explanation's sentences; treat a language model's as untrusted."""
        return self.explanation.text

    @cached_property
    def contrast(self) -> Contrast | None:
        """Return what tells the prediction from its runner-up or from the label.

        None where the margin is not small and no other label is known, and where the explanation
        contrasts two classes already.
        """
        if self.request.kind == CONTRAST:
            return None
        return write_contrast(self.fusion, self.label, self.request.language)

    @property
    def check(self) -> Check:
        """Return the check of the text against the fusion."""
        return self.explanation.check

    def overlay(self, *, scale: int = OVERLAY_SCALE, legend: bool = True) -> Image:
        """Draw the map, its outline at the threshold and the landmarks on the grey face.

        Parameters
        ----------
        scale : int
            Pixels for a crop pixel, at least 1.
        legend : bool
            Put title, colour scale and marks below the face.

        Returns
        -------
        PIL.Image.Image
            RGB, 224 * scale pixels wide.
        """
        return overlay_image(self.fusion, scale=scale, legend=legend)

    def figure(self, kind: str = "overlay", *, opacity: float = 1.0) -> Figure:
        """Draw an interactive figure; hovering shows each value.

        Parameters
        ----------
        kind : {"overlay", "probabilities", "action_units"}
            The face with map and landmarks, the seven probabilities, or intensity and coverage of
            every AU.
        opacity : float
            Of the overlay's map, 0-1.

        Returns
        -------
        plotly.graph_objects.Figure

        Raises
        ------
        InputError
            If there is no such kind.
        """
        from xfera_nb.figures import plots

        if kind == "overlay":
            return plots.overlay_figure(self.fusion, opacity=opacity)
        if kind == "probabilities":
            return plots.probability_figure(self.evidence.prediction)
        if kind == "action_units":
            return plots.action_units_figure(self.fusion)
        raise unknown_name("figure", kind, FIGURES)

    def with_params(
        self,
        params: FusionParams | None = None,
        *,
        target: str | None = None,
        writer: Writer | str | None = None,
        k: float | None = None,
        min_intensity: float | None = None,
        coverage: float | None = None,
        saliency_weight: float | None = None,
        region: str | None = None,
        scope: str | None = None,
        rule: str | None = None,
        **unknown: Any,
    ) -> Result:
        """Fuse and explain the same evidence again; nothing is measured again.

        Parameters
        ----------
        params : FusionParams, optional
            In place of the present ones.
        target : str, optional
            The class to explain; the present one by default.
        writer : Writer or str, optional
            The present one by default; a language model is asked again.
        k, min_intensity, coverage, saliency_weight, region, scope, rule
            Single parameters of `FusionParams`, as in ``with_params(k=1.5)``.

        Returns
        -------
        Result

        Raises
        ------
        ParamsError
            If a parameter is unknown or not valid; the message suggests the nearest name.
        WriterError
            If there is no writer of that name, or it lacks a key.
        InputError
            If the target is none of the seven.
        """
        if unknown:
            options = (*self.params.to_dict(), "params", "target", "writer")
            raise unknown_name("parameter", next(iter(unknown)), options, ParamsError)
        changed = (params or self.params).replace(
            k=k,
            min_intensity=min_intensity,
            coverage=coverage,
            saliency_weight=saliency_weight,
            region=region,
            scope=scope,
            rule=rule,
        )
        return self._remade(params=changed, target=target, writer=writer)

    def with_text(
        self,
        writer: Writer | str | None = None,
        *,
        language: str | None = None,
        prompt: str | None = None,
        contrast_with: str | None = None,
        refresh: bool = False,
    ) -> Result:
        """Explain the same fusion in another text.

        Parameters
        ----------
        writer : Writer or str, optional
            The present one by default.
        language : str, optional
            "en", "it", "es" or "de"; the present one by default.
        prompt : str, optional
            "paper", "strict" or "contrast"; the present one by default.
        contrast_with : str, optional
            The class to contrast with.
        refresh : bool
            Ask a language model again even if its answer is cached.

        Raises
        ------
        WriterError
            If one of them is not known, or the writer lacks a key.
        """
        kind = prompt or (CONTRAST if contrast_with else self.request.kind)
        kept = self.request.contrast_with if prompt is None else None
        language = language or self.request.language
        request = TextRequest(kind, language, contrast_with or kept, self.request.person)
        return self._remade(writer=writer, request=request, refresh=refresh)

    def _remade(
        self,
        *,
        params: FusionParams | None = None,
        target: str | None = None,
        writer: Writer | str | None = None,
        request: TextRequest | None = None,
        refresh: bool = False,
    ) -> Result:
        return Result.from_evidence(
            self.evidence,
            params or self.params,
            target or self.target,
            load_writer(writer) if isinstance(writer, str) else writer or self.writer,
            request or self.request,
            refresh=refresh,
            index=self.index,
            is_one_of_several=self.is_one_of_several,
            card=self.card,
            label=self.label,
        )

    def ablate(self) -> Ablation:
        """Remove each active AU from the facts in turn: does it leave the text?

        A language model is asked once for each AU that it names.

        Raises
        ------
        WriterError
            If the writer gave no text.
        """
        return ablate(self.fusion, self.writer, self.request)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as one JSON object: what ``xfera explain --json`` prints."""
        return build_record(self)

    def to_frame(self) -> DataFrame:
        """Return a table with one row for each AU.

        Returns
        -------
        DataFrame
            Indexed by the AU's code ("AU06"). Its columns are the keys of `to_dict`'s
            ``action_units``, with the intensities of the sides as ``left`` and ``right``. What is
            unknown is NaN, in ``present`` and ``attended`` NA.
        """
        import pandas as pd

        rows = [
            {**entry, **{side: (entry[side] or {}).get("intensity") for side in ("left", "right")}}
            for entry in self.to_dict()["action_units"]
        ]
        frame = pd.DataFrame(rows).set_index("au")
        kinds = dict.fromkeys(frame, "float") | {"present": "boolean", "attended": "boolean"}
        for name in ("state", "active", "expected", "reason"):
            del kinds[name]
        return frame.astype(kinds)

    def save_html(self, path: str | Path) -> None:
        """Write a self-contained page.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        save_file(path, page_html([self]))

    def save_pdf(self, path: str | Path) -> None:
        """Write a PDF of at most two A4 sides, printed by a Chromium, Chrome or Edge on PATH.

        Raises
        ------
        PdfError
            If there is no such browser, or it does not print.
        SaveError
            If the file cannot be written.
        """
        check_writable(path)
        save_file(path, print_pdf(page_html([self])))

    def save_handout(self, path: str | Path) -> None:
        """Write a handout of one A4 page, as PDF or HTML by the ending of the file's name.

        Raises
        ------
        PdfError
            If a PDF is wanted and no Chromium, Chrome or Edge is on PATH, or it does not print.
        SaveError
            If the name ends otherwise, or the file cannot be written.
        """
        save_handout([HandoutFace.from_result(self)], path)

    def _repr_html_(self) -> str:
        return explanation_html(self)

    def _repr_png_(self) -> bytes:
        return to_png(self.overlay(scale=2))

    def __str__(self) -> str:
        return plain_text(self)

    def __repr__(self) -> str:
        active = " ".join(map(au_name, self.active)) or "no active AU"
        level = self.fusion.confidence_level.lower()
        return f"<Result {clean(self.name)}: {self.predicted}, {level} confidence; {active}>"


class Results(tuple[Result, ...]):
    """Hold several results in order: a tuple that displays in a notebook, prints, and saves itself.

    The faces of one photo stand from left to right.
    """

    __slots__ = ()

    def __new__(cls, results: Iterable[Result] = ()) -> Results:
        return super().__new__(cls, results)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one JSON object for each face."""
        return [result.to_dict() for result in self]

    def to_frame(self) -> DataFrame:
        """Return a table with one row for each face.

        Returns
        -------
        DataFrame
            Columns ``photo`` and ``face`` (its number), ``predicted``, ``target``, ``confidence``
            (probability of the predicted class, 0-1), ``tilt`` (degrees by which the face is
            turned clockwise on its photo) and the intensity of each AU, 0-5, as "AU01" and so on.
            What is unknown is NaN.
        """
        import pandas as pd

        names = ("photo", "face", "predicted", "target", "confidence", "tilt")
        rows = [
            (one.name, one.index, one.predicted, one.target)
            + (one.predicted_probability, one.face.tilt)
            + tuple(math.nan if au.intensity is None else au.intensity for au in one.action_units)
            for one in self
        ]
        return pd.DataFrame(rows, columns=[*names, *map(au_name, LANDMARK_AUS)])

    def save_html(self, path: str | Path) -> None:
        """Write all faces into one self-contained page.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        save_file(path, page_html(self))

    def save_pdf(self, path: str | Path) -> None:
        """Write all faces into one PDF; errors as for `Result.save_pdf`."""
        check_writable(path)
        save_file(path, print_pdf(page_html(self)))

    def save_handout(self, path: str | Path) -> None:
        """Write a handout: one face fills one A4 page, several stand as cards, six on a page.

        The settings stand once, at the end. Errors as for `Result.save_handout`; without a face it
        is a `SaveError`.
        """
        save_handout(map(HandoutFace.from_result, self), path)

    def _repr_html_(self) -> str:
        return "".join(explanation_html(result) for result in self)

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))

    def __repr__(self) -> str:
        return f"<Results: {count_of(len(self), 'face')}>\n" + "\n".join(map(repr, self))
