"""Where the classifier looked: Captum's layer attributions, the seven classes' maps, attention."""

from xfera_nb.classifier.resnet50_bam import LAST_BLOCK
from xfera_nb.saliency.heatmap import CROP, Heatmap, interpolation, sample
from xfera_nb.saliency.maps import (
    LAYER_METHODS,
    METHODS,
    attention_maps,
    heatmap,
    no_such_class,
    seven_maps,
)

__all__ = [
    "CROP",
    "LAST_BLOCK",
    "LAYER_METHODS",
    "METHODS",
    "Heatmap",
    "attention_maps",
    "heatmap",
    "interpolation",
    "no_such_class",
    "sample",
    "seven_maps",
]
