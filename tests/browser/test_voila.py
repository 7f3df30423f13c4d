"""The Explorer and the Tuner as a page of Voila, by mouse and keyboard; and the app's token."""

from __future__ import annotations

import re
import signal
import subprocess
import urllib.request
from pathlib import Path

import nbformat
import numpy as np
import pytest
from pages import Watched, eventually, one_kernel
from playwright.sync_api import expect
from processes import (
    LOOPBACK,
    end_family,
    family_of,
    free_port,
    has_ended,
    served_app,
    wait_until_served,
)
from stores import sample_store
from waiting import LONG, patiently

from xfera_nb.cli.app import voila_command, voila_environment
from xfera_nb.evidence import EvidenceStore
from xfera_nb.facs import EMOTIONS
from xfera_nb.fusion import FusionParams, compare_settings
from xfera_nb.widgets import ExplorerState, TunerState

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SOURCES = (
    "import xfera_nb as xf\nxf.widgets.Explorer(STORE, show='all')", "xf.widgets.Tuner(STORE)"
)  # fmt: skip
TILES = """() => [...document.querySelectorAll('.xf-tile')].filter((e) => e.getClientRects().length)
    .map((e) => e.getAttribute('aria-label').split(':')[0])"""
CUT_OFF = """() => [...document.querySelectorAll('.xf-explorer :is(button, select, input, table)')]
    .filter((e) => e.getClientRects().length
        && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Six samples in folders by label, as stand-in models measured them."""
    labelled = (
        ("C01HA", "happiness"), ("C02HA", "happiness"), ("C01SU", "surprise"), ("C01AF", "fear"),
        ("C02AF", "fear"), ("C01AN", "anger"),
    )  # fmt: skip
    return sample_store(tmp_path_factory.mktemp("served"), labelled)


@pytest.fixture
def page(browser, store, tmp_path, request):
    """A window of 1280x800 on Voila's page with both views."""
    first, second = SOURCES
    notebook = one_kernel(f"STORE = {str(store)!r}\n{first}", second)
    nbformat.write(notebook, tmp_path / "served.ipynb")
    port, log = free_port(), tmp_path / "voila.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            voila_command(tmp_path / "served.ipynb", port, browser=False),
            stdout=file, stderr=subprocess.STDOUT, env=voila_environment(),
        )  # fmt: skip
    url = f"http://{LOOPBACK}:{port}"
    wait_until_served(process, f"{url}/voila/static/voila.js", log)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    watched = Watched(page, request.node.name, log)
    page.goto(url)
    yield page
    watched.picture()
    context.close()
    end_family(process)
    assert errors == []


def test_the_explorer_and_the_tuner_in_voila(page, store):
    state, tuned = ExplorerState(store, show="all"), TunerState(store)
    page.wait_for_function("document.querySelectorAll('.xf-tile img').length >= 6")
    page.wait_for_selector(".xf-heattable button[aria-pressed=true]")
    # A cell of the matrix, by mouse; a face of it, by keyboard; the Explainer opens beside it.
    row, column = np.argwhere(state.selection.matrix)[0]
    true, predicted = EMOTIONS[row], EMOTIONS[column]
    page.get_by_role("button", name=f"Label {true}, prediction {predicted}: ").click()
    state.choose_cell(true, predicted)
    eventually(page, TILES, [state.tile(number).id for number in state.shown])
    page.locator(".xf-tile").first.focus()
    page.keyboard.press("Enter")
    state.pick(state.tile(state.shown[0]).number)
    expect(page.locator(".xf-why").first).to_contain_text(state.why.text)
    page.get_by_role("button", name="Open in the Explainer").click()
    state.explain()
    page.wait_for_selector(".xf-explainer .noUi-handle[aria-label]", state="attached")
    expect(page.locator(".xf-explainer .xf-picker option")).to_have_text(
        [state.explainer.photo_name]
    )
    # A setting of the table.
    page.get_by_role("button", name="minimum coverage 0.3, k 0.2: ").click()
    tuned.choose(k=0.2, coverage=0.3)
    chosen = page.locator(".xf-heattable button[aria-pressed=true]")
    expect(chosen).to_have_attribute(
        "aria-label", re.compile(f"share explained {re.escape(f'{tuned.value:.2f}')}")
    )
    count = len(compare_settings(EvidenceStore.open(store), FusionParams(), tuned.chosen))
    page.get_by_text(f"{count} of 6 faces have other active AUs").wait_for()
    eventually(page, CUT_OFF, [])


def test_the_app_shows_its_page_to_the_token_alone(tmp_path):
    with served_app(tmp_path) as (process, base, token, _):
        for asked in ("", f"?token={'0' * 48}", "api/kernels"):
            with urllib.request.urlopen(base + asked, timeout=60) as answer:
                assert answer.url.startswith(f"{base}login?next=")  # a form that asks for it
        with urllib.request.urlopen(f"{base}?token={token}", timeout=60) as answer:
            assert "/login" not in answer.url and b"<title>XFERa" in answer.read(5000)
        family = family_of(process)
        process.terminate()  # what it started ends with it
        assert process.wait(LONG) == 128 + signal.SIGTERM
        patiently(lambda: all(has_ended(one.pid) for one in family), "the server's end")
