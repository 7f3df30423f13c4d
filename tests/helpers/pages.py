"""Steps that the browser tests share.

What a page shows comes later than what was done to it: the kernel answers in its own time, and a
busy machine takes long. So every look waits for what is expected and then tells what it saw. When
a test fails, `tell` says what was on each open page.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import Error, Page, Request, expect
from processes import LOOPBACK, tail
from waiting import LONG

ARTEFACTS = Path(__file__).parents[2] / "test-artefacts"
MADE = "made.ipynb"
"""The notebook of `run_cells`."""
CELLS_SECONDS = 900
"""A notebook that has not run by then hangs."""
_MILLISECONDS = 1000 * LONG
_LETTERS = 3000

expect.set_options(timeout=_MILLISECONDS)

# The open notebook, once its kernel answers.
_READY = """async () => {
    const widget = jupyterapp.shell.currentWidget;
    await widget.context.ready;
    await widget.sessionContext.ready;
    await widget.sessionContext.session.kernel.info;
}"""
_RUN_ALL = """async (seconds) => {
    const widget = jupyterapp.shell.currentWidget;
    const late = new Promise((_, fail) => setTimeout(
        () => fail(new Error(`The cells did not end in ${seconds} s.`)), 1000 * seconds));
    await Promise.race([jupyterapp.commands.execute('notebook:run-all-cells'), late]);
    return widget.context.model.toJSON().cells;
}"""
_FORGET = """async ([code, seconds]) => {
    const kernel = jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    if (!kernel) return false;
    const late = new Promise((done) => setTimeout(() => done(null), 1000 * seconds));
    const reply = await Promise.race([kernel.requestExecute({ code, silent: true }).done, late]);
    return reply?.content.status === "ok";
}"""
_FORGET_ALL = """
import ipywidgets
ipywidgets.Widget.close_all()
get_ipython().reset(new_session=True)
"""
_FORGET_SECONDS = 20
_CLEAR = "() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"


class Watched:
    """An open page, what its console said and, where there is one, its server's log.

    Requests of its context to another host, which the browser cannot find (`CHROMIUM_FLAGS`), are
    noted in `outside`, and in `asked` for all pages together.
    """

    open: list[Watched] = []
    asked: list[str] = []

    def __init__(self, page: Page, name: str, log: Path | None = None) -> None:
        self.page, self.name, self.log = page, re.sub(r"[^\w.-]+", "-", name), log
        self.console: list[str] = []
        self.outside: list[str] = []
        # Not by a route: with one the browser caches nothing.
        page.context.on("request", self._on_request)
        page.context.on("requestfailed", self._on_failure)
        page.on("websocket", lambda socket: self._note_outside(socket.url))
        page.set_default_timeout(_MILLISECONDS)
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("page error", str(error)))
        page.on("crash", lambda _: self._note("crash", "the page's process ended"))
        page.on("close", lambda _: self._on_close())
        self.open.append(self)

    def _on_request(self, request: Request) -> None:
        self._note_outside(request.url)

    def _on_failure(self, request: Request) -> None:
        """Take back what the page's own policy refused: it was never sent."""
        if request.failure == "csp" and request.url in self.outside:
            self.outside.remove(request.url)
            self.asked.remove(request.url)

    def _on_close(self) -> None:
        if self in self.open:
            self.open.remove(self)
            self.page.context.remove_listener("request", self._on_request)
            self.page.context.remove_listener("requestfailed", self._on_failure)

    def _note_outside(self, url: str) -> None:
        """Note an address of another host."""
        host = urlsplit(url).hostname  # None for data: and blob:, empty for file:
        if host and host != LOOPBACK:
            self.outside.append(url)
            self.asked.append(url)

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning", "page error", "crash"):
            self.console.append(f"{kind}: {text[:300]}")

    def picture(self, what: str = "") -> None:
        """Keep what the page looks like; a picture that fails is not what a test is about."""
        ARTEFACTS.mkdir(exist_ok=True)
        try:
            self.page.screenshot(path=ARTEFACTS / f"{self.name}{what}.png", timeout=20_000)
        except Error as error:
            self._note("warning", f"no picture: {error}")

    def tell(self) -> str:
        """What is on the page and what was said about it; its picture and HTML are kept."""
        self.picture("-failed")
        try:
            text = self.page.evaluate("() => document.body.innerText")
            focus = self.page.evaluate("() => document.activeElement?.outerHTML.slice(0, 200)")
            html = self.page.content()
            (ARTEFACTS / f"{self.name}-failed.html").write_text(html, "utf-8")
        except Error as error:
            text, focus = f"(cannot be read: {error})", ""
        shown = re.sub(r"\s*\n\s*", "\n", text)
        parts = [
            f"{self.page.url}\nPicture and HTML: {ARTEFACTS.name}/{self.name}-failed.*",
            f"Focus: {focus}",
            f"Console: {'; '.join(self.console[-15:]) or 'quiet'}",
            f"Text:\n{shown[:_LETTERS]}{' …' if len(shown) > _LETTERS else ''}",
        ]
        if self.log is not None:
            parts.append(f"Server:\n{tail(self.log, 15)}")
        return "\n".join(parts)


def one_kernel(*sources: str) -> nbformat.NotebookNode:
    """A notebook of these code cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": kernel},
    )


def open_notebook(page: Page, lab, name: str) -> None:
    """Open a notebook of JupyterLab's folder, and wait until its kernel answers."""
    page.goto(f"{lab.url}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    kernel_answers(page)


def kernel_answers(page: Page) -> None:
    """Wait until the kernel of the open notebook answers."""
    page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext")
    page.evaluate(_READY)


def forget(page: Page) -> bool:
    """Close the widgets of the open notebook's kernel and forget its names; say whether it did."""
    try:
        return bool(page.evaluate(_FORGET, [_FORGET_ALL, _FORGET_SECONDS]))
    except Error:
        return False


def settled(page: Page) -> None:
    """Wait until the kernel has dealt with what it was sent, where nothing on the page tells."""
    for _ in range(2):  # what was held back until the first answer goes out after it
        page.evaluate(
            "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestKernelInfo()"
            ".then(() => null)"
        )


def run_all(page: Page, *, clear: bool = False) -> list[dict[str, Any]]:
    """Run all cells of the open notebook, and return them with their outputs."""
    if clear:
        page.evaluate(_CLEAR)
    return page.evaluate(_RUN_ALL, CELLS_SECONDS)


def run_cells(page: Page, lab, *sources: str) -> None:
    """Write a notebook of these cells, and run it in JupyterLab without an error."""
    nbformat.write(one_kernel(*sources), lab.folder / MADE)
    open_notebook(page, lab, MADE)
    outputs = [output for cell in run_all(page) for output in cell.get("outputs", [])]
    assert [output for output in outputs if output["output_type"] == "error"] == []


def eventually(page: Page, script: str, expected: Any, arg: Any = None) -> None:
    """Wait until a function of the page gives what is expected; fail with what it gave last."""
    end = time.monotonic() + LONG
    while (seen := page.evaluate(script, arg)) != expected and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert seen == expected


def until(page: Page, condition: Any, about: str) -> None:
    """Wait until a condition on this side holds, while the page's events come in."""
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, f"{about} did not come within {LONG:g} s"
        page.wait_for_timeout(50)
