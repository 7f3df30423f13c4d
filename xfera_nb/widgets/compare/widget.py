"""Show two faces side by side under shared sliders, with what differs marked.

Usable width in JupyterLab at 1280x800 with the sidebar open is about 850 px; nothing here is wider.
The pictures are sent once a face and class; a slider's move sends the salient landmarks, the
outlines and one short row an Action Unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from PIL import Image

from xfera_nb.au_detectors import AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.errors import ParamsError
from xfera_nb.facs import ACTION_UNITS
from xfera_nb.figures import (
    contour_path,
    data_uri,
    draw_map,
    pair_image,
    share_of_peak,
    to_jpeg,
    to_png,
)
from xfera_nb.fusion import Fusion, FusionParams
from xfera_nb.report.comparison_report import describe_comparison
from xfera_nb.widgets.compare.state import MOVES, CompareState
from xfera_nb.widgets.shared.controls import DIGITS, SLIDERS
from xfera_nb.widgets.shared.front import read_script, read_style
from xfera_nb.widgets.shared.view import LiveView

_DEFAULTS = FusionParams()
_NUMBERS = ("k", "min_intensity", "coverage", "saliency_weight")


class CompareView(anywidget.AnyWidget):
    """Show a `CompareState`; hold JSON and the sliders' numbers that come back.

    Attributes
    ----------
    fixed : dict
        `sides`, for A and B: name, prediction, title, face, heat, x, y; `rows`, for each AU: name,
        words, intensities of A and B, landmarks.
    now : dict
        `sides`: 68 digits `salient`, `only` (salient here alone) and the outline's path; `rows`:
        active and salient landmarks in A, the same in B, and where it is active; `said`:
        sentences.
    sliders : list
        Trait, label, least, greatest, step, help.
    """

    _esm = read_script("compare")
    _css = read_style("compare")
    fixed = traitlets.Dict().tag(sync=True)
    now = traitlets.Dict().tag(sync=True)
    sliders: traitlets.List[Any] = traitlets.List().tag(sync=True)
    choices = traitlets.List(list(MOVES)).tag(sync=True)
    moves = traitlets.Unicode("both").tag(sync=True)
    k = traitlets.Float(_DEFAULTS.k).tag(sync=True, echo_update=False)
    min_intensity = traitlets.Float(_DEFAULTS.min_intensity).tag(sync=True, echo_update=False)
    coverage = traitlets.Float(_DEFAULTS.coverage).tag(sync=True, echo_update=False)
    saliency_weight = traitlets.Float(_DEFAULTS.saliency_weight).tag(sync=True, echo_update=False)

    def __init__(self, state: CompareState) -> None:
        super().__init__(sliders=[[name, *SLIDERS[name]] for name in _NUMBERS])
        self.state = state
        self._about: tuple[Any, ...] = ()
        self._shares: list[Any] = [None, None]
        self._show_numbers()
        self._show()
        state.observe(lambda _: self._show(), "comparison")
        state.observe(lambda _: self._show_numbers(), [*_NUMBERS, "moves"])
        self.observe(self._on_number, list(_NUMBERS))
        self.observe(self._on_moves, "moves")

    def _show_numbers(self) -> None:
        with self.hold_sync():
            for name in (*_NUMBERS, "moves"):
                setattr(self, name, getattr(self.state, name))

    def _on_number(self, change: dict[str, Any]) -> None:
        value = round(change["new"], DIGITS)
        if getattr(self.state, change["name"]) != value:
            self.state.set(**{change["name"]: value})

    def _on_moves(self, change: dict[str, Any]) -> None:
        self.state.moves = change["new"]

    def _show(self) -> None:
        found = self.state.comparison
        about = tuple(x for f in (found.a, found.b) for x in (f.evidence, f.target))
        with self.hold_sync():
            if about != self._about:
                self._about = about
                maps = [f.evidence.heatmap(f.target) for f in (found.a, found.b)]
                self._shares = [share_of_peak(heatmap) for heatmap in maps]
                self.fixed = _fixed(self.state)
            self.now = _now(self.state, self._shares)


class Compare(LiveView):
    """Show two faces, models, AU sources or settings side by side.

    Parameters
    ----------
    a, b : Result, Fusion, ExplainerState, a photo, or a `CompareState` as `a` alone
    names : tuple of str, optional
        What to call them; by default the photos' names.
    params : FusionParams, mapping or str, optional
        This and the following are for a photo, as `CompareState` takes them: parameters of the
        fusion, or the name of a preset.
    target : str, optional
        The class to explain; the predicted one by default.
    au_detector : str or AUDetector, optional
        Source of Action Units.
    classifier : Classifier or path, optional
        The shipped weights by default.
    layer, method : str, optional
        Where and how the map is made; by default Grad-CAM at the classifier's own layer.

    Attributes
    ----------
    state : CompareState
        Set its traits to drive the view from Python.
    view : CompareView

    Raises
    ------
    ParamsError
        If an option is given and both sides are measured already.
    XferaError
        If a photo cannot be explained.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> one, other = (xf.explain(f"data/samples/C01{e}.jpg") for e in ("HA", "SU"))
    ... # doctest: +SKIP
    >>> xf.widgets.Compare(one, other)  # doctest: +SKIP
    """

    def __init__(
        self,
        a: Any,
        b: Any = None,
        *,
        names: tuple[str, str] | None = None,
        params: FusionParams | Mapping[str, Any] | str | None = None,
        target: str | None = None,
        au_detector: str | AUDetector | None = None,
        classifier: Classifier | str | Path | None = None,
        layer: str | None = None,
        method: str | None = None,
    ) -> None:
        options: dict[str, Any] = {
            "names": names,
            "params": params,
            "target": target,
            "au_detector": au_detector,
            "classifier": classifier,
            "layer": layer,
            "method": method,
        }
        given = {name: value for name, value in options.items() if value is not None}
        if isinstance(a, CompareState) and (given or b is not None):
            raise ParamsError("This CompareState has its sides and options already; give it alone.")
        self.state = a if isinstance(a, CompareState) else CompareState(a, b, **given)
        self.view = CompareView(self.state)
        super().__init__([self.view])

    def save_html(self, path: str | Path) -> None:
        """Write the comparison as it is now as a self-contained page.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        self.state.comparison.save_html(path)

    def __repr__(self) -> str:
        return f"Compare: {' '.join(describe_comparison(self.state.comparison))}"

    def static_image(self) -> bytes:
        """Return both overlays in a row as a PNG file."""
        found = self.state.comparison
        return to_png(pair_image(found.a, found.b))


