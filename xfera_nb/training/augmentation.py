"""Random variation of training faces, on batches of tensors (CPU or CUDA).

Images come in as (N, 1, h, w) uint8 grey squares of any one size and leave as (N, 3, S, S) float,
normalised with `MEAN` and `STD` and repeated to three channels: the classifier never sees colour,
so a data set in which colour gives the label away cannot teach it. Geometry (mirror, rotation,
scale, shift) and resolution are varied in one resampling; then light and contrast, then erasing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from xfera_nb.classifier.preprocess import MEAN, STD


@dataclass(frozen=True)
class Augmentation:
    """Hold how far faces are varied; every value 0 gives plain resizing.

    Attributes
    ----------
    mirror : float
        Probability of a left-right mirror image.
    rotation : float
        Largest rotation either way, degrees.
    zoom : float
        Largest change of scale: factors from ``1 - zoom`` to ``1 + zoom``.
    shift : float
        Largest shift either way, as a share of the side.
    coarsen : float
        Probability of a random loss of resolution, down to `coarsest` pixels a side.
    coarsest : int
        Pixels a side.
    contrast : float
        Largest relative change of contrast and brightness.
    erase : float
        Probability that a random rectangle of up to a quarter of the area is painted grey.
    """

    mirror: float = 0.5
    rotation: float = 12.0
    zoom: float = 0.15
    shift: float = 0.06
    coarsen: float = 0.25
    coarsest: int = 24
    contrast: float = 0.35
    erase: float = 0.25


PLAIN = Augmentation(
    mirror=0.0, rotation=0.0, zoom=0.0, shift=0.0, coarsen=0.0, contrast=0.0, erase=0.0
)
"""No variation."""


def augment(
    images: Tensor, size: int, how: Augmentation, zoom: float | Tensor = 1.0, shift_up: float = 0.0
) -> Tensor:
    """Vary a batch and bring it to the size that the network takes.

    Parameters
    ----------
    images : Tensor
        (N, 1, h, w) uint8 or float 0-255.
    size : int
        Side S of the output, pixels.
    how : Augmentation
        The limits of the variation. Random numbers come from torch's default generator.
    zoom : float or Tensor
        Scale applied to every image (or (N,) scales) before the variation; below 1 shows the face
        smaller, the border replicated.
    shift_up : float
        Faces are also moved up by a random share of the side from 0 to this.

    Returns
    -------
    Tensor
        (N, 3, S, S) float32, normalised.
    """
    n, device = len(images), images.device
    x = images.float()
    if how.coarsen:
        x = _coarsen(x, how)
    angle = _uniform(n, how.rotation, device) * (math.pi / 180)
    scale = (1 + _uniform(n, how.zoom, device)) * zoom
    mirror = torch.where(torch.rand(n, device=device) < how.mirror, -1.0, 1.0)
    cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
    shift = 2 * _uniform(2 * n, how.shift, device).view(2, n)
    shift[1] += 2 * shift_up * torch.rand(n, device=device)
    theta = torch.stack([mirror * cos, -sin, shift[0], mirror * sin, cos, shift[1]], dim=1)
    theta = theta.view(n, 2, 3)
    grid = F.affine_grid(theta, [n, 1, size, size], align_corners=False)
    x = F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
    if how.contrast:
        x = _relight(x, how.contrast)
    if how.erase:
        x = _erase(x, how.erase)
    return normalise(x)


def normalise(grey: Tensor) -> Tensor:
    """Turn grey (N, 1, S, S) 0-255 into the network's input (N, 3, S, S)."""
    return ((grey / 255 - MEAN) / STD).expand(-1, 3, -1, -1)


def _uniform(n: int, limit: float, device: torch.device) -> Tensor:
    return (torch.rand(n, device=device) * 2 - 1) * limit


def _coarsen(x: Tensor, how: Augmentation) -> Tensor:
    chosen = torch.rand(len(x), device=x.device) < how.coarsen
    side = x.shape[-1]
    if not chosen.any() or side <= how.coarsest:
        return x
    # One coarse size a batch keeps this two resizings instead of one for each image.
    coarse = int(torch.randint(how.coarsest, side, (1,)))
    small = F.interpolate(x[chosen], size=coarse, mode="bilinear", antialias=True)
    x = x.clone()
    x[chosen] = F.interpolate(small, size=side, mode="bilinear")
    return x


def _relight(x: Tensor, limit: float) -> Tensor:
    n = len(x)
    middle = x.mean(dim=(1, 2, 3), keepdim=True)
    contrast = (1 + _uniform(n, limit, x.device)).view(n, 1, 1, 1)
    light = (_uniform(n, limit, x.device) * 64).view(n, 1, 1, 1)
    return ((x - middle) * contrast + middle + light).clamp(0, 255)


def _erase(x: Tensor, probability: float) -> Tensor:
    n, _, height, width = x.shape
    device = x.device
    half = 0.1 + 0.15 * torch.rand(2, n, device=device)
    centre = torch.rand(2, n, device=device)
    rows = (torch.arange(height, device=device) / height).view(1, height, 1)
    columns = (torch.arange(width, device=device) / width).view(1, 1, width)
    inside = ((rows - centre[0].view(n, 1, 1)).abs() < half[0].view(n, 1, 1)) & (
        (columns - centre[1].view(n, 1, 1)).abs() < half[1].view(n, 1, 1)
    )
    chosen = torch.rand(n, device=device) < probability
    return torch.where((inside & chosen.view(n, 1, 1)).unsqueeze(1), torch.full_like(x, 127.5), x)
