"""Hold the fusion's numbers as traits, within their limits; what sliders show."""

from __future__ import annotations

from traitlets import Float, HasTraits

from xfera_nb.fusion import LIMITS, FusionParams

_DEFAULTS = FusionParams()


def _number(name: str) -> Float[float, float]:
    low, high = LIMITS[name]
    return Float(getattr(_DEFAULTS, name), min=low, max=high)


class FusionNumbers(HasTraits):
    """Have the four numbers of `FusionParams` as traits; the recommended preset's by default."""

    k = _number("k")
    min_intensity = _number("min_intensity")
    coverage = _number("coverage")
    saliency_weight = _number("saliency_weight")
