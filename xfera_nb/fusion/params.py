"""The parameters of the fusion and their presets; nothing heavy is imported.

The XFERa paper's presets: the threshold is mean + 1 * std (Algorithm 1, line 9), the minimum
intensity 0.3 (line 26 and section 2.1), the coverage 0.7 in Algorithm 1 (line 20) and 0.5 in the
text of section 2.1, which takes "each detected AU" where line 5 takes those of the emotion.
Line 26 scores only AUs that are present, but line 33 passes on all that line 20 found to be
covered: both readings are presets. The paper gives no saliency weight; 1 is ours. "recommended" is
ours as well: docs/method.md has the criterion by which it was chosen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from os import PathLike
from typing import Any

from xfera_nb.errors import ParamsError, unknown_name
from xfera_nb.fusion.choices import (
    COVERAGE,
    CUSTOM,
    INTENSITY_AND_COVERAGE,
    REGIONS,
    RULES,
    SCOPES,
)
from xfera_nb.paths import expand_path, write_atomic

LIMITS: Mapping[str, tuple[float, float]] = {
    "k": (-5.0, 10.0),
    "min_intensity": (0.0, 5.0),
    "coverage": (0.0, 1.0),
    "saliency_weight": (0.0, 100.0),
}
"""Least and greatest value of each number."""
_MOST_BYTES = 65_536


@dataclass(frozen=True)
class FusionParams:
    """Hold the parameters of a fusion.

    Attributes
    ----------
    k : float
        Saliency threshold: standard deviations above the mean from which a pixel belongs to the
        salient region.
    min_intensity : float
        Minimum AU intensity, 0-5, that counts as present. The paper's 0.3 lies below 1, the least
        that FACS calls a trace ("A"); the default lies just above it.
    coverage : float
        Least share, 0-1, of an AU's landmarks that must be in the salient region.
    saliency_weight : float
        Weight of an AU's mean saliency (0-1) in its combined score.
    region : str
        "crop" or "hull": where mean and standard deviation are taken.
    scope : str
        "typical": only the AUs that Table 2 lists for the target class can be active, as in
        Algorithm 1, line 5. "all": any AU with landmarks, as in section 2.1.
    rule : str
        "intensity and coverage": an AU is active if it is present and attended (Algorithm 1, line
        26). "coverage": if it is attended, however weak (line 33); one that was not measured never
        is.

    Raises
    ------
    ParamsError
        If a value is not a finite number within `LIMITS`, or an unknown word.
    """

    k: float = 1.3
    min_intensity: float = 0.8
    coverage: float = 0.7
    saliency_weight: float = 1.0
    region: str = "crop"
    scope: str = "all"
    rule: str = INTENSITY_AND_COVERAGE

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
        for name, words in (("region", REGIONS), ("scope", SCOPES), ("rule", RULES)):
            if getattr(self, name) not in words:
                raise unknown_name(name, str(getattr(self, name))[:40], words, ParamsError)

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

    @property
    def preset_name(self) -> str:
        """Return the name of the preset with these values; "custom" if there is none."""
        return next((name for name, preset in PRESETS.items() if preset == self), CUSTOM)

    def replace(
        self,
        *,
        k: float | None = None,
        min_intensity: float | None = None,
        coverage: float | None = None,
        saliency_weight: float | None = None,
        region: str | None = None,
        scope: str | None = None,
        rule: str | None = None,
        **unknown: object,
    ) -> FusionParams:
        """Return a copy with some values changed; None keeps a value.

        Raises
        ------
        ParamsError
            If a value is not valid, or a name unknown (the message suggests the nearest).
        """
        _check_names(unknown)
        given = {
            "k": k,
            "min_intensity": min_intensity,
            "coverage": coverage,
            "saliency_weight": saliency_weight,
            "region": region,
            "scope": scope,
            "rule": rule,
        }
        return self.from_dict({n: v for n, v in given.items() if v is not None}, base=self)

    def to_dict(self) -> dict[str, Any]:
        """Return names and values, as JSON takes them."""
        return asdict(self)

    @classmethod
    def from_dict(
        cls, values: Mapping[str, Any], *, base: FusionParams | None = None
    ) -> FusionParams:
        """Make parameters from names and values.

        Parameters
        ----------
        values : mapping
        base : FusionParams, optional
            Where the values of names left out come from; the defaults otherwise.

        Raises
        ------
        ParamsError
            If a name is unknown (the message suggests the nearest) or a value not valid.
        """
        if not isinstance(values, Mapping):
            raise ParamsError("Parameters must be a JSON object of names and values.")
        _check_names(values)
        return cls(**(base.to_dict() if base else {}) | {**values})

    def save(self, path: str | PathLike[str]) -> None:
        """Write a parameters file (JSON) that `load` and ``xfera --params`` read."""
        write_atomic(path, json.dumps(self.to_dict(), indent=2) + "\n")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> FusionParams:
        """Read a parameters file.

        Raises
        ------
        ParamsError
            If it cannot be read or holds anything else.
        """
        file_path = expand_path(path)
        if not os.path.exists(file_path):  # unlike Path.exists, it takes any name
            raise ParamsError(f"There is no parameters file {path}: check the path.")
        if not os.path.isfile(file_path):  # reading a pipe would block
            raise ParamsError(f"The parameters file {path} is not a regular file: give one.")
        try:
            with open(file_path, encoding="utf-8") as file:
                values = json.loads(file.read(_MOST_BYTES))
        except (OSError, ValueError, RecursionError) as error:
            raise ParamsError(
                f"The parameters file {path} cannot be read as JSON: give one as "
                '{"k": 1.0, "min_intensity": 0.3, "coverage": 0.7}.'
            ) from error
        return cls.from_dict(values)


def _check_names(values: Mapping[str, object]) -> None:
    names = [field.name for field in fields(FusionParams)]
    for name in values:
        if name not in names:
            raise unknown_name("parameter", str(name)[:40], names, ParamsError)


_ALGORITHM_1 = FusionParams(
    k=1.0, min_intensity=0.3, coverage=0.7, scope="typical", rule=INTENSITY_AND_COVERAGE
)
PRESETS: Mapping[str, FusionParams] = {
    "algorithm1": _ALGORITHM_1,
    "algorithm1-line33": _ALGORITHM_1.replace(rule=COVERAGE),
    "section2.1": _ALGORITHM_1.replace(coverage=0.5, scope="all"),
    "recommended": FusionParams(),
}
"""Name -> parameters: two readings of the paper's Algorithm 1, its section 2.1, and ours."""
