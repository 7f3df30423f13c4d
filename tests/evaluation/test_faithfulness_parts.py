"""The parts of a map's checks, each with numbers worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from xfera_nb.evaluation.faithfulness import (
    Overlap,
    au_drops,
    hiding,
    interpretation,
    overlap,
    perturbation_curves,
    randomisation,
    regions,
    sanity,
)
from xfera_nb.evaluation.faithfulness.correlation import rank_correlation
from xfera_nb.faces import CROP_SIZE, find_faces
from xfera_nb.facs import LANDMARK_AUS, au_landmarks
from xfera_nb.saliency import Heatmap, perturbation


class NoNoise:
    def normal(self, mean, spread, shape):
        return np.zeros(shape)


@pytest.fixture(scope="module")
def face(request):
    return find_faces(request.config.rootpath / "data" / "samples" / "C01HA.jpg")[0]


# Regions


def test_landmarks_are_put_together_by_feature_and_side():
    assert regions.group_landmarks(12) == (tuple(range(49, 69)),)
    assert regions.group_landmarks(1) == ((18, 19, 20, 21, 22), (23, 24, 25, 26, 27))
    assert regions.group_landmarks(14) == ((49, 60, 61), (55, 56, 65))
    assert regions.group_landmarks(17) == ((8, 9, 10), (56, 57, 58, 59, 60))


def test_a_region_holds_its_landmarks_and_a_margin_around_them(face):
    points = np.rint(face.crop_landmarks).astype(int)
    for au in LANDMARK_AUS:
        mask = regions.au_mask(au, face.crop_landmarks)
        x, y = points[np.array(au_landmarks(au)) - 1].T
        inside = (x >= 0) & (x < CROP_SIZE) & (y >= 0) & (y < CROP_SIZE)
        assert inside.any() and mask[y[inside], x[inside]].all()
        assert not (mask & ~regions.face_mask(face.crop_landmarks)).any()


def test_one_point_becomes_a_disc():
    points = np.full((68, 2), 100.0)
    mask = regions.au_mask(9, points)
    assert mask[100, 108] and not mask[100, 109] and mask[92, 100] and not mask[91, 100]
    assert not mask[93, 93]  # a square would hold it: 7 pixels away both ways
    assert regions.au_mask(9, points + 1000).sum() == 0


def test_neutral_has_no_region(face):
    assert regions.emotion_mask("neutral", face.crop_landmarks) is None
    both = regions.au_mask(6, face.crop_landmarks) | regions.au_mask(12, face.crop_landmarks)
    assert np.array_equal(regions.emotion_mask("happiness", face.crop_landmarks), both)


def test_random_regions_have_their_area_lie_on_the_face_and_within_each_other():
    on = np.zeros((40, 50), bool)
    on[5:35, 10:45] = True
    masks = regions.random_masks(on, [100, 400, 10_000], 6, seed=3)
    assert masks.shape == (6, 3, 40, 50)
    assert masks.sum(axis=(2, 3)).tolist() == [[100, 400, on.sum()]] * 6
    assert not (masks & ~on).any() and not (masks[:, 0] & ~masks[:, 1]).any()
    assert np.array_equal(masks, regions.random_masks(on, [100, 400, 10_000], 6, seed=3))
    assert not np.array_equal(masks, regions.random_masks(on, [100, 400, 10_000], 6, seed=4))


# Blur and imputation


def test_mixing_is_blur_in_the_region_and_the_face_elsewhere():
    grey = np.zeros((CROP_SIZE, CROP_SIZE), np.uint8)
    grey[:, 112:] = 200
    blur = perturbation.blur_picture(grey)
    assert blur[100, 20] == pytest.approx(0, abs=0.01)
    assert blur[100, 111] == pytest.approx(97.5, abs=2)
    mask = np.zeros((1, CROP_SIZE, CROP_SIZE), bool)
    mask[0, 50:150, 50:150] = True
    (picture,) = perturbation.blend(grey, blur, perturbation.soften_masks(mask))
    assert picture[100, 111] == round(float(blur[100, 111]))
    assert picture[20, 111] == 0 and picture[20, 112] == 200
    colour = np.repeat(grey[..., None], 3, axis=-1)
    (colours,) = perturbation.blend(
        colour, perturbation.blur_picture(colour), perturbation.soften_masks(mask)
    )
    assert np.array_equal(colours[..., 1], picture)


def test_a_removed_corner_is_the_weighted_mean_of_its_three_neighbours():
    picture = np.array([[0, 60, 0], [30, 100, 0], [0, 0, 0]], np.uint8)
    removed = np.zeros((3, 3), bool)
    removed[0, 0] = True
    filled = perturbation.impute(picture, removed, NoNoise())
    assert filled[0, 0] == 56  # (2 * 60 + 2 * 30 + 100) / 5
    filled[0, 0] = 0
    assert np.array_equal(filled, picture)


def test_imputation_goes_on_where_the_picture_is_a_ramp():
    ramp = np.tile(np.arange(0, 240, 5, dtype=np.uint8), (48, 1))
    removed = np.zeros((48, 48), bool)
    removed[10:30, 12:40] = True
    filled = perturbation.impute(ramp, removed, NoNoise())
    assert np.abs(filled.astype(int) - ramp).max() <= 1
    noisy = perturbation.impute(ramp, removed, np.random.default_rng(0)).astype(float) - ramp
    assert noisy[removed].std() == pytest.approx(2.55, rel=0.15)
    assert not noisy[~removed].any()
    with pytest.raises(ValueError, match="No pixel"):
        perturbation.impute(ramp, np.ones((48, 48), bool), NoNoise())


# Curves


def test_the_order_is_the_signed_map_from_high_to_low():
    heatmap = Heatmap([[1, 3], [-2, 2]], "fear", "x", "gradcam")
    assert perturbation_curves.rank_pixels(heatmap, 2).tolist() == [1, 3, 0, 2]
    assert perturbation_curves.rank_pixels(Heatmap([[-1, -2]], "fear", "x", "gradcam"), 2) is None
    assert perturbation_curves.rank_pixels(Heatmap([[1, 1]], "fear", "x", "gradcam"), 2) is None


def test_deletion_and_insertion_of_a_class_that_is_the_left_half():
    """The class reads how dark the left half is; the face is black and its blur, here, white."""
    order = np.argsort(np.tile([0, 0, 1, 1], (4, 1)), axis=None, kind="stable")
    face, blur = np.zeros((4, 4), np.uint8), np.full((4, 4), 255, np.float32)

    def score(order):
        pictures = perturbation_curves.make_blur_steps(face, blur, order, 4)
        read = 1 - pictures[:, :, :2].mean(axis=(1, 2)) / 255
        return perturbation_curves.score_deletion_insertion(1.0, 0.0, read)

    check = score(order)
    assert check.morf.fractions == (0, 0.25, 0.5, 0.75, 1)
    assert check.morf.probabilities == (1, 0.5, 0, 0, 0)
    assert check.lerf.probabilities == (0, 0.5, 1, 1, 1)
    assert (check.morf.auc, check.lerf.auc, check.auc_gap) == (0.25, 0.75, 0.5)
    assert score(order[::-1]).auc_gap == -0.5


def test_road_removes_the_most_relevant_then_the_least():
    picture = np.full((10, 10), 40, np.uint8)
    picture[:, 0] = 240
    order = np.argsort(np.tile(np.arange(10), (10, 1)), axis=None, kind="stable")
    most, least = perturbation_curves.make_removal_steps(picture, order, (0.1,), seed=0)
    assert most[:, 0].max() < 60 and least[:, 0].min() == 240
    check = perturbation_curves.score_road((0.2, 0.8), np.array([0.5, 0.1, 0.9, 0.3]))
    assert check.morf.probabilities == (0.5, 0.1) and check.lerf.probabilities == (0.9, 0.3)
    assert check.auc_gap == pytest.approx(0.3)


# Drops


def drops_of(plan, features=0.0, aus=0.0, random=0.0):
    """Falls of a plan's copies; each part one number, or one a copy."""
    drops = np.zeros(plan.size)
    drops[plan.features], drops[plan.aus], drops[plan.random] = features, aus, random
    return drops


