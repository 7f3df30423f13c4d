"""`check_map`: all checks of one face's map, in one result.

What it takes
    On the map that is shown by default (Grad-CAM of the shipped network's last block), the quick
    check passes about forty pictures through the network, in groups, besides one traced pass from
    which the sanity checks go on. It is meant for the panel beside the Explainer and stays below
    the time of 25 single forward passes (``benchmarks/truth.py`` prints what it takes). The full
    check has more random regions, steps and randomised parts; ``xfera faithful --full`` makes it.
    On another layer, method or network the sanity checks run Captum anew, which takes longer.
What is not defined is None, with a reason beside it.
"""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import torch

from xfera_nb.classifier import Classifier
from xfera_nb.errors import ModelError
from xfera_nb.evaluation.map_checks import au_weights, curves, sanity
from xfera_nb.evaluation.map_checks.au_weights import AUWeights
from xfera_nb.evaluation.map_checks.curves import OrderCheck
from xfera_nb.evaluation.map_checks.network import Probe, Trace, own_copy
from xfera_nb.evaluation.map_checks.overlap import PUBLISHED, Overlap, overlap_of
from xfera_nb.evaluation.map_checks.perturb import as_seen, blurred
from xfera_nb.evaluation.map_checks.sanity import Agreement, AttentionRank, Randomised
from xfera_nb.evidence import Evidence
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.saliency import LAST_BLOCK, LAYER_METHODS, Heatmap, attention_maps, no_such_class

FULL_DRAWS = 8
FULL_LADDER = (1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6, 1.0)


@dataclass(frozen=True)
class MapChecks:
    """What the checks say of one map of one face.

    Attributes
    ----------
    emotion : str
        The explained class.
    probability : float
        Its probability, 0-1.
    blurred_probability : float
        On the wholly blurred face: where deletion ends.
    params : FusionParams
        Only `overlap` depends on them.
    layer : str or None
    method : str
    au_weights : AUWeights
    fading : OrderCheck
        Deletion (`against`) and insertion (`along`).
    road : OrderCheck
    hirescam : tuple of Agreement
        At the map's layer, and at another where the two may differ.
    randomised : tuple of Randomised
        From the top of the network down.
    attention : tuple of AttentionRank
        One for each BAM; empty where the network has none.
    overlap : Overlap
    classifier : str
    seed : int
    full : bool
    pictures : int
        Pictures that went through the whole network.
    """

    emotion: str
    probability: float
    blurred_probability: float
    params: FusionParams
    layer: str | None
    method: str
    au_weights: AUWeights
    fading: OrderCheck
    road: OrderCheck
    hirescam: tuple[Agreement, ...]
    randomised: tuple[Randomised, ...]
    attention: tuple[AttentionRank, ...]
    overlap: Overlap
    classifier: str
    seed: int
    full: bool
    pictures: int = field(compare=False)

    def with_params(self, evidence: Evidence, params: FusionParams) -> MapChecks:
        """The same checks under other parameters of the fusion, in a millisecond or two.

        Parameters
        ----------
        evidence : Evidence
            That was checked.
        params : FusionParams
        """
        fusion = fuse(evidence, params, self.emotion)
        return replace(self, params=params, overlap=overlap_of(fusion))

    def to_dict(self) -> dict[str, Any]:
        """The checks as JSON takes them; undefined values are null with a reason beside them."""
        told = asdict(self)
        told["params"] = self.params.to_dict()
        told["au_weights"]["rows"] = [
            asdict(row) | {"weight": row.weight, "stands_out": row.stands_out}
            for row in self.au_weights.rows
        ]
        for name in ("fading", "road"):
            check: OrderCheck = getattr(self, name)
            for which in ("against", "along"):
                curve = getattr(check, which)
                told[name][which] = None if curve is None else asdict(curve) | {"area": curve.area}
        told["overlap"]["published"] = dict(PUBLISHED)
        return told


