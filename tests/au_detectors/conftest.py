"""A symmetric face and OpenFace-like tables of it, all numbers chosen by hand."""

from __future__ import annotations

import numpy as np
import pytest
from symmetric_face import symmetric_landmarks

from xfera_nb.facs.action_units import OPENFACE_AUS, OPENFACE_PRESENCE_AUS, au_name


@pytest.fixture
def face() -> np.ndarray:
    return symmetric_landmarks()


class Table:
    """Writes CSV files as OpenFace 2.x does."""

    def __init__(self, points: np.ndarray) -> None:
        self.points = points
        self.intensities = [round(0.25 * i, 2) for i in range(len(OPENFACE_AUS))]

    def header(self, first: tuple[str, ...] = ("face", "confidence"), points: bool = True):
        names = list(first)
        if points:
            names += [f"{axis}_{i}" for axis in "xy" for i in range(68)]
        names += [f"{au_name(au)}_r" for au in OPENFACE_AUS]
        return names + [f"{au_name(au)}_c" for au in OPENFACE_PRESENCE_AUS]

    def row(self, first: tuple = (0, 0.95), points: np.ndarray | None = None, with_points=True):
        cells = [str(value) for value in first]
        if with_points:
            cells += [f"{v:.1f}" for v in (self.points if points is None else points).T.ravel()]
        cells += [str(v) for v in self.intensities]
        return cells + ["1" if au in (12, 28) else "0" for au in OPENFACE_PRESENCE_AUS]

    @staticmethod
    def text(*lines: list[str], comma: str = ",") -> str:
        return "\n".join(comma.join(line) for line in lines) + "\n"

    def photo(self) -> str:
        """The CSV of a photo with one face."""
        return self.text(self.header(), self.row())


@pytest.fixture
def table(face: np.ndarray) -> Table:
    return Table(face)
