"""`fuse`, `fuse_many` and a plain reading of Algorithm 1 agree on random input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xfera_nb.facs import EMOTIONS, EXPECTED_AUS, LANDMARK_AUS, OPENFACE_AUS, au_landmarks
from xfera_nb.fusion import FusionParams, fuse, fuse_many

# Multiples of 1/64 keep sums exact, so that a landmark at the threshold is so for all three.
ALGORITHM1 = FusionParams.preset("algorithm1")
SIXTYFOURTHS = st.integers(0, 64).map(lambda n: n / 64)
INTENSITIES = st.one_of(st.just(float("nan")), st.integers(0, 320).map(lambda n: n / 64))
PARAMS = st.builds(
    FusionParams,
    k=st.sampled_from([0.0, 0.25, 1.0, 2.5]),
    min_intensity=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    coverage=st.sampled_from([0.0, 0.25, 0.5, 0.7, 1.0]),
    saliency_weight=st.sampled_from([0.0, 0.5, 2.0]),
    scope=st.sampled_from(["typical", "all"]),
)


def algorithm_1(activation, mean, std, intensities, emotion, params):
    """Lines 9-29 as printed, one landmark and one AU at a time; the map's peak is 1."""
    threshold = mean + params.k * std
    hot = {i + 1 for i, v in enumerate(activation) if v >= threshold and v > 0}
    measured = dict(zip(OPENFACE_AUS, intensities, strict=True))
    scores = {}
    for au in LANDMARK_AUS:
        if params.scope == "typical" and au not in EXPECTED_AUS[emotion]:
            continue
        relevant = au_landmarks(au)
        warm = [activation[n - 1] for n in relevant if n in hot]
        if not warm or len(warm) < params.coverage * len(relevant) - 1e-9:
            continue
        heat = math.fsum(warm) / len(warm)
        intensity = measured.get(au, math.nan)
        if intensity >= params.min_intensity and heat >= threshold:
            scores[au] = intensity + params.saliency_weight * heat
    return hot, scores


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    activation=arrays(float, (3, 68), elements=SIXTYFOURTHS),
    mean=arrays(float, 3, elements=SIXTYFOURTHS),
    std=arrays(float, 3, elements=SIXTYFOURTHS),
    intensities=arrays(np.float32, (3, 17), elements=INTENSITIES),
    emotions=st.lists(st.integers(0, 6), min_size=3, max_size=3),
    params=PARAMS,
)
def test_three_ways_agree(make_evidence, activation, mean, std, intensities, emotions, params):
    many = fuse_many(
        activation, mean, std, np.ones(3), intensities, np.array(emotions), params
    )
    for n, row in enumerate(emotions):
        emotion = EMOTIONS[row]
        hot, scores = algorithm_1(
            activation[n], mean[n], std[n], intensities[n].tolist(), emotion, params
        )
        assert {int(i) + 1 for i in np.flatnonzero(many.salient[n])} == hot
        active = {LANDMARK_AUS[i] for i in np.flatnonzero(many.active[n, 0])}
        assert active == set(scores)
        for au, score in scores.items():
            assert many.score[n, 0, LANDMARK_AUS.index(au)] == pytest.approx(score)
        evidence = make_evidence(
            activation[n], mean=mean[n], std=std[n], emotion=emotion,
            aus=dict(zip(OPENFACE_AUS, intensities[n].tolist(), strict=True)),
        )
        fusion = fuse(evidence, params)
        assert set(fusion.active) == active
        assert fusion.arrays.threshold[0] == many.threshold[n]
        for name in ("coverage", "saliency", "score", "intensity"):
            one, all_ = getattr(fusion.arrays, name)[0], getattr(many, name)[n]
            np.testing.assert_allclose(one, all_, rtol=1e-12)


@given(
    activation=arrays(float, (1, 68), elements=SIXTYFOURTHS),
    low=st.floats(0, 3),
    high=st.floats(0, 3),
)
def test_more_k_never_makes_more_hot(activation, low, high):
    low, high = sorted((low, high))
    hot = [
        fuse_many(
            activation, np.array([0.3]), np.array([0.2]), np.ones(1), np.zeros((1, 17)),
            np.array([3]), ALGORITHM1.replace(k=k),
        ).salient
        for k in (low, high)
    ]
    assert not (hot[1] & ~hot[0]).any()


