"""Sweeps against every setting fused by itself, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from xfera_nb.errors import ParamsError
from xfera_nb.evidence import StoreArrays
from xfera_nb.facs import EMOTIONS, EXPECTED_AUS, LANDMARK_AUS
from xfera_nb.fusion import AXES, MEASURES, FusionParams, compare_settings, fuse_many, sweep

ALGORITHM1 = FusionParams.preset("algorithm1")
GRID = {
    "k": [-0.5, 0.0, 0.7, 1.5, 2.5],
    "min_intensity": [0.0, 0.4, 1.0, 2.0],
    "coverage": [0.0, 0.25, 0.5, 0.7],
    "saliency_weight": [0.0, 1.0, 6.0],
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
                if intensity[row, c] >= values["min_intensity"]
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
            "excess_drop": share(sum(drops), len(drops)),
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scope", "emotion", "labels"),
    [("typical", "predicted", True), ("all", "predicted", True), ("all", "true", True),
     ("all", "predicted", False)],
)  # fmt: skip
def test_every_measure_is_that_of_each_setting_fused_by_itself(scope, emotion, labels):
    arrays = made(labels=labels)
    base = ALGORITHM1.replace(scope=scope, region="hull")
    drop = np.random.default_rng(1).normal(0, 0.1, (len(arrays), len(LANDMARK_AUS)))
    drop[::3] = np.nan
    found = sweep(arrays, **GRID, base=base, target=emotion, excess_drop=drop)
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
    assert found.grouped == ("label" if labels else "target class")


@pytest.fixture(scope="module")
def found():
    return sweep(made(), **GRID, base=ALGORITHM1)


def test_axes_are_ascending_without_repeats_and_default_to_the_base():
    found = sweep(made(), k=[2, 0.5, 2], base=ALGORITHM1.replace(coverage=0.4))
    assert {name: axis.tolist() for name, axis in found.axes.items()} == {
        "k": [0.5, 2.0], "min_intensity": [0.3], "coverage": [0.4], "saliency_weight": [1.0],
    }  # fmt: skip
    assert found.shape == found["f1"].shape == (2, 1, 1, 1) and len(found) == 2
    assert found.per_emotion["f1"].shape == (7, 2, 1, 1, 1)
    assert set(found.measures) == set(found.per_emotion) == set(MEASURES)
    with pytest.raises(ValueError, match="read-only"):
        found["f1"][0] = 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": []}, "k has no value"),
        ({"coverage": [0.5, 1.2]}, "coverage is 1.2"),
        ({"min_intensity": float("nan")}, "min_intensity is nan"),
        ({"saliency_weight": "much"}, "saliency_weight takes a number"),
        ({"target": "joy"}, "predicted or true"),
        ({"base": ALGORITHM1.replace(rule="coverage")}, "sweep min_intensity=0"),
        ({"k": np.linspace(0, 3, 1000), "coverage": np.linspace(0, 1, 501)}, "501,000 settings"),
        ({"excess_drop": np.zeros((2, 3))}, r"excess_drop is \(60, 22\)"),
    ],
)
def test_what_cannot_be_swept_is_refused(options, message):
    with pytest.raises(ParamsError, match=message):
        sweep(made(), **options)


def test_without_labels_nothing_is_explained_by_them():
    with pytest.raises(ParamsError, match='sweep with the target "predicted"'):
        sweep(made(labels=False), target="true")
    found = sweep(made(labels=False))
    assert np.isnan(found["f1"]).all() and np.isnan(found["excess_drop"]).all()


def test_a_grid_of_one_has_no_stability():
    assert np.isnan(sweep(made())["stability"]).all()


def test_take_gives_lines_and_tables(found):
    table = found.take("f1", "coverage", "k", at={"min_intensity": 1.0, "saliency_weight": 6})
    assert table.shape == (4, 5)
    np.testing.assert_array_equal(table, found["f1"][:, 2, :, 2].T)
    # The base's minimum 0.3 is not there: the nearest is; nor is coverage given.
    assert found.fixed() == ALGORITHM1.replace(k=0.7, min_intensity=0.4)
    line = found.take("explained", "k", emotion="fear")
    np.testing.assert_array_equal(line, found.per_emotion["explained"][2, :, 1, 3, 1])
    at = ALGORITHM1.replace(k=0, min_intensity=2, saliency_weight=0)
    assert found.take("f1", at=at).shape == ()
    for names, at in (
        (("k", "k"), None), (("f1",), None), (("k",), {"coverage": 0.6}), ((), {"weight": 1}),
    ):  # fmt: skip
        with pytest.raises(ParamsError):
            found.take("f1", *names, at=at)


def test_figures_of_a_setting(found):
    params = ALGORITHM1.replace(k=1.5, min_intensity=0.4)
    assert found.index(params) == (3, 1, 3, 1)
    assert found.figures(params)["recall"] == found["recall"][3, 1, 3, 1]
    assert found.params((3, 1, 3, 1)) == params
    for other in (params.replace(k=1.6), params.replace(scope="all")):
        with pytest.raises(ParamsError):
            found.figures(other)
    with pytest.raises(ParamsError, match="no measure"):
        found["accuracy"]
    with pytest.raises(ValueError, match="joy"):
        found.measure("f1", "joy")


def test_a_setting_at_an_end_of_the_grid_is_told(found):
    inside = found.params((2, 2, 2, 1))
    assert found.edges(inside) == () and found.edge_note(inside) == ""
    # The least min_intensity, coverage and weight are those that there can be.
    assert found.edges(found.params((0, 0, 0, 0))) == ("k",)
    corner = found.params((4, 3, 3, 2))
    assert found.edges(corner) == ("k", "min_intensity", "coverage", "saliency_weight")
    assert found.edge_note(corner).startswith(
        "The best setting lies at the edge of the grid (k 2.5, min_intensity 2, coverage 0.7, "
    )
    with pytest.raises(ParamsError, match="not on the grid"):
        found.edges(inside.replace(k=0.1))


def test_the_best_setting_and_what_it_must_have(found):
    best = found.best("recall", {"precision": 0.2, "stability": 0.5})
    kept = (found["precision"] >= 0.2) & (found["stability"] >= 0.5)
    assert found.figures(best)["recall"] == found["recall"][kept].max()
    assert found["recall"].max() > found["recall"][kept].max()
    ranked = found.ranked("f1", most=40)
    values = [round(found.figures(params)["f1"], 9) for params in ranked]
    assert len(ranked) == 40 and values == sorted(values, reverse=True)
    fear = found.best("f1", emotion="fear")
    assert found.figures(fear, "fear")["f1"] == np.nanmax(found.measure("f1", "fear"))
    with pytest.raises(ParamsError, match="f1 and explained of at least 2"):
        found.best(at_least={"explained": 2})


def test_of_equals_the_more_stable_comes_first_then_the_nearer_to_the_base():
    found = sweep(made(), base=ALGORITHM1, k=[0.5, 1.0, 1.5, 2.0], saliency_weight=[0.0, 1.0, 2.0])
    # The weight changes no active set, so that each k stands there three times, weight 1 first.
    ranked = found.ranked("explained", most=12)
    assert [params.saliency_weight for params in ranked] == [1, 0, 2] * 4
    # Nothing is salient any more, so nothing is stable.
    flat = sweep(made(), base=ALGORITHM1, k=[9.0, 9.5, 10.0])
    assert [params.k for params in flat.ranked("explained")] == [9.0, 9.5, 10.0]
    steady = sweep(made(), base=ALGORITHM1, coverage=[0.06, 0.07, 0.3], min_intensity=[0.0, 0.05])
    assert steady.best("detector").coverage == 0.06


def test_the_table_has_a_row_for_each_setting(found):
    frame = found.to_frame()
    assert list(frame.columns) == ["emotion", *AXES, *MEASURES]
    assert len(frame) == len(found) == 5 * 4 * 4 * 3 and set(frame.emotion) == {"all"}
    row = frame[(frame.k == 1.5) & (frame.min_intensity == 0.4) & (frame.coverage == 0.7)
                & (frame.saliency_weight == 6)].iloc[0]
    assert row.f1 == found["f1"][3, 1, 3, 2]
    long = found.to_frame(per_emotion=True)
    assert len(long) == 8 * len(found)
    fear = long[long.emotion == "fear"]
    np.testing.assert_array_equal(fear.f1, found.measure("f1", "fear").ravel())


@pytest.mark.parametrize("emotion", ["predicted", "true"])
def test_changed_names_the_photos_whose_active_sets_differ(emotion):
    arrays = made()
    before = ALGORITHM1.replace(coverage=0.3, scope="all")
    after = ALGORITHM1.replace(k=0.5, region="hull")
    changes = compare_settings(arrays, before, after, target=emotion)
    explained = arrays.predicted if emotion == "predicted" else arrays.true
    expected = {}
    for n in np.flatnonzero(explained >= 0).tolist():
        sets = []
        for params in (before, after):
            inputs = arrays.inputs(np.maximum(explained, 0), params.region)
            active = fuse_many(**inputs, params=params).active[n, 0]
            sets.append({LANDMARK_AUS[c] for c in np.flatnonzero(active)})
        if sets[0] != sets[1]:
            expected[n] = sets
    assert changes.index.tolist() == list(expected) and 0 < len(changes) < changes.faces
    assert changes.faces == (57 if emotion == "true" else 60)
    for change, (old, new) in zip(changes, expected.values(), strict=True):
        assert (set(change.before), set(change.after)) == (old, new)
        assert (set(change.gained), set(change.lost)) == (new - old, old - new)
        assert change.number == change.index + 100 and change.id == f"photo {change.index}"
    assert len(compare_settings(arrays, before, before)) == 0
