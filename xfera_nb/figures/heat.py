"""Turn a map into colours with transparency, and find the outline of its salient region.

Units and scales
    Values are shares of the map's own peak, 0 to 1, as in `xfera_nb.fusion`: colours say where the
    map is strong, never how strong it is beside another. The peak's value is written beside the
    scale wherever the map is drawn.
Colours
    Inferno (van der Walt and Smith 2015): perceptually uniform, its brightness rises all the way,
    so it reads the same to people who see fewer colours. Opacity rises with the value: the face
    stays visible, and nothing is drawn where the map says nothing. A scale is shown as it looks
    over middle grey. Landmarks inside and outside the salient region differ in shape as well as in
    colour, which the XFERa paper's red and blue do not.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from xfera_nb.faces import CROP_SIZE
from xfera_nb.facs import EMOTIONS
from xfera_nb.saliency import Heatmap

if TYPE_CHECKING:
    from xfera_nb.fusion import Fusion

SALIENT = "#d7263d"
"""Filled circles: landmarks at or above the threshold."""
NOT_SALIENT = "#2f6fe0"
"""Hollow squares: landmarks below it."""
OPACITY = 0.85
"""Opacity of the map at its peak, 0-1."""
_GREY = 128
_FINE = 4  # outlines are found on a grid this much finer than the crop


@cache
def colour_table() -> np.ndarray:
    """Return Inferno as (256, 3) uint8 RGB, lowest value first."""
    steps = np.arange(256, dtype=np.uint8)[:, None]
    table = np.ascontiguousarray(cv2.applyColorMap(steps, cv2.COLORMAP_INFERNO)[:, 0, ::-1])
    table.flags.writeable = False
    return table


def colour_scale() -> np.ndarray:
    """Return the map's colours over middle grey, (256, 3) uint8 RGB, lowest value first."""
    opacity = np.linspace(0, OPACITY, 256)[:, None]
    return np.round(colour_table() * opacity + _GREY * (1 - opacity)).astype(np.uint8)


def heat_rgba(heatmap: Heatmap, size: int = CROP_SIZE) -> np.ndarray | None:
    """Colour the positive part of a map, to be laid over a face crop.

    Parameters
    ----------
    heatmap : Heatmap
    size : int
        Side of the result, pixels.

    Returns
    -------
    ndarray or None
        (size, size, 4) uint8, RGB and opacity, not premultiplied; the opacity is proportional to
        the value. None where the map has no positive evidence: there is nothing to draw.
    """
    if not heatmap.has_positive_evidence:
        return None
    share = np.clip(heatmap.upsampled(size) / heatmap.peak, 0, 1)
    rgb = colour_table()[np.round(share * 255).astype(np.uint8)]
    alpha = np.round(share * (OPACITY * 255)).astype(np.uint8)
    return np.dstack([rgb, alpha])


def relative_peak(fusion: Fusion) -> float | None:
    """Divide the target class's peak by the predicted class's, so that one scale holds for both.

    A map says where the face speaks for a class; its peak says how strongly, in the unit that all
    classes of the method share (for Grad-CAM of the last block a share of the class's logit). The
    probability is no measure of that: a class may have strong places for it and lose by stronger
    ones against it. So a map is drawn as faint as its peak is low beside the prediction's.

    Returns
    -------
    float or None
        At least 0; above 1 where the target's peak is the higher one. None where either map is
        not known or has no positive value.
    """
    peaks = fusion.evidence.peak
    target, predicted = (
        float(peaks[EMOTIONS.index(name)]) for name in (fusion.target, fusion.predicted)
    )
    known = target > 0 and predicted > 0  # False for NaN too
    return target / predicted if known else None


def map_strength(fusion: Fusion) -> float:
    """Return the opacity, 0-1, of the target class's map beside the prediction's: `relative_peak`.

    At most 1, and 1 where it is not known.
    """
    share = relative_peak(fusion)
    return 1.0 if share is None else min(1.0, share)


def draw_map(fusion: Fusion, size: int = CROP_SIZE) -> np.ndarray | None:
    """Colour the target class's map as faint as its peak is low beside the prediction's.

    Parameters
    ----------
    fusion : Fusion
    size : int
        Side of the result, pixels.

    Returns
    -------
    ndarray or None
        As `heat_rgba` returns it.
    """
    heat = heat_rgba(fusion.evidence.heatmap(fusion.target), size)
    if heat is not None:
        heat[..., 3] = np.round(heat[..., 3] * map_strength(fusion))
    return heat


def salient_contours(fusion: Fusion) -> tuple[np.ndarray, ...]:
    """Find the outlines of the region where the target class's map reaches the threshold.

    Returns
    -------
    tuple of ndarray
        Closed polygons, each (P, 2) float64 x, y in crop pixels, the last point joined to the
        first; holes are polygons too. Empty without positive evidence.
    """
    heatmap = fusion.evidence.heatmap(fusion.target)
    if fusion.threshold is None or not heatmap.has_positive_evidence:
        return ()
    share = heatmap.upsampled(CROP_SIZE * _FINE) / heatmap.peak
    region = ((share >= fusion.threshold) & (share > 0)).astype(np.uint8)
    found, _ = cv2.findContours(region, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return tuple((line[:, 0].astype(np.float64) + 0.5) / _FINE - 0.5 for line in found)


def share_of_peak(heatmap: Heatmap, size: int = 2 * CROP_SIZE) -> np.ndarray | None:
    """Resize a map and divide it by its peak, for `contour_path`.

    Returns
    -------
    ndarray or None
        (size, size) float32, 0-1; None without positive evidence.
    """
    if not heatmap.has_positive_evidence:
        return None
    return (heatmap.upsampled(size) / heatmap.peak).astype(np.float32)


def contour_path(share: np.ndarray | None, threshold: float | None) -> str:
    """Return the outline of the salient region as an SVG path with few points, for live views.

    Parameters
    ----------
    share : ndarray or None
        As `share_of_peak` gives it.
    threshold : float or None
        In units of the peak.

    Returns
    -------
    str
        Closed polygons in crop pixels ("M1 2L3 4Z"), within half a crop pixel of the outlines
        that `salient_contours` draws; empty without a salient region.
    """
    if share is None or threshold is None:
        return ""
    fine = len(share) / CROP_SIZE
    region = ((share >= threshold) & (share > 0)).astype(np.uint8)
    found, _ = cv2.findContours(region, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_TC89_L1)
    parts = []
    for line in found:
        points = (cv2.approxPolyDP(line, 0.7, True)[:, 0] + 0.5) / fine - 0.5
        if len(points) > 2:
            parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points.round(1).tolist()) + "Z")
    return "".join(parts)
