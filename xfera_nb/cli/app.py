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
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from html import escape
from pathlib import Path
from threading import Event, Thread
from typing import Any

import xfera_nb
from xfera_nb.errors import PhotoError, XferaError

PAGE = Path(xfera_nb.__file__).parent / "widgets" / "front" / "app.ipynb"
VARIABLE = "XFERA_APP"
LOOPBACK = "127.0.0.1"
PORT = 8866
IDLE = 300
"""Seconds without a message after which the kernel of a closed page ends."""
NOTEBOOK = "@jupyter-notebook/lab-extension"
_EPILOG = """\
examples:
  xfera app
  xfera app ~/photos --port 9000
  xfera app --no-browser
  xfera app --params best.json

The page is served on this machine's loopback address alone, and only to whoever has the token in
the address that is printed. Opening it to others would let them see your photos, have files of
theirs read by your Python, and send your language model's key to a server of their choice. From
another computer of yours, tunnel instead:
  ssh -L 8866:127.0.0.1:8866 you@this-machine
"""
MEANING = (
    "For this machine alone: whoever has this address sees your photos and works with your models "
    "and keys, so keep it to yourself (more in xfera app --help)."
)


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
    if options.photos is not None and not Path(options.photos).expanduser().exists():
        raise PhotoError(f"There is no photo or folder {options.photos}: check the path.")
    chosen = {
        "source": _absolute(options.photos),
        "classifier": _absolute(options.classifier),
        "au_detector": options.au,
    }
    if options.params is not None:
        from xfera_nb.fusion import FusionParams

        chosen["params"] = FusionParams.load(options.params).to_dict()
    chosen = {name: value for name, value in chosen.items() if value is not None}
    check_port(options.port)
    token = secrets.token_hex(24)
    address = f"http://{LOOPBACK}:{options.port}/?token={token}"
    print(f"The Explainer is at {address} (Ctrl+C ends it).\n{MEANING}", flush=True)
    # The token goes by the environment: others of this machine can read a command's arguments.
    environment = {**os.environ, VARIABLE: json.dumps(chosen), "JUPYTER_TOKEN": token}
    command = voila_command(PAGE, options.port, browser=False, token=True)
    opening = nullcontext() if options.no_browser else opened_later(address, options.port)
    with ended_with_us(), opening:
        return subprocess.run(command, env=environment, check=False).returncode


@contextmanager
def opened_later(address: str, port: int) -> Iterator[None]:
    """Open an address in the browser once its port answers; while this lasts, or not at all.

    The browser is given a file of ours that leads on, since its command line is no secret either.
    """
    over = Event()

    def wait() -> None:
        while not over.wait(0.2):
            with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
                webbrowser.open(page.as_uri())
                return

    with tempfile.TemporaryDirectory(prefix="xfera-") as folder:  # closed to others
        page = Path(folder) / "open.html"
        page.write_text(
            f'<!doctype html><meta charset="utf-8"><title>XFERa</title>'
            f'<meta http-equiv="refresh" content="0; url={escape(address)}">',
            "utf-8",
        )
        thread = Thread(target=wait, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=5)


@contextmanager
def ended_with_us() -> Iterator[None]:
    """What `subprocess.run` started ends with us where we are asked to end (SIGTERM).

    Else it would go on serving. Kernels notice by themselves that their server is gone.
    """

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def check_port(port: int) -> None:
    """Whether a port of this machine is free.

    Raises
    ------
    XferaError
        If it is taken, or not ours to take.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise XferaError(
                f"Port {port} cannot be used ({error.strerror}): choose another with --port."
            ) from error


def voila_command(page: Path, port: int, *, browser: bool, token: bool = False) -> list[str]:
    """The command that serves a notebook as a page.

    Parameters
    ----------
    page : Path
    port : int
    browser : bool
        Open it in a browser.
    token : bool
        Serve only who has the token, that of the variable JUPYTER_TOKEN.
    """
    settings = {
        "Voila.ip": LOOPBACK,
        "port": port,
        "Voila.port_retries": 0,
        "Voila.open_browser": browser,
        "Voila.auto_token": token,
        "VoilaConfiguration.show_tracebacks": True,
        # Notebook 7's extension does not load on such a page.
        "VoilaConfiguration.extension_denylist": NOTEBOOK,
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
