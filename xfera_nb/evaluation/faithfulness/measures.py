"""Compute the figures of any number of maps of one face from the same hidden copies.

Every figure is the greater, the better the map explains, and does not depend on the map's scale, so
that maps of random last layers can be compared. Sources, and what is ours:

occlusion
    Spearman's correlation, over the six face regions, of a region's share of the positive map with
    what blurring it costs the class (ours).
additivity
    Pearson's correlation, over face regions, AU regions and random regions, of the map summed over
    what is blurred with the fall of the class's logit: Sensitivity-n (Ancona et al., ICLR 2018,
    section 4), with blur instead of zeros and regions of a face instead of n random pixels.
au_agreement
    Spearman's correlation, over the AU regions, of the mean of the positive map with the excess
    drop (`au_drops`; ours).
blurred_sets, imputed_sets
    Faithfulness correlation (Bhatt et al., IJCAI 2020, section 3.2): Pearson's correlation, over
    random sets of a quarter of the crop's cells, of the map summed over the set with the fall of
    the class's logit when the set is blurred, or imputed as ROAD does. They stand in for deletion
    and insertion, and for ROAD, whose copies depend on the map: a hundred random last layers would
    take 1,600 forward passes a face. A full check runs the published procedures against fewer.
localisation
    Share of the positive map that lies on the regions of the AUs that Table 2 expects: the
    energy-based pointing game (Wang et al., Score-CAM, CVPR Workshops 2020), which unlike the
    pointing game tells maps of one face apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from xfera_nb.evaluation.faithfulness.au_drops import random_drops
from xfera_nb.evaluation.faithfulness.correlation import correlate, correlate_ranks
from xfera_nb.evaluation.faithfulness.hiding import HidingPlan, average_to
from xfera_nb.faces.align import CROP_SIZE
from xfera_nb.saliency import interpolation_matrix

CHECKS = (
    "occlusion",
    "additivity",
    "au_agreement",
    "blurred_sets",
    "imputed_sets",
    "localisation",
)
"""The figures of a quick check."""


@dataclass(frozen=True, eq=False)
class HiddenFace:
    """Hold what hiding parts of a face does to one class.

    Attributes
    ----------
    plan : HidingPlan
    logit_falls, prob_drops : ndarray
        (N,) float64, of the plan's copies: the fall of the class's logit and of its probability.
    expected : ndarray or None
        (224, 224) bool, the regions of the AUs that Table 2 expects for the class; None if there
        are none on the crop.
    """

    plan: HidingPlan
    logit_falls: np.ndarray
    prob_drops: np.ndarray
    expected: np.ndarray | None = field(repr=False)


def measure_maps(face: HiddenFace, maps: np.ndarray) -> Mapping[str, np.ndarray]:
    """Compute all figures of some maps of one face.

    Parameters
    ----------
    face : HiddenFace
    maps : ndarray
        (K, h, w), signed.

    Returns
    -------
    dict of str to ndarray
        For each of `CHECKS` (K,) float64; NaN where undefined: a map that is not finite, one value
        everywhere, nothing positive where the figure asks for it, or no AUs to expect.
    """
    maps = np.asarray(maps, float)
    plan = face.plan
    shape = maps.shape[1:]
    flat = maps.reshape(len(maps), shape[0] * shape[1])
    there = np.concatenate([plan.face_regions.any(axis=(1, 2)), _trues(plan.random.stop - 6)])
    removed = average_to(plan.blurred, shape).reshape(len(plan.blurred), -1)
    sums = flat @ removed.T
    imputed = flat @ average_to(plan.imputed, shape).reshape(len(plan.imputed), -1).T
    shares = measure_shares(maps, plan.face_regions)
    heat = measure_heat(maps, [region.mask for region in plan.au_regions])
    spread = np.full(len(maps), np.nan)
    if face.expected is not None:
        spread = measure_shares(maps, face.expected[None])[:, 0]
    known = there[plan.features]
    excess = face.prob_drops[plan.aus]
    if len(excess):
        excess = excess - random_drops(plan, face.prob_drops).mean(axis=0)
    parts = np.arange(plan.random.stop)[there]
    return {
        "occlusion": correlate_ranks(shares[:, known], face.prob_drops[plan.features][known]),
        "additivity": correlate(sums[:, parts], face.logit_falls[parts]),
        "au_agreement": correlate_ranks(heat, excess),
        "blurred_sets": correlate(sums[:, plan.sets], face.logit_falls[plan.sets]),
        "imputed_sets": correlate(imputed, face.logit_falls[len(plan.blurred) :]),
        "localisation": spread,
    }


def measure_shares(maps: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Return the share (K, M) of each positive map that lies in each mask; NaN without any.

    Parameters
    ----------
    maps : ndarray
        (K, h, w), signed; resized to the crop as `Heatmap.upsampled` does, after the ReLU.
    masks : ndarray
        (M, 224, 224) bool.
    """
    sums = _sum_over(maps, masks)
    total = _sum_over(maps, np.ones((1, CROP_SIZE, CROP_SIZE)))
    shares: np.ndarray = np.divide(
        sums, total, out=np.full(sums.shape, np.nan), where=total > 0
    )
    return shares


def measure_heat(maps: np.ndarray, masks: list[np.ndarray]) -> np.ndarray:
    """Return the mean (K, M) of each positive map over each mask; NaN without positive values."""
    if not masks:
        return np.zeros((len(maps), 0))
    whole = np.stack(masks)
    sums: np.ndarray = _sum_over(maps, whole) / whole.sum(axis=(1, 2))
    sums[~(np.nan_to_num(maps).max(axis=(1, 2)) > 0)] = np.nan
    return sums


def _sum_over(maps: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Sum the resized positive maps over masks; resizing is linear, so the masks are shrunk."""
    rows, columns = (interpolation_matrix(CROP_SIZE, n) for n in maps.shape[1:])
    weights = rows.T @ masks @ columns
    positive = np.maximum(maps, 0).reshape(len(maps), maps.shape[1] * maps.shape[2])
    sums: np.ndarray = positive @ weights.reshape(len(masks), -1).T
    return sums


def _trues(count: int) -> np.ndarray:
    return np.ones(count, bool)
