"""What each faithfulness check says of a map, in one sentence, and what it does not say.

A verdict is pass, inconclusive or fail; a check without a criterion has none. It compares one
figure with one limit, which the sentence names. A map can pass all checks and still mislead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xfera_nb.evaluation.faithfulness.au_drops import AUDrops
from xfera_nb.evaluation.faithfulness.face_check import Faithfulness
from xfera_nb.evaluation.faithfulness.overlap import PUBLISHED, Overlap
from xfera_nb.evaluation.faithfulness.perturbation_curves import CurvePair
from xfera_nb.facs.action_units import ACTION_UNITS, au_name

PASS = "pass"
INCONCLUSIVE = "inconclusive"
FAIL = "fail"
MIN_RANK_CORRELATION = 0.45
"""Least rank correlation of excess drop and saliency that passes: by chance one face in twenty has
it (Spearman's one-sided 5 % for 15 regions)."""
MIN_AUC_GAP = 0.05
"""Least gap between the two curves of an order that passes."""
MAX_RANDOM_CORRELATION = 0.5
"""Mean rank correlation, in either direction, below which a random network's map counts as another
map."""


@dataclass(frozen=True)
class Interpretation:
    """Put one check into words.

    Attributes
    ----------
    title : str
    figure : str
        The result, or why there is none.
    means, means_not : str
        A sentence each.
    verdict : str or None
        `PASS`, `INCONCLUSIVE` (also where nothing could be measured) or `FAIL`; None where the
        check has no criterion.
    detail : bool
        Whether it is shown on demand only.
    """

    title: str
    figure: str
    means: str
    means_not: str
    verdict: str | None = None
    detail: bool = False


def interpret(checks: Faithfulness) -> tuple[Interpretation, ...]:
    """Put all checks of a map into words, in reading order."""
    iou, pointing = interpret_overlap(checks.overlap)
    return (
        interpret_au_drops(checks.au_drops, checks.target),
        interpret_rank_correlation(checks.au_drops),
        interpret_deletion_insertion(checks.deletion_insertion),
        interpret_road(checks.road),
        interpret_randomisation(checks),
        iou,
        pointing,
        interpret_hirescam(checks),
        interpret_attention(checks),
    )


def interpret_au_drops(drops: AUDrops, target: str) -> Interpretation:
    """Name the Action Unit whose region matters most to the target class."""
    top = next(iter(drops.ranked), None)
    verdict = INCONCLUSIVE
    if top is None or top.prob_drop is None or top.random_drop is None:
        figure = "no AU region lies on the crop"
    elif top.prob_drop <= top.random_drop:
        figure, verdict = "no region costs more than random regions of its size", FAIL
    else:
        verdict = PASS if top.exceeds_random else FAIL
        also = _names(top.same_region)
        figure = (
            f"{top.name} {ACTION_UNITS[top.au].name} matters most: blurred, it takes "
            f"{100 * top.prob_drop:.1f} points from {target}; random regions of its size "
            f"{100 * top.random_drop:.1f}"
            f"{f' ({also} have the same region)' if also else ''}"
        )
    return Interpretation(
        "Excess drop by AU region",
        figure,
        "The model relies on that region: with it blurred it is less sure, and more so than with "
        f"any random region of that size ({drops.random_regions} were tried).",
        "That the AU is the reason: skin, teeth and shadows there are blurred with it.",
        verdict,
    )


def interpret_rank_correlation(drops: AUDrops) -> Interpretation:
    """Say whether salient regions are those whose blurring costs most."""
    value = drops.rank_correlation
    return Interpretation(
        "Excess drop against saliency",
        f"none: {drops.reason}" if value is None else f"{value:+.2f} (Spearman's rank correlation)",
        f"From +{MIN_RANK_CORRELATION:g} on the map is more salient where blurring costs more than "
        "chance would have it; at 0 or below, its colours do not say what matters most.",
        "That salient places are unimportant: a map of 7x7 cells is coarse, and regions overlap.",
        _judge(value, MIN_RANK_CORRELATION),
    )


def interpret_deletion_insertion(pair: CurvePair) -> Interpretation:
    """Read the gap between insertion and deletion."""
    return Interpretation(
        "Deletion and insertion",
        f"none: {pair.reason}"
        if pair.auc_gap is None or pair.morf is None or pair.lerf is None
        else f"AUC gap {pair.auc_gap:+.2f} (deletion {pair.morf.auc:.2f}, insertion "
        f"{pair.lerf.auc:.2f})",
        f"From +{MIN_AUC_GAP:g} on, blurring the face from its most salient place on costs the "
        "class more than from its least salient; an uninformative order gets about 0.",
        "How good the map is on its own: the figure also depends on how sure the model was.",
        _judge(pair.auc_gap, MIN_AUC_GAP),
    )


def interpret_road(pair: CurvePair) -> Interpretation:
    """Read the gap between ROAD's two orders."""
    return Interpretation(
        "ROAD",
        f"none: {pair.reason}" if pair.auc_gap is None else f"AUC gap {pair.auc_gap:+.2f}",
        f"The same question with pixels filled in from around them: from +{MIN_AUC_GAP:g} on, the "
        "most salient pixels are missed more than the least salient.",
        "That the two must agree: each way of taking pixels out is unlike a face in its own way.",
        _judge(pair.auc_gap, MIN_AUC_GAP),
    )


def interpret_randomisation(checks: Faithfulness) -> Interpretation:
    """Say whether the map depends on the trained weights."""
    known = [
        (one.correlation, one.down_to) for one in checks.randomised if one.correlation is not None
    ]
    figure = ", ".join(f"{correlation:+.2f} down to {part}" for correlation, part in known)
    verdict = INCONCLUSIVE
    if known:
        most = max(abs(correlation) for correlation, _ in known)
        verdict = PASS if most < MAX_RANDOM_CORRELATION else FAIL
    reason = checks.randomised[0].reason if checks.randomised else "the network has no weights"
    limit = MAX_RANDOM_CORRELATION
    return Interpretation(
        "Random weights",
        figure or f"none: {reason}",
        f"Between -{limit:g} and +{limit:g} the map is another one when the network's top "
        "is random: it shows what was learnt, not just the edges in the photo.",
        "That what was learnt is right.",
        verdict,
    )


def interpret_hirescam(checks: Faithfulness) -> Interpretation:
    """Say where HiResCAM agrees with Grad-CAM."""
    figures = [
        f"the same by construction at {one.layer}"
        if one.by_construction
        else f"none at {one.layer}: {one.reason}"
        if one.correlation is None
        else f"{one.correlation:+.2f} at {one.layer}"
        for one in checks.hirescam
    ]
    exact = any(one.by_construction for one in checks.hirescam)
    return Interpretation(
        "HiResCAMAgreement with HiResCAM",
        "; ".join(figures) or "none: the map is not of a layer",
        "Where both are the same, each cell of the map is exactly its share of the class's score."
        if exact
        else "Near +1, Grad-CAM's averaging of gradients moved nothing.",
        "That a cell is that piece of the photo: a deep cell has seen most of the face."
        if exact
        else "Which of the two is right where they differ: HiResCAM is exact for the layer alone.",
        detail=True,
    )


def interpret_overlap(overlap: Overlap) -> tuple[Interpretation, Interpretation]:
    """Read IoU and the pointing game."""
    none = f"none: {overlap.reason}"
    best, mean = PUBLISHED["best"], PUBLISHED["mean"]
    iou = Interpretation(
        "Salient region against expected AU regions",
        none
        if overlap.iou is None
        else f"IoU {overlap.iou:.2f} (salient {overlap.salient_share:.0%}, expected "
        f"{overlap.expected_share:.0%} of the crop)",
        f"The share that the salient region and the regions of Table 2's AUs have in common; "
        f"{PUBLISHED['networks']} published networks reach {mean:g} on average, the best {best:g}.",
        "Better or worse than those: their masks are larger, their maps averaged over many photos "
        f"({PUBLISHED['source']}). Nor must a model look where FACS does.",
    )
    pointing = Interpretation(
        "Pointing game",
        none
        if overlap.hit is None
        else f"{'hit' if overlap.hit else 'miss'} (a point at random hits with "
        f"{overlap.chance:.0%})",
        "Whether the map's highest point lies on, or within 15 pixels of, an expected AU's region.",
        "Much, on one face: it is a share of many that tells, against chance.",
        INCONCLUSIVE if overlap.hit is None else PASS if overlap.hit else FAIL,
        detail=True,
    )
    return iou, pointing


def interpret_attention(checks: Faithfulness) -> Interpretation:
    """Compare BAM's attention with the class's map."""
    figures = [
        f"{one.layer} none" if one.correlation is None else f"{one.layer} {one.correlation:+.2f}"
        for one in checks.attention
    ]
    return Interpretation(
        "BAM's attention",
        ", ".join(figures) or "none: the network has no attention modules",
        "Near +1, the network's own attention passes on most where the map is most salient.",
        "A fault where it is low or negative: attention has no class, and comes before the last "
        "stage.",
        detail=True,
    )


def _judge(value: float | None, least: float) -> str:
    """Pass from `least` on, fail at 0 and below; inconclusive between them and without a value."""
    if value is None or 0 < value < least:
        return INCONCLUSIVE
    return PASS if value >= least else FAIL


def _names(aus: Iterable[int]) -> str:
    return ", ".join(map(au_name, aus))
