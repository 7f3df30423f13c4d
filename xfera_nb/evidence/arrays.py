"""Hold the faces of a store as arrays, for fusing thousands of faces at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from xfera_nb.classifier import top_class
from xfera_nb.datasets import GROUPS
from xfera_nb.evidence.choices import REGIONS
from xfera_nb.evidence.neutral import subtract_intensities
from xfera_nb.evidence.rows import MapShape, present, stacked
from xfera_nb.evidence.storage import StoreError
from xfera_nb.facs.emotions import EMOTIONS

NEUTRAL = EMOTIONS.index("neutral")
UNKNOWN_PERSON = "photos of unknown persons"


@dataclass(frozen=True, eq=False)
class StoreArrays:
    """N faces; photos without one are left out (`EvidenceStore.failed` names them).

    Attributes
    ----------
    number : ndarray
        (N,) int64, place in the data set.
    ids : ndarray
        (N,) of str.
    true : ndarray
        (N,) int64, index of the label in `EMOTIONS`; -1 without one.
    probabilities : ndarray
        (N, 7) float32.
    activation : ndarray
        (N, 7, 68) float64, NaN at landmarks outside of the crop.
    mean, std : mapping of str to ndarray
        For each of `REGIONS` (N, 7) float64.
    peak : ndarray
        (N, 7) float64.
    intensities : ndarray
        (N, 17) float32, NaN where not measured.
    left, right : ndarray or None
        (N, 17) float32 of the person's sides; None if the source has none at all.
    groups : mapping of str to ndarray
        For each of `GROUPS` (N,) of str, such as who the person is; "" where it is not known.
    hidden_probabilities : ndarray or None
        (N, 6, 7) float32, with each face region hidden (`RegionOcclusion`), NaN where it was not
        measured; None if it was not on any face.
    region_shares : ndarray or None
        (N, 7, 6) float64, the share of each class's positive map in each face region
        (`Evidence.region_shares`), NaN without one; None if they were not asked for.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "number", "id", "emotion", *GROUPS, "box", "probabilities", "activation", "mean_crop",
        "std_crop", "mean_hull", "std_hull", "peak", "intensities", "left", "right",
        "hidden_probabilities",
    )  # fmt: skip

    number: np.ndarray
    ids: np.ndarray
    true: np.ndarray
    probabilities: np.ndarray = field(repr=False)
    activation: np.ndarray = field(repr=False)
    mean: Mapping[str, np.ndarray] = field(repr=False)
    std: Mapping[str, np.ndarray] = field(repr=False)
    peak: np.ndarray = field(repr=False)
    intensities: np.ndarray = field(repr=False)
    left: np.ndarray | None = field(repr=False)
    right: np.ndarray | None = field(repr=False)
    groups: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)
    hidden_probabilities: np.ndarray | None = field(default=None, repr=False)
    region_shares: np.ndarray | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.number)

    def neutral_calibrated(self) -> CalibratedArrays:
        """Return the same faces, with each person's neutral face subtracted from their intensities.

        Faces of persons without one get NaN, and `CalibratedArrays.without` names them; the raw
        intensities are kept beside.

        Raises
        ------
        StoreError
            If the store does not say who is who, or no neutral photo was measured.
        """
        return calibrate_arrays(self)

    @property
    def predicted(self) -> np.ndarray:
        """Return the predicted class of each face, (N,) int64; never one that the model lacks."""
        return top_class(self.probabilities)

    def inputs(self, target: np.ndarray | None = None, region: str = "crop") -> dict[str, Any]:
        """Return the arguments of `xfera_nb.fusion.fuse_many`, all except the parameters.

        Parameters
        ----------
        target : ndarray, optional
            (N,) int, index of the class to explain for each face; the predicted one by default.
        region : str
            One of `REGIONS`, as in the parameters.

        Returns
        -------
        dict
            ``fuse_many(**arrays.inputs(), params=params)``.

        Raises
        ------
        ValueError
            If a target is not 0 to 6 (as for a face without a label), or the region is unknown.
        """
        chosen = self.predicted if target is None else np.asarray(target)
        if chosen.shape != (len(self),) or ((chosen < 0) | (chosen >= len(EMOTIONS))).any():
            raise ValueError(f"target is ({len(self)},) of 0 to {len(EMOTIONS) - 1}.")
        if region not in REGIONS:
            raise ValueError(f"{region!r} is not one of {', '.join(REGIONS)}.")
        rows = np.arange(len(self))
        return {
            "activation": self.activation[rows, chosen],
            "mean": self.mean[region][rows, chosen],
            "std": self.std[region][rows, chosen],
            "peak": self.peak[rows, chosen],
            "intensities": self.intensities,
            "target": chosen,
            "left": self.left,
            "right": self.right,
        }


