"""Weights on disk: a safetensors file and, beside it, a card (JSON) that says what they are.

The card holds the classes, the input rule, the training data, the recipe, measured figures, the
temperature, use restrictions and the sha256 of the weights file; weights without a card, or that
do not fit theirs, are refused. Nothing is unpickled: safetensors holds tensors only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, is_zipfile

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

# By torch's own import: the module that defines it is named nowhere in this package.
from torch._weights_only_unpickler import UnpicklingError  # type: ignore[attr-defined]
from torch.serialization import get_unsafe_globals_in_checkpoint

from xfera_nb.classifier.preprocess import MEAN, STD
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.errors import ModelError
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.paths import write_atomic

WEIGHTS = Path(__file__).with_name("weights")
SHIPPED = WEIGHTS / "resnet50_bam.safetensors"
INPUT_SIZE = 224
DETAIL = 96
"""Detail that a crop keeps, pixels a side: training faces have 48 (FER+) or 96."""
SIZES = (32, 1024)
"""Least and greatest side of the network's input, pixels."""
# What PyTorch's restricted reader raises on a damaged file, as fuzzing has it.
_UNREADABLE = (
    UnpicklingError,
    BadZipFile,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OSError,
)


def card_path(weights: str | Path) -> Path:
    """Return the path of the card of a weights file: the same name, ending .json."""
    return Path(weights).with_suffix(".json")


def sha256(path: str | Path) -> str:
    """Compute the hexadecimal SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def default_input_rule() -> dict[str, Any]:
    """Return the input rule of the shipped network, as its card states it."""
    return {
        "size": INPUT_SIZE,
        "detail": DETAIL,
        "colour": "grey (ITU-R BT.601 luma), repeated to three channels",
        "mean": MEAN,
        "std": STD,
    }


def save_weights(path: str | Path, network: ResNet50BAM, card: dict[str, Any]) -> None:
    """Write fp16 weights and their card.

    Parameters
    ----------
    path : str or Path
        The .safetensors file; the card goes beside it.
    network : ResNet50BAM
    card : dict
        Completed with `classes`, `input`, `half_resolution` and `sha256`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        key: (value.half() if value.is_floating_point() else value).contiguous().cpu()
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    save_file(tensors, path)
    fixed = {
        "classes": list(EMOTIONS),
        "input": default_input_rule(),
        "half_resolution": network.half_resolution,
    }
    write_card(path, {**fixed, **card})


def write_card(weights: str | Path, card: dict[str, Any]) -> None:
    """Write the card of a weights file, with the file's sha256 as it is now."""
    card = {**card, "sha256": sha256(weights)}
    write_atomic(card_path(weights), json.dumps(card, indent=2, allow_nan=False) + "\n")


def load_card(weights: str | Path) -> dict[str, Any]:
    """Read and check the card of a weights file.

    Raises
    ------
    ModelError
        If the card or the weights are missing, or the weights are not those that the card names.
    """
    weights = Path(weights)
    if not weights.is_file():
        raise ModelError(f"The weights file {weights} is missing: give the path of a .safetensors.")
    path = card_path(weights)
    if not path.is_file():
        raise ModelError(f"The card {path} is missing: weights are used only with it.")
    try:
        card: dict[str, Any] = json.loads(path.read_text("utf-8"))
        classes, digest, rule = tuple(card["classes"]), card["sha256"], card["input"]
        fits = _is_rule(rule)
        others = {name: card[name] for name in _OTHERS if name in card}
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        raise ModelError(
            f"The card {path} is damaged ({str(error)[:80]}): take it again from where the weights "
            "came from."
        ) from error
    if classes != EMOTIONS:
        raise ModelError(f"The card {path} names other classes than {', '.join(EMOTIONS)}.")
    if not fits:
        raise ModelError(f"The card {path} gives an impossible input rule: {str(rule)[:200]}.")
    for name, value in others.items():
        if not _OTHERS[name](value):
            raise ModelError(f"The card {path} gives an impossible {name}: {str(value)[:80]}.")
    if digest != sha256(weights):
        raise ModelError(
            f"{weights} is not the file that its card describes (sha256 differs): fetch both again."
        )
    return card


def load_weights(path: str | Path, network: nn.Module) -> None:
    """Fill a network from a safetensors file, exactly.

    Raises
    ------
    ModelError
        If the file is damaged or its tensors do not fit the network.
    """
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is not a readable safetensors file: fetch it again.") from error
    wanted = network.state_dict()
    wrong = [key for key in tensors if key not in wanted or not _alike(tensors[key], wanted[key])]
    absent = [k for k in wanted if k not in tensors and not k.endswith("num_batches_tracked")]
    if wrong or absent:
        raise ModelError(
            f"{path} does not fit this network: {len(wrong)} tensors unknown or of another shape, "
            f"{len(absent)} missing (first: {(wrong + absent)[0][:60]})."
        )
    if not all(torch.isfinite(value).all() for value in tensors.values()):
        raise ModelError(f"{path} holds weights that are not finite numbers: fetch it again.")
    network.load_state_dict(_as_float(tensors), strict=False)


def load_tensors(path: str | Path, device: torch.device | str = "cpu") -> Any:
    """Read a PyTorch file that holds tensors and plain values only.

    Raises
    ------
    ModelError
        If it is missing or damaged, or would need anything else to be loaded.
    """
    if not Path(path).is_file():
        raise ModelError(f"{path} is missing: check the path.")
    try:
        unsafe = (
            get_unsafe_globals_in_checkpoint(path) if is_zipfile(path) else ["an old file format"]
        )
        if not unsafe:
            return torch.load(path, map_location=device, weights_only=True)
    except _UNREADABLE as error:
        raise ModelError(f"{path} cannot be read as a PyTorch file: fetch it again.") from error
    raise ModelError(
        f"{path} holds more than tensors ({unsafe[0][:60]}), which is not loaded: convert it to "
        "safetensors where you trust it."
    )


def _is_rule(rule: Any) -> bool:
    """Return whether an input rule fits the network of a weights file."""
    size, detail = rule["size"], rule.get("detail", 1)
    whole = all(isinstance(n, int) and not isinstance(n, bool) for n in (size, detail))
    low, high = SIZES
    return (
        whole
        and low <= size <= high
        and 1 <= detail <= high
        and _is_number(rule["mean"])
        and _is_number(rule["std"])
        and rule["std"] > 0
        and rule.get("channels", 3) == 3
    )


def _is_number(value: Any) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and -1e6 < value < 1e6  # false for NaN as well


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(isinstance(v, str) for v in value)


# Entries that a card need not have, and what they must be where they are there.
_OTHERS: dict[str, Callable[[Any], bool]] = {
    "half_resolution": lambda value: isinstance(value, bool),
    "temperature": lambda value: _is_number(value) and value > 0,
    "layer": lambda value: isinstance(value, str),
    "layers": _is_words,
}


def _alike(given: Tensor, wanted: Tensor) -> bool:
    """Return whether shapes are equal and both hold floats or neither does."""
    same_kind = given.is_floating_point() == wanted.is_floating_point()
    return given.shape == wanted.shape and same_kind


def _as_float(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k: v.to(torch.float32) if v.is_floating_point() else v for k, v in tensors.items()}
