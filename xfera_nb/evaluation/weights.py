"""Export a trained network to a weights file with its card, and measure the card's figures.

FER+ faces are judged by the class with the most of the seven's votes, and ties are left out. The
temperature comes from PublicTest, the figures from PrivateTest, which no training decision saw.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from xfera_nb.classifier.checkpoint import load_card, save_weights, write_card
from xfera_nb.classifier.model import Classifier, load_classifier
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.evaluation.metrics import classification_metrics, fit_temperature
from xfera_nb.training.labelled_faces import LabelledFaces, read_crops, read_ferplus
from xfera_nb.training.trainer import predict_logits

RESTRICTIONS = (
    "Research use only: trained on web images (FER2013) and press photographs that may not be "
    "redistributed. Not for decisions about people. Names the expression a face shows to this "
    "model, not what a person feels."
)
FERPLUS = "FER+ PrivateTest"
CROPS = "face crops, val"


def compute_logits(classifier: Classifier, faces: LabelledFaces) -> tuple[np.ndarray, np.ndarray]:
    """Compute logits (N, 7) and labels (N,) of the faces whose majority is not tied.

    Raises
    ------
    ModelError
        If the network was given from outside: these faces are fed as the shipped one takes them.
    """
    if "outputs" in classifier.card:
        raise ModelError(
            "These faces are prepared for the shipped network: extract a data set with yours, and "
            "evaluate that store."
        )
    clear = faces[~faces.tied]
    size = int(classifier.card["input"]["size"])
    logits = predict_logits(classifier.module, clear, size, batch=32, device=classifier.device)
    return logits.numpy(), clear.majority


def measure_card(
    classifier: Classifier,
    *,
    ferplus: str | Path | None = None,
    crops: str | Path | None = None,
) -> dict[str, Any]:
    """Measure the figures that the card of the weights holds.

    Parameters
    ----------
    classifier : Classifier
    ferplus : str or Path, optional
        The FER+ pack (.npz).
    crops : str or Path, optional
        Folder of face crops with a `faces.csv`.

    Returns
    -------
    dict
        Name of the set to its `classification_metrics`.

    Raises
    ------
    PhotoError
        If a set cannot be read.
    """
    figures = {}
    if ferplus:
        logits, labels = compute_logits(classifier, read_ferplus(ferplus, "PrivateTest"))
        figures[FERPLUS] = classification_metrics(logits, labels, classifier.temperature)
    if crops:
        logits, labels = compute_logits(classifier, read_crops(crops, "val"))
        figures[CROPS] = classification_metrics(logits, labels, classifier.temperature)
    return figures


def export_weights(
    network: ResNet50BAM,
    path: str | Path,
    card: dict[str, Any],
    *,
    ferplus: str | Path,
    crops: str | Path | None = None,
    device: str = "cpu",
) -> dict[str, Any]:
    """Write a trained network as fp16 weights with a complete card.

    Parameters
    ----------
    network : ResNet50BAM
    path : str or Path
        The .safetensors file.
    card : dict
        Name, training data and recipe; completed with restrictions, temperature and figures, all
        measured on the weights as written.
    ferplus, crops : str or Path
        As for `measure_card`.
    device : str

    Returns
    -------
    dict
        The card.
    """
    save_weights(path, network, {"restrictions": RESTRICTIONS, **card})
    logits, labels = compute_logits(
        load_classifier(path, device=device), read_ferplus(ferplus, "PublicTest")
    )
    write_card(path, {**load_card(path), "temperature": round(fit_temperature(logits, labels), 4)})
    figures = measure_card(load_classifier(path, device=device), ferplus=ferplus, crops=crops)
    write_card(path, {**load_card(path), "figures": figures})
    return load_card(path)
