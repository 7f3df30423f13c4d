"""What follows from the choices: fusing anew, measuring anew, taking what came back.

A choice says how far its consequences reach (`_DIRTY`); what several choices bring about is done
once. Outcomes of overtaken wishes are dropped by number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from traitlets import observe

from xfera_nb.classifier import Classifier
from xfera_nb.errors import ParamsError, XferaError
from xfera_nb.fusion import Fusion, FusionParams, fuse
from xfera_nb.widgets.explainer.choices import PARAMS, Choices
from xfera_nb.widgets.explainer.evidence_cache import ALL_AT_ONCE, Measured, Measurer, Request
from xfera_nb.widgets.explainer.writing import Written
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.photos import Photo

_MEASURED_BY = ("face_index", "layer", "method", "au_source")
_DIRTY = ("", "fusion", "evidence", "photo")


class Following(Choices):
    """Choices whose consequences are drawn; the part of `ExplainerState` that reacts."""

    _shown: Photo
    _measurer: Measurer
    _good: tuple[str, str, str]

    def _begin(self, measurer: Measurer) -> None:
        """Nothing shown yet, and nothing to be worked out until the first face is."""
        self._held, self._dirty, self._aside = 1, "", False
        self._wish = self._asked = 0
        self._written: Written | None = None
        self._measurer = measurer

    @property
    def photo_name(self) -> str:
        """Name of the photo that is shown."""
        return self._shown.name

    @property
    def photo_source(self) -> Any:
        """What the photo that is shown was given as."""
        return self._shown.source

    @property
    def classifier(self) -> Classifier:
        """The network that measures; loaded where it was not yet.

        Raises
        ------
        ModelError
            If its weights are missing or damaged.
        """
        return self._measurer.classifier

    @property
    def params(self) -> FusionParams:
        """The parameters as one value; setting it sets them all at once."""
        return FusionParams(**{name: getattr(self, name) for name in PARAMS})

    @params.setter
    def params(self, params: FusionParams) -> None:
        self.set(**params.to_dict())

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

    @observe(*PARAMS, "emotion")
    def _on_choice(self, change: dict[str, Any]) -> None:
        slow = change["name"] == "emotion" and self.method != ALL_AT_ONCE
        self._follow("evidence" if slow else "fusion")

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


def _same(one: Fusion, other: Fusion) -> bool:
    return (
        one.evidence is other.evidence
        and one.params == other.params
        and one.target == other.target
    )
