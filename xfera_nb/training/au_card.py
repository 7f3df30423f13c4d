"""Store a trained Action Unit network: a safetensors file and the card that describes it.

Directions and centres are stored in four bits (`xfera_nb.au_detectors.packed`), other matrices and
kernels as float16, everything else as it is.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from xfera_nb.au_detectors.card import PACKED, SCALE, TURNED, restore
from xfera_nb.au_detectors.network import AUNet
from xfera_nb.au_detectors.packed import pack
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name
from xfera_nb.paths import write_atomic
from xfera_nb.training.au_faces import REPORT_CONFIDENCE, TRAIN_CONFIDENCE


def _stored(net: AUNet) -> dict[str, torch.Tensor]:
    tensors = {}
    for key, value in net.state_dict().items():
        if key in PACKED:
            tensors[key], tensors[key + SCALE] = pack(value.T if key in TURNED else value)
        else:
            tensors[key] = value.half() if value.ndim > 1 else value
    return {key: value.contiguous() for key, value in tensors.items()}


def as_stored(net: AUNet) -> AUNet:
    """Return a copy of `net` with its weights rounded as they are stored: the one to measure."""
    copy = AUNet()
    copy.load_state_dict(restore(_stored(net)))
    return copy.eval()


def write_card(
    net: AUNet,
    figures: dict[str, Any],
    recipe: dict[str, Any],
    trained_on: int,
    folder: Path,
    name: str = "builtin",
    notes: str | None = None,
) -> dict[str, Any]:
    """Store a network with its card in `folder` and return the card.

    Parameters
    ----------
    net : AUNet
        The trained network.
    figures : dict
        From `xfera_nb.training.au_evaluation.figures`, measured on `as_stored(net)`.
    recipe : dict
        The training's settings, JSON-able, with the seed.
    trained_on : int
        Number of faces in training.
    folder : path
        Gets `name`.safetensors and `name`.json.
    notes : str, optional
        Further notes, such as how often the faces measured on were measured.
    """
    weights = folder / f"{name}.safetensors"
    save_file(_stored(net), weights)
    card = {
        "name": name,
        "version": 3,
        "what": "17 OpenFace Action Unit intensities from a photo and its 68 landmarks",
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "bytes": weights.stat().st_size,
        "weights": sum(p.numel() for p in net.parameters()),
        "inputs": {
            "picture": "grey, 112x112, aligned by landmarks 18-68 onto the stored mean shape",
            "second": "grey, 112x112, aligned by 24 rigid landmarks, jaw sides included",
            "landmarks": "18-68 in that square less the mean shape, in units of 5 pixels",
            "rule": "xfera_nb/au_detectors/align.py, the same code in training and use",
        },
        "outputs": {
            "order": [au_name(au) for au in OPENFACE_AUS],
            "scale": "0 (absent) to 5 (maximum), OpenFace's; clipped to it",
        },
        "training_data": {
            "pictures": "muxspace/facial_expressions (press photos, some film stills), grey",
            "labels": "output of OpenFace's static models for these photos, not human coding",
            "faces": trained_on,
            "least_confidence": TRAIN_CONFIDENCE,
            "redistributed": False,
        },
        "recipe": {
            "command": "python -m xfera_nb.training.au_network --features FILE",
            "torch": torch.__version__.split("+")[0],
            **recipe,
        },
        "figures": {
            "measured_on": f"split val (no identity shared), confidence >= {REPORT_CONFIDENCE}",
            "against": "OpenFace's output",
            "icc": "ICC(3,1): two-way mixed, consistency, single measure",
            **figures,
        },
        "restrictions": [
            "Research use: the pictures trained on are press photos of public figures.",
            "r and ICC are agreement with OpenFace, not with human FACS coders.",
            "Intensities are not calibrated to a person; compare with the same person's neutral.",
            "Not for judging what a person feels, nor for decisions about people.",
        ],
    }
    if notes:
        card["notes"] = notes
    write_atomic(folder / f"{name}.json", json.dumps(card, indent=2) + "\n")
    return card
