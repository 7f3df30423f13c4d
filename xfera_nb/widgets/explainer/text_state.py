"""Choose how an explanation is written, and write it: the part of an Explainer that is about text.

What is shown, and the fusion to explain, come from the class that builds on this one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from traitlets import Bool, Dict, Enum, HasTraits, Instance, Unicode

from xfera_nb.errors import XferaError
from xfera_nb.explanation import (
    CONTRAST,
    LANGUAGES,
    PAPER,
    PROMPT_KINDS,
    WRITERS,
    Explanation,
    TextRequest,
    Writer,
    load_writer,
    write_explanation,
)
from xfera_nb.explanation.choices import ENGLISH, FIRST_PERSON, PERSONS, PICTURE_WRITERS
from xfera_nb.faces.regions import HiddenPart
from xfera_nb.facs import EMOTIONS, parse_emotion
from xfera_nb.fusion import Fusion, FusionParams
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.photos import PhotoEntry


class Subject(NamedTuple):
    """Name what is shown: the face, how it was measured, the class and the parameters.

    Attributes
    ----------
    face : tuple of PhotoEntry and int
        The photo, and the index of the face on it.
    hidden : tuple of (str or (x, y, radius))
        Parts of the face that are blurred.
    layer, method, au_detector, target : str
    params : FusionParams
    """

    face: tuple[PhotoEntry, int]
    hidden: tuple[HiddenPart, ...]
    layer: str
    method: str
    au_detector: str
    target: str
    params: FusionParams


class EmotionTrait(Enum):
    """Take one of the seven emotions in any word of the label table, such as "Happiness"."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the emotion's own name."""
        return super().validate(obj, parse_emotion(value) if isinstance(value, str) else value)


class TextState(background.RunsInBackground, HasTraits):
    """Hold the choices of the text, and the last explanation; see `ExplainerState`.

    Attributes
    ----------
    explanation : Explanation or None
    draft : str
        Its text so far, while it is written.
    note : str
        Why the offline writer took over, where it did.
    stale : bool
        Whether the explanation is about other parameters, another class or another face.
    writing : bool
    error : str
        A sentence or two; empty when nothing failed.
    """

    writer = Unicode("offline")
    writer_options = Dict()
    language = Enum(tuple(LANGUAGES), ENGLISH)
    prompt = Enum(tuple(PROMPT_KINDS), PAPER)
    contrast_with = EmotionTrait(EMOTIONS, None, allow_none=True)
    person = Enum(tuple(PERSONS), FIRST_PERSON)

    explanation = Instance(Explanation, allow_none=True)
    draft = Unicode("")
    note = Unicode("")
    stale = Bool(False)
    writing = Bool(False)
    error = Unicode("")

    def __init__(self) -> None:
        super().__init__()
        self._text_request_id = 0
        self._explained: Subject | None = None  # what the explanation is about
        self._writers: dict[str, Writer] = {}
        self._loaded: tuple[object, Writer] | None = None
        self._last_question: tuple[Writer, TextRequest] | None = None

    @property
    def subject(self) -> Subject:
        """Return what is shown."""
        raise NotImplementedError

    def _fusion_to_explain(self) -> Callable[[Callable[..., None]], Fusion]:
        """Return a function that completes what is shown now, in a thread, for the text.

        It takes `report(function, *arguments)`, which calls a function in the loop meanwhile.
        """
        raise NotImplementedError

    def _choose_text(
        self,
        writer: str | Writer,
        writer_options: Mapping[str, Any] | None,
        language: str,
        prompt: str,
        contrast_with: str | None,
        person: str,
    ) -> None:
        if not isinstance(writer, str):
            self._writers[writer.name] = writer
        self.writer = writer if isinstance(writer, str) else writer.name
        self.writer_options = dict(writer_options or {})
        other = None if contrast_with is None else parse_emotion(contrast_with)
        request = TextRequest(prompt, language, other, person)
        self.language, self.prompt = request.language, request.kind
        self.contrast_with, self.person = request.contrast_with, request.person

    @property
    def writers(self) -> tuple[str, ...]:
        """Return the writers to choose from."""
        return tuple(dict.fromkeys((self.writer, *self._writers, *WRITERS)))

    @property
    def takes_options(self) -> bool:
        """Say whether `writer_options` are for the chosen writer: one by name, with a model."""
        return self.writer != "offline" and self.writer not in self._writers

    @property
    def text_request(self) -> TextRequest:
        """Return how the text is asked for now."""
        contrast_with = self.contrast_with if self.prompt == CONTRAST else None
        return TextRequest(self.prompt, self.language, contrast_with, self.person)

    @property
    def shows_live_text(self) -> bool:
        """Say whether the offline writer's live sentences stand in for a written explanation."""
        written = self.explanation
        return written is None or (self.stale and written.model is None)

    @property
    def explained_photo(self) -> str | None:
        """Return the name of the photo that the explanation is about; None without one."""
        return None if self._explained is None else self._explained.face[0].name

    @property
    def explains_another_face(self) -> bool:
        """Say whether the explanation is about another face than the one that is shown."""
        return self._explained is not None and self._explained.face != self.subject.face

    def explain(self, *, refresh: bool | None = None) -> None:
        """Write the explanation of what is shown now; a failure goes to `note` or `error`.

        Parameters
        ----------
        refresh : bool, optional
            Ask a language model again even where its answer is cached; by default where the last
            explanation answers the same question already.
        """
        try:
            writer = self.loaded_writer()
        except XferaError as error:
            self.error = str(error)
            return
        self._text_request_id += 1
        request_id, request = self._text_request_id, self.text_request
        subject, complete = self.subject, self._fusion_to_explain()
        question = (writer, request)
        if refresh is None:
            is_answered = self.explanation is not None and not self.stale
            refresh = is_answered and question == self._last_question
        self._last_question = question
        self.writing, self.draft, self.note, self.error = True, "", "", ""

        def write(report: Callable[..., None]) -> Explanation:
            return write_explanation(
                complete(report),
                writer,
                request,
                refresh=refresh,
                report=lambda text: report(self._take_draft, request_id, text),
            )

        background.run(
            write,
            lambda outcome: self._take_text(request_id, subject, outcome),
            in_background=self._in_background,
        )

    def loaded_writer(self) -> Writer:
        """Return the chosen writer, with its options.

        Raises
        ------
        WriterError
            If it lacks a key, or does not know an option.
        """
        if self.writer in self._writers:
            return self._writers[self.writer]
        options = dict(self.writer_options) if self.takes_options else {}
        if self.writer not in PICTURE_WRITERS:
            options.pop("send_image", None)
        key = (self.writer, json.dumps(options, sort_keys=True, default=str))
        if self._loaded is None or self._loaded[0] != key:
            self._loaded = (key, load_writer(self.writer, **options))
        return self._loaded[1]

    def _mark_stale(self) -> None:
        self.stale = self._explained is not None and self._explained != self.subject

    def _take_draft(self, request_id: int, text: str) -> None:
        if request_id == self._text_request_id:
            self.draft = text

    def _take_text(
        self, request_id: int, subject: Subject, outcome: Explanation | XferaError
    ) -> None:
        if request_id != self._text_request_id:
            return
        self.writing = False
        if isinstance(outcome, XferaError):
            self.error = str(outcome)
            return
        self._explained = subject
        self.draft, self.note, self.explanation = outcome.text, outcome.note or "", outcome
        self._mark_stale()
