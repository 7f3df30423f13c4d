"""What each faithfulness check says of a map, in one sentence, and what it does not say.

A verdict is pass, inconclusive or fail (`calibration` says when); a check without controls has
none. A map can pass all checks and still mislead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xfera_nb.evaluation.faithfulness.au_drops import AUDrops
from xfera_nb.evaluation.faithfulness.calibration import (
    FAIL,
    INCONCLUSIVE,
    LEVEL,
    PASS,
    Calibrated,
)
from xfera_nb.evaluation.faithfulness.face_check import FULL_CHECKS, Faithfulness
from xfera_nb.evaluation.faithfulness.overlap import PUBLISHED, Overlap
from xfera_nb.evaluation.faithfulness.perturbation_curves import CurvePair
from xfera_nb.facs.action_units import ACTION_UNITS, au_name

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "occlusion": "Map share against cost of hiding",
        "additivity": "Additivity (Sensitivity-n)",
        "au_agreement": "Saliency against excess drop of AUs",
        "blurred_sets": "Faithfulness correlation, blurred cells",
        "imputed_sets": "Faithfulness correlation, imputed cells",
        "localisation": "Share on expected AU regions",
        "deletion_insertion": "Deletion and insertion",
        "road": "ROAD",
    }
)
"""Name of a figure with a verdict -> its title."""

_FORMS = {
    "occlusion": "Spearman {:+.2f} over six face regions",
    "additivity": "r {:+.2f} over face regions, AU regions and random places",
    "au_agreement": "Spearman {:+.2f} over the AUs' regions",
    "blurred_sets": "r {:+.2f} over twelve sets of cells",
    "imputed_sets": "r {:+.2f} over twelve sets of cells",
    "localisation": "{:.0%} of the positive map",
    "deletion_insertion": "AUC gap {:+.2f}",
    "road": "AUC gap {:+.2f}",
}
_BETTER = "than maps of random last layers and other faces' maps do on this face."
_MEANS = {
    "occlusion": (
        "The regions that hold more of the map cost the class more when blurred, and this "
        f"ranking fits better {_BETTER}",
        "That a region with little of the map is unimportant: six regions are few, and the cells "
        "coarse.",
    ),
    "additivity": (
        "What the map adds up to over a hidden place is what the class's score loses there, more "
        f"closely {_BETTER}",
        "That the amounts are right: a correlation only asks for proportion.",
    ),
    "au_agreement": (
        f"AU regions that are more salient have a greater excess drop, more so {_BETTER}",
        "That salient places are unimportant where it is low: a map of 7x7 cells is coarse, and "
        "regions overlap.",
    ),
    "blurred_sets": (
        "Where random patches of the crop are blurred, the class's score falls by as much as the "
        f"map holds there, more closely {_BETTER}",
        "How the map does on a whole deletion curve: a full check runs deletion and insertion.",
    ),
    "imputed_sets": (
        "The same with patches filled in from around them, which leaves no trace of their shape, "
        f"more closely {_BETTER}",
        "That it must agree with blurring: each way of taking pixels out is unlike a face in its "
        "own way.",
    ),
    "localisation": (
        "More of the map lies on the regions of Table 2's AUs for this class "
        f"{_BETTER.replace(' do ', ' have there ')}",
        "That the model is right, or wrong where it is low: a model need not look where FACS does.",
    ),
    "deletion_insertion": (
        "Blurring the face from its most salient place on costs the class more than from its least "
        f"salient, by more {_BETTER}",
        "How good the map is on its own: the figure also depends on how sure the model was.",
    ),
    "road": (
        "The same with pixels filled in from around them: the most salient are missed more, by "
        f"more {_BETTER}",
        "That the two must agree: each way of taking pixels out is unlike a face in its own way.",
    ),
}


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
    beside : str
        What maps that explain nothing have on the same face; empty for a check without them.
    """

    title: str
    figure: str
    means: str
    means_not: str
    verdict: str | None = None
    detail: bool = False
    beside: str = ""


def interpret(checks: Faithfulness) -> tuple[Interpretation, ...]:
    """Put all checks of a map into words, in reading order."""
    iou, pointing = interpret_overlap(checks.overlap)
    judged = {name: interpret_figure(name, one) for name, one in checks.calibrated.items()}
    curves = [
        judged.get(name) or interpret_curves(name, getattr(checks, name)) for name in FULL_CHECKS
    ]
    return (
        *(one for name, one in judged.items() if name not in FULL_CHECKS),
        *(curves if checks.full else ()),
        iou,
        interpret_au_drops(checks.au_drops, checks.target),
        *(() if checks.full else curves),
        interpret_randomisation(checks),
        pointing,
        interpret_hirescam(checks),
        interpret_attention(checks),
    )


