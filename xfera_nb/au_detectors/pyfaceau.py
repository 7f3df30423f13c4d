"""The PyPI package pyfaceau as a source: OpenFace 2.2's pipeline in Python, if the user has it.

Scale 0 to 5. The package finds the face and its landmarks itself, so it is given the part of the
photo around the face and its landmarks are held against the given ones. OpenFace's static models
are asked for, as the other ones subtract a person's running median, which one photo has not.
Neither the package (CC BY-NC 4.0) nor OpenFace's models are part of this toolkit.

Source: pyfaceau 1.4.1. Departure from its README: that names `process_frame` on RGB pictures, but
the package has only `_process_frame` on BGR ones, which is called here. It asks for OpenCV 4, so it
may have to live in an environment of its own.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from xfera_nb.au_detectors import openface_files, sides
from xfera_nb.au_detectors.action_units import ActionUnits
from xfera_nb.errors import DetectorError
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name

MARGIN = 0.6
_INSTALL = "install it with `pip install pyfaceau` and run `pyfaceau-download-models` once"


def _import() -> ModuleType:
    try:
        import pyfaceau
    except ImportError as error:
        missing = error.name or "a part of it"
        what = "" if missing == "pyfaceau" else f" (it lacks {missing})"
        raise DetectorError(f"The package pyfaceau is not installed{what}; {_INSTALL}.") from error
    package: ModuleType = pyfaceau
    return package


class PyFaceAUDetector:
    """Measure with the user's pyfaceau.

    Parameters
    ----------
    models : path, optional
        Folder of OpenFace's model files; by default where `pyfaceau-download-models` put them.

    Raises
    ------
    DetectorError
        The package or its models are not installed, or the package is of another version.
    """

    name = "pyfaceau"

    def __init__(self, models: str | Path | None = None) -> None:
        package = _import()
        self._version = str(getattr(package, "__version__", "unknown"))
        try:
            # The package imports the heavy parts on this access.
            pipeline = package.FullPythonAUPipeline
            paths = {} if models is None else _paths(Path(models).expanduser())
            self._pipeline = pipeline(
                **paths, track_faces=False, force_au_model_type="static", verbose=False
            )
        except FileNotFoundError as error:
            raise _without_models() from error
        except ImportError as error:
            raise DetectorError(
                f"The package pyfaceau lacks {error.name or 'a part'}; {_INSTALL}."
            ) from error
        except (AttributeError, TypeError) as error:
            raise self._other_version() from error
        if not hasattr(self._pipeline, "_process_frame"):
            raise self._other_version()

    @staticmethod
    def why_missing() -> str | None:
        """Return why the package cannot be used here, or None, without importing it."""
        found = find_spec("pyfaceau")
        return None if found else f"The package pyfaceau is not installed; {_INSTALL}."

    def _other_version(self) -> DetectorError:
        return DetectorError(
            f"This toolkit does not know pyfaceau {self._version}; install pyfaceau 1.4."
        )

    def describe(self) -> dict[str, Any]:
        """Return name and version of the package."""
        return {"name": self.name, "version": self._version, "models": "static"}

    def detect(
        self, image: np.ndarray, landmarks: np.ndarray, photo_name: str | None = None
    ) -> ActionUnits:
        """Measure one face; see `AUDetector.detect`.

        Raises
        ------
        DetectorError
            The models are missing, or no face is found where the landmarks are.
        """
        shown = Path(photo_name or "the photo").name
        left, top, right, bottom = _around(landmarks, image.shape)
        part = np.ascontiguousarray(image[top:bottom, left:right, ::-1])
        self._forget()
        try:
            result = self._pipeline._process_frame(part, 0, 0.0, return_debug=True)
        except FileNotFoundError as error:
            raise _without_models() from error
        except ImportError as error:
            raise DetectorError(
                f"The package pyfaceau lacks {error.name or 'a part'}; {_INSTALL}."
            ) from error
        found = result.get("debug_info", {}).get("landmark_detection", {}).get("landmarks_68")
        if not result.get("success") or found is None:
            raise DetectorError(
                f"pyfaceau found no face on {shown}; use another photo or --au builtin."
            )
        off = openface_files.misfit(np.asarray(found) + (left, top), landmarks)
        if not off <= openface_files.FIT_LIMIT:
            raise DetectorError(
                f"pyfaceau measured another face on {shown}; cut the photo to one face."
            )
        values = [float(result.get(f"{au_name(au)}_r", np.nan)) for au in OPENFACE_AUS]
        intensities = np.clip(np.array(values, dtype=np.float32), 0, 5)
        on_left, on_right = sides.estimate(intensities, landmarks)
        return ActionUnits(
            intensities=intensities,
            left=on_left,
            right=on_right,
            sides_source=sides.SOURCE,
            source=f"pyfaceau {self._version}",
            notes=sides.notes(landmarks),
        )

    def _forget(self) -> None:
        """Clear what the pipeline keeps from one frame of a video to the next."""
        pipeline = self._pipeline
        pipeline.stored_features.clear()
        for name, method in (
            ("running_median", "reset"),
            ("online_au_correction", "reset"),
            ("landmark_detector", "reset_temporal_state"),
        ):
            part = getattr(pipeline, name, None)
            if hasattr(part, method):
                getattr(part, method)()


def _without_models() -> DetectorError:
    return DetectorError(
        "pyfaceau does not find OpenFace's model files; run `pyfaceau-download-models` once."
    )


def _paths(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    from pyfaceau.models import model_paths

    paths: dict[str, str] = model_paths(folder)
    return paths


def _around(landmarks: np.ndarray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return a box (left, top, right, bottom) around the landmarks and `MARGIN` of their size."""
    low, high = np.min(landmarks, 0), np.max(landmarks, 0)
    margin = MARGIN * float((high - low).max())
    left, top = np.floor(np.maximum(low - margin, 0)).astype(int)
    limit = (shape[1], shape[0])
    right, bottom = np.ceil(np.minimum(high + margin + 1, limit)).astype(int)
    return int(left), int(top), int(right), int(bottom)
