"""Describe what made a store's rows: written before the first one, compared with every later run.

A run that would measure anything else is refused, because its rows could not be compared with the
existing ones.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import xfera_nb
from xfera_nb.au_detectors import AUDetector
from xfera_nb.classifier import Classifier
from xfera_nb.datasets import Dataset
from xfera_nb.datasets.clip_dataset import ClipDataset
from xfera_nb.evidence.crop_rule import read_crop_rule
from xfera_nb.evidence.storage import Storage, StoreError
from xfera_nb.faces.align import CHIN, CROP_SIZE, SIDE
from xfera_nb.facs.action_units import OPENFACE_AUS
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.saliency.methods import METHODS

NAME = "manifest.json"
FORMAT = 2
MOST = 2**40
"""No count in a manifest is greater."""

_PACKAGES = ("torch", "dlib-bin", "opencv-python", "numpy", "pillow")
_COMPARED = {
    "format": "another version of this format",
    "dataset": "other photos",
    "classifier": "another classifier",
    "au_detector": "another source of Action Units",
    "method": "another saliency method",
    "layer": "another layer",
    "occlusion": "another choice of hiding regions or not",
    "map_shape": "maps of another size",
    "crop": "another crop rule",
    "shard": "another shard size",
    "batch": "another batch size",
    "versions": "other versions",
}


def versions() -> dict[str, str | None]:
    """Return the versions that the numbers depend on; None for a package that is not installed."""
    found: dict[str, str | None] = {
        "xfera_nb": xfera_nb.__version__,
        "python": platform.python_version(),
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def make(
    dataset: Dataset,
    classifier: Classifier,
    au_detector: AUDetector,
    *,
    layer: str | None,
    method: str,
    occlusion: bool,
    map_shape: tuple[int, int],
    shard: int,
    batch: int,
) -> dict[str, Any]:
    """Return the manifest of an extraction, as JSON takes it."""
    crop_rule = read_crop_rule(classifier.card) or {"side": SIDE, "chin": CHIN}
    manifest = {
        "format": FORMAT,
        "source": str(dataset.root),
        "dataset": {
            **({"video": dict(dataset.video)} if isinstance(dataset, ClipDataset) else {}),
            "kind": dataset.kind,
            "photos": len(dataset),
            "chosen": list(dataset.chosen),
            "fingerprint": dataset.fingerprint,
        },
        "classifier": classifier.describe(),
        "au_detector": au_detector.describe(),
        "layer": layer,
        "method": method,
        "occlusion": occlusion,
        "map_shape": list(map_shape),
        "crop": {"size": CROP_SIZE, **crop_rule, "faces": "largest"},
        "shard": shard,
        "batch": batch,
        "versions": versions(),
        "emotions": list(EMOTIONS),
        "action_units": list(OPENFACE_AUS),
    }
    return plain(manifest)


def is_video(manifest: Mapping[str, Any]) -> bool:
    """Return whether a store holds the frames of a video, in compact rows."""
    return manifest["dataset"].get("video") is not None


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON gives them back, so that they compare with those read from a file."""
    read: dict[str, Any] = json.loads(json.dumps(values, default=str))
    return read


def read(place: Storage) -> dict[str, Any] | None:
    """Read the manifest of a store; None if there is none.

    Raises
    ------
    StoreError
        If it is damaged or of another format.
    """
    try:
        manifest: dict[str, Any] = json.loads(place.read(NAME))
        given = manifest["format"]
        manifest.setdefault("occlusion", False)  # older stores do not say so
        manifest["layer"] = _layer_of(manifest)
        damaged = given == FORMAT and not _is_whole(manifest)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        what = str(error)[:80]
        raise StoreError(f"{place.path(NAME)} is damaged ({what}): extract again.") from error
    if damaged:
        raise StoreError(f"{place.path(NAME)} is damaged: extract again.")
    if given != FORMAT:
        raise StoreError(
            f"{place.shown} has the store format {str(given)[:20]}, this version reads {FORMAT}: "
            "extract it again into another folder, or use the version that made it."
        )
    return manifest


def _is_whole(manifest: dict[str, Any]) -> bool:
    """Return whether a manifest has every entry that readers of a store use."""
    height, width = manifest["map_shape"]
    counts = (manifest["shard"], manifest["batch"], manifest["dataset"]["photos"])
    numbers = all(isinstance(n, int) and 1 <= n <= MOST for n in (*counts, height, width))
    models = all(isinstance(manifest[key], dict) for key in ("classifier", "au_detector"))
    texts = (manifest["source"], manifest["method"], manifest["layer"] or "")
    named = "name" in manifest["au_detector"] and "name" in manifest["classifier"]
    whole = numbers and models and named and all(isinstance(text, str) for text in texts)
    return whole and _is_whole_video(manifest["dataset"].get("video"))


def _is_whole_video(video: Any) -> bool:
    """Return whether an entry about a clip has what its readers use, or is not there."""
    if video is None:
        return True
    counts = (video["every"], video["frames"], video["measured"])
    rates = [video["fps"], *([] if video["per_second"] is None else [video["per_second"]])]
    return (
        all(isinstance(n, int) and 1 <= n <= MOST for n in counts)
        and all(isinstance(rate, int | float) and 1e-6 < rate < MOST for rate in rates)
        and isinstance(video["clip"], str)
    )


def _layer_of(manifest: dict[str, Any]) -> Any:
    """Return the layer, None for a method that uses none: older stores name one there too."""
    layer, method = manifest["layer"], manifest["method"]
    is_known = isinstance(method, str) and method in METHODS
    return layer if not is_known or METHODS[method].uses_layer else None


def write(place: Storage, manifest: Mapping[str, Any]) -> None:
    """Write the manifest."""
    place.write(NAME, json.dumps(manifest, indent=2).encode() + b"\n")


def check_same(old: Mapping[str, Any], new: Mapping[str, Any], shown: str) -> None:
    """Refuse a run that would measure anything else than the existing rows.

    Raises
    ------
    StoreError
        At the first difference, with both values.
    """
    for key, what in _COMPARED.items():
        if old.get(key) != new.get(key):
            difference = _difference(old.get(key), new.get(key))
            raise StoreError(
                f"The store {shown} was made with {what} ({difference}): extract into another "
                "folder, or with the settings of this store."
            )


def _difference(old: Any, new: Any) -> str:
    """Return both values in short, of mappings those of the first entry that differs."""
    name = ""
    while isinstance(old, dict) and isinstance(new, dict):
        key = next(key for key in (*old, *new) if old.get(key) != new.get(key))
        old, new, name = old.get(key), new.get(key), f"{key} "
    return f"{name}{_short(old)} there, {_short(new)} now"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:24]}..."
