"""A source of Action Units that gives the same for every face."""

from __future__ import annotations

import numpy as np

from xfera_nb.au_detectors import ActionUnits


class ConstantAUs:
    """All intensities are 2."""

    name = "stand-in"

    def describe(self):
        return {"name": self.name, "version": "1"}

    def detect(self, image, landmarks, photo_name=None):
        return ActionUnits(np.full(17, 2.0), source=self.name)
