"""The examples of docs/own-model.md run as they stand there; one needs timm and is read only."""

import ast
import re
import runpy

import pytest

import xfera_nb as xf

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def blocks(request):
    page = (request.config.rootpath / "docs" / "own-model.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)


def calls(block):
    """Names of the parameters that a block gives to `load_classifier`."""
    return [
        {keyword.arg for keyword in node.keywords}
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "load_classifier"
    ]


def test_the_small_network_goes_all_the_way(blocks, tmp_path, capsys):
    first, transformers, *example, theirs = blocks
    assert "features.6" in first and "reshape_transform" in transformers
    assert "timm" in theirs and len(example) == 4
    script = tmp_path / "example.py"
    script.write_text("\n".join(example), "utf-8")
    made = runpy.run_path(str(script))
    said = capsys.readouterr().out
    assert made["classifier"].classes == ("happiness", "neutral", "sadness", "surprise")
    assert made["classifier"].layers == ("features.7", "features.4", "features.1")
    assert made["result"].predicted in made["names"]
    assert "This network has no class fear: it names happiness, neutral, sadness" in said
    assert "classifier: ResNet50-BAM" in said.replace("\n      ", " ")
    assert "does not know anger, disgust, fear: it is wrong on each such face" in said
    assert made["classifier"].describe()["sha256"] != xf.load_classifier().describe()["sha256"]


def test_the_network_learned_its_faces(blocks, tmp_path):
    """Else the example would show a map of noise."""
    script = tmp_path / "example.py"
    script.write_text(blocks[2], "utf-8")
    made = runpy.run_path(str(script))
    import torch

    with torch.inference_mode():
        right = (made["network"].eval()(made["x"]).argmax(1) == made["y"]).float().mean()
    assert right > 0.6  # one class in seven by chance


def test_every_parameter_that_is_shown_is_known(blocks):
    known = set(xf.load_classifier.__kwdefaults__)
    given = [names - {None} for block in blocks for names in calls(block)]
    assert len(given) == 6 and all(names <= known for names in given)
