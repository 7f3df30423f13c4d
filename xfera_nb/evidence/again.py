"""Evidence from a row of a store and its photo: a store keeps all of it but the pixels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.au_detectors.card import reliability
from xfera_nb.classifier import Prediction
from xfera_nb.errors import PhotoError
from xfera_nb.evidence.evidence import Evidence, assemble
from xfera_nb.evidence.rows import Row
from xfera_nb.faces import face_from_landmarks
from xfera_nb.facs.action_units import OPENFACE_AUS


def evidence_again(row: Row, image: np.ndarray, manifest: Mapping[str, Any]) -> Evidence:
    """A row's evidence as it was measured; no model is needed.

    Parameters
    ----------
    row : Row
    image : ndarray
        (H, W, 3) uint8 RGB, the row's photo.
    manifest : mapping
        The store's.

    Raises
    ------
    PhotoError
        If the row has no face, or the photo is too small for the landmarks found on it.
    """
    if not row.has_face:
        raise PhotoError(f"{row.id} has no face: {row.reason}")
    name = PurePosixPath(row.photo).name if row.photo else row.id
    box = tuple(row.array("box").tolist())
    face = face_from_landmarks(image, row.array("landmarks"), box, name)
    source = manifest["au_detector"]
    units = ActionUnits(
        np.full(len(OPENFACE_AUS), np.nan) if row.intensities is None else row.intensities,
        row.left,
        row.right,
        sides_source=None if row.left is None else "as the store has them",
        reliability=reliability({"figures": source.get("figures") or {}}),
        source=str(source["name"]),
        notes=() if row.reason is None else (row.reason,),
    )
    return assemble(
        face,
        Prediction(row.array("probabilities")),
        row.array("maps"),
        units,
        layer=manifest["layer"],
        method=manifest["method"],
        classifier=manifest["classifier"],
        au_detector=source,
    )
