"""Hide a part of each face: one or two rectangles, or a whole feature where landmarks are known.

What is hidden is replaced by a copy so coarse that it shows no feature, or in a quarter of the
faces by grey, through a mask with soft edges: a hard edge would be a new feature of its own.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

FEATURES = (
    ((*range(17, 27), *range(36, 48)),),
    (tuple(range(27, 36)),),
    (tuple(range(48, 68)),),
    (tuple(range(17, 27)),),
    (tuple(range(36, 48)),),
    (tuple(range(4, 13)),),
    ((2, 3, 31, 48), (13, 14, 35, 54)),
)
"""Landmarks, counted from 0, around brows with eyes, nose, mouth, brows, eyes, chin and cheeks."""
FEATURE_SHARE = 0.5
"""Of the faces with landmarks, those that lose a feature instead of rectangles."""
GREY_SHARE = 0.25
MARGIN = (0.02, 0.06)
HEIGHT = (0.1, 0.3)
WIDTH = (0.15, 0.6)
"""Around a feature, and of a rectangle: smallest and largest, as shares of the side."""
_COARSE = 9


def draw_masks(landmarks: Tensor, size: int) -> Tensor:
    """Draw where each face is hidden; draws from torch, on the device of the landmarks.

    Parameters
    ----------
    landmarks : (N, 68, 2) Tensor
        (x, y) from -1 to 1; NaN where unknown.
    size : int
        Pixels a side.

    Returns
    -------
    (N, 1, size, size) Tensor
        0 shown to 1 hidden.
    """
    count, device = len(landmarks), landmarks.device

    def draw(span: tuple[float, float], *shape: int) -> Tensor:
        return span[0] + (span[1] - span[0]) * torch.rand(*shape, device=device)

    boxes = _feature_boxes(landmarks)[
        torch.arange(count, device=device),
        torch.randint(len(FEATURES), (count,), device=device),
    ]
    margin = draw(MARGIN, count, 1, 1)
    features = torch.cat([boxes[..., :2] - margin, boxes[..., 2:] + margin], 2)
    extent = torch.stack([draw(WIDTH, count, 2), draw(HEIGHT, count, 2)], 2)
    corner = draw((0, 1), count, 2, 2) * (1 - extent)
    rectangles = torch.cat([corner, corner + extent], 2)
    one = torch.rand(count, device=device) < 0.5
    rectangles[:, 1] = torch.where(one[:, None], rectangles[:, 0], rectangles[:, 1])
    known = features.isfinite().all(2).all(1) & (torch.rand(count, device=device) < FEATURE_SHARE)
    chosen = torch.where(known[:, None, None], features, rectangles)[..., None]
    at = (torch.arange(size, device=device) + 0.5) / size
    across = (at >= chosen[:, :, 0]) & (at < chosen[:, :, 2])
    down = (at >= chosen[:, :, 1]) & (at < chosen[:, :, 3])
    masks: Tensor = (down[..., :, None] & across[..., None, :]).any(1, keepdim=True).float()
    width = max(3, size // 12 | 1)
    soft: Tensor = F.avg_pool2d(F.pad(masks, (width // 2,) * 4), width, 1)
    return soft


def _feature_boxes(landmarks: Tensor) -> Tensor:
    """Return (N, features, 2, 4): left, top, right, lower edge of both boxes, 0-1 of the side."""
    places = (landmarks + 1) / 2
    boxes = [
        torch.cat([places[:, list(part)].amin(1), places[:, list(part)].amax(1)], 1)
        for feature in FEATURES
        for part in (feature[0], feature[-1])
    ]
    pairs: Tensor = torch.stack(boxes, 1).unflatten(1, (len(FEATURES), 2))
    return pairs


def hide(faces: Tensor, masks: Tensor) -> Tensor:
    """Hide parts of grey faces (N, 1, S, S), 0-255, by masks (N, 1, S, S); draws from torch."""
    size = faces.shape[-1]
    coarse = F.interpolate(faces, size=_COARSE, mode="bilinear", antialias=True)
    coarse = F.interpolate(coarse, size=size, mode="bilinear")
    grey = torch.rand(len(faces), 1, 1, 1, device=faces.device) < GREY_SHARE
    return torch.lerp(faces, torch.where(grey, torch.full_like(coarse, 127.5), coarse), masks)
