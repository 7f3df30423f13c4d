"""Provide maps of other faces, their mean, and their means by class, as controls for a map.

The maps of the 70 samples under the shipped weights come with the package (`SHIPPED_MAPS`, made by
``python benchmarks/checks.py --make-controls``). They belong to the weights with the SHA-256 in
their metadata. For other weights and networks the samples are measured when they are first needed,
one forward pass each, and kept as long as the classifier. That is done for maps that come from a
forward pass (Grad-CAM of the last block); for other layers and methods give `make_controls` some
faces and pass its result on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from xfera_nb.classifier import Classifier
from xfera_nb.classifier.checkpoint import SHIPPED
from xfera_nb.datasets import SAMPLES, sample
from xfera_nb.errors import ModelError, SamplesError
from xfera_nb.evaluation.faithfulness.network import copy_without_hooks
from xfera_nb.evidence.crop_rule import fit_crop
from xfera_nb.faces import Face, find_faces
from xfera_nb.facs.emotions import EMOTIONS
from xfera_nb.saliency import DEFAULT_METHOD, attribute_all_classes, takes_one_pass

SHIPPED_MAPS = SHIPPED.with_suffix(".maps.safetensors")
"""The samples' maps under the shipped weights."""
_BATCH = 16
_MEASURED: WeakKeyDictionary[Classifier, ControlMaps] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class ControlMaps:
    """Hold the class maps of some faces under one network, layer and method.

    Attributes
    ----------
    maps : ndarray
        (S, 7, h, w) float32, signed; classes in the order of `EMOTIONS`.
    predicted : ndarray
        (S,) int, the predicted class of each face.
    layer : str or None
    method : str
    sha256 : str or None
        Of the weights.
    """

    maps: np.ndarray = field(repr=False)
    predicted: np.ndarray = field(repr=False)
    layer: str | None
    method: str
    sha256: str | None

    @property
    def own(self) -> np.ndarray:
        """Return each face's map of its predicted class, (S, h, w)."""
        own: np.ndarray = self.maps[np.arange(len(self.maps)), self.predicted]
        return own

    def without(self, maps: np.ndarray) -> ControlMaps:
        """Leave out faces with the same class maps (7, h, w): the face that is checked itself."""
        scale = np.abs(self.maps).max(axis=(1, 2, 3))
        if maps.shape != self.maps.shape[1:]:
            return self
        away = np.nan_to_num(np.abs(self.maps - maps)).max(axis=(1, 2, 3))
        return self.take(away > 1e-3 * scale)

    def take(self, chosen: np.ndarray) -> ControlMaps:
        """Keep some faces, by index or (S,) bool."""
        return ControlMaps(
            self.maps[chosen], self.predicted[chosen], self.layer, self.method, self.sha256
        )

    def means(self, row: int) -> np.ndarray:
        """Return the mean map, and the mean map of the faces with one predicted class.

        Parameters
        ----------
        row : int
            The class, by its place in `EMOTIONS`.

        Returns
        -------
        ndarray
            (2, h, w) float64; NaN where there is no such face.
        """
        own = self.own.astype(float)
        empty = np.full(own.shape[1:], np.nan)
        same = own[self.predicted == row]
        return np.stack([part.mean(axis=0) if len(part) else empty for part in (own, same)])


def make_controls(
    classifier: Classifier,
    faces: Iterable[Face],
    *,
    layer: str | None = None,
    method: str = DEFAULT_METHOD,
) -> ControlMaps:
    """Measure the maps of some faces, as controls.

    Parameters
    ----------
    classifier : Classifier
    faces : iterable of Face
        Of other people than those whose maps are checked; at least 20, or no map can pass.
    layer : str, optional
        The classifier's own by default.
    method : str
        One of `xfera_nb.saliency.METHODS`.

    Returns
    -------
    ControlMaps
    """
    crops = np.stack([fit_crop(face, classifier.card).crop for face in faces])
    predicted, maps = [], []
    for start in range(0, len(crops), _BATCH):
        some, found = attribute_all_classes(
            classifier, crops[start : start + _BATCH], layer=layer, method=method
        )
        predicted += [EMOTIONS.index(one.predicted) for one in some]
        maps.append(found)
    return ControlMaps(
        np.concatenate(maps), np.array(predicted), layer or classifier.default_layer, method,
        classifier.describe().get("sha256"),
    )  # fmt: skip


def find_controls(
    classifier: Classifier, layer: str | None, method: str
) -> tuple[ControlMaps | None, str | None]:
    """Return the samples' maps for a classifier, layer and method, or the reason for none."""
    if not takes_one_pass(classifier, method=method, layer=layer or ""):
        return None, (
            "maps of other faces are not there for this layer and method: measure some with "
            "make_controls"
        )
    shipped = read_controls()
    if shipped is not None and shipped.sha256 == classifier.describe().get("sha256"):
        return shipped, None
    if classifier not in _MEASURED:
        try:
            faces = _find_samples()
        except SamplesError:
            return None, "the samples, whose maps are the controls, are not there"
        own = Classifier(copy_without_hooks(classifier.module), classifier.card)
        _MEASURED[classifier] = make_controls(own, faces)
    return _MEASURED[classifier], None


@lru_cache(maxsize=1)
def _find_samples() -> tuple[Face, ...]:
    return tuple(find_faces(sample(code))[0] for code in sorted(SAMPLES))


def read_controls(path: Path = SHIPPED_MAPS) -> ControlMaps | None:
    """Read the maps that come with the package; None where there is no such file.

    Raises
    ------
    ModelError
        If the file is damaged.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, "numpy") as file:
            about: dict[str, Any] = file.metadata() or {}
            maps, predicted = file.get_tensor("maps"), file.get_tensor("predicted")
            return ControlMaps(maps, predicted, about["layer"], about["method"], about["sha256"])
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise ModelError(f"{path.name} is damaged: install the package again.") from error


def write_controls(controls: ControlMaps, path: Path = SHIPPED_MAPS) -> None:
    """Write maps for the package, with what made them."""
    about = {
        "layer": str(controls.layer),
        "method": controls.method,
        "sha256": str(controls.sha256),
    }
    values = {"maps": controls.maps.astype(np.float32), "predicted": controls.predicted}
    path.write_bytes(save(values, about))
