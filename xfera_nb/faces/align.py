"""The crop rule: from 68 landmarks to an upright 224x224 face, and back to the photo.

Units: pixels, as (x, y); the centre of the top-left pixel is (0, 0), so an image n pixels wide
reaches from -0.5 to n - 0.5. Angles never leave this module. An affine is a (2, 3) float64 matrix
A for A @ (x, y, 1).

The rule, in this order:

1. Eye centres are the means of points 37-42 and 43-48 (numbered from 1). The photo is turned so
   that the line between them is horizontal, the image-left eye on the left.
2. In the turned frame, w and h are the width and height of the box around all 68 points, from the
   highest brow point to the lowest point, the chin on an upright face.
3. The crop is a square of side `SIDE` * max(w, h), centred in x on that box, and the lower edge of
   the box is at `CHIN` of the square's height.
4. Pixels outside the photo repeat the photo's edge; shrinking averages over areas, so that no
   detail of a large photo comes back as a false pattern.

A network from outside may have learned from other crops: `crop_to_image_affine` takes another
`margin` (`SIDE` - 1 here), of which the same share as here lies below the chin, and leaves the
turning out on request.

From `SIDE` > 1 and `CHIN` < 1 it follows, for any points, that all 68 are inside: at least
(1 - 1 / SIDE) / 2 = 8 % of the side from the left and right edge, 1 - CHIN = 3 % from the lower
one and CHIN - 1 / SIDE = 13 % from the upper one.

Source: the XFERa paper (Macchiarulo et al. 2025) says only that faces are detected, aligned and
resized to 224x224. The two constants are ours, set against FER2013's 48x48 images, with which the
classifier learns: on 359 of them (dlib found a face in 359 of 450 drawn at random) the eyes are
0.357 of the side apart and the mouth is 0.395 below them. The crop of the same faces by this
rule gives 0.351 and 0.392. FER2013 cuts through or below the chin (on average at 1.05 of the
height), so a crop that holds the whole face shows it 0.08 higher: eyes at 0.32 and mouth at 0.71
of the height here, 0.40 and 0.79 there.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from xfera_nb.errors import PhotoError

CROP_SIZE = 224
"""Side of the crop in pixels."""

SIDE = 1.20
"""Side of the crop over the larger side of the landmarks' box: FER2013's scale (see above)."""

CHIN = 0.97
"""Position of the lowest landmark, as a fraction of the crop's height: as low as FER2013's faces
sit in their frame while still leaving 3 % for the landmark model's error."""

MIN_EYE_DISTANCE = 1.0
"""Eye centres nearer than this, in photo pixels, give no direction to align to."""

LEFT_EYE = slice(36, 42)
"""Rows of a (68, 2) landmark array: the eye on the left of the image (the person's right)."""

RIGHT_EYE = slice(42, 48)
"""Rows of a (68, 2) landmark array: the eye on the right of the image (the person's left)."""

_ROUNDING = 1e-6  # by which a determinant may miss a whole scale


def crop_to_image_affine(
    landmarks: np.ndarray,
    size: int = CROP_SIZE,
    *,
    margin: float | None = None,
    align: bool = True,
) -> np.ndarray:
    """Map crop pixels to photo pixels by the crop rule of this module.

    Parameters
    ----------
    landmarks : (68, 2) array
        iBUG points in photo pixels, (x, y).
    size : int
        Side of the crop in pixels.
    margin : float, optional
        Side of the crop beyond the larger side of the landmarks' box, in such sides; above 0.
    align : bool
        Whether the crop is turned to the eyes' line.

    Returns
    -------
    (2, 3) float64 array
        A rotation, a uniform scale and a shift.

    Raises
    ------
    PhotoError
        A point is not finite, or the eye centres are less than `MIN_EYE_DISTANCE` apart.
    ValueError
        The array has another shape.
    """
    points = np.asarray(landmarks, dtype=np.float64)
    if points.shape != (68, 2):
        raise ValueError(f"landmarks must have the shape (68, 2), not {points.shape}")
    if not np.isfinite(points).all():
        raise PhotoError("The face's landmarks hold values that are not finite; detect them again.")
    across, down = points[RIGHT_EYE].mean(axis=0) - points[LEFT_EYE].mean(axis=0)
    distance = math.hypot(across, down)
    if distance < MIN_EYE_DISTANCE:
        raise PhotoError(
            f"The face's eyes are {distance:.2g} pixels apart, too near to align it; "
            "take a larger photo or other landmarks."
        )
    cos, sin = (across / distance, down / distance) if align else (1.0, 0.0)
    to_photo = np.array([[cos, -sin], [sin, cos]])
    turned = points @ to_photo  # rows times the matrix: its transpose, so photo -> turned frame
    low, high = turned.min(axis=0), turned.max(axis=0)
    wide = SIDE if margin is None else 1 + margin
    # The same share of the margin below the chin as for `SIDE`.
    chin = CHIN if margin is None else 1 - (1 - CHIN) * (1 - 1 / wide) / (1 - 1 / SIDE)
    side = wide * float((high - low).max())
    corner = np.array([(low[0] + high[0] - side) / 2, high[1] - chin * side])
    step = side / size
    linear = to_photo * step
    shift = to_photo @ (corner + step / 2)  # the first pixel's centre is half a step inside
    return np.column_stack([linear, shift])


