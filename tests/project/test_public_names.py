"""The package itself loads in no time, and its names load when they are used."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import xfera_nb

pytestmark = pytest.mark.slow

HEAVY = {
    "IPython", "anywidget", "captum", "cv2", "dask", "dlib", "ipywidgets", "matplotlib", "openai",
    "pandas", "plotly", "pyarrow", "safetensors", "scipy", "skimage", "sklearn", "torch",
}  # fmt: skip


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that a new interpreter holds after `statement`."""
    code = f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    loaded = loaded_by("import xfera_nb")
    assert "xfera_nb" in loaded
    assert not loaded & (HEAVY | {"numpy", "PIL"})


@pytest.mark.parametrize("package", ["errors", "facs"])
def test_the_lowest_packages_load_nothing_heavy(package):
    assert not loaded_by(f"import xfera_nb.{package}") & HEAVY


def test_the_check_itself_sees_a_heavy_module():
    assert "pandas" in loaded_by("import pandas.api") & HEAVY


def test_listing_the_names_loads_no_package():
    code = "import xfera_nb; dir(xfera_nb); assert 'explain' in dir(xfera_nb)"
    assert not loaded_by(code) & (HEAVY | {"numpy", "PIL"})


def test_every_public_name_loads():
    assert {"Explainer", "compare", "evaluate", "explain", "study"} <= {*dir(xfera_nb)}
    for name in xfera_nb.__all__:
        value = getattr(xfera_nb, name)
        assert value is not None and value is getattr(xfera_nb, name), name


@pytest.mark.parametrize(
    "package", [found.name for found in pkgutil.iter_modules(xfera_nb.__path__) if found.ispkg]
)
def test_every_public_name_of_a_package_loads(package):
    module = import_module(f"xfera_nb.{package}")
    names = getattr(module, "__all__", ())
    assert len(names) == len({*names})
    for name in names:
        assert getattr(module, name) is not None, name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="xfera_nb.*no_such_name"):
        _ = xfera_nb.no_such_name
