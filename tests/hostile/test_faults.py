"""The faults of ``python benchmarks/faults.py``, each with its own test; and that it would tell."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = str(Path(__file__).parents[2] / "benchmarks")
sys.path.insert(0, BENCHMARKS)
try:
    from fault_bench import SHARD, Bench, Outcome
    from faults import FAULTS
finally:
    sys.path.remove(BENCHMARKS)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize("name", list(FAULTS))
def test_nothing_computed_before_is_lost(bench, name):
    found = FAULTS[name](bench)
    assert found.survived, found
    assert found.whole >= found.kept >= found.before > 0


def test_the_table_in_the_docs_has_each_fault():
    page = (Path(BENCHMARKS).parent / "docs" / "trust.md").read_text("utf-8")
    for name in FAULTS:
        assert f"\n    {name:36}" in page, name
    assert f"\n    {len(FAULTS)} faults tried, {len(FAULTS)} survived\n" in page


def test_a_loss_would_be_told(bench):
    good = Outcome(6, 6, 12, True, "It cannot be written.")
    assert good.survived
    assert not replace(good, kept=5).survived
    assert not replace(good, same=False).survived
    assert not replace(good, said="Traceback (most recent call last):\n  x").survived
    # A store from which a shard was taken away has lost it.
    bench.extract("lossy")
    (bench.folder / "lossy" / "rows" / "00000.parquet").unlink()
    assert bench.rows("lossy") == 12 - SHARD
