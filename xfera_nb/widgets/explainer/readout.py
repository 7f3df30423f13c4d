"""A fusion as the few numbers that the front end shows, so that a slider's move sends little.

What a slider cannot change (names, intensities, the detector's r) is apart from what it can
(coverage, active or why not, the threshold): the first goes out once a face and class, the second
at each move, as lists without names. Units are those of `Fusion`; None is "not known".
"""

from __future__ import annotations

import math
from typing import Any

from xfera_nb.facs import ACTION_UNITS, EMOTIONS
from xfera_nb.fusion import Fusion
from xfera_nb.fusion.fusion import SideResult

REGION_WORDS = {"crop": "the crop", "hull": "the hull of the face"}


def fixed(fusion: Fusion) -> dict[str, Any]:
    """What holds for a face and a class, whatever the sliders say.

    Returns
    -------
    dict
        `rows`, one for each AU of `fusion.action_units`: number, name, words, expected,
        extension, intensity, left and right intensity, r, counts of landmarks (both, left,
        right); `prototypes`: notation and kind; and words about the sources.
    """
    units = fusion.evidence.action_units
    heatmap = fusion.evidence.heatmap(fusion.target)
    return {
        "emotion": fusion.target,
        "title": heatmap.title,
        "peak": _round(heatmap.peak, 6) if heatmap.has_positive_evidence else None,
        "source": units.source,
        "sides": units.sides_source,
        "notes": list(units.notes),
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


def moving(fusion: Fusion) -> dict[str, Any]:
    """What a slider changes.

    Returns
    -------
    dict
        `t` threshold, `hot` count of landmarks, `k`, `cut`, `cov`, `region`, `scope`; `why`
        distinct reasons; `a` for each AU: active, hot landmarks (both, left, right), left and
        right active, score, index of its reason; `m`, `x`, `n` matching, missing and not
        measurable AUs; `p` status and score of each combination; `no` the sentence where there is
        no positive evidence.
    """
    why: dict[str, int] = {}
    rows = [
        [
            int(row.active),
            len(row.salient),
            len(row.left.salient),
            len(row.right.salient),
            _side(row.left),
            _side(row.right),
            _round(row.score),
            why.setdefault(row.reason, len(why)),
        ]
        for row in fusion.action_units
    ]
    p = fusion.params
    return {
        "t": _round(fusion.threshold, 4),
        "hot": int(fusion.salient.sum()),
        "k": p.k,
        "cut": p.min_intensity,
        "cov": p.coverage,
        "region": REGION_WORDS[p.region],
        "scope": p.scope,
        "why": list(why),
        "a": rows,
        "m": fusion.matching,
        "x": fusion.missing,
        "n": fusion.not_measurable,
        "p": [[match.status, _round(match.score)] for match in fusion.prototypes],
        "no": fusion.no_evidence_reason,
    }


def classes(fusion: Fusion, true_emotion: str | None) -> dict[str, Any]:
    """The seven probabilities and what was predicted, explained and true.

    A probability is None where the network has no such class.
    """
    prediction = fusion.evidence.prediction
    return {
        "names": list(EMOTIONS),
        "probabilities": [_round(float(value), 4) for value in prediction.probabilities],
        "predicted": prediction.predicted,
        "explained": fusion.target,
        "true": true_emotion,
        "level": prediction.confidence_level,
        "margin": _round(prediction.margin, 3),
        "next": prediction.runner_up,
    }


def said(fusion: Fusion, name: str) -> str:
    """One line: the photo, the answer, and what was found."""
    active = " ".join(f"AU{au:02d}" for au in fusion.active) or "no active movement"
    about = "" if fusion.target == fusion.predicted else f"; explained: {fusion.target}"
    return (
        f"{name}: {fusion.predicted}, {fusion.confidence_level.lower()} confidence{about}; "
        f"{int(fusion.salient.sum())} of 68 landmarks hot; {active}"
    )


def _side(side: SideResult) -> int | None:
    return None if side.active is None else int(side.active)


def _round(value: float | None, digits: int = 3) -> float | None:
    return None if value is None or math.isnan(value) else round(value, digits)
