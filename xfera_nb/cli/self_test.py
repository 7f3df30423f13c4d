"""``python -m xfera_nb.cli.self_test``: explain a face and check the numbers.

The face is Eileen Collins' on `datasets.astronaut()` (NASA, public domain). Each check prints one
JSON list: its name, whether it passes, and its figures. `xfera doctor` runs this module in a
separate process and reads the lines.

Limits
    Landmarks: the tip of the nose (point 31) within `NOSE_LIMIT` pixels of its known position.
    Maps: the seven maps of one forward pass within `MAP_LIMIT` of Captum's, relative to the
    highest value. A second run: within `REPEAT_LIMIT` of the first.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xfera_nb.cli.doctor import ENDED

if TYPE_CHECKING:
    from xfera_nb.evidence import Evidence

NOSE, NOSE_LIMIT = (225.0, 127.0), 6.0
MAP_LIMIT = 1e-5
REPEAT_LIMIT = 1e-6

Check = tuple[str, bool, str]


def checks() -> Iterator[Check]:
    """Yield the name of each check, whether it passes, and its figures."""
    from xfera_nb.au_detectors import load_detector
    from xfera_nb.classifier import load_classifier
    from xfera_nb.datasets import astronaut
    from xfera_nb.evidence import gather
    from xfera_nb.explanation import explain
    from xfera_nb.faces import find_faces
    from xfera_nb.facs import EMOTIONS
    from xfera_nb.fusion import FusionParams, fuse
    from xfera_nb.saliency import attribute

    began = time.perf_counter()
    faces = find_faces(astronaut())
    away = float(np.hypot(*(faces[0].landmarks[30] - NOSE)))
    yield "a face and its 68 landmarks", away <= NOSE_LIMIT, f"(nose {away:.1f} px off)"

    classifier, detector = load_classifier(device="cpu"), load_detector("builtin")
    evidence = gather(faces[0], classifier, detector)
    chances = evidence.prediction.probabilities
    total = float(chances.sum())
    fine = bool(np.isfinite(chances).all()) and abs(total - 1) < 1e-5
    answer = f"({evidence.prediction.predicted} {evidence.prediction.confidence:.2f})"
    yield "seven probabilities that sum to 1", fine, answer

    maps = np.stack([one.values for one in evidence.heatmaps])
    slow = [attribute(classifier, faces[0].crop, emotion).values for emotion in EMOTIONS]
    apart = float(np.abs(maps - np.stack(slow)).max() / max(1.0, np.abs(maps).max()))
    yield "seven maps against Captum's", apart <= MAP_LIMIT, f"(apart {apart:.1e})"

    units = evidence.action_units.intensities
    inside = len(evidence.action_units.measured) == 17 and 0 <= units.min() <= units.max() <= 5
    yield "17 Action Units from 0 to 5", bool(inside), f"(highest {units.max():.1f})"

    again = gather(find_faces(astronaut())[0], classifier, detector)
    differ = max(
        float(np.abs(one - other).max())
        for one, other in (
            (chances, again.prediction.probabilities),
            (units, again.action_units.intensities),
            (evidence.activation, again.activation),
        )
    )
    yield "the same numbers in a second run", differ <= REPEAT_LIMIT, f"(apart {differ:.1e})"

    said = explain(fuse(evidence, FusionParams(k=0.0, coverage=0.3)))
    supported = said.check.is_grounded and bool(said.text)
    yield "a text that is supported", supported, f"({said.check.summary.rstrip('.')})"

    yield _kept(evidence)
    yield ENDED, True, f"in {time.perf_counter() - began:.1f} s"


def _kept(evidence: Evidence) -> Check:
    """Check that Parquet returns what was written."""
    from xfera_nb.evidence.rows import Row, from_bytes, to_bytes, to_rows

    maps = np.stack([one.values for one in evidence.heatmaps])
    shape = (maps.shape[1], maps.shape[2])
    table = from_bytes(to_bytes([Row(0, "é😀", maps=maps)], shape), shape)
    (row,) = to_rows(table, shape)
    same = row.id == "é😀" and row.maps is not None and bool(np.array_equal(row.maps, maps))
    return "Parquet returns what was written", same, ""


def main() -> int:
    """Print the checks; return 1 if one fails."""
    code = 0
    for check in checks():
        print(json.dumps(check), flush=True)
        code = code if check[1] else 1
    return code


if __name__ == "__main__":
    raise SystemExit(main())
