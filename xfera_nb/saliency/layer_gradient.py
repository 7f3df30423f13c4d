"""Take a layer's output and the gradient of a class's logit with respect to it, both as maps.

For methods that Captum lacks, and for layers whose output is read by a reshape rule
(`xfera_nb.classifier.layer_maps`), which Captum does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier


def differentiate_layer(
    classifier: Classifier, x: Tensor, target: int, layer: str
) -> tuple[Tensor, Tensor]:
    """Return a layer's output and the logit's gradient with respect to it.

    Parameters
    ----------
    classifier : Classifier
    x : Tensor
        (1, C, S, S) float, with gradients on.
    target : int
        Row of the class in `EMOTIONS`.
    layer : str
        Dotted name.

    Returns
    -------
    activations, gradients : Tensor
        (1, channels, h, w) float, signed.

    Raises
    ------
    ModelError
        If the network has no such layer.
    """
    import torch

    kept: list[Tensor] = []
    hook = classifier.get_layer(layer).register_forward_hook(
        lambda _, __, output: kept.append(output)
    )
    try:
        logit = classifier.module(x)[0, target]
    finally:
        hook.remove()
    (gradients,) = torch.autograd.grad(logit, kept[-1])
    return classifier.read_map(kept[-1].detach()), classifier.read_map(gradients)
