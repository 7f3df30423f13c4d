"""Read from a weights card how often the prediction was right at each confidence level.

The figures are those that ``xfera evaluate`` measured and the card holds (`figures`, the first data
set with `levels`). A card without them gives nothing: no figure is taken from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xfera_nb.classifier.prediction import LEVELS
from xfera_nb.wording import count_of


@dataclass(frozen=True, slots=True)
class LevelFigure:
    """Hold what was measured of the predictions of one confidence level.

    Attributes
    ----------
    level : {"High", "Medium", "Low"}
    least : float
        Least probability of the level, 0-1.
    accuracy : float or None
        Share that was right, 0-1; None where there was no face.
    images : int
    measured_on : str
        Name of the data set.
    """

    level: str
    least: float
    accuracy: float | None
    images: int
    measured_on: str

    def __str__(self) -> str:
        limits = f"from {self.least:.0%}" if self.least else "below"
        if self.accuracy is None:
            return f"{self.level} ({limits}): no face"
        faces = count_of(self.images, "face")
        return f"{self.level} ({limits}): right on {self.accuracy:.0%} of {faces}"


def read_levels(card: Mapping[str, Any]) -> tuple[LevelFigure, ...]:
    """Read the figures of a card, the highest level first; empty if it has none that fit.

    Levels whose limits are not those in use (`LEVELS`) do not fit: they speak of other levels.

    Parameters
    ----------
    card : mapping
        As `xfera_nb.classifier.checkpoint.load_card` returns it.
    """
    figures = card.get("figures")
    for name, values in figures.items() if isinstance(figures, Mapping) else ():
        levels = values.get("levels") if isinstance(values, Mapping) else None
        if isinstance(levels, Mapping):
            found = [_level(level, levels.get(level), str(name)) for level in LEVELS]
            known = [one for one in found if one is not None]
            return tuple(known) if len(known) == len(LEVELS) else ()
    return ()


def describe_levels(card: Mapping[str, Any]) -> str:
    """Describe the levels in one line; empty if the card has no figures of them."""
    levels = read_levels(card)
    if not levels:
        return ""
    return f"{'; '.join(map(str, levels))} of {levels[0].measured_on}"


def _level(level: str, values: object, measured_on: str) -> LevelFigure | None:
    if not isinstance(values, Mapping) or values.get("least") != LEVELS[level]:
        return None
    accuracy, images = values.get("accuracy"), values.get("images")
    is_share = accuracy is None or (isinstance(accuracy, float | int) and 0 <= accuracy <= 1)
    if not is_share or not isinstance(images, int) or images < 0:
        return None
    return LevelFigure(level, LEVELS[level], accuracy, images, measured_on)
