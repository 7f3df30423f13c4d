"""Fuzz the readers with atheris, which looks for inputs that reach new code.

    pip install atheris
    python tests/hostile/fuzz_run.py --seconds 30            # each target, ten minutes in all
    python tests/hostile/fuzz_run.py --seconds 120 photo     # one of them

Each target runs in a process of its own. An input that ends in anything else than a sentence of
ours is written to --found, its traceback is printed, and the exit code is 1. A target that takes
more than `SLOWEST` seconds or `MOST` MB for one input is such a finding, too. atheris has no part
in the tests: the short corpus in test_fuzz_corpus.py runs without it.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")
"""A disk that is busy would look like a reader that hangs."""
SLOWEST = 10
OVER = 60
"""Seconds that a target has to load, and to end."""
MOST = 2048
LONGEST_INPUT = 20_000


def main() -> int:
    """Run all targets, or those that are named."""
    parser = argparse.ArgumentParser(description="Fuzz the readers of untrusted files.")
    parser.add_argument("targets", nargs="*", help="all by default")
    parser.add_argument("--seconds", type=int, default=30, help="for each target")
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"), help="folder of findings")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path[:0] = [str(HERE), str(HERE.parents[1])]
    if options.one:
        return _fuzz(options.one, options.seconds, options.found)
    from fuzz_targets import TARGETS

    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {unknown.pop()!r}; there are {', '.join(TARGETS)}")
    options.found.mkdir(parents=True, exist_ok=True)
    bad = []
    for name in options.targets or TARGETS:
        command = [sys.executable, __file__, "--one", name, "--seconds", str(options.seconds)]
        place = MEMORY if MEMORY.is_dir() else None
        # atheris ends its process without tidying up.
        with tempfile.TemporaryDirectory(prefix="xfera-fuzz-", dir=place) as folder:
            command += ["--found", str(options.found.absolute())]
            code, lines = _run(command, folder, options.seconds + OVER)
        runs = next((line.split()[1] for line in lines[::-1] if line.startswith("Done ")), "?")
        state = "FOUND something" if code else "sentences only"
        print(f"{name:16} {runs:>9} inputs in {options.seconds} s: {state}", flush=True)
        if code:
            bad.append(name)
            told = [line for line in lines if not line.startswith("#")]  # its own progress
            print("\n".join(told[-60:]))
    return 1 if bad else 0


def _run(command: list[str], folder: str, seconds: float) -> tuple[int, list[str]]:
    """Exit code and what was said. One that says that it is done and does not end is done, too:
    Arrow's threads wait for Python's lock, which atheris holds until its end."""
    with open(Path(folder, "said"), "w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=said, env={**os.environ, "TMPDIR": folder}
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
    lines = Path(folder, "said").read_text("utf-8", "replace").splitlines()
    done = code == -signal.SIGKILL and any(line.startswith("Done ") for line in lines)
    return (0 if done else code), lines


def _fuzz(name: str, seconds: int, found: Path) -> int:
    import atheris

    with atheris.instrument_imports(include=["xfera_nb"]):
        from fuzz_targets import TARGETS

    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds()):
            Path(corpus, str(number)).write_bytes(seed)
        arguments = [
            sys.argv[0], corpus, f"-max_total_time={seconds}", f"-timeout={SLOWEST}",
            f"-rss_limit_mb={MOST}", f"-artifact_prefix={found}/{name}-",
            f"-max_len={LONGEST_INPUT}", "-print_final_stats=0",
        ]  # fmt: skip
        atheris.Setup(arguments, lambda data: target(data) and None)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
