"""From face crops to what a network takes, by the input rule of its card.

The rule is a mapping: `size` pixels a side; `mean` and `std`, one number or one a channel, of
values 0-1; `colour`, which begins with "grey" (ITU-R BT.601 luma) or is "RGB" or "BGR";
`channels`, 3 unless said (grey is repeated); and, where there is one, `detail`: crops are first
shrunk to that many pixels a side, since the network was trained on faces of no finer detail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

MEAN = 0.5
STD = 0.25
"""Normalisation of the shipped network's input: (value 0-1 minus MEAN) / STD."""


def preprocess_crops(crops: np.ndarray | Sequence[np.ndarray], rule: Mapping[str, Any]) -> Tensor:
    """Turn crops into a network's input.

    Parameters
    ----------
    crops : ndarray
        (N, S, S, 3) or (S, S, 3) uint8 RGB.
    rule : mapping

    Returns
    -------
    Tensor
        (N, channels, size, size) float32.

    Raises
    ------
    ValueError
        If the crops are not uint8 RGB squares.
    """
    crops = np.asarray(crops)
    crops = crops[None] if crops.ndim == 3 else crops
    if crops.dtype != np.uint8 or crops.ndim != 4 or crops.shape[-1] != 3:
        raise ValueError(f"Crops are (N, S, S, 3) uint8, not {crops.shape} {crops.dtype}.")
    size, colour = int(rule["size"]), str(rule.get("colour", "grey"))
    is_grey = colour.startswith("grey")
    plain = np.empty((len(crops), size, size, 1 if is_grey else 3), np.float32)
    for row, crop in enumerate(crops):
        flat = np.ascontiguousarray(crop)
        flat = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY) if is_grey else flat
        flat = _resized(flat, min(int(rule.get("detail", size)), len(flat)))
        plain[row] = _resized(flat, size).reshape(size, size, -1)
    if colour == "BGR":
        plain = np.ascontiguousarray(plain[..., ::-1])
    mean, std = (
        torch.tensor(rule[name], dtype=torch.float32, device="cpu").reshape(1, -1, 1, 1)
        for name in ("mean", "std")
    )
    values = (torch.from_numpy(plain).permute(0, 3, 1, 2) / 255 - mean) / std
    values = values.expand(-1, int(rule.get("channels", 3)), -1, -1)
    return values.contiguous(memory_format=torch.channels_last)


def _resized(image: np.ndarray, side: int) -> np.ndarray:
    if image.shape[:2] == (side, side):
        return image
    shrinks = side < len(image)
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, (side, side), interpolation=how)
