"""Measure what hiding each face region does to the prediction.

Each region of `xfera_nb.faces.regions` is blurred in turn (`xfera_nb.saliency.perturbation`) and
the classifier is asked again. No map is involved, so that the effects also tell whether a map
points to the regions that matter. Blur removes a feature's detail and keeps its coarse light and
dark: an effect of 0 means that this detail did not matter, not that the region did not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from xfera_nb.classifier import Classifier, Prediction
from xfera_nb.faces import Face
from xfera_nb.faces.regions import (
    FACE_REGIONS,
    HiddenPart,
    face_region_masks,
    mark_hidden,
    parse_hidden,
)
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.saliency.perturbation import blend, blur_picture, match_colour, soften_masks


class HasCrop(Protocol):
    """Describe a face, or the part of it that is needed here."""

    @property
    def crop(self) -> np.ndarray:
        """Return the (224, 224, 3) uint8 RGB crop."""

    @property
    def crop_landmarks(self) -> np.ndarray:
        """Return the landmarks, (68, 2) x, y in crop pixels."""


@dataclass(frozen=True, eq=False)
class RegionOcclusion:
    """Hold the probabilities of all classes with each face region hidden.

    Attributes
    ----------
    probabilities : ndarray
        (6, 7) float32, 0-1: rows in the order of `FACE_REGIONS`, columns in that of `EMOTIONS`.
        A row is NaN where the region lies outside the crop, a column for a class that the network
        does not have.
    """

    probabilities: np.ndarray = field(repr=False)

    def __post_init__(self) -> None:
        values = np.array(self.probabilities, np.float32)
        if values.shape != (len(FACE_REGIONS), len(EMOTIONS)):
            raise ValueError(f"Probabilities with hidden regions are (6, 7), not {values.shape}.")
        values.flags.writeable = False
        object.__setattr__(self, "probabilities", values)

    def prediction(self, region: str) -> Prediction | None:
        """Return the prediction with a region hidden; None where it lies outside the crop."""
        row = self.probabilities[FACE_REGIONS.index(region)]
        return None if np.isnan(row).all() else Prediction(row)

    def prob_drops(self, prediction: Prediction, target: str) -> np.ndarray:
        """Return how far hiding each region lowers the probability of a class.

        Parameters
        ----------
        prediction : Prediction
            Of the whole face.
        target : str
            One of `EMOTIONS`.

        Returns
        -------
        ndarray
            (6,) float64, -1 to 1, negative where the class gains; NaN where undefined.
        """
        column = EMOTIONS.index(target)
        whole = float(prediction.probabilities[column])
        return whole - self.probabilities[:, column].astype(np.float64)


def hide_regions(face: HasCrop, classifier: Classifier) -> tuple[np.ndarray, np.ndarray]:
    """Blur each region of a face crop in turn, in the colours that the classifier sees.

    Returns
    -------
    pictures : ndarray
        (6, 224, 224, 3) uint8, in the order of `FACE_REGIONS`.
    inside : ndarray
        (6,) bool, whether the region lies in the crop at all.
    """
    picture = match_colour(face.crop, classifier.card["input"])
    masks = face_region_masks(face.crop_landmarks)
    pictures = blend(picture, blur_picture(picture), soften_masks(masks))
    if pictures.ndim == 3:
        pictures = np.repeat(pictures[..., None], 3, axis=3)
    return pictures, masks.reshape(len(masks), -1).max(axis=1)


def hide_parts(face: Face, parts: str | Iterable[HiddenPart]) -> Face:
    """Return a face whose crop is blurred in some parts, as if they could not be seen.

    Parameters
    ----------
    face : Face
    parts : str or iterable of (str or (x, y, radius))
        Of `FACE_REGIONS`, and discs in crop pixels; what `face.hidden` has stays hidden.

    Returns
    -------
    Face
        With the same photo, box and landmarks, so that its Action Units are those of the whole
        face; the same object where nothing more is hidden.

    Raises
    ------
    InputError
        If there is no such region, or a disc is not three numbers with a positive radius.
    """
    more = [part for part in parse_hidden(parts) if part not in face.hidden]
    if not more:
        return face
    weights = soften_masks(mark_hidden(face.crop_landmarks, more)[None])
    (crop,) = blend(face.crop, blur_picture(face.crop), weights)
    return replace(face, crop=crop, hidden=parse_hidden((*face.hidden, *more)))


def collect_occlusion(predictions: list[Prediction], inside: np.ndarray) -> RegionOcclusion:
    """Put the predictions of `hide_regions`' pictures together; rows outside the crop are NaN."""
    probabilities = np.stack([prediction.probabilities for prediction in predictions])
    return RegionOcclusion(np.where(inside[:, None], probabilities, np.nan))


def occlude_regions(face: HasCrop, classifier: Classifier) -> RegionOcclusion:
    """Ask the classifier about a face with each region hidden, six pictures in one batch.

    Parameters
    ----------
    face : Face
    classifier : Classifier

    Returns
    -------
    RegionOcclusion
    """
    pictures, inside = hide_regions(face, classifier)
    return collect_occlusion(classifier.predict(pictures), inside)
