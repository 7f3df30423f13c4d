"""Guidance: the label's map resembles a map of the landmarks of the label's Action Units.

The loss is 1 - cosine similarity of the positive part of the label's class activation map and of a
map of Gaussians on the landmarks of those Action Units of the label (Table 2 of the XFERa paper)
that are present; of all of them where none is. Faces without landmarks, and classes without Action
Units, count nothing.

Source: Belharbi, Pedersoli, Koerich, Bacon & Granger (2024), "Guided interpretable facial
expression recognition via spatial action unit cues", arXiv 2402.00281, where the cosine is taken at
several layers; here at the last one only, and weakly. Guidance alone teaches a network to draw each
class's template for any face, so it is evaluated by what hiding costs, never by how well the maps
match.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.table2 import EXPECTED_AUS, au_landmarks

SPREAD = 0.05
"""Standard deviation of the Gaussians, as a share of the side."""
PRESENT = 0.5
"""Intensity from which an Action Unit is present, 0-5."""
_GRID = 28
_LEAST = 0.05


def active_landmarks(emotion: str, intensities: np.ndarray) -> np.ndarray:
    """Choose the landmarks that guide a face.

    Parameters
    ----------
    emotion : str
        The label, one of `EMOTIONS`.
    intensities : (17,) float
        In the order of `OPENFACE_AUS`, 0-5, NaN where unknown.

    Returns
    -------
    (68,) bool
        None for a class without expected Action Units.
    """
    expected = EXPECTED_AUS[emotion]
    known = dict(zip(OPENFACE_AUS, intensities, strict=True))
    present = [au for au in expected if known.get(au, np.nan) >= PRESENT]
    chosen = np.zeros(68, dtype=bool)
    for au in present or expected:
        chosen[[number - 1 for number in au_landmarks(au)]] = True
    return chosen


def landmark_maps(landmarks: Tensor, active: Tensor, side: int) -> Tensor:
    """Draw the maps that guide.

    Parameters
    ----------
    landmarks : (N, 68, 2) Tensor
        (x, y) from -1 (left, upper edge) to 1; NaN where unknown.
    active : (N, 68) Tensor
        Which of them count, bool.
    side : int
        Cells a side.

    Returns
    -------
    (N, side, side) Tensor
        0 to 1; all 0 without landmarks.
    """
    steps = torch.arange(_GRID, dtype=landmarks.dtype, device=landmarks.device)
    at = (steps + 0.5) / _GRID * 2 - 1
    away = at - landmarks.nan_to_num(9.0)[..., None]
    x, y = torch.exp(-(away**2) / (2 * (2 * SPREAD) ** 2)).unbind(2)
    drawn = (y[..., :, None] * x[..., None, :] * active[..., None, None]).amax(1)
    return F.adaptive_avg_pool2d(drawn[:, None], side)[:, 0]


def guidance_loss(maps: Tensor, labels: Tensor, wanted: Tensor) -> Tensor:
    """Compute 1 - cosine similarity, the mean over the faces that have a map.

    Parameters
    ----------
    maps : (N, K, h, w) Tensor
        Class activation maps.
    labels : (N,) Tensor
        The class of each face, int64.
    wanted : (N, h, w) Tensor
        From `landmark_maps`.

    Returns
    -------
    Tensor
        A number, 0 to 1; 0 where no face has a map.
    """
    own = F.relu(maps[torch.arange(len(maps)), labels]).flatten(1)
    wanted = wanted.flatten(1)
    guided = (wanted.sum(1) > _LEAST).to(own.dtype)
    apart = 1 - F.cosine_similarity(own, wanted, dim=1, eps=1e-6)
    return (apart * guided).sum() / guided.sum().clamp(min=1)
