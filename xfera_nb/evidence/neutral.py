"""Action Units less those of the same person's neutral face.

Some faces show an AU at rest: low brows, a wide mouth. What a source measures on a person's neutral
photo is taken from what it measures on another photo of theirs, and what falls below 0 is 0:
calibrated = max(raw - neutral, 0), on the raw scale 0 to 5, for both sides and each side. An AU
that was not measured on either photo is NaN. The neutral photo itself becomes 0 throughout.

Source: the practice of OpenFace's users (Baltrusaitis et al. 2015 subtract a person's median over a
video for the same purpose); here the neutral face is one labelled photo.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from xfera_nb.au_detectors import ActionUnits, AUDetector
from xfera_nb.evidence.arrays import StoreArrays
from xfera_nb.evidence.evidence import Evidence
from xfera_nb.evidence.storage import StoreError
from xfera_nb.faces import find_faces
from xfera_nb.facs.emotions import EMOTIONS

NEUTRAL = EMOTIONS.index("neutral")
UNKNOWN_PERSON = "photos of unknown persons"


@dataclass(frozen=True, eq=False)
class CalibratedArrays(StoreArrays):
    """Faces of a store whose intensities are less those of the person's neutral face.

    Attributes
    ----------
    neutral : ndarray
        (N,) int64, place in these arrays of the neutral face that was subtracted; -1 where there is
        none: all intensities of such a face are NaN.
    raw_intensities, raw_left, raw_right : ndarray or None
        (N, 17) float32, what the source measured.
    without : mapping of str to int
        Who has no neutral face, such as "F03, angle HL" -> their number of faces.
    """

    neutral: np.ndarray = field(kw_only=True, repr=False)
    raw_intensities: np.ndarray = field(kw_only=True, repr=False)
    raw_left: np.ndarray | None = field(kw_only=True, repr=False)
    raw_right: np.ndarray | None = field(kw_only=True, repr=False)
    without: Mapping[str, int] = field(kw_only=True)


def calibrate_arrays(arrays: StoreArrays) -> CalibratedArrays:
    """Subtract each person's neutral face.

    It is the photo labelled neutral of the same person from the same angle, of the same session
    first, otherwise of another one; of several the first that was measured.

    Raises
    ------
    StoreError
        If the store does not say who is who, or no photo labelled neutral was measured.
    """
    if isinstance(arrays, CalibratedArrays):
        return arrays
    person = arrays.groups.get("person", np.full(len(arrays), ""))
    angle, session = (arrays.groups.get(n, np.full(len(arrays), "")) for n in ("angle", "session"))
    if not (person != "").any():
        raise StoreError(
            "The data set of this store does not say who is on a photo, so there is no person's "
            "neutral face to subtract: use the intensities as they are."
        )
    measured = ~np.isnan(arrays.intensities).all(axis=1)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in np.flatnonzero((arrays.true == NEUTRAL) & (person != "") & measured).tolist():
        found.setdefault((person[row], angle[row]), {}).setdefault(session[row], row)
    if not found:
        raise StoreError(
            "No photo labelled neutral was measured in this store: extract the neutral photos too, "
            "or use the intensities as they are."
        )
    neutral = np.full(len(arrays), -1)
    without: Counter[str] = Counter()
    for row in range(len(arrays)):
        choice = found.get((person[row], angle[row]), {})
        if choice:
            neutral[row] = choice.get(session[row], next(iter(choice.values())))
        elif person[row] == "":
            without[UNKNOWN_PERSON] += 1
        else:
            without[person[row] + (f", angle {angle[row]}" if angle[row] else "")] += 1
    raw = {name: getattr(arrays, name) for name in ("intensities", "left", "right")}
    return CalibratedArrays(
        **{f.name: getattr(arrays, f.name) for f in fields(StoreArrays)}
        | {
            name: None if values is None else _less(values, values[neutral], neutral)
            for name, values in raw.items()
        },
        neutral=neutral,
        raw_intensities=raw["intensities"],
        raw_left=raw["left"],
        raw_right=raw["right"],
        without=MappingProxyType(dict(sorted(without.items()))),
    )


def subtract_neutral(evidence: Evidence, neutral: ActionUnits) -> Evidence:
    """Evidence of a face with the AUs of the same person's neutral face subtracted.

    Parameters
    ----------
    evidence : Evidence
    neutral : ActionUnits
        Of the neutral photo, by the same source.

    Returns
    -------
    Evidence
        Its `action_units` are calibrated, its `raw_action_units` those that were measured.

    Raises
    ------
    ValueError
        If another source measured the neutral face, or one was subtracted already.
    """
    units = evidence.action_units
    if units.neutral_calibrated or neutral.neutral_calibrated:
        raise ValueError("A neutral face was subtracted already.")
    if units.source != neutral.source:
        raise ValueError(f"{neutral.source} measured the neutral face, {units.source} this one.")
    left = _less_side(units.left, neutral.left)
    right = _less_side(units.right, neutral.right)
    calibrated = replace(
        units,
        intensities=_less(units.intensities, neutral.intensities),
        left=left,
        right=right,
        sides_source=None if left is None else units.sides_source,
        neutral_calibrated=True,
    )
    return replace(evidence, action_units=calibrated, raw_action_units=units)


def measure_neutral(photo: Any, detector: AUDetector) -> ActionUnits:
    """The Action Units of the largest face on a neutral photo.

    Parameters
    ----------
    photo : path, bytes, file object, PIL image or array
        What `load_photo` takes.
    detector : AUDetector

    Raises
    ------
    PhotoError
        If the photo cannot be read; `NoFaceError` if no face is found on it.
    DetectorError
        If the AU source cannot run.
    """
    face = find_faces(photo)[0]
    return detector.detect(face.image, face.landmarks, photo_name=face.photo_name)


def _less_side(raw: np.ndarray | None, neutral: np.ndarray | None) -> np.ndarray | None:
    return None if raw is None or neutral is None else _less(raw, neutral)


def _less(raw: np.ndarray, neutral: np.ndarray, row: np.ndarray | None = None) -> np.ndarray:
    result: np.ndarray = np.maximum(raw - neutral, np.float32(0))
    if row is not None:
        result[row < 0] = np.nan
    return result
