"""Where the classifier looked: Captum's attributions of one class, as a `Heatmap`.

Grad-CAM (Selvaraju et al. 2020) through Captum's `LayerGradCam` on the last block is the paper's
choice (section 2.1) and the reference. `gradcam_all_classes` gives the same seven maps in one
forward pass: the network ends in average pooling over h*w cells and one linear layer W, so the
gradient of logit k with respect to channel c is W[k, c] / (h*w) in every cell, and Grad-CAM is
sum_c W[k, c] * A_c / (h*w). It is used where the network ends so, and Captum everywhere else.

HiResCAM (Draelos & Carin 2020) weighs a layer's features with their gradients cell by cell, where
Grad-CAM averages the gradients over the cells first. On the last block the two are the same.

All maps are of logits, not of probabilities, and signed. Maps of methods that work on the input
are summed over its three (equal) channels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from captum import attr
from torch import Tensor

from xfera_nb.classifier.model import Classifier
from xfera_nb.classifier.prediction import Prediction
from xfera_nb.classifier.resnet50_bam import LAST_BLOCK, ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.saliency.heatmap import Heatmap

_LAST = {LAST_BLOCK, "layer4"}
OCCLUDER = 32
"""Side of the square that occlusion covers, pixels: one cell of a 7x7 map; it moves by half."""
STEPS = 32
"""Steps of the path of integrated gradients, from middle grey to the face."""
BATCH = 16


def _gradcam(classifier: Classifier, x: Tensor, target: int, layer: str) -> Tensor:
    method = attr.LayerGradCam(classifier.module, classifier.get_layer(layer))
    return _attributed(method, x, target, relu_attributions=False)


def _guided_gradcam(classifier: Classifier, x: Tensor, target: int, layer: str) -> Tensor:
    method = attr.GuidedGradCam(classifier.module, classifier.get_layer(layer))
    return _attributed(method, x, target, interpolate_mode="bilinear")


def _hirescam(classifier: Classifier, x: Tensor, target: int, layer: str) -> Tensor:
    # Gradient times activation, cell by cell; `heatmap` sums it over the channels.
    method = attr.LayerGradientXActivation(classifier.module, classifier.get_layer(layer))
    return _attributed(method, x, target)


def _integrated_gradients(classifier: Classifier, x: Tensor, target: int, _: str) -> Tensor:
    method = attr.IntegratedGradients(classifier.module)
    return _attributed(method, x, target, n_steps=STEPS, internal_batch_size=BATCH)


def _occlusion(classifier: Classifier, x: Tensor, target: int, _: str) -> Tensor:
    method = attr.Occlusion(classifier.module)
    with torch.inference_mode():
        return _attributed(
            method,
            x,
            target,
            sliding_window_shapes=(x.shape[1], OCCLUDER, OCCLUDER),
            strides=(x.shape[1], OCCLUDER // 2, OCCLUDER // 2),
            perturbations_per_eval=BATCH,
        )


def _saliency(classifier: Classifier, x: Tensor, target: int, _: str) -> Tensor:
    return _attributed(attr.Saliency(classifier.module), x, target, abs=False)


def _attributed(method: attr.Attribution, x: Tensor, target: int, **options: Any) -> Tensor:
    values: Tensor = method.attribute(x, target=target, **options)
    return values


METHODS: Mapping[str, Callable[[Classifier, Tensor, int, str], Tensor]] = MappingProxyType(
    {
        "gradcam": _gradcam,
        "guided_gradcam": _guided_gradcam,
        "hirescam": _hirescam,
        "integrated_gradients": _integrated_gradients,
        "occlusion": _occlusion,
        "saliency": _saliency,
    }
)
"""Names of the methods. The first three look at a layer, the others at the input."""
LAYER_METHODS = ("gradcam", "guided_gradcam", "hirescam")


def attribute(
    classifier: Classifier,
    crop: np.ndarray,
    emotion: str,
    *,
    method: str = "gradcam",
    layer: str | None = None,
) -> Heatmap:
    """One class's map of one face, by Captum.

    Parameters
    ----------
    classifier : Classifier
    crop : ndarray
        (224, 224, 3) uint8 RGB.
    emotion : str
        The class to explain, one of `EMOTIONS`.
    method : str
        One of `METHODS`.
    layer : str, optional
        Dotted name of a layer, for the methods that look at one; by default the classifier's own.

    Returns
    -------
    Heatmap
        Signed; of the layer's size for Grad-CAM, of the input's for the others.

    Raises
    ------
    ValueError
        If the emotion or the method is unknown.
    ModelError
        If the network has no such layer, or no such class.
    """
    if emotion not in EMOTIONS:
        raise ValueError(f"{emotion!r} is not one of {', '.join(EMOTIONS)}.")
    if method not in METHODS:
        raise ValueError(f"{method!r} is not one of {', '.join(METHODS)}.")
    if emotion not in classifier.classes:
        raise ModelError(missing_class_message(emotion, classifier.classes))
    layer = layer or classifier.default_layer
    x = classifier.preprocess(crop).requires_grad_(method != "occlusion")
    values = METHODS[method](classifier, x, EMOTIONS.index(emotion), layer)
    summed = values.detach()[0].sum(dim=0).numpy()
    return Heatmap(summed, emotion, layer if method in LAYER_METHODS else None, method)


def gradcam_all_classes(
    classifier: Classifier, crops: np.ndarray, *, layer: str | None = None
) -> tuple[list[Prediction], np.ndarray]:
    """Predictions and the Grad-CAM maps of all seven classes.

    Parameters
    ----------
    classifier : Classifier
    crops : ndarray
        (N, 224, 224, 3) uint8 RGB, or one (224, 224, 3).
    layer : str, optional
        Dotted name of a layer; by default the classifier's own.

    Returns
    -------
    predictions : list of Prediction
        N of them.
    maps : ndarray
        (N, 7, h, w) float32, signed, in the order of `EMOTIONS`. One forward pass where `layer`
        is the last block of the shipped network; otherwise Captum's, a pass for each class. NaN
        for a class that the network does not have.

    Raises
    ------
    ModelError
        If the network has no such layer.
    """
    crops = crops[None] if crops.ndim == 3 else crops
    layer = layer or classifier.default_layer
    if isinstance(classifier.module, ResNet50BAM) and layer in _LAST:
        return _one_pass(classifier, classifier.module, crops)
    rows = [EMOTIONS.index(emotion) for emotion in classifier.classes]
    known = np.array(
        [
            [attribute(classifier, crop, EMOTIONS[row], layer=layer).values for row in rows]
            for crop in crops
        ]
    )
    maps = np.full((len(crops), len(EMOTIONS), *known.shape[2:]), np.nan, np.float32)
    maps[:, rows] = known
    return classifier.predict(crops), maps


def missing_class_message(emotion: str, classes: tuple[str, ...]) -> str:
    """The sentence about a class that a network does not have."""
    return f"This network has no class {emotion}: it names {', '.join(classes)}."


@torch.inference_mode()
def _one_pass(
    classifier: Classifier, network: ResNet50BAM, crops: np.ndarray
) -> tuple[list[Prediction], np.ndarray]:
    features = network.features(classifier.preprocess(crops))
    cells = features.shape[-2] * features.shape[-1]
    maps = torch.nn.functional.conv2d(features, network.fc.weight[:, :, None, None]) / cells
    logits = maps.sum(dim=(2, 3)) + network.fc.bias
    return classifier.to_predictions(logits), maps.float().contiguous().numpy()


def attention_maps(classifier: Classifier, crop: np.ndarray) -> tuple[Heatmap, ...]:
    """BAM's own attention to one face, whatever the class.

    Parameters
    ----------
    classifier : Classifier
        With a `ResNet50BAM`.
    crop : ndarray
        (224, 224, 3) uint8 RGB.

    Returns
    -------
    tuple of Heatmap
        One for each BAM (56x56, 28x28 and 14x14): M(F), 0 to 1, averaged over channels.

    Raises
    ------
    ValueError
        If the network has no BAM.
    """
    bams = {
        name: module
        for name, module in classifier.module.named_children()
        if hasattr(module, "attention")
    }
    if not bams:
        raise ValueError("This network has no attention modules.")
    seen: dict[str, Any] = {}

    def keep(name: str) -> Callable[..., None]:
        def hook(module: Any, inputs: tuple[Tensor, ...], _: Tensor) -> None:
            seen[name] = module.attention(inputs[0])[0].mean(dim=0).numpy()

        return hook

    hooks = [module.register_forward_hook(keep(name)) for name, module in bams.items()]
    try:
        classifier.logits(crop)
    finally:
        for hook in hooks:
            hook.remove()
    return tuple(Heatmap(seen[name], None, name, "bam") for name in bams)
