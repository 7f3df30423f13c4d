"""The builtin network: aligned grey face and landmarks in, 17 intensities out.

OpenFace's own intensities come from linear support vector machines on a histogram of oriented
gradients (HOG) and face shape (Baltrusaitis, Mahmoud & Robinson 2015), so the network holds both: a
fixed HOG layer with a linear head, a small residual network that sees the pixels, the HOG map and
the landmarks, and a Gaussian kernel machine on the landmarks and the HOG of two alignments. The
first two are trained as a pair; the output is the mean of the pair's and the kernel's, each clipped
to 0-5.

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

from xfera_nb.au_detectors.align import POINTS, RIGID, SIZE, flip
from xfera_nb.facs.action_units import OPENFACE_AUS

AU_COUNT = len(OPENFACE_AUS)
ORIENTATIONS = 9
CELL = 8
HOG_CHANNELS = 3 * ORIENTATIONS + 4
HOG_CELLS = SIZE // CELL - 2
FEATURES = HOG_CHANNELS * HOG_CELLS**2 + 2 * POINTS
ALL_FEATURES = HOG_CHANNELS * HOG_CELLS**2 + FEATURES
DIRECTIONS = 80
CENTRES = 1500
PARTS = ("mean", "pair", "linear", "deep", "kernel")
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


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.body(x))


def _down(before: int, after: int, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride=2, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


class Kernel(nn.Module):
    """Compute intensities (N, 17) from features (N, 9030) by a kernel machine.

    `xfera_nb.training.au_kernel.fit_kernel` fits it.

    The features are projected on 80 directions; the output is a weighted sum of exp(-d^2) over
    1500 known faces, d the distance to each among the directions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.directions = nn.Linear(ALL_FEATURES, DIRECTIONS, bias=False)
        self.centres = nn.Parameter(torch.zeros(CENTRES, DIRECTIONS))
        self.last = nn.Linear(CENTRES, AU_COUNT)
        nn.init.zeros_(self.last.weight)

    def forward(self, features: Tensor) -> Tensor:
        at = self.directions(features)
        away = (at**2).sum(1, keepdim=True) + (self.centres**2).sum(1) - 2 * at @ self.centres.T
        output: Tensor = self.last(torch.exp(-away))
        return output


def combine_heads(heads: Tensor) -> Tensor:
    """Combine the three heads, (3, ..., 17), into intensities (..., 17) in 0-5."""
    linear, deep, kernel = heads
    output: Tensor = (((linear + deep) / 2).clamp(0, 5) + kernel.clamp(0, 5)) / 2
    return output


class AUNet(nn.Module):
    """Measure an aligned face by three heads: linear, deep and kernel.

    `pair` computes the first two before clipping, (2, N, 17), `heads` all, (3, N, 17); the module
    itself combines them into (N, 17) in 0-5. Inputs are those of `align.inputs`: `grey` and
    `second` (N, 112, 112) uint8 or float 0-255, `points` (N, 51, 2) float.
    """

    mean_shape: Tensor
    mean_rigid: Tensor

    def __init__(self, dropout: float = 0.3) -> None:
        super().__init__()
        self.register_buffer("mean_shape", torch.zeros(POINTS, 2))
        self.register_buffer("mean_rigid", torch.zeros(len(RIGID), 2))
        self.hog = Hog()
        self.linear = nn.Sequential(nn.Dropout(dropout), nn.Linear(FEATURES, AU_COUNT))
        self.early = nn.Sequential(
            _down(1, 16, 5), _down(16, 32), _Residual(32), _down(32, 64), _Residual(64)
        )
        self.join = nn.Conv2d(HOG_CHANNELS, 64, 1, padding=1)
        self.late = nn.Sequential(
            _down(64, 128),
            _Residual(128),
            nn.Conv2d(128, 48, 1, bias=False),
            nn.BatchNorm2d(48),
            nn.ReLU(inplace=True),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(48 * (SIZE // 16) ** 2, 192),
        )
        self.shape = nn.Sequential(nn.Linear(2 * POINTS, 128), nn.ReLU(inplace=True))
        self.last = nn.Sequential(
            nn.ReLU(inplace=True), nn.Dropout(dropout), nn.Linear(192 + 128, AU_COUNT)
        )
        self.kernel = Kernel()

    def shapes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the two mean shapes that `align.inputs` aligns onto, float64."""
        return self.mean_shape.double().numpy(), self.mean_rigid.double().numpy()

    def features(self, grey: Tensor, points: Tensor) -> Tensor:
        """Compute HOG and landmarks in one row, (N, 4566)."""
        hog = self.hog(grey.unsqueeze(1).float() / 255)
        return torch.cat([hog.flatten(1), points.flatten(1)], 1)

    def all_features(self, grey: Tensor, points: Tensor, second: Tensor) -> Tensor:
        """Compute the HOG of the second square, then `features`: (N, 9030)."""
        hog = self.hog(second.unsqueeze(1).float() / 255)
        return torch.cat([hog.flatten(1), self.features(grey, points)], 1)

    def pair(self, grey: Tensor, points: Tensor) -> Tensor:
        return self._pair(grey, points, self.features(grey, points))

    def heads(self, grey: Tensor, points: Tensor, second: Tensor) -> Tensor:
        features = self.all_features(grey, points, second)
        pair = self._pair(grey, points, features[:, -FEATURES:])
        return torch.cat([pair, self.kernel(features)[None]])

    def forward(self, grey: Tensor, points: Tensor, second: Tensor) -> Tensor:
        return combine_heads(self.heads(grey, points, second))

    def _pair(self, grey: Tensor, points: Tensor, features: Tensor) -> Tensor:
        picture = grey.unsqueeze(1).float() / 255
        spread, mean = torch.std_mean(picture, (2, 3), keepdim=True)
        x = self.early((picture - mean) / (spread + 0.02))
        hog = features[:, : -2 * POINTS].unflatten(1, (HOG_CHANNELS, HOG_CELLS, HOG_CELLS))
        x = self.late(x + self.join(hog))
        deep = self.last(torch.cat([x, self.shape(points.flatten(1))], 1))
        return torch.stack([self.linear(features), deep])


def measure_faces(
    net: AUNet, grey: np.ndarray, points: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Measure aligned faces, averaging each with its mirror image.

    Parameters
    ----------
    net : AUNet
        In evaluation mode.
    grey, points, second : (N, 112, 112) uint8, (N, 51, 2) float32, (N, 112, 112) uint8
        From `xfera_nb.au_detectors.align.inputs`.

    Returns
    -------
    (5, N, 17) float32
        0 to 5, in the order of `PARTS`: the output, then those of the pair and of each head alone.
    """
    mirrored = [flip(g, p) for g, p in zip(grey, points, strict=True)]
    both = (
        np.concatenate([grey, [m[0] for m in mirrored]]),
        np.concatenate([points, [m[1] for m in mirrored]]),
        np.concatenate([second, second[..., ::-1]]),
    )
    with torch.inference_mode():
        heads = net.heads(*map(torch.from_numpy, both))
        heads = heads.unflatten(1, (2, len(grey))).mean(1)
        parts = torch.stack([combine_heads(heads), heads[:2].mean(0), *heads])
    return parts.clamp(0, 5).numpy()
