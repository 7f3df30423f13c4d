"""The gradient of the logit (Simonyan, Vedaldi & Zisserman 2014), with its sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.saliency.registry import saliency_method

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier


@saliency_method("saliency", label="Gradient", smoothed=True)
def saliency(classifier: Classifier, x: Tensor, target: int, _: str) -> Tensor:
    """Take the gradient of the class with respect to each pixel, with its sign; smoothed."""
    from captum.attr import Saliency

    values: Tensor = Saliency(classifier.module).attribute(x, target=target, abs=False)
    return values