def interpret_figure(name: str, one: Calibrated) -> Interpretation:
    """Read one figure beside those of its controls.

    Parameters
    ----------
    name : str
        A key of `TITLES`.
    one : Calibrated
    """
    means, means_not = _MEANS[name]
    return Interpretation(
        TITLES[name],
        f"none: {one.reason}" if one.value is None else _FORMS[name].format(one.value),
        means,
        means_not,
        one.verdict,
        beside="" if one.value is None else describe_controls(name, one),
    )


def describe_controls(name: str, one: Calibrated) -> str:
    """Say what maps that explain nothing have, as "95 % of 99 random last layers below +0.61"."""
    form = "{:.0%}" if name == "localisation" else "{:+.2f}"
    quantiles = one.to_dict()
    parts = []
    for title, key in (
        ("random last layers", "random_last_layers"),
        ("other faces", "other_faces"),
    ):
        found = quantiles[key]
        if found["maps"]:
            parts.append(
                f"{found['maps']} {title}: median {form.format(found['median'])}, 95 % below "
                f"{form.format(found['quantile_95'])}"
            )
    for title, value in (("mean map", one.mean_map), ("class's mean map", one.class_mean)):
        if value is not None:
            parts.append(f"{title} {form.format(value)}")
    if one.reason:
        parts.append(one.reason)
    return "; ".join(parts)


def interpret_curves(name: str, pair: CurvePair) -> Interpretation:
    """Say that a figure was not measured, and why."""
    means, means_not = _MEANS[name]
    return Interpretation(TITLES[name], f"none: {pair.reason}", means, means_not, detail=True)


def interpret_au_drops(drops: AUDrops, target: str) -> Interpretation:
    """Name the Action Unit whose region costs most, and judge it if enough random ones are there.

    The greatest drop of the AUs' regions passes if at most one in twenty of the draws, it included,
    has as great a one; it fails if half of them have.
    """
    top = max(drops.ranked, key=lambda row: row.prob_drop or 0.0, default=None)
    share, verdict = drops.share_as_great, INCONCLUSIVE
    if top is None or top.prob_drop is None or top.random_drop is None:
        figure = "no AU region lies on the crop"
    else:
        also = _names(top.same_region)
        figure = (
            f"{top.name} {ACTION_UNITS[top.au].name} costs most: blurred, it takes "
            f"{100 * top.prob_drop:.1f} points from {target}; random regions of its size "
            f"{100 * top.random_drop:.1f}{f' ({also} have the same region)' if also else ''}"
        )
    if share is None:
        beside = f"the {drops.random_regions} random regions of a quick check are too few to judge"
    else:
        verdict = PASS if share <= LEVEL else FAIL if share > 0.5 else INCONCLUSIVE
        as_great = round(share * (1 + len(drops.random_greatest))) - 1
        beside = (
            f"of {len(drops.random_greatest)} draws of as many random regions of these sizes, "
            f"{as_great} have as great a drop"
        )
    return Interpretation(
        "Cost of the AUs' regions",
        figure,
        "The model relies on the AUs' regions: the costliest of them costs more than the "
        "costliest of as many random regions.",
        "Anything about the map, or that the AU is the reason: skin, teeth and shadows there are "
        "blurred with it.",
        verdict,
        beside=beside,
    )


def interpret_randomisation(checks: Faithfulness) -> Interpretation:
    """Say how like the map is to those of networks with random weights."""
    known = [
        f"{one.absolute:.2f} {'' if one.maps > 1 else 'random down to '}{one.down_to}"
        for one in checks.randomised
        if one.absolute is not None
    ]
    first = checks.randomised[0]
    return Interpretation(
        "Random weights",
        f"mean absolute rank correlation {', '.join(known)}" if known else f"none: {first.reason}",
        "The nearer to 0, the less the map is like those of random weights; one that does not "
        "depend on the trained last layer would resemble them as much as they resemble each other.",
        "A verdict: smooth features vary in few ways, so maps are alike whatever was learnt.",
        detail=True,
        beside="" if first.between is None else f"between random last layers {first.between:.2f}",
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
        "Agreement with HiResCAM",
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
    """Read IoU and the pointing game; neither has a verdict on one face."""
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
        "Much about one face: only the share of hits over many faces can be compared with chance.",
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


def _names(aus: Iterable[int]) -> str:
    return ", ".join(map(au_name, aus))
