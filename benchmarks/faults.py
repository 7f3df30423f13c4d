"""What goes wrong while faces are measured, and what is lost: ``python benchmarks/faults.py``.

Each fault is brought about for real where a test machine allows it (a killed process, a program
that hangs, a scheduler that is gone, flipped bits on the disk), and otherwise at the system call
that would fail (a full disk, a read-only one). A row of the table says what was computed before,
how much of it was still there afterwards, whether the work could be finished, whether the
result then equals that of an undisturbed run byte by byte, and the sentence that was said.

Twelve samples are measured by the network at 64 pixels with seeded weights: what counts is what is
kept, not what is found. Exit code 1 if a fault was not survived.
"""

from __future__ import annotations

import argparse
import errno
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from fault_bench import PHOTOS, SCHEDULER, SHARD, Bench, Detector, Outcome, python_env, said_by

from xfera_nb.au_detectors import load_detector
from xfera_nb.evidence import EvidenceStore
from xfera_nb.fusion import FusionParams
from xfera_nb.paths import write_atomic
from xfera_nb.report import save_file
from xfera_nb.widgets import ExplainerState

HANGS, CRASHES, HALF = "time.sleep(60)", "os.abort()", "out.write_text('face, conf')"
_PROGRAM = """#!{python}
import os, pathlib, sys, time
out = pathlib.Path(sys.argv[sys.argv.index("-out_dir") + 1], "photo.csv")
{body}
"""


