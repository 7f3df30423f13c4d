"""Choose the copies of a face with something hidden that all maps of the face are judged on.

No copy depends on a map, so the classifier sees each of them once, and any number of maps (the
face's own and those that explain nothing) are held against the same falls.

Copies, in this order
    face regions: brows, eyes, nose, cheeks, mouth, chin (`xfera_nb.faces.regions`), blurred.
    AU regions: the different regions of the Action Units (`regions`), blurred.
    random regions: regions of the AUs' sizes anywhere on the face, blurred.
    sets of cells: `CELLS` of a 7x7 grid's cells, anywhere in the crop, blurred.
    imputed sets of cells: others, filled in from around them as ROAD does.
    all: the whole crop, blurred.

Sets of cells are drawn in patches rather than one by one: normal noise is smoothed over the grid
(`SMOOTHING` cells) and its highest cells are taken. Cells drawn one by one hide as much of every
feature, whichever they are, and the copies hardly differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from xfera_nb.evaluation.faithfulness.regions import Region, au_regions, face_mask, random_masks
from xfera_nb.faces.align import CROP_SIZE
from xfera_nb.faces.regions import face_region_masks
from xfera_nb.saliency.perturbation import blend, blur_picture, impute, soften_masks

GRID = 7
CELLS = 12
"""Cells of a set, a quarter of the grid's."""
SETS = 12
"""Sets of cells that are blurred, and as many that are imputed."""
SMOOTHING = 1.2
LINES = 4
"""Draws of random regions in a quick check, each in the sizes of `LADDER`."""
LADDER = (1 / 3, 2 / 3, 1.0)
"""Sizes of random regions in a quick check, as shares of the largest AU's."""
DRAWS = 19
"""Draws of as many random regions as there are AU regions, in a full check: the least with which
the greatest of 20 (one in twenty) can be told."""


@dataclass(frozen=True, eq=False)
class HidingPlan:
    """Hold what is hidden in each copy, before anything is measured.

    Attributes
    ----------
    face_regions : ndarray
        (6, 224, 224) bool.
    au_regions : tuple of Region
        The AUs' different regions that lie on the crop.
    missing_aus : tuple of int
        AUs whose region lies outside of the crop.
    areas : ndarray
        (L,) sizes of the random regions of a draw, pixels.
    draws : int
    matched : bool
        Whether each draw has one region for each AU region, of its size and in a place of its own.
        Otherwise its regions are those of `LADDER`, each within the next.
    blurred : ndarray
        (B, 224, 224) float32, 0-1: how much of each pixel is blurred in each blurred copy.
    imputed : ndarray
        (M, 224, 224) bool, what is filled in in each imputed copy.
    """

    face_regions: np.ndarray = field(repr=False)
    au_regions: tuple[Region, ...]
    missing_aus: tuple[int, ...]
    areas: np.ndarray
    draws: int
    matched: bool
    blurred: np.ndarray = field(repr=False)
    imputed: np.ndarray = field(repr=False)

    @property
    def features(self) -> slice:
        """Return the copies with a face region hidden."""
        return slice(0, len(self.face_regions))

    @property
    def aus(self) -> slice:
        """Return the copies with an AU region hidden."""
        start = self.features.stop
        return slice(start, start + len(self.au_regions))

    @property
    def random(self) -> slice:
        """Return the copies with a random region hidden, draw by draw."""
        start = self.aus.stop
        return slice(start, start + self.draws * len(self.areas))

    @property
    def sets(self) -> slice:
        """Return the copies with a set of cells blurred."""
        start = self.random.stop
        return slice(start, start + SETS)

    @property
    def whole(self) -> int:
        """Return the copy that is blurred everywhere."""
        return len(self.blurred) - 1

    @property
    def size(self) -> int:
        """Return the number of copies; the imputed ones come last."""
        return len(self.blurred) + len(self.imputed)


