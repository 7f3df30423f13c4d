"""Where the classifier looked: Captum's layer attributions, the seven classes' maps, attention."""

from xfera_nb.classifier.resnet50_bam import LAST_BLOCK
from xfera_nb.saliency.attribution import (
    LAYER_METHODS,
    METHODS,
    attention_maps,
    attribute,
    gradcam_all_classes,
    missing_class_message,
)
from xfera_nb.saliency.heatmap import CROP, Heatmap, interpolation, sample

__all__ = [
    "CROP",
    "LAST_BLOCK",
    "LAYER_METHODS",
    "METHODS",
    "Heatmap",
    "attention_maps",
    "attribute",
    "interpolation",
    "missing_class_message",
    "sample",
    "gradcam_all_classes",
]
