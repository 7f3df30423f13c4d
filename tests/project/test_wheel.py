"""The built wheel, outside the repository: it explains a sample and serves the application."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
from pathlib import Path

import pytest
from processes import LOOPBACK, end_family, free_port, wait_until_served

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def run(*words: str | Path, cwd: Path, **more: str) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True,
        env={**os.environ, **more},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """Files of the repository."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    return [name for name in listed if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def tree(tracked, tmp_path_factory) -> Path:
    """A copy of the repository, so that building leaves nothing in it."""
    tree = tmp_path_factory.mktemp("tree")
    for name in tracked:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    return tree


@pytest.fixture(scope="module")
def environment(tree, tmp_path_factory) -> Path:
    """An environment of its own with the wheel; what it depends on is borrowed from this one."""
    place = tmp_path_factory.mktemp("empty")
    pip = (sys.executable, "-m", "pip")
    run(*pip, "wheel", "--no-deps", "-q", "-w", place, tree, cwd=place)
    (wheel,) = place.glob("xfera_nb-*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", place / "env", cwd=place)
    python = place / "env" / "bin" / "python"
    run(*pip, "--python", python, "install", "--no-deps", "-q", wheel, cwd=place)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place)
    # Folders named in a .pth file are searched, but their own .pth files, such as that of an
    # editable install, are not read.
    (Path(site.strip()) / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return place / "env" / "bin"


def test_it_explains_a_sample_that_came_with_it(environment, tmp_path):
    code = "import xfera_nb; from xfera_nb.datasets import sample; print(sample('C01HA'))"
    path = run(environment / "python", "-c", code, cwd=tmp_path).strip()
    assert path.startswith(str(environment.parent)) and "/share/xfera-nb/samples/" in path
    out = run(environment / "xfera", "explain", path, cwd=tmp_path)
    assert "Predicted emotion: Happiness" in out and "supported" in out


def test_it_serves_the_application(environment, tmp_path):
    port, log = free_port(), tmp_path / "app.log"
    shared = Path(sysconfig.get_path("data")) / "share" / "jupyter"
    with log.open("w") as file:
        process = subprocess.Popen(
            [environment / "xfera", "app", "--no-browser", "--port", str(port)],
            cwd=tmp_path, stdout=file, stderr=file,
            env={**os.environ, "JUPYTER_PATH": str(shared)},
        )  # fmt: skip
    base = f"http://{LOOPBACK}:{port}/"
    try:
        wait_until_served(process, f"{base}voila/static/voila.js", log)
        token = log.read_text().split("?token=")[1].split()[0]
        with urllib.request.urlopen(f"{base}?token={token}", timeout=120) as answer:
            page = answer.read().decode()
    finally:
        end_family(process)
    assert "<title>XFERa" in page and "Traceback" not in page
    assert "xfera_nb.widgets.app" in page or "jupyter.widget-view" in page


def test_the_source_archive_has_every_file(tree, tracked, tmp_path):
    build = f"from setuptools.build_meta import build_sdist; build_sdist({str(tmp_path)!r})"
    run(sys.executable, "-m", "pip", "install", "-q", "--target", tmp_path / "tools",
        "setuptools>=77", cwd=tmp_path)  # fmt: skip
    run(sys.executable, "-c", build, cwd=tree, PYTHONPATH=str(tmp_path / "tools"))
    (archive,) = tmp_path.glob("xfera_nb-*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    left_out = {".gitignore", ".gitattributes"}
    assert set(tracked) - names <= left_out
