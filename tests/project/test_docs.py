"""What README and docs name is there: files, commands with their options, names, make's targets."""

from __future__ import annotations

import ast
import importlib.util
import re
import textwrap
from functools import cache, reduce
from pathlib import Path
from pydoc import locate
from types import ModuleType

import pytest
from doc_pages import FENCE, INDENTED, NAMES, PAGES, ROOT, blocks, commands

import xfera_nb
from xfera_nb.cli import make_parser

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PUBLIC = re.compile(r"(?<![\w/])xf\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
FILE = re.compile(r"(?<![\w/.-])(?:benchmarks|data|docs|notebooks|tests|xfera_nb)/[\w./-]*\w/?")
NOTEBOOK = re.compile(r"[Nn]otebooks? ((?:\d\d(?:, | and )?)+)")
OPTION = re.compile(r"(?<!\S)--[a-z][\w-]*")
FOREIGN = {"--no-browser"}
"""Options of other programs, named without them."""


@pytest.fixture(params=PAGES, ids=NAMES)
def page(request) -> Path:
    return request.param


@cache
def options(parser=None, path=()) -> dict[tuple[str, ...], set[str]]:
    """Command, such as ("study", "serve") -> its options."""
    parser = parser or make_parser()
    found = {path: {text for action in parser._actions for text in action.option_strings}}
    for action in parser._actions:
        for name, command in (action.choices.items() if isinstance(action.choices, dict) else ()):
            found |= options(command, (*path, name))
    return found


def command_of(words: list[str]) -> tuple[str, ...]:
    """The longest known command that some words begin with."""
    for length in range(len(words), -1, -1):
        if tuple(words[:length]) in options():
            return tuple(words[:length])
    raise AssertionError(words)


def test_the_readme_is_short():
    text = INDENTED.sub("", FENCE.sub("", (ROOT / "README.md").read_text("utf-8")))
    text = re.sub(r"\]\([^)]*\)", "]", CODE.sub("", text))
    assert len(re.findall(r"[^\W\d_][\w'-]*", text)) <= 700


def pass_rates(page: str) -> dict[str, dict[str, str]]:
    """Check -> kind of map -> share that passes, as the tables of a page have it."""
    lines = (ROOT / page).read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    found: dict[str, dict[str, str]] = {}
    kinds: list[str] = []
    for name, *cells in rows:
        if "true map" in cells:
            kinds = cells
        elif len(cells) != len(kinds):
            kinds = []
        elif all(cell.endswith("%") for cell in cells):
            found[name] = dict(zip(kinds, cells, strict=True))
    return found


def test_the_readme_states_how_often_each_check_passes():
    in_readme, in_docs = pass_rates("README.md"), pass_rates("docs/figures.md")
    assert set(in_readme) == set(in_docs) and len(in_docs) == 8
    assert all(rates.items() <= in_docs[check].items() for check, rates in in_readme.items())


def test_relative_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.split("#")[0]).exists(), target


def test_commands_in_blocks_are_right(page, capsys):
    for line in blocks(page.read_text()):
        for words in commands(line):
            try:
                make_parser().parse_args(words)
            except SystemExit as stop:
                assert stop.code == 0, f"{line}: {capsys.readouterr().err}"


def test_commands_in_sentences_are_there(page):
    known = set().union(*options().values()) | FOREIGN
    for code in CODE.findall(FENCE.sub("", page.read_text())):
        words = code.split()
        if words[0] == "xfera" and len(words) > 1:
            command = command_of(words[1:])
            assert command or words[1].startswith("-"), code
            assert set(OPTION.findall(code)) <= options()[command], code
        elif words[0].startswith("--"):
            assert words[0] in known, code


def test_public_names_are_there(page):
    text = page.read_text()
    for name in PUBLIC.findall(text):
        assert reduce(getattr, name.split("."), xfera_nb), name
    for name in CODE.findall(text):
        if re.fullmatch(r"xfera_nb(\.\w+)+", name):
            assert locate(name) is not None, name


