"""Compare two `ExplainerState`s under shared sliders, without a screen.

Each side keeps its photo, model, AU source and target class; the numbers of the fusion change for
both at once, or for one side alone. Units and limits are those of `FusionParams`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traitlets import Enum, Instance, observe

from xfera_nb.au_detectors import AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.errors import ParamsError, unknown_name
from xfera_nb.fusion import LIMITS, Fusion, FusionParams
from xfera_nb.report import Comparison, Result, compare
from xfera_nb.widgets.explainer.state import ExplainerState
from xfera_nb.widgets.shared.fusion_numbers import FusionNumbers

MOVES = ("both", "A", "B")
"""Which side the sliders change."""
_MEASURED = (Result, Fusion, ExplainerState)


class CompareState(FusionNumbers):
    """Hold two states and what differs between them.

    Parameters
    ----------
    a, b : Result, Fusion, ExplainerState or what `ExplainerState` takes
    names : tuple of str, optional
        What to call them; by default the photos' names.
    params : FusionParams, mapping or str, optional
        This and the following are for a side that is not measured yet, as `ExplainerState` takes
        them: parameters of the fusion, or the name of a preset.
    k, min_intensity, coverage, saliency_weight, region, scope, rule : optional
        Single parameters; they override those of `params`.
    target : str, optional
        The class to explain; the predicted one by default.
    au_detector : str or AUDetector, optional
        Source of Action Units.
    classifier : Classifier or path, optional
        The shipped weights by default.
    layer, method : str, optional
        Where and how the map is made; by default Grad-CAM at the classifier's own layer.
    face_index : int, optional
        Index from left to right; the largest face by default.

    Attributes
    ----------
    a, b : ExplainerState
    moves : str
        One of `MOVES`, what the sliders change. By default both if their numbers are the same,
        otherwise B, so that the two compared settings are not lost.
    k, min_intensity, coverage, saliency_weight : float
        What the sliders show: the numbers of the side that they change, of A for both.
    comparison : Comparison

    Raises
    ------
    ParamsError
        If an option is given and both sides are measured already.
    XferaError
        If a photo cannot be explained.
    """

    moves = Enum(MOVES, "both")
    comparison = Instance(Comparison)

    def __init__(
        self,
        a: Any,
        b: Any,
        *,
        names: tuple[str, str] | None = None,
        params: FusionParams | Mapping[str, Any] | str | None = None,
        k: float | None = None,
        min_intensity: float | None = None,
        coverage: float | None = None,
        saliency_weight: float | None = None,
        region: str | None = None,
        scope: str | None = None,
        rule: str | None = None,
        target: str | None = None,
        au_detector: str | AUDetector | None = None,
        classifier: Classifier | str | Path | None = None,
        layer: str | None = None,
        method: str | None = None,
        face_index: int | None = None,
    ) -> None:
        super().__init__()
        options = {
            "params": params,
            "k": k,
            "min_intensity": min_intensity,
            "coverage": coverage,
            "saliency_weight": saliency_weight,
            "region": region,
            "scope": scope,
            "rule": rule,
            "target": target,
            "au_detector": au_detector,
            "classifier": classifier,
            "layer": layer,
            "method": method,
            "face_index": face_index,
        }
        options = {name: value for name, value in options.items() if value is not None}
        if options and all(isinstance(given, _MEASURED) for given in (a, b)):
            raise ParamsError(
                f"Both sides are measured already, so that {next(iter(options))} has no effect: "
                "leave it out, or give photos."
            )
        self.a, self.b = (_state_of(given, options) for given in (a, b))
        self._names = names
        self._paused = True
        if self._numbers("A") != self._numbers("B"):
            self.moves = "B"
        self._show_numbers()
        self._paused = False
        self._compare()
        for side in (self.a, self.b):
            side.observe(lambda _: self._update(), "fusion")

    @property
    def moved(self) -> tuple[ExplainerState, ...]:
        """Return the sides that the sliders change."""
        return {"both": (self.a, self.b), "A": (self.a,), "B": (self.b,)}[self.moves]

    def set(self, **numbers: float) -> None:
        """Change several numbers at once.

        Raises
        ------
        ParamsError
            If one is not among `LIMITS`, or not within its limits.
        """
        for name in numbers:
            if name not in LIMITS:
                raise unknown_name("number of the fusion", name, LIMITS, ParamsError)
        FusionParams.from_dict(numbers, base=self.a.params)  # refuses what is out of its limits
        self._paused = True
        try:
            for name, value in numbers.items():
                setattr(self, name, value)
            for side in self.moved:
                side.set(**numbers)
        finally:
            self._paused = False
            self._update()

    def _numbers(self, side: str) -> dict[str, float]:
        state = self.a if side == "A" else self.b
        return {name: getattr(state, name) for name in LIMITS}

    @observe(*LIMITS)
    def _on_number(self, change: dict[str, Any]) -> None:
        if not self._paused:
            self.set(**{change["name"]: change["new"]})

    @observe("moves")
    def _on_moves(self, _: dict[str, Any]) -> None:
        if not self._paused:
            self._show_numbers()

    def _show_numbers(self) -> None:
        before, self._paused = self._paused, True
        try:
            for name, value in self._numbers("B" if self.moves == "B" else "A").items():
                setattr(self, name, value)
        finally:
            self._paused = before

    def _update(self) -> None:
        if not self._paused:
            self._show_numbers()
            self._compare()

    def _compare(self) -> None:
        self.comparison = compare(self.a.fusion, self.b.fusion, names=self._names)


def _state_of(given: Any, options: dict[str, Any]) -> ExplainerState:
    if isinstance(given, ExplainerState):
        return given
    fusion = given.fusion if isinstance(given, Result) else given
    if isinstance(fusion, Fusion):
        other = fusion.target if fusion.target != fusion.predicted else None
        return ExplainerState(fusion.evidence, params=fusion.params, target=other)
    return ExplainerState(given, occlusion=False, **options)
