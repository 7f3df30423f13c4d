"""Grad-CAM++ (Chattopadhay et al. 2018, "Grad-CAM++: generalized gradient-based explanations").

With A_k the channels of a layer and g_k the gradient of the class's logit S with respect to them,
and Y = exp(S) as the paper has it, the weight of a channel is the sum over its cells of
alpha_k * relu(g_k) with alpha_k = g_k^2 / (2 g_k^2 + sum(A_k) g_k^3), 0 where g_k is 0 (their
equations 5 and 19). The factor exp(S) of dY/dA is left out: it is one number for the whole map. The
ReLU of their equation 7 is left to the reader of the map, as for every method here. No weight is
negative where alpha is positive, so that behind a ReLU the map shows what supports a class and
never what opposes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.saliency.registry import saliency_method

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier


@saliency_method("gradcam_plusplus", label="Grad-CAM++", uses_layer=True)
def gradcam_plusplus(classifier: Classifier, x: Tensor, target: int, layer: str) -> Tensor:
    """Weigh each channel of the layer by its positive gradients, each cell by its share of them."""
    import torch

    from xfera_nb.saliency.layer_gradient import differentiate_layer

    activations, g = differentiate_layer(classifier, x, target, layer)
    # Divided by g squared; where nothing is left of the denominator, the cell has no share.
    below = 2 + activations.sum(dim=(2, 3), keepdim=True) * g
    alpha = torch.where((g != 0) & (below.abs() > 1e-6), 1 / below, 0.0)
    weights = (alpha * g.relu()).sum(dim=(2, 3), keepdim=True)
    return (weights * activations).sum(dim=1, keepdim=True)
