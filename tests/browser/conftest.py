"""JupyterLab on a free loopback port, and pages of a real Chromium that may reach nothing else.

The Playwright objects live no longer than a module: while they do, an event loop counts as running
in this thread, which the notebook kernels of nbval would stumble over.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pages import MADE, Watched, forget
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from processes import LOOPBACK, START_SECONDS, end_family, free_port, wait_until_served

ROOT = Path(__file__).parents[2]
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}",
]
LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Where a test fails, say what is on its pages."""
    report = yield
    if report.failed:
        report.sections += [(f"page {one.name}", one.tell()) for one in list(Watched.open)]
    return report


class Lab:
    """A running JupyterLab whose root folder is `folder`, without a token."""

    def __init__(self, folder: Path, settings: Path) -> None:
        self.folder = folder
        self.url = f"http://{LOOPBACK}:{free_port()}"
        self.log = settings / "lab.log"
        for plugin, values in LAB_SETTINGS.items():
            package, name = plugin.split(":")
            path = settings / package / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        options = {
            "ServerApp.ip": LOOPBACK,
            "ServerApp.port": urlsplit(self.url).port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": folder,
            "ServerApp.disable_check_xsrf": True,
            "IdentityProvider.token": "",
            "JupyterNotebookApp.expose_app_in_browser": True,
            "LabServerApp.user_settings_dir": settings,
            "LabServerApp.workspaces_dir": settings / "workspaces",
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser"]
        command += ["--allow-root", *(f"--{name}={value}" for name, value in options.items())]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        wait_until_served(self.process, f"{self.url}/api/status", self.log)

    def end_sessions(self, *, but: str | None = None) -> None:
        """Shut every kernel down but one notebook's: opened again, it would join its old one."""
        with urllib.request.urlopen(f"{self.url}/api/sessions", timeout=60) as answer:
            sessions = json.load(answer)
        for session in sessions:
            if session["path"] == but:
                continue
            url = f"{self.url}/api/sessions/{session['id']}"
            urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=60).close()

    def stop(self) -> None:
        end_family(self.process)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory):
    """JupyterLab over a copy of the notebooks, with the samples where the notebooks look."""
    folder = tmp_path_factory.mktemp("lab")
    ignore = shutil.ignore_patterns(".ipynb_checkpoints")
    for name in ("notebooks", "data"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    server = Lab(folder, tmp_path_factory.mktemp("settings"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def launch(chromium: str):
    """Start a browser: a function of further flags."""
    with sync_playwright() as playwright:
        started: list[Browser] = []

        def start(*flags: str) -> Browser:
            browser = playwright.chromium.launch(
                executable_path=chromium,
                args=[*CHROMIUM_FLAGS, *flags],
                timeout=1000 * START_SECONDS,
            )
            started.append(browser)
            return browser

        yield start
        for browser in started:
            browser.close()


@pytest.fixture(scope="module")
def browser(launch) -> Browser:
    return launch()


@pytest.fixture(autouse=True)
def nothing_comes_from_another_host():
    """Fail a test of whose pages any asked another host for anything."""
    Watched.asked.clear()
    yield
    assert Watched.asked == []


class Visit:
    """A page, and what went wrong on it: console errors, page errors, calls to other machines."""

    def __init__(self, page: Page, name: str, log: Path) -> None:
        self.page = page
        self.watched = Watched(page, name, log)
        self.outside = self.watched.outside
        self.errors: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(error.stack or str(error)))

    def _console(self, message) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture(scope="module")
def context(browser: Browser):
    """What the pages of a module share: the browser's cache, in which JupyterLab stays."""
    made = browser.new_context(viewport={"width": 1280, "height": 800})
    yield made
    made.close()


@pytest.fixture
def visit(context: BrowserContext, lab: Lab, request: pytest.FixtureRequest):
    """An empty page of 1280x800; its picture is kept in test-artefacts/ when the test ends."""
    seen = Visit(context.new_page(), request.node.name, lab.log)
    yield seen
    seen.watched.picture()
    # A module may have one kernel for its tests: to import everything takes it seconds.
    kept = MADE if getattr(request.module, "ONE_KERNEL", False) and forget(seen.page) else None
    seen.page.close()
    lab.end_sessions(but=kept)
