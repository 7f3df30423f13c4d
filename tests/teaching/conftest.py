"""Sample faces measured by a stand-in whose numbers are written down here."""

from __future__ import annotations

import itertools
import math
import shutil
from pathlib import Path

import pytest
from PIL import Image

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.facs import OPENFACE_AUS

# Photo -> AU -> intensity; what is not named is 0.
WRITTEN = {
    "C01HA.jpg": {6: 2.5, 12: 3.25, 25: 1.0},
    "C02HA.jpg": {6: 0.5, 12: 4.0},
    "C01NE.jpg": {45: 1.5},
}


NUMBERS = itertools.count()


class Written:
    """A source of Action Units that reads `WRITTEN` and counts how often it is asked."""

    name = "written"

    def __init__(self, *, unmeasured: tuple[int, ...] = (), r: float = 0.8) -> None:
        self.unmeasured, self.r, self.asked = unmeasured, r, 0
        self.number = next(NUMBERS)

    def describe(self) -> dict:
        return {"name": self.name, "number": self.number}

    def detect(self, image, landmarks, photo_name=None) -> ActionUnits:
        self.asked += 1
        row = WRITTEN[Path(photo_name).name]
        values = [math.nan if au in self.unmeasured else row.get(au, 0.0) for au in OPENFACE_AUS]
        return ActionUnits(values, reliability=[self.r] * 17, source="stand-in")


@pytest.fixture(scope="session")
def Detector():  # noqa: N802
    return Written


@pytest.fixture(scope="session")
def folder(request, tmp_path_factory):
    """Three samples, and a fourth on which there is no face."""
    here = tmp_path_factory.mktemp("samples")
    for name in WRITTEN:
        shutil.copy(request.config.rootpath / "data" / "samples" / name, here)
    Image.new("L", (300, 300), 128).save(here / "C03HA.jpg")
    return here


@pytest.fixture(scope="session")
def measured(folder):
    from xfera_nb.teaching import measure_samples

    return measure_samples(Written(), folder)
