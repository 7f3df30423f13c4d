"""Smooth a map of single pixels to the scale at which it can be read at a landmark.

A gradient of the input changes its sign from pixel to pixel (Smilkov et al. 2017, "SmoothGrad:
removing noise by adding noise", section 1), so that its value at one landmark's pixel means little.
A Gaussian of `SIGMA` pixels and means over cells keep the map signed and linear in the network's
output; integrated gradients keep their sum, up to the crop's border.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SIGMA = 8.0
"""Standard deviation of the blur, pixels of a 224 px crop."""
CELLS = 28
"""Cells a side of the smoothed map: of 8 px each in a 224 px crop."""


def smooth_map(values: Tensor) -> Tensor:
    """Blur a map and take its mean over cells.

    Parameters
    ----------
    values : Tensor
        (N, channels, S, S) float, signed.

    Returns
    -------
    Tensor
        (N, channels, c, c) of the same units: sums of a cell's pixels are its value times their
        number; c is `CELLS`, or S where that is less.
    """
    import torch
    from torch.nn.functional import adaptive_avg_pool2d, conv2d, pad

    side = values.shape[-1]
    sigma = SIGMA * side / 224
    reach = min(int(3 * sigma + 0.5), side - 1)
    offsets = torch.arange(-reach, reach + 1, dtype=values.dtype, device=values.device)
    kernel = torch.exp(-((offsets / sigma) ** 2) / 2)
    kernel = kernel / kernel.sum()
    flat = values.reshape(-1, 1, *values.shape[-2:])
    flat = pad(flat, (reach,) * 4, mode="reflect")
    flat = conv2d(conv2d(flat, kernel.reshape(1, 1, -1, 1)), kernel.reshape(1, 1, 1, -1))
    cells = min(CELLS, side)
    return adaptive_avg_pool2d(flat, cells).reshape(*values.shape[:2], cells, cells)
