"""Made results whose maps and numbers are known: for tests of what shows them."""

import numpy as np

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import assemble
from xfera_nb.faces import Face
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS
from xfera_nb.fusion import FusionParams
from xfera_nb.report import Result


def face(seed=0, name="made.png"):
    """A 224x224 photo that is its own crop; landmarks on a 10 x 7 grid, 20 of 68 in its left."""
    rng = np.random.default_rng(seed)
    photo = rng.integers(60, 200, (224, 224, 3), dtype=np.uint8)
    grid = np.array([(12 + 22 * (i % 10), 20 + 28 * (i // 10)) for i in range(68)], np.float32)
    return Face(photo, (10, 10, 200, 200), grid, photo, np.eye(2, 3), name)


def evidence(
    left, right, *, aus=None, answer="happiness", shown=None, sha="5eed", missing=(), default=2.0
):
    """Happiness' map is [[left, right]]; the other classes have nothing for them."""
    maps = np.full((7, 1, 2), -1.0, np.float32)
    maps[EMOTIONS.index("happiness")] = [[left, right]]
    probabilities = np.full(7, 0.05, np.float32)
    probabilities[EMOTIONS.index(answer)] = 0.7
    probabilities[[EMOTIONS.index(e) for e in missing]] = np.nan
    values = [(aus or {}).get(au, default) for au in OPENFACE_AUS]
    return assemble(
        shown or face(),
        Prediction(probabilities),
        maps,
        ActionUnits(values, source="a <test>"),
        layer="layer4.2",
        classifier={"name": "net", "sha256": sha},
    )


def result(*args, k=0.0, coverage=0.5, emotion="happiness", scope="all", **options):
    params = FusionParams(k=k, coverage=coverage, scope=scope)
    return Result.from_evidence(evidence(*args, **options), params, emotion)
