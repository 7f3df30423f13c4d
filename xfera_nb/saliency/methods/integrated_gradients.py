"""Integrated gradients (Sundararajan, Taly & Yan 2017)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.saliency.registry import saliency_method

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier

STEPS = 32
"""Steps of the path from middle grey to the face."""
BATCH = 16


@saliency_method("integrated_gradients", label="Integrated gradients", smoothed=True)
def integrated_gradients(classifier: Classifier, x: Tensor, target: int, _: str) -> Tensor:
    """Sum the gradients along the path from a grey picture to the face; smoothed."""
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(classifier.module)
    values: Tensor = method.attribute(x, target=target, n_steps=STEPS, internal_batch_size=BATCH)
    return values
