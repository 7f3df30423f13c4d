"""AU by AU: how far the target class's probability drops when the AU's region is blurred.

Units: probabilities 0-1 with the classifier's temperature, drops from -1 to 1 (negative where the
class gains); saliency 0-1 of the map's own peak.

- Probability drop: the class's probability on the face, minus that on the face with the AU's region
  blurred (`xfera_nb.saliency.perturbation`, `regions`).
- Excess drop: the probability drop minus the mean drop of random regions of the same area on the
  same face: what the AU's place adds to its size. Above 0 the classifier relies on it.
- Random drops are measured at `LADDER` shares of the largest AU's area, with `DRAWS` regions each
  (`regions.random_masks`), and are interpolated linearly to an AU's own area, from no drop at area
  0. The regions of a draw lie within each other, so each draw is one line.
- Saliency: the mean of the positive map over the AU's region. It does not depend on the fusion's
  parameters.
- Rank correlation: Spearman's between excess drop and saliency, over the different regions.

Source: occlusion in parts (Zeiler & Fergus 2014) with blur instead of black, as in Fong & Vedaldi
2017; the parts, the random regions and their number are ours. What it does not say: a blurred mouth
also hides what lies around it, AUs with the same landmarks cannot be told apart, and a place can
matter for what is not an AU (a beard, a shadow).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from xfera_nb.errors import InputError
from xfera_nb.evaluation.faithfulness.regions import Region, au_regions, face_mask, random_masks
from xfera_nb.evaluation.faithfulness.sanity import rank_correlation
from xfera_nb.faces import Face
from xfera_nb.facs.action_units import au_name
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.saliency import Heatmap
from xfera_nb.saliency.perturbation import blend, soften_masks

DRAWS = 4
"""Random regions of each area."""
LADDER = (1 / 3, 2 / 3, 1.0)
"""Their areas, as shares of the largest AU's."""


@dataclass(frozen=True)
class AUDrop:
    """Hold what blurring one AU's region costs.

    Attributes
    ----------
    au : int
    expected : bool
        Table 2 lists it for the target class.
    area : int
        Of its region, crop pixels.
    prob_drop : float or None
        None where the region lies outside of the crop.
    random_drop : float or None
        Mean drop of random regions of the same area.
    random_range : tuple of float or None
        Their least and greatest drop.
    saliency : float or None
        None without positive evidence.
    same_region : tuple of int
        Other AUs with the same region: they have the same numbers.
    """

    au: int
    expected: bool
    area: int
    prob_drop: float | None
    random_drop: float | None
    random_range: tuple[float, float] | None
    saliency: float | None
    same_region: tuple[int, ...]

    @property
    def name(self) -> str:
        """Return the AU's code, as "AU06"."""
        return au_name(self.au)

    @property
    def excess_drop(self) -> float | None:
        """Return the drop beyond that of random regions."""
        if self.prob_drop is None or self.random_drop is None:
            return None
        return self.prob_drop - self.random_drop

    @property
    def exceeds_random(self) -> bool | None:
        """Whether the drop is greater than that of every random region of this area."""
        if self.prob_drop is None or self.random_range is None:
            return None
        return self.prob_drop > self.random_range[1]


@dataclass(frozen=True)
class AUDrops:
    """Hold the drops of all AUs that have landmarks.

    Attributes
    ----------
    rows : tuple of AUDrop
        In the order of `LANDMARK_AUS`.
    random_regions : int
        How many random regions were blurred.
    rank_correlation : float or None
        Spearman's, of excess drop and saliency, -1 to 1.
    reason : str or None
        Why there is no rank correlation.
    """

    rows: tuple[AUDrop, ...] = field(repr=False)
    random_regions: int
    rank_correlation: float | None
    reason: str | None

    def of(self, au: int) -> AUDrop:
        """Return one AU's drop.

        Raises
        ------
        InputError
            If the AU has no landmarks.
        """
        if au not in LANDMARK_AUS:
            raise InputError(f"{au_name(au)} has no landmarks.")
        return self.rows[LANDMARK_AUS.index(au)]

    @property
    def ranked(self) -> tuple[AUDrop, ...]:
        """Return one row for each region with an excess drop, the greatest first."""
        known = [
            (-row.excess_drop, row.au, row)
            for row in self.rows
            if row.excess_drop is not None and row.au <= min(row.same_region, default=row.au)
        ]
        return tuple(row for *_, row in sorted(known, key=lambda one: one[:2]))


