"""AU by AU: how much the explained class loses when the AU's region is blurred.

Units: probabilities 0-1 with the classifier's temperature, falls and weights from -1 to 1 (negative
where the class gains); heat 0-1 of the map's own peak.

- Fall: the class's probability on the face, minus that on the face with the AU's region blurred
  (`perturb`, `regions`).
- Weight: the fall minus the mean fall of random regions of the same area on the same face. It is
  what the AU's place means to the answer beyond its size: above 0 the classifier leans on it.
- Random falls are measured at `LADDER` shares of the largest AU's area, with `DRAWS` regions each
  (`regions.random_masks`), and are interpolated linearly to an AU's own area, from no fall at area
  0. The regions of a draw lie within each other, so each draw is one line.
- Heat: the mean of the positive map over the AU's region. It does not depend on the fusion's
  parameters, unlike the heat of hot landmarks in `xfera_nb.fusion`.
- Rank correlation: Spearman's between weights and heat, over the different regions.

Source: occlusion in parts (Zeiler & Fergus 2014) with blur in black's place, as in Fong & Vedaldi
2017; the parts, the random regions and their number are ours. What it does not say: a blurred mouth
also hides what lies around it, AUs with the same landmarks cannot be told apart, and a place can
matter for what is not a movement (a beard, a shadow).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from xfera_nb.evaluation.map_checks.perturb import mixed, softened
from xfera_nb.evaluation.map_checks.ranks import rank_correlation
from xfera_nb.evaluation.map_checks.regions import Region, au_regions, face_mask, random_masks
from xfera_nb.faces import Face
from xfera_nb.facs.action_units import au_name
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.saliency import Heatmap

DRAWS = 4
"""Random regions of each area."""
LADDER = (1 / 3, 2 / 3, 1.0)
"""Their areas, as shares of the largest AU's."""


@dataclass(frozen=True)
class AUWeight:
    """One AU's weight.

    Attributes
    ----------
    au : int
    expected : bool
        Table 2 lists it for the explained emotion.
    area : int
        Of its region, crop pixels.
    fall : float or None
        None where the region lies outside of the crop.
    random_fall : float or None
        Mean fall of random regions of the same area.
    random_range : tuple of float or None
        Their least and greatest fall.
    heat : float or None
        None without positive evidence.
    shares : tuple of int
        Other AUs with the same region: they have the same numbers.
    """

    au: int
    expected: bool
    area: int
    fall: float | None
    random_fall: float | None
    random_range: tuple[float, float] | None
    heat: float | None
    shares: tuple[int, ...]

    @property
    def name(self) -> str:
        """As "AU06"."""
        return au_name(self.au)

    @property
    def weight(self) -> float | None:
        """Fall beyond that of random regions."""
        if self.fall is None or self.random_fall is None:
            return None
        return self.fall - self.random_fall

    @property
    def stands_out(self) -> bool | None:
        """Whether the fall is greater than that of every random region of this area."""
        if self.fall is None or self.random_range is None:
            return None
        return self.fall > self.random_range[1]


@dataclass(frozen=True)
class AUWeights:
    """The weights of all AUs that have landmarks.

    Attributes
    ----------
    rows : tuple of AUWeight
        In the order of `LANDMARK_AUS`.
    random_regions : int
        How many random regions were blurred.
    rank_correlation : float or None
        Spearman's, of weights and heat, -1 to 1.
    reason : str or None
        Why there is no rank correlation.
    """

    rows: tuple[AUWeight, ...] = field(repr=False)
    random_regions: int
    rank_correlation: float | None
    reason: str | None

    def of(self, au: int) -> AUWeight:
        """One AU's weight.

        Raises
        ------
        ValueError
            If the AU has no landmarks.
        """
        if au not in LANDMARK_AUS:
            raise ValueError(f"{au_name(au)} has no landmarks.")
        return self.rows[LANDMARK_AUS.index(au)]

    @property
    def ranked(self) -> tuple[AUWeight, ...]:
        """One row for each region, the greatest weight first; rows without a weight left out."""
        known = [
            (-row.weight, row.au, row)
            for row in self.rows
            if row.weight is not None and row.au <= min(row.shares, default=row.au)
        ]
        return tuple(row for *_, row in sorted(known, key=lambda one: one[:2]))


