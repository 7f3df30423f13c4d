"""From a photo and 68 landmarks to the network's three inputs; the same code in training and use.

Rule. Jaw points (1-17) are left out: photos that are cut at the chin have none worth trusting. The
least-squares similarity transform (rotation, one scale, shift) takes points 18-68 onto a mean
shape; the photo is resampled through it into a grey square of 112 pixels, in which the mean eye
centres are 45 pixels apart, at the height of 35, centred. A face larger than 4/3 of that is first
shrunk by area averaging, so that nothing aliases; what lies outside the photo repeats its edge.
Grey is 0.299 R + 0.587 G + 0.114 B. The second input are the transformed points less the mean
shape, in units of 5 pixels of the square. The third input is a second such square, aligned by 24
points that move little with an expression, the jaw's sides among them, as OpenFace aligns.

Coordinates are (x, y) with the top-left pixel's centre at (0, 0).
"""

from __future__ import annotations

import cv2
import numpy as np

from xfera_nb.facs.landmarks import MIRROR

SIZE = 112
EYE_DISTANCE = 45.0
EYE_CENTRE = ((SIZE - 1) / 2, 35.0)
FIRST_POINT = 17
POINTS = 68 - FIRST_POINT
POINT_UNIT = 5.0
SHRINK_ABOVE = 4 / 3
RIGID = (*range(1, 5), *range(12, 16), 27, 28, 29, *range(31, 37), *range(39, 43), 45, 46, 47)
INNER_MIRROR = np.asarray(MIRROR)[FIRST_POINT:] - FIRST_POINT


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Fit the least-squares similarity transform from points to points.

    Parameters
    ----------
    source, target : (..., P, 2) float
        Corresponding points; leading axes are broadcast.

    Returns
    -------
    (..., 2, 3) float64
        ``[[a, -b, tx], [b, a, ty]]``.

    Raises
    ------
    ValueError
        All source points of a set coincide.
    """
    source = np.asarray(source, dtype=np.float64)
    target = np.asarray(target, dtype=np.float64)
    s_mean, t_mean = source.mean(-2, keepdims=True), target.mean(-2, keepdims=True)
    s, t = source - s_mean, target - t_mean
    norm = (s * s).sum((-1, -2))
    if not np.all(norm > 0):
        raise ValueError("the points coincide, so no transform can be fitted")
    a = (s * t).sum((-1, -2)) / norm
    b = (s[..., 0] * t[..., 1] - s[..., 1] * t[..., 0]).sum(-1) / norm
    linear = np.stack([np.stack([a, -b], -1), np.stack([b, a], -1)], -2)
    shift = t_mean[..., 0, :] - np.einsum("...ij,...j->...i", linear, s_mean[..., 0, :])
    return np.concatenate([linear, shift[..., None]], -1)


def apply(transform: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Transform points (..., P, 2) by (..., 2, 3)."""
    moved: np.ndarray = np.einsum("...ij,...pj->...pi", transform[..., :2], points)
    moved = moved + transform[..., None, :, 2]
    return moved


def mean_shape(landmarks: np.ndarray, rounds: int = 5) -> np.ndarray:
    """Compute the symmetric Procrustes mean of points 18-68, placed in the 112-pixel square.

    Parameters
    ----------
    landmarks : (N, 68, 2) float
        Landmarks of N faces.
    rounds : int
        Rounds of aligning to the mean and averaging again.

    Returns
    -------
    (51, 2) float32
    """
    points = np.asarray(landmarks, dtype=np.float64)[:, FIRST_POINT:]
    mean = points[0]
    for _ in range(rounds):
        mean = apply(similarity(points, mean), points).mean(0)
    mirrored = mean[INNER_MIRROR] * (-1.0, 1.0)
    mean = (mean + apply(similarity(mirrored, mean), mirrored)) / 2
    eyes = np.stack([mean[19:25].mean(0), mean[25:31].mean(0)])
    half = EYE_DISTANCE / 2
    middle_x, height = EYE_CENTRE
    place = similarity(eyes, np.array([[middle_x - half, height], [middle_x + half, height]]))
    return apply(place, mean).astype(np.float32)


