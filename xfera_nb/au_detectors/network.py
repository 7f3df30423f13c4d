"""The builtin network: aligned grey face and landmarks in, 17 intensities out.

OpenFace's own intensities come from linear support vector machines on a histogram of oriented
gradients (HOG) and face shape (Baltrusaitis, Mahmoud & Robinson 2015), so the network holds both: a
fixed HOG layer with a linear head, and a small residual network that sees the pixels, the HOG map
and the landmarks. The answer is the mean of the two heads, clipped to 0-5.

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

from xfera_nb.au_detectors.align import POINTS, SIZE, flip
from xfera_nb.facs.action_units import OPENFACE_AUS

AU_COUNT = len(OPENFACE_AUS)
ORIENTATIONS = 9
CELL = 8
HOG_CHANNELS = 3 * ORIENTATIONS + 4
HOG_CELLS = SIZE // CELL - 2
_CLIP = 0.2
_ENERGY_WEIGHT = 0.2357


class Hog(nn.Module):
    """Felzenszwalb's HOG of a (N, 1, 112, 112) picture in 0-1 -> (N, 31, 12, 12)."""

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


class AUNet(nn.Module):
    """Two heads on one aligned face.

    `heads` gives both heads before clipping, (2, N, 17); the module itself their mean clipped to
    0-5, (N, 17). Inputs: `grey` (N, 112, 112) uint8 or float 0-255, `points` (N, 51, 2) float.
    """

    mean_shape: Tensor

    def __init__(self, dropout: float = 0.3) -> None:
        super().__init__()
        self.register_buffer("mean_shape", torch.zeros(POINTS, 2))
        self.hog = Hog()
        self.linear = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(HOG_CHANNELS * HOG_CELLS**2 + 2 * POINTS, AU_COUNT)
        )
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

    def heads(self, grey: Tensor, points: Tensor) -> Tensor:
        picture = grey.unsqueeze(1).float() / 255
        hog = self.hog(picture)
        points = points.flatten(1)
        linear = self.linear(torch.cat([hog.flatten(1), points], 1))
        spread, mean = torch.std_mean(picture, (2, 3), keepdim=True)
        x = self.early((picture - mean) / (spread + 0.02))
        x = self.late(x + self.join(hog))
        deep = self.last(torch.cat([x, self.shape(points)], 1))
        return torch.stack([linear, deep])

    def forward(self, grey: Tensor, points: Tensor) -> Tensor:
        return self.heads(grey, points).mean(0).clamp(0, 5)


def answer_faces(net: AUNet, grey: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The network at use: its answer to aligned faces, averaged with their mirror images.

    Parameters
    ----------
    net : AUNet
        In evaluation mode.
    grey, points : (N, 112, 112) uint8, (N, 51, 2) float32
        From `xfera_nb.au_detectors.align.align`.

    Returns
    -------
    (3, N, 17) float32
        0 to 5: the answer, then those of the linear and the deep head alone.
    """
    mirrored = [flip(g, p) for g, p in zip(grey, points, strict=True)]
    both_grey = np.concatenate([grey, [m[0] for m in mirrored]])
    both_points = np.concatenate([points, [m[1] for m in mirrored]])
    with torch.inference_mode():
        heads = net.heads(torch.from_numpy(both_grey), torch.from_numpy(both_points)).numpy()
    heads = heads.reshape(2, 2, len(grey), -1).mean(1)
    return np.stack([heads.mean(0), *heads]).clip(0, 5)