def test_excess_drops_are_beyond_those_of_random_regions_of_the_same_area(face):
    plan = hiding.plan_hiding(face.crop_landmarks, seed=1)
    largest = max(region.area for region in plan.au_regions)
    assert plan.areas.tolist() == [round(largest / 3), round(2 * largest / 3), largest]
    assert len(plan.blurred) == 6 + len(plan.au_regions) + 12 + hiding.SETS + 1
    # Each AU takes 0.3; the random regions 0.1, 0.2 and 0.4 in one draw, nothing in the others.
    drops = drops_of(plan, aus=0.3, random=[0.1, 0.2, 0.4] + 9 * [0.0])
    saliency = np.linspace(0, 1, len(plan.au_regions))
    found = au_drops.collect_drops(plan, drops, saliency, "happiness")
    row = found.of(12)
    random = np.interp(row.area, [0, *plan.areas], [0, 0.1, 0.2, 0.4])
    assert row.prob_drop == pytest.approx(0.3) and row.random_drop == pytest.approx(random / 4)
    assert row.excess_drop == pytest.approx(0.3 - random / 4)
    assert row.random_range == pytest.approx((0, random))
    assert row.expected and {22, 23, 24, 25} <= set(row.same_region) and found.random_regions == 12
    assert found.share_as_great is None and found.greatest == pytest.approx(0.3)
    assert [one.au for one in found.ranked] == sorted(
        (one.au for one in found.ranked), key=lambda au: -found.of(au).excess_drop
    )
    assert sum(1 + len(one.same_region) for one in found.ranked) == len(LANDMARK_AUS)


