"""Tune the fusion without a screen: a sweep over a store, a setting in it, and what that changes.

Units and limits are those of `FusionParams`; measures are those of `xfera_nb.fusion.MEASURES`.
`chosen` lies on the sweep's grid; `params`, the setting that it is compared with, need not, but a
grid that is not given holds it. Every choice is a trait; no widget library is imported here.

A change made in Python is done when the line returns. A view sweeps `in_background`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from os import PathLike
from types import MappingProxyType
from typing import Any

import numpy as np
from traitlets import Bool, Enum, HasTraits, Instance, Int, Unicode, observe, validate

from xfera_nb.datasets import Dataset
from xfera_nb.errors import ParamsError, XferaError, unknown_name
from xfera_nb.evidence import REGIONS, EvidenceStore, read_excess_drops
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import (
    AXES,
    MEASURES,
    TARGETS,
    Change,
    Changes,
    FusionParams,
    Sweep,
    compare_settings,
    sweep,
)
from xfera_nb.fusion.choices import SCOPES
from xfera_nb.widgets.explainer.code import params_arguments, shorten_path
from xfera_nb.widgets.explorer.selection import PAGE_SIZE
from xfera_nb.widgets.shared import background
from xfera_nb.widgets.shared.stored_faces import StoredFaces
from xfera_nb.widgets.shared.thumbnails import PhotoFinder, Thumbnail

_DEFAULTS = FusionParams()
GRID: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "k": tuple(np.round(np.arange(0, 3.01, 0.2), 2).tolist()),
        "min_intensity": (0.0, 0.3, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0),
        "coverage": tuple(np.round(np.arange(0.1, 1.01, 0.1), 2).tolist()),
        "saliency_weight": (0.0, 0.5, 1.0, 2.0, 5.0),
    }
)
"""The default grid; the values of `params` are added."""
_SWEPT_BY = ("target", "region", "scope", "neutral")


class TunerState(background.RunsInBackground, HasTraits):
    """Hold a store's faces under every setting of a grid, and the chosen one.

    Parameters
    ----------
    store : EvidenceStore or path
    photos : path or Dataset, optional
        Where the photos are now, for thumbnails; as in `ExplorerState`.
    params : FusionParams, optional
        The current setting; the recommended preset by default.
    grid : mapping of str to sequence of float, optional
        Parameter -> values; `GRID` for those that are not given.
    measure, emotion, target, neutral, rows, columns, along : optional
        First values of these traits.

    Attributes
    ----------
    measure : str
        One of `MEASURES`.
    emotion : str or None
        Only the faces of this emotion; all by default.
    target : str
        "predicted" or "true": the class that each face is explained for.
    region, scope : str
        As in `FusionParams`, for all settings.
    neutral : bool
        Whether each person's neutral face is subtracted.
    rows, columns : str
        Two of `AXES`: the table's.
    along : str
        One of `AXES`: the lines'.
    chosen : FusionParams
        The setting that is shown.
    params : FusionParams
        The setting that it is compared with.
    sweep : Sweep
    changes : Changes
        Photos whose active AUs differ between `params` and `chosen`.
    page, page_size : int
        Of the changed photos.
    busy, error : str
    note : str
        What is to be known of the best setting that was asked for; empty for other settings.

    Raises
    ------
    StoreError
        If the store is not there or damaged.
    ParamsError
        If no face can be explained, or the grid has a value that is not valid.
    """

    measure = Enum(tuple(MEASURES), "explained")
    emotion = Enum(EMOTIONS, None, allow_none=True)
    target = Enum(TARGETS, "predicted")
    region = Enum(REGIONS, _DEFAULTS.region)
    scope = Enum(SCOPES, _DEFAULTS.scope)
    neutral = Bool(False)
    rows = Enum(AXES, "coverage")
    columns = Enum(AXES, "k")
    along = Enum(AXES, "k")
    chosen = Instance(FusionParams, ())
    params = Instance(FusionParams, ())
    sweep = Instance(Sweep)
    changes = Instance(Changes)
    page = Int(0, min=0)
    page_size = Int(PAGE_SIZE, min=1, max=200)
    busy = Unicode("")
    error = Unicode("")
    note = Unicode("")

    def __init__(
        self,
        store: EvidenceStore | str | PathLike[str],
        *,
        photos: str | PathLike[str] | Dataset | None = None,
        params: FusionParams | None = None,
        grid: Mapping[str, Sequence[float]] | None = None,
        measure: str = "explained",
        emotion: str | None = None,
        target: str = "predicted",
        neutral: bool = False,
        rows: str = "coverage",
        columns: str = "k",
        along: str = "k",
    ) -> None:
        super().__init__()
        self._swept, self._request_id = False, 0
        self.store = store if isinstance(store, EvidenceStore) else EvidenceStore.open(store)
        self.faces = StoredFaces.read(self.store)
        self.finder = PhotoFinder(self.store.source, photos)
        self._drop = read_excess_drops(self.store, self.faces.arrays.number)
        self.params = params or FusionParams()
        self.region, self.scope = self.params.region, self.params.scope
        grid = grid or {}
        self._grid = {n: grid.get(n, (*GRID[n], getattr(self.params, n))) for n in AXES}
        self.measure, self.emotion, self.target, self.neutral = measure, emotion, target, neutral
        self.rows, self.columns, self.along = rows, columns, along
        self._take(self._sweep(), self.params)

    # What is shown

    @property
    def table(self) -> np.ndarray:
        """Return (values of `rows`, of `columns`) float64 of the measure; NaN where undefined."""
        return self.sweep.take(
            self.measure, self.rows, self.columns, at=self.chosen, emotion=self.emotion
        )

    @property
    def lines(self) -> dict[str, np.ndarray]:
        """Return the measure along `along` for "all" and each emotion that has faces."""
        return {
            name: self.sweep.take(
                self.measure, self.along, at=self.chosen, emotion=None if name == "all" else name
            )
            for name in ("all", *EMOTIONS)
            if self.sweep.faces[name]
        }

    @property
    def value(self) -> float | None:
        """Return the measure at the chosen setting; None where undefined."""
        value = float(self.sweep.measure(self.measure, self.emotion)[self.place])
        return None if math.isnan(value) else value

    @property
    def place(self) -> tuple[int, ...]:
        """Return the index of the chosen setting in the sweep's arrays."""
        return self.sweep.index(self.chosen)

    @property
    def pages(self) -> int:
        """Return the number of pages of changed photos, at least 1."""
        return max(1, math.ceil(len(self.changes) / self.page_size))

    @property
    def shown(self) -> tuple[Change, ...]:
        """Return the changed photos on the page that is shown."""
        start = self.page * self.page_size
        stop = min(start + self.page_size, len(self.changes))
        return tuple(self.changes[i] for i in range(start, stop))

    def row(self, change: Change) -> int:
        """Return the index of a changed photo in `faces`."""
        return int(np.searchsorted(self.faces.number, change.number))

    def thumbnail(self, row: int) -> Thumbnail:
        """Return a row's thumbnail, read now unless it is cached; callable from any thread."""
        return self.finder.thumbnail_of(self.faces, row)

    # What can be done

    def choose(self, **values: float) -> None:
        """Show another setting: the grid's values nearest to the given ones.

        Raises
        ------
        ParamsError
            If a name is not one of `AXES`.
        """
        unknown = [name for name in values if name not in AXES]
        if unknown:
            raise unknown_name("parameter", unknown[0], AXES, ParamsError)
        near = {name: _nearest(self.sweep.axes[name], value) for name, value in values.items()}
        self.chosen = FusionParams.from_dict(near, base=self.chosen)

    def best(self, at_least: Mapping[str, float] | None = None) -> None:
        """Show the setting with the greatest value of the measure, as `Sweep.best` finds it.

        A measure without a value anywhere goes to `error`.
        """
        try:
            self.chosen = self.sweep.best(self.measure, at_least, self.emotion)
        except ParamsError as error:
            self.error = str(error)
        else:
            self.error = ""
            self.note = self.sweep.edge_note(self.chosen)

    def adopt(self) -> None:
        """Compare with the chosen setting from now on."""
        self.params = self.chosen

    def to_code(self) -> str:
        """Return lines of Python with the chosen setting."""
        keywords = params_arguments(self.chosen)
        preset = keywords.get("params")
        arguments = ", ".join(f"{name}={value!r}" for name, value in keywords.items())
        params = f"xf.FusionParams({arguments})"
        if preset:
            params = f"xf.FusionParams.preset({preset!r})"
        return (
            f"import xfera_nb as xf\n\nparams = {params}\n"
            f"explorer = xf.widgets.Explorer({shorten_path(self.store.shown)!r}, params=params)\n"
        )

    def to_json(self) -> str:
        """Return the chosen setting as a file that `FusionParams.load` and ``--params`` read."""
        return json.dumps(self.chosen.to_dict(), indent=2) + "\n"

    # What follows from a choice

    @validate("chosen")
    def _on_grid(self, proposal: dict[str, Any]) -> FusionParams:
        if self._swept:
            self.sweep.index(proposal["value"])
        return proposal["value"]

    @observe("rows", "columns")
    def _on_axes(self, change: dict[str, Any]) -> None:
        """Swap the table's two parameters rather than have them the same."""
        other = "columns" if change["name"] == "rows" else "rows"
        if getattr(self, other) == change["new"]:
            setattr(self, other, change["old"])

    @observe(*_SWEPT_BY)
    def _on_sweep(self, _: dict[str, Any]) -> None:
        if not self._swept:
            return
        self._request_id += 1
        request_id = self._request_id
        self.busy = "Sweeping …"
        background.run(
            lambda report: self._sweep(),
            lambda outcome: self._ended(request_id, outcome),
            in_background=self._in_background,
        )

    @observe("measure", "emotion", "sweep")
    def _on_other_figures(self, _: dict[str, Any]) -> None:
        self.note = ""

    @observe("chosen", "params")
    def _on_setting(self, _: dict[str, Any]) -> None:
        if self._swept:
            self.note = ""
            self._compare()

    def _sweep(self) -> Sweep:
        return sweep(
            self.faces.arrays,
            **self._grid,
            base=self.params.replace(region=self.region, scope=self.scope),
            target=self.target,
            neutral=self.neutral,
            excess_drop=self._drop,
        )

    def _ended(self, request_id: int, outcome: Sweep | XferaError) -> None:
        if request_id != self._request_id:
            return
        self.busy = ""
        if not isinstance(outcome, XferaError):
            self.error = ""
            self._take(outcome, self.chosen)
            return
        # The choices go back to what is shown.
        self._swept = False
        self.region, self.scope = self.sweep.base.region, self.sweep.base.scope
        self.target, self.neutral = self.sweep.target, self._neutral
        self._swept = True
        self.error = str(outcome)

    def _take(self, found: Sweep, wanted: FusionParams) -> None:
        """Show a sweep at the setting of its grid that is nearest to a wanted one."""
        self._swept = False
        near = {name: _nearest(found.axes[name], getattr(wanted, name)) for name in AXES}
        self._neutral = self.neutral
        with self.hold_trait_notifications():
            self.sweep = found
            self.chosen = FusionParams.from_dict(near, base=found.base)
        self._swept = True
        self._compare()

    def _compare(self) -> None:
        found = compare_settings(
            self.faces.arrays,
            self.params,
            self.chosen,
            target=self.sweep.target,
            neutral=self._neutral,
        )
        with self.hold_trait_notifications():
            self.changes = found
            self.page = 0


def _nearest(axis: np.ndarray, value: float) -> float:
    return float(axis[np.abs(axis - value).argmin()])
