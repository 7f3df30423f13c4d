"""Check one face's map against the classifier: all checks in one result.

Cost
    On the map that is shown by default (Grad-CAM of the shipped network's last block), the quick
    check passes about forty pictures through the network, in groups, besides one traced pass from
    which the sanity checks go on. It is meant for the panel beside the Explainer and stays below
    the time of 25 single forward passes (``benchmarks/faithfulness.py`` prints what it takes). The
    full check has more random regions, steps and randomised parts: ``xfera faithfulness --full``.
    The first check of a process also imports SciPy's statistics, about half a second.
    On another layer, method or network the sanity checks run Captum again, which takes longer.
Undefined is None, with a reason.
"""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import torch

from xfera_nb.classifier import Classifier
from xfera_nb.classifier.resnet50_bam import LAST_BLOCK
from xfera_nb.errors import ModelError
from xfera_nb.evaluation.faithfulness import au_drops, sanity
from xfera_nb.evaluation.faithfulness import perturbation_curves as curves
from xfera_nb.evaluation.faithfulness.au_drops import AUDrops
from xfera_nb.evaluation.faithfulness.network import Probe, Trace, copy_without_hooks
from xfera_nb.evaluation.faithfulness.overlap import PUBLISHED, Overlap, compute_overlap
from xfera_nb.evaluation.faithfulness.perturbation_curves import CurvePair
from xfera_nb.evaluation.faithfulness.sanity import (
    AttentionAgreement,
    HiResCAMAgreement,
    RandomisedMap,
)
from xfera_nb.evidence import Evidence
from xfera_nb.facs.emotions import EMOTIONS, parse_emotion
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.saliency import (
    METHODS,
    Heatmap,
    attention_maps,
    missing_class_message,
)
from xfera_nb.saliency.perturbation import blur_picture, match_colour

FULL_DRAWS = 8
FULL_LADDER = (1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6, 1.0)


@dataclass(frozen=True)
class Faithfulness:
    """Hold the results of all checks of one map of one face.

    Attributes
    ----------
    target : str
        The target class.
    probability : float
        Its probability, 0-1.
    blurred_probability : float
        On the wholly blurred face: where deletion ends.
    params : FusionParams
        Only `overlap` depends on them.
    layer : str or None
    method : str
    au_drops : AUDrops
    deletion_insertion : CurvePair
        Deletion (`morf`) and insertion (`lerf`).
    road : CurvePair
    hirescam : tuple of HiResCAMAgreement
        At the map's layer, and at another where the two may differ.
    randomised : tuple of RandomisedMap
        From the top of the network down.
    attention : tuple of AttentionAgreement
        One for each BAM; empty where the network has none.
    overlap : Overlap
    classifier : str
    seed : int
    full : bool
    pictures : int
        Pictures that went through the whole network.
    """

    target: str
    probability: float
    blurred_probability: float
    params: FusionParams
    layer: str | None
    method: str
    au_drops: AUDrops
    deletion_insertion: CurvePair
    road: CurvePair
    hirescam: tuple[HiResCAMAgreement, ...]
    randomised: tuple[RandomisedMap, ...]
    attention: tuple[AttentionAgreement, ...]
    overlap: Overlap
    classifier: str
    seed: int
    full: bool
    pictures: int = field(compare=False)

    def with_params(self, evidence: Evidence, params: FusionParams) -> Faithfulness:
        """Return the same checks under other fusion parameters, in a millisecond or two.

        Parameters
        ----------
        evidence : Evidence
            The evidence that was checked.
        params : FusionParams
        """
        fusion = fuse(evidence, params, self.target)
        return replace(self, params=params, overlap=compute_overlap(fusion))

    def to_dict(self) -> dict[str, Any]:
        """Return the checks as JSON-able values; undefined is None, with a reason."""
        result = asdict(self)
        result["params"] = self.params.to_dict()
        result["au_drops"]["rows"] = [
            asdict(row) | {"excess_drop": row.excess_drop, "exceeds_random": row.exceeds_random}
            for row in self.au_drops.rows
        ]
        for name in ("deletion_insertion", "road"):
            check: CurvePair = getattr(self, name)
            for which in ("morf", "lerf"):
                curve = getattr(check, which)
                result[name][which] = None if curve is None else asdict(curve) | {"auc": curve.auc}
        result["overlap"]["published"] = dict(PUBLISHED)
        return result


