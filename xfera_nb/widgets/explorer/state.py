"""Explore a store without a screen: its faces filtered, counted, sorted, and one of them picked.

Every choice is a trait; `selection` follows from them at once by array arithmetic; photos are read
only when they are shown, and maps when the first filter on them is used or counted. Views observe
the traits and hold nothing themselves. No widget library is imported here.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from traitlets import (
    Bool,
    Enum,
    Float,
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
from xfera_nb.evaluation.error_groups import ERROR_GROUPS
from xfera_nb.evidence import Evidence, EvidenceStore, Row
from xfera_nb.evidence.crop_rule import read_crop_rule
from xfera_nb.facs import EMOTIONS
from xfera_nb.facs.table2 import LANDMARK_AUS
from xfera_nb.fusion import FusionParams
from xfera_nb.widgets.explainer.opening import open_in_explainer
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.explorer.fused_faces import FusedFaces, FusionColumns
from xfera_nb.widgets.explorer.selection import (
    CORRECTNESS,
    FILTERS,
    LABELS,
    NEED_FUSION,
    PAGE_SIZE,
    SORTS,
    UNLABELLED,
    Selection,
    Selector,
)
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.batched_choices import BatchedChoices
from xfera_nb.widgets.shared.photos import PhotoEntry
from xfera_nb.widgets.shared.stored_faces import LEVELS, StoredFaces
from xfera_nb.widgets.shared.thumbnails import PhotoFinder, Thumbnail

SHOW = ("errors", "all")
"""What an Explorer opens on."""
TILE_SIZES = {"small": (64, 60), "medium": (96, PAGE_SIZE), "large": (192, 12)}
"""Size -> side of a thumbnail in pixels, photos on a page."""
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
        0-1; the disagreement is None where it is undefined, and until the faces are fused.
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


class ExplorerState(background.RunsInBackground, BatchedChoices):
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
    show : "errors" or "all"
        What it opens on. A store without a wrong prediction, or without labels, opens on all.

    Attributes
    ----------
    true : str or None
        Only faces with this label, or `UNLABELLED` ones.
    predicted : str or None
        Only faces with this prediction.
    correctness : "correct", "wrong" or None
        Whether the prediction is the label.
    error_group : str or None
        Only wrong predictions of this group of `xfera_nb.evaluation.error_groups.ERROR_GROUPS`.
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
    tile_size : str
        One of `TILE_SIZES`; another one sets `page_size` too.
    params : FusionParams
    selection : Selection
    picked : int
        Number of the photo that was picked; -1 for none.
    why : ErrorAnalysis or None
        The facts of the picked face.
    evidence : Evidence or None
        Its evidence; None where its photo is not there.
    explainer : ExplainerState or None
        The picked face in the Explainer, once `explain` opened it; the same object for every pick.
    counting : bool
        Whether the faces are being fused in the background; the counts of what depends on it
        follow.
    busy, error : str

    Raises
    ------
    StoreError
        If the store is not there or damaged.
    ParamsError
        If `show` is not one of `SHOW`.
    """

    true = Enum(LABELS, None, allow_none=True)
    predicted = Enum(EMOTIONS, None, allow_none=True)
    correctness = Enum(CORRECTNESS, None, allow_none=True)
    error_group = Enum(tuple(ERROR_GROUPS), None, allow_none=True)
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
    tile_size = Enum(tuple(TILE_SIZES), "medium")

    params = Instance(FusionParams, ())
    selection = Instance(Selection)
    picked = Int(-1)
    why = Instance(ErrorAnalysis, allow_none=True)
    evidence = Instance(Evidence, allow_none=True)
    explainer = Instance(ExplainerState, allow_none=True)
    counting = Bool(False)
    busy = Unicode("")
    error = Unicode("")

    def __init__(
        self,
        store: EvidenceStore | str | PathLike[str],
        *,
        photos: str | PathLike[str] | Dataset | None = None,
        params: FusionParams | None = None,
        classifier: Classifier | str | PathLike[str] | None = None,
        show: str = "errors",
    ) -> None:
        super().__init__()
        if show not in SHOW:
            raise unknown_name("choice of what to show", show, SHOW, ParamsError)
        self._paused, self._request_id = 1, 0
        self._pending: set[str] = set()
        self.store = store if isinstance(store, EvidenceStore) else EvidenceStore.open(store)
        self._classifier = Path(classifier) if isinstance(classifier, PathLike) else classifier
        self._crop_rule = read_crop_rule(self.store.manifest["classifier"])
        self._row: Row | None = None
        self._asked = -1
        self._lock = threading.Lock()
        self._columns: FusionColumns | None = None
        self._fused: FusedFaces | None = None
        self.faces = StoredFaces.read(self.store)
        self._selector = Selector(self.faces)
        self.finder = PhotoFinder(self.store.source, photos)
        self.params = params or FusionParams()
        if show == "errors" and self.faces.wrong.any():
            self.correctness = "wrong"
        self._paused = 0
        self._update("select")

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

    @property
    def place(self) -> int | None:
        """Return the picked photo's place among those that pass the filters, from 0, or None."""
        return self._place_of(self.picked)

    @property
    def fused(self) -> FusedFaces:
        """Return all faces fused under `params`; worked out when first asked for.

        Raises
        ------
        StoreError
            If a shard is missing or damaged.
        """
        with self._lock:
            if self._fused is None or self._fused.params != self.params:
                if self._columns is None:
                    self._columns = FusionColumns.read(self.store, self.faces)
                self._fused = self._columns.fuse(self.params)
            return self._fused

    def count(self, name: str) -> dict[Any, int]:
        """Count the values of one filter among the photos that pass all the others.

        Parameters
        ----------
        name : str
            A filter with values, such as "error_group" or "person".

        Raises
        ------
        ParamsError
            If there is no such filter.
        """
        if name in NEED_FUSION:
            self.fuse()
        if name not in self.selection.counts:
            raise unknown_name("filter with values", name, self.selection.counts, ParamsError)
        return dict(self.selection.counts[name])

    def tile(self, row: int) -> Tile:
        """Return what the gallery says of one row."""
        faces, shown = self.faces, self.faces.shown(row)
        true, predicted = faces.true[row], faces.predicted[row]
        fused = self._fused if self._is_fused else None
        return Tile(
            int(faces.number[row]),
            shown.id,
            None if true < 0 else EMOTIONS[true],
            None if predicted < 0 else EMOTIONS[predicted],
            _known(faces.confidence[row]),
            _known(faces.margin[row]),
            None if fused is None else _known(fused.disagreement[row]),
            shown.reason,
        )

    def thumbnail(self, row: int) -> Thumbnail:
        """Return a row's thumbnail, read now unless it is cached; callable from any thread."""
        return self.finder.thumbnail_of(self.faces, row, TILE_SIZES[self.tile_size][0])

    # What can be done

    def choose_cell(self, true: str | None, predicted: str | None) -> None:
        """Show one cell of the matrix, a whole row or column (None), or all.

        Where a cell, or the row without labels, has none of what `correctness` asks for, that
        filter is removed.
        """
        outcome = self.correctness
        is_cell = true is not None and predicted is not None
        if true == UNLABELLED or (
            is_cell and outcome != ("correct" if true == predicted else "wrong")
        ):
            outcome = None
        self.set(true=true, predicted=predicted, correctness=outcome)

    def clear(self) -> None:
        """Remove all filters; the order stays."""
        self.set(**{name: self.traits()[name].default_value for name in FILTERS})

    def fuse(self) -> None:
        """Fuse the faces, so that what depends on the maps is counted; within a thread, later."""
        if self._is_fused:
            return
        self.counting = True
        background.run(
            lambda report: self.fused, self._take_fused, in_background=self._in_background
        )

    def pick(self, number: int) -> None:
        """Open one photo: why it was classified so, and its evidence.

        Where the photo is not there any more, the facts come from the store alone and `error` says
        so; the Explainer keeps what it shows.

        Raises
        ------
        ParamsError
            If the store has no such photo.
        """
        row = self.faces.row(number)
        if row is None:
            raise ParamsError(f"The store has no photo {number}.")
        self._request_id += 1
        request_id = self._request_id
        self._asked = number
        self.busy = f"Opening {self.faces.shown(row).id} …"
        background.run(
            lambda report: self._open(number),
            lambda outcome: self._take(request_id, outcome),
            in_background=self._in_background,
        )

    def step(self, by: int) -> None:
        """Pick the photo that many places on among those that pass the filters; turn the page."""
        at, last = self._place_of(self._asked), len(self.selection) - 1
        to = min(max((-1 if at is None else at) + by, 0), last)
        if last < 0 or to == at:
            return
        self.page = to // self.page_size
        self.pick(int(self.faces.number[self.selection.rows[to]]))

    def close(self) -> None:
        """Pick no photo; the Explainer keeps what it shows."""
        self._request_id += 1
        self._row, self._asked, self.busy, self.error = None, -1, "", ""
        with self.hold_trait_notifications():
            self.picked, self.why, self.evidence = -1, None, None

    def explain(self) -> None:
        """Open the picked face in the Explainer, which follows the picks from then on."""
        if self.evidence is not None and self._row is not None:
            name = self.evidence.face.photo_name or self._row.id
            self._show(PhotoEntry(name, self.evidence, self._row.emotion))

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

    @observe("tile_size")
    def _on_tile_size(self, change: dict[str, Any]) -> None:
        self.page_size = TILE_SIZES[change["new"]][1]

    @observe("params")
    def _on_params(self, _: dict[str, Any]) -> None:
        self._update("fuse")

    @property
    def _is_fused(self) -> bool:
        return self._fused is not None and self._fused.params == self.params

    @property
    def _needs_fusion(self) -> bool:
        filters = (getattr(self, name) != self.traits()[name].default_value for name in NEED_FUSION)
        return self.sort == "disagreement" or any(filters)

    def _update(self, *steps: str) -> None:
        self._pending |= set(steps)
        if self._paused or not self._pending:
            return
        pending, self._pending = self._pending, set()
        if "fuse" in pending:
            self._update_explainer()
            if self._fused is not None and not self._is_fused:
                if "select" in pending:
                    self.page = 0
                self.fuse()  # selects when it is done
                return
        self._select(0 if "select" in pending else self.page)

    def _select(self, page: int) -> None:
        fused = self.fused if self._is_fused or self._needs_fusion else None
        with self.hold_trait_notifications():
            self.selection = self._selector.select(self, fused)
            self.page = min(page, self.pages - 1)

    def _take_fused(self, outcome: FusedFaces | XferaError) -> None:
        if isinstance(outcome, XferaError):
            self.counting, self.error = False, str(outcome)
            return
        if not self._is_fused:  # the parameters are other ones by now
            self.fuse()
            return
        self.counting = False
        self._select(self.page)

    def _update_explainer(self) -> None:
        if self._row is not None and self._row.has_face:
            self.why = self._analyse(self._row)
        if self.explainer is not None and self.explainer.params != self.params:
            self.explainer.params = self.params

    def _analyse(self, row: Row) -> ErrorAnalysis:
        return analyse_error(row, params=self.params, crop_rule=self._crop_rule)

    def _place_of(self, number: int) -> int | None:
        row = self.faces.row(number)
        places = np.flatnonzero(self.selection.rows == (-1 if row is None else row))
        return int(places[0]) if len(places) else None

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
        with self.hold_trait_notifications():
            self.picked, self.evidence = row.number, evidence
            self.why = self._analyse(row) if row.has_face else None
        if self.explainer is not None:
            self.explain()

    def _show(self, photo: PhotoEntry) -> None:
        self.explainer = open_in_explainer(self.explainer, photo, self.params, self._classifier)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
