"""The benchmark of sweeps runs, and says by its exit code whether the aims are met."""

from __future__ import annotations

import runpy

import pytest

pytestmark = pytest.mark.slow

SMALL = ["--rounds", "1", "--many", "300", "--faces", "12", "--grid", "4", "3", "2"]


@pytest.fixture(scope="module")
def main(request):
    return runpy.run_path(str(request.config.rootpath / "benchmarks" / "sweep.py"))["main"]


def test_it_prints_times_and_ratios(main, capsys):
    assert main([*SMALL, "--slack", "1000"]) == 0
    out = capsys.readouterr().out
    assert "300 faces, one setting" in out
    assert "12 faces, 4 k x 3 minimum intensities x 2 coverages" in out
    assert out.count("(aim: at most 1)") == 2


def test_an_aim_that_is_not_met_is_an_exit_code(main, capsys):
    assert main([*SMALL, "--slack", "1e-9"]) == 1
    assert "fuse_many / 2.5e-08 ms" in capsys.readouterr().out