@torch.inference_mode(False)
def check_faithfulness(
    evidence: Evidence,
    classifier: Classifier,
    params: FusionParams | None = None,
    target: str | None = None,
    *,
    seed: int = 0,
    full: bool = False,
) -> Faithfulness:
    """Check one map of one face against the classifier that it explains.

    Parameters
    ----------
    evidence : Evidence
    classifier : Classifier
        The one that made the evidence.
    params : FusionParams, optional
        The recommended preset by default; they define the salient region.
    target : str, optional
        The target class, by any name of the label table ("Happiness", "joy"); the predicted one
        by default.
    seed : int
        Of the random regions, the noise and the random weights: the same seed gives the same result
        on the same machine.
    full : bool
        More regions, steps and parts.

    Returns
    -------
    Faithfulness

    Raises
    ------
    ModelError
        If the evidence was made with other weights, or the network has no such class.
    InputError
        If the target is unknown.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> classifier = xf.load_classifier()  # doctest: +SKIP
    >>> result = xf.explain("photo.jpg")  # doctest: +SKIP
    >>> checks = xf.check_faithfulness(result.evidence, classifier)  # doctest: +SKIP
    >>> checks.deletion_insertion.auc_gap  # doctest: +SKIP
    """
    params = params or FusionParams()
    fusion = fuse(evidence, params, None if target is None else parse_emotion(target))
    target = fusion.target
    row = EMOTIONS.index(target)
    _check_fit(evidence, classifier, target)
    shown = evidence.heatmap(target)
    crop = evidence.face.crop
    picture = match_colour(crop, classifier.card["input"])
    probe = Probe(classifier)
    trace = probe.trace(picture) if probe.traceable else None
    if trace is None:
        whole = float(probe.probabilities([picture[None]], row)[0][0])
    else:
        whole = float(probe.to_probabilities(trace.logits, row)[0])

    more: dict[str, Any] = {"draws": FULL_DRAWS, "ladder": FULL_LADDER} if full else {}
    chosen = au_drops.plan_blurring(evidence.face, seed=seed, **more)
    blur = blur_picture(picture)
    order, fine_order = (curves.rank_pixels(shown, size) for size in (len(picture), probe.detail))
    batches = [au_drops.blur_regions(picture, blur, chosen)]
    fractions = curves.FULL_FRACTIONS if full else curves.FRACTIONS
    if order is None or fine_order is None:
        batches.append(np.rint(blur[None]).astype(np.uint8))
    else:
        steps = curves.FULL_STEPS if full else curves.STEPS
        batches.append(curves.make_blur_steps(picture, blur, order, steps))
        fine = cv2.resize(picture, (probe.detail,) * 2, interpolation=cv2.INTER_AREA)
        batches.append(curves.make_removal_steps(fine, fine_order, fractions, seed))
    parts = probe.probabilities(batches, row)
    if order is None:
        undefined = CurvePair(None, None, None, curves.why_unranked(shown))
        deletion_insertion = road = undefined
    else:
        deletion_insertion = curves.score_deletion_insertion(whole, parts[1])
        road = curves.score_road(fractions, parts[2])
    return Faithfulness(
        target=target,
        probability=whole,
        blurred_probability=float(parts[1][-1]),
        params=params,
        layer=shown.layer,
        method=shown.method,
        au_drops=au_drops.measure_drops(chosen, whole, parts[0], shown, target),
        deletion_insertion=deletion_insertion,
        road=road,
        overlap=compute_overlap(fusion),
        classifier=classifier.name,
        seed=seed,
        full=full,
        **_check_sanity(probe, trace, crop, shown, row, seed, full),
        pictures=probe.pictures,
    )


def _check_sanity(
    probe: Probe,
    trace: Trace | None,
    crop: np.ndarray,
    shown: Heatmap,
    row: int,
    seed: int,
    full: bool,
) -> dict[str, tuple[Any, ...]]:
    """Check HiResCAM, randomisation and attention, from the trace where it suffices."""
    # Random networks of this face's own: over many faces the same few would count as many.
    drawn_by = zlib.crc32(crop.tobytes(), seed)
    hirescam: list[HiResCAMAgreement] = []
    if trace is not None and shown.method == "gradcam" and shown.layer in (LAST_BLOCK, "layer4"):
        hirescam.append(HiResCAMAgreement(shown.layer, 1.0, by_construction=True))
        attention = trace.attention
        parts = sanity.FULL_CASCADE if full else sanity.CASCADE
        random = sanity.randomise_traced(probe.module, trace, shown, parts, drawn_by)
    else:
        # A copy: Captum sets hooks, and the last check takes the weights away.
        own = Classifier(copy_without_hooks(probe.classifier.module), probe.classifier.card)
        attention = trace.attention if trace else _attention(own, crop)
        if METHODS[shown.method].uses_layer:
            hirescam.append(sanity.compare_hirescam(own, crop, shown))
        random = sanity.randomise_in_place(own, crop, shown, drawn_by)
    if trace is not None and shown.layer != sanity.PROBE_LAYER:
        hirescam.append(sanity.compare_hirescam_traced(trace, row))
    return {
        "hirescam": tuple(hirescam),
        "randomised": random,
        "attention": sanity.compare_attention(attention, shown),
    }


def _attention(classifier: Classifier, crop: np.ndarray) -> dict[str, np.ndarray]:
    if not any(hasattr(part, "attention") for part in classifier.module.children()):
        return {}
    return {str(one.layer): one.values for one in attention_maps(classifier, crop)}


def _check_fit(evidence: Evidence, classifier: Classifier, target: str) -> None:
    if target not in classifier.classes:
        raise ModelError(missing_class_message(target, classifier.classes))
    made, here = evidence.classifier.get("sha256"), classifier.describe().get("sha256")
    if made is not None and made != here:
        raise ModelError(
            "This evidence was measured with other weights than the classifier's: give the "
            "classifier that made it, or gather the evidence again."
        )
