"""The emotion classifier: ResNet50 with Bottleneck Attention Modules, its weights and training."""

from xfera_nb.classifier.bam import BAM
from xfera_nb.classifier.checkpoint import SHIPPED, load_card
from xfera_nb.classifier.model import HIGH, MEDIUM, Classifier, Prediction, load_classifier
from xfera_nb.classifier.resnet50_bam import ResNet50BAM

__all__ = [
    "BAM",
    "HIGH",
    "MEDIUM",
    "SHIPPED",
    "Classifier",
    "Prediction",
    "ResNet50BAM",
    "load_card",
    "load_classifier",
]
