"""Weights on disk: a safetensors file and, beside it, a card (JSON) that says what they are.

The card holds the classes, the input rule, the training data, the recipe, measured figures, the
temperature, use restrictions and the sha256 of the weights file; weights without a card, or that
do not fit theirs, are refused. Nothing is unpickled: safetensors holds tensors only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
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
STATE_KEYS = (
    "state_dict", "model_state_dict", "model_state", "model_weights", "params", "weights", "model",
    "net", "network", "backbone",
)  # fmt: skip
"""Names under which training scripts save a state dict, in the order in which they are tried."""
STATE_PREFIXES = (
    "module.", "_orig_mod.", "model.", "net.", "network.", "backbone.", "encoder.", "base_model.",
)  # fmt: skip
"""What wrappers put before a parameter's name: DataParallel, torch.compile, Lightning and others.
"""
_PYTORCH = (".pth", ".pt", ".ckpt", ".bin", ".tar", ".pkl")
_MAX_NESTED = 4
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
    refuse_other_files(weights)
    if weights.suffix.lower() in _PYTORCH:
        raise ModelError(
            f"{weights} is a PyTorch file, which holds tensors and no network: fill your own "
            "network with it by xfera_nb.training.pretrained.load_pretrained, and give that with "
            "its classes and its layer."
        )
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
    tensors = read_safetensors(path)
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


def refuse_other_files(path: str | Path) -> None:
    """Refuse what often lies under the name of a weights file: a pointer to it, or a web page.

    Raises
    ------
    ModelError
        If the file is one of these, is empty, or cannot be read.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: check the path and the permissions.") from error
    if not start:
        raise ModelError(f"{path} is empty: fetch it again.")
    if start.startswith(b"version https://git-lfs"):
        raise ModelError(
            f"{path} is a git-lfs pointer and not the weights themselves: fetch them with "
            "`git lfs pull`."
        )
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")):
        raise ModelError(
            f"{path} is a web page and not weights, such as a page that asks to confirm the "
            "download: fetch the file itself."
        )


def read_safetensors(path: str | Path) -> dict[str, Tensor]:
    """Read the tensors of a safetensors file.

    Raises
    ------
    ModelError
        If it is missing, damaged, or another kind of file.
    """
    if Path(path).is_file():
        refuse_other_files(path)
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is not a readable safetensors file: fetch it again.") from error


def read_state_dict(path: str | Path) -> dict[str, Tensor]:
    """Read the tensors of a checkpoint by their names, out of what a training script put around.

    Parameters
    ----------
    path : str or Path
        A .safetensors file, or a PyTorch file of tensors and plain values only, in which the
        tensors may lie under one of `STATE_KEYS`.

    Returns
    -------
    dict of str to Tensor
        Names as they are in the file; see `own_name`.

    Raises
    ------
    ModelError
        If the file cannot be read safely, or holds no tensors by name.
    """
    path = Path(path)
    if path.suffix.lower() == ".safetensors":
        return read_safetensors(path)
    state = load_tensors(path)
    for _ in range(_MAX_NESTED):
        inner = [state[key] for key in STATE_KEYS if key in state] if _is_named(state) else []
        # A model may have a part named "model": what holds tensors alone is one already.
        if not inner or _holds_tensors(state):
            break
        state = next((one for one in inner if _is_named(one)), None)
    tensors = {key: value for key, value in state.items() if isinstance(value, Tensor)} if (
        _is_named(state)
    ) else {}  # fmt: skip
    if not tensors or any(_is_named(value) for value in state.values()):
        names = f" (it has {', '.join(list(state)[:4])[:80]})" if _is_named(state) else ""
        raise ModelError(f"{path} is not a state dict (names with tensors){names}: save it as one.")
    return tensors


def own_name(key: str, own: Collection[str]) -> str:
    """Return a parameter's name in a network, without what wrappers put before it.

    Parameters
    ----------
    key : str
        As in the file: ``module.backbone.layer1.0.conv1.weight``.
    own : collection of str
        The network's own names.

    Returns
    -------
    str
        The key without the fewest of `STATE_PREFIXES` that make it one of `own`; without all of
        them if none does.
    """
    while key not in own:
        prefix = next((one for one in STATE_PREFIXES if key.startswith(one)), None)
        if prefix is None:
            break
        key = key.removeprefix(prefix)
    return key


def _is_named(state: Any) -> bool:
    return isinstance(state, dict) and len(state) > 0 and all(isinstance(key, str) for key in state)


def _holds_tensors(state: dict[str, Any]) -> bool:
    return all(isinstance(value, Tensor) for value in state.values())


def load_tensors(path: str | Path, device: torch.device | str = "cpu") -> Any:
    """Read a PyTorch file that holds tensors and plain values only.

    Raises
    ------
    ModelError
        If it is missing or damaged, or would need anything else to be loaded.
    """
    if not Path(path).is_file():
        raise ModelError(f"{path} is missing: check the path.")
    refuse_other_files(path)
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
