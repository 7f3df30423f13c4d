"""A saliency map of a face crop: signed, and of the size of its layer.

Units: a Grad-CAM value of the network's last block is a cell's share of the class's logit (the
cells' sum plus the bias of the last layer is the logit); other methods have their own units.
Positive supports the class, negative opposes it. The paper's picture shows what supports it
(ReLU); a map without any positive value has no such picture, and says so by
`has_positive_evidence` instead of turning into a flat one.

Coordinates are crop pixels (x, y), the centre of the first pixel at (0, 0). A map is resized to
the crop bilinearly with half-pixel centres, as ``interpolate(mode="bilinear",
align_corners=False)`` does; resizing is linear and comes after the ReLU.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from xfera_nb.faces.align import CROP_SIZE


@dataclass(frozen=True, eq=False)
class Heatmap:
    """Hold the map of one class.

    Attributes
    ----------
    values : ndarray
        (h, w) float32, signed; 7x7 for the last block and a 224 px crop.
    target : str or None
        The class explained; None for a map that belongs to no class (BAM's attention).
    layer : str or None
        Dotted name of the layer; None for methods that work on the input.
    method : str
        As in `xfera_nb.saliency.METHODS`.
    """

    values: np.ndarray
    target: str | None
    layer: str | None
    method: str

    def __post_init__(self) -> None:
        values = np.array(self.values, np.float32)
        if values.ndim != 2 or not values.size:
            raise ValueError(f"A heatmap is (h, w), not {values.shape}.")
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @property
    def title(self) -> str:
        """Return what the map shows, as a title above it."""
        from xfera_nb.saliency.methods import describe_map, method_label  # they make heatmaps

        of = f" for {self.target}" if self.target else ""
        return describe_map(f"{method_label(self.method)}{of}", self.layer)

    @property
    def has_positive_evidence(self) -> bool:
        """Return whether any place supports the class; False also where a value is not a number."""
        return bool(np.isfinite(self.values).all() and (self.values > 0).any())

    @property
    def relu(self) -> np.ndarray:
        """Return the values (h, w) float32 with negative ones set to 0."""
        positive: np.ndarray = np.maximum(self.values, 0)
        return positive

    @property
    def peak(self) -> float:
        """Return the highest value of the resized positive map; NaN without positive evidence."""
        return float(self.upsampled().max()) if self.has_positive_evidence else float("nan")

    def upsampled(self, size: int = CROP_SIZE, *, signed: bool = False) -> np.ndarray:
        """Resize the map to the crop.

        Parameters
        ----------
        size : int
            Side of the result, pixels.
        signed : bool
            Keep negative values.

        Returns
        -------
        ndarray
            (size, size) float64.
        """
        values = self.values if signed else self.relu
        rows, columns = (interpolation_matrix(size, n) for n in values.shape)
        enlarged: np.ndarray = rows @ values @ columns.T
        return enlarged

    def at(self, points: np.ndarray, size: int = CROP_SIZE) -> np.ndarray:
        """Read the positive values at the pixels that hold some points.

        Parameters
        ----------
        points : ndarray
            (P, 2) x, y in crop pixels; each is taken to its nearest pixel (Algorithm 1, line 13).
        size : int
            Side of the crop that the points lie in, pixels.

        Returns
        -------
        ndarray
            (P,) float64; NaN for points outside of the crop.
        """
        heat: np.ndarray = sample_maps(self.relu[None], points, size)[0]
        return heat


@lru_cache(maxsize=32)
def interpolation_matrix(size: int, cells: int) -> np.ndarray:
    """Return weights (size, cells) float64 that resize a row of cells bilinearly; rows sum to 1."""
    centres = np.clip((np.arange(size) + 0.5) * cells / size - 0.5, 0, cells - 1)
    low = np.floor(centres).astype(int)
    high = np.minimum(low + 1, cells - 1)
    weights = np.zeros((size, cells))
    weights[np.arange(size), low] = 1 - (centres - low)
    weights[np.arange(size), high] += centres - low
    weights.flags.writeable = False
    return weights


def sample_maps(maps: np.ndarray, points: np.ndarray, size: int = CROP_SIZE) -> np.ndarray:
    """Read several maps, resized to the crop, at the pixels that hold some points.

    Parameters
    ----------
    maps : ndarray
        (C, h, w).
    points : ndarray
        (P, 2) x, y in crop pixels.
    size : int
        Side of the crop, pixels.

    Returns
    -------
    ndarray
        (C, P) float64; NaN for points outside of the crop.
    """
    pixel = np.floor(np.asarray(points, float) + 0.5)
    inside = np.logical_and.reduce((pixel >= 0) & (pixel < size), axis=1)
    x, y = np.where(inside[:, None], pixel, 0).astype(int).T
    rows = interpolation_matrix(size, maps.shape[1])[y]
    columns = interpolation_matrix(size, maps.shape[2])[x]
    values = np.einsum("ph,chw,pw->cp", rows, maps, columns, optimize=True)
    return np.where(inside, values, np.nan)
