"""The code in README and docs runs: each page's blocks of Python and commands, from top to bottom.

The files that they name are made first, from the samples. docs/own-model.md and
docs/howto/serve.md have tests of their own.

A block marked `text` shows what the block above it prints; "..." stands for anything. After a
change of the weights, XFERA_UPDATE_DOCS=1 writes what is printed now into the pages.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shutil
import textwrap
from pathlib import Path

import pytest
from clips import make_talk
from doc_pages import FENCE, INDENTED, NAMES, ROOT, commands

import xfera_nb as xf
from xfera_nb.cli import main
from xfera_nb.study import Answers, Study

pytestmark = pytest.mark.slow

SAMPLES = ROOT / "data" / "samples"
PHOTOS = {
    "photo.jpg": "C01HA", "face.jpg": "C02SU", "before.jpg": "C01NE", "after.jpg": "C01HA",
    "smile.jpg": "C01HA", "rest.jpg": "C01NE",
}  # fmt: skip
NOT_HERE = (
    "app", "serve", "train", "--scheduler", ".pdf", "--ferplus", "RAF-DB/", "s3://", "openai",
    "openface-files", "--send-image",
)  # fmt: skip
"""Commands with these need a server, a browser, a key, or files that are not included."""
NO_ANSWERS = 3
NUMBER = r"(?<![\w.])\d+(?:\.\d+)?"
"""Not that of an Action Unit, as in AU12."""
NEED_ANSWERS = ("forget", "export", "analyse")
"""Actions that end in a sentence here, since nobody has taken part."""


def steps(text: str) -> list[tuple[str, str]]:
    """Return the blocks of a page in order: language and code."""
    text = text.replace("\\\n", " ")
    found = [(m.start(), m[1], textwrap.dedent(m[2])) for m in FENCE.finditer(text)]
    blank = FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    found += [(m.start(), "", m[0].strip()) for m in INDENTED.finditer(blank) if m[0].strip()]
    return [(language, code) for _, language, code in sorted(found)]


def runnable(language: str, code: str) -> list[list[str]]:
    """Return the commands of a block that can run here."""
    lines = code.splitlines() if language not in ("python", "text") else ()
    return [
        words
        for line in lines
        for words in commands(line.strip())
        if not any(part in words or part in line for part in NOT_HERE)
    ]


RUN = [
    name
    for name in NAMES
    if name not in ("docs/own-model.md", "docs/howto/serve.md")
    and any(
        language == "python" or runnable(language, code)
        for language, code in steps((ROOT / name).read_text("utf-8"))
    )
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder like the one that the pages are written for."""
    made = tmp_path_factory.mktemp("docs")
    (made / "data").symlink_to(ROOT / "data")
    for name, code in PHOTOS.items():
        shutil.copy(SAMPLES / f"{code}.jpg", made / name)
    for emotion, code in (("happiness", "HA"), ("sadness", "SA"), ("neutral", "NE")):
        (made / "photos" / emotion).mkdir(parents=True)
        for number in (1, 2, 3):
            shutil.copy(SAMPLES / f"C0{number}{code}.jpg", made / "photos" / emotion)
    tree = runpy.run_path(str(ROOT / "tests" / "datasets" / "tree.py"))
    tree["build_tree"](SAMPLES, made / "KDEF", people=1)
    xf.extract(xf.open_dataset(made / "photos"), made / "a.store", progress=False)
    (made / "videos").mkdir()
    shutil.copy(make_talk(made / "talk.mp4", seconds=1), made / "videos")
    rows = [f"{path.name},{path.parent.name}" for path in sorted(made.glob("photos/*/*.jpg"))]
    (made / "list.csv").write_text("\n".join(["where,what", *rows]))
    return made


@pytest.fixture
def place(folder, tmp_path, monkeypatch) -> Path:
    """A fresh copy of it as the working folder."""
    shutil.copytree(folder, tmp_path / "docs", symlinks=True)
    monkeypatch.chdir(tmp_path / "docs")
    return tmp_path / "docs"


def is_shown(shown: str, printed: str) -> bool:
    """Whether a page shows what is printed.

    "..." stands for anything, spaces for other spaces, and a number for those that differ by one in
    its last digit, since processors round differently.
    """
    want, got = (
        "\n".join(line.rstrip() for line in text.strip().splitlines()) for text in (shown, printed)
    )
    parts = re.split(rf"({NUMBER}|\.\.\.|\s+)", want)
    patterns = {"...": "(?s:.*)"}
    pattern = "".join(
        f"({NUMBER})" if re.fullmatch(NUMBER, part)
        else r"\s+" if part.isspace()
        else patterns.get(part, re.escape(part))
        for part in parts
    )  # fmt: skip
    found = re.fullmatch(pattern, got)
    return found is not None and all(
        abs(float(one) - float(other)) < 1.5 * 10.0 ** -len(one.partition(".")[2])
        for one, other in zip(re.findall(NUMBER, want), found.groups(), strict=True)
    )


def update(name: str, shown: str, printed: str) -> None:
    """Write what is printed into a page, where nothing is left out."""
    page = (ROOT / name).read_text("utf-8")
    if "..." not in shown and shown in page:
        (ROOT / name).write_text(page.replace(shown, f"{printed.strip()}\n"), "utf-8")


@pytest.mark.parametrize("name", RUN)
def test_the_code_of_a_page_runs(name, place, capsys):
    text = (ROOT / name).read_text("utf-8")
    for store in ("kdef.store", "mine.store"):
        if f"--out {store}" not in text:
            shutil.copytree(place / "a.store", place / store)
    scope: dict[str, object] = {"__name__": "page"}
    printed, wrong = "", []
    for language, code in steps(text):
        if language == "text":
            if not is_shown(code, printed):
                wrong.append(f"{code}is shown, but this is printed:\n{printed}")
                if os.environ.get("XFERA_UPDATE_DOCS"):
                    update(name, code, printed)
            continue
        if language == "python":
            if "my-study" in code:  # nobody has taken part yet
                with Answers(Study.load("my-study")):
                    pass
            exec(compile(code, name, "exec"), scope)
        for words in runnable(language, code):
            empty = words[0] == "study" and "--simulated" not in words and words[1] in NEED_ANSWERS
            accepted = {0, 2, NO_ANSWERS} if empty else {0}
            assert main(words) in accepted, (words, capsys.readouterr().err[-300:])
        printed = capsys.readouterr().out
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a  \nb\n\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\n", "a\nb\n", True),
        ("a 1 s\n", "a 3 s\n", False),
        ("a 1.25 s\n", "a  1.26 s\n", True),
        ("a 1.25 s, 9 %\n", "a 1.27 s, 9 %\n", False),
        ("AU12 9 %\n", "AU12 10 %\n", True),
        ("AU12 9 %\n", "AU13 9 %\n", False),
        ("a\n...\nb 2\n", "a\nb 9\nb 2\n", True),
        ("a\n...\nd\n", "a\nb\nc\n", False),
        ("a\n", "", False),
    ],
)
def test_what_a_page_shows_is_compared(shown, printed, same):
    assert is_shown(shown, printed) is same


def test_the_readme_prints_what_the_command_prints(monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "README.md").read_text("utf-8")
    printed = re.search(r"It prints:\n\n((?: {4}.*\n|\n)+)", text)[1]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(["explain", "data/samples/C01HA.jpg"]) == 0
    assert textwrap.dedent(printed).strip() == out.getvalue().strip()
