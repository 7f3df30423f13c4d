"""Test over many faces whether a check's figure is greater for the maps than for their controls.

Each face is its own pair: the figure of its map less the figure of a control on the same face. The
controls are the mean over random last layers, the mean over other faces' maps, the mean map and the
class's mean map. Differences of a person's faces are averaged first where persons are known, since
faces of one person are not independent.

- Test: Wilcoxon's signed-rank test of the differences, one-sided. A check's p is the greatest over
  the controls (an intersection-union test: the map must beat every control, so no correction is
  needed among them), corrected over the checks by Holm's method.
- Interval: 95 %, bootstrap over persons or faces, of the mean difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.stats import wilcoxon
from statsmodels.stats.multitest import multipletests

from xfera_nb.evaluation.bootstrap import MIN_UNITS, Estimate
from xfera_nb.evaluation.faithfulness.calibration import LEVEL

CONTROLS: Mapping[str, str] = MappingProxyType(
    {
        "random": "random last layers",
        "others": "other faces",
        "mean_map": "mean map",
        "class_mean": "class's mean map",
    }
)
"""Name of a control in a store's columns -> what it is."""


@dataclass(frozen=True)
class CheckTest:
    """Hold the test of one check over a store's faces.

    Attributes
    ----------
    name : str
        As in `interpretation.TITLES`.
    faces : int
        On which it is defined.
    value : Estimate
        Mean figure of the maps.
    controls : mapping of str to Estimate
        For each of `CONTROLS` the mean figure.
    differences : mapping of str to Estimate
        For each of `CONTROLS` the mean of the map's figure less the control's.
    passes : float or None
        Share of the faces on which the check passes.
    p : float or None
        Corrected over the checks; None where it cannot be tested.
    reason : str or None
        Why not.
    """

    name: str
    faces: int
    value: Estimate
    controls: Mapping[str, Estimate] = field(repr=False)
    differences: Mapping[str, Estimate] = field(repr=False)
    passes: float | None
    p: float | None
    reason: str | None

    @property
    def beats_controls(self) -> bool | None:
        """Whether the maps' figure is greater than every control's; None where untested."""
        return None if self.p is None else self.p <= LEVEL

    @property
    def closest(self) -> str | None:
        """Return the control with the least difference."""
        known = {name: one.value for name, one in self.differences.items() if one.value is not None}
        return min(known, key=known.__getitem__) if known else None

    def to_dict(self) -> dict[str, Any]:
        """Return the test as JSON-able values."""
        return {
            "faces": self.faces,
            "value": self.value.to_dict(),
            "controls": {name: one.to_dict() for name, one in self.controls.items()},
            "differences": {name: one.to_dict() for name, one in self.differences.items()},
            "passes": self.passes,
            "p": self.p,
            "beats_controls": self.beats_controls,
            "reason": self.reason,
        }


def compute_p_value(
    differences: Sequence[np.ndarray], units: np.ndarray | None
) -> tuple[float | None, str | None]:
    """Return the greatest p over some controls, uncorrected, or the reason for none.

    Parameters
    ----------
    differences : sequence of ndarray
        For each control (N,), NaN where undefined.
    units : ndarray or None
        (N,) persons whose faces are averaged first.
    """
    found = []
    for values in differences:
        known = ~np.isnan(values)
        own = values[known] if units is None else average_units(values[known], units[known])
        if len(own) < MIN_UNITS:
            return None, f"fewer than {MIN_UNITS} to test"
        found.append(1.0 if not own.any() else float(wilcoxon(own, alternative="greater").pvalue))
    return max(found), None


def average_units(values: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Average values (N,) over units (N,): (U,) float64, in the units' sorted order."""
    _, place = np.unique(units, return_inverse=True)
    means: np.ndarray = np.bincount(place, values) / np.bincount(place)
    return means


def correct(p_values: Sequence[float | None]) -> list[float | None]:
    """Correct p values for their number by Holm's method; None stays None."""
    known = [p for p in p_values if p is not None]
    corrected = iter(multipletests(known, method="holm")[1].tolist() if known else [])
    return [None if p is None else next(corrected) for p in p_values]
