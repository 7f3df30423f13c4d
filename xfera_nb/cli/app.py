"""``xfera app``: serve all live views as a web page, by Voila and to this machine only.

The page is a notebook of `xfera_nb.widgets`. The environment variable XFERA_APP passes the options
of `xfera_nb.widgets.App` to it as a JSON object. Kernels of closed pages end after `IDLE` seconds.
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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from html import escape
from pathlib import Path
from threading import Event, Thread
from types import MappingProxyType
from typing import Any

import xfera_nb
from xfera_nb.au_detectors.sources import AU_SOURCES
from xfera_nb.cli.options import add_command, add_openface, au_options, whole_number
from xfera_nb.errors import PhotoError, XferaError

FRONT = Path(xfera_nb.__file__).parent / "widgets" / "front"
PAGE = FRONT / "app.ipynb"
VARIABLE = "XFERA_APP"
LOOPBACK = "127.0.0.1"
PORT = 8866
PORT_NUMBER = whole_number(1, 65_535)
IDLE = 300
"""Seconds without a message after which the kernel of a closed page ends."""
NOTEBOOK = "@jupyter-notebook/lab-extension"
TEMPLATE = "xfera"
"""Voila's own template asks another host for style sheets; this one, in FRONT, asks nobody."""
POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; "
    "connect-src 'self' data: blob: ws://127.0.0.1:* ws://localhost:*; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""What a page may load: only from its own server, or from itself."""
PERMISSIONS = "camera=(self), microphone=(), geolocation=()"
"""What a page may ask the user for: the camera, for itself alone."""
_EPILOG = """\
examples:
  xfera app
  xfera app ~/photos --port 9000
  xfera app --store kdef.store
  xfera app --no-browser
  xfera app --params best.json
  xfera app ~/photos --au openface-files --openface-files ~/processed

The page is served only on the loopback address of this machine, and only with the token in the
printed address. Anyone who can open the page can see your photos, make your Python read files of
theirs, and send the key of your language model to a server of their choice. To use it from another
of your computers, open a tunnel:
  ssh -L 8866:127.0.0.1:8866 you@this-machine
"""
MEANING = (
    "Only for this machine: anyone who has this address can see your photos and use your models "
    "and keys, so do not share it (see xfera app --help)."
)


