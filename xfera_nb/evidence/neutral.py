"""Subtract the Action Units of the same person's neutral face.

Some faces show an AU at rest: low brows, a wide mouth. What a source measures on a person's neutral
photo is taken from what it measures on another photo of theirs, and what falls below 0 is 0:
calibrated = max(raw - neutral, 0), on the raw scale 0 to 5, for both sides and each side. An AU
that was not measured on either photo is NaN. The neutral photo itself becomes 0 throughout.

Source: the practice of OpenFace's users (Baltrusaitis et al. 2015 subtract a person's median over a
video for the same purpose); here the neutral face is one labelled photo.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from xfera_nb.au_detectors import ActionUnits, AUDetector
from xfera_nb.evidence.evidence import Evidence
from xfera_nb.faces import find_faces


def subtract_neutral(evidence: Evidence, neutral: ActionUnits) -> Evidence:
    """Return evidence with the AUs of the same person's neutral face subtracted.

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
    left = _subtract_side(units.left, neutral.left)
    right = _subtract_side(units.right, neutral.right)
    calibrated = replace(
        units,
        intensities=subtract_intensities(units.intensities, neutral.intensities),
        left=left,
        right=right,
        sides_source=None if left is None else units.sides_source,
        neutral_calibrated=True,
    )
    return replace(evidence, action_units=calibrated, raw_action_units=units)


def measure_neutral(photo: Any, detector: AUDetector) -> ActionUnits:
    """Measure the Action Units of the largest face on a neutral photo.

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
    return detector.detect(face.image, face.landmarks, photo_name=face.look_up_name)


def _subtract_side(raw: np.ndarray | None, neutral: np.ndarray | None) -> np.ndarray | None:
    return None if raw is None or neutral is None else subtract_intensities(raw, neutral)


def subtract_intensities(
    raw: np.ndarray, neutral: np.ndarray, row: np.ndarray | None = None
) -> np.ndarray:
    """Return max(raw - neutral, 0); NaN where `row`, the neutral face's, is below 0."""
    result: np.ndarray = np.maximum(raw - neutral, np.float32(0))
    if row is not None:
        result[row < 0] = np.nan
    return result
