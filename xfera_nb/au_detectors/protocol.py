"""What every source of Action Units offers: a name, a description, and `detect`."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, runtime_checkable

import numpy as np

from xfera_nb.au_detectors.action_units import ActionUnits
from xfera_nb.errors import DetectorError

_CLASSES = {
    "builtin": ("xfera_nb.au_detectors.builtin", "BuiltinDetector"),
    "openface": ("xfera_nb.au_detectors.openface", "OpenFaceDetector"),
    "openface-files": ("xfera_nb.au_detectors.openface", "OpenFaceFiles"),
    "pyfaceau": ("xfera_nb.au_detectors.pyfaceau", "PyFaceAUDetector"),
}
DETECTORS = tuple(_CLASSES)


@runtime_checkable
class AUDetector(Protocol):
    """A source of Action Units.

    Attributes
    ----------
    name : str
        Short name, one of `DETECTORS`.
    """

    name: str

    def describe(self) -> dict[str, Any]:
        """What measured, as a JSON-able dict: at least ``name`` and ``version``."""
        ...

    def detect(
        self, image: np.ndarray, landmarks: np.ndarray, photo_name: str | None = None
    ) -> ActionUnits:
        """Measure one face.

        Parameters
        ----------
        image : (H, W, 3) uint8
            The photo, RGB.
        landmarks : (68, 2) float
            The face's iBUG points (x, y) in photo pixels, the top-left pixel's centre at (0, 0).
        photo_name : str, optional
            The photo's name or path, for messages and for sources that look a photo up by name.

        Raises
        ------
        xfera_nb.errors.DetectorError
            The source is missing, failed, or has nothing for this face.
        """
        ...


def load_detector(name: str = "builtin", **options: object) -> AUDetector:
    """Load a source of Action Units by name.

    Parameters
    ----------
    name : str
        ``"builtin"`` (the network that comes along), ``"openface"`` (the user's program; with
        ``files=PATH`` its files made earlier, the same as ``"openface-files"``) or ``"pyfaceau"``.
    **options
        Passed to the detector's class.

    Raises
    ------
    xfera_nb.errors.DetectorError
        No such source, or what it needs is missing.
    xfera_nb.errors.ModelError
        The builtin weights are missing or damaged.
    """
    if name == "openface" and options.get("files") is not None:
        name = "openface-files"
    if name not in _CLASSES:
        raise DetectorError(
            f"There is no Action Unit detector named {name!r}; "
            f"choose one of {', '.join(DETECTORS)}."
        )
    module, cls = _CLASSES[name]
    detector: AUDetector = getattr(import_module(module), cls)(**options)
    return detector
