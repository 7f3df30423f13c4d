"""Where each expected AU stops being active, against the fusion at many values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from xfera_nb.facs import EMOTIONS
from xfera_nb.facs.table2 import EXPECTED_AUS
from xfera_nb.fusion import RULES, SCOPES, FusionParams, find_change_points, fuse
from xfera_nb.fusion.change_points import MOVED

VALUES = {
    "k": np.linspace(-2, 4, 121).round(6),
    "min_intensity": np.linspace(0, 5, 101).round(6),
    "coverage": np.linspace(0, 1, 101).round(6),
}


def made(make_evidence, emotion, seed):
    """A face with weak and strong AUs, one that is not measured, and a map of 68 numbers."""
    random = np.random.default_rng(seed)
    activation = np.maximum(random.normal(0.3, 0.3, 68), 0)
    aus = {au: float(random.uniform(0, 4)) for au in EXPECTED_AUS[emotion]}
    aus |= {EXPECTED_AUS[emotion][0]: math.nan} if seed % 3 == 0 and aus else {}
    return make_evidence(activation, mean=0.3, std=0.2, aus=aus, emotion=emotion)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("seed", range(3))
def test_a_change_point_is_where_brute_force_finds_it(make_evidence, rule, scope, seed):
    inner = 0
    for emotion in EMOTIONS:
        evidence = made(make_evidence, emotion, seed)
        params = FusionParams(k=0.1, min_intensity=1.0, coverage=0.4, rule=rule, scope=scope)
        found = find_change_points(fuse(evidence, params))
        assert tuple(found) == MOVED
        for name, values in VALUES.items():
            assert tuple(found[name]) == EXPECTED_AUS[emotion]
            at = {value: fuse(evidence, params.replace(**{name: value})).active for value in values}
            for au, last in found[name].items():
                expected = [au in active for active in at.values()]
                assert [last is not None and value <= last for value in values] == expected
                if last is None or math.isinf(last):
                    continue
                # Exactly there it is still active, just above it is not.
                inner += 1
                assert au in fuse(evidence, params.replace(**{name: last})).active
                above = last + 1e-6
                if above <= values[-1]:
                    assert au not in fuse(evidence, params.replace(**{name: above})).active
    assert inner > 10


def test_a_map_that_says_nothing_switches_nothing_on(make_evidence):
    evidence = make_evidence(np.zeros(68), peak=np.nan, aus={6: 3.0, 12: 3.0})
    found = find_change_points(fuse(evidence))
    assert all(points == {6: None, 12: None} for points in found.values())


def test_neutral_expects_nothing(make_evidence):
    found = find_change_points(fuse(make_evidence(np.ones(68), emotion="neutral")))
    assert found == {name: {} for name in MOVED}
