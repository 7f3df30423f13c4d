"""Show the Tuner: what every setting of the fusion does to a store's faces.

Usable width in JupyterLab at 1280x800 with the sidebar open is about 850 px; nothing here is wider.
The static image is the heat table alone: no face is in it.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import ipywidgets as w

from xfera_nb.evidence import EvidenceStore
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures import to_png
from xfera_nb.fusion import AXES, MEASURES
from xfera_nb.report.markup import escape
from xfera_nb.report.save import save_file
from xfera_nb.saliency import describe_map
from xfera_nb.widgets.shared.controls import (
    REGION_MENU,
    SCOPE_MENU,
    bind,
    make_button,
    make_menu,
)
from xfera_nb.widgets.shared.export_buttons import ExportButtons, ExportFile, params_file
from xfera_nb.widgets.shared.table_image import table_image
from xfera_nb.widgets.shared.view import LiveView, keywords_of, open_state
from xfera_nb.widgets.tuner.state import TunerState
from xfera_nb.widgets.tuner.views import LABELS, ChangedPhotos, HeatTable, Lines
from xfera_nb.wording import start_sentence

_ALL = ""  # a menu takes None for "nothing chosen"
_CHOICES: dict[str, tuple[str, list[tuple[str, Any]]]] = {
    "measure": ("Measure", [(LABELS[name], name) for name in MEASURES]),
    "emotion": ("Faces", [("all", _ALL), *((f"of {e}", e) for e in EMOTIONS)]),
    "target": ("Target class", [("prediction", "predicted"), ("label", "true")]),
    "rows": ("Rows", [(LABELS[name], name) for name in AXES]),
    "columns": ("Columns", [(LABELS[name], name) for name in AXES]),
    "along": ("Lines along", [(LABELS[name], name) for name in AXES]),
    "region": ("Mean and SD over", REGION_MENU),
    "scope": ("AUs", SCOPE_MENU),
}
"""Trait -> label and options."""


@keywords_of(TunerState)
class Tuner(LiveView):
    """Show a sweep over a store live.

    Parameters
    ----------
    store : EvidenceStore, path or TunerState
    **options
        The keywords of `TunerState`: photos, params, grid, measure, target, ...

    Attributes
    ----------
    state : TunerState
        Everything that is chosen and shown; set its traits to drive the views from Python.
    choices : dict of str to Dropdown
        By trait.
    sliders : dict of str to SelectionSlider
        By parameter: the chosen setting.
    best, adopt : Button
    actions : HBox
        The row of these buttons, to which a page adds its own.

    Raises
    ------
    StoreError
        If the store is not there or damaged.
    ParamsError
        If nothing can be swept.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> tuner = xf.widgets.Tuner("store")  # doctest: +SKIP
    >>> tuner.state.choose(k=0.4, coverage=0.5)  # doctest: +SKIP
    >>> tuner.save("my_params.json")  # doctest: +SKIP
    """

    def __init__(
        self, store: EvidenceStore | str | PathLike[str] | TunerState, **options: Any
    ) -> None:
        self.state = state = open_state(TunerState, store, options)
        self.choices = {
            name: make_menu(state, name, *spec, none=_ALL, width="auto", margin="0")
            for name, spec in _CHOICES.items()
        }
        self.neutral = w.Checkbox(
            state.neutral, description="minus the person's neutral face", indent=False
        )
        bind(self.neutral, state, "neutral")
        self.sliders = {name: self._slider(name) for name in AXES}
        self.best = make_button("Best of the grid", state.best)
        self.adopt = make_button("Compare with this from now on", state.adopt)
        self.table, self.lines, self.changed = HeatTable(state), Lines(state), ChangedPhotos(state)
        self.about, self.status = w.HTML(), w.HTML()
        self.export = ExportButtons(
            state,
            {
                "code": ExportFile("Copy as code", state.to_code),
                "json": params_file(state.to_json),
            },
        )
        if "person" not in state.faces.groups:
            self.neutral.layout.display = "none"
        choices = w.Box([*self.choices.values(), self.neutral])
        choices.add_class("xf-tune-choices")
        self.actions = w.HBox([self.best, self.adopt], layout={"flex_flow": "row wrap"})
        right = w.VBox([*self.sliders.values(), self.actions, self.status])
        middle = w.HBox([self.lines, right])
        middle.add_class("xf-top")
        super().__init__(
            [
                choices,
                self.about,
                self.table,
                middle,
                self.changed,
                self.export,
            ]
        )
        self.add_class("xf-explorer")
        self.add_class("xf-tuner")
        self._show()
        state.observe(
            lambda _: self._show(),
            ["measure", "emotion", "chosen", "params", "sweep", "busy", "error", "note"],
        )

    def save(self, path: str | Path) -> None:
        """Write the chosen setting as a file that ``xfera --params`` reads.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        save_file(path, self.state.to_json())

    def static_image(self) -> bytes:
        """Return the heat table as a PNG file."""
        facts = self.table.facts
        picture = table_image(
            f"{facts['title']}; down: {facts['names'][0]}, across: {facts['names'][1]}",
            facts["rows"],
            facts["columns"],
            facts["values"],
            form="{:.2f}",
            scale=(facts["low"], facts["high"]),
            cell=48,
            mark=(self.table.chosen[0], self.table.chosen[1]),
        )
        return to_png(picture)

    def _show(self) -> None:
        state = self.state
        measure = start_sentence(MEASURES[state.measure])
        about = f"{measure}. Maps: {describe_map(**state.store.heatmap)}."
        self.about.value = f'<p class="xf-q">{escape(about)}</p>'
        value = "undefined" if state.value is None else f"{state.value:.3f}"
        found = f"{escape(start_sentence(LABELS[state.measure]))} {value}"
        parts = [f"<p><b>{found}</b> at {_describe(state.chosen)}.</p>"]
        parts.append(f'<p class="xf-q">Current setting: {_describe(state.params)}.</p>')
        if state.note:
            parts.append(f"<p>{escape(state.note)}</p>")
        if state.error:
            parts.append(f'<p class="xf-stale">{escape(state.error)}</p>')
        if state.busy:
            parts.append(f'<p class="xf-q">{escape(state.busy)}</p>')
        self.status.value = f'<div role="status">{"".join(parts)}</div>'

    def _slider(self, name: str) -> w.SelectionSlider:
        """Return a slider for one parameter of the chosen setting; its stops are the grid's."""
        state = self.state
        values = state.sweep.axes[name].tolist()
        slider = w.SelectionSlider(
            options=[(f"{value:g}", value) for value in values],
            value=getattr(state.chosen, name),
            description=LABELS[name],
            disabled=len(values) == 1,
            style={"description_width": "150px"},
            layout={"width": "auto"},
        )

        def follow(_: dict[str, Any]) -> None:
            value = getattr(state.chosen, name)
            if slider.value != value:
                slider.value = value

        def choose(change: dict[str, Any]) -> None:
            if getattr(state.chosen, name) != change["new"]:
                state.choose(**{name: change["new"]})

        slider.observe(choose, "value")
        state.observe(follow, "chosen")
        return slider

    def __repr__(self) -> str:
        state = self.state
        return f"Tuner of {state.sweep!r}, chosen: {_describe(state.chosen)}."


def _describe(params: Any) -> str:
    return (
        f"k {params.k:g}, minimum AU intensity {params.min_intensity:g}, minimum "
        f"coverage {params.coverage:g}, saliency weight {params.saliency_weight:g}, mean and SD "
        f"over {params.region}, scope {params.scope}"
    )
