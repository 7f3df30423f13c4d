"""The comparison with and without BAM: equal starts, the difference by hand, and a short run."""

import json
import runpy

import numpy as np
import pytest
import torch

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bench(request):
    return runpy.run_path(str(request.config.rootpath / "benchmarks" / "bam.py"))


def test_the_two_networks_start_alike(bench):
    networks = bench["networks"](5)
    full, plain = networks[True].state_dict(), networks[False].state_dict()
    assert any(key.startswith("bam1") for key in full)
    assert not any(key.startswith("bam") for key in plain)
    assert all(torch.equal(value, full[key]) for key, value in plain.items())


def test_mean_and_spread_by_hand(bench):
    rows = [
        {"with": {"accuracy": 0.70}, "without": {"accuracy": 0.66}},
        {"with": {"accuracy": 0.71}, "without": {"accuracy": 0.73}},
    ]
    mean, spread = bench["differences"](rows, "accuracy")
    assert mean == pytest.approx(0.01)
    assert spread == pytest.approx(0.06 / 2**0.5)  # the two differ from their mean by 0.03 each
    assert np.isnan(bench["differences"](rows[:1], "accuracy")[1])


def test_a_short_run_prints_and_writes_the_table(bench, tmp_path, capsys):
    draw = np.random.default_rng(4)
    classes = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"]
    np.savez(
        tmp_path / "pack.npz",
        images=draw.integers(0, 256, (30, 48, 48), dtype=np.uint8),
        votes=10 * np.eye(7, dtype=np.uint8)[draw.integers(0, 7, 30)],
        classes=np.array(classes),
        split=np.array(["Training"] * 20 + ["PublicTest"] * 10),
    )
    out = tmp_path / "runs"
    command = ["--ferplus", str(tmp_path / "pack.npz"), "--out", str(out), "--images", "64"]
    bench["main"]([*command, "--size", "32", "--seeds", "1"])
    said = capsys.readouterr().out
    written = json.loads((out / "bam.json").read_text())
    (row,) = written["runs"]
    assert json.loads(said.splitlines()[0]) == row and written["faces"] == 10
    gap = row["with"]["accuracy"] - row["without"]["accuracy"]
    assert f"accuracy: {gap:+.4f} with BAM" in said