@dataclass(frozen=True, eq=False)
class CalibratedArrays(StoreArrays):
    """Hold faces whose intensities are reduced by those of the person's neutral face.

    Attributes
    ----------
    neutral : ndarray
        (N,) int64, place in these arrays of the neutral face that was subtracted; -1 where there is
        none: all intensities of such a face are NaN.
    raw_intensities, raw_left, raw_right : ndarray or None
        (N, 17) float32, what the source measured.
    without : mapping of str to int
        Who has no neutral face, such as "F03, angle HL" -> their number of faces.
    """

    neutral: np.ndarray = field(kw_only=True, repr=False)
    raw_intensities: np.ndarray = field(kw_only=True, repr=False)
    raw_left: np.ndarray | None = field(kw_only=True, repr=False)
    raw_right: np.ndarray | None = field(kw_only=True, repr=False)
    without: Mapping[str, int] = field(kw_only=True)


def calibrate_arrays(arrays: StoreArrays) -> CalibratedArrays:
    """Subtract each person's neutral face.

    It is the photo labelled neutral of the same person from the same angle, of the same session
    first, otherwise of another one; of several the first that was measured.

    Raises
    ------
    StoreError
        If the store does not say who is who, or no photo labelled neutral was measured.
    """
    if isinstance(arrays, CalibratedArrays):
        return arrays
    person = arrays.groups.get("person", np.full(len(arrays), ""))
    angle, session = (arrays.groups.get(n, np.full(len(arrays), "")) for n in ("angle", "session"))
    if not (person != "").any():
        raise StoreError(
            "The data set of this store names no persons, so there is no person's "
            "neutral face to subtract: use the intensities as they are."
        )
    measured = ~np.isnan(arrays.intensities).all(axis=1)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in np.flatnonzero((arrays.true == NEUTRAL) & (person != "") & measured).tolist():
        found.setdefault((person[row], angle[row]), {}).setdefault(session[row], row)
    if not found:
        raise StoreError(
            "No photo labelled neutral was measured in this store: extract the neutral photos too, "
            "or use the intensities as they are."
        )
    neutral = np.full(len(arrays), -1)
    without: Counter[str] = Counter()
    for row in range(len(arrays)):
        choice = found.get((person[row], angle[row]), {})
        if choice:
            neutral[row] = choice.get(session[row], next(iter(choice.values())))
        elif person[row] == "":
            without[UNKNOWN_PERSON] += 1
        else:
            without[person[row] + (f", angle {angle[row]}" if angle[row] else "")] += 1
    raw = {name: getattr(arrays, name) for name in ("intensities", "left", "right")}
    return CalibratedArrays(
        **{f.name: getattr(arrays, f.name) for f in fields(StoreArrays)}
        | {
            name: None if values is None else subtract_intensities(values, values[neutral], neutral)
            for name, values in raw.items()
        },
        neutral=neutral,
        raw_intensities=raw["intensities"],
        raw_left=raw["left"],
        raw_right=raw["right"],
        without=MappingProxyType(dict(sorted(without.items()))),
    )


def to_arrays(table: pa.Table, map_shape: MapShape) -> StoreArrays:
    """Return the arrays of a table with the columns `StoreArrays.COLUMNS`."""
    table = table.filter(pa.array(present(table, "box")))

    def column(name: str) -> np.ndarray:
        return stacked(table, name, map_shape)

    index = {emotion: number for number, emotion in enumerate(EMOTIONS)}
    labels = [index.get(label, -1) for label in table["emotion"].to_pylist()]
    sides = present(table, "left").any()
    hidden = present(table, "hidden_probabilities").any()
    return StoreArrays(
        number=table["number"].to_numpy(),
        ids=np.array(table["id"].to_pylist(), dtype=np.str_),
        true=np.array(labels, dtype=np.int64),
        probabilities=column("probabilities"),
        activation=column("activation"),
        mean={region: column(f"mean_{region}") for region in REGIONS},
        std={region: column(f"std_{region}") for region in REGIONS},
        peak=column("peak"),
        intensities=column("intensities"),
        left=column("left") if sides else None,
        right=column("right") if sides else None,
        groups={name: _texts(table, name) for name in GROUPS},
        hidden_probabilities=column("hidden_probabilities") if hidden else None,
    )


def _texts(table: pa.Table, name: str) -> np.ndarray:
    return np.array(table[name].fill_null("").to_pylist(), dtype=np.str_)
