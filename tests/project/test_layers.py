"""Imports go one way, and the contract that says so does break when they don't."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def lint(root: Path) -> subprocess.CompletedProcess:
    """Run import-linter on the package below `root` with the pyproject.toml there."""
    code = "import sys; from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"
    env = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)


@pytest.fixture
def project(tmp_path):
    """A project with the same contract and the same packages, all empty."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "xfera_nb").mkdir()
    for own in (ROOT / "xfera_nb").iterdir():
        copy = tmp_path / "xfera_nb" / own.name
        if own.suffix == ".py":
            copy.touch()
        elif (own / "__init__.py").exists():
            copy.mkdir()
            (copy / "__init__.py").touch()
    return tmp_path


def test_the_package_keeps_the_contract():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert "1 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("package", "imported"),
    [("fusion", "evidence"), ("saliency", "classifier"), ("faces", "facs"), ("facs", "errors")],
)
def test_downward_is_allowed(project, package, imported):
    (project / "xfera_nb" / package / "inner.py").write_text(f"import xfera_nb.{imported}\n")
    done = lint(project)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("package", "imported"),
    [("facs", "fusion"), ("evidence", "fusion"), ("faces", "classifier"), ("faces", "saliency")],
)
def test_upward_and_sideways_break_it(project, package, imported):
    (project / "xfera_nb" / package / "inner.py").write_text(f"import xfera_nb.{imported}\n")
    done = lint(project)
    assert done.returncode == 1
    assert f"xfera_nb.{package}.inner -> xfera_nb.{imported}" in done.stdout


def test_a_module_that_no_layer_names_breaks_it(project):
    (project / "xfera_nb" / "misc.py").touch()
    done = lint(project)
    assert done.returncode == 1
    assert "xfera_nb.misc" in done.stdout
