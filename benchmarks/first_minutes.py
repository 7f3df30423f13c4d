"""What a new user waits for: from a clone in an empty environment to the first live face.

Clones this repository into a temporary folder, runs ``make lab`` there with an empty cache of pip,
opens notebook 01 in Chromium and runs all its cells. Prints the seconds of each step, the size of
what is downloaded (the wheels), of the environment, which is the smallest installation, without the
extras, and of its ten largest packages. Downloads take as long as the network makes them; the rest
is this machine's.

Run: python benchmarks/first_minutes.py [--json]. Needs Chromium, git and make, and pip's index.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import Distribution, distributions
from pathlib import Path
from types import SimpleNamespace

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))  # as for pytest, in pyproject.toml

from pages import open_notebook  # noqa: E402
from processes import LOOPBACK, end_family, free_port, tail  # noqa: E402

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
INSTALLED = ".venv/.lab"
FACE = ".xf-overlay .main-svg"
PATIENCE = 1800  # seconds
LARGEST = 10


def program(name: str) -> str:
    """Return where a program is.

    Raises
    ------
    SystemExit
        If it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise SystemExit(f"{name} is needed and not on PATH")
    return path


def bytes_of(folder: Path) -> int:
    """Return the size of all files below a folder, hard links once."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum({(info := path.stat()).st_ino: info.st_size for path in files}.values())


def package_bytes(package: Distribution) -> int:
    """Return the size of an installed package's files."""
    files = (Path(str(package.locate_file(name))) for name in package.files or ())
    return sum(path.stat().st_size for path in files if path.is_file())


def wait(condition, process: subprocess.Popen, log: Path) -> None:
    """Wait until a condition holds.

    Raises
    ------
    SystemExit
        If the process ends before, or it takes too long; the message has the end of the log.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"make lab did not come to JupyterLab; it said:\n{tail(log)}")
        time.sleep(0.1)


def show_first_face(page: Page, url: str) -> float:
    """Run all cells of the first notebook; return the seconds until its live face is drawn."""
    start = time.monotonic()
    open_notebook(page, SimpleNamespace(url=url), "01_explain_a_face.ipynb")
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_selector(FACE)
    return time.monotonic() - start


def measure() -> dict:
    """Return seconds and bytes of a first installation."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = Path(made)
        clone, log = folder / "clone", folder / "lab.log"
        environment = {**os.environ, "PIP_CACHE_DIR": str(folder / "cache")}
        start = time.monotonic()
        subprocess.run([program("git"), "clone", "-q", ROOT, clone], check=True)
        cloned = time.monotonic()
        port = free_port()
        options = (
            f"--no-browser --expose-app-in-browser --IdentityProvider.token= "
            f"--ServerApp.port={port}"
        )
        with log.open("w") as file:
            process = subprocess.Popen(
                [program("make"), "lab", f"ARGS={options}"], cwd=clone, env=environment,
                stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            wait((clone / INSTALLED).exists, process, log)
            installed = time.monotonic()
            wait(lambda: "is running at" in log.read_text(), process, log)
            served = time.monotonic()
            with sync_playwright() as playwright:
                chromium = playwright.chromium
                browser = chromium.launch(executable_path=program("chromium"), args=FLAGS)
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.set_default_timeout(1000 * PATIENCE)
                face = show_first_face(page, f"http://{LOOPBACK}:{port}")
                browser.close()
        finally:
            end_family(process)
        site = next((clone / ".venv" / "lib").glob("python3.*")) / "site-packages"
        packages = {p.name: package_bytes(p) for p in distributions(path=[str(site)])}
        wheels = folder / "wheels"
        subprocess.run(
            [clone / ".venv/bin/python", "-m", "pip", "download", "-qq", "-c", "constraints.txt",
             "-d", wheels, "."],
            cwd=clone, env=environment, check=True,
        )  # fmt: skip
        return {
            "seconds": {
                "clone": cloned - start,
                "make lab: install": installed - cloned,
                "make lab: JupyterLab answers": served - installed,
                "open notebook 01, run all cells, first live face": face,
            },
            "bytes": {
                "clone": bytes_of(clone) - bytes_of(clone / ".venv"),
                "downloaded wheels": bytes_of(wheels),
                "environment": bytes_of(clone / ".venv"),
            },
            "packages": len(packages),
            "largest": dict(sorted(packages.items(), key=lambda item: -item[1])[:LARGEST]),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    found = measure()
    if args.json:
        print(json.dumps(found, indent=2))
        return
    for name, seconds in found["seconds"].items():
        print(f"{name:50s} {seconds:8.1f} s")
    print(f"{'clone to first live face':50s} {sum(found['seconds'].values()) / 60:8.1f} min")
    for name, size in found["bytes"].items():
        print(f"{name:50s} {size / 1e6:8.0f} MB")
    print(f"{found['packages']} packages; the largest:")
    for name, size in found["largest"].items():
        print(f"  {name:48s} {size / 1e6:8.0f} MB")


if __name__ == "__main__":
    main()
