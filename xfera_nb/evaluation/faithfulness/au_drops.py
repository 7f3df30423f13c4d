"""AU by AU: how far the target class's probability drops when the AU's region is blurred.

Units: probabilities 0-1 with the classifier's temperature, drops from -1 to 1 (negative where the
class gains); saliency 0-1 of the map's own peak.

- Probability drop: the class's probability on the face, minus that on the face with the AU's region
  blurred (`hiding`, `xfera_nb.saliency.perturbation`).
- Excess drop: the probability drop minus the mean drop of random regions of the same area on the
  same face: what the AU's place adds to its size. Above 0 the classifier relies on it.
- Random drops: in a quick check they are interpolated linearly to an AU's own area from regions of
  a few sizes; the regions of a draw lie within each other, so each draw is one line from no drop at
  area 0. A full check draws a random region of each AU region's own size.
- Whether the AUs' regions cost more than others: the greatest of some sixteen drops is great by
  chance. So the greatest drop of the AU regions is held against the greatest drop of as many random
  regions of the same sizes, in each of 19 draws (a full check). A quick check has too few random
  regions for that, and says so.
- Saliency: the mean of the positive map over the AU's region. It does not depend on the fusion's
  parameters.

Source: occlusion in parts (Zeiler & Fergus 2014) with blur instead of black, as in Fong & Vedaldi
2017; the parts, the random regions and their number are ours. What it does not say: a blurred mouth
also hides what lies around it, AUs with the same landmarks cannot be told apart, and a place can
matter for what is not an AU (a beard, a shadow).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from xfera_nb.errors import InputError
from xfera_nb.evaluation.faithfulness.hiding import DRAWS, HidingPlan
from xfera_nb.facs.action_units import au_name
from xfera_nb.facs.table2 import EXPECTED_AUS, LANDMARK_AUS


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


@dataclass(frozen=True)
class AUDrops:
    """Hold the drops of all AUs that have landmarks.

    Attributes
    ----------
    rows : tuple of AUDrop
        In the order of `LANDMARK_AUS`.
    random_regions : int
        How many random regions were blurred.
    greatest : float or None
        The greatest probability drop of an AU region.
    random_greatest : tuple of float
        The greatest drop of as many random regions of the same sizes, in each draw; empty in a
        quick check, which has too few random regions.
    """

    rows: tuple[AUDrop, ...] = field(repr=False)
    random_regions: int
    greatest: float | None
    random_greatest: tuple[float, ...]

    @property
    def share_as_great(self) -> float | None:
        """Return the p value of the greatest drop: the share of draws, it included, as great.

        One-sided, 0-1; None with fewer than `DRAWS` draws, or without a region on the crop.
        """
        if self.greatest is None or len(self.random_greatest) < DRAWS:
            return None
        as_great = sum(one >= self.greatest for one in self.random_greatest)
        return (1 + as_great) / (1 + len(self.random_greatest))

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


def random_drops(plan: HidingPlan, drops: np.ndarray) -> np.ndarray:
    """Return the drops of random regions of the AU regions' sizes.

    Parameters
    ----------
    plan : HidingPlan
    drops : ndarray
        (N,) of all copies of the plan.

    Returns
    -------
    ndarray
        (draws, A) float64, of each draw and AU region.
    """
    measured = drops[plan.random].reshape(plan.draws, -1)
    if plan.matched:
        return measured
    sizes = [region.area for region in plan.au_regions]
    ladder = np.concatenate([[0], plan.areas])
    lines = np.hstack([np.zeros((plan.draws, 1)), measured])
    return np.array([np.interp(sizes, ladder, line) for line in lines])


def collect_drops(
    plan: HidingPlan, drops: np.ndarray, saliency: np.ndarray | None, target: str
) -> AUDrops:
    """Put the drops of a plan's copies together, AU by AU.

    Parameters
    ----------
    plan : HidingPlan
    drops : ndarray
        (N,) fall of the target class's probability in each copy.
    saliency : ndarray or None
        (A,) mean of the positive map over each AU region, 0-1 of its peak; None without positive
        evidence.
    target : str
        The target class.
    """
    random = random_drops(plan, drops)
    own = drops[plan.aus]
    rows = {
        au: AUDrop(au, au in EXPECTED_AUS[target], 0, None, None, None, None, ())
        for au in plan.missing_aus
    }
    for place, region in enumerate(plan.au_regions):
        first = AUDrop(
            au=region.aus[0],
            expected=False,
            area=region.area,
            prob_drop=float(own[place]),
            random_drop=float(random[:, place].mean()),
            random_range=(float(random[:, place].min()), float(random[:, place].max())),
            saliency=None if saliency is None else float(saliency[place]),
            same_region=(),
        )
        for au in region.aus:
            others = tuple(other for other in region.aus if other != au)
            rows[au] = replace(
                first, au=au, expected=au in EXPECTED_AUS[target], same_region=others
            )
    return AUDrops(
        rows=tuple(rows[au] for au in LANDMARK_AUS),
        random_regions=plan.draws * len(plan.areas),
        greatest=float(own.max()) if len(own) else None,
        random_greatest=tuple(random.max(axis=1).tolist()) if plan.matched and len(own) else (),
    )
