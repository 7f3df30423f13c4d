"""The parts of a map's checks, each with numbers worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from xfera_nb.evaluation.faithfulness import (
    CurvePair,
    Overlap,
    au_drops,
    interpretation,
    overlap,
    perturbation_curves,
    randomisation,
    regions,
    sanity,
)
from xfera_nb.evaluation.faithfulness.sanity import rank_correlation
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
    pictures = perturbation_curves.make_blur_steps(face, blur, order, 4)
    read = 1 - pictures[:, :, :2].mean(axis=(1, 2)) / 255
    check = perturbation_curves.score_deletion_insertion(1.0, read)
    assert check.morf.fractions == (0, 0.25, 0.5, 0.75, 1)
    assert check.morf.probabilities == (1, 0.5, 0, 0, 0)
    assert check.lerf.probabilities == (0, 0.5, 1, 1, 1)
    assert (check.morf.auc, check.lerf.auc, check.auc_gap) == (0.25, 0.75, 0.5)
    upside_down = perturbation_curves.make_blur_steps(face, blur, order[::-1], 4)
    worst = perturbation_curves.score_deletion_insertion(
        1.0, 1 - upside_down[:, :, :2].mean(axis=(1, 2)) / 255
    )
    assert worst.auc_gap == -0.5


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


def test_weights_are_falls_beyond_those_of_random_regions_of_the_same_area(face):
    chosen = au_drops.plan_blurring(face, draws=2, ladder=(0.5, 1.0), seed=1)
    there = len(chosen.regions)
    assert len(chosen.weights) == there + 4
    largest = max(region.area for region in chosen.regions)
    assert chosen.areas.tolist() == [round(largest / 2), largest]
    # Each AU takes 0.3; the random regions 0.1 and 0.2 in one draw, nothing in the other.
    probabilities = np.full(there + 4, 0.7)
    probabilities[there:] = [1 - 0.1, 1 - 0.2, 1.0, 1.0]
    nose = Heatmap(np.eye(7), "happiness", "x", "gradcam")
    found = au_drops.measure_drops(chosen, 1.0, probabilities, nose, "happiness")
    row = found.of(12)
    random = 0.5 * np.interp(row.area, [0, *chosen.areas], [0, 0.1, 0.2])
    assert row.prob_drop == pytest.approx(0.3) and row.random_drop == pytest.approx(random)
    assert row.excess_drop == pytest.approx(0.3 - random)
    assert row.random_range == pytest.approx((0, 2 * random)) and row.exceeds_random
    assert row.expected and {22, 23, 24, 25} <= set(row.same_region) and found.random_regions == 4
    share = nose.upsampled() / nose.peak
    assert row.saliency == pytest.approx(share[regions.au_mask(12, face.crop_landmarks)].mean())
    assert [one.au for one in found.ranked] == sorted(
        (one.au for one in found.ranked), key=lambda au: -found.of(au).excess_drop
    )
    assert sum(1 + len(one.same_region) for one in found.ranked) == len(LANDMARK_AUS)


def test_ranks_agree_when_the_greatest_fall_is_where_the_map_is_hottest(face):
    chosen = au_drops.plan_blurring(face)
    ramp = Heatmap(np.arange(49.0).reshape(7, 7), "fear", "x", "gradcam")
    share = ramp.upsampled()
    saliency = np.array([share[region.mask].mean() for region in chosen.regions])
    drops = np.concatenate(
        [saliency / saliency.max(), np.zeros(len(chosen.weights) - len(saliency))]
    )
    for sign in (1, -1):
        found = au_drops.measure_drops(chosen, 0.0, -sign * drops, ramp, "fear")
        assert found.rank_correlation == pytest.approx(sign) and found.reason is None
    negative = Heatmap(-np.ones((7, 7)), "fear", "x", "gradcam")
    found = au_drops.measure_drops(chosen, 0.0, -drops, negative, "fear")
    assert found.rank_correlation is None and "no positive value for fear" in found.reason
    assert found.of(12).saliency is None and found.of(12).prob_drop == pytest.approx(
        drops.max(), abs=1
    )


def test_an_au_that_is_not_on_the_crop_has_no_weight(face):
    away = SimpleNamespace(crop_landmarks=face.crop_landmarks.copy())
    away.crop_landmarks[:17] += 1000  # the chin is gone, and with it AU16's half
    away.crop_landmarks[17:27] -= 1000
    chosen = au_drops.plan_blurring(away)
    probabilities = np.full(len(chosen.weights), 0.5)
    shown = Heatmap(np.eye(7), "fear", "x", "gradcam")
    found = au_drops.measure_drops(chosen, 0.5, probabilities, shown, "fear")
    brow = found.of(1)
    assert (
        brow.prob_drop,
        brow.excess_drop,
        brow.exceeds_random,
        brow.saliency,
        brow.same_region,
    ) == (None,) * 4 + ((),)
    assert found.of(12).prob_drop == 0
    assert 1 not in [row.au for row in found.ranked]
    with pytest.raises(ValueError, match="AU11"):
        found.of(11)


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


def test_outputs_drawn_without_weights_vary_as_those_of_drawn_weights():
    """Variance between two cells: 2 / (channels * kernel's area) times their patches' product."""
    x = torch.arange(9.0).reshape(1, 1, 3, 3)
    conv = torch.nn.Conv2d(1, 40_000, 2, stride=1, padding=0, bias=False)
    found = randomisation.random_output(conv, x, torch.Generator().manual_seed(0))
    assert found.shape == (1, 40_000, 2, 2)
    # Patches (0 1 3 4), (1 2 4 5), (3 4 6 7), (4 5 7 8); the first with each: 26, 34, 50, 58.
    spread = 2 / (40_000 * 4)
    cells = found[0].flatten(1).double()
    products = (cells.T @ cells / len(cells) / spread).numpy()
    assert products[0] == pytest.approx([26, 34, 50, 58], rel=0.03)
    assert products[3, 3] == pytest.approx(16 + 25 + 49 + 64, rel=0.03)
    randomisation.randomise(conv, torch.Generator().manual_seed(1))
    cells = conv(x)[0].flatten(1).detach().double()
    assert (cells.T @ cells / len(cells) / spread).numpy() == pytest.approx(products, rel=0.05)


def test_a_drawn_output_has_the_convolutions_shape_and_ends_where_its_input_does():
    conv = torch.nn.Conv2d(6, 5, 3, stride=2, padding=2, dilation=2)
    x = torch.randn(1, 6, 9, 14, generator=torch.Generator().manual_seed(0))
    x[..., 5:] = 0
    found = randomisation.random_output(conv, x, torch.Generator().manual_seed(0))
    assert found.shape == conv(x).shape
    # The last cells see only zeros.
    assert found[..., -1].abs().max() < 1e-5 < found[..., 0].abs().min()


def test_only_folded_blocks_are_drawn_by_their_outputs():
    with pytest.raises(TypeError, match="folded blocks"):
        randomisation.random_stage([torch.nn.ReLU()], torch.ones(1, 4, 2, 2), torch.Generator())


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


@pytest.mark.parametrize(
    ("gap", "verdict"),
    [(0.05, "pass"), (0.04, "inconclusive"), (0.0, "fail"), (-0.3, "fail"), (None, "inconclusive")],
)
def test_verdicts_follow_their_limits(gap, verdict):
    pair = CurvePair(None, None, gap, "the map has the same value everywhere")
    found = interpretation.interpret_road(pair)
    assert found.verdict == verdict
    if gap is None:
        assert found.figure == "none: the map has the same value everywhere"
    else:
        assert found.figure == f"AUC gap {gap:+.2f}"


def test_the_pointing_game_is_judged_and_the_overlap_is_not():
    iou, pointing = interpretation.interpret_overlap(Overlap(0.5, True, 0.4, 0.1, 0.2))
    assert (iou.verdict, pointing.verdict) == (None, "pass")
    assert iou.figure == "IoU 0.50 (salient 10%, expected 20% of the crop)"
    iou, pointing = interpretation.interpret_overlap(Overlap(reason="Table 2 lists no AUs"))
    assert (iou.verdict, pointing.verdict) == (None, "inconclusive")
    assert pointing.figure == "none: Table 2 lists no AUs"
