"""Occlusion (Zeiler & Fergus 2014)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xfera_nb.saliency.registry import saliency_method

if TYPE_CHECKING:
    from torch import Tensor

    from xfera_nb.classifier import Classifier

OCCLUDER = 32
"""Side of the square that is covered, pixels: one cell of a 7x7 map; it moves by half of it."""
BATCH = 16


@saliency_method("occlusion", label="Occlusion (slow)", smoothed=True, all_at_once=True)
def occlusion(classifier: Classifier, x: Tensor, target: int | None, _: str) -> Tensor:
    """Cover one square of the face after another and take the fall of the logit; smoothed."""
    import torch
    from captum.attr import Occlusion

    with torch.inference_mode():
        values: Tensor = Occlusion(classifier.module).attribute(
            x.detach(),
            target=target,
            sliding_window_shapes=(x.shape[1], OCCLUDER, OCCLUDER),
            strides=(x.shape[1], OCCLUDER // 2, OCCLUDER // 2),
            perturbations_per_eval=BATCH,
        )
    return values
