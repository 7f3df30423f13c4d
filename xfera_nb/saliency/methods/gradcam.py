"""Grad-CAM (Selvaraju et al. 2020), the reference for the maps of all classes in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.saliency.registry import saliency_method

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier


@saliency_method("gradcam", label="Grad-CAM", uses_layer=True)
def gradcam(classifier: Classifier, x: Tensor, target: int, layer: str) -> Tensor:
    """Weigh each channel of the layer by its mean gradient."""
    from captum.attr import LayerGradCam

    from xfera_nb.saliency.layer_gradient import differentiate_layer

    if classifier.reshapes:  # Captum reads the second axis of an output as its channels
        activations, gradients = differentiate_layer(classifier, x, target, layer)
        weights = gradients.mean(dim=(2, 3), keepdim=True)
        return (weights * activations).sum(dim=1, keepdim=True)
    method = LayerGradCam(classifier.module, classifier.get_layer(layer))
    values: Tensor = method.attribute(x, target=target, relu_attributions=False)
    return values
