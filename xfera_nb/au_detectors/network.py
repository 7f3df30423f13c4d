"""The builtin network: aligned grey face and landmarks in, 17 intensities out.

OpenFace's own intensities come from linear support vector machines on a histogram of oriented
gradients (HOG) and face shape (Baltrusaitis, Mahmoud & Robinson 2015). The network sees the same
and more: the HOG of two alignments, the landmarks, and the maps of a MobileNet that knows faces
(`xfera_nb.au_detectors.face_maps`). A Gaussian kernel machine turns them into intensities. It
need not answer a face and its mirror image alike: made symmetric, it agreed less with OpenFace.

Inputs are those of `xfera_nb.au_detectors.align`. HOG follows Felzenszwalb et al. 2010 (cells of 8
pixels, 9 unsigned and 18 signed orientations, 4 gradient energies); departures: each pixel votes
for its nearest orientation only, and the outermost ring of cells serves normalisation alone.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from xfera_nb.au_detectors import face_maps
from xfera_nb.au_detectors.align import POINTS, RIGID, SIZE
from xfera_nb.facs.action_units import OPENFACE_AUS

AU_COUNT = len(OPENFACE_AUS)
ORIENTATIONS = 9
CELL = 8
HOG_CHANNELS = 3 * ORIENTATIONS + 4
HOG_CELLS = SIZE // CELL - 2
HOG_KEPT = 16
"""Principal components of a HOG cell that are used; 0.97 of the variance."""
MAP_KEPT = 32
"""Principal components of a MobileNet cell that are used; 0.86 of the variance."""
FAMILIES = (2 * HOG_KEPT * HOG_CELLS**2, MAP_KEPT * face_maps.CELLS**2, 2 * POINTS)
"""Features from HOG, from the MobileNet and from the landmarks."""
FEATURES = sum(FAMILIES)
DIRECTIONS = 700
CENTRES = 3000
_CLIP = 0.2
_ENERGY_WEIGHT = 0.2357


class Hog(nn.Module):
    """Compute Felzenszwalb's HOG (N, 31, 12, 12) of pictures (N, 1, 112, 112) in 0-1."""

    cos: Tensor
    sin: Tensor
    pooling: Tensor

    def __init__(self) -> None:
        super().__init__()
        angles = torch.arange(ORIENTATIONS) * math.pi / ORIENTATIONS
        pooling = torch.zeros(SIZE // CELL, SIZE)
        centres = CELL * (torch.arange(SIZE // CELL) + 0.5) - 0.5
        distance = (torch.arange(SIZE)[None] - centres[:, None]).abs() / CELL
        pooling = (1 - distance).clamp(min=0)
        self.register_buffer("cos", angles.cos().view(1, -1, 1, 1), persistent=False)
        self.register_buffer("sin", angles.sin().view(1, -1, 1, 1), persistent=False)
        self.register_buffer("pooling", pooling, persistent=False)

    def forward(self, picture: Tensor) -> Tensor:
        padded = functional.pad(picture, (1, 1, 1, 1), mode="replicate")
        dx = padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]
        dy = padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]
        along = dx * self.cos + dy * self.sin
        best = along.abs().argmax(1, keepdim=True)
        backwards = along.gather(1, best) < 0
        votes = picture.new_zeros(len(picture), 2 * ORIENTATIONS, SIZE, SIZE)
        votes.scatter_(1, best + ORIENTATIONS * backwards, (dx * dx + dy * dy).sqrt())
        signed = self.pooling @ votes @ self.pooling.T
        unsigned = signed[:, :ORIENTATIONS] + signed[:, ORIENTATIONS:]
        energy = 4 * functional.avg_pool2d((unsigned**2).sum(1, keepdim=True), 2, stride=1)
        factor = (energy + 1e-6).rsqrt()
        signed, unsigned = signed[:, :, 1:-1, 1:-1], unsigned[:, :, 1:-1, 1:-1]
        signed_sum, unsigned_sum = torch.zeros_like(signed), torch.zeros_like(unsigned)
        energies = []
        for rows, columns in ((0, 0), (0, 1), (1, 0), (1, 1)):
            near = factor[:, :, rows : rows + HOG_CELLS, columns : columns + HOG_CELLS]
            part = (signed * near).clamp(max=_CLIP)
            signed_sum = signed_sum + part
            unsigned_sum = unsigned_sum + (unsigned * near).clamp(max=_CLIP)
            energies.append(_ENERGY_WEIGHT * part.sum(1, keepdim=True))
        return torch.cat([0.5 * signed_sum, 0.5 * unsigned_sum, *energies], 1)


class Kernel(nn.Module):
    """Compute intensities (N, 17) from features (N, FEATURES) by a kernel machine.

    `xfera_nb.training.au_kernel.fit_kernel` fits it.

    The features are projected on `DIRECTIONS`; the output is a weighted sum of exp(-d^2) over
    `CENTRES` known faces, d the distance to each among the directions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.directions = nn.Linear(FEATURES, DIRECTIONS)
        self.centres = nn.Parameter(torch.zeros(CENTRES, DIRECTIONS))
        self.last = nn.Linear(CENTRES, AU_COUNT)
        nn.init.zeros_(self.last.weight)

    def forward(self, features: Tensor) -> Tensor:
        at = self.directions(features)
        # A norm, squared, needs no copy of all centres, as the sum of their squares would.
        squares = torch.linalg.vector_norm(self.centres, dim=1) ** 2
        away = (at**2).sum(1, keepdim=True) + squares - 2 * at @ self.centres.T
        output: Tensor = self.last(torch.exp(-away))
        return output


class AUNet(nn.Module):
    """Measure aligned faces: (N, 17) intensities, not yet clipped to 0-5.

    Inputs are those of `align.inputs`: `grey` and `second` (N, 112, 112) uint8 or float 0-255,
    `points` (N, 51, 2) float.
    """

    mean_shape: Tensor
    mean_rigid: Tensor
    hog_basis: Tensor
    map_basis: Tensor
    balance: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean_shape", torch.zeros(POINTS, 2))
        self.register_buffer("mean_rigid", torch.zeros(len(RIGID), 2))
        self.register_buffer("hog_basis", torch.eye(HOG_KEPT, HOG_CHANNELS))
        self.register_buffer("map_basis", torch.eye(MAP_KEPT, face_maps.CHANNELS))
        self.register_buffer("balance", torch.ones(len(FAMILIES)))
        self.hog = Hog()
        self.maps = face_maps.FaceMaps().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.kernel = Kernel()

    def shapes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the two mean shapes that `align.inputs` aligns onto, float64."""
        return self.mean_shape.double().numpy(), self.mean_rigid.double().numpy()

    def cells(self, grey: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the HOG of both squares (N, 2, 31, 12, 12) and the maps (N, 256, 7, 7)."""
        squares = torch.stack([second, grey], 1).flatten(0, 1).unsqueeze(1).float() / 255
        return self.hog(squares).unflatten(0, (-1, 2)), self.maps(grey)

    def features(self, grey: Tensor, points: Tensor, second: Tensor) -> Tensor:
        """Compute HOG, maps and landmarks in one row, (N, FEATURES), balanced."""
        hog, maps = self.cells(grey, second)
        hog_weight, map_weight, point_weight = self.balance
        return torch.cat(
            [
                hog_weight * torch.einsum("ck,nskyx->nscyx", self.hog_basis, hog).flatten(1),
                map_weight * torch.einsum("ck,nkyx->ncyx", self.map_basis, maps).flatten(1),
                point_weight * points.flatten(1),
            ],
            1,
        )

    def forward(self, grey: Tensor, points: Tensor, second: Tensor) -> Tensor:
        output: Tensor = self.kernel(self.features(grey, points, second))
        return output


def measure_faces(
    net: AUNet, grey: np.ndarray, points: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Measure aligned faces.

    Parameters
    ----------
    net : AUNet
        In evaluation mode.
    grey, points, second : (N, 112, 112) uint8, (N, 51, 2) float32, (N, 112, 112) uint8
        From `xfera_nb.au_detectors.align.inputs`.

    Returns
    -------
    (N, 17) float32
        0 to 5.
    """
    with torch.inference_mode():
        output = net(*map(torch.from_numpy, (grey, points, second)))
    intensities: np.ndarray = output.clamp(0, 5).numpy()
    return intensities
