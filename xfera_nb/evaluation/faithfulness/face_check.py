"""Check one face's map against the classifier: all checks in one result.

Cost
    The quick check passes about sixty pictures through the network, in groups, whatever the map. It
    is meant for the panel beside the Explainer and takes less than 60 single forward passes
    (``benchmarks/faithfulness.py`` prints what it takes). The full check
    (``xfera faithfulness --full``) adds deletion and insertion, ROAD, and enough random regions to
    judge the greatest drop. The pictures of these depend on the map and are made for each control,
    about a thousand in all.
    The first check of a process also imports SciPy's statistics, about half a second, and that of
    another network than the shipped one measures the samples, whose maps are controls.
Undefined is None, with a reason.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import torch

from xfera_nb.classifier import Classifier
from xfera_nb.classifier.resnet50_bam import LAST_BLOCK
from xfera_nb.errors import ModelError
from xfera_nb.evaluation.faithfulness import perturbation_curves as curves
from xfera_nb.evaluation.faithfulness import sanity
from xfera_nb.evaluation.faithfulness.au_drops import AUDrops, collect_drops
from xfera_nb.evaluation.faithfulness.calibration import HEADS, Calibrated, calibrate
from xfera_nb.evaluation.faithfulness.controls import ControlMaps, find_controls
from xfera_nb.evaluation.faithfulness.hiding import DRAWS, HidingPlan, make_copies, plan_hiding
from xfera_nb.evaluation.faithfulness.measures import (
    CHECKS,
    HiddenFace,
    measure_heat,
    measure_maps,
)
from xfera_nb.evaluation.faithfulness.network import Probe, Progress, copy_without_hooks
from xfera_nb.evaluation.faithfulness.overlap import PUBLISHED, Overlap, compute_overlap
from xfera_nb.evaluation.faithfulness.perturbation_curves import CurvePair
from xfera_nb.evaluation.faithfulness.randomisation import draw_head_maps
from xfera_nb.evaluation.faithfulness.regions import emotion_mask
from xfera_nb.evaluation.faithfulness.sanity import (
    AttentionAgreement,
    HiResCAMAgreement,
    RandomisedMap,
)
from xfera_nb.evidence import Evidence
from xfera_nb.facs.emotions import EMOTIONS, parse_emotion
from xfera_nb.fusion import FusionParams, fuse
from xfera_nb.saliency import METHODS, Heatmap, attention_maps, missing_class_message
from xfera_nb.saliency.perturbation import blur_picture, match_colour

FULL_CHECKS = ("deletion_insertion", "road")
"""The figures that a full check adds."""
CURVE_CONTROLS = DRAWS
"""Random last layers, and other faces' maps, that the figures of a full check are held against."""
ONLY_FULL = "measured in a full check only"
_PASSES_OF_CURVES = 2 * curves.STEPS - 2 + 2 * len(curves.FRACTIONS)


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
    calibrated : mapping of str to Calibrated
        The figures with a verdict: each of `measures.CHECKS`, and of `FULL_CHECKS` if full.
    au_drops : AUDrops
    deletion_insertion : CurvePair
        Deletion (`morf`) and insertion (`lerf`).
    road : CurvePair
    hirescam : tuple of HiResCAMAgreement
        At the map's layer, and if full at another where the two may differ.
    randomised : tuple of RandomisedMap
        The last layer, and if full from the top of the network down.
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
    calibrated: Mapping[str, Calibrated]
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
        result = asdict(replace(self, calibrated={}))
        result["calibrated"] = {name: one.to_dict() for name, one in self.calibrated.items()}
        result["params"] = self.params.to_dict()
        result["au_drops"]["share_as_great"] = self.au_drops.share_as_great
        result["au_drops"]["rows"] = [
            asdict(row) | {"excess_drop": row.excess_drop} for row in self.au_drops.rows
        ]
        for name in FULL_CHECKS:
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
    controls: ControlMaps | None = None,
    progress: Progress | None = None,
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
        Of the random regions and cells, the noise and the random weights: the same seed gives the
        same result on the same machine.
    full : bool
        Also the checks whose pictures depend on the map, and more random regions.
    controls : ControlMaps, optional
        Maps of other faces, as `make_controls` measures them. By default those of the samples,
        where the map is Grad-CAM of the last block; otherwise there are none, and no map passes.
    progress : callable, optional
        Told after each group of pictures how many are done, and of how many.

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
    >>> checks.calibrated["additivity"].verdict  # doctest: +SKIP
    """
    params = params or FusionParams()
    fusion = fuse(evidence, params, None if target is None else parse_emotion(target))
    target = fusion.target
    row = EMOTIONS.index(target)
    _check_fit(evidence, classifier, target)
    shown = evidence.heatmap(target)
    crop = evidence.face.crop
    picture = match_colour(crop, classifier.card["input"])
    # Random networks and regions of this face's own: over many faces the same would count as many.
    drawn_by = zlib.crc32(crop.tobytes(), seed)
    rng = np.random.default_rng(drawn_by)
    missing = None
    if controls is None:
        controls, missing = find_controls(classifier, shown.layer, shown.method)
    plan = plan_hiding(evidence.face.crop_landmarks, full=full, seed=drawn_by)
    count = (3 + 2 * CURVE_CONTROLS) * _PASSES_OF_CURVES if full else 0
    probe = Probe(classifier, progress, plan.size + 1 + count)
    logits, activations = probe.activate(picture, shown.layer or classifier.default_layer)
    face = hide_face(probe, picture, plan, logits, row, evidence.face.crop_landmarks, rng)
    judged = JudgedMaps.gather(shown, evidence, activations, controls, row, rng)
    calibrated = judge_map(face, judged, missing)
    whole = float(probe.probabilities(logits[None], row)[0])
    blurred = whole - float(face.prob_drops[plan.whole])
    pairs = (CurvePair(None, None, None, ONLY_FULL),) * 2
    if full:
        pairs, more = _judge_curves(
            probe, picture, judged, row, (whole, blurred), missing, drawn_by
        )
        calibrated |= more
    saliency = None
    if shown.has_positive_evidence:
        masks = [region.mask for region in plan.au_regions]
        saliency = measure_heat(shown.values[None].astype(float), masks)[0] / shown.peak
    return Faithfulness(
        target=target,
        probability=whole,
        blurred_probability=blurred,
        params=params,
        layer=shown.layer,
        method=shown.method,
        calibrated=MappingProxyType(calibrated),
        au_drops=collect_drops(plan, face.prob_drops, saliency, target),
        deletion_insertion=pairs[0],
        road=pairs[1],
        overlap=compute_overlap(fusion),
        classifier=classifier.name,
        seed=seed,
        full=full,
        **_check_sanity(probe, crop, shown, judged.random, drawn_by, full),
        pictures=probe.pictures,
    )


def hide_face(
    probe: Probe,
    picture: np.ndarray,
    plan: HidingPlan,
    logits: np.ndarray,
    row: int,
    crop_landmarks: np.ndarray,
    rng: np.random.Generator,
) -> HiddenFace:
    """Measure what hiding parts of a face does to one class.

    Parameters
    ----------
    probe : Probe
    picture : ndarray
        (224, 224) or (224, 224, 3) uint8, in the colours that the classifier sees.
    plan : HidingPlan
    logits : ndarray
        (7,) of the whole face.
    row : int
        The class, by its place in `EMOTIONS`.
    crop_landmarks : ndarray
        (68, 2).
    rng : Generator
        Of the imputation's noise.
    """
    hidden = probe.logits(*make_copies(picture, plan, probe.detail, rng))
    expected = emotion_mask(EMOTIONS[row], crop_landmarks)
    whole = probe.probabilities(logits[None], row)[0]
    return HiddenFace(
        plan,
        logits[row] - hidden[:, row],
        whole - probe.probabilities(hidden, row),
        expected if expected is not None and expected.any() else None,
    )


@dataclass(frozen=True, eq=False)
class JudgedMaps:
    """Hold a face's map and those that explain nothing there.

    Attributes
    ----------
    own : Heatmap
    random : ndarray
        (`HEADS`, h, w), of random last layers.
    others : ndarray
        (S, h, w), of other faces.
    means : ndarray
        (2, h, w), the mean of these, and of those with the class predicted; NaN where missing.
    """

    own: Heatmap
    random: np.ndarray = field(repr=False)
    others: np.ndarray = field(repr=False)
    means: np.ndarray = field(repr=False)

    @classmethod
    def gather(
        cls,
        shown: Heatmap,
        evidence: Evidence,
        activations: np.ndarray,
        controls: ControlMaps | None,
        row: int,
        rng: np.random.Generator,
    ) -> JudgedMaps:
        """Draw random last layers, and leave the face itself out of the other faces."""
        random = draw_head_maps(activations, HEADS, rng)
        if controls is None:
            nothing = np.full((2, 1, 1), np.nan)
            return cls(shown, random, np.zeros((0, 1, 1)), nothing)
        rest = controls.without(np.stack([one.values for one in evidence.heatmaps]))
        return cls(shown, random, rest.own, rest.means(row))


def judge_map(
    face: HiddenFace, judged: JudgedMaps, missing: str | None = None
) -> dict[str, Calibrated]:
    """Hold each figure of a map beside those of its controls.

    Parameters
    ----------
    face : HiddenFace
    judged : JudgedMaps
    missing : str, optional
        Why there are no maps of other faces.
    """
    own, random, others, means = (
        measure_maps(face, maps)
        for maps in (judged.own.values[None], judged.random, judged.others, judged.means)
    )
    return {
        name: calibrate(
            own[name][0], random[name], others[name], means[name].tolist(),
            _why_undefined(name, own[name][0], judged.own, face) or missing,
        )
        for name in CHECKS
    }  # fmt: skip


def _why_undefined(name: str, value: float, shown: Heatmap, face: HiddenFace) -> str | None:
    if not np.isnan(value):
        return None
    if name == "localisation" and face.expected is None:
        return f"Table 2 lists no AUs for {shown.target}, or none that lies on the crop"
    if not shown.has_positive_evidence:
        return f"the map has no positive value for {shown.target}"
    return "the map, or what hiding costs, is the same everywhere"


def _judge_curves(
    probe: Probe,
    picture: np.ndarray,
    judged: JudgedMaps,
    row: int,
    ends: tuple[float, float],
    missing: str | None,
    seed: int,
) -> tuple[tuple[CurvePair, CurvePair], dict[str, Calibrated]]:
    """Run deletion, insertion and ROAD for a map and for some of its controls."""

    def run(maps: np.ndarray) -> tuple[list[tuple[CurvePair, CurvePair]], np.ndarray]:
        pairs = [run_curves(probe, picture, one, judged.own, row, ends, seed) for one in maps]
        gaps = [[np.nan if p.auc_gap is None else p.auc_gap for p in pair] for pair in pairs]
        return pairs, np.array(gaps, float).reshape(-1, 2)

    (own,), gaps = run(judged.own.values[None])
    pick = np.random.default_rng(seed).permutation(len(judged.others))[:CURVE_CONTROLS]
    random, others, means = (
        run(maps)[1] for maps in (judged.random[:CURVE_CONTROLS], judged.others[pick], judged.means)
    )
    return own, {
        name: calibrate(
            gaps[0, place], random[:, place], others[:, place], means[:, place].tolist(),
            own[place].reason or missing,
        )
        for place, name in enumerate(FULL_CHECKS)
    }  # fmt: skip


def run_curves(
    probe: Probe,
    picture: np.ndarray,
    values: np.ndarray,
    like: Heatmap,
    row: int,
    ends: tuple[float, float],
    seed: int,
) -> tuple[CurvePair, CurvePair]:
    """Run deletion and insertion, and ROAD, for one map.

    Parameters
    ----------
    probe : Probe
    picture : ndarray
        (224, 224) or (224, 224, 3) uint8, in the colours that the classifier sees.
    values : ndarray
        (h, w), the map.
    like : Heatmap
        Whose class, layer and method it has.
    row : int
        The class, by its place in `EMOTIONS`.
    ends : tuple of float
        The class's probability on the whole and on the wholly blurred face.
    seed : int
        Of the imputation's noise.
    """
    heatmap = replace(like, values=values)
    orders = [curves.rank_pixels(heatmap, size) for size in (len(picture), probe.detail)]
    if orders[0] is None or orders[1] is None:
        undefined = CurvePair(None, None, None, curves.why_unranked(heatmap))
        return undefined, undefined
    steps = curves.make_blur_steps(picture, blur_picture(picture), orders[0], curves.STEPS)
    fine = cv2.resize(picture, (probe.detail,) * 2, interpolation=cv2.INTER_AREA)
    removals = curves.make_removal_steps(fine, orders[1], curves.FRACTIONS, seed)
    found = probe.probabilities(probe.logits(steps, removals), row)
    return (
        curves.score_deletion_insertion(*ends, found[: len(steps)]),
        curves.score_road(curves.FRACTIONS, found[len(steps) :]),
    )


def _check_sanity(
    probe: Probe, crop: np.ndarray, shown: Heatmap, random: np.ndarray, seed: int, full: bool
) -> dict[str, tuple[Any, ...]]:
    """Check HiResCAM, randomisation and attention."""
    own, target = probe.classifier, str(shown.target)
    hirescam: list[HiResCAMAgreement] = []
    layers = dict(own.module.named_modules())
    last = sanity.PROBE_LAYER in layers and shown.layer in (LAST_BLOCK, "layer4")
    if last and shown.method == "gradcam":
        hirescam.append(HiResCAMAgreement(str(shown.layer), 1.0, by_construction=True))
    elif METHODS[shown.method].uses_layer:
        hirescam.append(sanity.compare_hirescam(own, crop, target, shown.layer))
    randomised = [sanity.compare_random_maps(random, shown)]
    attention = {}
    if any(hasattr(part, "attention") for part in own.module.children()):
        attention = {str(one.layer): one.values for one in attention_maps(own, crop)}
    if full:
        if sanity.PROBE_LAYER in layers and shown.layer != sanity.PROBE_LAYER:
            hirescam.append(sanity.compare_hirescam(own, crop, target, sanity.PROBE_LAYER))
        other = Classifier(copy_without_hooks(own.module, own_weights=True), own.card)
        randomised += sanity.randomise_in_place(other, crop, shown, seed)
    return {
        "hirescam": tuple(hirescam),
        "randomised": tuple(randomised),
        "attention": sanity.compare_attention(attention, shown),
    }


def _check_fit(evidence: Evidence, classifier: Classifier, target: str) -> None:
    if target not in classifier.classes:
        raise ModelError(missing_class_message(target, classifier.classes))
    made, here = evidence.classifier.get("sha256"), classifier.describe().get("sha256")
    if made is not None and made != here:
        raise ModelError(
            "This evidence was measured with other weights than the classifier's: give the "
            "classifier that made it, or gather the evidence again."
        )
