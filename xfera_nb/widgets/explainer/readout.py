"""Reduce a fusion to the few numbers that the front end shows, so that a move sends little.

What a slider cannot change (names, intensities, the detector's r) is sent once a face and class;
what it can change (coverage, active or why not, the threshold) is sent at each move, as lists
without names. Units are those of `Fusion`; None is "not known".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from xfera_nb.classifier import Prediction, describe_levels
from xfera_nb.faces.regions import name_hidden
from xfera_nb.facs import ACTION_UNITS, EMOTIONS
from xfera_nb.figures.heat import map_strength, relative_peak
from xfera_nb.fusion import Fusion
from xfera_nb.fusion.fusion import SideResult
from xfera_nb.fusion.states import STATES
from xfera_nb.saliency import describe_map, method_label

REGION_NAMES = {"crop": "the crop", "hull": "the face hull"}


def fixed_facts(fusion: Fusion) -> dict[str, Any]:
    """Return what holds for a face and a class at any setting of the sliders.

    Returns
    -------
    dict
        `rows`, one for each AU of `fusion.action_units`: number, name, words, expected,
        extension, intensity, left and right intensity, r, counts of landmarks (both, left,
        right); `prototypes`: notation and kind; and words about the sources.
    """
    units = fusion.evidence.action_units
    return {
        "target": fusion.target,
        "source": units.source,
        "sides": units.sides_source,
        "notes": [*fusion.evidence.face.notes, *units.notes],
        "rows": [
            [
                row.au,
                ACTION_UNITS[row.au].name,
                ACTION_UNITS[row.au].words,
                row.expected,
                row.extension,
                _round(row.intensity),
                _round(row.left.intensity),
                _round(row.right.intensity),
                _round(row.reliability),
                [len(row.relevant), len(row.left.relevant), len(row.right.relevant)],
            ]
            for row in fusion.action_units
        ],
        "prototypes": [[match.notation, match.kind] for match in fusion.prototypes],
    }


def map_opacity(fusion: Fusion, opacity: float) -> float:
    """Return the opacity, 0-1, with which the map is drawn where the viewer chose `opacity`.

    It is lower in proportion to `relative_peak`, so that the map of a class for which little speaks
    does not glow like the prediction's.
    """
    return round(opacity * map_strength(fusion), 4)


def map_facts(fusion: Fusion) -> dict[str, Any]:
    """Return what stands beside the map of a face and a class, at any setting of the sliders.

    Returns
    -------
    dict
        `title`; `peak`, None without positive evidence; `strength`, the relative peak; `drawn`, a
        sentence where the map is not the predicted class's, empty otherwise.
    """
    heatmap, share = fusion.evidence.heatmap(fusion.target), relative_peak(fusion)
    title = describe_map(f"{method_label(heatmap.method)} for {fusion.target}", heatmap.layer)
    drawn = ""
    if fusion.target != fusion.predicted and share is not None:
        strength = f"{share:.0%}" if share < 1 else "full"
        drawn = f"Drawn at {strength} strength: its peak is {share:.0%} of {fusion.predicted}'s."
    return {
        "title": title,
        "peak": _round(heatmap.peak, 6) if heatmap.has_positive_evidence else None,
        "strength": _round(share, 4),
        "drawn": drawn,
    }


def slider_facts(fusion: Fusion) -> dict[str, Any]:
    """Return what a slider changes.

    Returns
    -------
    dict
        `threshold` (share of the peak), `salient` (count of landmarks), `k`, `min_intensity`,
        `coverage`, `region`, `scope`; `reasons`, the distinct ones; `aus`, for each AU: active,
        salient landmarks (both, left, right), left and right active, score, index of its reason,
        index of its state in `STATES`;
        `matching`, `missing`, `not_measurable` AUs; `prototypes`, status and score of each;
        `no_evidence`, the sentence where there is no positive evidence.
    """
    reasons: dict[str, int] = {}
    rows = [
        [
            int(row.active),
            len(row.salient),
            len(row.left.salient),
            len(row.right.salient),
            _side(row.left),
            _side(row.right),
            _round(row.score),
            reasons.setdefault(row.reason, len(reasons)),
            STATES.index(row.state),
        ]
        for row in fusion.action_units
    ]
    p = fusion.params
    return {
        "threshold": _round(fusion.threshold, 4),
        "salient": int(fusion.salient.sum()),
        "k": p.k,
        "min_intensity": p.min_intensity,
        "coverage": p.coverage,
        "region": REGION_NAMES[p.region],
        "scope": p.scope,
        "reasons": list(reasons),
        "aus": rows,
        "matching": fusion.matching,
        "missing": fusion.missing,
        "not_measurable": fusion.not_measurable,
        "prototypes": [[match.status, _round(match.score)] for match in fusion.prototypes],
        "no_evidence": fusion.no_evidence_reason,
    }


def class_facts(
    fusion: Fusion,
    true_emotion: str | None,
    card: Mapping[str, Any] | None = None,
    unhidden: Prediction | None = None,
) -> dict[str, Any]:
    """Return the seven probabilities, and the predicted, the target and the true class.

    A probability is None where the network has no such class. The classifier's card tells what
    the confidence level is worth. `unhidden` is the prediction for the whole face, where parts
    are hidden: its probabilities stand under "before", and "change" is a sentence.
    """
    prediction = fusion.evidence.prediction
    return {
        "names": list(EMOTIONS),
        "probabilities": [_round(float(value), 4) for value in prediction.probabilities],
        "predicted": prediction.predicted,
        "target": fusion.target,
        "true": true_emotion,
        "level": prediction.confidence_level,
        "levels": describe_levels(card or {}),
        "margin": _round(prediction.margin, 3),
        "next": prediction.runner_up,
        "before": None
        if unhidden is None
        else [_round(float(value), 4) for value in unhidden.probabilities],
        "change": describe_change(fusion, unhidden),
    }


def summary(fusion: Fusion, name: str) -> str:
    """Return one line: the photo, the prediction, and what was found."""
    active = " ".join(f"AU{au:02d}" for au in fusion.active) or "no active Action Unit"
    target = "" if fusion.target == fusion.predicted else f"; target: {fusion.target}"
    if fusion.evidence.face.hidden:
        target += f"; hidden: {', '.join(name_hidden(fusion.evidence.face.hidden))}"
    return (
        f"{name}: {fusion.predicted}, {fusion.confidence_level.lower()} confidence{target}; "
        f"{int(fusion.salient.sum())} of 68 landmarks in the salient region; {active}"
    )


def describe_change(fusion: Fusion, unhidden: Prediction | None) -> str:
    """Return what hiding parts did to the prediction, in a sentence; empty without any."""
    if unhidden is None:
        return ""
    now = fusion.evidence.prediction
    *first, last = (f"the {name}" for name in name_hidden(fusion.evidence.face.hidden))
    parts = f"{', '.join(first)} and {last}" if first else last
    before, after = f"{unhidden.confidence:.0%}", f"{now.confidence:.0%}"
    if now.predicted == unhidden.predicted:
        how = f"{after}, as before" if after == before else f"{after} instead of {before}"
        return f"Without {parts} it is still {now.predicted}: {how}."
    return (
        f"Without {parts} the prediction changes from {unhidden.predicted} ({before}) to "
        f"{now.predicted} ({after})."
    )


def _side(side: SideResult) -> int | None:
    return None if side.active is None else int(side.active)


def _round(value: float | None, digits: int = 3) -> float | None:
    return None if value is None or math.isnan(value) else round(value, digits)
