"""``xfera doctor``: check that the installation is complete, undamaged and working.

Each finding is "ok", "missing" (an optional part, with its purpose) or "WRONG", with what to do.
Versions are compared with the minimum versions of the package and, in a clone, with the major
versions of constraints.txt, with which it is tested. Weights are hashed and compared with their
cards. The self-test (`xfera_nb.cli.self_test`) explains a face in a separate process, so that a
crash of a library is reported too. No key is printed and nothing is sent.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import xfera_nb
from xfera_nb.cli.models import PACKAGE, SHIPPED
from xfera_nb.cli.options import add_command
from xfera_nb.cli.output import USAGE_ERROR, one_line, print_text
from xfera_nb.errors import XferaError
from xfera_nb.wording import count_of

OK, MISSING, WRONG = "ok", "missing", "WRONG"
PYTHON = (3, 11)
TIMEOUT = 300
"""Time limit of the self-test, in seconds."""
ENDED = "done"
"""Name of the self-test's last line; without this line the self-test did not finish."""
OPTIONAL = {
    "distributed": ("cluster extraction", "pip install 'xfera-nb[dask]'"),
    "voila": ("xfera app and xfera study serve", "pip install 'xfera-nb[app]'"),
}
"""Package -> its purpose, and how to install it."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?\s*(?:>=\s*([0-9.]+))?")
_REINSTALL = "install the toolkit again"
_OWN_ERROR = re.compile(r"xfera_nb\.errors\.\w+: ")


@dataclass(frozen=True)
class Finding:
    """Hold one line of the report.

    Attributes
    ----------
    what : str
    state : str
        `OK`, `MISSING` (optional) or `WRONG`.
    found : str
        What was found.
    todo : str
        What to do; empty if nothing.
    """

    what: str
    state: str
    found: str = ""
    todo: str = ""

    def __str__(self) -> str:
        text = one_line("; ".join(filter(None, (f"{self.what} {self.found}".rstrip(), self.todo))))
        lines = textwrap.wrap(text, 88, break_long_words=False) or [""]
        return "\n".join([f"{self.state:9}{lines[0]}", *(f"{'':11}{line}" for line in lines[1:])])


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "doctor",
        help="check the installation",
        description="Checks versions, weights and optional parts, explains a face as a test, and "
        "says what to do about each problem. Nothing is sent anywhere.",
        epilog="exit codes: 0 everything that is needed works; 2 something is wrong",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--no-self-test", action="store_true", help="do not explain a face")


def run(options: argparse.Namespace) -> int:
    """Check and print the findings; return the exit code."""
    findings = []
    for finding in examine(self_test=not options.no_self_test):
        findings.append(finding)
        if not options.json:
            print_text(finding)
    wrong = sum(finding.state == WRONG for finding in findings)
    if options.json:
        report = {"version": xfera_nb.__version__, "wrong": wrong}
        print_text(json.dumps(report | {"findings": [asdict(finding) for finding in findings]}))
    elif wrong:
        print_text(f"\n{count_of(wrong, 'problem')} found.")
    else:
        print_text("\nEverything that is needed is installed and works." if not options.no_self_test
            else "\nEverything that is needed is installed.")  # fmt: skip
    return USAGE_ERROR if wrong else 0


def examine(*, self_test: bool = True) -> Iterator[Finding]:
    """Yield the findings one by one.

    Parameters
    ----------
    self_test : bool
        Also explain a face.
    """
    yield _python()
    yield from _packages()
    yield from _weights()
    yield _landmark_model()
    yield from _samples()
    yield _browser()
    yield from _au_sources()
    yield _language_model()
    if self_test:
        yield from _self_test()


def _python() -> Finding:
    said = platform.python_version()
    if sys.version_info[:2] < PYTHON:
        return Finding("Python", WRONG, said, f"install Python {PYTHON[0]}.{PYTHON[1]}")
    return Finding("Python", OK, f"{said} on {platform.system()}")


def _packages() -> Iterator[Finding]:
    """Check the required packages (one line for all that are fine), then the optional ones."""
    pinned, fine = _constraints(), []
    for name, least in _requirements():
        found = _version(name)
        if found is None:
            yield Finding(name, WRONG, "is not installed", f"run `pip install {name}`")
        elif _numbers(found) < _numbers(least):
            todo = f"run `pip install --upgrade '{name}>={least}'`"
            yield Finding(name, WRONG, f"{found} is older than {least}", todo)
        elif name in pinned and _numbers(found)[:1] != _numbers(pinned[name])[:1]:
            todo = f"run `pip install '{name}=={pinned[name]}'`"
            yield Finding(name, WRONG, f"{found}, but tested with {pinned[name]}", todo)
        else:
            fine.append(f"{name} {found}")
    yield Finding("Packages:", OK, ", ".join(fine))
    for name, (use, how) in OPTIONAL.items():
        found = _version(name)
        if found is None:
            yield Finding(name, MISSING, f"(optional, for {use})", how)
        else:
            yield Finding(name, OK, found)


def _requirements() -> list[tuple[str, str]]:
    """Return name and minimum version of each required package."""
    import tomllib

    try:  # of a clone
        text = (PACKAGE.parent / "pyproject.toml").read_text("utf-8")
        lines = list(tomllib.loads(text)["project"]["dependencies"])
    except (OSError, ValueError, KeyError):
        try:
            lines = [line for line in metadata.requires("xfera-nb") or () if "extra ==" not in line]
        except metadata.PackageNotFoundError:
            lines = []
    found = [_REQUIREMENT.match(line) for line in lines]
    return [(_plain(match[1]), match[2] or "0") for match in found if match]


def _plain(name: str) -> str:
    """Normalize a package name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _constraints() -> dict[str, str]:
    """Return the tested version of each package, in a clone."""
    try:
        lines = (PACKAGE.parent / "constraints.txt").read_text("utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {_plain(name.strip()): version.strip() for name, version in pairs}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """Return the release part of a version: "2.13.0+cpu" is (2, 13, 0)."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    parts = [int(part) for part in found[0].split(".")] if found else []
    return tuple(parts) + (0,) * (4 - len(parts))


def _weights() -> Iterator[Finding]:
    for path in SHIPPED.values():
        try:
            card = json.loads(path.with_suffix(".json").read_text("utf-8"))
            stated, name = card["sha256"], str(card.get("name", path.stem))
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = getattr(error, "strerror", None) or "damaged"
            found = f"or its card cannot be read ({reason})"
            yield Finding(path.name, WRONG, found, _restore(path))
            continue
        if digest != stated:
            found = "differs from its card"
            yield Finding(path.name, WRONG, found, _restore(path))
        else:
            yield Finding(path.name, OK, f"matches its card ({name}, sha256 {digest[:12]})")


def _restore(weights: Path) -> str:
    """Say how to restore weights and their card."""
    if not (PACKAGE.parent / ".git").exists():
        return _REINSTALL
    files = weights.with_suffix("").relative_to(PACKAGE.parent).as_posix()
    return f"run `git checkout -- '{files}.*'` in the clone"


def _landmark_model() -> Finding:
    from importlib.util import find_spec

    spec = find_spec("face_recognition_models")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, "models", "shape_predictor_68_face_landmarks.dat")
        if path.is_file():
            return Finding("Landmark model", OK, f"{path.stat().st_size / 2**20:.0f} MB")
    todo = "run `pip install face-recognition-models`"
    return Finding("Landmark model", WRONG, "is missing", todo)


