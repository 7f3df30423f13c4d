"""``xfera app``: the Explainer as a page in the browser, served by Voila on this machine alone.

The page is the notebook beside `xfera_nb.widgets`; what it is to show goes to it by the
environment variable XFERA_APP, a JSON object of the Explainer's options. Kernels of closed pages
end after `IDLE` seconds.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import xfera_nb
from xfera_nb.errors import XferaError

PAGE = Path(xfera_nb.__file__).parent / "widgets" / "front" / "app.ipynb"
VARIABLE = "XFERA_APP"
LOOPBACK = "127.0.0.1"
PORT = 8866
IDLE = 300
"""Seconds without a message after which the kernel of a closed page ends."""
_EPILOG = """\
examples:
  xfera app
  xfera app ~/photos --port 9000
  xfera app --no-browser
  xfera app --params best.json
"""


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "app",
        help="open the live Explainer in the browser",
        description="Serves the live Explainer on this machine alone, until it is interrupted.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    parser.add_argument("photos", nargs="?", help="a photo or a folder; the samples by default")
    parser.add_argument("--port", type=port_number, default=PORT, help=f"{PORT} by default")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    parser.add_argument("--classifier", metavar="FILE", help="other weights of the same network")
    parser.add_argument("--params", metavar="FILE", help="parameters to start with, as JSON")
    parser.add_argument("--au", metavar="SOURCE", help="source of Action Units: builtin by default")


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted; the exit code."""
    if importlib.util.find_spec("voila") is None:
        raise XferaError(
            "Voila, which serves the page, is not installed: pip install 'xfera-nb[app]'."
        )
    chosen = {
        "source": _absolute(options.photos),
        "classifier": _absolute(options.classifier),
        "au": options.au,
    }
    if options.params is not None:
        from xfera_nb.fusion import FusionParams

        chosen["params"] = FusionParams.load(options.params).to_dict()
    chosen = {name: value for name, value in chosen.items() if value is not None}
    environment = {**os.environ, VARIABLE: json.dumps(chosen)}
    print(f"The Explainer is at http://{LOOPBACK}:{options.port}/ (Ctrl+C ends it).", flush=True)
    command = voila_command(PAGE, options.port, browser=not options.no_browser)
    return subprocess.run(command, env=environment, check=False).returncode


def voila_command(page: Path, port: int, *, browser: bool) -> list[str]:
    """The command that serves a notebook as a page.

    Parameters
    ----------
    page : Path
    port : int
    browser : bool
        Open it in a browser.
    """
    settings = {
        "Voila.ip": LOOPBACK,
        "port": port,
        "Voila.port_retries": 0,
        "Voila.open_browser": browser,
        "VoilaConfiguration.show_tracebacks": True,
        "MappingKernelManager.cull_idle_timeout": IDLE,
        "MappingKernelManager.cull_interval": min(60, IDLE),
        "MappingKernelManager.cull_connected": False,
    }
    command = [sys.executable, "-m", "voila", str(page)]
    return command + [f"--{name}={value}" for name, value in settings.items()]


def _absolute(path: str | None) -> str | None:
    """The page's kernel runs elsewhere."""
    return None if path is None else str(Path(path).expanduser().absolute())


def port_number(text: str) -> int:
    """A port of the command line."""
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 1 to 65535")
    return int(text)
