"""HiResCAM (Draelos & Carin 2020); on the network's last block it equals Grad-CAM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.saliency.registry import saliency_method

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier


@saliency_method("hirescam", label="HiResCAM", uses_layer=True)
def hirescam(classifier: Classifier, x: Tensor, target: int, layer: str) -> Tensor:
    """Multiply the layer's output by its gradient, cell by cell."""
    from captum.attr import LayerGradientXActivation

    method = LayerGradientXActivation(classifier.module, classifier.get_layer(layer))
    values: Tensor = method.attribute(x, target=target)
    return classifier.read_map(values)
