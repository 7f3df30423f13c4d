"""Remove or restore the face in the order of the map: deletion, insertion and ROAD.

Units: fractions 0-1 of the crop's pixels, probabilities 0-1 of the target class; an area under a
curve (AUC) is its mean height, 0-1 (trapezoids).

Order
    The signed map resized to the crop, highest value first; of equal values the upper left first.
Deletion and insertion (Petsiuk et al. 2018, RISE, section 4)
    Deletion: the face's first pixels in that order are blurred; a good map makes the probability
    drop early, a small area. Insertion: the blurred face's first pixels are made sharp; a good map
    makes it rise early, a large area. Departures: both use blur (RISE deletes to grey), which gives
    deletion and insertion the same two ends; steps are few. With an uninformative order, both
    curves are alike by chance, so `auc_gap`, insertion's area minus deletion's, is about 0: that is
    what to read, not either area alone.
ROAD (Rong et al. 2022)
    The same with noisy linear imputation, which leaves no visible trace of a removed region's
    shape: most relevant first (MoRF) and least relevant first (LeRF). `auc_gap` is the mean of LeRF
    minus MoRF over the fractions, as in Rong et al.'s comparison of the two orders. Departure: it
    is done at the finest resolution that the classifier's input rule lets through.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from xfera_nb.saliency import Heatmap
from xfera_nb.saliency.perturbation import blend, impute

STEPS = 6
"""Steps of deletion and insertion."""
FRACTIONS = (0.2, 0.5, 0.8)
"""Shares of the pixels that ROAD removes."""


@dataclass(frozen=True)
class Curve:
    """Hold the target class's probability as pixels are removed or restored.

    Attributes
    ----------
    fractions, probabilities : tuple of float
        Of the pixels changed, ascending; of the class.
    """

    fractions: tuple[float, ...]
    probabilities: tuple[float, ...]

    @property
    def auc(self) -> float:
        """Return the area under the curve divided by its width: the mean probability along it."""
        x, y = np.array(self.fractions), np.array(self.probabilities)
        return float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum() / (x[-1] - x[0]))


@dataclass(frozen=True)
class CurvePair:
    """Hold two curves that a good order drives apart.

    Attributes
    ----------
    morf, lerf : Curve or None
        Most relevant taken first (deletion, MoRF); least relevant taken first or, which is the same
        from the other end, most relevant given first (LeRF, insertion).
    auc_gap : float or None
        How far apart, -1 to 1; None without an order.
    reason : str or None
        Why there is none.
    """

    morf: Curve | None = field(repr=False)
    lerf: Curve | None = field(repr=False)
    auc_gap: float | None
    reason: str | None = None


def rank_pixels(heatmap: Heatmap, size: int) -> np.ndarray | None:
    """Rank the pixels of a (size, size) picture, flat, the most relevant first.

    Returns
    -------
    ndarray or None
        (size*size,) int; None for a map without positive evidence, or with one value everywhere.
    """
    if not heatmap.has_positive_evidence or np.ptp(heatmap.values) == 0:
        return None
    # Rounded, so that what is equal but for the last bit counts as equal on any machine.
    values = heatmap.upsampled(size, signed=True)
    return np.argsort(-np.round(values / heatmap.peak, 9), axis=None, kind="stable")


def why_unranked(heatmap: Heatmap) -> str:
    """Say why `rank_pixels` returns None."""
    if heatmap.has_positive_evidence:
        return "the map has the same value everywhere"
    return f"the map has no positive value for {heatmap.target}"


def mask_first_pixels(order: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """Return the first shares of an order as masks (F, S, S) bool."""
    size = round(len(order) ** 0.5)
    masks = np.zeros((len(fractions), len(order)), bool)
    for mask, fraction in zip(masks, fractions, strict=True):
        mask[order[: round(fraction * len(order))]] = True
    return masks.reshape(-1, size, size)


def make_blur_steps(
    picture: np.ndarray, blur: np.ndarray, order: np.ndarray, steps: int
) -> np.ndarray:
    """Make the pictures of deletion and insertion.

    Returns
    -------
    ndarray
        (2 * steps - 2, S, S) or with colours, uint8: the inner steps of deletion, and those of
        insertion. Both run between the face and the wholly blurred face.
    """
    inner = mask_first_pixels(order, np.linspace(0, 1, steps + 1)[1:-1])
    return blend(picture, blur, np.concatenate([inner, ~inner]))


def score_deletion_insertion(whole: float, blurred: float, probabilities: np.ndarray) -> CurvePair:
    """Score deletion and insertion.

    Parameters
    ----------
    whole, blurred : float
        The class's probability on the face and on the wholly blurred face.
    probabilities : ndarray
        Of the pictures of `make_blur_steps`.
    """
    steps = len(probabilities) // 2 + 1
    fractions = tuple(np.linspace(0, 1, steps + 1).tolist())
    down, up = (part.tolist() for part in np.split(np.asarray(probabilities, float), 2))
    deletion = Curve(fractions, (whole, *down, blurred))
    insertion = Curve(fractions, (blurred, *up, whole))
    return CurvePair(deletion, insertion, insertion.auc - deletion.auc)


def make_removal_steps(
    picture: np.ndarray, order: np.ndarray, fractions: tuple[float, ...], seed: int
) -> np.ndarray:
    """Make ROAD's pictures.

    Parameters
    ----------
    picture : ndarray
        (S, S) or (S, S, 3) uint8.
    order : ndarray
        (S*S,), as `rank_pixels` gives it.
    fractions : tuple of float
        Ascending, each below 1.
    seed : int
        Of the noise.

    Returns
    -------
    ndarray
        (2 * F, S, S) or with colours, uint8: the most relevant pixels removed, then the least
        relevant.
    """
    rng = np.random.default_rng(seed)
    share = np.array(fractions)
    masks = np.concatenate([mask_first_pixels(order, share), mask_first_pixels(order[::-1], share)])
    return np.stack([impute(picture, mask, rng) for mask in masks])


def score_road(fractions: tuple[float, ...], probabilities: np.ndarray) -> CurvePair:
    """Score ROAD from the probabilities of `make_removal_steps`."""
    most, least = np.split(np.asarray(probabilities, float), 2)
    return CurvePair(
        Curve(fractions, tuple(most.tolist())),
        Curve(fractions, tuple(least.tolist())),
        float((least - most).mean()),
    )
