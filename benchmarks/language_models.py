"""Ask a real proxy that others wrote, litellm's, with mock answers, by the writer of this package.

Run from the repository: ``python benchmarks/language_models.py [--litellm FILE]``. litellm is no
dependency: install it anywhere by ``pip install 'litellm[proxy]'`` and give its program's path, if
it is not found. The proxy listens on the loopback address alone, asks no model anywhere, and is
stopped at the end. The script prints one line for each case and fails if an answer is not what is
expected.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xfera_nb.errors import WriterError
from xfera_nb.explanation import Facts, OpenAIWriter, TextRequest, build_prompt
from xfera_nb.explanation.prompts import Prompt
from xfera_nb.explanation.writers import write_draft

TEXT = "I classified this face as happiness. The lip corners are clearly pulled up and back."
KEY = "sk-mock-of-the-benchmark"
START = 180.0
"""Seconds that the proxy may take to start."""
STRICT = json.dumps({"sentences": [{"text": TEXT, "aus": [12]}]})


@dataclass(frozen=True)
class Case:
    """Hold a mock answer of the proxy and what the writer should make of it.

    Attributes
    ----------
    model : str
    mock : str or None
        The answer; None for a model that the proxy does not have.
    expected : str
        The text, or a part of the sentence about what went wrong.
    kind : str
        Of the prompt.
    """

    model: str
    mock: str | None
    expected: str
    kind: str = "paper"


CASES = (
    Case("plain", TEXT, TEXT),
    Case("thinking", f"<think>\nThe brows?\n</think>\n\n{TEXT}", TEXT),
    Case("strict", STRICT, TEXT, "strict"),
    Case("busy", "litellm.RateLimitError", "takes no more requests for now"),
    Case("broken", "litellm.InternalServerError", "failed (HTTP 500)"),
    Case("long", "litellm.ContextWindowExceededError", "longer than the model's context window"),
    Case("absent", None, 'knows no model "absent"'),
)


def main() -> int:
    """Run the cases; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--litellm", metavar="FILE", help="litellm's program")
    program = parser.parse_args().litellm or shutil.which("litellm")
    if program is None:
        print("litellm is not there: pip install 'litellm[proxy]', or give --litellm FILE.")
        return 2
    facts = Facts(
        target="happiness",
        predicted="happiness",
        confidence_level="High",
        probability=0.9,
        movements=(),
        expected=(),
    )
    wrong = 0
    with proxy(program) as url:
        for case in CASES:
            prompt = build_prompt(facts, TextRequest(case.kind))
            for streamed in (False, True):
                found = ask(url, case, facts, prompt, streamed)
                right = case.expected in found
                wrong += not right
                how = "streamed" if streamed else "whole"
                print(f"{'ok   ' if right else 'WRONG'} {case.model:9} {how:9} {found}")
    print(f"{2 * len(CASES) - wrong} of {2 * len(CASES)} as expected")
    return 1 if wrong else 0


def ask(url: str, case: Case, facts: Facts, prompt: Prompt, streamed: bool) -> str:
    """Return the text that the writer gives, or the sentence about what went wrong."""
    writer = OpenAIWriter(case.model, url, KEY, timeout=60.0, cache=False)
    try:
        report = (lambda _: None) if streamed else None
        return write_draft(writer, facts, prompt, report).text
    except WriterError as error:
        return str(error)


@contextmanager
def proxy(program: str) -> Iterator[str]:
    """Start the proxy on a free port and yield its base URL."""
    models = [
        {
            "model_name": case.model,
            "litellm_params": {"model": "openai/none", "api_key": "-", "mock_response": case.mock},
        }
        for case in CASES
        if case.mock is not None
    ]
    # JSON is YAML too.
    config = {"model_list": models, "general_settings": {"master_key": KEY}}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(json.dumps(config), "utf-8")
        log = Path(folder) / "log"
        command = [program, "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
        with open(log, "wb") as told:
            process = subprocess.Popen(
                [*command, "--telemetry", "False"],
                stdout=told,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            )
        try:
            _wait(process, f"http://127.0.0.1:{port}/health/liveliness", log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(30)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until the proxy answers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            direct.open(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"litellm did not start: {log.read_text('utf-8', 'replace')[-800:]}")


if __name__ == "__main__":
    sys.exit(main())
