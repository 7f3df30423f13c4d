"""Fit the Action Unit network in closed form: on faces and disturbed copies of them.

1. HOG cells and map cells are reduced to their leading principal components; the features of HOG
   and of the maps are balanced, so that both contribute the same to the squared distance of two
   faces.
2. The leading principal components of all features become the kernel's directions, in a scale in
   which the mean squared distance of two faces is 1. They are rounded as they are stored.
3. Ridge regression with a Gaussian kernel on a random choice of faces as centres (Nystroem;
   Williams & Seeger 2001). Faces with a confidence under 0.9 count 0.6.
4. A ridge's outputs vary less than their targets. Each AU's are stretched about their mean by the
   ratio of the standard deviations, 1 to 2, that the outputs for left-out identities (five folds)
   show.

In 3 and 4 a target of 0 stands for "0 or less", as outputs are clipped: where an output is negative
the target becomes that output, and the regression is solved again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from xfera_nb.au_detectors import align
from xfera_nb.au_detectors.network import (
    CENTRES,
    DIRECTIONS,
    FAMILIES,
    HOG_KEPT,
    MAP_KEPT,
    AUNet,
    Kernel,
)
from xfera_nb.au_detectors.packed import round_to_packed
from xfera_nb.training.au_faces import AUFaces
from xfera_nb.training.disturbance import HARD, Disturbance

BASIS_FACES = 500
SHARES = (0.46, 0.5, 0.04)
"""Of HOG, maps and landmarks in the mean squared distance of two faces."""
FOLDS = 5
ROUNDS = 6
STRETCH = (1.0, 2.0)
_JITTER = 1e-5
_ITERATIONS = 3
_SPARE = 60


def reduce_cells(net: AUNet, faces: AUFaces, seed: int) -> None:
    """Take step 1's principal components from some faces; fills `hog_basis` and `map_basis`."""
    chosen = np.random.default_rng(seed).permutation(len(faces))[:BASIS_FACES]
    grey, _, second = (np.stack(part) for part in zip(*_plain(net, faces, chosen), strict=True))
    with torch.inference_mode():
        cells = [
            net.cells(torch.from_numpy(grey[part]), torch.from_numpy(second[part]))
            for part in _chunks(len(grey))
        ]
    hog, maps = (torch.cat(part) for part in zip(*cells, strict=True))
    net.hog_basis.copy_(_leading(hog.flatten(0, 1), HOG_KEPT))
    net.map_basis.copy_(_leading(maps, MAP_KEPT))
    net.balance.fill_(1.0)


def extract_features(net: AUNet, faces: AUFaces) -> Tensor:
    """Compute the features of faces, (N, FEATURES) float16."""
    rows = []
    for chosen in _chunks(len(faces)):
        inputs = (np.stack(part) for part in zip(*_plain(net, faces, chosen), strict=True))
        with torch.inference_mode():
            rows.append(net.features(*map(torch.from_numpy, inputs)).half())
    return torch.cat(rows).clone()


def extract_disturbed(net: AUNet, faces: AUFaces, seed: int) -> Tensor:
    """Compute the features of one disturbed copy of each face, (N, FEATURES) float16."""
    rows, shapes = [], net.shapes()
    for chosen in _chunks(len(faces)):
        some = [
            Disturbance((seed, int(i)), HARD)(faces.pictures[i], faces.landmarks[i], *shapes)
            for i in chosen
        ]
        inputs = (np.stack(part) for part in zip(*some, strict=True))
        with torch.inference_mode():
            rows.append(net.features(*map(torch.from_numpy, inputs)).half())
    return torch.cat(rows).clone()


def fit_kernel(
    net: AUNet,
    faces: AUFaces,
    copies: list[Tensor],
    weight: np.ndarray,
    ridge: float,
    seed: int,
    shares: Sequence[float] = (1.0,),
) -> None:
    """Fill `net.balance` and `net.kernel`: steps 2 to 4.

    Parameters
    ----------
    net : AUNet
        With its bases and a balance of 1, as `reduce_cells` leaves it; filled in place.
    faces : AUFaces
        To train on. With fewer than `CENTRES` the rest of the centres counts nothing.
    copies : list of (N, FEATURES) Tensor
        Of the plain faces, then of any other copies.
    weight : (N,) float
        How much each face counts.
    ridge : float
        The penalty of step 3.
    seed : int
        For the choice of centres.
    shares : sequence of float
        How much each of the copies counts; they sum to 1.
    """
    torch.manual_seed(seed)
    scale = _balance(copies[0])
    net.balance.copy_(torch.tensor([float(part[0]) for part in scale.split(FAMILIES)]))
    directions, mean = _directions(copies[0], scale)
    head = net.kernel
    with torch.no_grad():
        head.directions.weight.copy_(round_to_packed(directions))
        head.directions.bias.copy_(-(head.directions.weight @ mean))
        places = [
            torch.cat([head.directions(part.float() * scale) for part in copy.split(2048)])
            for copy in copies
        ]
        head.centres.zero_()
        chosen = torch.randperm(len(faces))[:CENTRES]
        count = len(chosen)
        head.centres[:count] = round_to_packed(places[0][chosen].T).T
    counts = torch.from_numpy(weight).float()[:, None]
    weights = torch.cat([share * counts for share in shares])
    _solve(head, places, count, faces, weights, ridge)