def test_files_and_notebooks_are_there(page):
    text = page.read_text()
    for name in FILE.findall(text):
        assert (ROOT / name).exists(), name
    for numbers in NOTEBOOK.findall(text):
        for number in re.findall(r"\d\d", numbers):
            assert list((ROOT / "notebooks").glob(f"{number}_*.ipynb")), f"notebook {number}"


def test_modules_and_targets_are_there(page):
    text = page.read_text()
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for name in re.findall(r"python -m (xfera_nb[\w.]*)", text):
        assert importlib.util.find_spec(name), name
    for code in [*CODE.findall(text), *blocks(text)]:
        if match := re.match(r"make ([a-z]+)", code):
            assert match[1] in targets, code


def test_python_in_blocks_is_python(page):
    for language, code in FENCE.findall(page.read_text()):
        if language == "python":
            compile(textwrap.dedent(code), page.name, "exec")


def public_modules() -> dict[str, str]:
    """Module -> a public name of a package that it defines."""
    found = {}
    inner = (ROOT / "xfera_nb/evaluation/faithfulness", ROOT / "xfera_nb/explanation/writers")
    packages = [path.parent for path in (ROOT / "xfera_nb").glob("*/__init__.py")]
    for path in [*packages, *inner]:
        package = ".".join(path.relative_to(ROOT).parts)
        names = next(filter(Path.exists, (path / "__init__.pyi", path / "__init__.py")))
        for node in ast.walk(ast.parse(names.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = f"{package}.{node.module}" if node.level else node.module
                if module.startswith(f"{package}."):
                    found[module] = f"{package}.{node.names[0].name}"
    # The command line has a page of its own; a package in a package is not a module.
    return {
        module: name
        for module, name in found.items()
        if (ROOT / f"{module.replace('.', '/')}.py").is_file() and ".cli." not in module
    }


def test_the_reference_has_every_public_module():
    text = "\n".join(path.read_text() for path in (ROOT / "docs" / "api").glob("*.md"))
    documented = set(re.findall(r"^::: (\S+)$", text, re.MULTILINE))
    public = public_modules()
    assert len(public) > 80
    assert not {module: public[module] for module in public.keys() - documented}


def hook(name: str) -> ModuleType:
    path = ROOT / "docs" / "hooks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"docs_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ("<link rel=stylesheet href=//fonts.example/a.css>", ["//fonts.example/a.css"]),
        ("<style>@import 'http://a.example/b.css';</style>", ["http://a.example/b.css"]),
        ("body { background: url(https://a.example/b.png) }", ["https://a.example/b.png"]),
        ('<link rel="canonical" href="https://a.example/">', []),
        ('<a href="https://a.example/">read</a> <img src="data/face.png">', []),
    ],
)
def test_a_page_that_asks_another_host_is_found(text, asked):
    assert hook("offline").asked_for(text) == asked


def test_a_build_with_such_a_page_stops(tmp_path):
    offline = hook("offline")
    (tmp_path / "a.html").write_text("<p>fine</p>")
    offline.on_post_build({"site_dir": tmp_path})
    (tmp_path / "b.html").write_text('<script src="https://a.example/x.js"></script>')
    with pytest.raises(Exception, match="b.html asks another host: https://a.example/x.js"):
        offline.on_post_build({"site_dir": tmp_path})


def test_terms_in_docstrings_become_lists():
    text = "Reads.\n\nScales\n    0 to 5.\n    NaN where unknown.\nSource\n    - one\n    - two"
    wanted = (
        "Reads.\n\nScales\n:   0 to 5.\n    NaN where unknown.\n\nSource\n:   - one\n    - two"
    )
    assert hook("definitions").as_lists(text) == wanted


def test_code_in_docstrings_stays_code():
    text = "So::\n\n    x = 1\n\nThen."
    assert hook("definitions").as_lists(text) == text


def test_the_page_of_commands_has_them_all():
    commands = hook("commands")
    text = commands.on_page_markdown(f"# Commands\n{commands.MARK}\n")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == [" ".join(("xfera", *command)) for command in options()]
    assert max(map(len, text.splitlines())) <= commands.WIDTH
    assert "--save-params" in text
