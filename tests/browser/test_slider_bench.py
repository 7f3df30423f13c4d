"""``python benchmarks/slider.py`` still finds the page that it measures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "slider.py"


def test_both_designs_are_measured(chromium):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--moves", "3", "--json"], capture_output=True, text=True
    )
    assert done.stdout, done.stderr
    results = json.loads(done.stdout)
    for name in ("bare", "explainer"):
        assert results[name]["p50"] > 0
        assert results[name]["bytes"] > 0
        assert results[name]["updates_per_s"] > 0
    assert 0 < results["hide"]["p50"] <= results["hide"]["p95"]
    # The salient region of each k is sent beforehand.
    assert results["explainer"]["bytes"] < results["bare"]["bytes"]
