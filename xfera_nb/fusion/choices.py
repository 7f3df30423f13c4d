"""Names that the fusion, the command line and the widgets offer; nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xfera_nb.evidence.choices import REGIONS as REGIONS

SCOPES = ("typical", "all")
"""Which AUs can be active: those that Table 2 lists for the target class, or all."""
INTENSITY_AND_COVERAGE, COVERAGE = "intensity and coverage", "coverage"
RULES = (INTENSITY_AND_COVERAGE, COVERAGE)
"""What makes an AU active: present and attended (Algorithm 1, line 26), or attended (line 33)."""
DEFAULT_PRESET = "recommended"
"""The preset whose values `FusionParams` has by default."""
CUSTOM = "custom"
"""The name of parameters that are no preset's."""
AXES = ("k", "min_intensity", "coverage", "saliency_weight")
"""The parameters that a grid may have, in the order of its arrays' axes."""
TARGETS = ("predicted", "true")
"""The target class of each face in a sweep: the predicted class, or the label."""
MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "explained": "share of all faces with at least one active AU; a face whose target class "
        'is neutral has none in scope "typical"',
        "mean_active": "mean number of active AUs of all faces",
        "precision": "right / (right + wrong) against Table 2 of the label",
        "recall": "right / (right + missed) against Table 2 of the label",
        "f1": "harmonic mean of precision and recall: 2 right / (2 right + wrong + missed)",
        "detector": "share of the AUs from the minimum intensity on, within the scope, that are "
        "active: how much of what the AU source reports the map supports",
        "detector_f1": "f1 of the AU source alone: every AU from the minimum intensity on, within "
        "the scope",
        "stability": "mean Jaccard index of a face's active AUs here and one step of the grid away "
        "along k, minimum intensity or coverage; where both sets are empty there is none",
        "excess_drop": "mean, over active AUs, of the drop of the target class's probability when "
        "the AU's region is blurred, minus that of random regions (xfera faithfulness)",
        "first_right": "share of the explained faces with a label other than neutral whose "
        "first-ranked active AU is in Table 2 of the label",
        "first_strongest": "share of the explained faces whose first-ranked active AU is none "
        "weaker than another active one: below 1 where the saliency weight changes the order",
    }
)
"""Name of a measure of a sweep -> what it is. Only the last two depend on the saliency weight."""
