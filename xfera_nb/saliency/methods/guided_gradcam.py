"""Guided Grad-CAM (Selvaraju et al. 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.saliency.methods.gradcam import gradcam
from xfera_nb.saliency.registry import saliency_method

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier


@saliency_method("guided_gradcam", label="Guided Grad-CAM", uses_layer=True, smoothed=True)
def guided_gradcam(classifier: Classifier, x: Tensor, target: int, layer: str) -> Tensor:
    """Multiply guided backpropagation of the input by the layer's Grad-CAM; smoothed."""
    from captum.attr import GuidedBackprop, GuidedGradCam
    from torch.nn.functional import interpolate, relu

    if classifier.reshapes:
        places = relu(gradcam(classifier, x, target, layer))
        guided: Tensor = GuidedBackprop(classifier.module).attribute(x, target=target)
        return guided * interpolate(places, size=x.shape[2:], mode="bilinear")
    method = GuidedGradCam(classifier.module, classifier.get_layer(layer))
    values: Tensor = method.attribute(x, target=target, interpolate_mode="bilinear")
    return values