def warp_crop(image: np.ndarray, affine: np.ndarray, size: int = CROP_SIZE) -> np.ndarray:
    """Cut a square crop out of a photo.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) uint8 array
        The photo.
    affine : (2, 3) array
        Crop pixels to photo pixels, as `crop_to_image_affine` gives it.
    size : int
        Side of the crop in pixels.

    Returns
    -------
    (size, size, 3) or (size, size) uint8 array
        Bilinear where the crop enlarges. Where it shrinks, each pixel is the mean over its area:
        whole blocks of photo pixels first, so that a face of any size needs little memory, then
        samples less than one pixel apart. Outside the photo its edge is repeated.
    """
    affine = np.asarray(affine, dtype=np.float64)
    linear, shift = affine[:, :2], affine[:, 2]
    scale = math.sqrt(abs(np.linalg.det(linear)))

    block = max(1, int(scale / 2 + _ROUNDING))
    patch, origin = _patch_below(image, affine, size, block)
    # Pixel j of the reduced patch is the mean of `block` pixels around block * j + (block - 1) / 2.
    linear = linear / block
    shift = (shift - origin - (block - 1) / 2) / block

    fine = max(1, math.ceil(scale / block - _ROUNDING))
    # Fine pixel v is at crop pixel (v + 0.5) / fine - 0.5.
    shift = shift + linear @ np.full(2, 0.5 / fine - 0.5)
    linear = linear / fine
    crop = cv2.warpAffine(
        patch,
        np.column_stack([linear, shift]),
        (size * fine, size * fine),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return crop if fine == 1 else cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)


def apply_affine(affine: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Map (..., 2) points, (x, y), with a (2, 3) affine; returns float64."""
    affine = np.asarray(affine, dtype=np.float64)
    mapped: np.ndarray = np.asarray(points, dtype=np.float64) @ affine[:, :2].T + affine[:, 2]
    return mapped


def invert_affine(affine: np.ndarray) -> np.ndarray:
    """Return the (2, 3) float64 affine that undoes `affine`."""
    affine = np.asarray(affine, dtype=np.float64)
    linear = np.linalg.inv(affine[:, :2])
    return np.column_stack([linear, -linear @ affine[:, 2]])


def _patch_below(
    image: np.ndarray, affine: np.ndarray, size: int, block: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut the photo's part under the crop and shrink it by whole blocks of pixels.

    Returns the patch and the photo pixel (x, y) at which its first block begins.
    """
    height, width = image.shape[:2]
    corners = [(-0.5, -0.5), (size - 0.5, -0.5), (-0.5, size - 0.5), (size - 0.5, size - 0.5)]
    reach = apply_affine(affine, np.array(corners))
    margin = 2 * block  # the bilinear neighbours of the outermost samples
    limit = np.array([width, height])
    first = np.clip(np.floor(reach.min(axis=0)) - margin, 0, limit - 1).astype(int)
    last = np.clip(np.ceil(reach.max(axis=0)) + margin, first + 1, limit).astype(int)
    patch = np.ascontiguousarray(image[first[1] : last[1], first[0] : last[0]])
    if block > 1:
        right, below = (first - last) % block
        patch = cv2.copyMakeBorder(patch, 0, int(below), 0, int(right), cv2.BORDER_REPLICATE)
        reduced = (patch.shape[1] // block, patch.shape[0] // block)
        patch = cv2.resize(patch, reduced, interpolation=cv2.INTER_AREA)
    return patch, first.astype(np.float64)
