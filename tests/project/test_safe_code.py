"""What ruff's S and BLE rules do not see: other modules that unpickle, and loaders that may.

`pyproject.toml` selects the rules; ruff finds eval, exec, shells, unpacked archives, `torch.load`
and handlers that catch everything. Notebooks are linted too.
"""

import ast
import json
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNPICKLING = {"pickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
UNSAFE_ARGUMENTS = {("allow_pickle", True), ("weights_only", False)}


def sources():
    """Name and code of each file of the package and beside it, and of each notebook cell."""
    for folder in ("xfera_nb", "benchmarks", "docs"):
        for path in (ROOT / folder).rglob("*.py"):
            yield path.name, path.read_text("utf-8")
    for path in [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "xfera_nb").rglob("*.ipynb")]:
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                lines = "".join(cell["source"]).splitlines()
                assert not [line for line in lines if line.startswith("!")], path.name
                yield path.name, "\n".join(line for line in lines if not line.startswith("%"))


def findings(code):
    found = []
    for node in ast.walk(ast.parse(code)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        found += [f"import {name}" for name in names if name.split(".")[0] in UNPICKLING]
        if isinstance(node, ast.Call):
            given = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
            found += [f"{name}={value}" for name, value in given.items() & UNSAFE_ARGUMENTS]
            if ast.unparse(node.func) == "torch.load" and "weights_only" not in given:
                found.append("torch.load")
    return found


def test_nothing_unpickles():
    assert {name: found for name, code in sources() if (found := findings(code))} == {}


@pytest.mark.parametrize(
    "code",
    ["from joblib import load", "np.load(f, allow_pickle=True)", "torch.load(f)",
     "torch.load(f, weights_only=False)"],
)  # fmt: skip
def test_what_is_unsafe_is_found(code):
    assert len(findings(code)) == 1
    assert findings("torch.load(f, weights_only=True)\nmodel.eval()") == []


def test_the_rules_of_ruff_are_selected():
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert {"S", "BLE"} <= set(lint["select"])
    assert set(lint["ignore"]) == {"S311", "S603"}
