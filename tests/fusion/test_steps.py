"""Coverage as steps of k, against the fusion on each side of each step."""

from __future__ import annotations

import math

import numpy as np
import pytest

from xfera_nb.facs import EMOTIONS, LANDMARK_AUS, OPENFACE_AUS
from xfera_nb.fusion import FusionParams, active_until, coverage_steps, fuse, fuse_many

ALGORITHM1 = FusionParams.preset("algorithm1")
MOUTH = tuple(range(49, 69))


def made(n, seed):
    """Inputs of fuse_many: maps that are flat, empty, tiny or steep, unknown landmarks."""
    random = np.random.default_rng(seed)
    activation = np.maximum(random.normal(0.3, 0.4, (n, 68)), 0).round(2)
    activation[0, 40:50] = np.nan
    peak = np.nanmax(activation, axis=1) * 1.3
    mean, std = random.random(n) * 0.3, random.random(n) * 0.4
    peak[1], std[2], std[3], mean[4], std[4] = 0, 0, 1e-14, 1e6, 1e-3
    activation[4] *= 1e6
    return {
        "activation": activation, "mean": mean, "std": std, "peak": peak,
        "intensities": (random.random((n, 17)) * 3).astype(np.float32),
        "target": random.integers(0, 7, n),
    }  # fmt: skip


def test_by_hand(make_evidence, at):
    """mean 0.25, std 0.125: 0.5 is hot up to k = 2, 0.75 up to 4, 0.125 up to -1."""
    values = {MOUTH[:10]: 0.75, MOUTH[10:16]: 0.5, MOUTH[16:18]: 0.125}
    evidence = make_evidence(at(values), mean=0.25, std=0.125, aus={12: 3.0})
    steps = coverage_steps(evidence, 12, ALGORITHM1)
    # A few of the next numbers give the same threshold.
    assert steps.k.tolist() == pytest.approx([-1, 2, 4], rel=1e-15)
    assert (steps.k >= [-1, 2, 4]).all()
    assert steps.coverage.tolist() == [0.9, 0.8, 0.5, 0.0]
    assert steps.at(np.array([-1, -0.999, 2, 2.001, 4.5])).tolist() == [0.9, 0.8, 0.8, 0.5, 0.0]
    # 14 of 20 are needed for 0.7, 10 for 0.5.
    assert steps.active_until == steps.k[1]
    assert str(steps) == "AU12 is active up to k = 2."
    half = FusionParams.preset("section2.1")
    assert coverage_steps(evidence, 12, half).active_until == steps.k[2]
    assert coverage_steps(evidence, 12, ALGORITHM1.replace(coverage=1)).active_until is None
    assert coverage_steps(evidence, 12, ALGORITHM1.replace(min_intensity=3.1)).active_until is None
    assert "no k" in str(coverage_steps(evidence, 25))
    everything = ALGORITHM1.replace(scope="all", min_intensity=0)
    assert coverage_steps(evidence, 25, everything).active_until == steps.k[1]


def test_a_side_has_steps_of_its_own(make_evidence, at):
    evidence = make_evidence(
        at({(43, 46, 47, 48): 0.75}), mean=0.25, std=0.125, aus={6: 2.0}, left={6: 2.0},
        right={6: 2.0},
    )
    left, right = (coverage_steps(evidence, 6, side=side) for side in ("left", "right"))
    assert left.k.tolist() == [left.active_until] == pytest.approx([4], rel=1e-15)
    assert left.coverage.tolist() == [1, 0]
    assert (right.k.tolist(), right.coverage.tolist(), right.active_until) == ([], [0], None)
    assert str(left) == "AU06 (left) is active up to k = 4."


@pytest.mark.parametrize(("mean", "until"), [(0.5, math.inf), (0.51, None)])
def test_a_flat_map_has_no_steps(make_evidence, at, mean, until):
    steps = coverage_steps(make_evidence(at({MOUTH: 0.5}), mean=mean, std=0, aus={12: 3.0}), 12)
    assert steps.k.size == 0 and steps.active_until == until
    assert f"{'every' if until else 'no'} k" in str(steps)


def test_no_evidence_and_not_measured(make_evidence, at):
    assert coverage_steps(make_evidence(at({MOUTH: 1.0}), peak=0.0), 12).active_until is None
    unknown = make_evidence(at({MOUTH: 1.0}), mean=0.1, aus={12: math.nan})
    assert coverage_steps(unknown, 12).active_until is None
    assert coverage_steps(unknown, 12).coverage.tolist() == [1, 0]


@pytest.mark.parametrize("values", [{"au": 28}, {"target": "joyless"}, {"side": "top"}])
def test_what_is_unknown_is_refused(make_evidence, at, values):
    with pytest.raises(ValueError, match="is not one of|no emotion"):
        coverage_steps(make_evidence(at({})), **{"au": 12} | values)


@pytest.mark.parametrize("au", [1, 6, 12])
def test_each_step_is_where_the_fusion_changes(make_evidence, au):
    inputs = made(12, seed=au)
    for n in range(12):
        emotion = EMOTIONS[inputs["target"][n]]
        evidence = make_evidence(
            inputs["activation"][n], mean=inputs["mean"][n], std=inputs["std"][n],
            peak=inputs["peak"][n], emotion=emotion,
            aus=dict(zip(OPENFACE_AUS, inputs["intensities"][n].tolist(), strict=True)),
        )
        params = ALGORITHM1.replace(coverage=0.5, scope="all")
        steps = coverage_steps(evidence, au, params)
        assert (np.diff(steps.k) > 0).all() and (np.diff(steps.coverage) < 0).all()
        column = LANDMARK_AUS.index(au)
        for i, last in enumerate(steps.k.tolist()):
            for k, place in ((last, i), (math.nextafter(last, math.inf), i + 1)):
                if not -5 <= k <= 10:
                    continue
                fused = fuse(evidence, params.replace(k=k))
                assert fused.arrays.coverage[0, 0, column] == steps.coverage[place] == steps.at(k)
                until = -math.inf if steps.active_until is None else steps.active_until
                assert (au in fused.active) == (k <= until)


@pytest.mark.parametrize("rule", ["intensity and coverage", "coverage"])
@pytest.mark.parametrize("scope", ["typical", "all"])
def test_active_until_is_the_last_k_of_every_face(scope, rule):
    inputs = made(40, seed=3)
    inputs["intensities"][5] = np.nan
    inputs |= {"left": inputs["intensities"], "right": None}
    params = ALGORITHM1.replace(coverage=0.3, min_intensity=1.0, scope=scope, rule=rule)
    until = active_until(**inputs, params=params)
    assert np.isnan(until[:, 2]).all() and np.isnan(until[5]).all()
    finite = until[np.isfinite(until) & (until > -5) & (until < 10)]
    assert len(finite) > 50
    for k in finite.tolist():
        for value, still in ((k, True), (math.nextafter(k, math.inf), False)):
            active = fuse_many(**inputs, params=params.replace(k=value)).active
            np.testing.assert_array_equal(active, np.nan_to_num(until, nan=-np.inf) >= value)
            assert active[until == k].all() == still
