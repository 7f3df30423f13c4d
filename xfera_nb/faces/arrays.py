"""Pixel values: other types and channels to (H, W, 3) uint8, 0-255.

A value v on the scale 0-full becomes v * 255 / full, rounded to the nearest. Alpha is straight (not
premultiplied) and laid on white.

Whole numbers of more than 8 bits do not say what white is: cameras and scanners store 10, 12 or 14
bits in 16, low bits first. So `full` is the smallest of `FULL_SCALES` that no value of the picture
exceeds. A 16-bit photo that never passes a quarter of the scale is brightened by that.
"""

from __future__ import annotations

import numpy as np

from xfera_nb.errors import PhotoError

FLOAT_TOLERANCE = 1e-4
"""Floats this far outside of 0-1 are rounding errors and are clipped."""

FULL_SCALES = (2**8 - 1, 2**10 - 1, 2**12 - 1, 2**14 - 1, 2**16 - 1)
"""What white can be in whole numbers: 8, 10, 12, 14 or 16 bits."""

_ROWS, _PIXELS = 256, 2**18


def array_to_rgb(array: np.ndarray) -> np.ndarray:
    """Copy an image array into (H, W, 3) uint8 RGB.

    Parameters
    ----------
    array : (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) array
        Grey, RGB or RGBA; bool, uint8, uint16 (of 8 to 16 bits), or float within 0-1.

    Raises
    ------
    PhotoError
        Another shape or type, an empty array, or floats outside of 0-1 or not finite.
    """
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        raise PhotoError(
            f"An array of the shape {array.shape} is not a photo; "
            "give (height, width), or (height, width, channels) with 1, 3 or 4 channels."
        )
    if array.size == 0:
        raise PhotoError("The array holds no pixels; give a photo.")
    if array.dtype == np.bool_:
        array = array.astype(np.uint8) * np.uint8(255)
    elif array.dtype.kind == "u" and array.dtype.itemsize == 2:
        array = uint16_to_uint8(array)
    elif array.dtype.kind == "f":
        array = float_to_uint8(array)
    elif array.dtype != np.uint8:
        raise PhotoError(
            f"An array of {array.dtype} does not say what white is; "
            "convert it to uint8 (0-255), uint16 (0-65535) or float (0-1)."
        )
    if array.shape[2] == 4:
        return on_white(array)
    if array.shape[2] == 1:
        return np.repeat(array, 3, axis=2)
    return np.array(array, order="C")


def rows_at_once(width: int) -> int:
    """Return how many rows to convert at once: few, to save memory; more if they are short."""
    return max(_ROWS, _PIXELS // max(width, 1))


def full_scale(highest: float) -> int:
    """Return what white is, where the highest value is at most 65535: one of `FULL_SCALES`."""
    return next(full for full in FULL_SCALES if highest <= full)


def uint16_to_uint8(values: np.ndarray, full: int | None = None) -> np.ndarray:
    """Scale whole numbers of 8 to 16 bits to 0-255, in any byte order.

    Parameters
    ----------
    values : (H, W) or (H, W, channels) array of uint16
        Of four channels the last is alpha, which has the colours' scale unless it exceeds it.
    full : int, optional
        What white is; by default the smallest of `FULL_SCALES` that no value exceeds.
    """
    if values.ndim == 3 and values.shape[2] == 4:
        colours, alpha = values[:, :, :3], values[:, :, 3:]
        full = full or full_scale(colours.max())
        opaque = max(full, full_scale(alpha.max()))
        parts = [uint16_to_uint8(colours, full), uint16_to_uint8(alpha, opaque)]
        return np.concatenate(parts, axis=2)
    full = full or full_scale(values.max())
    table = np.rint(np.arange(full + 1) * (255 / full)).astype(np.uint8)
    scaled: np.ndarray = table[values]
    return scaled


def float_to_uint8(values: np.ndarray) -> np.ndarray:
    """Scale 0-1 to 0-255; values outside, or not finite, raise PhotoError."""
    low, high = values.min(), values.max()
    if not (low >= -FLOAT_TOLERANCE and high <= 1 + FLOAT_TOLERANCE):
        raise PhotoError(
            f"The photo's float values go from {low:.4g} to {high:.4g}; "
            "scale them to 0-1 or convert them to uint8."
        )
    result = np.empty(values.shape, np.uint8)
    step = rows_at_once(values.shape[1])
    for row in range(0, len(values), step):
        part = values[row : row + step].astype(np.float32)
        result[row : row + step] = np.rint(part.clip(0, 1) * 255)
    return result


def on_white(rgba: np.ndarray) -> np.ndarray:
    """Blend (H, W, 4) uint8 with straight alpha onto white; return (H, W, 3) uint8."""
    result = np.empty((*rgba.shape[:2], 3), np.uint8)
    step = rows_at_once(rgba.shape[1])
    for row in range(0, len(rgba), step):
        part = rgba[row : row + step].astype(np.uint16)
        alpha = part[:, :, 3:]
        blend = part[:, :, :3] * alpha + 255 * (255 - alpha)  # at most 255 * 255 = 65025
        result[row : row + step] = (blend + np.uint16(127)) // 255
    return result
