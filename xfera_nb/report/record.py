"""Turn a result into one JSON object: what ``xfera explain --json`` prints.

Units and scales are those of `xfera_nb.fusion`. Unknown is None. Action Units are written "AU06",
landmarks are numbered from 1. ``predicted`` is the class with the highest probability, ``target``
the class being explained. The face's ``tilt`` is in degrees clockwise on the photo. Where
``raw_intensity`` is not None, the neutral face is subtracted from ``intensity``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.faces.regions import FACE_REGIONS
from xfera_nb.facs import EMOTIONS, au_name

if TYPE_CHECKING:
    from xfera_nb.fusion import AUResult, Fusion, SideResult
    from xfera_nb.report.result import Result


def build_record(result: Result) -> dict[str, Any]:
    """Return the object; `json.dumps(..., allow_nan=False)` takes it as it is."""
    fusion, face = result.fusion, result.face
    second = result.explanation.second_opinion
    return plain_values(
        {
            "photo": face.photo_name,
            "face": {
                "index": result.index,
                "box": face.box,
                "landmarks": face.landmarks,
                "tilt": face.tilt,
                "note": " ".join(face.notes) or None,
            },
            "predicted": fusion.predicted,
            "target": fusion.target,
            "probabilities": dict(zip(EMOTIONS, fusion.probabilities, strict=True)),
            "confidence_level": fusion.confidence_level,
            "threshold": fusion.threshold,
            "salient_landmarks": fusion.salient_landmarks,
            "preset": fusion.params.preset_name,
            "heatmap": heatmap_record(fusion),
            "regions": region_rows(result),
            "action_units": [_action_unit(row) for row in fusion.action_units],
            "matching": [au_name(au) for au in fusion.matching],
            "missing": [au_name(au) for au in fusion.missing],
            "not_measurable": [au_name(au) for au in fusion.not_measurable],
            "explanation": result.text,
            "check": result.explanation.check.to_dict(),
            "picture_sent_to": result.explanation.draft.sent_to,
            "second_opinion": None if second is None else second.to_dict(),
            "label": result.label,
            "contrast": None if result.contrast is None else result.contrast.to_dict(),
            "params": fusion.params.to_dict(),
            "classifier": result.evidence.classifier,
            "au_detector": result.evidence.au_detector,
        }
    )


def heatmap_record(fusion: Fusion) -> dict[str, Any]:
    """Return how the target class's map was made: `method`, and `layer` (None for the input)."""
    shown = fusion.evidence.heatmap(fusion.target)
    return {"method": shown.method, "layer": shown.layer}


def plain_values(value: Any) -> Any:
    """Convert to JSON's types: lists, dicts, Python's numbers; NaN and infinities become None."""
    if isinstance(value, Mapping):
        return {str(key): plain_values(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain_values(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_values(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def region_rows(result: Result) -> list[dict[str, Any]]:
    """Return each face region's share of the map and what hiding it does.

    Returns
    -------
    list of dict
        `region`; `share`, 0-1 of the positive map, NaN without one; `prob_drop` of the target
        class's probability when the region is blurred, -1 to 1; `hidden_predicted`, the answer
        then, and its `hidden_probability`. The last three are None where they were not measured.
    """
    evidence, target = result.evidence, result.fusion.target
    shares = evidence.region_shares(target)
    occlusion = evidence.occlusion
    drops = None if occlusion is None else occlusion.prob_drops(evidence.prediction, target)
    rows = []
    for index, (region, share) in enumerate(zip(FACE_REGIONS, shares.tolist(), strict=True)):
        hidden = None if occlusion is None else occlusion.prediction(region)
        rows.append(
            {
                "region": region,
                "share": share,
                "prob_drop": None if drops is None else drops[index],
                "hidden_predicted": None if hidden is None else hidden.predicted,
                "hidden_probability": None if hidden is None else hidden.confidence,
            }
        )
    return rows


def _action_unit(row: AUResult) -> dict[str, Any]:
    return {
        "au": row.name,
        "intensity": row.intensity,
        "raw_intensity": row.raw_intensity,
        "coverage": row.coverage,
        "saliency": row.saliency,
        "score": row.score,
        "present": row.present,
        "attended": row.attended,
        "state": row.state,
        "active": row.active,
        "reason": row.reason,
        "expected": row.expected,
        "reliability": row.reliability,
        "left": _side(row.left),
        "right": _side(row.right),
    }


def _side(side: SideResult | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "coverage": side.coverage,
        "saliency": side.saliency,
        "intensity": side.intensity,
        "active": side.active,
    }