def add(subparsers: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        subparsers,
        run,
        "app",
        help="open the application in the browser: explain, explore, tune, compare, camera, learn",
        description="Serves the application to this machine only, until you interrupt it: the "
        "Explainer, the Explorer and the Tuner of a store, the comparison of two faces, the "
        "camera, and FACS.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "photos", nargs="?", help="a photo, or a folder with its subfolders (default: the samples)"
    )
    parser.add_argument(
        "--store", metavar="STORE", help="store to explore and tune (one can be chosen later)"
    )
    parser.add_argument("--port", type=PORT_NUMBER, default=PORT, help=f"port (default {PORT})")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument(
        "--classifier", metavar="FILE", help="other weights for the classifier (.safetensors)"
    )
    parser.add_argument("--params", metavar="FILE", help="initial fusion parameters as JSON")
    parser.add_argument(
        "--au", choices=tuple(AU_SOURCES), help="AU source (default builtin)"
    )
    add_openface(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted; return the exit code."""
    if importlib.util.find_spec("voila") is None:
        raise XferaError(
            "Voila, which serves the page, is not installed: pip install 'xfera-nb[app]'."
        )
    if options.store is not None:
        from xfera_nb.evidence import EvidenceStore

        EvidenceStore.open(options.store)
    if options.photos is not None:
        _check_photos(options.photos)
    chosen = {
        "source": _absolute(options.photos),
        "store": _absolute(options.store),
        "classifier": _absolute(options.classifier),
        "au_detector": options.au,
        "au_options": {name: _absolute(path) for name, path in au_options(options).items()} or None,
    }
    if options.params is not None:
        from xfera_nb.fusion import FusionParams

        chosen["params"] = FusionParams.load(options.params).to_dict()
    chosen = {name: value for name, value in chosen.items() if value is not None}
    check_port(options.port)
    token = secrets.token_hex(24)
    address = f"http://{LOOPBACK}:{options.port}/?token={token}"
    print(f"The application is at {address} (Ctrl+C ends it).\n{MEANING}", flush=True)
    # The environment passes the token, since other users can read the arguments of a command.
    environment = voila_environment({VARIABLE: json.dumps(chosen), "JUPYTER_TOKEN": token})
    command = voila_command(PAGE, options.port, browser=False, token=True)
    opening = nullcontext() if options.no_browser else open_when_ready(address, options.port)
    with stop_with_parent(), opening:
        return subprocess.run(command, env=environment, check=False).returncode


@contextmanager
def open_when_ready(address: str, port: int) -> Iterator[None]:
    """Open an address in the browser as soon as its port answers.

    The browser opens a private file that redirects to the address, since other users can read its
    command line.
    """
    stop = Event()

    def wait() -> None:
        while not stop.wait(0.2):
            with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
                webbrowser.open(page.as_uri())
                return

    with tempfile.TemporaryDirectory(prefix="xfera-") as folder:  # private to this user
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
            stop.set()
            thread.join(timeout=5)


@contextmanager
def stop_with_parent() -> Iterator[None]:
    """End the process that `subprocess.run` started when this one receives SIGTERM.

    Otherwise it would keep serving. Kernels notice by themselves that their server has ended.
    """

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def check_port(port: int) -> None:
    """Check that a port of this machine is free.

    Raises
    ------
    XferaError
        If it is in use, or this user may not open it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise XferaError(
                f"Port {port} cannot be used ({error.strerror}): choose another with --port."
            ) from error


def voila_environment(variables: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Return the environment of `voila_command`: this one, these variables, and our template."""
    folders = [str(FRONT), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    return {**os.environ, **variables, "JUPYTER_PATH": os.pathsep.join(folders)}


def voila_command(page: Path, port: int, *, browser: bool, token: bool = False) -> list[str]:
    """Return the command that serves a notebook as a page, in `voila_environment`.

    The page loads nothing from another host.

    Parameters
    ----------
    page : Path
    port : int
    browser : bool
        Open it in a browser.
    token : bool
        Serve only requests with the token in the variable JUPYTER_TOKEN.
    """
    settings = {
        "Voila.ip": LOOPBACK,
        "port": port,
        "Voila.port_retries": 0,
        "Voila.open_browser": browser,
        "Voila.auto_token": token,
        "Voila.tornado_settings": repr(
            {"headers": {"Content-Security-Policy": POLICY, "Permissions-Policy": PERMISSIONS}}
        ),
        "VoilaConfiguration.template": TEMPLATE,
        "VoilaConfiguration.show_tracebacks": True,
        # Notebook 7's extension does not load on such a page.
        "VoilaConfiguration.extension_denylist": NOTEBOOK,
        "MappingKernelManager.cull_idle_timeout": IDLE,
        "MappingKernelManager.cull_interval": min(60, IDLE),
        "MappingKernelManager.cull_connected": False,
    }
    command = [sys.executable, "-m", "voila", str(page)]
    return command + [f"--{name}={value}" for name, value in settings.items()]


def _check_photos(path: str) -> None:
    """Check that a photo is there, or that a folder or one below it holds photos.

    Raises
    ------
    PhotoError
        If not.
    """
    from xfera_nb.datasets.files import find_photos

    place = Path(path).expanduser()
    if (place / "manifest.json").exists():
        raise PhotoError(f"{path} is a store: give it as --store {path}.")
    if not place.exists():
        raise PhotoError(f"There is no photo or folder {path}: check the path.")
    if place.is_dir():
        find_photos(path)


def _absolute(path: str | None) -> str | None:
    """Return an absolute path, since the page's kernel runs in another folder."""
    return None if path is None else str(Path(path).expanduser().absolute())
