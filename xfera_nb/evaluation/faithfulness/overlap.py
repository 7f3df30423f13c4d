"""Compare the map's salient region with the region of the emotion's expected AUs.

Units: crop pixels; IoU, shares and chances 0-1.

- Expected region: the regions (`regions`) of all AUs that the XFERa paper's Table 2 lists for the
  target class, together. Neutral has none.
- Salient region: where the positive map reaches the fusion's threshold, as outlined in pictures.
- IoU: pixels in both over pixels in either (Jaccard).
- Pointing game (Zhang et al. 2018, "Top-down neural attention by excitation backprop"): a hit if
  the map's highest point lies within `TOLERANCE` pixels of the expected region, which are theirs.
  `chance` is the share of the face where a point would hit, so what a random point scores.

For comparison, Gaya-Morey et al. (arXiv 2401.11835) report IoUs of twelve networks with masks after
Friesen and Ekman, `PUBLISHED`. Their figures cannot be compared with ours number by number: they
make one map for each expression and network, LIME averaged over 100 photos on a normalised face and
thresholded; their masks are drawn between landmarks after Ekman's description of six expressions
and take in cheeks, forehead and the skin around the eyes, where Table 2's landmarks take in less.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from xfera_nb.evaluation.faithfulness.regions import emotion_mask, face_mask
from xfera_nb.evidence import Evidence
from xfera_nb.fusion import Fusion

TOLERANCE = 15
"""Pixels that the highest point may lie off the region."""
PUBLISHED = {"networks": 12, "mean": 0.27, "best": 0.33, "source": "arXiv 2401.11835"}
"""Mean IoU of twelve networks with Ekman-based masks, and of the best of them."""


@dataclass(frozen=True)
class Overlap:
    """Hold the overlap of the salient region and the expected region.

    Attributes
    ----------
    iou : float or None
    hit : bool or None
        Of the pointing game.
    chance : float or None
        Share of the face where a point would be a hit.
    salient_share, expected_share : float or None
        Of the crop.
    reason : str or None
        Why something is None.
    """

    iou: float | None = None
    hit: bool | None = None
    chance: float | None = None
    salient_share: float | None = None
    expected_share: float | None = None
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class ExpectedRegion:
    """Hold the part of the comparison that no parameter of the fusion changes.

    Attributes
    ----------
    expected : ndarray or None
        (224, 224) bool.
    chance : float or None
    share : ndarray or None
        (224, 224) float64, the positive map, 0-1 of its peak.
    hit : bool or None
    reason : str or None
    """

    expected: np.ndarray | None = field(default=None, repr=False)
    chance: float | None = None
    share: np.ndarray | None = field(default=None, repr=False)
    hit: bool | None = None
    reason: str | None = None


def expected_region(evidence: Evidence, target: str) -> ExpectedRegion:
    """Prepare the comparison for one face and class."""
    points = evidence.face.crop_landmarks
    expected = emotion_mask(target, points)
    if expected is None:
        return ExpectedRegion(reason=f"Table 2 lists no AUs for {target}")
    if not expected.any():
        return ExpectedRegion(reason="the landmarks of its AUs lie outside of the crop")
    near, face = _near(expected), face_mask(points)
    chance = float((near & face).sum() / face.sum())
    heatmap = evidence.heatmap(target)
    if not heatmap.has_positive_evidence:
        reason = f"the map has no positive value for {target}"
        return ExpectedRegion(expected, chance, reason=reason)
    share = heatmap.upsampled() / heatmap.peak
    top = np.unravel_index(np.argmax(share), share.shape)
    return ExpectedRegion(expected, chance, share, bool(near[top]))


def compute_overlap(fusion: Fusion, on: ExpectedRegion | None = None) -> Overlap:
    """Compare the salient region of a fusion with the expected region of its target class.

    Parameters
    ----------
    fusion : Fusion
        Its parameters define the salient region.
    on : ExpectedRegion, optional
        That of the fusion's evidence and target, if already computed.
    """
    on = on or expected_region(fusion.evidence, fusion.target)
    if on.expected is None:
        return Overlap(reason=on.reason)
    expected_share = float(on.expected.mean())
    if on.share is None or fusion.threshold is None:
        return Overlap(chance=on.chance, expected_share=expected_share, reason=on.reason)
    salient = (on.share >= fusion.threshold) & (on.share > 0)
    return Overlap(
        iou=float((salient & on.expected).sum() / (salient | on.expected).sum()),
        hit=on.hit,
        chance=on.chance,
        salient_share=float(salient.mean()),
        expected_share=expected_share,
    )


def _near(mask: np.ndarray) -> np.ndarray:
    """Return the pixels within `TOLERANCE` of a mask."""
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return away <= TOLERANCE