def rigid_shape(landmarks: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Compute the symmetric mean of the rigid points of N faces aligned onto `shape`.

    Parameters
    ----------
    landmarks : (N, 68, 2) float
        Landmarks of N faces.
    shape : (51, 2) float
        From `mean_shape`.

    Returns
    -------
    (24, 2) float32
    """
    landmarks = np.asarray(landmarks, dtype=np.float64)
    mean = apply(similarity(landmarks[:, FIRST_POINT:], shape), landmarks).mean(0)
    mirrored = (SIZE - 1, 0) + mean[np.asarray(MIRROR)] * (-1.0, 1.0)
    rigid: np.ndarray = ((mean + mirrored) / 2)[list(RIGID)].astype(np.float32)
    return rigid


def inputs(
    image: np.ndarray,
    landmarks: np.ndarray,
    shape: np.ndarray,
    rigid: np.ndarray,
    jitter: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute all three inputs of the network for one face.

    Parameters
    ----------
    image, landmarks, shape, jitter
        As for `align`; the second square gets the same `jitter`.
    rigid : (24, 2) float
        From `rigid_shape`.

    Returns
    -------
    grey, points
        From `align`.
    second : (112, 112) uint8
        The square aligned by the rigid points.
    """
    landmarks = np.asarray(landmarks, dtype=np.float64)
    second = _warp(image, _jittered(similarity(landmarks[list(RIGID)], rigid), jitter))
    return *align(image, landmarks, shape, jitter), second


def align(
    image: np.ndarray, landmarks: np.ndarray, shape: np.ndarray, jitter: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Align one face: its grey square and its landmarks.

    Parameters
    ----------
    image : (H, W, 3) uint8 RGB or (H, W) uint8 grey
        The photo.
    landmarks : (68, 2) float
        The face's points in photo pixels.
    shape : (51, 2) float
        The mean shape.
    jitter : (2, 3) float, optional
        Another similarity in the square, applied last to picture and points (training).

    Returns
    -------
    grey : (112, 112) uint8
    points : (51, 2) float32
        Offsets from the mean shape in units of 5 pixels.
    """
    inner = np.asarray(landmarks, dtype=np.float64)[FIRST_POINT:]
    to_square = _jittered(similarity(inner, shape), jitter)
    points = (apply(to_square, inner) - shape) / POINT_UNIT
    return _warp(image, to_square), points.astype(np.float32)


def _jittered(to_square: np.ndarray, jitter: np.ndarray | None) -> np.ndarray:
    """Apply a similarity in the square after the one onto it, both (2, 3)."""
    if jitter is None:
        return to_square
    together: np.ndarray = np.asarray(jitter) @ np.vstack([to_square, [0.0, 0.0, 1.0]])
    return together


def _warp(image: np.ndarray, to_square: np.ndarray) -> np.ndarray:
    """Resample `image` into the grey square, reading only the part of it that is needed."""
    height, width = image.shape[:2]
    scale = float(np.hypot(*to_square[:, 0]))
    linear_back = np.linalg.inv(to_square[:, :2])
    corners = np.array([[0, 0], [SIZE, 0], [0, SIZE], [SIZE, SIZE]]) - 0.5
    corners = (corners - to_square[:, 2]) @ linear_back.T
    margin = 4 / scale
    left, top = np.floor(corners.min(0) - margin).astype(int)
    right, bottom = np.ceil(corners.max(0) + margin).astype(int) + 1
    # An empty cut (a face outside the photo) still leaves the nearest edge pixels to repeat.
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    right, bottom = min(max(right, left + 1), width), min(max(bottom, top + 1), height)
    part = np.ascontiguousarray(image[top:bottom, left:right])
    if part.ndim == 3:
        part = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    transform = to_square.copy()
    transform[:, 2] += transform[:, :2] @ (left, top)
    if scale * SHRINK_ABOVE < 1:
        new = [max(1, round(n * scale * SHRINK_ABOVE)) for n in (part.shape[1], part.shape[0])]
        ratio = np.array([part.shape[1], part.shape[0]]) / new
        part = cv2.resize(part, new, interpolation=cv2.INTER_AREA)
        # Pixel centres: x_large = ratio * (x_small + 0.5) - 0.5.
        transform[:, 2] += transform[:, :2] @ (0.5 * ratio - 0.5)
        transform[:, :2] = transform[:, :2] * ratio
    return cv2.warpAffine(
        part, transform, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
