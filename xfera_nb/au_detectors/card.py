"""The builtin weights on disk: a safetensors file and its card (JSON).

The card names inputs, training data, recipe, figures and restrictions, and holds the sha256 of the
weights: a file that does not match its card is refused. `xfera_nb.training.au_card` writes both.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from xfera_nb.au_detectors.network import CENTRES, FEATURES, AUNet
from xfera_nb.au_detectors.packed import unpack
from xfera_nb.errors import ModelError
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name

WEIGHTS = Path(__file__).parent / "weights" / "builtin.safetensors"
PACKED = {"kernel.directions.weight": FEATURES, "kernel.centres": CENTRES}
"""Matrices that are stored in four bits, with their numbers of columns."""
TURNED = {"kernel.centres"}
"""Those that are stored turned, so that each of their columns has a scale."""
SCALE = ".scale"
"""Behind the name of a packed matrix: the scales of its rows."""
_HELP = "install the toolkit again, or give weights that come with their own card"


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
    if hashlib.sha256(data).hexdigest() != stated:
        raise ModelError(
            f"The Action Unit weights {path.name} do not match the sha256 of their card; {_HELP}."
        )
    if order != [au_name(au) for au in OPENFACE_AUS]:
        raise ModelError(f"The card of {path.name} names other Action Units than ours; {_HELP}.")
    try:
        stored = load(data)
    except SafetensorError as error:
        raise ModelError(
            f"The Action Unit weights {path.name} are not a safetensors file; {_HELP}."
        ) from error
    net = AUNet()
    own = net.state_dict()
    try:
        state = restore(stored)
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"The Action Unit weights {path.name} do not fit the network; {_HELP}."
        ) from error
    if {k: v.shape for k, v in state.items()} != {k: v.shape for k, v in own.items()}:
        raise ModelError(f"The Action Unit weights {path.name} do not fit the network; {_HELP}.")
    if not all(torch.isfinite(value).all() for value in state.values()):
        raise ModelError(f"The Action Unit weights {path.name} are not finite numbers; {_HELP}.")
    net.load_state_dict({name: value.to(own[name].dtype) for name, value in state.items()})
    return net.eval(), card


def restore(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a state dict in which packed matrices are float32 again.

    Raises
    ------
    KeyError, ValueError
        A packed matrix or its scales are missing or of another shape.
    """
    scales = {key + SCALE for key in PACKED}
    state = {key: value for key, value in stored.items() if key not in scales}
    for key, columns in PACKED.items():
        matrix = unpack(stored[key], stored[key + SCALE], columns)
        state[key] = matrix.T.contiguous() if key in TURNED else matrix
    return state


def reliability(card: dict[str, Any]) -> np.ndarray:
    """Return the card's Pearson r per AU, (17,) float32, NaN where the card has none.

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
