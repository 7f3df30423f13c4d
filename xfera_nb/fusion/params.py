"""The parameters of the fusion and their presets.

Defaults and presets are the XFERa paper's: the threshold is mean + 1 * std (Algorithm 1, line 9),
the intensity cut-off 0.3 (line 26 and section 2.1), the coverage 0.7 in Algorithm 1 (line 20) and
0.5 in the text of section 2.1; both are offered by name. The weight of the heat in the combined
score is not given there; 1 is ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from xfera_nb.errors import ParamsError, unknown_name
from xfera_nb.evidence import REGIONS

SCOPES = ("emotion", "all")
LIMITS: Mapping[str, tuple[float, float]] = {
    "k": (-5.0, 10.0),
    "min_intensity": (0.0, 5.0),
    "coverage": (0.0, 1.0),
    "saliency_weight": (0.0, 100.0),
}
"""Least and greatest value of each number."""


@dataclass(frozen=True)
class FusionParams:
    """What a slider can move.

    Attributes
    ----------
    k : float
        Standard deviations above the mean from which a pixel is hot.
    min_intensity : float
        Least intensity, 0-5, of a movement that is reported. The default 0.3 lies below 1, the
        least that FACS calls a trace ("A").
    coverage : float
        Least share, 0-1, of an AU's landmarks that must be hot.
    saliency_weight : float
        Weight of the mean heat (0-1) in the combined score.
    region : str
        "crop" or "hull": where mean and standard deviation are taken.
    scope : str
        "emotion": only the AUs that Table 2 gives for the explained emotion can be active, as in
        Algorithm 1, line 5. "all": any AU with landmarks.

    Raises
    ------
    ParamsError
        If a value is not a finite number within `LIMITS`, or an unknown word.
    """

    k: float = 1.0
    min_intensity: float = 0.3
    coverage: float = 0.7
    saliency_weight: float = 1.0
    region: str = "crop"
    scope: str = "emotion"

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ParamsError(f"{name} must be a number from {low:g} to {high:g}.")
            if not low <= value <= high:  # false for NaN as well
                huge = isinstance(value, int) and abs(value) > 10**9
                said = "a huge number" if huge else value
                raise ParamsError(f"{name} is {said}, but must lie from {low:g} to {high:g}.")
            object.__setattr__(self, name, float(value))
        for name, words in (("region", REGIONS), ("scope", SCOPES)):
            if getattr(self, name) not in words:
                raise ParamsError(f"{name} must be {' or '.join(words)}.")

    @classmethod
    def preset(cls, name: str) -> FusionParams:
        """Return one of `PRESETS` by its name.

        Raises
        ------
        ParamsError
            If there is no such preset; the nearest name is in the message.
        """
        if name not in PRESETS:
            raise unknown_name("preset", name, PRESETS, ParamsError)
        return PRESETS[name]

    def replace(self, **changes: Any) -> FusionParams:
        """A copy with some values changed.

        Raises
        ------
        ParamsError
            If a name is unknown or a value not valid.
        """
        _known(changes)
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Names and values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FusionParams:
        """From names and values; names left out keep their defaults.

        Raises
        ------
        ParamsError
            If a name is unknown or a value not valid.
        """
        if not isinstance(values, Mapping):
            raise ParamsError("Parameters must be a JSON object of names and values.")
        _known(values)
        return cls(**values)

    def save(self, path: str | Path) -> None:
        """Write a parameters file (JSON) that `load` and ``xfera --params`` read."""
        Path(path).write_text(json.dumps(self.to_dict(), indent=2) + "\n", "utf-8")

    @classmethod
    def load(cls, path: str | Path) -> FusionParams:
        """Read a parameters file.

        Raises
        ------
        ParamsError
            If it cannot be read or holds anything else.
        """
        try:
            if not Path(path).is_file():  # a pipe would keep us waiting
                raise FileNotFoundError(path)
            with open(path, encoding="utf-8") as file:
                values = json.loads(file.read(65_536))
        except (OSError, ValueError, RecursionError) as error:
            raise ParamsError(
                f"The parameters file {path} cannot be read as JSON: give one as "
                '{"k": 1.0, "min_intensity": 0.3, "coverage": 0.7}.'
            ) from error
        return cls.from_dict(values)


PRESETS: Mapping[str, FusionParams] = {
    "algorithm1": FusionParams(coverage=0.7),
    "section2.1": FusionParams(coverage=0.5),
}
"""The paper's two settings by name."""


def _known(values: Mapping[str, Any]) -> None:
    names = [field.name for field in fields(FusionParams)]
    unknown = [str(name) for name in values if name not in names]
    if unknown:
        raise ParamsError(f"{unknown[0][:40]!r} is not a parameter; there are {', '.join(names)}.")
