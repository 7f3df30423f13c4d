"""Say what the terms of a view mean, for its tooltips: plain words, nothing heavy is imported.

The sliders' own words are in `xfera_nb.widgets.shared.controls.SLIDERS`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from xfera_nb.fusion.choices import COVERAGE, INTENSITY_AND_COVERAGE
from xfera_nb.fusion.params import PRESETS, FusionParams

TERMS: Mapping[str, str] = MappingProxyType(
    {
        "predicted": "The class with the highest probability",
        "target": (
            "The class being explained: map, sentences and Action Units are about it. Choose "
            "another one to see what speaks for it"
        ),
        "true": "The label: what the face is meant to show; the model never sees it",
        "probability": "How sure the model is of each class, together 100 %",
        "confidence": "How high the probability of the prediction is",
        "map": (
            "The saliency map, or heatmap: where the face speaks for the class, by the chosen "
            "method. The scale runs from nothing at the left to the strongest place at the right"
        ),
        "peak": "The map's highest value",
        "threshold": "The value from which the map is salient: its mean plus k standard deviations",
        "salient": "The part of the face where the map reaches the threshold; outlined in white",
        "action_unit": (
            "One movement of the face in the Facial Action Coding System (FACS), such as AU12, "
            "the pulling of the lip corners. Point at one to mark its landmarks, pick it to keep "
            "them marked and read more"
        ),
        "expected": "The paper's Table 2 lists the movement for the target class",
        "state": (
            "Present: the intensity reaches the minimum. Attended: the coverage reaches the "
            "minimum, so the model looked there. A check mark: it is active, so it counts"
        ),
        "intensity": "How strong the movement is, 0 to 5; the tick is the minimum that counts",
        "coverage": (
            "Share of the movement's landmarks that lie in the salient region; the tick is the "
            "minimum that counts"
        ),
        "method": "How the map is computed from the network",
        "layer": "The part of the network that the map is taken from; later ones are coarser",
        "au_detector": "What measures the Action Units on the photo, apart from the classifier",
        "region": "Where the map's mean and standard deviation are taken for the threshold",
        "scope": "Whether only the Action Units expected for the class can be active, or any",
        "writer": "Who writes the text: the offline writer, from templates, or a language model",
    }
)
"""Term -> what it means."""

_PRESET_NAMES = {
    "algorithm1": "The paper's Algorithm 1",
    "algorithm1-line33": "The paper's Algorithm 1 as its line 33 has it",
    "section2.1": "The paper's section 2.1",
    "recommended": "Ours, chosen on measured faces",
}


def describe_params(params: FusionParams) -> str:
    """Return the parameters that presets differ in, in one line."""
    strength = f"intensity {params.min_intensity:g}, "
    return (
        f"k {params.k:g}, {strength if params.rule == INTENSITY_AND_COVERAGE else ''}"
        f"coverage {params.coverage:.0%}{' alone' if params.rule == COVERAGE else ''}, "
        f"{'any Action Unit' if params.scope == 'all' else 'Action Units expected for the class'}"
    )


PRESET_TERMS: Mapping[str, str] = MappingProxyType(
    {
        name: f"{_PRESET_NAMES.get(name, name)}: {describe_params(params)}"
        for name, params in PRESETS.items()
    }
)
"""Name of a preset -> what it is, with its parameters."""
