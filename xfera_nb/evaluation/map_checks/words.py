"""What each check says of a map, in one sentence, and what it does not say.

A verdict is "as hoped", "not as hoped" or none. It reads one figure by one simple limit, which the
sentence names; it is no proof, and a map can pass all checks and still mislead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xfera_nb.evaluation.map_checks.au_weights import AUWeights
from xfera_nb.evaluation.map_checks.checks import MapChecks
from xfera_nb.evaluation.map_checks.curves import OrderCheck
from xfera_nb.evaluation.map_checks.overlap import PUBLISHED, Overlap
from xfera_nb.facs.action_units import ACTION_UNITS, au_name

HOPED = "as hoped"
NOT_HOPED = "not as hoped"
RANKED = 0.45
"""Least rank correlation of weights and heat that counts: by chance one face in twenty has it
(Spearman's one-sided 5 % for 15 regions)."""
GAINED = 0.05
"""Least gain of an order that counts."""
UNRELATED = 0.5
"""Mean rank correlation, in either direction, below which a random network's map counts as another
map."""


@dataclass(frozen=True)
class Saying:
    """One check in words.

    Attributes
    ----------
    title : str
    figure : str
        What was found, or why nothing was.
    means, means_not : str
        A sentence each.
    verdict : str or None
        `HOPED`, `NOT_HOPED`, or None where there is nothing to hope for or nothing was found.
    detail : bool
        Whether it is for those who look closer.
    """

    title: str
    figure: str
    means: str
    means_not: str
    verdict: str | None = None
    detail: bool = False


def sayings(checks: MapChecks) -> tuple[Saying, ...]:
    """All checks of a map in words, in the order in which they are best read."""
    iou, pointing = overlap_said(checks.overlap)
    return (
        weights_said(checks.au_weights, checks.emotion),
        ranks_said(checks.au_weights),
        fading_said(checks.fading),
        road_said(checks.road),
        random_said(checks),
        iou,
        pointing,
        hirescam_said(checks),
        attention_said(checks),
    )


def weights_said(weights: AUWeights, emotion: str) -> Saying:
    """The Action Unit that weighs most."""
    top = next(iter(weights.ranked), None)
    verdict = None
    if top is None or top.fall is None or top.random_fall is None:
        figure = "no movement's region lies on the crop"
    elif top.fall <= top.random_fall:
        figure, verdict = "no region costs more than random places of its size", NOT_HOPED
    else:
        verdict = HOPED if top.stands_out else NOT_HOPED
        also = _names(top.shares)
        figure = (
            f"{top.name} {ACTION_UNITS[top.au].name} weighs most: blurred, it takes "
            f"{100 * top.fall:.1f} points from {emotion}; random places of its size "
            f"{100 * top.random_fall:.1f}"
            f"{f' ({also} have the same region)' if also else ''}"
        )
    return Saying(
        "Weight of the movements",
        figure,
        "The model leans on that place: with it blurred it is less sure, and more so than with any "
        f"random place of that size ({weights.random_regions} were tried).",
        "That the movement is the reason: skin, teeth and shadows there are blurred with it.",
        verdict,
    )


def ranks_said(weights: AUWeights) -> Saying:
    """Weight against heat."""
    value = weights.rank_correlation
    return Saying(
        "Weight against heat",
        f"none: {weights.reason}"
        if value is None
        else f"{value:+.2f} (Spearman's rank correlation)",
        f"From +{RANKED:g} on the map is hotter where blurring costs more than chance would have "
        "it; at 0 or below, its colours do not say what matters most.",
        "That hot places are unimportant: a map of 7x7 cells is coarse, and regions overlap.",
        _judged(value, RANKED),
    )


def fading_said(check: OrderCheck) -> Saying:
    """Deletion and insertion."""
    return Saying(
        "Deletion and insertion",
        f"none: {check.reason}"
        if check.gain is None or check.against is None or check.along is None
        else f"gain {check.gain:+.2f} (deletion {check.against.area:.2f}, insertion "
        f"{check.along.area:.2f})",
        f"From +{GAINED:g} on, blurring the face from its hottest place on costs the class more "
        "than from its coldest; an order that knows nothing gets about 0.",
        "How good the map is on its own: the figure also depends on how sure the model was.",
        _judged(check.gain, GAINED),
    )


def road_said(check: OrderCheck) -> Saying:
    """ROAD."""
    return Saying(
        "ROAD",
        f"none: {check.reason}" if check.gain is None else f"gain {check.gain:+.2f}",
        f"The same question with pixels filled in from around them: from +{GAINED:g} on, the "
        "hottest pixels are missed more than the coldest.",
        "That the two must agree: each way of taking pixels out is unlike a face in its own way.",
        _judged(check.gain, GAINED),
    )


def random_said(checks: MapChecks) -> Saying:
    """Model-parameter randomisation."""
    known = [
        (one.correlation, one.down_to) for one in checks.randomised if one.correlation is not None
    ]
    figure = ", ".join(f"{correlation:+.2f} down to {part}" for correlation, part in known)
    verdict = None
    if known:
        most = max(abs(correlation) for correlation, _ in known)
        verdict = HOPED if most < UNRELATED else NOT_HOPED
    reason = checks.randomised[0].reason if checks.randomised else "the network has no weights"
    return Saying(
        "Random weights",
        figure or f"none: {reason}",
        f"Between -{UNRELATED:g} and +{UNRELATED:g} the map is another one when the network's top "
        "is random: it shows what was learnt, not just the edges in the photo.",
        "That what was learnt is right.",
        verdict,
    )


def hirescam_said(checks: MapChecks) -> Saying:
    """HiResCAM's agreement."""
    told = [
        f"the same by construction at {one.layer}"
        if one.by_construction
        else f"none at {one.layer}: {one.reason}"
        if one.correlation is None
        else f"{one.correlation:+.2f} at {one.layer}"
        for one in checks.hirescam
    ]
    exact = any(one.by_construction for one in checks.hirescam)
    return Saying(
        "HiResCAM agrees",
        "; ".join(told) or "none: the map is not of a layer",
        "Where both are the same, each cell of the map is exactly its share of the class's score."
        if exact
        else "Near +1, Grad-CAM's averaging of gradients moved nothing.",
        "That a cell is that piece of the photo: a deep cell has seen most of the face."
        if exact
        else "Which of the two is right where they differ: HiResCAM is exact for the layer alone.",
        detail=True,
    )


def overlap_said(overlap: Overlap) -> tuple[Saying, Saying]:
    """IoU and the pointing game."""
    none = f"none: {overlap.reason}"
    best, mean = PUBLISHED["best"], PUBLISHED["mean"]
    iou = Saying(
        "Hot where the emotion's movements are",
        none
        if overlap.iou is None
        else f"IoU {overlap.iou:.2f} (hot {overlap.hot_share:.0%}, expected "
        f"{overlap.expected_share:.0%} of the crop)",
        f"The share that the hot region and the regions of Table 2's movements have in common; "
        f"{PUBLISHED['networks']} published networks reach {mean:g} on average, the best {best:g}.",
        "Better or worse than those: their masks are larger, their maps averaged over many photos "
        f"({PUBLISHED['source']}). Nor must a model look where FACS does.",
    )
    pointing = Saying(
        "Pointing game",
        none
        if overlap.hit is None
        else f"{'hit' if overlap.hit else 'miss'} (a point at random hits with "
        f"{overlap.chance:.0%})",
        "Whether the map's hottest point lies on, or within 15 pixels of, an expected movement.",
        "Much, on one face: it is a share of many that tells, against chance.",
        None if overlap.hit is None else HOPED if overlap.hit else NOT_HOPED,
        detail=True,
    )
    return iou, pointing


def attention_said(checks: MapChecks) -> Saying:
    """BAM's attention against the class's map."""
    told = [
        f"{one.layer} none" if one.correlation is None else f"{one.layer} {one.correlation:+.2f}"
        for one in checks.attention
    ]
    return Saying(
        "BAM's attention",
        ", ".join(told) or "none: the network has no attention modules",
        "Near +1, the network's own attention passes on most where the map is hottest.",
        "A fault where it is low or negative: attention has no class, and comes before the last "
        "stage.",
        detail=True,
    )


def _judged(value: float | None, least: float) -> str | None:
    """As hoped from `least` on, not as hoped at 0 and below; between them nothing is said."""
    if value is None or 0 < value < least:
        return None
    return HOPED if value >= least else NOT_HOPED


def _names(aus: Iterable[int]) -> str:
    return ", ".join(map(au_name, aus))
