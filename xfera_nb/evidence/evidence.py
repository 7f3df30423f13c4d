"""Measure everything expensive about one face, once and independent of the fusion parameters.

`gather` runs the classifier and the AU source. Fusion then needs a few hundred numbers: for each
class the map's activation at the 68 landmarks, its mean and standard deviation
over the facial region and its peak; 17 intensities; 7 probabilities.

"Facial region" (the XFERa paper, section 2.1) has two readings, and both are kept: the whole
224x224 face crop (Algorithm 1, line 4), and the convex hull of the landmarks. Mean and standard
deviation (population) are of the positive map resized to the crop, in the map's own units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from xfera_nb.au_detectors import DEFAULT_SOURCE, ActionUnits, AUDetector, load_detector
from xfera_nb.au_detectors.card import reliability
from xfera_nb.classifier import Classifier, Prediction, load_classifier
from xfera_nb.errors import PhotoError
from xfera_nb.evidence.crop_rule import fit_crop
from xfera_nb.evidence.occlusion import (
    RegionOcclusion,
    collect_occlusion,
    hide_parts,
    hide_regions,
    occlude_regions,
)
from xfera_nb.evidence.regions import share_regions
from xfera_nb.faces import CROP_SIZE, Face, face_from_landmarks, find_faces
from xfera_nb.faces.regions import HiddenPart
from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.emotions import EMOTIONS, parse_emotion
from xfera_nb.paths import expand_path
from xfera_nb.saliency import (
    DEFAULT_METHOD,
    METHODS,
    Heatmap,
    attribute_all_classes,
    interpolation_matrix,
    sample_maps,
    takes_one_pass,
)

if TYPE_CHECKING:
    from xfera_nb.evidence.rows import Row


@dataclass(frozen=True, eq=False)
class Evidence:
    """Hold what was measured on one face.

    Attributes
    ----------
    face : Face
    prediction : Prediction
    heatmaps : tuple of Heatmap
        Seven, in the order of `EMOTIONS`.
    action_units : ActionUnits
    activation : ndarray
        (7, 68) float64, positive map at the landmarks; NaN at landmarks outside of the crop.
    mean, std : mapping of str to ndarray
        For each of `REGIONS` (7,) float64, over the region.
    peak : ndarray
        (7,) float64, highest value over the crop, 0 where no value is positive.
    classifier, au_detector : mapping
        The models that made the numbers, as their `describe()` says.
    raw_action_units : ActionUnits or None
        As measured, where the person's neutral face is subtracted from `action_units`
        (`xfera_nb.evidence.neutral`); None otherwise.
    occlusion : RegionOcclusion or None
        The probabilities with each face region hidden; None where it was not measured.
    """

    face: Face
    prediction: Prediction
    heatmaps: tuple[Heatmap, ...]
    action_units: ActionUnits
    activation: np.ndarray = field(repr=False)
    mean: Mapping[str, np.ndarray] = field(repr=False)
    std: Mapping[str, np.ndarray] = field(repr=False)
    peak: np.ndarray = field(repr=False)
    classifier: Mapping[str, Any] = field(repr=False)
    au_detector: Mapping[str, Any] = field(repr=False)
    raw_action_units: ActionUnits | None = field(default=None, repr=False)
    occlusion: RegionOcclusion | None = field(default=None, repr=False)

    def heatmap(self, target: str) -> Heatmap:
        """Return the map of one class.

        Raises
        ------
        InputError
            If `target` is none of the seven emotions.
        """
        return self.heatmaps[EMOTIONS.index(parse_emotion(target))]

    def region_shares(self, target: str) -> np.ndarray:
        """Return the share of a class's positive map that lies in each face region.

        Returns
        -------
        ndarray
            (6,) float64, 0-1, in the order of `xfera_nb.faces.regions.FACE_REGIONS`; what is left
            to 1 lies on the forehead and beside the face. NaN where no value is positive.

        Raises
        ------
        InputError
            If `target` is none of the seven emotions.
        """
        shares: np.ndarray = self._region_shares[EMOTIONS.index(parse_emotion(target))]
        return shares

    @cached_property
    def _region_shares(self) -> np.ndarray:
        """Return the (7, 6) shares of all classes."""
        maps = np.stack([heatmap.values for heatmap in self.heatmaps])
        return share_regions(maps, self.face.crop_landmarks)

    @classmethod
    def from_row(cls, row: Row, image: np.ndarray, manifest: Mapping[str, Any]) -> Evidence:
        """Rebuild the evidence of a store's row and its photo; no model is needed.

        Parameters
        ----------
        row : Row
        image : ndarray
            (H, W, 3) uint8 RGB, the row's photo: a store holds everything except the pixels.
        manifest : mapping
            The store's.

        Raises
        ------
        PhotoError
            If the row has no face, or the photo is too small for the landmarks found on it.
        """
        if not row.has_face:
            raise PhotoError(f"{row.id} has no face: {row.reason}")
        name = PurePosixPath(row.photo_path).name if row.photo_path else row.id
        box = tuple(row.array("box").tolist())
        face = face_from_landmarks(image, row.array("landmarks"), box, name)
        face = fit_crop(face, manifest["classifier"])
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
            occlusion=None
            if row.hidden_probabilities is None
            else RegionOcclusion(row.hidden_probabilities),
        )


def gather(
    face: Face | str | PathLike[str] | np.ndarray,
    classifier: Classifier | str | PathLike[str] | None = None,
    au_detector: AUDetector | str = DEFAULT_SOURCE,
    *,
    layer: str | None = None,
    method: str = DEFAULT_METHOD,
    device: str | None = None,
    occlusion: bool = False,
    hidden: str | Iterable[HiddenPart] = (),
) -> Evidence:
    """Measure one face: everything expensive, independent of the fusion parameters.

    Parameters
    ----------
    face : Face, path or array
        A face, or a photo whose largest face is taken; cut again where the classifier takes
        another crop.
    classifier : Classifier or path, optional
        The shipped one by default.
    au_detector : AUDetector or str
        A source of Action Units, or its name.
    layer : str, optional
        The layer to explain; by default the classifier's own.
    method : str
        One of `xfera_nb.saliency.METHODS`. Grad-CAM of the shipped network's last block makes all
        seven maps in the forward pass that also predicts.
    device : str, optional
        Where the network computes, such as "cpu" or "cuda"; by default a GPU if there is one.
    occlusion : bool
        Also measure what hiding each face region does to the prediction: six more pictures, in one
        batch with the photo where one forward pass makes the maps.
    hidden : str or iterable of (str or (x, y, radius))
        Face regions (`xfera_nb.faces.regions.FACE_REGIONS`) and discs in crop pixels that are
        blurred before the classifier sees the face; Action Units are measured on the whole photo.

    Returns
    -------
    Evidence

    Raises
    ------
    PhotoError
        If a photo cannot be read; `NoFaceError` if no face is found on it.
    InputError
        If there is no such method, AU source, device or face region.
    ModelError
        If weights are missing, or the network has no such layer.
    DetectorError
        If the AU source cannot run.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> evidence = xf.gather("photo.jpg", au_detector="builtin")  # doctest: +SKIP
    """
    if not isinstance(face, Face):
        face = find_faces(face)[0]
    if not isinstance(classifier, Classifier):
        path = None if classifier is None else expand_path(classifier)
        classifier = load_classifier(path, device=device or "auto")
    elif device is not None:
        classifier = classifier.on_device(device)
    if isinstance(au_detector, str):
        au_detector = load_detector(au_detector)
    face = hide_parts(fit_crop(face, classifier.card), hidden)
    layer = layer or classifier.default_layer
    if occlusion and takes_one_pass(classifier, method=method, layer=layer):
        pictures, inside = hide_regions(face, classifier)
        together = np.concatenate([face.crop[None], pictures])
        predictions, maps = attribute_all_classes(classifier, together, method=method, layer=layer)
        effect: RegionOcclusion | None = collect_occlusion(predictions[1:], inside)
    else:
        predictions, maps = attribute_all_classes(classifier, face.crop, method=method, layer=layer)
        effect = occlude_regions(face, classifier) if occlusion else None
    units = au_detector.detect(face.image, face.landmarks, photo_name=face.look_up_name)
    return assemble(
        face,
        predictions[0],
        maps[0],
        units,
        layer=layer if METHODS[method].uses_layer else None,
        method=method,
        classifier=classifier.describe(),
        au_detector=au_detector.describe(),
        occlusion=effect,
    )


def assemble(
    face: Face,
    prediction: Prediction,
    maps: np.ndarray,
    action_units: ActionUnits,
    *,
    layer: str | None = None,
    method: str = "gradcam",
    classifier: Mapping[str, Any] | None = None,
    au_detector: Mapping[str, Any] | None = None,
    occlusion: RegionOcclusion | None = None,
) -> Evidence:
    """Make evidence from given measurements.

    All parameters except the maps are those of `Evidence` and `Heatmap`.

    Parameters
    ----------
    maps : ndarray
        (7, h, w) signed maps in the order of `EMOTIONS`; NaN for what was not made.
    """
    positive = np.maximum(np.nan_to_num(maps, nan=0.0), 0).astype(np.float64)
    activation, mean, std, peak = region_numbers(positive, face.crop_landmarks)
    return Evidence(
        face=face,
        prediction=prediction,
        heatmaps=tuple(
            Heatmap(values, emotion, layer, method)
            for values, emotion in zip(maps, EMOTIONS, strict=True)
        ),
        action_units=action_units,
        activation=activation,
        mean=MappingProxyType(mean),
        std=MappingProxyType(std),
        peak=peak,
        classifier=MappingProxyType(dict(classifier or {})),
        au_detector=MappingProxyType(dict(au_detector or {})),
        occlusion=occlusion,
    )


def region_numbers(
    positive: np.ndarray, crop_landmarks: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """Return the numbers of positive maps that fusion needs.

    Parameters
    ----------
    positive : ndarray
        (C, h, w) float64, not negative.
    crop_landmarks : ndarray
        (68, 2) x, y in crop pixels.

    Returns
    -------
    activation : ndarray
        (C, 68).
    mean, std : dict of str to ndarray
        (C,) for each of `REGIONS`.
    peak : ndarray
        (C,).
    """
    rows, columns = (interpolation_matrix(CROP_SIZE, n) for n in positive.shape[1:])
    pixels = (rows @ positive @ columns.T).reshape(len(positive), -1)
    hull = pixels[:, hull_mask(crop_landmarks).ravel()]
    return (
        sample_maps(positive, crop_landmarks),
        {"crop": pixels.mean(axis=1), "hull": hull.mean(axis=1)},
        {"crop": pixels.std(axis=1), "hull": hull.std(axis=1)},
        pixels.max(axis=1),
    )


def hull_mask(crop_landmarks: np.ndarray) -> np.ndarray:
    """Return (224, 224) bool, the crop's pixels within the convex hull of the landmarks."""
    points = np.round(crop_landmarks).astype(np.int32)
    mask = np.zeros((CROP_SIZE, CROP_SIZE), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)
    if not mask.any():
        mask[:] = 1
    return mask.astype(bool)
