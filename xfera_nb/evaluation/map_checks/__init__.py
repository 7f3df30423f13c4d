"""Checks of a map: does it say what the classifier goes by, and does it look where FACS does?"""

from xfera_nb.evaluation.map_checks.au_weights import AUWeight, AUWeights
from xfera_nb.evaluation.map_checks.checks import MapChecks, check_map
from xfera_nb.evaluation.map_checks.curves import Curve, OrderCheck
from xfera_nb.evaluation.map_checks.overlap import (
    PUBLISHED,
    Overlap,
    Target,
    overlap_of,
    target,
)
from xfera_nb.evaluation.map_checks.regions import au_mask, au_regions, emotion_mask
from xfera_nb.evaluation.map_checks.sanity import Agreement, AttentionRank, Randomised

__all__ = [
    "PUBLISHED",
    "AUWeight",
    "AUWeights",
    "Agreement",
    "AttentionRank",
    "Curve",
    "MapChecks",
    "OrderCheck",
    "Overlap",
    "Randomised",
    "Target",
    "au_mask",
    "au_regions",
    "check_map",
    "emotion_mask",
    "overlap_of",
    "target",
]