@given(
    activation=arrays(float, (1, 68), elements=st.floats(0, 1)),
    scale=st.sampled_from([1e-6, 0.5, 1024.0]),
)
def test_the_maps_unit_does_not_matter(activation, scale):
    results = [
        fuse_many(
            activation * s, np.array([0.25 * s]), np.array([0.125 * s]), np.array([s]),
            np.ones((1, 17)), np.array([3]), ALGORITHM1,
        )
        for s in (1.0, scale)
    ]
    np.testing.assert_allclose(results[0].threshold, results[1].threshold)
    close = np.abs(activation - results[0].threshold) < 1e-9
    assert ((results[0].salient == results[1].salient) | close).all()


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"\(N, 68\)"):
        fuse_many(
            np.zeros((1, 60)), np.zeros(1), np.zeros(1), np.zeros(1), np.zeros((1, 17)),
            np.array([0]), ALGORITHM1,
        )


def plain_formula(
    activation, mean, std, peak, intensities, target, params, *, left=None, right=None
):
    """The arithmetic of `fuse_many` in whole arrays, one line a quantity."""
    scale = np.where(peak > 0, peak, np.nan)
    value = activation / scale[:, None]
    threshold = (mean + params.k * std) / scale
    hot = (value >= threshold[:, None]) & (value > 0)
    coverage, heat, intensity = np.full((3, len(peak), 3, len(LANDMARK_AUS)), np.nan)
    sides = {None: intensities, "left": left, "right": right}
    for side, (name, measured) in enumerate(sides.items()):
        for column, au in enumerate(LANDMARK_AUS):
            among = np.array(au_landmarks(au, name)) - 1
            count = hot[:, among].sum(axis=1)
            coverage[:, side, column] = count / len(among)
            total = np.where(hot, value, 0)[:, among].sum(axis=1)
            heat[:, side, column] = total / np.where(count > 0, count, np.nan)
            if measured is not None and au in OPENFACE_AUS:
                intensity[:, side, column] = measured[:, OPENFACE_AUS.index(au)]
    moving = intensity >= params.min_intensity
    covered = (coverage >= params.coverage - 1e-9) & (heat >= threshold[:, None, None])
    added = np.where(covered, params.saliency_weight * heat, 0)
    score = np.where(moving, intensity, np.nan) + added
    expected = np.array([[au in EXPECTED_AUS[EMOTIONS[e]] for au in LANDMARK_AUS] for e in target])
    active = moving & covered
    if params.scope == "typical":
        active &= expected[:, None, :]
    return dict(
        threshold=threshold, salient=hot, activation=value, coverage=coverage, saliency=heat,
        intensity=intensity, score=score, active=active, expected=expected,
    )  # fmt: skip


@pytest.mark.parametrize("n", [1, 511, 1100])
@pytest.mark.parametrize(
    "params", [ALGORITHM1, ALGORITHM1.replace(k=-1, min_intensity=1, coverage=0, scope="all")]
)
def test_many_faces_are_the_plain_formula(n, params):
    """Equal to the bit but for heat and score, whose sums may run in another order."""
    random = np.random.default_rng(n)
    activation = np.maximum(random.normal(0.2, 0.4, (n, 68)), 0)
    activation[random.random((n, 68)) < 0.05] = np.nan
    peak = np.nan_to_num(activation).max(axis=1) * 1.2
    peak[::7] = 0
    peak[::50] = np.nan
    intensities, left = (random.random((2, n, 17)) * 5).astype(np.float32)
    intensities[:, 7] = left[::2, 3] = np.nan
    inputs = {
        "activation": activation, "mean": random.random(n) * 0.2, "std": random.random(n) * 0.2,
        "peak": peak, "intensities": intensities, "target": random.integers(0, 7, n),
        "left": left,
    }  # fmt: skip
    many, plain = fuse_many(**inputs, params=params), plain_formula(**inputs, params=params)
    for name, expected in plain.items():
        got = getattr(many, name)
        assert (got.shape, got.dtype) == (expected.shape, expected.dtype), name
        if name in ("saliency", "score"):
            np.testing.assert_allclose(got, expected, rtol=1e-14, atol=0)
        else:
            np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("value", [0.1, 0.2, 0.35, 0.7])
def test_landmarks_that_are_all_at_the_threshold_are_enough(value):
    """Their mean may round to just below it, which does not undo Algorithm 1's line 26."""
    one = np.ones(1)
    many = fuse_many(
        np.full((1, 68), value), one * value, one * 0, one, np.ones((1, 17)), np.array([2]),
        ALGORITHM1,
    )
    np.testing.assert_array_equal(many.active[0, 0], many.expected[0])