@contextmanager
def failing_writes(after: int, code: int) -> Iterator[None]:
    """From the n-th shard on, half of a file is written and then the disk refuses."""
    written = 0

    def refuse(path, data, **options):
        nonlocal written
        written += ".parquet" in str(path)
        if ".parquet" not in str(path) or written <= after:
            write_atomic(path, data, **options)
            return
        with mock.patch("os.fsync", side_effect=OSError(code, os.strerror(code))):
            write_atomic(path, data[: len(data) // 2], **options)

    with mock.patch("xfera_nb.evidence.storage.write_atomic", refuse):
        yield


def disk_full(bench: Bench) -> Outcome:
    with failing_writes(2, errno.ENOSPC):
        said = said_by(lambda: bench.extract("full"))
    return bench.finished("full", 2 * SHARD, said)


def read_only(bench: Bench) -> Outcome:
    with failing_writes(1, errno.EROFS):
        said = said_by(lambda: bench.extract("read-only"))
    return bench.finished("read-only", SHARD, said)


def killed(bench: Bench) -> Outcome:
    process = bench.child("killed")
    bench.wait_for("killed", 1)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return bench.finished("killed", 2 * SHARD, "")


def interrupted(bench: Bench) -> Outcome:
    said = said_by(lambda: bench.extract("ctrl-c", au_detector=Detector(interrupt_at=10)))
    return bench.finished("ctrl-c", SHARD, said)


def bits_flipped(bench: Bench) -> Outcome:
    bench.extract("flipped")
    path = bench.folder / "flipped" / "rows" / "00001.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(bytes(data))
    others = [p for p in path.parent.iterdir() if p != path]
    stamps = [p.stat().st_mtime_ns for p in others]
    store = EvidenceStore.open(bench.folder / "flipped")
    said = said_by(store.to_pandas)
    outcome = bench.finished("flipped", PHOTOS - SHARD, said)
    alone = stamps == [p.stat().st_mtime_ns for p in others]
    return Outcome(outcome.before, outcome.kept, outcome.whole, outcome.same and alone, said)


def record_lost(bench: Bench) -> Outcome:
    bench.extract("record")
    (bench.folder / "record" / "done" / "00002.json").write_text('{"shard": 2, "ro')
    said = said_by(lambda: EvidenceStore.open(bench.folder / "record"))
    return bench.finished("record", PHOTOS - SHARD, said, kept=PHOTOS - SHARD)


def two_at_once(bench: Bench) -> Outcome:
    process = bench.child("both")
    bench.wait_for("both", 0)
    said = said_by(lambda: bench.extract("both"))
    _, errors = process.communicate(timeout=120)
    first_done = process.returncode == 0 and not errors and "Another extraction" in said
    outcome = bench.finished("both", PHOTOS, said)
    return Outcome(outcome.before, outcome.kept, outcome.whole, outcome.same and first_done, said)


def scheduler_gone(bench: Bench) -> Outcome:
    from xfera_nb.evidence import cluster

    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": python_env()}
    file = bench.folder / "scheduler.json"
    started = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    started += ["--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    scheduler = subprocess.Popen(started, **quiet)
    worker = None
    try:
        end = time.monotonic() + 60
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        line = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1"]
        worker = subprocess.Popen([*line, "--no-nanny", "--no-dashboard"], **quiet)
        process = bench.child("cluster", **{SCHEDULER: address})
        bench.wait_for("cluster", 0)
        scheduler.send_signal(signal.SIGKILL)
        said = process.communicate(timeout=120)[1].strip()
    finally:
        for one in (scheduler, worker):
            if one is not None:
                one.kill()
                one.wait()
    with mock.patch.object(cluster, "TIMEOUT", 1):
        never = said_by(lambda: bench.extract("cluster", scheduler="tcp://127.0.0.1:9"))
    outcome = bench.finished("cluster", SHARD, said)
    told = "stopped answering" in said and "No Dask scheduler answers" in never
    return Outcome(outcome.before, outcome.kept, outcome.whole, outcome.same and told, said)


def openface(body: str, words: str, timeout: float = 60.0) -> Callable[[Bench], Outcome]:
    """OpenFace fails on each photo: the rest of the evidence is there, with the reason beside."""

    def run(bench: Bench) -> Outcome:
        program = bench.folder / f"FaceLandmarkImg-{len(body)}"
        program.write_text(_PROGRAM.format(python=sys.executable, body=body))
        program.chmod(0o755)
        detector = load_detector("openface", program=program, timeout=timeout)
        name = f"openface-{len(body)}"
        bench.extract(name, au_detector=detector)
        rows = list(EvidenceStore.open(bench.folder / name).rows())
        measured = sum(row.maps is not None for row in rows)
        said = rows[0].reason or ""
        same = all(row.reason and words in row.reason for row in rows)
        return Outcome(PHOTOS, measured, len(rows), same, said)

    return run


def kernel_interrupted(bench: Bench) -> Outcome:
    """The kernel is interrupted while the second photo is measured, and while words are written."""

    class Writer:
        name = "slow"

        def write(self, facts, prompt):
            raise KeyboardInterrupt

    photos = [item.path for item in bench.data.items[:3]]
    state = ExplainerState(
        photos, classifier=bench.network, au_detector=Detector(interrupt_at=2), writer=Writer()
    )
    shown, fusion = state.evidence, state.fusion
    broken = 0
    for work in (state.next, state.explain):
        try:
            work()
        except KeyboardInterrupt:
            broken += 1
    kept = state.evidence is shown and state.fusion is fusion
    idle = state.busy == "" and not state.writing and "nterrupted" in state.error
    said = state.error
    state.params = FusionParams(k=0.5)
    moved = state.fusion.params.k == 0.5
    state.photo_index = 2
    state.writer = "offline"
    state.explain()
    works = state.evidence is not shown and state.explanation is not None and state.error == ""
    return Outcome(1, int(kept), 3, broken == 2 and idle and moved and works, said)


def page_not_written(bench: Bench) -> Outcome:
    page = bench.folder / "page.html"
    save_file(page, "old")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with mock.patch("os.replace", side_effect=full):
        said = said_by(lambda: save_file(page, "new"))
    kept = page.read_text() == "old" and not list(bench.folder.glob(".page*"))
    save_file(page, "new")
    return Outcome(1, int(kept), 1, page.read_text() == "new", said)


FAULTS: dict[str, Callable[[Bench], Outcome]] = {
    "disk full in the midst of a shard": disk_full,
    "disk becomes read-only": read_only,
    "process killed (SIGKILL)": killed,
    "Ctrl+C in the midst of a shard": interrupted,
    "bits flipped in a shard on disk": bits_flipped,
    "record of a shard cut off": record_lost,
    "two extractions into one store": two_at_once,
    "Dask scheduler killed": scheduler_gone,
    "OpenFace hangs": openface(HANGS, "did not finish", timeout=0.5),
    "OpenFace crashes": openface(CRASHES, "exit status -6"),
    "OpenFace writes half a file": openface(HALF, "lacks all columns"),
    "kernel interrupted in mid-explain": kernel_interrupted,
    "disk full while a page is saved": page_not_written,
}
"""Name of a fault -> what causes it and reports its result."""


def main() -> int:
    """Bring all faults about and print the table."""
    argparse.ArgumentParser(description="Faults tried, and what was lost by them.").parse_args()
    tried, lost = 0, []
    print(f"{'fault':36}{'before':>7}{'kept':>6}{'in the end':>12}  same  said")
    with tempfile.TemporaryDirectory(prefix="xfera-faults-") as folder:
        bench = Bench(Path(folder))
        for name, run in FAULTS.items():
            if run is scheduler_gone and importlib.util.find_spec("distributed") is None:
                print(f"{name:36}  not tried: Dask is not installed")
                continue
            tried += 1
            found = run(bench)
            said = found.said.replace(folder, "...") or "-"
            same = "yes" if found.same else "NO"
            print(f"{name:36}{found.before:7}{found.kept:6}{found.whole:12}  {same:4}  {said}")
            lost += [] if found.survived else [name]
    print("\n  not: ".join([f"{tried} faults tried, {tried - len(lost)} survived", *lost]))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