@torch.inference_mode(False)
def check_map(
    evidence: Evidence,
    classifier: Classifier,
    params: FusionParams | None = None,
    emotion: str | None = None,
    *,
    seed: int = 0,
    full: bool = False,
) -> MapChecks:
    """Check one map of one face against the classifier that it explains.

    Parameters
    ----------
    evidence : Evidence
    classifier : Classifier
        That made the evidence.
    params : FusionParams, optional
        Algorithm 1's by default; they say what is hot.
    emotion : str, optional
        The explained class; the predicted one by default.
    seed : int
        Of the random regions, the noise and the random weights: the same seed gives the same result
        on the same machine.
    full : bool
        More regions, steps and parts.

    Returns
    -------
    MapChecks

    Raises
    ------
    ModelError
        If the evidence was made with other weights, or the network has no such class.
    ValueError
        If the emotion is none of the seven.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> classifier = xf.load_classifier()  # doctest: +SKIP
    >>> result = xf.explain("photo.jpg")  # doctest: +SKIP
    >>> xf.check_map(result.evidence, classifier).fading.gain  # doctest: +SKIP
    """
    params = params or FusionParams()
    fusion = fuse(evidence, params, emotion)
    emotion, row = fusion.target, EMOTIONS.index(fusion.target)
    _fits(evidence, classifier, emotion)
    shown = evidence.heatmap(emotion)
    crop = evidence.face.crop
    picture = as_seen(crop, classifier.card["input"])
    probe = Probe(classifier)
    trace = probe.trace(picture) if probe.traceable else None
    if trace is None:
        whole = float(probe.probabilities([picture[None]], row)[0][0])
    else:
        whole = float(probe.read(trace.logits, row)[0])

    more: dict[str, Any] = {"draws": FULL_DRAWS, "ladder": FULL_LADDER} if full else {}
    chosen = au_weights.blurrings(evidence.face, seed=seed, **more)
    blur = blurred(picture)
    order, fine_order = (curves.order_of(shown, size) for size in (len(picture), probe.detail))
    batches = [au_weights.pictures(picture, blur, chosen)]
    fractions = curves.FULL_FRACTIONS if full else curves.FRACTIONS
    if order is None or fine_order is None:
        batches.append(np.rint(blur[None]).astype(np.uint8))
    else:
        steps = curves.FULL_STEPS if full else curves.STEPS
        batches.append(curves.fades(picture, blur, order, steps))
        fine = cv2.resize(picture, (probe.detail,) * 2, interpolation=cv2.INTER_AREA)
        batches.append(curves.removals(fine, fine_order, fractions, seed))
    parts = probe.probabilities(batches, row)
    if order is None:
        nothing = OrderCheck(None, None, None, curves.no_order(shown))
        fading = road = nothing
    else:
        fading = curves.deletion_insertion(whole, parts[1])
        road = curves.road(fractions, parts[2])
    return MapChecks(
        emotion=emotion,
        probability=whole,
        blurred_probability=float(parts[1][-1]),
        params=params,
        layer=shown.layer,
        method=shown.method,
        au_weights=au_weights.weigh(chosen, whole, parts[0], shown, emotion),
        fading=fading,
        road=road,
        overlap=overlap_of(fusion),
        classifier=classifier.name,
        seed=seed,
        full=full,
        **_sanity(probe, trace, crop, shown, row, seed, full),
        pictures=probe.pictures,
    )


def _sanity(
    probe: Probe,
    trace: Trace | None,
    crop: np.ndarray,
    shown: Heatmap,
    row: int,
    seed: int,
    full: bool,
) -> dict[str, tuple[Any, ...]]:
    """HiResCAM, randomisation and attention: from the trace where it holds what they need."""
    # Random networks of this face's own: over many faces the same few would count as many.
    drawn_by = zlib.crc32(crop.tobytes(), seed)
    hirescam: list[Agreement] = []
    if trace is not None and shown.method == "gradcam" and shown.layer in (LAST_BLOCK, "layer4"):
        hirescam.append(Agreement(shown.layer, 1.0, by_construction=True))
        attention = trace.attention
        parts = sanity.FULL_CASCADE if full else sanity.CASCADE
        random = sanity.randomised_below(probe.module, trace, shown, parts, drawn_by)
    else:
        # A copy: Captum sets hooks, and the last check takes the weights away.
        own = Classifier(own_copy(probe.classifier.module), probe.classifier.card)
        attention = trace.attention if trace else _attention(own, crop)
        if shown.method in LAYER_METHODS:
            hirescam.append(sanity.hirescam_at(own, crop, shown))
        random = sanity.randomised_in_place(own, crop, shown, drawn_by)
    if trace is not None and shown.layer != sanity.PROBE_LAYER:
        hirescam.append(sanity.hirescam_below(trace, row))
    return {
        "hirescam": tuple(hirescam),
        "randomised": random,
        "attention": sanity.attention_ranks(attention, shown),
    }


def _attention(classifier: Classifier, crop: np.ndarray) -> dict[str, np.ndarray]:
    if not any(hasattr(part, "attention") for part in classifier.module.children()):
        return {}
    return {str(one.layer): one.values for one in attention_maps(classifier, crop)}


def _fits(evidence: Evidence, classifier: Classifier, emotion: str) -> None:
    if emotion not in classifier.classes:
        raise ModelError(no_such_class(emotion, classifier.classes))
    made, here = evidence.classifier.get("sha256"), classifier.describe().get("sha256")
    if made is not None and made != here:
        raise ModelError(
            "This evidence was measured with other weights than the classifier's: give the "
            "classifier that made it, or gather the evidence anew."
        )
