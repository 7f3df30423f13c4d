"""The panel "Check this map" beside an Explainer in JupyterLab, by keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import eventually, run_cells
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"
# The checks wait until a file is there: the sliders must answer meanwhile.
SETUP = """
import time
from pathlib import Path
import xfera_nb as xf
from xfera_nb.widgets.explainer import faithfulness_state
check_faithfulness = faithfulness_state.check_faithfulness
def held(*arguments, **options):
    while not Path(GO).exists():
        time.sleep(0.02)
    return check_faithfulness(*arguments, **options)
faithfulness_state.check_faithfulness = held
xf.widgets.Explainer(SAMPLE, settings_open=True)
"""
CUT_OFF = """() => {
    const root = document.querySelector('.xf-faithfulness');
    const right = root.closest('.jp-OutputArea, body').getBoundingClientRect().right;
    return [...root.querySelectorAll('*')]
        .filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > right + 1)
        .map((e) => e.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def go(tmp_path):
    """A file that lets the checks begin."""
    return tmp_path / "go"


@pytest.fixture
def page(visit, lab, go):
    page = visit.page
    run_cells(page, lab, f"SAMPLE, GO = {(str(SAMPLE), str(go))!r}\n{SETUP.strip()}")
    page.wait_for_selector(".xf-faithfulness button")
    page.wait_for_selector(".xf-explainer .noUi-handle[aria-label]", state="attached")
    yield page
    assert visit.outside == []
    assert visit.errors == []


def slider(page, label):
    name = page.locator(".widget-label").get_by_text(label, exact=True)
    return page.locator(".xf-explainer .widget-slider").filter(has=name)


def row(page, title):
    head = page.locator(".xf-faithfulness-title").get_by_text(title, exact=True)
    return page.locator(".xf-faithfulness tbody tr").filter(has=head)


def test_it_checks_in_background_and_follows(page, go):
    panel = page.locator(".xf-faithfulness")
    status = panel.get_by_role("status")
    expect(panel.locator("tbody tr")).to_have_count(0)
    page.get_by_role("button", name="Check this map").press("Enter")
    expect(status).to_contain_text("Checking")
    # The kernel answers a slider while it checks.
    handle = slider(page, "Saliency threshold k (mean + k SD)").locator(".noUi-handle")
    handle.press("Home")
    expect(page.locator(".xf-scale .xf-status")).to_contain_text("mean + 0 SD")
    expect(status).to_contain_text("Checking")
    go.touch()
    row(page, "Additivity (Sensitivity-n)").get_by_text("99 random last layers").wait_for()
    expect(status).to_have_text("")
    titles = panel.locator("table").first.locator("tbody th")
    expect(titles).to_have_count(9)
    expect(titles.first).to_have_text(re.compile("^Text supported"))
    expect(row(page, "Text supported")).to_contain_text("named movement")
    quiet = panel.locator("table:not(.xf-faithfulness-bars) .xf-faithfulness-quiet")
    expect(quiet.filter(has_text=re.compile("^Does not mean: "))).to_have_count(15)

    before = row(page, "Salient region against expected AU regions").text_content()
    handle.press("End")
    page.wait_for_function(
        "(before) => ![...document.querySelectorAll('.xf-faithfulness tr')]"
        ".some((line) => line.textContent === before)",
        arg=before,
    )
    expect(status).to_have_text("")

    panel.locator("summary").filter(has_text="More checks (6)").press("Enter")
    row(page, "Pointing game").wait_for()
    summary = panel.locator("summary").filter(has_text="for each Action Unit")
    summary.focus()
    page.keyboard.press("Enter")
    bars = panel.locator(".xf-faithfulness-bars tbody")
    expect(bars).to_contain_text("AU12 lip corner puller")
    assert bars.locator("tr").count() >= 14
    eventually(page, CUT_OFF, [])

    handle.press("Home")
    page.get_by_role("button", name="Explain", exact=True).click()
    row(page, "Text supported").get_by_text("named movement").wait_for()
    page.locator(".xf-classes input[value=anger]").check()
    status.get_by_text("Stale").wait_for()
    page.locator(".xf-classes input[value=happiness]").check()
    expect(status).to_have_text("")
    page.get_by_role("button", name="Check this map").scroll_into_view_if_needed()