def test_the_costliest_au_is_held_against_the_costliest_of_as_many_random_regions(face):
    plan = hiding.plan_hiding(face.crop_landmarks, full=True)
    count = len(plan.au_regions)
    sizes = [region.area for region in plan.au_regions]
    random = plan.blurred[plan.random].reshape(19, count, 224, 224)
    assert np.rint(random.sum(axis=(2, 3))).astype(int)[3] == pytest.approx(sizes, rel=0.02)
    # In two of 19 draws one random region costs more than the costliest AU.
    costs = np.zeros((19, count))
    costs[4, 0] = costs[11, 5] = 0.5
    aus = np.linspace(0.1, 0.4, count)
    drops = drops_of(plan, aus=aus, random=costs.ravel())
    found = au_drops.collect_drops(plan, drops, None, "fear")
    assert found.share_as_great == pytest.approx(3 / 20)
    assert interpretation.interpret_au_drops(found, "fear").verdict == "inconclusive"
    for cost, verdict in ((0.1, "pass"), (0.9, "fail")):
        drops = drops_of(plan, aus=aus, random=cost)
        found = au_drops.collect_drops(plan, drops, None, "fear")
        assert interpretation.interpret_au_drops(found, "fear").verdict == verdict
    quick = hiding.plan_hiding(face.crop_landmarks)
    few = au_drops.collect_drops(quick, drops_of(quick, aus=0.9), None, "fear")
    told = interpretation.interpret_au_drops(few, "fear")
    assert told.verdict == "inconclusive" and "too few to judge" in told.beside


def test_an_au_that_is_not_on_the_crop_has_no_drop(face):
    points = face.crop_landmarks.copy()
    points[:17] += 1000  # the chin is gone, and with it AU16's half
    points[17:27] -= 1000
    plan = hiding.plan_hiding(points)
    found = au_drops.collect_drops(plan, drops_of(plan), np.ones(len(plan.au_regions)), "fear")
    brow = found.of(1)
    assert (brow.prob_drop, brow.excess_drop, brow.saliency) == (None,) * 3
    assert found.of(12).prob_drop == 0 and 1 not in [row.au for row in found.ranked]
    with pytest.raises(ValueError, match="AU11"):
        found.of(11)


def test_sets_hide_a_quarter_of_the_cells_in_patches():
    sets = hiding.draw_sets(40, np.random.default_rng(0))
    cells = sets[:, 16::32, 16::32]
    assert sets.shape == (40, 224, 224) and (cells.sum(axis=(1, 2)) == hiding.CELLS).all()
    assert np.array_equal(sets, np.kron(cells, np.ones((32, 32), bool)))
    beside = (cells[:, 1:] & cells[:, :-1]).sum(axis=(1, 2)).mean()
    assert beside > 5  # drawn one by one: 42 pairs of which each is hidden in 1 of 17: 2.4


# Sanity


def test_ranks_of_cells():
    one = np.arange(6.0).reshape(2, 3)
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    # Ranks 1, 2.5, 2.5, 4 and 2, 1, 3, 4: products sum to 3, squares to 4.5 and 5.
    assert rank_correlation([1, 2, 2, 9], [2, 1, 3, 4]) == pytest.approx(3 / 22.5**0.5)
    assert rank_correlation(one, np.ones((2, 3))) is None
    assert rank_correlation(one, np.full((2, 3), np.nan)) is None
    assert rank_correlation(one, one.T) is None


