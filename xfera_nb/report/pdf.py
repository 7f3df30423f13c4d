"""Print a page as PDF with a Chromium, Chrome or Edge that is on this machine.

The browser runs headless, with a temporary profile and without name resolution, so that nothing is
loaded or sent. Its sandbox is on, except for root, for whom Chromium refuses to start with one.
Paper size, margins and what is left out are the page's own (print rules of
`page.css` and `style.css`): one face fills at most two A4 sides.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from xfera_nb.errors import XferaError

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
    "microsoft-edge-stable",
)
"""Names under which a browser that can print is searched for on PATH, in this order."""
TIMEOUT = 90.0
"""Seconds after which the browser is ended."""
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


class PdfError(XferaError):
    """Report that no PDF could be made."""


def find_browser() -> str:
    """Return the path of the first of `BROWSERS` on PATH.

    Raises
    ------
    PdfError
        If there is none.
    """
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise PdfError(
        "A PDF needs Chromium, Chrome or Edge on PATH, and none was found: install one, or save "
        "HTML and print it from any browser."
    )


def print_pdf(page: str, *, timeout: float = TIMEOUT) -> bytes:
    """Print a self-contained HTML page.

    Parameters
    ----------
    page : str
        As `xfera_nb.report.page_html` makes it.
    timeout : float
        Seconds.

    Returns
    -------
    bytes
        The PDF file.

    Raises
    ------
    PdfError
        If there is no browser, or it does not print.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="xfera-pdf-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(page, "utf-8", "replace")
        command = [browser, *_FLAGS, f"--user-data-dir={Path(folder, 'profile')}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")
        _run([*command, f"--print-to-pdf={target}", source.as_uri()], timeout)
        data = target.read_bytes() if target.is_file() else b""
    if not data.startswith(b"%PDF-"):
        raise PdfError(f"{Path(browser).name} printed nothing: save HTML and print it by hand.")
    return data


def _run(command: list[str], timeout: float) -> None:
    """Run the browser to its end, and end the processes that it started."""
    name = Path(command[0]).name
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise PdfError(f"{name} does not start ({error.strerror}): save HTML instead.") from error
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        raise PdfError(
            f"{name} did not print within {timeout:g} s: save HTML and print it by hand."
        ) from None
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
