"""Hide a part of each face: one or two rectangles, or a whole feature where landmarks are known.

What is hidden is replaced by a copy so coarse that it shows no feature, or in a quarter of the
faces by grey, through a mask with soft edges: a hard edge would be a new feature of its own.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

FEATURES = (
    (*range(17, 27), *range(36, 48)),
    tuple(range(27, 36)),
    tuple(range(48, 68)),
    tuple(range(17, 27)),
    tuple(range(36, 48)),
    tuple(range(4, 13)),
)
"""Landmarks, counted from 0, of brows with eyes, nose, mouth, brows, eyes and chin."""
FEATURE_SHARE = 0.5
"""Of the faces with landmarks, those that lose a feature instead of rectangles."""
GREY_SHARE = 0.25
_COARSE = 9


def draw_masks(landmarks: np.ndarray, size: int, draw: np.random.Generator) -> Tensor:
    """Draw where each face is hidden.

    Parameters
    ----------
    landmarks : (N, 68, 2) float
        (x, y) from -1 to 1; NaN where unknown.
    size : int
        Pixels a side.
    draw : numpy.random.Generator

    Returns
    -------
    (N, 1, size, size) Tensor
        0 shown to 1 hidden.
    """
    masks = torch.zeros(len(landmarks), 1, size, size)
    for mask, points in zip(masks[:, 0], landmarks, strict=True):
        if draw.random() < FEATURE_SHARE and np.isfinite(points).all():
            chosen = FEATURES[int(draw.integers(len(FEATURES)))]
            around = (points[list(chosen)] + 1) / 2 * size
            margin = size * draw.uniform(0.02, 0.06)
            left, top = (around.min(0) - margin).clip(0, size - 1).astype(int)
            right, bottom = (around.max(0) + margin).clip(1, size).astype(int)
            mask[top:bottom, left:right] = 1
        else:
            for _ in range(int(draw.integers(1, 3))):
                high, wide = (int(size * draw.uniform(*span)) for span in ((0.1, 0.3), (0.15, 0.6)))
                top, left = draw.integers(0, size - high), draw.integers(0, size - wide)
                mask[top : top + high, left : left + wide] = 1
    width = max(3, size // 12 | 1)
    return F.avg_pool2d(F.pad(masks, (width // 2,) * 4), width, 1)


def hide(faces: Tensor, masks: Tensor) -> Tensor:
    """Hide parts of grey faces (N, 1, S, S), 0-255, by masks (N, 1, S, S); draws from torch."""
    size = faces.shape[-1]
    coarse = F.interpolate(faces, size=_COARSE, mode="bilinear", antialias=True)
    coarse = F.interpolate(coarse, size=size, mode="bilinear")
    grey = torch.rand(len(faces), 1, 1, 1) < GREY_SHARE
    return torch.lerp(faces, torch.where(grey, torch.full_like(coarse, 127.5), coarse), masks)
