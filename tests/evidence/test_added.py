"""Figures that other commands put beside the rows, and a sweep that finds them."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from xfera_nb.evidence import EvidenceStore, StoreError, read_excess_drops
from xfera_nb.facs import LANDMARK_AUS
from xfera_nb.fusion import FusionParams, compare_settings, sweep

WIDTH = len(LANDMARK_AUS)


@pytest.fixture
def store(unbroken, tmp_path):
    shutil.copytree(unbroken[0], tmp_path / "store")
    return EvidenceStore.open(tmp_path / "store"), tmp_path / "store" / "faithfulness.parquet"


def write(path, numbers, drops):
    frame = pd.DataFrame({"number": np.array(numbers, np.int64), "excess_drop": drops, "more": "x"})
    frame.to_parquet(path)


def test_drops_come_in_the_order_of_the_faces(store):
    opened, path = store
    assert read_excess_drops(opened, np.array([1])) is None and opened.beside("none.json") is None
    rows = np.random.default_rng(0).normal(size=(3, WIDTH))
    rows[1, 4] = np.nan
    write(path, [7, 3, 5], [rows[0], rows[1], None])
    found = read_excess_drops(opened, np.array([3, 4, 7, 99, 5]))
    np.testing.assert_array_equal(found[[0, 2]], rows[[1, 0]])
    assert np.isnan(found[[1, 3, 4]]).all() and found.shape == (5, WIDTH)


def test_an_empty_table_knows_nothing(store):
    opened, path = store
    write(path, [], [])
    assert np.isnan(read_excess_drops(opened, np.array([3]))).all()


@pytest.mark.parametrize("kind", ["text", "width", "columns", "words"])
def test_a_file_that_is_something_else_is_refused(store, kind):
    opened, path = store
    frames = {
        "width": {"number": [1], "excess_drop": [np.zeros(3)]},
        "columns": {"number": [1]},
        "words": {"number": [1], "excess_drop": [["a"] * WIDTH]},
    }
    if kind == "text":
        path.write_text("no table")
    else:
        pd.DataFrame(frames[kind]).to_parquet(path)
    with pytest.raises(StoreError, match="run xfera faithfulness again"):
        read_excess_drops(opened, np.array([1]))


def test_a_sweep_takes_a_path_a_store_or_arrays(store):
    """The path and the store bring the drops along; arrays have none."""
    opened, path = store
    arrays = opened.arrays()
    write(path, arrays.number, list(np.full((len(arrays), WIDTH), 0.25)))
    axes = {"k": [-2.0, 0.0], "coverage": [0.1, 0.5], "base": FusionParams(scope="all")}
    found = [sweep(source, **axes) for source in (str(path.parent), opened, arrays)]
    for name in ("f1", "explained", "stability"):
        np.testing.assert_array_equal(found[0][name], found[2][name])
        np.testing.assert_array_equal(found[1][name], found[2][name])
    assert (found[0]["excess_drop"] == 0.25).all() and (found[1]["excess_drop"] == 0.25).all()
    assert np.isnan(found[2]["excess_drop"]).all()
    # Drops are of the predicted class: explained by the label, only right answers have one.
    right = arrays.predicted == arrays.true
    by_label = sweep(opened, **axes, target="true")
    assert right.any() == (by_label["excess_drop"] == 0.25).any()


def test_a_sweep_and_its_changes_may_be_calibrated(store):
    opened, _ = store
    base = FusionParams(k=-2, coverage=0.1, scope="all", min_intensity=0.5)
    raw, less = (sweep(opened, base=base, neutral=neutral) for neutral in (False, True))
    assert less["mean_active"] < raw["mean_active"]
    calibrated = opened.arrays().neutral_calibrated()
    np.testing.assert_array_equal(sweep(calibrated, base=base)["f1"], less["f1"])
    other = base.replace(min_intensity=2)
    assert compare_settings(opened, base, other, neutral=True).index.tolist() == (
        compare_settings(calibrated, base, other).index.tolist()
    )