def test_attention_is_compared_cell_by_cell_on_the_coarser_grid():
    shown = Heatmap([[1, 2], [3, 4]], "fear", "layer4.2", "gradcam")
    fine = np.kron(shown.values, np.ones((3, 3)))
    even = np.ones((4, 4))
    found = sanity.compare_attention({"bam1": fine, "bam2": -fine, "bam3": even}, shown)
    assert [one.layer for one in found] == ["bam1", "bam2", "bam3"]
    assert [one.correlation for one in found[:2]] == pytest.approx([1, -1])
    assert found[2].correlation is None and "same value" in found[2].reason


def test_random_weights_are_compared_by_their_absolute_correlation():
    """Maps that are the true one or its reverse agree perfectly, though their mean is 0."""
    own = np.arange(49.0).reshape(7, 7)
    shown = Heatmap(own, "fear", "layer4.2", "gradcam")
    found = sanity.compare_random_maps(np.stack([own, -own] * 10), shown)
    assert (found.absolute, found.between, found.maps) == (pytest.approx(1), pytest.approx(1), 20)
    noise = np.random.default_rng(0).standard_normal((99, 7, 7))
    found = sanity.compare_random_maps(noise, shown)
    assert 0.08 < found.absolute < 0.16 and found.between == pytest.approx(0.115, abs=0.02)
    even = sanity.compare_random_maps(np.ones((99, 7, 7)), shown)
    assert even.absolute is None and "same value" in even.reason


def test_random_weights_are_he_normal_and_seeded():
    def fresh(seed):
        torch.manual_seed(9)
        part = torch.nn.Sequential(
            torch.nn.Conv2d(4, 200, 3), torch.nn.BatchNorm2d(200), torch.nn.Linear(200, 50)
        )
        part[1].running_var.fill_(7)
        part[0].bias.data.fill_(3)
        return randomisation.randomise(part, torch.Generator().manual_seed(seed))

    part = fresh(0)
    assert part[0].weight.std().item() == pytest.approx((2 / (200 * 9)) ** 0.5, rel=0.05)
    assert part[2].weight.std().item() == pytest.approx((2 / 50) ** 0.5, rel=0.05)
    assert not part[0].bias.any() and (part[1].running_var == 1).all()
    assert torch.equal(part[0].weight, fresh(0)[0].weight)
    assert not torch.equal(part[0].weight, fresh(1)[0].weight)


# Overlap


def test_overlap_of_two_rectangles():
    expected = np.zeros((CROP_SIZE, CROP_SIZE), bool)
    expected[:, :20] = True
    share = np.zeros((CROP_SIZE, CROP_SIZE))
    share[:, 10:30] = 0.8
    share[:, 100:110] = 0.4
    on = overlap.ExpectedRegion(expected, 0.5, share, True)
    found = overlap.compute_overlap(SimpleNamespace(threshold=0.5), on)
    assert found.iou == pytest.approx(1 / 3)  # 10 columns of 30
    assert found.salient_share == pytest.approx(20 / CROP_SIZE)
    assert found.expected_share == pytest.approx(20 / CROP_SIZE)
    assert (found.hit, found.chance, found.reason) == (True, 0.5, None)
    assert overlap.compute_overlap(SimpleNamespace(threshold=0.3), on).iou == pytest.approx(10 / 40)
    assert overlap.compute_overlap(SimpleNamespace(threshold=2.0), on).iou == 0


def test_the_pointing_game_allows_fifteen_pixels(face):
    mouth = regions.au_mask(12, face.crop_landmarks)
    lowest = np.flatnonzero(mouth.any(axis=1)).max()
    column = np.flatnonzero(mouth[lowest])[0]
    near = overlap._near(mouth)
    assert near[lowest + 15, column] and not near[lowest + 17, column]


# Interpretation


def test_neither_overlap_nor_the_pointing_game_has_a_verdict_on_one_face():
    iou, pointing = interpretation.interpret_overlap(Overlap(0.5, True, 0.4, 0.1, 0.2))
    assert (iou.verdict, pointing.verdict) == (None, None)
    assert iou.figure == "IoU 0.50 (salient 10%, expected 20% of the crop)"
    iou, pointing = interpretation.interpret_overlap(Overlap(reason="Table 2 lists no AUs"))
    assert (iou.verdict, pointing.verdict) == (None, None)
    assert pointing.figure == "none: Table 2 lists no AUs"
