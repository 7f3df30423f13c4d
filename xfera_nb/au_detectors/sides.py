"""Left and right of an intensity, estimated from how unlike the face's two halves are.

For sources that give one number for both sides. Formula: the landmarks give each AU a displacement
on each side, d_left and d_right (below, in units of the distance between the outer eye corners,
along or across the face's own axes, above a resting value). With the share
s_left = d_left / (d_left + d_right), the sides are 2 s_left I and 2 s_right I, clipped to 0-5, so
that (without clipping) their mean is the intensity I. A symmetric face gives I on both sides.

| AU | displacement of a side | resting |
| --- | --- | --- |
| 1 | mean height of the two inner brow points over the eye corners' line | 0.05 |
| 2 | mean height of the two outer brow points over that line | 0.05 |
| 4 | 0.45 less the mean height of the three inner brow points | 0 |
| 5 | eye aperture (lid distance, mean of two) | 0 |
| 6, 7, 45 | 0.13 less the eye aperture | 0 |
| 12 | distance of the lip corner from the outer eye corner, 1.05 less it | 0 |
| 15 | distance down of the lip corner from the nose base | 0 |

Other AUs have no landmark that moves with them on one side alone, or (17, 23, 25, 26) are moved by
both sides together; for 14 and 20 the width of a half mouth would do, but it follows the head's yaw
(r = -0.92 on press photos) and not the lips: NaN. An AU of 0 has 0 on both sides. A displacement
under 0.02 counts as 0.02. The resting values are ours: what about one face in a hundred stays
below. A resting face is not symmetric itself, and landmarks are not exact, so the result is an
estimate and says so (`SOURCE`).

A turned head shows one half shortened. The yaw proxy is (b - a) / (a + b), where a and b are the
distances of the nose tip across from the two outer eye corners; above `YAW_LIMIT` all sides are
NaN (0.25 is about 11 degrees of yaw). Sides are the person's: points 37-42 are the right eye, on
the left of the picture.
"""

from __future__ import annotations

import numpy as np

from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.landmarks import MIRROR

SOURCE = "landmark asymmetry (estimate)"
YAW_LIMIT = 0.25
_LEAST = 0.02
_INDEX = {au: i for i, au in enumerate(OPENFACE_AUS)}


def _upright(landmarks: np.ndarray) -> np.ndarray:
    """Rotate and scale points: x along the eye line, y down, outer eye corners at -0.5 and 0.5."""
    points = np.asarray(landmarks, dtype=np.float64)
    right, left = points[36], points[45]
    along = left - right
    width = float(np.hypot(*along))
    if not width > 0:
        raise ValueError("the outer eye corners coincide")
    x = along / width
    axes = np.array([x, [-x[1], x[0]]])
    placed: np.ndarray = (points - (left + right) / 2) @ axes.T / width
    return placed


def yaw_proxy(landmarks: np.ndarray) -> float:
    """Compute how far the nose tip lies off the middle between the outer eye corners.

    Parameters
    ----------
    landmarks : (68, 2) float
        iBUG points in pixels.

    Returns
    -------
    float
        0 for a frontal face, above 0 when the nose points to the right of the picture; -1 or 1
        when it reaches an eye corner.
    """
    return float(2 * _upright(landmarks)[30, 0])


def displacements(landmarks: np.ndarray) -> dict[int, tuple[float, float]]:
    """Compute AU -> displacement on the person's (left, right), at least 0.02; see the module."""
    right = _upright(landmarks)
    # The mirrored face's right half is the face's left half, so one set of formulas serves both.
    left = right[np.asarray(MIRROR)] * (-1, 1)
    pairs = zip(_half(left).items(), _half(right).values(), strict=True)
    return {au: (max(a, _LEAST), max(b, _LEAST)) for (au, a), b in pairs}


def _half(p: np.ndarray) -> dict[int, float]:
    """Compute the displacements of the half with the eye 37-42 (0-based 36-41), where x < 0."""
    height = -p[:, 1]
    aperture = float(np.mean([np.hypot(*(p[37] - p[41])), np.hypot(*(p[38] - p[40]))]))
    narrow = 0.13 - aperture
    return {
        1: float(height[20:22].mean()) - 0.05,
        2: float(height[17:19].mean()) - 0.05,
        4: 0.45 - float(height[19:22].mean()),
        5: aperture,
        6: narrow,
        7: narrow,
        12: 1.05 - float(np.hypot(*(p[48] - p[36]))),
        15: float(p[48, 1] - p[33, 1]),
        45: narrow,
    }


def estimate(intensities: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split intensities into the person's left and right.

    Parameters
    ----------
    intensities : (17,) float
        0 to 5, order `OPENFACE_AUS`; NaN stays NaN.
    landmarks : (68, 2) float
        iBUG points in pixels.

    Returns
    -------
    left, right : (17,) float32
        0 to 5; NaN for AUs without a usable measure, and everywhere on a turned head.
    """
    left = np.full(len(OPENFACE_AUS), np.nan, dtype=np.float32)
    right = left.copy()
    if abs(yaw_proxy(landmarks)) > YAW_LIMIT:
        return left, right
    for au, (on_left, on_right) in displacements(landmarks).items():
        both = 2 * float(intensities[_INDEX[au]])
        share = on_left / (on_left + on_right)
        left[_INDEX[au]] = np.clip(both * share, 0, 5)
        right[_INDEX[au]] = np.clip(both * (1 - share), 0, 5)
    return left, right


def notes(landmarks: np.ndarray) -> tuple[str, ...]:
    """Return what a reader should know about the sides of this face: a sentence, or nothing."""
    if abs(yaw_proxy(landmarks)) > YAW_LIMIT:
        return ("The head is turned too far to tell left from right by the landmarks.",)
    return ()
