"""Layer-CAM (Jiang et al. 2021, "LayerCAM: exploring hierarchical class activation maps").

With A_k the channels of a layer and g_k the gradient of the class's logit with respect to them, the
map is sum_k relu(g_k) * A_k in each cell (their equations 5 to 7). The ReLU that ends their
equation 7 is left to the reader of the map, as for every method here. Behind a layer that ends in a
ReLU no value is negative: such a map shows what supports a class, and never what opposes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.saliency.registry import saliency_method

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier


@saliency_method("layercam", label="Layer-CAM", uses_layer=True)
def layercam(classifier: Classifier, x: Tensor, target: int, layer: str) -> Tensor:
    """Multiply the layer's output by its positive gradient, cell by cell."""
    from xfera_nb.saliency.layer_gradient import differentiate_layer

    activations, gradients = differentiate_layer(classifier, x, target, layer)
    return gradients.relu() * activations
