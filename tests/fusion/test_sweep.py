"""Sweeps against every setting fused by itself, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from xfera_nb.evidence import StoreArrays
from xfera_nb.facs import EMOTIONS, EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.fusion import AXES, FusionParams, fuse_many, sweep

GRID = {
    "k": [-0.5, 0.0, 0.7, 1.5, 2.5],
    "au_cutoff": [0.0, 0.4, 1.0, 2.0],
    "coverage": [0.0, 0.25, 0.5, 0.7],
    "heat_weight": [0.0, 1.0, 6.0],
}


def made(n=60, seed=0, labels=True):
    """Faces of which some have no label, no evidence, unknown landmarks or unmeasured AUs."""
    random = np.random.default_rng(seed)
    activation = np.maximum(random.normal(0.2, 0.3, (n, 7, 68)), 0)
    activation[1, :, 20:30] = np.nan
    peak = np.nanmax(activation, axis=2) * 1.1
    peak[2] = 0
    intensities = (random.random((n, 17)) * 3).round(1).astype(np.float32)
    intensities[:, 7] = np.nan
    intensities[3] = np.nan
    mean, std = random.random((2, n, 7)) * 0.2
    true = random.integers(0, 7, n)
    true[4:7] = -1
    return StoreArrays(
        number=np.arange(n) + 100,
        ids=np.array([f"photo {i}" for i in range(n)]),
        true=true if labels else np.full(n, -1),
        probabilities=random.dirichlet(np.ones(7), n).astype(np.float32),
        activation=activation,
        mean={"crop": mean, "hull": mean * 1.5},
        std={"crop": std, "hull": std},
        peak=peak,
        intensities=intensities,
        left=None,
        right=None,
    )


def settings(axes):
    """Index and parameters of every setting."""
    for index in itertools.product(*(range(len(axes[name])) for name in AXES)):
        yield index, {name: float(axes[name][i]) for name, i in zip(AXES, index, strict=True)}


def plainly(arrays, axes, base, emotion, drop, rows):
    """The measures of some faces, one setting and one face at a time: {index: {measure: value}}."""
    explained = arrays.predicted if emotion == "predicted" else arrays.true
    sets, firsts = {}, {}
    for index, values in settings(axes):
        params = base.replace(**values)
        fused = fuse_many(**arrays.inputs(np.maximum(explained, 0), base.region), params=params)
        for row in rows:
            found = np.flatnonzero(fused.active[row, 0])
            sets[index, row] = {LANDMARK_AUS[c] for c in found}
            order = found[np.argsort(-fused.score[row, 0, found], kind="stable")]
            firsts[index, row] = LANDMARK_AUS[order[0]] if len(order) else None
    intensity = fused.intensity[:, 0]
    table = {}
    for index, values in settings(axes):
        judged = [r for r in rows if arrays.true[r] >= 0 and EMOTIONS[arrays.true[r]] != "neutral"]
        label = {row: EMOTIONS[arrays.true[row]] for row in judged}
        right = wrong = missed = alone_right = alone = expected = moving = 0
        drops = []
        for row in rows:
            on = sets[index, row]
            scope = [
                au for c, au in enumerate(LANDMARK_AUS)
                if intensity[row, c] >= values["au_cutoff"]
                and (base.scope == "all" or au in EXPECTED_AUS[EMOTIONS[explained[row]]])
            ]
            moving += len(scope)
            if explained[row] == arrays.predicted[row]:
                drops += [drop[row, LANDMARK_AUS.index(au)] for au in on]
            if row in judged:
                table2 = {
                    au for au in EXPECTED_AUS[label[row]]
                    if not np.isnan(intensity[row, LANDMARK_AUS.index(au)])
                }
                right += len(on & table2)
                wrong += len(on - table2)
                missed += len(table2 - on)
                expected += len(table2)
                alone += len(scope)
                alone_right += len(table2.intersection(scope))
        near = [
            tuple(i + (step if axis == place else 0) for place, i in enumerate(index))
            for axis in range(3) for step in (-1, 1)
        ]
        pairs = [
            (sets[index, row], sets[other, row]) for other in near for row in rows
            if (other, row) in sets and sets[index, row] | sets[other, row]
        ]
        some = [row for row in rows if sets[index, row]]
        strength = {
            row: {au: intensity[row, LANDMARK_AUS.index(au)] for au in sets[index, row]}
            for row in some
        }
        drops = [value for value in drops if not np.isnan(value)]
        judged_some = [row for row in some if row in judged]
        table[index] = {
            "explained": share(len(some), len(rows)),
            "mean_active": share(sum(len(sets[index, row]) for row in rows), len(rows)),
            "precision": share(right, right + wrong),
            "recall": share(right, right + missed),
            "f1": share(2 * right, 2 * right + wrong + missed),
            "detector": share(sum(len(sets[index, row]) for row in rows), moving),
            "detector_f1": share(2 * alone_right, alone + expected),
            "stability": share(sum(len(a & b) / len(a | b) for a, b in pairs), len(pairs)),
            "drop": share(sum(drops), len(drops)),
            "first_right": share(
                sum(firsts[index, row] in EXPECTED_AUS[label[row]] for row in judged_some),
                len(judged_some),
            ),
            "first_strongest": share(
                sum(on[firsts[index, row]] == max(on.values()) for row, on in strength.items()),
                len(some),
            ),
        }
    return table


def share(part, whole):
    return part / whole if whole else np.nan


@pytest.mark.parametrize(
    ("scope", "emotion", "labels"),
    [("emotion", "predicted", True), ("all", "predicted", True), ("all", "true", True),
     ("all", "predicted", False)],
)  # fmt: skip
def test_every_measure_is_that_of_each_setting_fused_by_itself(scope, emotion, labels):
    arrays = made(labels=labels)
    base = FusionParams(scope=scope, region="hull")
    drop = np.random.default_rng(1).normal(0, 0.1, (len(arrays), len(LANDMARK_AUS)))
    drop[::3] = np.nan
    found = sweep(arrays, **GRID, base=base, emotion=emotion, drop=drop)
    explained = arrays.predicted if emotion == "predicted" else arrays.true
    rows = {None: np.flatnonzero(explained >= 0)}
    group = arrays.true if labels else explained
    for number, name in enumerate(EMOTIONS):
        rows[name] = np.flatnonzero((group == number) & (explained >= 0))
    for name in (None, "fear", "neutral"):
        plain = plainly(arrays, found.axes, base, emotion, drop, rows[name].tolist())
        for index, figures in plain.items():
            for measure, value in figures.items():
                got = found.measure(measure, name)[index]
                assert got == pytest.approx(value, rel=1e-5, nan_ok=True), (name, measure, index)
    assert found.faces["all"] == len(rows[None])
    assert found.faces["fear"] == len(rows["fear"])
    assert found.left_out == (3 if emotion == "true" else 0)
    assert found.grouped == ("label" if labels else "explained class")
