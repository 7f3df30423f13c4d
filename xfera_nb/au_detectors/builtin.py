"""The default source: our small network, which imitates OpenFace's intensities on a photo.

Scale 0 to 5 as OpenFace's. Trained on OpenFace's output for press photos, so its numbers agree with
OpenFace only as well as the card's Pearson r per AU says (`ActionUnits.reliability`), and nothing
is known about its agreement with human FACS coders. Of the jaw's points eight are used, those at
its sides, and only to align.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from xfera_nb.au_detectors import align, sides
from xfera_nb.au_detectors.action_units import ActionUnits
from xfera_nb.au_detectors.card import WEIGHTS, load_network, reliability
from xfera_nb.au_detectors.network import AUNet, measure_faces
from xfera_nb.errors import DetectorError

_ALIGNING = (slice(align.FIRST_POINT, None), list(align.RIGID))


@lru_cache(maxsize=2)
def _load_cached(path: Path, _: tuple[tuple[int, int], ...]) -> tuple[AUNet, dict[str, Any]]:
    return load_network(path)


def _network(path: Path) -> tuple[AUNet, dict[str, Any]]:
    """Return weights and card, read once as long as their files do not change."""
    try:
        files = [file.stat() for file in (path, path.with_suffix(".json"))]
    except (OSError, ValueError):
        return load_network(path)  # says what is wrong
    return _load_cached(path.absolute(), tuple((file.st_mtime_ns, file.st_size) for file in files))


class BuiltinDetector:
    """Measure Action Units by the builtin network.

    Parameters
    ----------
    weights : path, optional
        A `.safetensors` file with its card beside it; the shipped one by default.

    Raises
    ------
    xfera_nb.errors.ModelError
        The weights or their card are missing, damaged or do not fit.
    """

    name = "builtin"

    def __init__(self, weights: str | Path | None = None) -> None:
        self._net, self.card = _network(Path(WEIGHTS if weights is None else weights))
        self._shapes = self._net.shapes()
        self._reliability = reliability(self.card)

    def describe(self) -> dict[str, Any]:
        """Return name, version, sha256, figures and restrictions, from the card."""
        keys = ("version", "sha256", "weights", "figures", "restrictions")
        return {"name": self.name, **{key: self.card.get(key) for key in keys}}

    def detect(
        self, image: np.ndarray, landmarks: np.ndarray, photo_name: str | None = None
    ) -> ActionUnits:
        """Measure one face; see `AUDetector.detect`. All 17 intensities are always measured.

        Raises
        ------
        DetectorError
            The landmarks are not 68 finite, distinct points.
        """
        landmarks = np.asarray(landmarks, dtype=np.float64)
        usable = landmarks.shape == (68, 2) and np.isfinite(landmarks).all()
        if not usable or not all(np.ptp(landmarks[kept], axis=0).any() for kept in _ALIGNING):
            shown = Path(photo_name or "the photo").name
            raise DetectorError(
                f"The landmarks of {shown} are not 68 distinct points (x, y); find the face again."
            )
        one = [part[None] for part in align.inputs(image, landmarks, *self._shapes)]
        intensities = measure_faces(self._net, *one)[0]
        left, right = sides.estimate(intensities, landmarks)
        return ActionUnits(
            intensities=intensities,
            left=left,
            right=right,
            sides_source=sides.SOURCE,
            reliability=self._reliability,
            source="builtin network (imitates OpenFace)",
            notes=sides.notes(landmarks),
        )
