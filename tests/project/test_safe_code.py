"""Nothing in the package runs code or unpickles objects that came from outside, or swallows errors.

A check of the syntax tree, so that a word in a docstring or a model's `.eval()` is no finding.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "xfera_nb"
BESIDE = [path for folder in ("benchmarks", "docs") for path in (ROOT / folder).rglob("*.py")]
NOTEBOOKS = [*(ROOT / "notebooks").glob("*.ipynb"), *PACKAGE.rglob("*.ipynb")]
UNSAFE_MODULES = {"pickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
UNSAFE_MODULES |= {"tarfile"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}
UNSAFE_METHODS = {"read_pickle", "to_pickle", "os.system", "os.popen", "yaml.load", "pickle.load"}
# Unpacking writes where an archive says; no archive is unpacked here.
UNSAFE_METHODS |= {"extractall", "unpack_archive"}
UNSAFE_ARGUMENTS = {("allow_pickle", True), ("weights_only", False), ("shell", True)}
CATCHES_ALL = {"Exception", "BaseException"}


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module]
    return []


def caught(handler: ast.ExceptHandler) -> list[ast.expr | None]:
    return handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]


def findings(source: str) -> list[str]:
    """What is unsafe in `source`, as "line: what"."""
    found = []
    for node in ast.walk(ast.parse(source)):
        found += [
            (node.lineno, f"import {name}")
            for name in imported(node)
            if name.split(".")[0] in UNSAFE_MODULES
        ]
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS:
                found.append((node.lineno, f"{node.func.id}()"))
            called = ast.unparse(node.func)
            if any(called == name or called.endswith(f".{name}") for name in UNSAFE_METHODS):
                found.append((node.lineno, f"{called}()"))
            if called == "torch.load" and "weights_only" not in {k.arg for k in node.keywords}:
                found.append((node.lineno, "torch.load() without weights_only"))
            found += [
                (node.lineno, f"{k.arg}={k.value.value}")
                for k in node.keywords
                if isinstance(k.value, ast.Constant) and (k.arg, k.value.value) in UNSAFE_ARGUMENTS
            ]
        if isinstance(node, ast.ExceptHandler):
            for kind in caught(node):
                if kind is None or (isinstance(kind, ast.Name) and kind.id in CATCHES_ALL):
                    found.append((node.lineno, "catches everything"))
    return [f"{line}: {what}" for line, what in sorted(found)]


@pytest.mark.parametrize(
    "path", sorted([*PACKAGE.rglob("*.py"), *BESIDE]), ids=lambda path: path.name
)
def test_the_package_holds_nothing_unsafe(path):
    assert findings(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted(NOTEBOOKS), ids=lambda path: path.name)
def test_the_notebooks_hold_nothing_unsafe(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            lines = "".join(cell["source"]).splitlines()
            assert not [line for line in lines if line.startswith("!")]  # a shell's command
            assert findings("\n".join(line for line in lines if not line.startswith("%"))) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pickle", ["1: import pickle"]),
        ("from joblib import load", ["1: import joblib"]),
        ("x = 1\ny = eval('x')", ["2: eval()"]),
        ("np.load(f, allow_pickle=True)", ["1: allow_pickle=True"]),
        ("pd.read_pickle(f)", ["1: pd.read_pickle()"]),
        ("import os\nos.system('ls')", ["2: os.system()"]),
        ("torch.load(f)", ["1: torch.load() without weights_only"]),
        ("torch.load(f, weights_only=False)", ["1: weights_only=False"]),
        ("try:\n    f()\nexcept:\n    pass", ["3: catches everything"]),
        ("try:\n    f()\nexcept (OSError, Exception):\n    pass", ["3: catches everything"]),
    ],
)
def test_the_check_sees_what_is_unsafe(source, expected):
    assert findings(source) == expected


@pytest.mark.parametrize(
    "source",
    ["model.eval()", '"""eval() and pickle are not used."""', "torch.load(f, weights_only=True)"],
)
def test_the_check_lets_the_rest_pass(source):
    assert findings(source) == []
