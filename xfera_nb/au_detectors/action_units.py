"""The intensities of the Action Units of one face, whatever measured them.

Units and scale: an intensity is OpenFace's, 0 (absent) to 5 (maximum), where FACS letters A to E
are 1 to 5. Arrays hold 17 numbers in the order of `xfera_nb.facs.action_units.OPENFACE_AUS`.
NaN means "not measured", which is not the same as 0, "measured and absent". Sides are the
person's: the person's left is on the right of the picture.

Source: OpenFace 2.2 documentation (Baltrusaitis et al. 2018), "Action Units".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from xfera_nb.facs.action_units import OPENFACE_AUS

INTENSITY_MIN = 0.0
INTENSITY_MAX = 5.0
_COUNT = len(OPENFACE_AUS)
_INDEX = MappingProxyType({au: i for i, au in enumerate(OPENFACE_AUS)})


def _unknown() -> np.ndarray:
    return np.full(_COUNT, np.nan, dtype=np.float32)


def _array(values: object, name: str, low: float, high: float) -> np.ndarray:
    array = np.array(values, dtype=np.float32)
    if array.shape != (_COUNT,):
        raise ValueError(f"{name} must have the shape ({_COUNT},), not {array.shape}")
    known = array[~np.isnan(array)]
    if known.size and (known.min() < low or known.max() > high):
        raise ValueError(f"{name} must lie in {low:g} to {high:g} or be NaN")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class ActionUnits:
    """Hold the measured Action Units of one face.

    Parameters
    ----------
    intensities : (17,) array_like
        0 to 5 in the order of `OPENFACE_AUS`; NaN where not measured. Kept as read-only float32.
    left, right : (17,) array_like, optional
        The same for the person's left and right side, NaN where a side is not known. Both or none.
    sides_source : str, optional
        Where the sides come from, e.g. ``"landmark asymmetry (estimate)"``; None without sides.
    presence : mapping of int to bool, optional
        AU number -> whether the source calls the AU present (its own classifier, which may
        disagree with the intensity). None when the source has no such output.
    reliability : (17,) array_like, optional
        Pearson r of the source against OpenFace (-1 to 1); NaN where unknown (the default).
    source : str
        What measured, as shown to people.
    neutral_calibrated : bool
        Whether the same person's neutral face was subtracted.
    confidence : float, optional
        The source's own confidence in its fit of the face, 0 to 1.
    notes : tuple of str
        Sentences that a reader of the numbers should see.

    Raises
    ------
    ValueError
        An array of another shape, a value outside its range, or one side without the other.
    """

    intensities: np.ndarray
    left: np.ndarray | None = None
    right: np.ndarray | None = None
    sides_source: str | None = None
    presence: Mapping[int, bool] | None = None
    reliability: np.ndarray | None = None
    source: str = "unknown"
    neutral_calibrated: bool = False
    confidence: float | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        for name in ("intensities", "left", "right"):
            value = getattr(self, name)
            if value is not None:
                put(name, _array(value, name, INTENSITY_MIN, INTENSITY_MAX))
        if (self.left is None) != (self.right is None):
            raise ValueError("left and right come together or not at all")
        reliability = _unknown() if self.reliability is None else self.reliability
        put("reliability", _array(reliability, "reliability", -1.0, 1.0))
        if self.presence is not None:
            presence = {int(au): bool(on) for au, on in self.presence.items()}
            put("presence", MappingProxyType(presence))
        put("notes", tuple(self.notes))

    def intensity(self, au: int) -> float:
        """Return the intensity of `au`, 0 to 5; NaN if not measured, also outside the 17."""
        return self._at(self.intensities, au)

    def side(self, au: int, side: Literal["left", "right"]) -> float:
        """Return the intensity of `au` on the person's left or right, 0 to 5; NaN if not known.

        Raises
        ------
        ValueError
            `side` is neither ``"left"`` nor ``"right"``.
        """
        if side not in ("left", "right"):
            raise ValueError(f"side must be 'left' or 'right', not {side!r}")
        return self._at(self.left if side == "left" else self.right, au)

    def reliability_of(self, au: int) -> float:
        """Return Pearson's r of `au` against OpenFace, -1 to 1; NaN if not known."""
        return self._at(self.reliability, au)

    @property
    def measured(self) -> tuple[int, ...]:
        """Return the numbers of the AUs that have an intensity, ascending."""
        return tuple(
            au for au, v in zip(OPENFACE_AUS, self.intensities, strict=True) if not np.isnan(v)
        )

    @staticmethod
    def _at(array: np.ndarray | None, au: int) -> float:
        index = _INDEX.get(au)
        if array is None or index is None:
            return float("nan")
        return float(array[index])
