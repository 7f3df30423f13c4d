"""The builtin weights on disk: a safetensors file and its card (JSON), written and read together.

The card names inputs, training data, recipe, figures and restrictions, and holds the sha256 of the
weights: a file that does not match its card is refused. Matrices and kernels are stored as float16,
everything else as it is.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from xfera_nb.au_detectors.data import REPORT_CONFIDENCE, TRAIN_CONFIDENCE
from xfera_nb.au_detectors.network import AUNet
from xfera_nb.errors import ModelError
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name

WEIGHTS = Path(__file__).parent / "weights" / "builtin.safetensors"
_HALVED = ("weight", "centres")
_HELP = "install the toolkit again, or give weights that come with their own card"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def load_network(path: str | Path = WEIGHTS) -> tuple[AUNet, dict[str, Any]]:
    """Read weights and their card.

    Parameters
    ----------
    path : path
        A `.safetensors` file; the card is the `.json` of the same name beside it.

    Returns
    -------
    AUNet
        In evaluation mode, float32.
    dict
        The card.

    Raises
    ------
    ModelError
        A file is missing or damaged, the sha256 or the AUs differ from the card's, or a weight is
        missing, unknown or of another shape.
    """
    path = Path(path)
    try:
        if not path.is_file():  # a device would not end, a pipe would keep us waiting
            raise FileNotFoundError(path)
        data = path.read_bytes()
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        stated, order = card["sha256"], card["outputs"]["order"]
        reliability(card)
    except OSError as error:
        raise ModelError(
            f"The Action Unit weights {path.name} or their card cannot be read; {_HELP}."
        ) from error
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ModelError(
            f"The card of the Action Unit weights {path.name} is not valid; {_HELP}."
        ) from error
    if _sha256(data) != stated:
        raise ModelError(
            f"The Action Unit weights {path.name} do not match the sha256 of their card; {_HELP}."
        )
    if order != [au_name(au) for au in OPENFACE_AUS]:
        raise ModelError(f"The card of {path.name} names other Action Units than ours; {_HELP}.")
    try:
        state = load(data)
    except SafetensorError as error:
        raise ModelError(
            f"The Action Unit weights {path.name} are not a safetensors file; {_HELP}."
        ) from error
    net = AUNet()
    own = net.state_dict()
    if {k: v.shape for k, v in state.items()} != {k: v.shape for k, v in own.items()}:
        raise ModelError(f"The Action Unit weights {path.name} do not fit the network; {_HELP}.")
    if not all(torch.isfinite(value).all() for value in state.values()):
        raise ModelError(f"The Action Unit weights {path.name} are not finite numbers; {_HELP}.")
    net.load_state_dict({name: value.to(own[name].dtype) for name, value in state.items()})
    return net.eval(), card


def reliability(card: dict[str, Any]) -> np.ndarray:
    """The card's Pearson r per AU, (17,) float32, NaN where the card has none.

    Raises
    ------
    TypeError, ValueError, OverflowError
        A figure is not a number from -1 to 1, or does not stand where it should.
    """
    figures = _object(_object(card.get("figures")).get("per_au"))
    known = [_object(figures.get(au_name(au))).get("r") for au in OPENFACE_AUS]
    r = np.array([np.nan if value is None else float(value) for value in known], dtype=np.float32)
    if (np.abs(r) > 1).any():
        raise ValueError("a correlation outside of -1 to 1")
    return r


def _object(value: object) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise TypeError("no JSON object")
    return value or {}


def _stored(net: AUNet) -> dict[str, torch.Tensor]:
    return {
        key: (value.half() if key.endswith(_HALVED) and value.ndim > 1 else value).contiguous()
        for key, value in net.state_dict().items()
    }


def as_stored(net: AUNet) -> AUNet:
    """A copy of `net` with its weights rounded as they are stored: the one to measure."""
    copy = AUNet()
    copy.load_state_dict(_stored(net))
    return copy.eval()


def write_card(
    net: AUNet,
    figures: dict[str, Any],
    recipe: dict[str, Any],
    trained_on: int,
    folder: Path,
    name: str = "builtin",
    pair: dict[str, Any] | None = None,
    notes: str | None = None,
) -> dict[str, Any]:
    """Store a network with its card in `folder` and return the card.

    Parameters
    ----------
    net : AUNet
        The trained network.
    figures : dict
        From `xfera_nb.au_detectors.evaluate.figures`, measured on `as_stored(net)`.
    recipe : dict
        The training's settings, JSON-able, with the seed.
    trained_on : int
        Number of faces in training.
    folder : path
        Gets `name`.safetensors and `name`.json.
    pair : dict, optional
        The card of the weights whose linear and deep head were kept; its recipe and its figures
        stay in the new card.
    notes : str, optional
        What else there is to say, such as how often the faces measured on were looked at.
    """
    weights = folder / f"{name}.safetensors"
    save_file(_stored(net), weights)
    card = {
        "name": name,
        "version": 2,
        "what": "17 OpenFace Action Unit intensities from a photo and its 68 landmarks",
        "sha256": _sha256(weights.read_bytes()),
        "bytes": weights.stat().st_size,
        "weights": sum(p.numel() for p in net.parameters()),
        "inputs": {
            "picture": "grey, 112x112, aligned by landmarks 18-68 onto the stored mean shape",
            "second": "grey, 112x112, aligned by 24 rigid landmarks, jaw sides included",
            "landmarks": "18-68 in that square less the mean shape, in units of 5 pixels",
            "rule": "xfera_nb/au_detectors/align.py, the same code in training and use",
            "use": "mean of the answers to the face and to its mirror image",
        },
        "outputs": {
            "order": [au_name(au) for au in OPENFACE_AUS],
            "scale": "0 (not seen) to 5 (maximum), OpenFace's; clipped to it",
        },
        "training_data": {
            "pictures": "muxspace/facial_expressions (press photos, some film stills), grey",
            "labels": "output of OpenFace's static models for these photos, not human coding",
            "faces": trained_on,
            "least_confidence": TRAIN_CONFIDENCE,
            "redistributed": False,
        },
        "recipe": {
            "command": "python -m xfera_nb.au_detectors.train" + (" --pair FILE" if pair else ""),
            "torch": torch.__version__.split("+")[0],
            **recipe,
            "selection": "last moving average of the pair, no epoch picked",
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
    if pair is not None:
        card |= _kept(pair)
    text = json.dumps(card, indent=2) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return card


def _kept(pair: dict[str, Any]) -> dict[str, Any]:
    """What a card says of the weights whose pair of heads it kept."""
    figures = pair["figures"]
    first = {
        "pair": {"from_sha256": pair["sha256"], "recipe": pair["recipe"]},
        "before": {
            "version": pair["version"],
            "mean_r": figures["mean_r"],
            "mean_icc_3_1": figures["mean_icc_3_1"],
            "r": {name: row["r"] for name, row in figures["per_au"].items()},
        },
    }
    return {key: pair.get(key, value) for key, value in first.items()}
