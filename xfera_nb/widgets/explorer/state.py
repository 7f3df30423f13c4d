"""Explore a store without a screen: its faces filtered, sorted, and one of them picked.

Every choice is a trait; `selection` follows from them at once by array arithmetic; photos are read
only when they are shown. Views observe the traits and hold nothing themselves. No widget library
is imported here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from traitlets import (
    Bool,
    Enum,
    Float,
    HasTraits,
    Instance,
    Int,
    TraitError,
    Unicode,
    observe,
    validate,
)

from xfera_nb.classifier import Classifier
from xfera_nb.datasets import Dataset
from xfera_nb.errors import ParamsError, PhotoError, XferaError, unknown_name
from xfera_nb.evaluation.error_analysis import ErrorAnalysis, analyse_error
from xfera_nb.evidence import Evidence, EvidenceStore, Row
from xfera_nb.facs import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionParams
from xfera_nb.widgets.explainer.opening import open_in_explainer
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.explorer.selection import (
    FILTERS,
    LABELS,
    PAGE_SIZE,
    SORTS,
    Selection,
    select,
)
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.photos import PhotoEntry
from xfera_nb.widgets.shared.stored_faces import LEVELS, StoredFaces
from xfera_nb.widgets.shared.thumbnails import PhotoFinder, Thumbnail

_ORDER = ("sort", "descending")


@dataclass(frozen=True, slots=True)
class Tile:
    """Describe a photo of the gallery; what was measured is None without a face.

    Attributes
    ----------
    number : int
        Place in the data set: what `ExplorerState.pick` takes.
    id : str
    true, predicted : str or None
    confidence, margin, disagreement : float or None
        0-1; the disagreement is None where undefined, too.
    reason : str
        Why there is no face, or why there are no Action Units; mostly empty.
    """

    number: int
    id: str
    true: str | None
    predicted: str | None
    confidence: float | None
    margin: float | None
    disagreement: float | None
    reason: str


class ExplorerState(HasTraits):
    """Hold a store's faces, their filters, and the one that is picked.

    A change made in Python is done when the line returns. A view that must not block the kernel
    picks within `in_background`, which reads the photo in a thread; a pick that is overtaken is
    dropped.

    Parameters
    ----------
    store : EvidenceStore or path
    photos : path or Dataset, optional
        Where the photos are now: the new place of the folder that was extracted, or the data set.
    params : FusionParams, optional
        The recommended preset by default.
    classifier : Classifier or path, optional
        The one that made the store, for another layer or method in the Explainer; the shipped one
        by default. It is not needed to explore.

    Attributes
    ----------
    true : str or None
        Only faces with this label, or `UNLABELLED` ones.
    predicted : str or None
        Only faces with this prediction.
    correctness : "correct", "wrong" or None
        Whether the prediction is the label.
    person, session, angle, gender, split : str or None
        What the data set knows of a photo.
    level : "High", "Medium", "Low" or None
        Confidence level.
    margin_low, margin_high : float
        Least and greatest margin to the next class, 0-1.
    active_au : int
        Only faces on which this AU is active under `params`, for the predicted class; 0 for any.
    no_evidence : bool
        Only faces whose map has no positive evidence for the predicted class.
    failed : bool
        Only photos without a face, or whose Action Units could not be measured.
    sort : str
        One of `SORTS`. By disagreement, see `xfera_nb.evaluation.au_states.measure_disagreement`.
    descending : bool
    page, page_size : int
    params : FusionParams
    selection : Selection
    picked : int
        Number of the photo that was picked; -1 for none.
    why : ErrorAnalysis or None
        The facts of the picked face.
    explainer : ExplainerState or None
        The picked face, explained; the same object for every pick.
    busy, error : str

    Raises
    ------
    StoreError
        If the store is not there or damaged.
    """

    true = Enum(LABELS, None, allow_none=True)
    predicted = Enum(EMOTIONS, None, allow_none=True)
    correctness = Enum(("correct", "wrong"), None, allow_none=True)
    person = Unicode(None, allow_none=True)
    session = Unicode(None, allow_none=True)
    angle = Unicode(None, allow_none=True)
    gender = Unicode(None, allow_none=True)
    split = Unicode(None, allow_none=True)
    level = Enum(LEVELS, None, allow_none=True)
    margin_low = Float(0.0, min=0.0, max=1.0)
    margin_high = Float(1.0, min=0.0, max=1.0)
    active_au = Enum((0, *LANDMARK_AUS), 0)
    no_evidence = Bool(False)
    failed = Bool(False)

    sort = Enum(SORTS, "confidence")
    descending = Bool(True)
    page = Int(0, min=0)
    page_size = Int(PAGE_SIZE, min=1, max=200)

    params = Instance(FusionParams, ())
    selection = Instance(Selection)
    picked = Int(-1)
    why = Instance(ErrorAnalysis, allow_none=True)
    explainer = Instance(ExplainerState, allow_none=True)
    busy = Unicode("")
    error = Unicode("")

    def __init__(
        self,
        store: EvidenceStore | str | PathLike[str],
        *,
        photos: str | PathLike[str] | Dataset | None = None,
        params: FusionParams | None = None,
        classifier: Classifier | str | PathLike[str] | None = None,
    ) -> None:
        super().__init__()
        self._paused, self._in_background, self._request_id = 1, False, 0
        self._pending: set[str] = set()
        self.store = store if isinstance(store, EvidenceStore) else EvidenceStore.open(store)
        self._classifier = Path(classifier) if isinstance(classifier, PathLike) else classifier
        self._row: Row | None = None
        self.faces = StoredFaces.read(self.store)
        self.finder = PhotoFinder(self.store.source, photos)
        self.params = params or FusionParams()
        self._paused = 0
        self._update("fuse")

    # What is there

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Return the filters on what the data set knows: name -> values."""
        return {name: values for name, (values, _) in self.faces.groups.items()}

    @property
    def pages(self) -> int:
        """Return the number of pages of the gallery, at least 1."""
        return max(1, math.ceil(len(self.selection) / self.page_size))

    @property
    def shown(self) -> np.ndarray:
        """Return (n,) indices of the rows on the page that is shown."""
        start = self.page * self.page_size
        return self.selection.rows[start : start + self.page_size]

    def tile(self, row: int) -> Tile:
        """Return what the gallery says of one row."""
        faces, fused = self.faces, self._fused
        true, predicted = faces.true[row], faces.predicted[row]
        return Tile(
            int(faces.number[row]),
            str(faces.ids[row]),
            None if true < 0 else EMOTIONS[true],
            None if predicted < 0 else EMOTIONS[predicted],
            _known(faces.confidence[row]),
            _known(faces.margin[row]),
            _known(fused.disagreement[row]),
            str(faces.reasons[row]),
        )

    def thumbnail(self, row: int) -> Thumbnail:
        """Return a row's thumbnail, read now unless it is cached; callable from any thread."""
        return self.finder.thumbnail_of(self.faces, row)

    # What can be done

    def set(self, **choices: Any) -> None:
        """Change several choices at once; what follows from them is worked out once.

        Raises
        ------
        ParamsError
            If there is no such choice.
        """
        for name in choices:
            if not self.has_trait(name):
                raise unknown_name("choice", name, self.trait_names(), ParamsError)
        self._paused += 1
        try:
            for name, value in choices.items():
                setattr(self, name, value)
        finally:
            self._paused -= 1
            self._update()

    @contextmanager
    def in_background(self) -> Iterator[None]:
        """Read photos in a thread for as long as the context lasts, where a loop runs."""
        before, self._in_background = self._in_background, True
        try:
            yield
        finally:
            self._in_background = before

    def choose_cell(self, true: str | None, predicted: str | None) -> None:
        """Show one cell of the matrix, a whole row or column (None), or all."""
        self.set(true=true, predicted=predicted, correctness=None)

    def clear(self) -> None:
        """Remove all filters; the order stays."""
        self.set(**{name: self.traits()[name].default_value for name in FILTERS})

    def pick(self, number: int) -> None:
        """Open one photo: the analysis of its prediction, and the Explainer.

        Where the photo is not there any more, the facts come from the store alone and `error` says
        so; the Explainer keeps what it shows.

        Raises
        ------
        ParamsError
            If the store has no such photo.
        """
        place = int(np.searchsorted(self.faces.number, number))
        if place >= len(self.faces) or self.faces.number[place] != number:
            raise ParamsError(f"The store has no photo {number}.")
        self._request_id += 1
        request_id = self._request_id
        self.busy = f"Opening {self.faces.ids[place]} …"
        background.run(
            lambda report: self._open(number),
            lambda outcome: self._take(request_id, outcome),
            in_background=self._in_background,
        )

    def take_params(self) -> None:
        """Take the parameters of the Explainer, where there is one."""
        if self.explainer is not None:
            self.params = self.explainer.params

    # What follows from a choice

    @validate("margin_low", "margin_high")
    def _check_number(self, proposal: dict[str, Any]) -> float:
        if not math.isfinite(proposal["value"]):
            raise TraitError(f"{proposal['trait'].name} must be a finite number.")
        return proposal["value"]

    @observe(*FILTERS, *_ORDER, "page_size")
    def _on_choice(self, _: dict[str, Any]) -> None:
        self._update("select")

    @observe("params")
    def _on_params(self, _: dict[str, Any]) -> None:
        self._update("fuse")

    def _update(self, *steps: str) -> None:
        self._pending |= set(steps)
        if self._paused or not self._pending:
            return
        pending, self._pending = self._pending, set()
        if "fuse" in pending:
            self._fused = self.faces.fuse(self.params)
            self._update_explainer()
        with self.hold_trait_notifications():
            self.selection = select(self.faces, self._fused, self)
            self.page = 0 if "select" in pending else min(self.page, self.pages - 1)

    def _update_explainer(self) -> None:
        if self._row is not None and self._row.has_face:
            self.why = analyse_error(self._row, params=self.params)
        if self.explainer is not None and self.explainer.params != self.params:
            self.explainer.params = self.params

    def _open(self, number: int) -> tuple[Row, Evidence | None, str]:
        row = self.store.row(number)
        try:
            return row, self.finder.evidence(row, self.store.manifest), ""
        except PhotoError as error:
            return row, None, str(error)

    def _take(
        self, request_id: int, outcome: tuple[Row, Evidence | None, str] | XferaError
    ) -> None:
        if request_id != self._request_id:
            return
        self.busy = ""
        if isinstance(outcome, XferaError):
            self.error = str(outcome)
            return
        row, evidence, self.error = outcome
        self._row = row
        if evidence is not None:
            self._show(PhotoEntry(evidence.face.photo_name or row.id, evidence, row.emotion))
        with self.hold_trait_notifications():
            self.picked = row.number
            self.why = analyse_error(row, params=self.params) if row.has_face else None

    def _show(self, photo: PhotoEntry) -> None:
        self.explainer = open_in_explainer(self.explainer, photo, self.params, self._classifier)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
