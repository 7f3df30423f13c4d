"""Ask a running service with eight clients at once and print answers, times and memory.

Run from the repository: ``python benchmarks/service.py [--seconds 60] [--clients 8]``. It starts
``xfera serve`` in a process of its own, sends sample photos from all clients as fast as they are
answered, and ends it. An answer is lost if it does not come or is not the explanation of the photo
that was sent. Memory is the process's resident set: after the first quarter of the time and at the
end, in MiB.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
PHOTOS = 6
START_SECONDS = 120


@dataclass
class Load:
    """What came of it: seconds of each answer, what was wrong, memory in MiB."""

    seconds: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    memory_early: float = 0.0
    memory_end: float = 0.0
    exit_code: int | None = None


def ask(url: str, token: str, photo: bytes) -> dict:
    """The explanation of a photo."""
    request = urllib.request.Request(  # noqa: S310
        f"{url}/explain", data=photo, headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        return json.load(answer)


def run(seconds: float, clients: int, port: int | None = None) -> Load:
    """Start a service, ask it for so many seconds, and end it."""
    token = secrets.token_hex(24)
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    command = [sys.executable, "-m", "xfera_nb.cli", "serve", "--port", str(port)]
    command += ["--rate", "100000"]
    environment = {**os.environ, "XFERA_TOKEN": token}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    url, load = f"http://127.0.0.1:{port}", Load()
    photos = [path.read_bytes() for path in sorted(SAMPLES.glob("*.jpg"))[:PHOTOS]]
    try:
        wait_until_ready(process, url)
        wanted = [ask(url, token, photo)["probabilities"] for photo in photos]
        memory, begin = psutil.Process(process.pid), time.monotonic()

        def client(number: int) -> None:
            turn = number
            while time.monotonic() - begin < seconds:
                index, start = turn % len(photos), time.monotonic()
                try:
                    found = ask(url, token, photos[index])["probabilities"]
                except (OSError, ValueError) as error:
                    load.lost.append(str(error))
                else:
                    load.seconds.append(time.monotonic() - start)
                    if max(abs(found[name] - wanted[index][name]) for name in found) > 1e-4:
                        load.lost.append("the answer of another photo")
                turn += 1

        with ThreadPoolExecutor(clients) as pool:
            asking = [pool.submit(client, number) for number in range(clients)]
            time.sleep(seconds / 4)
            load.memory_early = memory.memory_info().rss / 2**20
            for one in asking:
                one.result()
        load.memory_end = memory.memory_info().rss / 2**20
    finally:
        process.send_signal(signal.SIGTERM)
        load.exit_code = process.wait(60)
    return load


def wait_until_ready(process: subprocess.Popen, url: str) -> None:
    """Return once it answers."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=5).close()  # noqa: S310
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise SystemExit("the service did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    load = run(given.seconds, given.clients)
    print(f"{given.clients} clients, {given.seconds:g} s: {len(load.seconds)} answers", end=", ")
    print(f"{len(load.lost)} lost, median {statistics.median(load.seconds):.2f} s", end=", ")
    print(f"longest {max(load.seconds):.2f} s")
    print(f"memory {load.memory_early:.0f} MiB after a quarter, {load.memory_end:.0f} at the end")
    print(f"ended by SIGTERM with {load.exit_code}")


if __name__ == "__main__":
    main()
