"""Test whether a map depends on the trained weights, and whether other methods agree with it.

Units: Spearman's rank correlations of the maps' cells, -1 to 1, signed values.

HiResCAM (Draelos & Carin 2020, arXiv 2011.08891)
    Grad-CAM averages each channel's gradient over the cells before it weighs the features with it;
    HiResCAM weighs cell by cell, and so never marks a cell that the class's logit does not use.
    Captum's `LayerGradientXActivation`, summed over channels, is HiResCAM. Behind average pooling
    and one linear layer, as at the last block here, all cells have the same gradient: the two maps
    are equal by construction, and Grad-CAM is exact there. Elsewhere they may part, so the layer
    `PROBE_LAYER` is compared as well.
Model-parameter randomisation (Adebayo et al. 2018, section 3, cascading)
    From the top down, more and more of the network gets random weights, and the map is computed
    again. A map that stays the same (a high correlation) does not depend on what was learnt.
    Captum has no such test, so this is ours: weights are drawn as in He et al. 2015. Of the last
    stage its output for this face is drawn instead, from the same distribution (`randomisation`).
    Each part is judged with `HEADS` random last layers, which cost nothing. Reported are the mean
    correlation, near 0 for a faithful map, and the mean of its absolute value, which chance alone
    keeps above 0: 49 smooth cells vary in few ways. Each face has random networks of its own;
    shared ones would make the chance results of all faces dependent.
BAM's attention
    M(F) of each BAM (`xfera_nb.saliency.attention_maps`), averaged over each cell of the class's
    map. Attention has no class: it says where features pass, not what they speak for, and comes
    before the last stage. A low or negative correlation is no fault of either map.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from xfera_nb.classifier import Classifier, ResNet50BAM
from xfera_nb.errors import InputError
from xfera_nb.evaluation.faithfulness.network import Trace, get_stage
from xfera_nb.evaluation.faithfulness.randomisation import random_stage, randomise
from xfera_nb.saliency import Heatmap, attribute

PROBE_LAYER = "layer3.5"
"""Where HiResCAM and Grad-CAM may differ."""
HEADS = 20
"""Random last layers for each randomised part."""
CASCADE = ("layer4",)
"""Parts that get random weights, each with all above it; the last linear layer alone comes first.
A stage's BAM belongs to it, the first convolution stands for all before the first stage."""
FULL_CASCADE = ("layer4.2", "layer4", "layer3", "layer2", "layer1", "conv1")
UNDEFINED_RANKS = "a map has the same value everywhere, or another size"


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Compute Spearman's rank correlation of two arrays of the same shape.

    Returns
    -------
    float or None
        -1 to 1. None where an array is constant or not finite, or where their shapes differ.
    """
    from scipy.stats import spearmanr  # half a second, so not before it is needed

    if np.shape(one) != np.shape(other):
        return None
    pair = np.stack([np.ravel(one), np.ravel(other)]).astype(float)
    if not pair.size or not np.isfinite(pair).all() or (np.ptp(pair, axis=1) == 0).any():
        return None
    return float(np.clip(spearmanr(*pair).statistic, -1, 1))


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
    """Hold the correlation with the map after a part of the network, and all above it, is random.

    Attributes
    ----------
    down_to : str
        The lowest part that was randomised.
    correlation, absolute : float or None
        Mean correlation with the true map, and mean of its absolute value.
    maps : int
        How many random maps.
    reason : str or None
    """

    down_to: str
    correlation: float | None
    absolute: float | None
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


def compare_hirescam_traced(trace: Trace, row: int) -> HiResCAMAgreement:
    """Compare HiResCAM with Grad-CAM at `PROBE_LAYER`, from a trace.

    Parameters
    ----------
    trace : Trace
    row : int
        The class.
    """
    x = trace.before["bam3"]
    (gradient,) = torch.autograd.grad(trace.logits[0, row], x, retain_graph=True)
    x = x.detach()
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    gradcam, hires = ((g * x)[0].sum(dim=0).numpy() for g in (weights, gradient))
    return _agreement(PROBE_LAYER, gradcam, hires)


def compare_hirescam(classifier: Classifier, crop: np.ndarray, shown: Heatmap) -> HiResCAMAgreement:
    """Compare HiResCAM with Grad-CAM at the layer of a map, by Captum."""
    if shown.layer is None:
        return HiResCAMAgreement(
            "input", None, reason="the method works on the input, not on a layer"
        )
    emotion = _class_of(shown)
    maps = [
        attribute(classifier, crop, emotion, method=method, layer=shown.layer).values
        for method in ("gradcam", "hirescam")
    ]
    return _agreement(shown.layer, *maps)


def _agreement(layer: str, gradcam: np.ndarray, hires: np.ndarray) -> HiResCAMAgreement:
    value = rank_correlation(gradcam, hires)
    reason = UNDEFINED_RANKS if value is None else None
    return HiResCAMAgreement(layer, value, reason=reason)


def randomise_traced(
    net: nn.Module, trace: Trace, shown: Heatmap, parts: tuple[str, ...], seed: int
) -> tuple[RandomisedMap, ...]:
    """Randomise the network that was traced, from the last layer down to each of some parts.

    Each part runs on what the trace holds before it. `shown` is Grad-CAM of the last block.
    """
    if not isinstance(net, ResNet50BAM):
        raise TypeError("Only a ResNet50BAM is traced.")
    generator = torch.Generator().manual_seed(seed)
    heads = torch.empty(HEADS, net.fc.in_features)
    heads.normal_(0, (2 / net.fc.out_features) ** 0.5, generator=generator)
    found = [_compare_heads("fc", heads, trace.features, shown)]
    below: list[nn.Module] = []
    for part in parts:
        last = part if part.startswith("layer4") else "layer4"
        if last != part:
            below.insert(0, randomise(copy.deepcopy(get_stage(net, part)), generator))
        with torch.inference_mode():
            x = trace.before[part].detach()
            for step in below:
                x = step(x)
            blocks = [net.layer4[-1]] if last == "layer4.2" else net.layer4
            found.append(_compare_heads(part, heads, random_stage(blocks, x, generator), shown))
    return tuple(found)


def _compare_heads(part: str, heads: Tensor, features: Tensor, shown: Heatmap) -> RandomisedMap:
    maps = torch.einsum("nc,chw->nhw", heads, features[0]).numpy()
    return _compare_maps(part, maps, shown)


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
    found, emotion = [], _class_of(shown)
    for name, part in reversed(_weighted_parts(own.module)):
        randomise(part, generator)
        layer = {} if shown.layer is None else {"layer": shown.layer}
        fresh = attribute(own, crop, emotion, method=shown.method, **layer)
        found.append(_compare_maps(name, fresh.values[None], shown))
    return tuple(found)


def _class_of(shown: Heatmap) -> str:
    if shown.target is None:
        raise InputError(f"{shown.title} explains no class.")
    return shown.target


def _weighted_parts(module: nn.Module) -> list[tuple[str, nn.Module]]:
    """List the parts of a network that have weights, in order; a single one is split up."""
    parts = [pair for pair in module.named_children() if list(pair[1].parameters())]
    if len(parts) == 1 and list(parts[0][1].children()):
        return _weighted_parts(parts[0][1])
    return parts


def _compare_maps(part: str, maps: np.ndarray, shown: Heatmap) -> RandomisedMap:
    values = [rank_correlation(one, shown.values) for one in maps]
    known = [value for value in values if value is not None]
    if not known:
        return RandomisedMap(part, None, None, 0, UNDEFINED_RANKS)
    return RandomisedMap(part, float(np.mean(known)), float(np.mean(np.abs(known))), len(known))


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
