"""Check a map's faithfulness: does it show what the classifier relies on, and where FACS looks?"""

from xfera_nb.evaluation.faithfulness.au_drops import AUDrop, AUDrops
from xfera_nb.evaluation.faithfulness.face_check import Faithfulness, check_faithfulness
from xfera_nb.evaluation.faithfulness.overlap import (
    PUBLISHED,
    ExpectedRegion,
    Overlap,
    compute_overlap,
    expected_region,
)
from xfera_nb.evaluation.faithfulness.perturbation_curves import Curve, CurvePair
from xfera_nb.evaluation.faithfulness.regions import au_mask, au_regions, emotion_mask
from xfera_nb.evaluation.faithfulness.sanity import (
    AttentionAgreement,
    HiResCAMAgreement,
    RandomisedMap,
)

__all__ = [
    "PUBLISHED",
    "AUDrop",
    "AUDrops",
    "AttentionAgreement",
    "Curve",
    "CurvePair",
    "ExpectedRegion",
    "Faithfulness",
    "HiResCAMAgreement",
    "Overlap",
    "RandomisedMap",
    "au_mask",
    "au_regions",
    "check_faithfulness",
    "compute_overlap",
    "emotion_mask",
    "expected_region",
]
