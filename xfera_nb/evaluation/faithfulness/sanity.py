"""Test whether a map depends on the trained weights, and whether other methods agree with it.

Units: Spearman's rank correlations of the maps' cells, -1 to 1, signed values.

HiResCAM (Draelos & Carin 2020, arXiv 2011.08891)
    Grad-CAM averages each channel's gradient over the cells before it weighs the features with it;
    HiResCAM weighs cell by cell, and so never marks a cell that the class's logit does not use.
    Captum's `LayerGradientXActivation`, summed over channels, is HiResCAM. Behind average pooling
    and one linear layer, as at the last block here, all cells have the same gradient: the two maps
    are equal by construction, and Grad-CAM is exact there. Elsewhere they may part, so a full check
    compares them at `PROBE_LAYER` as well.
Model-parameter randomisation (Adebayo et al. 2018, section 3)
    Parts of the network get random weights, and the map is computed again: the last layer alone,
    as often as `calibration.HEADS`, and in a full check part by part from the end (cascading).
    The mean absolute correlation is reported, as random weights are as often reversed as not: the
    mean of the signed one is near 0 for any map whatever. Even so there is no verdict. The
    correlation cannot reach 0, since features on 49 smooth cells vary in few ways. A map that does
    not depend on the trained last layer would have about the figure of two random last layers with
    each other, which is given beside it.
BAM's attention
    M(F) of each BAM (`xfera_nb.saliency.attention_maps`), averaged over each cell of the class's
    map. Attention has no class: it says where features pass, not what they speak for, and comes
    before the last stage. A low or negative correlation is no fault of either map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import adaptive_avg_pool2d

from xfera_nb.classifier import Classifier
from xfera_nb.errors import InputError
from xfera_nb.evaluation.faithfulness.correlation import correlate_ranks, rank_correlation
from xfera_nb.evaluation.faithfulness.randomisation import randomise
from xfera_nb.saliency import Heatmap, attribute

PROBE_LAYER = "layer3.5"
"""Where HiResCAM and Grad-CAM may differ."""
LAST_LAYER = "random last layer"
PAIRED = 10
"""Random last layers of which each is compared with all others."""
UNDEFINED_RANKS = "a map has the same value everywhere, or another size"


@dataclass(frozen=True)
class HiResCAMAgreement:
    """Hold the rank correlation of HiResCAM and Grad-CAM.

    Attributes
    ----------
    layer : str
    correlation : float or None
    by_construction : bool
        They are the same there, whatever the face.
    reason : str or None
        Why there is no correlation.
    """

    layer: str
    correlation: float | None
    by_construction: bool = False
    reason: str | None = None


@dataclass(frozen=True)
class RandomisedMap:
    """Hold the correlation with the map after a part of the network is random.

    Attributes
    ----------
    down_to : str
        `LAST_LAYER`, or the lowest part that was randomised with all above it.
    absolute : float or None
        Mean absolute correlation with the true map, 0-1.
    between : float or None
        The same between pairs of the random maps; None where there is one.
    maps : int
        How many random maps.
    reason : str or None
    """

    down_to: str
    absolute: float | None
    between: float | None
    maps: int
    reason: str | None = None


@dataclass(frozen=True)
class AttentionAgreement:
    """Hold the rank correlation of a BAM's attention and the class's map.

    Attributes
    ----------
    layer : str
    correlation : float or None
    reason : str or None
    """

    layer: str
    correlation: float | None
    reason: str | None = None


def compare_hirescam(
    classifier: Classifier, crop: np.ndarray, target: str, layer: str | None
) -> HiResCAMAgreement:
    """Compare HiResCAM with Grad-CAM at a layer, by Captum."""
    if layer is None:
        return HiResCAMAgreement(
            "input", None, reason="the method works on the input, not on a layer"
        )
    gradcam, hires = (
        attribute(classifier, crop, target, method=method, layer=layer).values
        for method in ("gradcam", "hirescam")
    )
    value = rank_correlation(gradcam, hires)
    return HiResCAMAgreement(layer, value, reason=UNDEFINED_RANKS if value is None else None)


def compare_random_maps(maps: np.ndarray, shown: Heatmap) -> RandomisedMap:
    """Compare the maps (K, h, w) of random last layers with the true map, and with each other.

    Where the true map has another size, the random ones are resized to the crop with it.
    """
    own = shown.values
    if maps.shape[1:] != own.shape:
        own = shown.upsampled(signed=True)
        maps = np.stack([Heatmap(m, None, None, shown.method).upsampled(signed=True) for m in maps])
    rows = maps.reshape(len(maps), -1)
    values = correlate_ranks(rows, own.ravel())
    known = np.isfinite(values)
    if known.sum() <= PAIRED:
        return RandomisedMap(LAST_LAYER, None, None, 0, UNDEFINED_RANKS)
    pairs = [np.abs(correlate_ranks(rows[known], rows[known][i])) for i in range(PAIRED)]
    between = np.concatenate([np.delete(one, i) for i, one in enumerate(pairs)])
    return RandomisedMap(
        LAST_LAYER, float(np.abs(values[known]).mean()), float(between.mean()), int(known.sum())
    )


def randomise_in_place(
    own: Classifier, crop: np.ndarray, shown: Heatmap, seed: int
) -> tuple[RandomisedMap, ...]:
    """Randomise any network, for any layer and method, part by part from the end.

    One random map for each part that has weights.

    Parameters
    ----------
    own : Classifier
        Its weights are lost: give a copy.
    crop : ndarray
        (224, 224, 3) uint8.
    shown : Heatmap
    seed : int
    """
    generator = torch.Generator().manual_seed(seed)
    if shown.target is None:
        raise InputError(f"{shown.title} explains no class.")
    found = []
    for name, part in reversed(_weighted_parts(own.module)):
        randomise(part, generator)
        layer = {} if shown.layer is None else {"layer": shown.layer}
        fresh = attribute(own, crop, shown.target, method=shown.method, **layer)
        value = rank_correlation(fresh.values, shown.values)
        if value is None:
            found.append(RandomisedMap(name, None, None, 0, UNDEFINED_RANKS))
        else:
            found.append(RandomisedMap(name, abs(value), None, 1))
    return tuple(found)


def _weighted_parts(module: nn.Module) -> list[tuple[str, nn.Module]]:
    """List the parts of a network that have weights, in order; a single one is split up."""
    parts = [pair for pair in module.named_children() if list(pair[1].parameters())]
    if len(parts) == 1 and list(parts[0][1].children()):
        return _weighted_parts(parts[0][1])
    return parts


def compare_attention(
    attention: dict[str, np.ndarray], shown: Heatmap
) -> tuple[AttentionAgreement, ...]:
    """Compare each BAM's attention (h, w) with a map, on the coarser of the two grids."""
    return tuple(_compare_one_attention(name, values, shown) for name, values in attention.items())


def _compare_one_attention(name: str, values: np.ndarray, shown: Heatmap) -> AttentionAgreement:
    size = tuple(min(pair) for pair in zip(values.shape, shown.values.shape, strict=True))
    one, other = (
        adaptive_avg_pool2d(torch.from_numpy(np.array(v, np.float32))[None], size)[0].numpy()
        for v in (values, shown.values)
    )
    value = rank_correlation(one, other)
    reason = UNDEFINED_RANKS if value is None else None
    return AttentionAgreement(name, value, reason)