def _plain(
    net: AUNet, faces: AUFaces, chosen: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    shapes = net.shapes()
    return [align.inputs(faces.pictures[i], faces.landmarks[i], *shapes) for i in chosen]


def _chunks(count: int, size: int = 64) -> Iterator[np.ndarray]:
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))


def _leading(cells: Tensor, count: int) -> Tensor:
    """Return the leading principal components (count, C) of cells (N, C, h, w)."""
    rows = cells.transpose(0, 1).flatten(1)
    _, vectors = torch.linalg.eigh(torch.cov(rows))
    leading: Tensor = vectors[:, -count:].flip(1).T.contiguous()
    return leading


def _balance(features: Tensor) -> Tensor:
    """Return (FEATURES,) factors after which the families' squared distances are in `SHARES`."""
    spread = [float(part.float().var(0).sum()) for part in features.split(FAMILIES, 1)]
    # A family that is the same for all faces tells nothing and gets no share.
    factors = [(s / size) ** 0.5 if size else 0.0 for s, size in zip(SHARES, spread, strict=True)]
    return torch.cat([torch.full((n,), f) for n, f in zip(FAMILIES, factors, strict=True)])


def _directions(rows: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Take step 2: scaled directions (DIRECTIONS, FEATURES) and the features' mean (FEATURES,)."""
    mean = (rows.sum(0, dtype=torch.float64) / len(rows)).float() * scale
    width = min(DIRECTIONS + _SPARE, len(rows) - 1, len(scale))
    basis = torch.randn(len(scale), width)
    for _ in range(_ITERATIONS):  # subspace iteration (Halko, Martinsson & Tropp 2011)
        basis = torch.linalg.qr(basis)[0]
        new = torch.zeros_like(basis)
        small = torch.zeros(width, width)
        for part in rows.split(2048):
            centred = part.float() * scale - mean
            along = centred @ basis
            new += centred.T @ along
            small += along.T @ along
        last, basis = basis, new
    values, vectors = torch.linalg.eigh(small)
    count = min(DIRECTIONS, width)
    kept = last @ vectors[:, -count:].flip(1)
    variance = float(values[-count:].sum()) / len(rows)
    directions = torch.zeros(DIRECTIONS, len(scale))
    directions[:count] = kept.T / (2 * variance) ** 0.5
    return directions, mean


def _solve(
    head: Kernel,
    places: list[Tensor],
    count: int,
    faces: AUFaces,
    weight: Tensor,
    ridge: float,
) -> None:
    """Take steps 3 and 4, in coordinates in which the penalty is the plain sum of squares."""
    centres = head.centres.detach()[:count]
    among = torch.exp(-_squares(centres, centres)).double()
    root = torch.linalg.cholesky(among + _JITTER * torch.eye(count).double()).float()
    rows = torch.cat(
        [
            torch.linalg.solve_triangular(root, torch.exp(-_squares(at, centres)).T, upper=False).T
            for at in places
        ]
    )
    target = torch.from_numpy(faces.intensities).repeat(len(places), 1)
    mean = torch.from_numpy(faces.intensities.mean(0))
    _, person = np.unique(faces.identity, return_inverse=True)
    fold = torch.from_numpy(person % FOLDS).repeat(len(places))
    parts = [rows[fold == part] for part in range(FOLDS)]
    squares = [part.T @ (weight[fold == i] * part) for i, part in enumerate(parts)]
    whole = torch.stack(squares).sum(0)
    unseen = torch.zeros_like(target)
    for part in range(FOLDS):
        off = fold != part
        unseen[~off] = parts[part] @ solve_ridge(
            rows[off], target[off], weight[off], mean, whole - squares[part], ridge
        )
    spread = (mean + unseen).clamp(0, 5).std(0).clamp(min=1e-6)
    stretch = (target.std(0) / spread).clamp(*STRETCH)
    shares = solve_ridge(rows, target, weight, mean, whole, ridge)
    weights = torch.linalg.solve_triangular(root.T, shares, upper=True) * stretch
    with torch.no_grad():
        head.last.weight.zero_()
        head.last.weight[:, :count] = weights.T
        head.last.bias.copy_(mean)


def solve_ridge(
    rows: Tensor, target: Tensor, weight: Tensor, mean: Tensor, squares: Tensor, ridge: float
) -> Tensor:
    """Solve the ridge regression in which a target of 0 stands for 0 or less.

    Parameters
    ----------
    rows, target, weight : (N, M), (N, 17), (N, 1) Tensor
    mean : (17,) Tensor
        Of the targets; the regression is about it.
    squares : (M, M) Tensor
        ``rows.T @ (weight * rows)``.
    ridge : float

    Returns
    -------
    (M, 17) Tensor
    """
    factor = torch.linalg.cholesky(squares + ridge * torch.eye(len(squares)))
    aim = target
    for _ in range(ROUNDS):
        shares = torch.cholesky_solve(rows.T @ (weight * (aim - mean)), factor)
        aim = torch.where(target > 0, target, (rows @ shares + mean).clamp(max=0))
    return shares


def _squares(a: Tensor, b: Tensor) -> Tensor:
    """Compute squared distances between rows, (N, M)."""
    return ((a**2).sum(1, keepdim=True) + (b**2).sum(1) - 2 * a @ b.T).clamp(min=0)