@dataclass(frozen=True, eq=False)
class Blurrings:
    """The regions to blur for the weights, before anything is measured.

    Attributes
    ----------
    regions : tuple of Region
        The AUs' different regions.
    areas : ndarray
        (L,) of the random regions, pixels.
    draws : int
    weights : ndarray
        (N, 224, 224) float32, 0-1: the regions that hold anything, then draws x L random ones.
    """

    regions: tuple[Region, ...]
    areas: np.ndarray
    draws: int
    weights: np.ndarray = field(repr=False)


def blurrings(
    face: Face, *, draws: int = DRAWS, ladder: tuple[float, ...] = LADDER, seed: int = 0
) -> Blurrings:
    """Choose the regions of a face.

    Parameters
    ----------
    face : Face
    draws : int
        Random regions of each area.
    ladder : tuple of float
        Their areas as shares of the largest AU's, ascending.
    seed : int
        Of the random regions.
    """
    points = face.crop_landmarks
    regions = _merged(au_regions(points))
    there = [region for region in regions if region.area]
    largest = max((region.area for region in there), default=0)
    shares = np.array(ladder if largest else ())
    areas = np.unique(np.rint(largest * shares).astype(int))
    random = random_masks(face_mask(points), areas.tolist(), draws, seed)
    masks = np.concatenate(
        [np.array([r.mask for r in there], bool).reshape(-1, *random.shape[2:]),
         random.reshape(-1, *random.shape[2:])]
    )  # fmt: skip
    return Blurrings(regions, areas, draws, softened(masks))


def pictures(picture: np.ndarray, blur: np.ndarray, chosen: Blurrings) -> np.ndarray:
    """The pictures (N, 224, 224), or with colours, uint8, whose probabilities `weigh` takes."""
    return mixed(picture, blur, chosen.weights)


def weigh(
    chosen: Blurrings,
    whole: float,
    probabilities: np.ndarray,
    heatmap: Heatmap,
    emotion: str,
) -> AUWeights:
    """The weights from the probabilities of `pictures`.

    Parameters
    ----------
    chosen : Blurrings
    whole : float
        The class's probability on the face itself.
    probabilities : ndarray
        (N,), of `pictures`.
    heatmap : Heatmap
    emotion : str
        The explained class.
    """
    falls = whole - np.asarray(probabilities, float)
    there = [region for region in chosen.regions if region.area]
    lines = falls[len(there) :].reshape(chosen.draws, -1)
    ladder = np.concatenate([[0], chosen.areas])
    lines = np.hstack([np.zeros((len(lines), 1)), lines])
    share = None
    if heatmap.has_positive_evidence:
        share = heatmap.upsampled() / heatmap.peak
    rows: dict[int, AUWeight] = {}
    ranks = []
    fallen = iter(falls)
    for region in chosen.regions:
        area = region.area
        fall = float(next(fallen)) if area else None
        random = np.array([np.interp(area, ladder, line) for line in lines]) if area else None
        heat = float(share[region.mask].mean()) if area and share is not None else None
        for au in region.aus:
            rows[au] = AUWeight(
                au=au,
                expected=au in EXPECTED_AUS[emotion],
                area=area,
                fall=fall,
                random_fall=None if random is None else float(random.mean()),
                random_range=None if random is None else (float(random.min()), float(random.max())),
                heat=heat,
                shares=tuple(other for other in region.aus if area and other != au),
            )
        weight = rows[region.aus[0]].weight
        if weight is not None and heat is not None:
            ranks.append((weight, heat))
    correlation, reason = _correlation(ranks, share is not None, emotion)
    ordered = tuple(rows[au] for au in LANDMARK_AUS)
    return AUWeights(ordered, lines[:, 1:].size, correlation, reason)


def _merged(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Regions that differ in their landmarks, but cover the same pixels on this face, as one."""
    same: dict[bytes, list[Region]] = {}
    for region in regions:
        same.setdefault(np.packbits(region.mask).tobytes(), []).append(region)
    return tuple(
        Region(tuple(sorted(au for one in group for au in one.aus)), group[0].mask)
        for group in same.values()
    )


def _correlation(
    ranks: list[tuple[float, float]], evidence: bool, emotion: str
) -> tuple[float | None, str | None]:
    if not evidence:
        return None, f"the map has no positive value for {emotion}, so no region has heat"
    if len(ranks) < 3:
        return None, "fewer than three regions lie on the crop"
    weights, heat = np.array(ranks).T
    value = rank_correlation(weights, heat)
    return value, None if value is not None else "all regions have the same weight or heat"
