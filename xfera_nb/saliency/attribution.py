"""Attributions of a class to a face: the map of one class, or of all seven.

Grad-CAM (Selvaraju et al. 2020) through Captum's `LayerGradCam` on the last block is the paper's
choice (section 2.1) and the reference. `gradcam_all_classes` gives the same seven maps in one
forward pass: the network ends in average pooling over h*w cells and one linear layer W, so the
gradient of logit k with respect to channel c is W[k, c] / (h*w) in every cell, and Grad-CAM is
sum_c W[k, c] * A_c / (h*w). It is used where the network ends so, and Captum everywhere else.

All maps are of logits, not of probabilities, and signed. Maps of methods that work on the input
are summed over its channels; those of single pixels are smoothed (`xfera_nb.saliency.smoothing`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from xfera_nb.classifier.model import Classifier
from xfera_nb.classifier.prediction import Prediction
from xfera_nb.classifier.resnet50_bam import LAST_BLOCK, ResNet50BAM
from xfera_nb.classifier.trial import shorten
from xfera_nb.errors import InputError, ModelError
from xfera_nb.facs.emotions import EMOTIONS, parse_emotion
from xfera_nb.saliency.heatmap import Heatmap
from xfera_nb.saliency.methods import DEFAULT_METHOD, SaliencyMethod, get_method
from xfera_nb.saliency.smoothing import smooth_map

_LAST = {LAST_BLOCK, "layer4"}


def attribute(
    classifier: Classifier,
    crop: np.ndarray,
    target: str,
    *,
    method: str = DEFAULT_METHOD,
    layer: str | None = None,
) -> Heatmap:
    """Attribute one class to the places of a face.

    Parameters
    ----------
    classifier : Classifier
    crop : ndarray
        (224, 224, 3) uint8 RGB.
    target : str
        The class to explain, one of `EMOTIONS` or another name of it ("Happy").
    method : str
        A name of `xfera_nb.saliency.METHODS`.
    layer : str, optional
        Dotted name of the layer to explain, for the methods that use one; by default the
        classifier's own.

    Returns
    -------
    Heatmap
        Signed, in units of the logit for Grad-CAM and HiResCAM; of the layer's size for these,
        28x28 for the smoothed ones, of the input's for the others.

    Raises
    ------
    InputError
        If the emotion or the method is unknown.
    ModelError
        If the network has no such layer, or no such class, or the method cannot explain it.
    """
    chosen, target = get_method(method), parse_emotion(target)
    if target not in classifier.classes:
        raise ModelError(missing_class_message(target, classifier.classes))
    layer = layer or classifier.default_layer
    values = _run(classifier, crop, chosen, EMOTIONS.index(target), layer)
    return Heatmap(values[0], target, layer if chosen.uses_layer else None, method)


def _run(
    classifier: Classifier, crop: np.ndarray, method: SaliencyMethod, row: int | None, layer: str
) -> np.ndarray:
    """Run a method, whatever modes of PyTorch the caller is in: (N, h, w) float32."""
    with torch.inference_mode(False), torch.enable_grad(), classifier.device:
        x = classifier.preprocess(crop).requires_grad_()
        try:
            values = method.function(classifier, x, row, layer)
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, AssertionError) as error:
            raise ModelError(
                f"{method.label} cannot explain this network ({shorten(error)}): choose another "
                f"method, such as {DEFAULT_METHOD}."
            ) from error
    if values.ndim != 4:
        raise ModelError(
            f"The layer {layer!r} gives no map for {method.label}, but {tuple(values.shape)}: "
            f"choose one of {', '.join(classifier.layers)}, or give load_classifier a "
            "reshape_transform."
        )
    return _summed(values, method)


def _summed(values: Tensor, method: SaliencyMethod) -> np.ndarray:
    """Turn a method's (N, channels, h, w) into (N, h, w) float32, smoothed where it needs it."""
    summed = values.detach().sum(dim=1, keepdim=True).float()
    summed = smooth_map(summed) if method.smoothed else summed
    found: np.ndarray = summed[:, 0].cpu().numpy()
    return found


def takes_one_pass(classifier: Classifier, *, method: str, layer: str) -> bool:
    """Return whether `attribute_all_classes` makes all maps in the forward pass that predicts."""
    return method == "gradcam" and isinstance(classifier.module, ResNet50BAM) and layer in _LAST


