"""docs/own-model.md is read, and the example of docs/tutorials/own-model.md run to its end.

That the tutorial prints what it shows is checked with all other pages.
"""

import ast
import re
import runpy

import pytest

import xfera_nb as xf

pytestmark = pytest.mark.slow


def read_blocks(request, page):
    text = (request.config.rootpath / "docs" / page).read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)


@pytest.fixture(scope="module")
def blocks(request):
    return read_blocks(request, "own-model.md")


@pytest.fixture(scope="module")
def tutorial(request):
    return read_blocks(request, "tutorials/own-model.md")


@pytest.fixture(scope="module")
def made(tutorial, tmp_path_factory):
    """What the tutorial leaves in its variables."""
    folder = tmp_path_factory.mktemp("tutorial")
    script = folder / "example.py"
    script.write_text("\n".join(tutorial), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return runpy.run_path(str(script))


def calls(block):
    """Names of the parameters that a block gives to `load_classifier`."""
    return [
        {keyword.arg for keyword in node.keywords}
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "load_classifier"
    ]


def test_the_page_has_its_examples(blocks):
    first, transformers, theirs = blocks
    assert "features.6" in first and "reshape_transform" in transformers and "timm" in theirs


def test_the_small_network_goes_all_the_way(made):
    assert made["classifier"].classes == ("happiness", "neutral", "sadness", "surprise")
    assert made["result"].predicted in made["names"]
    assert made["classifier"].describe()["sha256"] != xf.load_classifier().describe()["sha256"]


def test_the_network_learned_its_faces(made):
    """Else the example would show a map of noise."""
    import torch

    with torch.inference_mode():
        right = (made["network"].eval()(made["x"]).argmax(1) == made["y"]).float().mean()
    assert right > 0.6  # one class in four by chance


def test_every_parameter_that_is_shown_is_known(blocks, tutorial):
    known = set(xf.load_classifier.__kwdefaults__)
    given = [names - {None} for block in blocks + tutorial for names in calls(block)]
    assert len(given) == 7 and all(names <= known for names in given)