@dataclass(frozen=True, eq=False)
class BlurPlan:
    """Hold the regions to blur, before anything is measured.

    Attributes
    ----------
    regions : tuple of Region
        The AUs' different regions.
    areas : ndarray
        (L,) of the random regions, pixels.
    draws : int
    weights : ndarray
        (N, 224, 224) float32, 0-1: the regions that are not empty, then draws x L random ones.
    """

    regions: tuple[Region, ...]
    areas: np.ndarray
    draws: int
    weights: np.ndarray = field(repr=False)


def plan_blurring(
    face: Face, *, draws: int = DRAWS, ladder: tuple[float, ...] = LADDER, seed: int = 0
) -> BlurPlan:
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
    regions = _merge_equal(au_regions(points))
    there = [region for region in regions if region.area]
    largest = max((region.area for region in there), default=0)
    shares = np.array(ladder if largest else ())
    areas = np.unique(np.rint(largest * shares).astype(int))
    random = random_masks(face_mask(points), areas.tolist(), draws, seed)
    masks = np.concatenate(
        [np.array([r.mask for r in there], bool).reshape(-1, *random.shape[2:]),
         random.reshape(-1, *random.shape[2:])]
    )  # fmt: skip
    return BlurPlan(regions, areas, draws, soften_masks(masks))


def blur_regions(picture: np.ndarray, blur: np.ndarray, plan: BlurPlan) -> np.ndarray:
    """Return the pictures whose probabilities `measure_drops` takes.

    Returns
    -------
    ndarray
        (N, 224, 224) or (N, 224, 224, 3) uint8.
    """
    return blend(picture, blur, plan.weights)


def measure_drops(
    plan: BlurPlan,
    whole: float,
    probabilities: np.ndarray,
    heatmap: Heatmap,
    target: str,
) -> AUDrops:
    """Compute the drops from the probabilities of `blur_regions`.

    Parameters
    ----------
    plan : BlurPlan
    whole : float
        The class's probability on the face itself.
    probabilities : ndarray
        (N,), of `blur_regions`.
    heatmap : Heatmap
    target : str
        The target class.
    """
    drops = whole - np.asarray(probabilities, float)
    there = [region for region in plan.regions if region.area]
    lines = drops[len(there) :].reshape(plan.draws, -1)
    ladder = np.concatenate([[0], plan.areas])
    lines = np.hstack([np.zeros((len(lines), 1)), lines])
    share = None
    if heatmap.has_positive_evidence:
        share = heatmap.upsampled() / heatmap.peak
    rows: dict[int, AUDrop] = {}
    pairs = []
    measured = iter(drops)
    for region in plan.regions:
        area = region.area
        random = np.array([np.interp(area, ladder, line) for line in lines]) if area else None
        first = AUDrop(
            au=region.aus[0],
            expected=False,
            area=area,
            prob_drop=float(next(measured)) if area else None,
            random_drop=None if random is None else float(random.mean()),
            random_range=None if random is None else (float(random.min()), float(random.max())),
            saliency=float(share[region.mask].mean()) if area and share is not None else None,
            same_region=(),
        )
        for au in region.aus:
            others = tuple(other for other in region.aus if area and other != au)
            expected = au in EXPECTED_AUS[target]
            rows[au] = replace(first, au=au, expected=expected, same_region=others)
        if first.excess_drop is not None and first.saliency is not None:
            pairs.append((first.excess_drop, first.saliency))
    correlation, reason = _correlate(pairs, share is not None, target)
    ordered = tuple(rows[au] for au in LANDMARK_AUS)
    return AUDrops(ordered, lines[:, 1:].size, correlation, reason)


def _merge_equal(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Merge regions that differ in their landmarks, but cover the same pixels on this face."""
    same: dict[bytes, list[Region]] = {}
    for region in regions:
        same.setdefault(np.packbits(region.mask).tobytes(), []).append(region)
    return tuple(
        Region(tuple(sorted(au for one in group for au in one.aus)), group[0].mask)
        for group in same.values()
    )


def _correlate(
    pairs: list[tuple[float, float]], evidence: bool, target: str
) -> tuple[float | None, str | None]:
    if not evidence:
        return None, f"the map has no positive value for {target}, so no region is salient"
    if len(pairs) < 3:
        return None, "fewer than three regions lie on the crop"
    drops, saliency = np.array(pairs).T
    value = rank_correlation(drops, saliency)
    return value, None if value is not None else "all regions have the same drop or saliency"
