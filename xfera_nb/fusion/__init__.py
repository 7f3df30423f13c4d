"""Which movements the classifier's map supports: Algorithm 1 with all its parameters."""

from xfera_nb.fusion.arrays import FusionArrays, fuse_many
from xfera_nb.fusion.changes import Change, Changes, compare_settings
from xfera_nb.fusion.fusion import AUResult, Fusion, SideResult, fuse
from xfera_nb.fusion.grid import AXES
from xfera_nb.fusion.params import LIMITS, PRESETS, FusionParams
from xfera_nb.fusion.steps import CoverageSteps, active_until, coverage_steps
from xfera_nb.fusion.sweep_result import MEASURES, TARGETS, Sweep
from xfera_nb.fusion.sweeps import sweep

__all__ = [
    "AXES",
    "TARGETS",
    "LIMITS",
    "MEASURES",
    "PRESETS",
    "AUResult",
    "Change",
    "Changes",
    "CoverageSteps",
    "Fusion",
    "FusionArrays",
    "FusionParams",
    "SideResult",
    "Sweep",
    "active_until",
    "compare_settings",
    "coverage_steps",
    "fuse",
    "fuse_many",
    "sweep",
]
