"""Fitting the kernel head in closed form, on aligned faces and their mirror images.

1. Ridge regression with a Gaussian kernel exp(-d^2 / mean d^2) on all faces' HOG and landmarks.
2. The directions along which its outputs change: the leading right singular vectors of its
   gradients at some faces, scaled by the root of their singular values (the average gradient outer
   product of Radhakrishnan, Beaglehole, Pandit & Belkin 2024).
3. Ridge regression with the kernel on those directions and on a random choice of faces as centres
   (Nystroem), faces with a confidence under 0.9 counting 0.6.
4. A ridge's outputs vary less than their targets. Each AU's are stretched about their mean by the
   ratio of the standard deviations, 1 to 2, that the outputs for left-out identities (five folds)
   show.

In 3 and 4 a target of 0 stands for "0 or less", as outputs are clipped: where an output is negative
the target becomes that output, and the regression is solved again, ten times.

Intensities are 0-5. Directions and centres are rounded to float16, as they are stored, before 3.
Departures from the source: one round, the root of the singular values, and a cut after the first.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from xfera_nb.au_detectors import align
from xfera_nb.au_detectors.network import CENTRES, DIRECTIONS, AUNet, Kernel
from xfera_nb.training.au_faces import AUFaces

FIRST_RIDGE = 0.1
POINT_WEIGHT = 0.3
GRADIENTS = 450
FOLDS = 5
ROUNDS = 11
STRETCH = (1.0, 2.0)
_JITTER = 1e-7


def fit_kernel(
    net: AUNet, faces: AUFaces, weight: np.ndarray, ridge: float, seed: int, batch: int = 64
) -> None:
    """Fill `net.kernel` from faces.

    Parameters
    ----------
    net : AUNet
        Its mean shapes and HOG are used, its kernel head is filled in place.
    faces : AUFaces
        To train on. With fewer than 1500 the rest of the centres counts nothing.
    weight : (N,) float
        How much each face counts in step 3.
    ridge : float
        The penalty of step 3.
    seed : int
        For the faces of the gradients and of the centres.
    """
    torch.manual_seed(seed)
    plain, mirrored = _features(net, faces, batch)
    target = torch.from_numpy(faces.intensities)
    scale = torch.ones(plain.shape[1])
    scale[-2 * align.POINTS :] = POINT_WEIGHT**0.5
    plain, mirrored = plain * scale, mirrored * scale
    directions = _directions(plain - plain.mean(0), target)
    directions /= (2 * (plain @ directions).var(0).sum()).sqrt()
    head = net.kernel
    with torch.no_grad():
        head.directions.weight.copy_((scale[:, None] * directions).T.half())
        head.centres.zero_()
    stored = head.directions.weight.detach().T / scale[:, None]
    places = [(part @ stored).double() for part in (plain, mirrored)]
    chosen = torch.randperm(len(faces))[:CENTRES]
    _solve(head, places, chosen, target, torch.from_numpy(weight).float()[:, None], faces, ridge)


def _features(net: AUNet, faces: AUFaces, batch: int) -> tuple[Tensor, Tensor]:
    plain: list[Tensor] = []
    mirrored: list[Tensor] = []
    shapes = net.shapes()
    with torch.inference_mode():
        for start in range(0, len(faces), batch):
            some = [
                align.inputs(faces.pictures[i], faces.landmarks[i], *shapes)
                for i in range(start, min(start + batch, len(faces)))
            ]
            others = [(*align.flip(g, p), s[:, ::-1]) for g, p, s in some]
            for kept, these in ((plain, some), (mirrored, others)):
                columns = (np.stack(column) for column in zip(*these, strict=True))
                kept.append(net.all_features(*map(torch.from_numpy, columns)))
    return torch.cat(plain).clone(), torch.cat(mirrored).clone()


def _directions(features: Tensor, target: Tensor) -> Tensor:
    """Take steps 1 and 2: centred features (N, 9030), targets (N, 17) -> scaled (9030, 80)."""
    away = _squares(features, features).clamp_(min=0)
    kernel = torch.exp(-away / away.mean())
    system = kernel + FIRST_RIDGE * torch.eye(len(kernel))
    shares = torch.cholesky_solve(target - target.mean(0), torch.linalg.cholesky(system))
    some = torch.randperm(len(features))[:GRADIENTS]
    gradients = []
    for share, spread in zip(shares.T, target.std(0), strict=True):
        pull = kernel[some] * share
        slope = pull.sum(1, keepdim=True) * features[some] - pull @ features
        gradients.append(slope / spread)
    rows = torch.cat(gradients)
    found = min(DIRECTIONS, *rows.shape)
    _, size, vectors = torch.svd_lowrank(rows, min(2 * DIRECTIONS, *rows.shape), niter=2)
    directions = torch.zeros(features.shape[1], DIRECTIONS)
    directions[:, :found] = vectors[:, :found] * size[:found].sqrt()
    return directions


def _solve(
    head: Kernel,
    places: list[Tensor],
    chosen: Tensor,
    target: Tensor,
    weight: Tensor,
    faces: AUFaces,
    ridge: float,
) -> None:
    """Take steps 3 and 4, in coordinates in which the penalty is the plain sum of squares."""
    centres = places[0][chosen].half().double()
    count = len(centres)
    among = torch.exp(-_squares(centres, centres))
    root = torch.linalg.cholesky(among + _JITTER * torch.eye(count).double())
    rows = torch.cat(
        [
            torch.linalg.solve_triangular(root, torch.exp(-_squares(at, centres)).T, upper=False).T
            for at in places
        ]
    ).float()
    target, weight, mean = target.repeat(2, 1), weight.repeat(2, 1) / 2, target.mean(0)
    _, person = np.unique(faces.identity, return_inverse=True)
    fold = torch.from_numpy(person % FOLDS).repeat(2)
    unseen = torch.zeros_like(target)
    for part in range(FOLDS):
        off, on = fold != part, fold == part
        unseen[on] = rows[on] @ _shares(rows[off], target[off], weight[off], mean, ridge)
    spread = (mean + unseen).clamp(0, 5).std(0).clamp(min=1e-6)
    stretch = (target.std(0) / spread).clamp(*STRETCH)
    shares = _shares(rows, target, weight, mean, ridge).double()
    weights = torch.linalg.solve_triangular(root.T, shares, upper=True) * stretch
    with torch.no_grad():
        head.centres[:count] = centres.float()
        head.last.weight.zero_()
        head.last.weight[:, :count] = weights.T.float()
        head.last.bias.copy_(mean)


def _shares(rows: Tensor, target: Tensor, weight: Tensor, mean: Tensor, ridge: float) -> Tensor:
    """Solve the ridge: (N, M) rows, (N, 17) targets, (N, 1) weights, (17,) means -> (M, 17)."""
    weighted = weight * rows
    system = rows.T @ weighted + ridge * torch.eye(rows.shape[1])
    factor = torch.linalg.cholesky(system)
    aim = target
    for _ in range(ROUNDS):
        shares = torch.cholesky_solve(weighted.T @ (aim - mean), factor)
        aim = torch.where(target > 0, target, (rows @ shares + mean).clamp(max=0))
    return shares


def _squares(a: Tensor, b: Tensor) -> Tensor:
    """Compute squared distances between rows, (N, M)."""
    return (a**2).sum(1, keepdim=True) + (b**2).sum(1) - 2 * a @ b.T
