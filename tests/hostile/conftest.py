"""The modules beside this file (targets, photos, pages) can be imported by the tests here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def _no_files_are_left():
    yield
    targets = sys.modules.get("fuzz_targets")
    if targets is not None:
        targets.clean_up()
