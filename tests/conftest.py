"""Skip browser tests, with one line, where there is no Chromium; mark the notebooks' cells.

With XFERA_REQUIRE_BROWSER=1 (as in .ci/run) a missing Chromium is an error instead.
"""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

REQUIRED = os.environ.get("XFERA_REQUIRE_BROWSER") == "1"
# Answers of stand-in servers do not belong in the cache of the user who runs the tests.
os.environ.setdefault("XFERA_CACHE", "off")
# The same examples in every run, and none fails for being slow on a busy machine; others are tried
# by `--hypothesis-profile=default`.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")
NO_CHROMIUM = "no Chromium on PATH; install Debian's package chromium"


def find_chromium() -> str | None:
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    return next(filter(None, found), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.notebook)
    if REQUIRED or find_chromium():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "browser" in r.keywords]
    if skipped:
        terminalreporter.write_line(f"browser tests skipped ({len(skipped)}): {NO_CHROMIUM}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser that the browser tests drive."""
    path = find_chromium()
    assert path is not None, f"XFERA_REQUIRE_BROWSER=1, but {NO_CHROMIUM}"
    return path
