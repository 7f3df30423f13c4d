"""An evaluation as JSON: what ``xfera evaluate --json`` prints and ``--out`` writes.

Units are those of `xfera_nb.evaluation.result`; figures are 0-1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.evaluation.bootstrap import CONFIDENCE
from xfera_nb.evaluation.norms import CALVO, KDEF_BEST, KDEF_MEAN, KDEF_WORST
from xfera_nb.evaluation.paper import PAPER_TABLE_1
from xfera_nb.evaluation.result import OUTCOMES, values

if TYPE_CHECKING:
    from xfera_nb.evaluation.result import Evaluation


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Everything that was found; undefined is None, and an Estimate's `reason` says why."""
    shares = evaluation.confusion_shares
    return {
        "store": evaluation.store,
        "kind": evaluation.kind,
        "chosen": list(evaluation.chosen),
        "classifier": dict(evaluation.classifier),
        "photos": {
            "expected": evaluation.expected,
            "in_store": len(evaluation.photos),
            "labelled": evaluation.labelled,
            "faces": evaluation.faces,
            **{name.replace(" ", "_"): len(evaluation.of(name)) for name in OUTCOMES},
        },
        "accuracy": evaluation.accuracy.to_dict(),
        "accuracy_counting_no_face_as_wrong": evaluation.accuracy_of_all,
        "macro_f1": evaluation.macro_f1.to_dict(),
        "ece": evaluation.ece.to_dict(),
        "intervals": {
            "level": CONFIDENCE,
            "method": "percentile bootstrap",
            "unit": evaluation.units,
            "units": evaluation.unit_count,
            "resamples": evaluation.resamples,
            "seed": evaluation.seed,
        },
        "per_class": {
            row.emotion: {
                "precision": row.precision.to_dict(),
                "recall": row.recall.to_dict(),
                "f1": row.f1.to_dict(),
                "faces": row.faces,
                "predicted": row.predicted,
                "no_face": row.no_face,
                "paper": list(PAPER_TABLE_1[row.emotion]),
            }
            for row in evaluation.classes
        },
        "confusion": evaluation.confusion.tolist(),
        "confusion_shares": [None if np.isnan(row).any() else row.tolist() for row in shares],
        "calibration": [values(row) for row in evaluation.calibration],
        "groups": [
            {
                "group": row.group,
                "value": row.value,
                "faces": row.faces,
                "no_face": row.no_face,
                "accuracy": row.accuracy.to_dict(),
                "macro_f1": row.macro_f1.to_dict(),
            }
            for row in evaluation.groups
        ],
        "constant_groups": dict(evaluation.constant),
        "human": [values(row) for row in evaluation.human],
        "human_otherwise": _otherwise() if evaluation.human else None,
        "ties": evaluation.ties,
        "incomplete": [
            {"id": p.id, "true": p.true, "has_face": p.predicted is not None, "why": p.reason}
            for p in evaluation.incomplete
        ],
        "problems": [list(problem) for problem in evaluation.problems],
        "notes": list(evaluation.notes),
    }


def _otherwise() -> dict[str, Any]:
    """What is known of people on KDEF beside a rate for each emotion."""
    return {
        "mean": KDEF_MEAN.hit_rate,
        "mean_source": KDEF_MEAN.source,
        "mean_note": KDEF_MEAN.reason,
        "best": KDEF_BEST,
        "worst": KDEF_WORST,
        "best_and_worst_source": CALVO,
    }
