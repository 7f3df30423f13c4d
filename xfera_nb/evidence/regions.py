"""Share a map out among the face regions, for one face and for the faces of a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from xfera_nb.errors import PhotoError
from xfera_nb.faces.align import CROP_SIZE, apply_affine, crop_to_image_affine, invert_affine
from xfera_nb.faces.regions import FACE_REGIONS, face_region_masks
from xfera_nb.saliency import interpolation_matrix, sample_maps

_KEPT_BITS = 8


def share_regions(maps: np.ndarray, crop_landmarks: np.ndarray) -> np.ndarray:
    """Return the share of each positive map that lies in each face region.

    Parameters
    ----------
    maps : ndarray
        (C, h, w) float32, signed; NaN counts as nothing. They are resized to the crop.
    crop_landmarks : ndarray
        (68, 2) x, y in crop pixels.

    Returns
    -------
    ndarray
        (C, 6) float64, 0-1, in the order of `xfera_nb.faces.regions.FACE_REGIONS`; NaN for a map
        where no value is positive.
    """
    positive = np.maximum(np.nan_to_num(maps, nan=0.0), 0).astype(np.float64)
    rows, columns = (interpolation_matrix(CROP_SIZE, cells) for cells in positive.shape[1:])
    masks = face_region_masks(crop_landmarks).astype(np.float64)
    # A cell's weight in a region: the sum of its weights in the region's pixels.
    weights = rows.T @ masks @ columns
    flat = positive.reshape(len(positive), -1)
    inside = flat @ weights.reshape(len(FACE_REGIONS), -1).T
    total = flat @ np.outer(rows.sum(axis=0), columns.sum(axis=0)).reshape(-1, 1)
    shares = np.full(inside.shape, np.nan)
    np.divide(inside, total, out=shares, where=total > 0)
    return shares


def round_maps(maps: np.ndarray) -> np.ndarray:
    """Return maps rounded to 8 significant bits, at most 0.4 % off: a third of the bytes.

    Parameters
    ----------
    maps : ndarray
        float32, any shape.

    Returns
    -------
    ndarray
        float32; NaN stays NaN.
    """
    fraction, exponent = np.frexp(maps)
    steps = np.float32(2**_KEPT_BITS)
    rounded: np.ndarray = np.ldexp(np.rint(fraction * steps) / steps, exponent)
    return rounded.astype(np.float32)


def sample_stored_maps(
    maps: np.ndarray, landmarks: np.ndarray, crop_rule: Mapping[str, Any] = MappingProxyType({})
) -> np.ndarray:
    """Return the positive maps of many faces at their landmarks.

    Parameters
    ----------
    maps : ndarray
        (N, 7, h, w) float32, signed.
    landmarks : ndarray
        (N, 68, 2) x, y in photo pixels.
    crop_rule : mapping
        As `xfera_nb.evidence.crop_rule.read_crop_rule` returns it.

    Returns
    -------
    ndarray
        (N, 7, 68) float64, NaN at landmarks outside of the crop, and for a face whose landmarks
        give no crop.
    """
    values = np.full((*maps.shape[:2], landmarks.shape[1]), np.nan)
    for row, points in _place_on_crops(landmarks, crop_rule):
        positive = np.maximum(np.nan_to_num(maps[row], nan=0.0), 0).astype(np.float64)
        values[row] = sample_maps(positive, points)
    return values


def share_stored_regions(
    maps: np.ndarray, landmarks: np.ndarray, crop_rule: Mapping[str, Any] = MappingProxyType({})
) -> np.ndarray:
    """Return `share_regions` of many faces, from landmarks on their photos.

    Parameters
    ----------
    maps : ndarray
        (N, 7, h, w) float32, signed.
    landmarks : ndarray
        (N, 68, 2) x, y in photo pixels.
    crop_rule : mapping
        As `xfera_nb.evidence.crop_rule.read_crop_rule` returns it.

    Returns
    -------
    ndarray
        (N, 7, 6) float64; NaN also for a face whose landmarks give no crop.
    """
    shares = np.full((*maps.shape[:2], len(FACE_REGIONS)), np.nan)
    for row, points in _place_on_crops(landmarks, crop_rule):
        shares[row] = share_regions(maps[row], points)
    return shares


def _place_on_crops(
    landmarks: np.ndarray, crop_rule: Mapping[str, Any]
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the row of each face whose landmarks give a crop, and its landmarks on the crop."""
    for row, points in enumerate(landmarks):
        try:
            to_crop = invert_affine(crop_to_image_affine(points, **crop_rule))
        except PhotoError:
            continue
        yield row, apply_affine(to_crop, points)
