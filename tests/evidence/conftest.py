from __future__ import annotations

import runpy
import sys

import pytest


@pytest.fixture(scope="session")
def stand_in(request):
    """The module stand_in.py, by a name under which other processes find it too."""
    folder = str(request.config.rootpath / "tests" / "evidence")
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(folder)
    import stand_in

    yield stand_in
    patch.undo()
    sys.modules.pop("stand_in", None)


@pytest.fixture(scope="session")
def tree(request, tmp_path_factory):
    """A folder shaped like KDEF's with two people and four bad files; see tests/datasets."""
    root = request.config.rootpath
    build = runpy.run_path(str(root / "tests" / "datasets" / "tree.py"))["build_tree"]
    return build(root / "data" / "samples", tmp_path_factory.mktemp("kdef") / "KDEF")


@pytest.fixture(scope="session")
def kdef(tree):
    from xfera_nb.datasets import read_kdef

    return read_kdef(tree)


@pytest.fixture(scope="session")
def network(stand_in):
    return stand_in.classifier()


@pytest.fixture(scope="session")
def unbroken(kdef, network, stand_in, tmp_path_factory):
    """A store of all 17 photos in shards of four: (folder, report)."""
    from xfera_nb.evidence import extract

    out = tmp_path_factory.mktemp("store") / "unbroken"
    report = extract(
        kdef, out, classifier=network, au_detector=stand_in.StandInDetector(), batch=2, shard=4,
        progress=False,
    )  # fmt: skip
    return out, report
