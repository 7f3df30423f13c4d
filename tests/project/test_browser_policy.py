"""What tests/conftest.py does with a browser test where there is no Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONFTEST = Path(__file__).parents[1] / "conftest.py"
INI = "[pytest]\nmarkers = browser: a browser test\n"
TESTS = """
import pytest

@pytest.mark.browser
def test_in_a_browser(chromium):
    assert chromium.endswith("chromium")

def test_other():
    assert 1 + 1 == 2
"""


@pytest.fixture
def run(tmp_path):
    """Run the two tests above with a PATH that holds nothing but what is in `path`."""
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "pytest.ini").write_text(INI)
    (tmp_path / "test_it.py").write_text(TESTS)

    def call(path: Path, required: str = "") -> subprocess.CompletedProcess:
        env = {**os.environ, "PATH": str(path), "XFERA_REQUIRE_BROWSER": required}
        env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)

    return call


def test_without_chromium_one_line_says_so_and_the_run_passes(run, tmp_path):
    done = run(tmp_path)
    said = [line for line in done.stdout.splitlines() if line.startswith("browser tests skipped")]
    assert done.returncode == 0
    assert len(said) == 1 and "(1)" in said[0] and "chromium" in said[0]
    assert "1 passed, 1 skipped" in done.stdout.splitlines()[-1]


def test_without_chromium_a_required_browser_test_is_an_error(run, tmp_path):
    done = run(tmp_path, required="1")
    assert done.returncode == 1
    assert "XFERA_REQUIRE_BROWSER=1, but no Chromium" in done.stdout
    assert "1 passed, 1 error" in done.stdout.splitlines()[-1]


def test_with_chromium_nothing_is_skipped(run, tmp_path):
    fake = tmp_path / "bin" / "chromium"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    done = run(fake.parent)
    assert done.returncode == 0
    assert "2 passed" in done.stdout.splitlines()[-1]
    assert "browser tests skipped" not in done.stdout