def attribute_all_classes(
    classifier: Classifier,
    crops: np.ndarray,
    *,
    method: str = DEFAULT_METHOD,
    layer: str | None = None,
    targets: Collection[str] | None = None,
) -> tuple[list[Prediction], np.ndarray]:
    """Return the predictions and the maps of all classes, by any method.

    Parameters
    ----------
    classifier : Classifier
    crops : ndarray
        (N, 224, 224, 3) uint8 RGB, or one (224, 224, 3).
    method, layer
        As in `attribute`. "gradcam" at the default layer takes one forward pass; every other
        choice takes a run for each class and face, "occlusion" one for each face.
    targets : collection of str, optional
        Make these classes' maps alone, for methods that take long.

    Returns
    -------
    predictions : list of Prediction
        N of them.
    maps : ndarray
        (N, 7, h, w) float32, signed, in the order of `EMOTIONS`. NaN for a class that the network
        does not have or that was not asked for.

    Raises
    ------
    InputError
        If a class or the method is unknown.
    ModelError
        If the network has no such layer, or has none of the classes asked for.
    """
    chosen = get_method(method)
    crops = crops[None] if crops.ndim == 3 else crops
    layer = layer or classifier.default_layer
    if targets is None and takes_one_pass(classifier, method=method, layer=layer):
        return _gradcam_in_one_pass(classifier, crops)
    asked = None if targets is None else {parse_emotion(target) for target in targets}
    rows = [EMOTIONS.index(one) for one in classifier.classes if asked is None or one in asked]
    if not rows:
        raise ModelError(missing_class_message(", ".join(sorted(asked or ())), classifier.classes))
    if chosen.all_at_once:
        known = np.stack([_run(classifier, crop, chosen, None, layer)[rows] for crop in crops])
    else:
        known = np.array(
            [
                [
                    attribute(classifier, crop, EMOTIONS[row], method=method, layer=layer).values
                    for row in rows
                ]
                for crop in crops
            ]
        )
    maps = np.full((len(crops), len(EMOTIONS), *known.shape[2:]), np.nan, np.float32)
    maps[:, rows] = known
    return classifier.predict(crops), maps


def gradcam_all_classes(
    classifier: Classifier, crops: np.ndarray, *, layer: str | None = None
) -> tuple[list[Prediction], np.ndarray]:
    """Return the predictions and the Grad-CAM maps of all classes; see `attribute_all_classes`."""
    return attribute_all_classes(classifier, crops, method="gradcam", layer=layer)


def missing_class_message(emotion: str, classes: tuple[str, ...]) -> str:
    """Return the sentence about a class that a network does not have."""
    return f"This network has no class {emotion}: it names {', '.join(classes)}."


@torch.inference_mode()
def _gradcam_in_one_pass(
    classifier: Classifier, crops: np.ndarray
) -> tuple[list[Prediction], np.ndarray]:
    network = cast(ResNet50BAM, classifier.module)
    features = network.features(classifier.preprocess(crops))
    cells = features.shape[-2] * features.shape[-1]
    maps = torch.nn.functional.conv2d(features, network.fc.weight[:, :, None, None]) / cells
    logits = maps.sum(dim=(2, 3)) + network.fc.bias
    return classifier.to_predictions(logits), maps.float().contiguous().cpu().numpy()


def attention_maps(classifier: Classifier, crop: np.ndarray) -> tuple[Heatmap, ...]:
    """Return the attention of each BAM to one face, whatever the class.

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
    InputError
        If the network has no BAM.
    """
    bams = {
        name: module
        for name, module in classifier.module.named_children()
        if hasattr(module, "attention")
    }
    if not bams:
        raise InputError("This network has no attention modules.")
    attention: dict[str, Any] = {}

    def record(name: str) -> Callable[..., None]:
        def hook(module: Any, inputs: tuple[Tensor, ...], _: Tensor) -> None:
            attention[name] = module.attention(inputs[0])[0].mean(dim=0).float().cpu().numpy()

        return hook

    hooks = [module.register_forward_hook(record(name)) for name, module in bams.items()]
    try:
        classifier.logits(crop)
    finally:
        for hook in hooks:
            hook.remove()
    return tuple(Heatmap(attention[name], None, name, "bam") for name in bams)
