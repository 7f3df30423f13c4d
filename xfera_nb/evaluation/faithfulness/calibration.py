"""Hold a figure of a map beside the same figure of maps that explain nothing, and judge it.

On the same face and the same hidden copies, a figure is computed for the map and for controls:

- random last layers of the same network (`randomisation.draw_head_maps`), `HEADS` of them;
- maps of other faces (`controls`), each of the class that the network predicted there;
- the mean of the other faces' maps, and the mean of those with the same predicted class.

Verdict
    *pass*: more than 95 % of the random last layers, and more than 95 % of the other faces' maps,
    stay below the figure, and so do the mean map and the class's mean map.
    *fail*: it is below the median of the random last layers.
    *inconclusive*: anything between, anything that is undefined, and controls that are missing.
"More than 95 %" is one-sided with p = (1 + controls at or above) / (1 + controls) of at most 0.05,
so that of maps that explain nothing at most one in twenty passes. The random last layers alone
would not do: the maps of a class are much alike, so that other faces' maps beat them as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

PASS = "pass"
INCONCLUSIVE = "inconclusive"
FAIL = "fail"
HEADS = 99
"""Random last layers on each face."""
LEVEL = 0.05
"""Share of the controls that may reach a figure that passes."""


@dataclass(frozen=True)
class Calibrated:
    """Hold one figure of a map and of the maps that explain nothing on the same face.

    Attributes
    ----------
    value : float or None
        Of the map; the greater, the better it explains.
    random : tuple of float
        Of random last layers, where defined.
    others : tuple of float
        Of other faces' maps, where defined.
    mean_map, class_mean : float or None
        Of the mean map, and of the mean map of the faces with the same predicted class.
    reason : str or None
        Why there is no value, or no verdict.
    """

    value: float | None
    random: tuple[float, ...] = field(repr=False)
    others: tuple[float, ...] = field(repr=False)
    mean_map: float | None
    class_mean: float | None
    reason: str | None = None

    @property
    def random_share(self) -> float | None:
        """Return the p value against random last layers, 0-1; None where undefined."""
        return share_at_or_above(self.value, self.random)

    @property
    def others_share(self) -> float | None:
        """Return the p value against other faces' maps, 0-1; None where undefined."""
        return share_at_or_above(self.value, self.others)

    @property
    def verdict(self) -> str:
        """Return `PASS`, `INCONCLUSIVE` or `FAIL`."""
        random, others = self.random_share, self.others_share
        if self.value is None or random is None:
            return INCONCLUSIVE
        if self.value < float(np.median(self.random)):
            return FAIL
        means = [mean for mean in (self.mean_map, self.class_mean) if mean is not None]
        above = means and all(self.value > mean for mean in means)
        enough = random <= LEVEL and others is not None and others <= LEVEL
        return PASS if above and enough else INCONCLUSIVE

    def to_dict(self) -> dict[str, Any]:
        """Return the figure, its controls' quantiles and the verdict as JSON-able values."""
        return {
            "value": self.value,
            "verdict": self.verdict,
            "reason": self.reason,
            "random_last_layers": _describe(self.random),
            "random_last_layers_p": self.random_share,
            "other_faces": _describe(self.others),
            "other_faces_p": self.others_share,
            "mean_map": self.mean_map,
            "class_mean_map": self.class_mean,
        }


def calibrate(
    value: float,
    random: np.ndarray,
    others: np.ndarray,
    means: Sequence[float],
    reason: str | None = None,
) -> Calibrated:
    """Put a figure and its controls together; NaN is undefined.

    Parameters
    ----------
    value : float
    random, others : ndarray
        (K,) and (S,).
    means : sequence of float
        Of the mean map and of the class's mean map.
    reason : str, optional
        Why the value is undefined, or controls are missing.
    """
    mean_map, class_mean = (None if np.isnan(one) else float(one) for one in means)
    return Calibrated(
        value=None if np.isnan(value) else float(value),
        random=tuple(random[~np.isnan(random)].tolist()),
        others=tuple(others[~np.isnan(others)].tolist()),
        mean_map=mean_map,
        class_mean=class_mean,
        reason=reason,
    )


def share_at_or_above(value: float | None, controls: Sequence[float]) -> float | None:
    """Return (1 + controls at or above a value) / (1 + controls); None without either."""
    if value is None or not len(controls):
        return None
    return float(1 + np.sum(np.asarray(controls) >= value)) / (1 + len(controls))


def _describe(controls: Sequence[float]) -> dict[str, float | int | None]:
    if not controls:
        return {"maps": 0, "median": None, "quantile_95": None}
    median, high = np.quantile(controls, [0.5, 1 - LEVEL])
    return {"maps": len(controls), "median": float(median), "quantile_95": float(high)}
