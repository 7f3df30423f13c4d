"""Store a matrix in four bits a value, with one scale a row.

Directions and centres of the kernel machine (`xfera_nb.au_detectors.network.Kernel`) need no more:
the machine is fitted to them after they are rounded, so that rounding only moves them a little.
"""

from __future__ import annotations

import torch
from torch import Tensor

LEVELS = 7
"""Values are whole numbers from -7 to 7 times the row's scale."""
_REACH = 3.0  # root mean squares of a row; what lies beyond is brought to it


def pack(values: Tensor) -> tuple[Tensor, Tensor]:
    """Round a matrix to four bits.

    Parameters
    ----------
    values : Tensor
        (R, C) float; the row's largest magnitude becomes 7, so rows without outliers lose least.

    Returns
    -------
    packed : Tensor
        (R, ceil(C / 2)) uint8, two values a byte, the first in the upper half.
    scale : Tensor
        (R,) float32.
    """
    scale = values.abs().amax(1).float() / LEVELS
    scale = scale.clamp(min=torch.finfo(torch.float32).tiny)
    whole = (values / scale[:, None]).round().clamp(-LEVELS, LEVELS) + LEVELS + 1
    if whole.shape[1] % 2:
        whole = torch.cat([whole, torch.full_like(whole[:, :1], LEVELS + 1)], 1)
    whole = whole.to(torch.uint8)
    return whole[:, ::2] * 16 + whole[:, 1::2], scale


def unpack(packed: Tensor, scale: Tensor, columns: int) -> Tensor:
    """Return the (R, columns) float32 matrix that `pack` stored.

    Raises
    ------
    ValueError
        The shapes do not belong together.
    """
    if packed.ndim != 2 or packed.shape[1] != (columns + 1) // 2 or scale.shape != packed.shape[:1]:
        raise ValueError("packed values, scale and columns do not belong together")
    both = torch.stack([packed // 16, packed % 16], 2).flatten(1)[:, :columns]
    return (both.float() - (LEVELS + 1)) * scale.float()[:, None]


def round_to_packed(values: Tensor) -> Tensor:
    """Return (R, C) values that `pack` and `unpack` keep: outliers brought in, then rounded."""
    reach = _REACH * values.square().mean(1, keepdim=True).sqrt()
    values = torch.maximum(torch.minimum(values, reach), -reach)
    return unpack(*pack(values), values.shape[1])
