"""Which movements the classifier's map supports: Algorithm 1 with all its parameters."""

from xfera_nb.fusion.arrays import FusionArrays, fuse_many
from xfera_nb.fusion.fusion import AUResult, Fusion, SideResult, fuse
from xfera_nb.fusion.params import LIMITS, PRESETS, FusionParams

__all__ = [
    "LIMITS",
    "PRESETS",
    "AUResult",
    "Fusion",
    "FusionArrays",
    "FusionParams",
    "SideResult",
    "fuse",
    "fuse_many",
]
