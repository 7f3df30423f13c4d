"""The Tuner: what every setting of the fusion does to a store's faces, and picking one.

Usable width in JupyterLab at 1280x800 with the sidebar open is about 850 px; nothing here is wider.
The still that stands in where widgets do not show is the heat table alone: no face is in it.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import ipywidgets as w

from xfera_nb.evidence import REGIONS, EvidenceStore
from xfera_nb.facs import EMOTIONS
from xfera_nb.figures import to_png
from xfera_nb.fusion import AXES, MEASURES
from xfera_nb.fusion.choices import SCOPES
from xfera_nb.report.markup import escape
from xfera_nb.report.save import save_file
from xfera_nb.widgets.explainer.panels import Export, Labels
from xfera_nb.widgets.explainer.widget import NEEDS_WIDGETS
from xfera_nb.widgets.shared.static_image import display_with_still, table_image
from xfera_nb.widgets.tuner.state import TunerState
from xfera_nb.widgets.tuner.views import WORDS, Changed, HeatTable, Lines

_ALL = ""  # a menu takes None for "nothing chosen"
_CHOICES: dict[str, tuple[str, list[tuple[str, Any]]]] = {
    "measure": ("Measure", [(WORDS[name], name) for name in MEASURES]),
    "emotion": ("Faces", [("all", _ALL), *((f"of {e}", e) for e in EMOTIONS)]),
    "explained": ("Explained", [("for the answer", "predicted"), ("for the label", "true")]),
    "rows": ("Rows", [(WORDS[name], name) for name in AXES]),
    "columns": ("Columns", [(WORDS[name], name) for name in AXES]),
    "along": ("Lines along", [(WORDS[name], name) for name in AXES]),
    "region": ("Region", list(zip(("whole crop", "face hull"), REGIONS, strict=True))),
    "scope": ("Movements", list(zip(("of the emotion", "all"), SCOPES, strict=True))),
}
"""Trait -> label and options."""


class Tuner(w.VBox):
    """A live view of a sweep over a store.

    Parameters
    ----------
    store : EvidenceStore, path or TunerState
    **options
        Those of `TunerState`: photos, params, grid and choices.

    Attributes
    ----------
    state : TunerState
        Everything that is chosen and shown; set its traits to drive the views from Python.
    choices : dict of str to Dropdown
        By trait.
    sliders : dict of str to SelectionSlider
        By parameter: the chosen setting.
    best, adopt : Button

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
        state = store if isinstance(store, TunerState) else TunerState(store, **options)
        self.state = state
        self.choices = {name: self._choice(name, *spec) for name, spec in _CHOICES.items()}
        self.neutral = w.Checkbox(
            state.neutral, description="minus the person's neutral face", indent=False
        )
        self._tie(self.neutral, "neutral")
        self.sliders = {name: self._slider(name) for name in AXES}
        self.best = _button("Best of the grid", state.best)
        self.adopt = _button("Compare with this from now on", state.adopt)
        self.table, self.lines, self.changed = HeatTable(state), Lines(state), Changed(state)
        self.about, self.status = w.HTML(), w.HTML()
        self.export = Export(
            state,
            {
                "code": ("Copy as code", lambda: "", "", lambda: state.to_code().encode()),
                "json": (
                    "Save parameters (JSON)",
                    lambda: "xfera-params.json",
                    "application/json",
                    lambda: state.to_json().encode(),
                ),
            },
        )
        self.labels = Labels()
        if "person" not in state.faces.groups:
            self.neutral.layout.display = "none"
        wrap = {"flex_flow": "row wrap"}
        right = w.VBox(
            [*self.sliders.values(), w.HBox([self.best, self.adopt], layout=wrap), self.status]
        )
        middle = w.HBox([self.lines, right])
        middle.add_class("xf-top")
        super().__init__(
            [
                w.HBox([*self.choices.values(), self.neutral], layout=wrap),
                self.about,
                self.table,
                middle,
                self.changed,
                self.export,
                self.labels,
            ]
        )
        self.add_class("xf-explainer")
        self.add_class("xf-explorer")
        self._show()
        state.observe(
            lambda _: self._show(),
            ["measure", "emotion", "chosen", "params", "sweep", "busy", "error"],
        )

    def save(self, path: str | Path) -> None:
        """Write the chosen setting as a file that ``xfera --params`` reads.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        save_file(path, self.state.to_json())

    def still(self) -> bytes:
        """The heat table as a PNG file, for who reads a notebook without running it."""
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
        self.about.value = f'<p class="xf-q">{escape(MEASURES[state.measure])}.</p>'
        value = "undefined" if state.value is None else f"{state.value:.3f}"
        parts = [f"<p><b>{escape(WORDS[state.measure])} {value}</b> at {_said(state.chosen)}.</p>"]
        parts.append(f'<p class="xf-q">Present setting: {_said(state.params)}.</p>')
        if state.error:
            parts.append(f'<p class="xf-stale">{escape(state.error)}</p>')
        if state.busy:
            parts.append(f'<p class="xf-q">{escape(state.busy)}</p>')
        self.status.value = f'<div role="status">{"".join(parts)}</div>'

    def _choice(self, trait: str, label: str, options: list[tuple[str, Any]]) -> w.Dropdown:
        dropdown = w.Dropdown(
            options=options,
            value=_ALL if (value := getattr(self.state, trait)) is None else value,
            description=label,
            style={"description_width": "82px"},
            layout={"width": "278px" if trait == "measure" else "209px", "margin": "1px"},
        )
        self._tie(dropdown, trait)
        return dropdown

    def _tie(self, widget: w.DOMWidget, trait: str) -> None:
        def choose(change: dict[str, Any]) -> None:
            value = None if change["new"] == _ALL else change["new"]
            if getattr(self.state, trait) != value:
                with self.state.in_background():
                    setattr(self.state, trait, value)

        def follow(_: dict[str, Any]) -> None:
            value = getattr(self.state, trait)
            widget.value = _ALL if value is None else value

        widget.observe(choose, "value")
        self.state.observe(follow, trait)

    def _slider(self, name: str) -> w.SelectionSlider:
        """One parameter of the chosen setting; its stops are the grid's."""
        state = self.state
        values = state.sweep.axes[name].tolist()
        slider = w.SelectionSlider(
            options=[(f"{value:g}", value) for value in values],
            value=getattr(state.chosen, name),
            description=WORDS[name],
            disabled=len(values) == 1,
            style={"description_width": "88px"},
            layout={"width": "370px"},
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
        return f"Tuner of {state.sweep!r}, chosen: {_said(state.chosen)}."

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle["text/plain"] = f"{self!r}\n{NEEDS_WIDGETS}"
        return bundle

    def _ipython_display_(self) -> None:
        display_with_still(self._repr_mimebundle_(), self.still(), self.labels, repr(self))


def _said(params: Any) -> str:
    return (
        f"k {params.k:g}, AU cut-off {params.min_intensity:g}, coverage {params.coverage:g}, heat "
        f"weight {params.saliency_weight:g}, region {params.region}, scope {params.scope}"
    )


def _button(label: str, act: Any) -> w.Button:
    button = w.Button(description=label, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button
