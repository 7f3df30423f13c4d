from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def made():
    """The functions of made_store.py."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("made_store.py"))))
