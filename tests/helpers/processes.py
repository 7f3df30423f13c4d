"""Servers and other processes that tests start: a port, the wait until they answer, and their end
with all that they started.
"""

from __future__ import annotations

import os
import random
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
START_SECONDS = 180
END_SECONDS = 60
# Below the ports that the system gives to outgoing connections: one of those might take it between
# its choice and its use, or while a server is down.
_PORTS = range(20_000, 30_000)


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def wait_until_served(process: subprocess.Popen, url: str, log: Path) -> None:
    """Return once an address answers; else end the process and tell what it said."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=30).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    ended = process.poll()
    end_family(process)
    how = "in time" if ended is None else f"and ended with {ended}"
    raise AssertionError(f"{url} was not served {how}; the server said:\n{tail(log)}")


def family_of(process: subprocess.Popen) -> list[psutil.Process]:
    """A process and all that it started, it first; empty where it is gone."""
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(process.pid)
        return [first, *first.children(recursive=True)]
    return []


def kill_family(process: subprocess.Popen) -> None:
    """SIGKILL a process and all that it started, without a warning to any of them."""
    family = family_of(process)
    for one in family:  # stopped ones start no more
        with suppress(psutil.NoSuchProcess):
            one.suspend()
    for one in {*family, *family_of(process)}:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait(timeout=END_SECONDS)
    psutil.wait_procs(family, timeout=END_SECONDS)


def end_family(process: subprocess.Popen) -> None:
    """Ask a process to end, and kill what of its family is left after a while."""
    family = family_of(process)
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=END_SECONDS)
    _, left = psutil.wait_procs(family[1:], timeout=10)
    for one in (*left, *family[:1]):
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait(timeout=END_SECONDS)


def tail(log: Path, lines: int = 40) -> str:
    """The last lines of a log."""
    if not log.exists():
        return f"(no {log.name})"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for its parent to notice."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@contextmanager
def served_app(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, str, Path]]:
    """``xfera app`` on a free port: its process, its address, the token in it, and its log."""
    port, log = free_port(), folder / "app.log"
    command = [sys.executable, "-m", "xfera_nb.cli", "app", "--no-browser", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
    base = f"http://{LOOPBACK}:{port}/"
    try:
        wait_until_served(process, f"{base}voila/static/voila.js", log)
        token = re.search(rf"{base}\?token=([0-9a-f]{{48}}) ", log.read_text())
        assert token is not None, log.read_text()
        yield process, base, token[1], log
    finally:
        end_family(process)
