"""Crop faces as a classifier expects, where it was trained with another crop than the toolkit's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from xfera_nb.classifier.input_rule import MARGINS
from xfera_nb.evidence.occlusion import hide_parts
from xfera_nb.faces import Face, recrop_face
from xfera_nb.faces.regions import move_hidden


def read_crop_rule(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the crop rule of a classifier, as `crop_to_image_affine` takes it.

    Parameters
    ----------
    described : mapping
        A card, or what `Classifier.describe` returns and a store's manifest keeps.

    Returns
    -------
    dict
        Empty for the toolkit's own crop.
    """
    rule = described.get("input")
    crop = rule.get("crop") if isinstance(rule, Mapping) else None
    crop = crop if isinstance(crop, Mapping) else {}
    found: dict[str, Any] = {}
    # A manifest comes from outside: nothing but a margin within limits and a plain no is taken.
    if isinstance(margin := crop.get("margin"), int | float) and MARGINS[0] <= margin <= MARGINS[1]:
        found["margin"] = float(margin)
    if crop.get("align") is False:
        found["align"] = False
    return found


def fit_crop(face: Face, described: Mapping[str, Any]) -> Face:
    """Return a face with the crop that a classifier takes; its hidden parts stay hidden."""
    rule = read_crop_rule(described)
    cropped = recrop_face(face, **rule) if rule else face
    if cropped is face or not face.hidden:
        return cropped
    to_photo = np.vstack([face.crop_to_photo, (0, 0, 1)])
    return hide_parts(cropped, move_hidden(face.hidden, cropped.photo_to_crop @ to_photo))
