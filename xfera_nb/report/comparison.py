"""Compare two fusions: of two photos, models, AU sources or settings.

Units are those of `Fusion`. A difference is always B minus A, and None or NaN where one of the two
does not know its value. Maps are compared pixel by pixel only if both are of the same crop; for two
pictures they are compared at the landmarks, region by region.
Where classifier, layer and method are the same, both maps are divided by the higher of their two
peaks, so that their strengths can be compared; otherwise each by its own peak, since the units
differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xfera_nb.au_detectors import AUDetector, load_detector
from xfera_nb.classifier import Classifier, load_classifier
from xfera_nb.evidence import gather
from xfera_nb.faces import find_faces
from xfera_nb.facs import EMOTIONS, LANDMARK_GROUPS, au_name
from xfera_nb.figures.comparison import normalise_maps
from xfera_nb.fusion import Fusion, FusionParams, fuse
from xfera_nb.report.record import heatmap_record, plain_values
from xfera_nb.report.result import Result
from xfera_nb.report.save import save_file
from xfera_nb.saliency import DEFAULT_METHOD

if TYPE_CHECKING:
    from xfera_nb.fusion import AUResult

NEITHER, BOTH, ONLY_A, ONLY_B = "neither", "both", "only A", "only B"
"""Where an Action Unit is active."""
CLEAR = 0.5
"""Minimum difference of intensities, on the scale 0-5, that is shown unfolded."""


@dataclass(frozen=True)
class AUDifference:
    """Hold one Action Unit of both fusions.

    Attributes
    ----------
    a, b : AUResult
    """

    a: AUResult
    b: AUResult

    @property
    def au(self) -> int:
        """Return its number."""
        return self.a.au

    @property
    def intensity(self) -> float | None:
        """Return intensity in B minus that in A, -5 to 5; None where one is not measured."""
        if self.a.intensity is None or self.b.intensity is None:
            return None
        return self.b.intensity - self.a.intensity

    @property
    def coverage(self) -> float:
        """Return coverage in B minus that in A, -1 to 1."""
        return self.b.coverage - self.a.coverage

    @property
    def active(self) -> str:
        """Return where it is active: `NEITHER`, `BOTH`, `ONLY_A` or `ONLY_B`."""
        if self.a.active == self.b.active:
            return BOTH if self.a.active else NEITHER
        return ONLY_A if self.a.active else ONLY_B

    @property
    def is_clear(self) -> bool:
        """Return whether it is active in A or B, or its intensities are `CLEAR` apart."""
        apart = self.intensity is not None and abs(self.intensity) >= CLEAR
        return apart or self.active != NEITHER


@dataclass(frozen=True, eq=False)
class Comparison:
    """Hold two fusions, A and B; it displays in a notebook, prints, and saves itself.

    Attributes
    ----------
    a, b : Fusion
    names : tuple of str
        Their labels.
    """

    a: Fusion
    b: Fusion
    names: tuple[str, str] = field(default=("A", "B"))

    @cached_property
    def differ_in(self) -> dict[str, tuple[str, str]]:
        """Return what differs: its name -> its value in A and in B."""
        sides = [_origin(fusion) for fusion in (self.a, self.b)]
        found = {n: (v, sides[1][n]) for n, v in sides[0].items() if v != sides[1][n]}
        if not self.same_picture and "photo" not in found:
            found["photo"] = ("one face", "another face")
        return found

    @cached_property
    def same_picture(self) -> bool:
        """Return whether both are of the same crop, so that pixels can be compared."""
        one, other = self.a.evidence.face.crop, self.b.evidence.face.crop
        return one is other or (one.shape == other.shape and bool(np.array_equal(one, other)))

    @property
    def shared_scale(self) -> bool:
        """Return whether the maps have the same units: same classifier, layer and method."""
        same = [_map_origin(fusion) for fusion in (self.a, self.b)]
        return same[0] == same[1]

    @property
    def is_same_prediction(self) -> bool:
        """Return whether both predict the same emotion."""
        return self.a.predicted == self.b.predicted

    @property
    def probabilities(self) -> np.ndarray:
        """Return B minus A, (7,) float64 in the order of `EMOTIONS`; NaN without such a class."""
        return self.b.probabilities.astype(float) - self.a.probabilities.astype(float)

    @cached_property
    def action_units(self) -> tuple[AUDifference, ...]:
        """Return every AU that has landmarks, ascending."""
        pairs = zip(self.a.action_units, self.b.action_units, strict=True)
        return tuple(AUDifference(*pair) for pair in pairs)

    def active(self, where: str) -> tuple[int, ...]:
        """Return the AUs that are active in `BOTH`, `ONLY_A`, `ONLY_B` or `NEITHER`, ascending."""
        return tuple(one.au for one in self.action_units if one.active == where)

    def salient(self, where: str) -> tuple[int, ...]:
        """Return the landmarks, 1-68, salient in `BOTH`, `ONLY_A`, `ONLY_B` or `NEITHER`."""
        a, b = self.a.salient, self.b.salient
        chosen = {BOTH: a & b, ONLY_A: a & ~b, ONLY_B: b & ~a, NEITHER: ~a & ~b}[where]
        return tuple(int(i) + 1 for i in np.flatnonzero(chosen))

    @cached_property
    def maps(self) -> tuple[np.ndarray, np.ndarray]:
        """Return both positive maps, (224, 224) float64, divided by their shared or own peaks."""
        heat = [fusion.evidence.heatmap(fusion.target) for fusion in (self.a, self.b)]
        one, other = normalise_maps(heat, shared=self.shared_scale)
        return one, other

    @property
    def map_difference(self) -> np.ndarray | None:
        """Return B minus A, (224, 224) float64, -1 to 1; None if the crops are not the same."""
        return self.maps[1] - self.maps[0] if self.same_picture else None

    @property
    def no_map_difference_reason(self) -> str | None:
        """Return a sentence if there is no `map_difference`, otherwise None."""
        if self.same_picture:
            return None
        return (
            "These are two pictures, so no pixel of one belongs to a pixel of the other: the maps "
            "are compared at the landmarks instead."
        )

    @cached_property
    def regions(self) -> dict[str, tuple[float, float]]:
        """Return the mean of both maps at each region's landmarks, 0-1.

        It is NaN where a map or a landmark is not measurable; `region_reasons` says why.
        """
        peaks = self._peaks()
        found = {}
        for region, numbers in LANDMARK_GROUPS.items():
            rows = np.array(numbers) - 1
            means = [
                float(np.mean(fusion.activation[rows])) * peak
                for fusion, peak in zip((self.a, self.b), peaks, strict=True)
            ]
            found[region] = (means[0], means[1])
        return found

    @cached_property
    def region_reasons(self) -> dict[str, tuple[str | None, str | None]]:
        """Return why a region of `regions` has no value in A and in B; None where it has one."""
        return {
            region: (_no_mean_reason(self.a, numbers), _no_mean_reason(self.b, numbers))
            for region, numbers in LANDMARK_GROUPS.items()
        }

    def _peaks(self) -> list[float]:
        """Return both peaks as shares of the higher one, or 1 where the units differ."""
        if not self.shared_scale:
            return [1.0, 1.0]
        rows = [EMOTIONS.index(fusion.target) for fusion in (self.a, self.b)]
        peaks = [f.evidence.peak[row] for f, row in zip((self.a, self.b), rows, strict=True)]
        return [float(peak / max(peaks)) if max(peaks) > 0 else 1.0 for peak in peaks]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as one JSON object; what is unknown is None."""
        return plain_values(
            {
                "names": self.names,
                "differ_in": self.differ_in,
                "predicted": (self.a.predicted, self.b.predicted),
                "target": (self.a.target, self.b.target),
                "heatmap": [heatmap_record(fusion) for fusion in (self.a, self.b)],
                "probabilities": {
                    emotion: {"a": a, "b": b, "difference": b - a}
                    for emotion, a, b in zip(
                        EMOTIONS,
                        self.a.probabilities.astype(float),
                        self.b.probabilities.astype(float),
                        strict=True,
                    )
                },
                "same_picture": self.same_picture,
                "shared_scale": self.shared_scale,
                "regions": {
                    n: {"a": a, "b": b, "reasons": self.region_reasons[n]}
                    for n, (a, b) in self.regions.items()
                },
                "salient_landmarks": {w: self.salient(w) for w in (BOTH, ONLY_A, ONLY_B)},
                "active": {w: [au_name(n) for n in self.active(w)] for w in (BOTH, ONLY_A, ONLY_B)},
                "action_units": [
                    {
                        "au": au_name(one.au),
                        "intensity": {
                            "a": one.a.intensity, "b": one.b.intensity, "difference": one.intensity
                        },
                        "coverage": {"a": one.a.coverage, "b": one.b.coverage},
                        "active": one.active,
                    }
                    for one in self.action_units
                ],
            }
        )  # fmt: skip

    def save_html(self, path: str | Path) -> None:
        """Write a self-contained page.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        from xfera_nb.report.comparison_report import comparison_page

        save_file(path, comparison_page(self))

    def _repr_html_(self) -> str:
        from xfera_nb.report.comparison_report import comparison_html

        return comparison_html(self)

    def _repr_png_(self) -> bytes:
        from xfera_nb.figures import pair_image, to_png

        return to_png(pair_image(self.a, self.b))

    def __str__(self) -> str:
        from xfera_nb.report.comparison_report import comparison_text

        return comparison_text(self)

    def __repr__(self) -> str:
        answers = " ".join(dict.fromkeys((self.a.predicted, self.b.predicted)))
        changed = " ".join(map(au_name, (*self.active(ONLY_A), *self.active(ONLY_B))))
        return f"<Comparison: {answers}; {changed or 'no movement'} active in one only>"


def compare(
    a: Any,
    b: Any,
    *,
    names: tuple[str, str] | None = None,
    classifier: Classifier | str | Path | None = None,
    au_detector: AUDetector | str = "builtin",
    params: FusionParams | None = None,
    target: str | None = None,
    layer: str | None = None,
    method: str = DEFAULT_METHOD,
    device: str | None = None,
) -> Comparison:
    """Set two faces or results side by side.

    Parameters
    ----------
    a, b : Result, Fusion or photo
        Results of two photos, or of one photo under two models, AU sources or settings; or photos
        as `xfera_nb.load_photo` takes them (a path, an array, a PIL image), of which the largest
        face is explained.
    names : tuple of str, optional
        Labels for the two; by default the photos' names, or A and B.
    classifier : Classifier or path, optional
        For photos; the shipped weights by default.
    au_detector : AUDetector or str
        For photos: the source of Action Units.
    params : FusionParams, optional
        For photos: the parameters of the fusion.
    target : str, optional
        For photos: the class to explain; the predicted one by default.
    layer : str, optional
        For photos: the layer at which the heatmap is taken; by default the classifier's own.
    method : str
        For photos: the saliency method, one of `xfera_nb.saliency.METHODS`.
    device : str, optional
        For photos: where the network computes, such as "cpu" or "cuda"; by default a GPU if there
        is one.

    Returns
    -------
    Comparison

    Raises
    ------
    PhotoError
        If a photo cannot be read; `NoFaceError` if it shows no face.
    ModelError, DetectorError
        If the weights or the AU source of a photo cannot be loaded, or there is no such layer.
    InputError
        If there is no such saliency method or device.

    Examples
    --------
    >>> import xfera_nb as xf
    >>> xf.compare("data/samples/C01HA.jpg", "data/samples/C01SU.jpg")  # doctest: +SKIP
    >>> one = xf.explain("data/samples/C01HA.jpg")  # doctest: +SKIP
    >>> print(xf.compare(one, one.with_params(k=0.5)))  # doctest: +SKIP
    """
    fusions = []
    for given in (a, b):
        if isinstance(given, Result):
            given = given.fusion
        elif not isinstance(given, Fusion):
            if not isinstance(classifier, Classifier):
                classifier = load_classifier(classifier, device=device or "auto")
            elif device is not None:
                classifier = classifier.on_device(device)
            if isinstance(au_detector, str):
                au_detector = load_detector(au_detector)
            face = find_faces(given)[0]
            evidence = gather(face, classifier, au_detector, layer=layer, method=method)
            given = fuse(evidence, params, target)
        fusions.append(given)
    if names is None:
        photos = [fusion.evidence.face.photo_name or "" for fusion in fusions]
        names = (photos[0], photos[1]) if all(photos) and photos[0] != photos[1] else ("A", "B")
    return Comparison(fusions[0], fusions[1], (str(names[0]), str(names[1])))


def _origin(fusion: Fusion) -> dict[str, str]:
    """Describe what the numbers of a fusion come from."""
    evidence = fusion.evidence
    heat = evidence.heatmap(fusion.target)
    values = {
        "photo": evidence.face.photo_name or "",
        "classifier": _named(evidence.classifier),
        "layer": heat.layer or "",
        "method": heat.method,
        "AU source": evidence.action_units.source,
        "neutral face": "subtracted" if evidence.action_units.neutral_calibrated else "not used",
        "target class": fusion.target,
    }
    return values | {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in fusion.params.to_dict().items()
    }


def _no_mean_reason(fusion: Fusion, numbers: Sequence[int]) -> str | None:
    if fusion.threshold is None:
        return "no positive evidence"
    outside = int(np.isnan(fusion.activation[np.array(numbers) - 1]).sum())
    if not outside:
        return None
    return f"not measurable: {outside} of {len(numbers)} landmarks outside the crop"


def _named(facts: Any) -> str:
    checksum = str(facts.get("sha256") or "")[:12]
    return " ".join(filter(None, (str(facts.get("name") or "unknown"), checksum)))


def _map_origin(fusion: Fusion) -> tuple[object, ...]:
    heat = fusion.evidence.heatmap(fusion.target)
    facts = fusion.evidence.classifier
    return facts.get("sha256"), facts.get("name"), heat.layer, heat.method
