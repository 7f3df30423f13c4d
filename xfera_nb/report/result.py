"""What `xfera_nb.explain` returns: one face's evidence, fusion and words, and how they show.

The evidence holds everything that took time. Another setting, another class or another writer
makes a new result from the same evidence (`Result.with_params`); for a sweep over many settings
use `xfera_nb.fuse` or `fuse_many`, which write no text.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xfera_nb.errors import WriterError
from xfera_nb.evidence import Evidence
from xfera_nb.explanation import (
    CONTRAST,
    Ablation,
    Explanation,
    OfflineWriter,
    TextRequest,
    Writer,
    ablate,
    assemble_explanation,
    drop_cached_answer,
    load_writer,
    prepare_prompt,
)
from xfera_nb.faces import Face
from xfera_nb.facs import au_name
from xfera_nb.fusion import Fusion, FusionParams, fuse
from xfera_nb.report.pdf import pdf_of
from xfera_nb.report.plain import clean, plain_text
from xfera_nb.report.record import record
from xfera_nb.report.result_html import explanation_html, page_html
from xfera_nb.report.save import check_writable, write_atomically


class WriterWarning(UserWarning):
    """A language model failed; the offline writer's sentences stand in its place."""


@dataclass(frozen=True, eq=False)
class Result:
    """One explained face. It shows itself in a notebook, and prints.

    Attributes
    ----------
    fusion : Fusion
    explanation : Explanation
    writer : Writer
        Who was asked for the words.
    note : str or None
        A sentence where that writer failed and the offline writer wrote instead.
    index : int
        Number of the face on its photo, from 0, left to right; 0 where only the largest was taken.
    is_one_of_several : bool
        Whether the photo's other faces were explained too.
    card : mapping
        The classifier's card, with its measured figures.
    request : TextRequest
        Kind of prompt and language of the words.
    """

    fusion: Fusion
    explanation: Explanation
    writer: Writer = field(default_factory=OfflineWriter, repr=False)
    note: str | None = None
    index: int = 0
    is_one_of_several: bool = False
    card: Mapping[str, Any] = field(default_factory=dict, repr=False)
    request: TextRequest = field(default_factory=TextRequest, repr=False)

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
        **rest: Any,
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
            Ask a language model anew even where its answer is cached.
        **rest
            `index`, `is_one_of_several` and `card`.

        Raises
        ------
        WriterError
            If there is nothing to contrast with.
        ValueError
            If the target is none of the seven.
        """
        writer, request = writer or OfflineWriter(), request or TextRequest()
        fusion = fuse(evidence, params, target)
        facts, prompt = prepare_prompt(fusion, request)
        note = None
        try:
            if refresh:
                drop_cached_answer(writer, facts, prompt)
            draft = writer.write(facts, prompt)
        except WriterError as error:
            note = f"{error} The sentences here are the offline writer's."
            warnings.warn(note, WriterWarning, stacklevel=2)
            draft = OfflineWriter().write(facts, prompt)
        explanation = assemble_explanation(facts, prompt, draft)
        return cls(fusion, explanation, writer, note, request=request, **rest)

    @property
    def evidence(self) -> Evidence:
        """What was measured, once; no parameter is in it."""
        return self.fusion.evidence

    @property
    def face(self) -> Face:
        """The face on its photo."""
        return self.evidence.face

    @property
    def name(self) -> str:
        """The photo's file name, or "photo" where there is none."""
        return self.face.photo_name or "photo"

    @property
    def predicted(self) -> str:
        """The class with the highest probability."""
        return self.fusion.predicted

    @property
    def target(self) -> str:
        """The class being explained; by default the predicted one."""
        return self.fusion.target

    @property
    def predicted_probability(self) -> float:
        """Probability of the classifier's answer, 0-1."""
        return self.evidence.prediction.confidence

    @property
    def params(self) -> FusionParams:
        """The parameters of the fusion."""
        return self.fusion.params

    @property
    def text(self) -> str:
        """The explanation's sentences. A language model's are a stranger's: escape them."""
        return self.explanation.text

    def with_params(
        self,
        params: FusionParams | None = None,
        *,
        target: str | None = None,
        writer: Writer | str | None = None,
        **changes: Any,
    ) -> Result:
        """The same evidence under other parameters; nothing is measured again.

        Parameters
        ----------
        params : FusionParams, optional
            In place of the present ones.
        target : str, optional
            The class to explain; the present one by default.
        writer : Writer or str, optional
            The present one by default; a language model is asked again.
        **changes
            Single parameters, as in ``with_params(k=1.5)``.

        Raises
        ------
        ParamsError
            If a parameter is unknown or not valid.
        WriterError
            If there is no writer of that name, or it lacks a key.
        ValueError
            If the target is none of the seven.
        """
        params = params or self.params
        return Result.from_evidence(
            self.evidence,
            params.replace(**changes) if changes else params,
            target or self.target,
            load_writer(writer) if isinstance(writer, str) else writer or self.writer,
            self.request,
            index=self.index,
            is_one_of_several=self.is_one_of_several,
            card=self.card,
        )

    def with_text(
        self,
        writer: Writer | str | None = None,
        *,
        language: str | None = None,
        prompt: str | None = None,
        contrast_with: str | None = None,
        refresh: bool = False,
    ) -> Result:
        """The same fusion in other words.

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
            Ask a language model anew even where its answer is cached.

        Raises
        ------
        WriterError
            If one of them is not known, or the writer lacks a key.
        """
        kind = prompt or (CONTRAST if contrast_with else self.request.kind)
        kept = self.request.contrast_with if prompt is None else None
        return Result.from_evidence(
            self.evidence,
            self.params,
            self.target,
            load_writer(writer) if isinstance(writer, str) else writer or self.writer,
            TextRequest(kind, language or self.request.language, contrast_with or kept),
            refresh=refresh,
            index=self.index,
            is_one_of_several=self.is_one_of_several,
            card=self.card,
        )

    def ablate(self) -> Ablation:
        """Take each active movement out of the facts: does it leave the text?

        A language model is asked once for each movement that it names.

        Raises
        ------
        WriterError
            If the writer gave no text.
        """
        return ablate(self.fusion, self.writer, self.request)

    def to_dict(self) -> dict[str, Any]:
        """The result as one JSON object: what ``xfera explain --json`` prints."""
        return record(self)

    def save_html(self, path: str | Path) -> None:
        """Write a self-contained page.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        write_atomically(path, page_html([self]))

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
        write_atomically(path, pdf_of(page_html([self])))

    def _repr_html_(self) -> str:
        return explanation_html(self)

    def __str__(self) -> str:
        return plain_text(self)

    def __repr__(self) -> str:
        active = " ".join(map(au_name, self.fusion.active)) or "no active movement"
        level = self.fusion.confidence_level.lower()
        return f"<Result {clean(self.name)}: {self.predicted}, {level} confidence; {active}>"


class Results(tuple[Result, ...]):
    """The faces of one photo, from left to right: a tuple that shows itself in a notebook."""

    __slots__ = ()

    def __new__(cls, results: Iterable[Result] = ()) -> Results:
        return super().__new__(cls, results)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One JSON object for each face."""
        return [result.to_dict() for result in self]

    def save_html(self, path: str | Path) -> None:
        """Write all faces into one self-contained page.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        write_atomically(path, page_html(self))

    def save_pdf(self, path: str | Path) -> None:
        """Write all faces into one PDF; errors as for `Result.save_pdf`."""
        check_writable(path)
        write_atomically(path, pdf_of(page_html(self)))

    def _repr_html_(self) -> str:
        return "".join(explanation_html(result) for result in self)

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))

    def __repr__(self) -> str:
        return f"<Results: {len(self)} faces>\n" + "\n".join(map(repr, self))
