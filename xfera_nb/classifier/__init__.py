"""The emotion classifier: ResNet50 with Bottleneck Attention Modules, its weights and training."""

from xfera_nb.classifier.bam import BAM
from xfera_nb.classifier.checkpoint import SHIPPED, load_card
from xfera_nb.classifier.model import Classifier, load_classifier
from xfera_nb.classifier.prediction import HIGH, MEDIUM, Prediction, top_class
from xfera_nb.classifier.resnet50_bam import LAST_BLOCK, STAGE_ENDS, ResNet50BAM

__all__ = [
    "BAM",
    "HIGH",
    "LAST_BLOCK",
    "MEDIUM",
    "SHIPPED",
    "STAGE_ENDS",
    "Classifier",
    "Prediction",
    "ResNet50BAM",
    "load_card",
    "load_classifier",
    "top_class",
]
