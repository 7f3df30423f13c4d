from __future__ import annotations

import runpy
from pathlib import Path

import pytest

TREE = runpy.run_path(str(Path(__file__).with_name("tree.py")))


@pytest.fixture(scope="session")
def kdef_tree(request, tmp_path_factory):
    """The folder that tests/datasets/tree.py describes: two people and four bad files."""
    samples = request.config.rootpath / "data" / "samples"
    return TREE["build_tree"](samples, tmp_path_factory.mktemp("kdef") / "KDEF")


@pytest.fixture
def picture(tmp_path):
    """Write a small picture of one grey and return its path."""
    from PIL import Image

    def write(path, grey=100):
        path = tmp_path / path
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (48, 48), grey).save(path)
        return path

    return write
