"""The Explorer without a screen: a store's faces, filtered, sorted, and one of them picked.

Every choice is a trait; `selection` follows from them at once by array arithmetic, photos are read
only when they are shown. Views observe the traits and hold nothing themselves. No widget library
is imported here.

A change made in Python is done when the line returns. A view that must not hold up the kernel
picks
`in_background`, which reads the photo in a thread; a pick that is overtaken is dropped.
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
from traitlets import Instance, Int, Unicode, observe

from xfera_nb.classifier import Classifier
from xfera_nb.datasets import Dataset
from xfera_nb.errors import ParamsError, PhotoError, XferaError
from xfera_nb.evaluation.error_analysis import ErrorAnalysis, analyse_error
from xfera_nb.evidence import Evidence, EvidenceStore, Row
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.explorer.choices import (
    FILTERS,
    ExplorerChoices,
    Selection,
    select,
)
from xfera_nb.widgets.explorer.columns import StoredFaces
from xfera_nb.widgets.explorer.photos import PhotoFinder, Thumbnail
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.photos import PhotoEntry

OPENED = 12
"""Faces that stay in the Explainer's list."""
_ORDER = ("sort", "descending")


@dataclass(frozen=True, slots=True)
class Tile:
    """One photo of the gallery; what was measured is None without a face.

    Attributes
    ----------
    number : int
        Place in the data set: what `ExplorerState.pick` takes.
    id : str
    true, predicted : str or None
    confidence, margin, disagreement : float or None
        0-1; the disagreement is None where undefined, too.
    reason : str
        Why there is no face, or why there are no movements; mostly empty.
    """

    number: int
    id: str
    true: str | None
    predicted: str | None
    confidence: float | None
    margin: float | None
    disagreement: float | None
    reason: str


class ExplorerState(ExplorerChoices):
    """A store's faces, explored.

    Parameters
    ----------
    store : EvidenceStore or path
    photos : path or Dataset, optional
        Where the photos are now: the new place of the folder that was extracted, or the data set.
    params : FusionParams, optional
        Algorithm 1's by default.
    classifier : Classifier or path, optional
        The one that made the store, for another layer or method in the Explainer; the shipped one
        by default. It is not needed to explore.

    Attributes
    ----------
    true : str or None
        Only faces with this label, or `UNLABELLED` ones.
    predicted : str or None
        Only faces with this answer.
    answer : "right", "wrong" or None
    person, session, angle, gender, split : str or None
        What the data set knows of a photo.
    level : "High", "Medium", "Low" or None
        Confidence level.
    margin_low, margin_high : float
        Least and greatest margin to the next class, 0-1.
    active_au : int
        Only faces on which this AU is active under `params`, for the predicted class; 0 for any.
    no_evidence : bool
        Only faces on which no place speaks for the predicted class.
    failed : bool
        Only photos without a face, or whose movements could not be measured.
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
        self._held, self._in_background, self._request_id = 1, False, 0
        self._dirty: set[str] = set()
        self.store = store if isinstance(store, EvidenceStore) else EvidenceStore.open(store)
        self._classifier = Path(classifier) if isinstance(classifier, PathLike) else classifier
        self._row: Row | None = None
        self.faces = StoredFaces.of(self.store)
        self.finder = PhotoFinder(self.store.source, photos)
        self.params = params or FusionParams()
        self._held = 0
        self._follow("judge")

    # What is there

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Filters on what the data set knows, as far as it does: name -> values."""
        return {name: values for name, (values, _) in self.faces.groups.items()}

    @property
    def pages(self) -> int:
        """Pages of the gallery, at least 1."""
        return max(1, math.ceil(len(self.selection) / self.page_size))

    @property
    def shown(self) -> np.ndarray:
        """(n,) indices of the rows on the page that is shown."""
        start = self.page * self.page_size
        return self.selection.rows[start : start + self.page_size]

    def tile(self, row: int) -> Tile:
        """What the gallery says of one row."""
        faces, judged = self.faces, self._judged
        true, predicted = faces.true[row], faces.predicted[row]
        return Tile(
            int(faces.number[row]),
            str(faces.ids[row]),
            None if true < 0 else EMOTIONS[true],
            None if predicted < 0 else EMOTIONS[predicted],
            _known(faces.confidence[row]),
            _known(faces.margin[row]),
            _known(judged.disagreement[row]),
            str(faces.reasons[row]),
        )

    def thumbnail(self, row: int) -> Thumbnail:
        """A row's small picture, read now unless it was lately; any thread may ask."""
        return self.finder.of(self.faces, row)

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
    def in_background(self) -> Iterator[None]:
        """Within it, photos are read in a thread where a loop runs."""
        before, self._in_background = self._in_background, True
        try:
            yield
        finally:
            self._in_background = before

    def choose_cell(self, true: str | None, predicted: str | None) -> None:
        """Show one cell of the matrix, a whole row or column (None), or all."""
        self.set(true=true, predicted=predicted, answer=None)

    def clear(self) -> None:
        """No filter; the order stays."""
        self.set(**{name: self.traits()[name].default_value for name in FILTERS})

    def pick(self, number: int) -> None:
        """Open one photo: why the answer is what it is, and the Explainer.

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
            lambda tell: self._opened(number),
            lambda outcome: self._take(request_id, outcome),
            in_background=self._in_background,
        )

    def adopt(self) -> None:
        """Take over the parameters that the Explainer has now; nothing where there is none."""
        if self.explainer is not None:
            self.params = self.explainer.params

    # What follows

    @observe(*FILTERS, *_ORDER, "page_size")
    def _on_choice(self, _: dict[str, Any]) -> None:
        self._follow("select")

    @observe("params")
    def _on_params(self, _: dict[str, Any]) -> None:
        self._follow("judge")

    def _follow(self, *dirty: str) -> None:
        self._dirty |= set(dirty)
        if self._held or not self._dirty:
            return
        late, self._dirty = self._dirty, set()
        if "judge" in late:
            self._judged = self.faces.judge(self.params)
            self._explain_again()
        with self.hold_trait_notifications():
            self.selection = select(self.faces, self._judged, self)
            self.page = 0 if "select" in late else min(self.page, self.pages - 1)

    def _explain_again(self) -> None:
        if self._row is not None and self._row.has_face:
            self.why = analyse_error(self._row, params=self.params)
        if self.explainer is not None and self.explainer.params != self.params:
            self.explainer.params = self.params

    def _opened(self, number: int) -> tuple[Row, Evidence | None, str]:
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
        """Open a photo in the Explainer, behind those that were opened before."""
        explainer = self.explainer
        if explainer is None:
            explainer = ExplainerState(
                photo.source, params=self.params, classifier=self._classifier
            )
            explainer.set(photos=(*explainer.photos, photo), photo_index=1)
            explainer.set(photos=(photo,), photo_index=0)
            self.explainer = explainer
            return
        kept = explainer.photos[-(OPENED - 1) :]
        if len(kept) == explainer.photo_index:  # the same index would be no change
            kept = kept[1:]
        explainer.set(photos=(*kept, photo), photo_index=len(kept), **self.params.to_dict())


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