def _samples() -> Iterator[Finding]:
    from xfera_nb.datasets.samples import FOLDER_VARIABLE, SAMPLES, found_samples
    from xfera_nb.errors import SamplesError

    try:
        count = len(found_samples())
    except (SamplesError, OSError):
        todo = f"they are part of a clone; or set {FOLDER_VARIABLE} to their folder"
        yield Finding("Sample faces", MISSING, "(optional, for the notebooks)", todo)
        return
    if count < len(SAMPLES):
        todo = "fetch data/samples again"
        yield Finding("Sample faces", MISSING, f"in part: {count} of {len(SAMPLES)}", todo)
    else:
        yield Finding("Sample faces", OK, f"{count}")


def _browser() -> Finding:
    from xfera_nb.report.pdf import BROWSERS

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        use = "(optional, for PDF and the browser tests)"
        return Finding("Browser", MISSING, use, "install Chromium, Chrome or Edge")
    return Finding("Browser", OK, found)


def _au_sources() -> Iterator[Finding]:
    from xfera_nb.au_detectors.openface import VARIABLE, find_program

    try:
        yield Finding("OpenFace", OK, str(find_program()))
    except XferaError as error:
        if os.environ.get(VARIABLE):
            yield Finding("OpenFace", WRONG, "", f"{str(error).rstrip('.')}, or unset it")
        else:
            use = "(optional, another AU source)"
            yield Finding("OpenFace", MISSING, use, f"install OpenFace 2.x and set {VARIABLE}")
    found = _version("pyfaceau")
    if found is None:
        use = "(optional, another AU source)"
        yield Finding("pyfaceau", MISSING, use, "run `pip install pyfaceau`")
    else:
        yield Finding("pyfaceau", OK, found)


def _language_model() -> Finding:
    """Say whether a key is set, never which."""
    given = [name for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL") if os.environ.get(name)]
    if given:
        return Finding("Language model", OK, f"{' and '.join(given)} set; not contacted")
    use = "(optional; the offline writer needs none)"
    return Finding("Language model", MISSING, use, "set OPENAI_API_KEY or OPENAI_BASE_URL")


def _self_test() -> Iterator[Finding]:
    command = [sys.executable, "-m", "xfera_nb.cli.self_test"]
    paths = os.pathsep.join([str(PACKAGE.parent), *filter(None, sys.path)])
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            env={**os.environ, "PYTHONPATH": paths},
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        todo = "check whether the machine is busy or short of memory"
        yield Finding("Self-test", WRONG, f"did not end within {TIMEOUT} s", todo)
        return
    except OSError as error:
        yield Finding("Self-test", WRONG, f"did not start ({error.strerror})", _REINSTALL)
        return
    ended = False
    for line in done.stdout.splitlines():
        try:
            what, passed, found = json.loads(line)
        except ValueError:
            continue
        ended = ended or what == ENDED
        todo = "" if passed else f"{_REINSTALL}, or report it to the maintainers"
        yield Finding(f"Self-test: {what}", OK if passed else WRONG, str(found), todo)
    if not ended:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        said = one_line(lines[-1])[:300] if lines else f"exit status {done.returncode}"
        own = _OWN_ERROR.match(said)  # whose sentence says what to do
        if own:
            yield Finding("Self-test", WRONG, "did not finish", said[own.end() :])
        else:
            yield Finding("Self-test", WRONG, f"did not finish ({said})", _REINSTALL)
