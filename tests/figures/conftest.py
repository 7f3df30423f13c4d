"""A face and a map made by hand: the right half of the crop speaks for happiness."""

import numpy as np
import pytest

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Prediction
from xfera_nb.evidence import assemble
from xfera_nb.faces import Face
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS
from xfera_nb.fusion import FusionParams, fuse

OFFSET = np.array([30, 20])


@pytest.fixture(scope="session")
def face():
    """A 300x260 photo whose crop is its part from (30, 20) on; landmarks on a 10 x 7 grid."""
    rng = np.random.default_rng(0)
    photo = rng.integers(60, 200, (260, 300, 3), dtype=np.uint8)
    grid = np.array([(12 + 22 * (i % 10), 20 + 28 * (i // 10)) for i in range(68)], np.float32)
    crop = photo[20:244, 30:254].copy()
    affine = np.array([[1, 0, 30], [0, 1, 20]], float)
    return Face(
        photo, (40, 30, 240, 230), (grid + OFFSET).astype(np.float32), crop, affine, "made.png"
    )


@pytest.fixture(scope="session")
def make_fusion(face):
    """Fuse the map [[low, high]] of happiness; fear has its own, the other classes nothing."""

    def make(low=0.0, high=2.0, k=1.0, emotion="happiness", fear=-1.0):
        maps = np.full((7, 1, 2), -1.0, np.float32)
        maps[EMOTIONS.index("fear")] = [[-1.0, fear]]
        maps[EMOTIONS.index("happiness")] = [[low, high]]
        aus = np.full(17, 2.0)
        aus[OPENFACE_AUS.index(10)] = np.nan
        units = ActionUnits(aus, reliability=np.full(17, 0.8), source="a <test>")
        probabilities = np.full(7, 0.05, np.float32)
        probabilities[EMOTIONS.index("happiness")] = 0.7
        evidence = assemble(face, Prediction(probabilities), maps, units, layer="layer4.2")
        return fuse(evidence, FusionParams(k=k), emotion)

    return make