def plan_hiding(crop_landmarks: np.ndarray, *, full: bool = False, seed: int = 0) -> HidingPlan:
    """Choose what to hide.

    Parameters
    ----------
    crop_landmarks : ndarray
        (68, 2) x, y in crop pixels.
    full : bool
        Draw `DRAWS` times as many random regions as there are AU regions.
    seed : int
        Of the random regions and the sets of cells.
    """
    rng = np.random.default_rng(seed)
    features = face_region_masks(crop_landmarks)
    regions = _merge_equal(au_regions(crop_landmarks))
    there = tuple(region for region in regions if region.area)
    missing = tuple(au for region in regions if not region.area for au in region.aus)
    on = face_mask(crop_landmarks)
    areas = np.array([region.area for region in there], int)
    if full:
        draws = DRAWS
        random = np.concatenate(
            [np.zeros((draws, 0, CROP_SIZE, CROP_SIZE), bool)]
            + [random_masks(on, [area], draws, rng) for area in areas],
            axis=1,
        )
    else:
        draws = LINES
        shares = np.array(LADDER) * areas.max(initial=0)
        areas = np.unique(np.rint(shares).astype(int)) if len(there) else areas
        random = random_masks(on, areas.tolist(), draws, rng)
    sets, imputed = np.split(draw_sets(2 * SETS, rng), 2)
    masks = np.concatenate(
        [
            features,
            np.array([region.mask for region in there], bool).reshape(-1, *on.shape),
            random.reshape(-1, *on.shape),
            sets,
            np.ones((1, *on.shape), bool),
        ]
    )
    blurred = soften_masks(masks)
    return HidingPlan(features, there, missing, areas, draws, full, blurred, imputed)


def draw_sets(count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw sets of `CELLS` of the grid's cells, in patches: (N, 224, 224) bool."""
    sets = np.zeros((count, GRID * GRID), bool)
    for row in sets:
        noise = cv2.GaussianBlur(
            rng.standard_normal((GRID, GRID)), (0, 0), SMOOTHING, borderType=cv2.BORDER_REFLECT
        )
        row[np.argsort(-noise, axis=None)[:CELLS]] = True
    cell = np.ones((CROP_SIZE // GRID,) * 2, bool)
    return np.kron(sets.reshape(-1, GRID, GRID), cell)


def make_copies(
    picture: np.ndarray, plan: HidingPlan, detail: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Make the copies of a face.

    Parameters
    ----------
    picture : ndarray
        (224, 224) or (224, 224, 3) uint8, in the colours that the classifier sees.
    plan : HidingPlan
    detail : int
        Side of the imputed copies, pixels: the finest that the classifier's input rule lets
        through.
    rng : Generator
        Of the imputation's noise.

    Returns
    -------
    blurred : ndarray
        (B, 224, 224) or with colours, uint8.
    imputed : ndarray
        (M, detail, detail) or with colours, uint8.
    """
    fine = cv2.resize(picture, (detail,) * 2, interpolation=cv2.INTER_AREA)
    removed = [
        cv2.resize(mask.astype(np.uint8), (detail,) * 2, interpolation=cv2.INTER_NEAREST) > 0
        for mask in plan.imputed
    ]
    imputed = np.stack([impute(fine, mask, rng) for mask in removed])
    return blend(picture, blur_picture(picture), plan.blurred), imputed


def average_to(weights: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Average weights (N, S, S) over the cells of a grid (h, w): (N, h, w) float64."""
    grids = [
        cv2.resize(one.astype(np.float32), shape[::-1], interpolation=cv2.INTER_AREA)
        for one in weights
    ]
    return np.array(grids, float).reshape(-1, *shape)


def _merge_equal(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Merge regions that differ in their landmarks, but cover the same pixels on this face."""
    same: dict[bytes, list[Region]] = {}
    for region in regions:
        same.setdefault(np.packbits(region.mask).tobytes(), []).append(region)
    return tuple(
        Region(tuple(sorted(au for one in group for au in one.aus)), group[0].mask)
        for group in same.values()
    )
