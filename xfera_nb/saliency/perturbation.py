"""Remove parts of a face without adding others: blur, and noisy linear imputation.

Units: levels 0-255, crop pixels. Where the classifier sees grey (its card's input rule), so do the
checks: pictures are (S, S), otherwise (S, S, 3).

Blur
    A Gaussian of `SIGMA` pixels, half a cell of a 7x7 map: brows, eyes and mouth are gone, the
    coarse light and dark of the face stay. A region's rim is soft (`RIM`), as a hard one is an edge
    that the network might answer to. Black patches are not used: they are unlike any face.
Noisy linear imputation (ROAD: Rong et al. 2022, "A consistent and efficient evaluation strategy for
attribution methods", section 4)
    A removed pixel becomes the weighted mean of its eight neighbours, of which the removed ones are
    unknown too: 1/6 for each of the four beside it, 1/12 for each of the four at its corners; the
    weights of neighbours outside of the picture are shared among the others. To that comes Gaussian
    noise of `NOISE` of the range. The equations are solved by conjugate gradients until each
    removed pixel is within `TOLERANCE` levels of its neighbours' mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

SIGMA = 16.0
"""Standard deviation of the blur, pixels of a 224 px crop."""
RIM = 3.0
"""Standard deviation of the rim's softening, pixels."""
NOISE = 0.01
"""Of the imputed pixels, share of the range."""
TOLERANCE = 0.005

_WEIGHTS = np.array([[1, 2, 1], [2, 0, 2], [1, 2, 1]]) / 12


def match_colour(crop: np.ndarray, rule: Mapping[str, Any]) -> np.ndarray:
    """Return a crop (S, S, 3) uint8 RGB in the classifier's colours: its luma (S, S) if grey."""
    if str(rule.get("colour", "grey")).startswith("grey"):
        return cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY)
    return np.ascontiguousarray(crop)


def blur_picture(picture: np.ndarray) -> np.ndarray:
    """Blur the whole picture: float32, of the same shape."""
    sigma = SIGMA * len(picture) / 224
    whole = picture.astype(np.float32)
    return cv2.GaussianBlur(whole, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)


def soften_masks(masks: np.ndarray) -> np.ndarray:
    """Turn masks (N, S, S) bool into weights 0-1 with a soft rim: (N, S, S) float32."""
    weights = np.empty(masks.shape, np.float32)
    for row, mask in enumerate(masks):
        weights[row] = cv2.GaussianBlur(
            mask.astype(np.float32), (0, 0), RIM, borderType=cv2.BORDER_REPLICATE
        )
    return weights


def blend(picture: np.ndarray, blur: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Blur a picture where a weight is 1 and leave it unchanged where it is 0.

    Parameters
    ----------
    picture : ndarray
        (S, S) or (S, S, 3) uint8.
    blur : ndarray
        Of the same shape, float32, as `blur_picture` gives it.
    weights : ndarray
        (N, S, S) float or bool, 0-1.

    Returns
    -------
    ndarray
        (N, S, S) or (N, S, S, 3) uint8.
    """
    weights = weights.reshape(*weights.shape, *[1] * (picture.ndim - 2))
    # One after the other, in the same memory.
    pictures = np.empty((len(weights), *picture.shape), np.uint8)
    difference = blur - picture
    for row, weight in enumerate(weights):
        pictures[row] = np.rint(picture + weight * difference)
    return pictures


def impute(picture: np.ndarray, removed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fill removed pixels in from those around them, with noise.

    Parameters
    ----------
    picture : ndarray
        (S, S) or (S, S, 3) uint8.
    removed : ndarray
        (S, S) bool; some pixel must be left.
    rng : Generator
        Of the noise.

    Returns
    -------
    ndarray
        Shaped as the picture, uint8.

    Raises
    ------
    ValueError
        If no pixel is left.
    """
    if removed.all():
        raise ValueError("No pixel is left to fill the others in from.")
    planes = np.moveaxis(picture.reshape(*removed.shape, -1), -1, 0).astype(np.float32)
    filled = np.stack([_solved(plane, removed) for plane in planes], axis=-1)
    filled += rng.normal(0, NOISE * 255, filled.shape) * removed[..., None]
    whole: np.ndarray = np.clip(np.rint(filled), 0, 255).astype(np.uint8)
    return whole.reshape(picture.shape)


def _solved(plane: np.ndarray, removed: np.ndarray) -> np.ndarray:
    """Solve for removed pixels that are the weighted mean of their neighbours."""
    inside = removed.astype(np.float32)
    whole = _around(np.ones_like(plane))
    known = np.where(removed, 0, plane).astype(np.float32)
    x = np.where(removed, plane[~removed].mean(), 0).astype(np.float32)
    step = residual = inside * (_around(known) - (whole * x - _around(x)))
    size = float((residual**2).sum())
    while np.abs(residual).max() > TOLERANCE:
        pushed = inside * (whole * step - _around(step))
        length = size / float((step * pushed).sum())
        x = x + length * step
        residual = residual - length * pushed
        size, before = float((residual**2).sum()), size
        step = residual + (size / before) * step
    return known + x


def _around(values: np.ndarray) -> np.ndarray:
    """Return the weighted sum of each pixel's eight neighbours, zero beyond the border."""
    return cv2.filter2D(values, -1, _WEIGHTS, borderType=cv2.BORDER_CONSTANT)