def _fixed(state: CompareState) -> dict[str, Any]:
    found = state.comparison
    return {
        "sides": [
            _side(fusion, name)
            for fusion, name in zip((found.a, found.b), found.names, strict=True)
        ],
        "rows": [
            [
                unit.a.name,
                ACTION_UNITS[unit.au].name,
                ACTION_UNITS[unit.au].words,
                None if unit.a.intensity is None else round(unit.a.intensity, 2),
                None if unit.b.intensity is None else round(unit.b.intensity, 2),
                len(unit.a.relevant),
            ]
            for unit in found.action_units
        ],
    }


def _side(fusion: Fusion, name: str) -> dict[str, Any]:
    face, heatmap = fusion.evidence.face, fusion.evidence.heatmap(fusion.target)
    grey = Image.fromarray(face.crop).convert("L").convert("RGB")
    heat = draw_map(fusion)
    points = face.crop_landmarks.round(1)
    prediction = fusion.evidence.prediction
    return {
        "name": name,
        "prediction": f"{prediction.predicted}, {prediction.confidence:.0%}",
        "title": heatmap.title,
        "face": data_uri(to_jpeg(grey, 88)),
        "heat": "" if heat is None else data_uri(to_png(Image.fromarray(heat), small=False)),
        "x": points[:, 0].tolist(),
        "y": points[:, 1].tolist(),
    }


def _now(state: CompareState, shares: list[Any]) -> dict[str, Any]:
    found = state.comparison
    sides = []
    for fusion, other, share in ((found.a, found.b, shares[0]), (found.b, found.a, shares[1])):
        sides.append(
            {
                "salient": "".join("01"[int(on)] for on in fusion.salient),
                "only": "".join("01"[int(on)] for on in fusion.salient & ~other.salient),
                "outline": contour_path(share, fusion.threshold),
                "k": fusion.params.k,
            }
        )
    rows = [
        [int(u.a.active), len(u.a.salient), int(u.b.active), len(u.b.salient), u.active, u.is_clear]
        for u in found.action_units
    ]
    return {"sides": sides, "rows": rows, "said": describe_comparison(found)}
